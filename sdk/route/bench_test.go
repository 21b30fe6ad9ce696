package route_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// BenchmarkQuoteAll asks a loaded market for all pools, one after the other.
func BenchmarkQuoteAll(b *testing.B) {
	w := newWorld(b)
	loader, s := w.state(b, w.tokens(b)...)
	m, err := loader.Market(s)
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

// BenchmarkQuotes is the time of a request in a market of its two tokens, with two steps and splits, and of single venues alone.
func BenchmarkQuotes(b *testing.B) {
	w := newStakeWorld(b)
	w.put(b)
	for _, c := range []struct{ name, from, to string }{
		{"stake", "SOL", source}, {"swap", source, taker}, {"unstake", source, "SOL"}, {"unstake Marinade", mSOLName, "SOL"},
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
		second, err := loader.Second(s)
		require.NoError(b, err)
		w.fetch(b, s, second.Accounts)
		m, err := loader.Market(s)
		require.NoError(b, err)
		for side, word := range []string{"in", "out"} {
			for _, direct := range []bool{false, true} {
				r := route.Request{
					From:    w.mint(b, c.from),
					To:      w.mint(b, c.to),
					Amount:  100 * sol,
					Options: route.Options{Side: route.Side(side), Direct: direct},
				}
				b.Run(fmt.Sprintf("%s/exact %s/direct %t", c.name, word, direct), func(b *testing.B) {
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

// BenchmarkMarket decodes the accounts of all pools.
func BenchmarkMarket(b *testing.B) {
	w := newWorld(b)
	loader, s := w.state(b, w.tokens(b)...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := loader.Market(s); err != nil {
			b.Fatal(err)
		}
	}
}
