package sdk_test

import (
	"context"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// A second endpoint answers where the first one does not. It has a key and a
// limit of its own.
func ExampleWithFallback() {
	first, err := exampleNode()
	if err != nil {
		fmt.Println(err)
		return
	}

	second, err := exampleNode()
	if err != nil {
		fmt.Println(err)
		return
	}

	client, err := first.Client( // sdk.New("https://first.example", …)
		sdk.WithFallback("https://second.example", sdk.WithHeader("X-Api-Key", "…"),
			sdk.WithRateLimit(10, 5), sdk.WithHTTPClient(second)))
	if err != nil {
		fmt.Println(err)
		return
	}

	first.Fail("getMultipleAccounts", sdktest.Fault{Status: 503})
	market, err := client.LoadMarket(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("slot", market.Slot())
	// Output: slot 342792000
}

// postbox is a sender of one's own: a service that delivers transactions, for
// example.
type postbox struct{ node *sdktest.Node }

func (p postbox) Send(_ context.Context, signed *txn.Signed) error {
	fmt.Println("hand out", len(signed.Raw()), "bytes")
	p.node.SetStatus(signed.Signature(), sdktest.Status{Slot: 342792002, Confirmation: "confirmed"})
	return nil
}

// A transaction goes out through a sender of one's own and, since the bytes are
// the same, through the client's nodes as well.
func ExampleWithSender() {
	node, err := exampleNode()
	if err != nil {
		fmt.Println(err)
		return
	}

	client, err := node.Client()
	if err != nil {
		fmt.Println(err)
		return
	}

	me, err := txn.GenerateKeySigner()
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	jitoSOL := solana.MustPublicKeyFromBase58("J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn")
	unsigned, _, err := client.Stake(ctx, jitoSOL, 1_500_000_000,
		sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: me.PublicKey()}})
	if err != nil {
		fmt.Println(err)
		return
	}

	signed, err := unsigned.Sign(ctx, me)
	if err != nil {
		fmt.Println(err)
		return
	}

	receipt, err := client.Send(ctx, signed,
		sdk.WithSender(sdk.Senders{client.Sender(), postbox{node: node}}))
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("landed in", receipt.Slot)
	// Output:
	// hand out 536 bytes
	// landed in 342792002
}
