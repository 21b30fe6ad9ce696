package route_test

import (
	"testing"

	"github.com/stretchr/testify/require"

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
