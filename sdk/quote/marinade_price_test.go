package quote_test

import (
	"testing"

	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// marinadePrices returns Marinade's prices by the names of their benchmarks.
func marinadePrices(t testing.TB) map[string]priceFunc {
	t.Helper()
	m, f := marinadeWithList(t)
	p := m.Prepare()
	vote := f.Validators[0].VoteAccount
	like := quote.StakeAccountState{Account: figures.Delegated(key(1), stakeRent, vote, sol,
		epoch-1)}
	stake := p.PrepareStake(like, f.ValidatorList(), key(1))
	from := marinade().Prepare().PrepareSource(marinadeSource())
	main := marinade().Prepare()

	return map[string]priceFunc{
		"deposit/in": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.Deposit(n, r)
			return ok
		},
		"deposit/out": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.DepositExactOut(n, r)
			return ok
		},
		"unstake/in": func(n uint64, r *quote.Refusal) bool {
			_, ok := main.LiquidUnstake(n, r)
			return ok
		},
		"unstake/out": func(n uint64, r *quote.Refusal) bool {
			_, ok := main.LiquidUnstakeExactOut(n, r)
			return ok
		},
		"order/in": func(n uint64, r *quote.Refusal) bool {
			_, ok := main.OrderUnstake(n, r)
			return ok
		},
		"order/out": func(n uint64, r *quote.Refusal) bool {
			_, ok := main.OrderUnstakeExactOut(n, r)
			return ok
		},
		"depositstake/in": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.DepositStakeAccount(n, n+stakeRent, stake, r)
			return ok
		},
		"depositstake/out": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.DepositStakeAccountExactOut(n, stake, r)
			return ok
		},
		"withdrawstake/in": func(n uint64, r *quote.Refusal) bool {
			_, ok := main.WithdrawStakeAccount(n, from, r)
			return ok
		},
		"withdrawstake/out": func(n uint64, r *quote.Refusal) bool {
			_, ok := main.WithdrawStakeAccountExactOut(n, from, r)
			return ok
		},
	}
}

func BenchmarkMarinadePrice(b *testing.B) { benchmarkPrices(b, 10*sol, marinadePrices(b)) }

// TestMarinadePrices_Allocations checks that no price allocates.
func TestMarinadePrices_Allocations(t *testing.T) {
	requireNoAllocations(t, 10*sol, marinadePrices(t))
}
