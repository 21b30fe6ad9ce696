// Command stake swaps 1.5 SOL for jitoSOL in three steps: quote, sign, send.
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

	"github.com/sanctum-go/sanctum/sdk"
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
	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		return err
	}

	// Stake loads the market, quotes the best route, builds the transaction and
	// simulates it.
	var opts sdk.TradeOptions
	opts.Owner = owner.PublicKey()
	opts.SlippageBps = 10 // 0.10 %
	unsigned, quote, err := client.Stake(ctx, jitoSOL.Mint, 1_500_000_000, opts)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: 1.5 SOL for %s jitoSOL, at least %s\n",
		quote.Venue, jitoSOL.Format(quote.Out), jitoSOL.Format(quote.MinOut))

	// Any txn.Signer signs. Send broadcasts the same bytes until they land.
	signed, err := unsigned.Sign(ctx, owner)
	if err != nil {
		return err
	}
	receipt, err := client.Send(ctx, signed)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "landed in slot %d for %d lamports\n", receipt.Slot, receipt.Fee)
	return nil
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
