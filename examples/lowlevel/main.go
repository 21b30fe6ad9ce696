// Command lowlevel builds a transaction from accounts, without a client.
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

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// load builds a token's market from accounts of one slot, from any source.
func load(node *sdktest.Node, token lst.LST) (*route.Market, error) {
	set := accounts.NewSet(342_792_000)
	state := &route.AccountSnapshot{Accounts: set, MinimumDelegation: 1_000_000_000}
	fetch := func(needs route.LoadPlan) {
		for _, need := range needs.Accounts {
			set.PutMissing(need.Address)
			if account, ok := node.Account(need.Address); ok {
				set.Put(account)
			}
		}
	}
	loader := route.NewLoader(token)
	fetch(loader.AccountsToLoad())
	second, err := loader.AccountsToLoadNext(state) // named by the first accounts
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
	request := route.Request{From: accounts.NativeMint, To: jitoSOL.Mint, Amount: 1_500_000_000}
	quote, err := market.Quote(request)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, quote.Venue, jitoSOL.Format(quote.Out), "jitoSOL")
	me := solana.MPK("7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4")
	steps, err := quote.Steps(route.BuildParams{Owner: me, Payer: me})
	if err != nil {
		return err
	}
	plan := txn.Plan{Payer: me, Steps: steps}
	plan.Budget.ComputeUnitLimit = quote.ComputeUnits
	plan.Lifetime.Blockhash = solana.Hash{1} // use a recent one of a node instead
	unsigned, err := plan.Compile()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, unsigned.Size(), "bytes to sign in a wallet:", unsigned.Base64())
	return err
}
