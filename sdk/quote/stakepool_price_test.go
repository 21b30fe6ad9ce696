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
	unknown := s
	unknown.Rounding = quote.FeesUnknown
	from := s.PrepareSource(bsolStake())
	run := func(name string, price func(uint64, *quote.Refusal) bool) {
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
	for name, price := range poolPrices(s.Prepare(), from) {
		run(name, price)
	}
	for name, price := range poolPrices(unknown.Prepare(), unknown.PrepareSource(bsolStake())) {
		run("unknownbuild/"+name, price)
	}
	b.Run("prepare", func(b *testing.B) {
		authority := s.State.StakeDepositAuthority
		b.ReportAllocs()
		for b.Loop() {
			s.PrepareWith(authority)
		}
	})
}

// TestStakePoolPrices_Allocations: no price allocates, whether it is one or a refusal.
func TestStakePoolPrices_Allocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	s := bsol()
	unknown := s
	unknown.Rounding = quote.FeesUnknown
	missed := fixed.ReplaysMissed()
	for _, s := range []quote.StakePool{s, unknown} {
		for name, price := range poolPrices(s.Prepare(), s.PrepareSource(bsolStake())) {
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
