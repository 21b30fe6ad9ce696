// Command stakeaccounts sells a stake account to the Sanctum Reserve, and
// deposits part of another stake account for hubSOL.
//
// It runs on an embedded snapshot of real pools and adds two stake accounts to
// it. To trade your own, connect to a node with sdk.New, and use your key and
// the addresses of your stake accounts.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

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
	owner, err := txn.GenerateKeySigner()
	if err != nil {
		return err
	}
	sold := node.AddStakeAccount(owner.PublicKey(), sdktest.DemoValidator(), 10_000_000_000, false)
	split := node.AddStakeAccount(owner.PublicKey(), sdktest.DemoValidator(), 10_000_000_000, false)

	// To sell a whole stake account, the amount is its balance with the rent.
	balance, _ := node.Account(sold)
	var opts sdk.TradeOptions
	opts.Owner = owner.PublicKey()
	opts.SlippageBps = 10
	unsigned, quote, err := client.Unstake(ctx, sold, balance.Lamports, opts)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s SOL of stake for %s SOL\n", quote.Venue,
		lst.FormatAmount(quote.In, 9), lst.FormatAmount(quote.Out, 9))
	if _, err := unsigned.Sign(ctx, owner); err != nil {
		return err
	}

	// A smaller amount is split off; the rest stays in the stake account.
	hubSOL, err := client.Registry().Lookup("hubSOL")
	if err != nil {
		return err
	}
	unsigned, quote, err = client.DepositStake(ctx, split, hubSOL.Mint, 2_500_000_000, opts)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: 2.5 SOL of stake for %s hubSOL\n", quote.Venue, hubSOL.Format(quote.Out))
	for _, cost := range quote.Costs {
		fmt.Fprintf(out, "cost: %s SOL, %s\n", lst.FormatAmount(cost.Lamports, 9), cost.Name)
	}
	_, err = unsigned.Sign(ctx, owner) // then client.Send
	return err
}
