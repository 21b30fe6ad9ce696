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
	for name, price := range reservePrices(reserve.Prepare(), 0) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			n := uint64(100 * sol)
			for b.Loop() {
				n++
				if !price(n, nil) {
					b.Fatal("no price")
				}
			}
		})
	}
	b.Run("prepare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			reserve.Prepare()
		}
	})
}

// TestReservePrices_Allocations: no price allocates, whether it is one or a refusal.
func TestReservePrices_Allocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	missed := fixed.ReplaysMissed()
	for _, record := range []uint64{0, 1_000_000} {
		for name, price := range reservePrices(mainReserve().Prepare(), record) {
			for _, amount := range []uint64{0, 1, 100 * sol, 1 << 60, ^uint64(0)} {
				var r quote.Refusal
				require.Zero(t, testing.AllocsPerRun(10, func() {
					r = quote.Refusal{}
					price(amount, &r)
				}), "%s of %d", name, amount)
			}
		}
	}
	require.Equal(t, missed, fixed.ReplaysMissed())
}
