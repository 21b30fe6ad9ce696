package quote_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// poolPrices are the prices of a stake pool by the names of their benchmarks, each exact in and exact out.
func poolPrices(p *quote.StakePoolPrices, from *quote.StakeSourcePrices) map[string]func(amount uint64, r *quote.Refusal) bool {
	return map[string]func(uint64, *quote.Refusal) bool{
		"depositsol/in":     func(n uint64, r *quote.Refusal) bool { _, ok := p.DepositSol(n, r); return ok },
		"depositsol/out":    func(n uint64, r *quote.Refusal) bool { _, ok := p.DepositSolExactOut(n, r); return ok },
		"withdrawsol/in":    func(n uint64, r *quote.Refusal) bool { _, ok := p.WithdrawSol(n, r); return ok },
		"withdrawsol/out":   func(n uint64, r *quote.Refusal) bool { _, ok := p.WithdrawSolExactOut(n, r); return ok },
		"depositstake/in":   func(n uint64, r *quote.Refusal) bool { _, ok := p.DepositStake(n, stakeRent, r); return ok },
		"depositstake/out":  func(n uint64, r *quote.Refusal) bool { _, ok := p.DepositStakeExactOut(n, stakeRent, r); return ok },
		"withdrawstake/in":  func(n uint64, r *quote.Refusal) bool { _, ok := p.WithdrawStake(n, from, r); return ok },
		"withdrawstake/out": func(n uint64, r *quote.Refusal) bool { _, ok := p.WithdrawStakeExactOut(n, from, r); return ok },
	}
}

func BenchmarkStakePoolPrice(b *testing.B) {
	s := bsol()
	benchmarkPrices(b, 100*sol, poolPrices(s.Prepare(), s.PrepareSource(bsolStake())))
	b.Run("unknownbuild", func(b *testing.B) {
		s.Rounding = quote.FeesUnknown
		benchmarkPrices(b, 100*sol, poolPrices(s.Prepare(), s.PrepareSource(bsolStake())))
	})
	b.Run("prepare", func(b *testing.B) {
		authority := s.State.StakeDepositAuthority
		b.ReportAllocs()
		for b.Loop() {
			s.PrepareWith(authority)
		}
	})
}

// TestStakePoolPrices_Allocations: no price allocates, and no bracket is wrong.
func TestStakePoolPrices_Allocations(t *testing.T) {
	missed := fixed.ReplaysMissed()
	s := bsol()
	requireNoAllocations(t, 100*sol, poolPrices(s.Prepare(), s.PrepareSource(bsolStake())))
	s.Rounding = quote.FeesUnknown
	requireNoAllocations(t, 100*sol, poolPrices(s.Prepare(), s.PrepareSource(bsolStake())))
	require.Equal(t, missed, fixed.ReplaysMissed())
}
