// Command unstake swaps 10 jitoSOL for SOL immediately, in one call.
//
// By default it runs on an embedded snapshot of real pools and sends nothing.
// Set SANCTUM_RPC and SANCTUM_KEYPAIR (a key file) to trade on a cluster.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
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
	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		return err
	}

	// Execute quotes, builds, signs and sends. The mint of wrapped SOL stands
	// for SOL; the owner receives native SOL.
	request := route.Request{From: jitoSOL.Mint, To: accounts.NativeMint, Amount: 10_000_000_000}
	request.SlippageBps = 10
	build := sdk.BuildOptions{Owner: owner.PublicKey()}
	receipt, quote, err := client.Execute(ctx, request, build, owner)
	switch {
	case errors.Is(err, progerr.ErrSlippage):
		return fmt.Errorf("the price moved; quote again: %w", err)
	case errors.Is(err, sdk.ErrUncertain):
		return fmt.Errorf("it may still land; resume, do not sign again: %w", err)
	case err != nil:
		return err
	}

	fmt.Fprintf(out, "%s: 10 jitoSOL for %s SOL\n", quote.Venue, lst.FormatAmount(quote.Out, 9))
	for _, fee := range quote.Fees {
		fmt.Fprintf(out, "fee: %s jitoSOL, %s\n", jitoSOL.Format(fee.Amount), fee.Name)
	}
	fmt.Fprintf(out, "landed in slot %d\n", receipt.Slot)
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
