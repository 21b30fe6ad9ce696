package foreign_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/sanctum-go/sanctum/sdk/foreign"
)

func ExampleJupiter_Leg() {
	server := httptest.NewServer(http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(exampleBuild)
		}))

	defer server.Close()

	api := foreign.Jupiter{BaseURL: server.URL + "/swap/v2"}
	leg, err := api.Leg(context.Background(), foreign.Request{
		Owner:       owner,
		InMint:      inKey,
		OutMint:     out,
		In:          100,
		SlippageBps: 200,
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Printf("%d for at least %d\n", leg.In, leg.MinOut)
	// Output: 100 for at least 49
}

func ExampleDecodeBuild() {
	leg, err := foreign.DecodeBuild(exampleBuild, foreign.JupiterProgram)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(len(leg.Instructions), "instructions,", len(leg.Tables), "table")
	// Output: 3 instructions, 1 table
}

func ExampleDecodeInstructions() {
	// The responses of version 1 have the same fields as that of version 2,
	// spread over two.
	leg, err := foreign.DecodeInstructions(exampleBuild, exampleBuild, foreign.JupiterProgram)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(leg.MinOut)
	// Output: 49
}

// exampleBuild is a response in the published form.
var exampleBuild = func() []byte {
	data, err := json.Marshal(build)
	if err != nil {
		panic(err)
	}

	return data
}()
