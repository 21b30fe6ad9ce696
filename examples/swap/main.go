// Command swap lists all routes from jupSOL to picoSOL, and buys exactly 2
// picoSOL by the best one.
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

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Mint addresses need no registry of symbols.
var (
	jupSOL  = solana.MPK("jupSoLaHXQiZZTSfEWMTRRgpnyFm8f6sZdosWBjx93v")
	picoSOL = solana.MPK("picobAEvs6w7QEknPce34wAE4gknZA9v5tTonnmHYdX")
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

	// A market is a snapshot: all quotes are of one slot, best first.
	request := route.Request{From: jupSOL, To: picoSOL, Amount: 2_000_000_000}
	request.SwapMode, request.SlippageBps = route.ExactOut, 10
	market, err := client.LoadMarketForRequest(ctx, request)
	if err != nil {
		return err
	}
	for quotes, _ := market.Quotes(request); len(quotes) > 0; quotes = quotes[1:] {
		fmt.Fprintf(out, "%s: %s jupSOL\n", quotes[0].Venue, lst.FormatAmount(quotes[0].In, 9))
	}
	best, err := market.Quote(request)
	if err != nil {
		return err
	}
	unsigned, err := client.Build(ctx, best, sdk.BuildOptions{Owner: owner.PublicKey()})
	if err != nil {
		return err
	}
	signed, err := unsigned.Sign(ctx, owner)
	if err == nil {
		_, err = client.Send(ctx, signed)
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
