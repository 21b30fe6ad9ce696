// Command liquidity swaps 5 SOL for INF, the token of the Infinity pool.
//
// By default it runs on an embedded snapshot of real pools and sends nothing.
// Set SANCTUM_RPC and SANCTUM_KEYPAIR (a key file) to trade on a cluster.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	client, owner, err := connect()
	if err != nil {
		return err
	}
	inf, err := client.Registry().Lookup("INF")
	if err != nil {
		return err
	}

	request := route.Request{From: accounts.NativeMint, To: inf.Mint, Amount: 5_000_000_000}
	request.SlippageBps = 10
	market, err := client.LoadMarketForRequest(ctx, request)
	if err != nil {
		return err
	}
	quote, err := market.Quote(request)
	if err != nil {
		return err
	}

	// INF gains value every slot, so the limits hold for a number of slots.
	valid := quote.ValidUntilSlot - quote.Slot
	fmt.Fprintf(out, "%s: 5 SOL for %s INF\n", quote.Venue, inf.Format(quote.Out))
	fmt.Fprintf(out, "holds for %d slots, price %s SOL\n", valid, quote.Price)
	unsigned, err := client.Build(ctx, quote, sdk.BuildOptions{Owner: owner.PublicKey()})
	if err != nil {
		return err
	}
	signed, err := unsigned.Sign(ctx, owner)
	if err != nil {
		return err
	}
	receipt, err := client.Send(ctx, signed)
	if err == nil {
		fmt.Fprintf(out, "landed in slot %d\n", receipt.Slot)
	}
	return err
}

// connect returns a client of the node in SANCTUM_RPC and the key in the file
// SANCTUM_KEYPAIR, or without SANCTUM_RPC a client of the embedded market.
func connect() (*sdk.Client, *txn.KeySigner, error) {
	endpoint := os.Getenv("SANCTUM_RPC")
	if endpoint == "" {
		return sdktest.DemoClient()
	}
	client, err := sdk.New(endpoint)
	if err != nil {
		return nil, nil, err
	}
	owner, err := txn.OpenKeySigner(os.Getenv("SANCTUM_KEYPAIR"))
	return client, owner, err
}
