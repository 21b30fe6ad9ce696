package route_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// BenchmarkQuoteAll requests a quote for each pool of a loaded market.
func BenchmarkQuoteAll(b *testing.B) {
	w := newWorld(b)
	loader, s := w.state(b, w.tokens(b)...)
	m, err := loader.Build(s)
	require.NoError(b, err)
	var requests []route.Request
	for i := range w.StakePools {
		requests = append(requests, w.stake(b, w.StakePools[i].Symbol, 5*sol))
	}

	b.ReportAllocs()
	for b.Loop() {
		for _, r := range requests {
			if quotes, rejected := m.Quotes(r); len(quotes)+len(rejected) == 0 {
				b.Fatal("neither quoted nor rejected")
			}
		}
	}

	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(requests)), "ns/quote")
}

// BenchmarkQuotes measures requests in a market of their two tokens, with and
// without routes of two legs.
func BenchmarkQuotes(b *testing.B) {
	w := newStakeWorld(b)
	w.put(b)
	for _, c := range []struct{ name, from, to string }{
		{"stake", "SOL", source}, {"swap", source, target}, {"unstake", source, "SOL"},
		{"unstake Marinade", mSOLName, "SOL"},
		{"sell a stake account", "own", "SOL"},
	} {
		var tokens []lst.LST
		for _, symbol := range []string{c.from, c.to} {
			if symbol != "SOL" && symbol != "own" {
				tokens = append(tokens, w.token(b, symbol))
			}
		}

		loader := route.NewLoader(tokens...).WithStakeAccounts(ownStake)
		s := w.firstRound(b, loader)
		second, err := loader.AccountsToLoadNext(s)
		require.NoError(b, err)
		w.fetch(b, s, second.Accounts)
		m, err := loader.Build(s)
		require.NoError(b, err)
		for mode, word := range []string{"in", "out"} {
			for _, direct := range []bool{false, true} {
				r := route.Request{
					From:   w.mint(b, c.from),
					To:     w.mint(b, c.to),
					Amount: 100 * sol,
					Options: route.Options{SwapMode: route.SwapMode(mode),
						OnlyDirectRoutes: direct},
				}

				b.Run(fmt.Sprintf("%s/exact %s/direct %t", c.name, word, direct),
					func(b *testing.B) {
						for b.Loop() {
							if quotes, _ := m.Quotes(r); len(quotes) == 0 {
								b.Fatal("no quote")
							}
						}
					})
			}
		}
	}
}

// BenchmarkMarket makes the market of all pools from loaded accounts.
func BenchmarkMarket(b *testing.B) {
	w := newWorld(b)
	loader, s := w.state(b, w.tokens(b)...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := loader.Build(s); err != nil {
			b.Fatal(err)
		}
	}
}
