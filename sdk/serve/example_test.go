package serve_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
)

// A server on the embedded market answers a client of Jupiter's interface.
func ExampleNew() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}
	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}
	market, err := client.LoadMarket(context.Background(), jitoSOL.Mint)
	if err != nil {
		log.Fatal(err)
	}

	handler, err := serve.New(serve.Config{Markets: serve.Fixed(market), Client: client})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()

	response, err := http.Get(server.URL + "/swap/v1/quote?amount=1500000000&inputMint=" +
		accounts.NativeMint.String() + "&outputMint=" + jitoSOL.Mint.String())
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()

	var quote struct{ OutAmount, OtherAmountThreshold string }
	if err := json.NewDecoder(response.Body).Decode(&quote); err != nil {
		log.Fatal(err)
	}
	fmt.Println(quote.OutAmount, "at least", quote.OtherAmountThreshold)
	// Output: 1244054262 at least 1237833991
}

// The OpenAPI document describes all paths of the handler.
func ExampleOpenAPI() {
	var document struct{ OpenAPI string }
	if err := json.Unmarshal(serve.OpenAPI(), &document); err != nil {
		log.Fatal(err)
	}
	fmt.Println(document.OpenAPI)
	// Output: 3.1.0
}
