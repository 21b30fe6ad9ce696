package quote_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// reservePrices are the Reserve's prices by the names of their benchmarks.
func reservePrices(p *quote.ReservePrices, record uint64) map[string]func(amount uint64, r *quote.Refusal) bool {
	return map[string]func(uint64, *quote.Refusal) bool{
		"in":  func(n uint64, r *quote.Refusal) bool { _, ok := p.Unstake(n, record, false, r); return ok },
		"out": func(n uint64, r *quote.Refusal) bool { _, ok := p.UnstakeExactOut(n, record, false, r); return ok },
	}
}

func BenchmarkReservePrice(b *testing.B) {
	reserve := mainReserve()
	benchmarkPrices(b, 100*sol, reservePrices(reserve.Prepare(), 0))
	b.Run("prepare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			reserve.Prepare()
		}
	})
}

// TestReservePrices_Allocations: no price allocates, and no bracket is wrong.
func TestReservePrices_Allocations(t *testing.T) {
	missed := fixed.ReplaysMissed()
	for _, record := range []uint64{0, 1_000_000} {
		requireNoAllocations(t, 100*sol, reservePrices(mainReserve().Prepare(), record))
	}
	require.Equal(t, missed, fixed.ReplaysMissed())
}
