package route_test

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// chain stands for wherever accounts come from: a node, a file, a cache.
type chain map[solana.PublicKey]accounts.Account

// fetch brings the needed accounts into a set, and says which do not exist.
func (c chain) fetch(set *accounts.Set, needs []route.AccountRequest) {
	for _, n := range needs {
		a, ok := c[n.Address]
		if !ok {
			set.PutMissing(n.Address)
			continue
		}

		if n.Length > 0 {
			a.Data = a.Data[:min(n.Length, len(a.Data))]
		}

		set.Put(a)
	}
}

// exampleMarket loads the market of some tokens in two rounds.
func exampleMarket(symbols ...string) (*route.Market, error) {
	figures, err := demo.Load()
	if err != nil {
		return nil, err
	}

	all, err := figures.Accounts()
	if err != nil {
		return nil, err
	}

	c := make(chain)
	for _, a := range all {
		c[a.Address] = a
	}

	var tokens []lst.LST
	for _, symbol := range symbols {
		token, err := lst.Default().Lookup(symbol)
		if err != nil {
			return nil, err
		}

		tokens = append(tokens, token)
	}

	loader := route.NewLoader(tokens...)
	state := &route.AccountSnapshot{Accounts: accounts.NewSet(figures.Chain.Clock.Slot),
		MinimumDelegation: 1_000_000_000, Builds: demo.Builds()}
	c.fetch(state.Accounts, loader.AccountsToLoad().Accounts)
	second, err := loader.AccountsToLoadNext(state)
	if err != nil {
		return nil, err
	}

	c.fetch(state.Accounts, second.Accounts)

	return loader.Build(state)
}

func ExampleMarket_Quote() {
	market, err := exampleMarket("jitoSOL")
	if err != nil {
		fmt.Println(err)
		return
	}

	token := market.Tokens()[0]
	q, err := market.Quote(route.Request{
		From:    accounts.NativeMint,
		To:      token.Mint,
		Amount:  1_500_000_000,
		Options: route.Options{SlippageBps: 10},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println(q.Venue, "at slot", q.Slot)
	fmt.Println("out", token.Format(q.Out), "at least", token.Format(q.MinOut), "exact", q.Exact)

	steps, err := q.Steps(route.BuildParams{Owner: solana.PublicKey{1}, Payer: solana.PublicKey{1}})
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println(steps[1].Description)
	// Output:
	// stake pool deposit at slot 342792000
	// out 1.244054262 at least 1.242810208 exact true
	// deposit 1.5 SOL into the stake pool of JitoSOL for at least 1.242810208 JitoSOL
}

// What cannot be served comes with the reason.
func ExampleMarket_Quotes() {
	market, err := exampleMarket("phaseSOL")
	if err != nil {
		fmt.Println(err)
		return
	}

	phaseSOL := market.Tokens()[0].Mint
	quotes, rejected := market.Quotes(route.Request{From: accounts.NativeMint, To: phaseSOL,
		Amount: 1_000_000_000})
	fmt.Println(len(quotes), "quotes")
	for _, r := range rejected[:1] {
		fmt.Println(r.Venue+":", r.Err)
	}
	// Output:
	// 0 quotes
	// stake pool deposit: deposit SOL, pool phasejkG1akKgqkLvfWzWY17evnH6mSWznnUspmpyeG: pool is not updated for this epoch (allow its update with Crank, or try again after it): last update in epoch 647, now epoch 793
}

func ExampleMarket_TokenInfo() {
	market, err := exampleMarket("bSOL")
	if err != nil {
		fmt.Println(err)
		return
	}

	info, err := market.TokenInfo(market.Tokens()[0].Mint)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("1", info.Token.Symbol, "=", info.Price, "SOL, as of epoch", info.LastUpdateEpoch)
	// Output: 1 bSOL = 1.220167026 SOL, as of epoch 793
}
