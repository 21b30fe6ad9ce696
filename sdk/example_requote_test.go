package sdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// A service quotes a trade and sends the quote as JSON. The wallet's process
// turns it into a transaction within its limits.
func ExampleClient_Requote() {
	ctx := context.Background()
	client, owner, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarket(ctx, jitoSOL.Mint)
	if err != nil {
		log.Fatal(err)
	}

	quote, err := market.Quote(route.Request{
		From:    accounts.NativeMint,
		To:      jitoSOL.Mint,
		Amount:  1_500_000_000,
		Options: route.Options{SlippageBps: 10},
	})
	if err != nil {
		log.Fatal(err)
	}

	sent, err := json.Marshal(quote)
	if err != nil {
		log.Fatal(err)
	}

	// In the other process:
	var portable route.PortableQuote
	if err := json.Unmarshal(sent, &portable); err != nil {
		log.Fatal(err)
	}

	again, err := client.Requote(ctx, portable)
	if err != nil {
		log.Fatal(err)
	}

	unsigned, err := client.Build(ctx, again, sdk.BuildOptions{Owner: owner.PublicKey()})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(again)
	fmt.Println(unsigned.Size() > 0)
	// Output:
	// swap 1.5 SOL -> 1.244054262 JitoSOL via stake pool deposit, at least 1.242810208 JitoSOL
	// true
}
