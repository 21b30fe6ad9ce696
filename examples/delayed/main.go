// Command delayed converts 10 jitoSOL to SOL at the lowest cost. It withdraws a
// stake account from the pool now, and withdraws the SOL once the stake has
// cooled down, usually at the end of the epoch.
//
// It runs on an embedded snapshot of real pools. To trade your own tokens,
// connect to a node with sdk.New and run the second step one epoch later.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	node, err := sdktest.Demo()
	if err != nil {
		return err
	}
	client, err := node.Client()
	if err != nil {
		return err
	}
	owner, err := txn.GenerateKeySigner()
	if err != nil {
		return err
	}
	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		return err
	}

	// The address of the new stake account derives from the seed: store it.
	var opts sdk.TradeOptions
	opts.Owner = owner.PublicKey()
	opts.Seed = rand.Text()[:10]
	opts.SlippageBps, opts.Deactivate = 10, true
	opts.SkipSimulation, opts.SkipPayerCheck = true, true // the snapshot runs no programs
	_, quote, err := client.WithdrawStake(ctx, jitoSOL.Mint, 10_000_000_000, opts)
	if err != nil {
		return err
	}
	address, err := accounts.SeededStakeAccount(opts.Owner, opts.Seed)
	if err != nil {
		return err
	}
	stake := lst.FormatAmount(quote.Out, 9)
	fmt.Fprintf(out, "10 jitoSOL for %s SOL of stake in %s\n", stake, address)
	fmt.Fprintln(out, "next:", quote.RemainingSteps)

	// One epoch later. Here, another account stands for the cooled-down stake.
	address = node.AddStakeAccount(opts.Owner, sdktest.DemoValidator(), quote.Out, true)
	balance, _ := node.Account(address)
	unsigned, quote, err := client.Unstake(ctx, address, balance.Lamports, opts)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s SOL\n", quote.Venue, lst.FormatAmount(quote.Out, 9))
	_, err = unsigned.Sign(ctx, owner) // then client.Send
	return err
}
