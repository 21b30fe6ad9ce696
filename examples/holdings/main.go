// Command holdings shows what a wallet has, and withdraws and deposits all of
// its stake.
//
// It runs on an embedded snapshot of real pools and adds two stake accounts to
// it. To look at your own wallet, connect to a node with sdk.New.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"slices"

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
	node.AcceptAll()
	client, err := node.Client()
	if err != nil {
		return err
	}
	wallet, err := txn.GenerateKeySigner()
	if err != nil {
		return err
	}
	owner, validator := wallet.PublicKey(), sdktest.DemoValidator()
	node.Fund(1_000_000_000, owner)
	node.AddStakeAccount(owner, validator, 10_000_000_000, false)
	node.AddStakeAccount(owner, validator, 2_500_000_000, true)

	holdings, err := client.Holdings(ctx, owner, sdk.HoldingsOptions{})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "worth", lst.FormatAmount(holdings.Value(), 9), "SOL")
	for _, s := range holdings.Stakes {
		fmt.Fprintf(out, "%s SOL of %s stake\n", lst.FormatAmount(s.Lamports, 9), s.Status)
	}
	for _, gap := range holdings.Incomplete {
		fmt.Fprintln(out, "may be incomplete:", gap)
	}

	// Withdraw what is free and deposit the rest, but sell nothing.
	actions := slices.DeleteFunc(holdings.Actions(), func(a sdk.Action) bool {
		return a.Kind == sdk.ActionSell
	})
	var opts sdk.ActOptions
	opts.Owner, opts.Priority.None = owner, true
	opts.Progress = func(p sdk.ActProgress) { fmt.Fprintln(out, p) }
	report, err := client.Act(ctx, actions, opts, wallet)
	if err != nil {
		return err
	}
	for _, r := range report.Actions {
		fmt.Fprintf(out, "%s: %s, %s\n", r.Action.Kind, lst.FormatAmount(r.Out, 9), r.State)
	}
	fmt.Fprintln(out, report)
	return nil
}
