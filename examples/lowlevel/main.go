// Command lowlevel makes a transaction without a client, from accounts of
// any source: here an embedded market, else a cache, for example.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var me = solana.MPK("7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4")

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// load makes the market of a token from accounts of one slot.
func load(node *sdktest.Node, token lst.LST) (*route.Market, error) {
	state := &route.AccountSnapshot{Accounts: accounts.NewSet(342_792_000), MinimumDelegation: 1_000_000_000}
	fetch := func(needs route.LoadPlan) {
		for _, need := range needs.Accounts {
			state.Accounts.PutMissing(need.Address)
			if account, ok := node.Account(need.Address); ok {
				state.Accounts.Put(account)
			}
		}
	}
	loader := route.NewLoader(token)
	fetch(loader.AccountsToLoad())
	second, err := loader.AccountsToLoadNext(state) // the first accounts name the second ones
	if err != nil {
		return nil, err
	}
	fetch(second)
	return loader.Build(state)
}

func run(out io.Writer) error {
	node, err := sdktest.Demo()
	if err != nil {
		return err
	}
	jitoSOL, err := lst.Default().Lookup("jitoSOL")
	if err != nil {
		return err
	}
	market, err := load(node, jitoSOL)
	if err != nil {
		return err
	}
	quote, err := market.Quote(route.Request{From: accounts.NativeMint, To: jitoSOL.Mint, Amount: 1_500_000_000})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, quote.Venue, jitoSOL.Format(quote.Out), "jitoSOL")

	steps, err := quote.Steps(route.BuildParams{Owner: me, Payer: me})
	if err != nil {
		return err
	}
	plan := txn.Plan{Payer: me, Steps: steps, Budget: txn.ComputeBudget{ComputeUnitLimit: quote.ComputeUnits}}
	plan.Lifetime.Blockhash = solana.Hash{1} // replace it by a recent one of a node
	unsigned, err := plan.Compile()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, unsigned.Size(), "bytes to sign in a wallet:", unsigned.Base64())
	return err
}
