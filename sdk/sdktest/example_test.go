package sdktest_test

import (
	"context"
	"fmt"

	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// A node with the embedded market answers a client within the process.
func ExampleDemo() {
	node, err := sdktest.Demo()
	if err != nil {
		fmt.Println(err)
		return
	}

	client, err := node.Client()
	if err != nil {
		fmt.Println(err)
		return
	}

	token, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		fmt.Println(err)
		return
	}

	// The first answer is lost; the client asks again.
	node.Fail("getStakeMinimumDelegation", sdktest.Fault{Status: 503})
	market, err := client.LoadMarket(context.Background(), token.Mint)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("slot", market.Slot(), "after", node.Calls("getStakeMinimumDelegation"), "tries")
	// Output: slot 342792000 after 2 tries
}
