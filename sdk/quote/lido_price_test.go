package quote_test

import (
	"testing"

	"github.com/sanctum-go/sanctum/sdk/quote"
)

// lidoPrices returns Lido's prices by the names of their benchmarks.
func lidoPrices() map[string]priceFunc {
	l, stake := mainLido()
	p, from := l.Prepare(), l.PrepareSource(stake)
	return map[string]priceFunc{
		"in": func(n uint64, r *quote.Refusal) bool { _, ok := p.Withdraw(n, from, r); return ok },
		"out": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.WithdrawExactOut(n, from, r)
			return ok
		},
	}
}

func BenchmarkLidoPrice(b *testing.B) { benchmarkPrices(b, 10*sol, lidoPrices()) }

// TestLidoPrices_Allocations checks that no price allocates.
func TestLidoPrices_Allocations(t *testing.T) { requireNoAllocations(t, 10*sol, lidoPrices()) }
