package quote_test

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// poolPrices returns the prices of a stake pool by the names of their
// benchmarks, exact in and exact out.
func poolPrices(p *quote.StakePoolPrices, from *quote.StakeSourcePrices) map[string]priceFunc {
	return map[string]priceFunc{
		"depositsol/in": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.DepositSOL(n, r)
			return ok
		},
		"depositsol/out": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.DepositSOLExactOut(n, r)
			return ok
		},
		"withdrawsol/in": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.WithdrawSOL(n, r)
			return ok
		},
		"withdrawsol/out": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.WithdrawSOLExactOut(n, r)
			return ok
		},
		"depositstake/in": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.DepositStake(n, stakeRent, r)
			return ok
		},
		"depositstake/out": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.DepositStakeExactOut(n, stakeRent, r)
			return ok
		},
		"withdrawstake/in": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.WithdrawStake(n, from, r)
			return ok
		},
		"withdrawstake/out": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.WithdrawStakeExactOut(n, from, r)
			return ok
		},
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

// TestStakePoolPrices_Allocations checks that no price allocates and that the
// brackets of all searches are correct.
func TestStakePoolPrices_Allocations(t *testing.T) {
	missed := fixed.ReplaysMissed()
	s := bsol()
	requireNoAllocations(t, 100*sol, poolPrices(s.Prepare(), s.PrepareSource(bsolStake())))
	s.Rounding = quote.FeesUnknown
	requireNoAllocations(t, 100*sol, poolPrices(s.Prepare(), s.PrepareSource(bsolStake())))
	require.Equal(t, missed, fixed.ReplaysMissed())
}

// TestStakePoolPrices_ExactOutIsSmallestInput compares the bracketed search for
// a stake account with the complete one.
func TestStakePoolPrices_ExactOutIsSmallestInput(t *testing.T) {
	missed, answered := fixed.ReplaysMissed(), 0
	rapid.Check(t, func(t *rapid.T) {
		p, chain := drawPool(t)
		roundings := []quote.FeeRounding{quote.FeesUnknown, quote.FeesRoundUp, quote.FeesRoundDown}
		rounding := rapid.SampledFrom(roundings).Draw(t, "rounding")
		s := p.Quote(chain, rounding)
		s.FeeAccountUsable = rapid.Bool().Draw(t, "usable")
		prices := s.Prepare()
		want := drawAmount(t, "want", 2*s.State.PoolTokenSupply)
		others := []uint64{0, 1, stakeRent, drawAmount(t, "unstaked", sol)}
		unstaked := rapid.SampledFrom(others).Draw(t, "other lamports")

		var r quote.Refusal
		got, ok := prices.DepositStakeExactOut(want, unstaked, &r)
		staked, err := fixed.SmallestInput(1<<62, func(staked uint64) (bool, error) {
			d, err := s.DepositStake(staked, unstaked)
			if errors.Is(err, quote.ErrAmountTooSmall) {
				return false, nil
			}

			return d.Tokens >= want, err
		})

		require.Equal(t, err == nil, ok, "%v, not %v", &r, err)
		if !ok {
			return
		}

		answered++
		require.Equal(t, staked, got.Staked)
		again, ok := prices.DepositStake(staked, unstaked, nil)
		require.True(t, ok)
		require.Equal(t, again, got)
	})

	require.Greater(t, answered, 20)
	require.Equal(t, missed, fixed.ReplaysMissed(), "a bracket is wrong")
}

// TestStakePoolPrices_After checks that the pool after a deposit is known if
// all builds agree about the pool before it.
func TestStakePoolPrices_After(t *testing.T) {
	pool := bsol()
	lamports, supply, ok := pool.Prepare().After(sol, 5)
	require.True(t, ok)
	require.Equal(t, pool.State.TotalLamports+sol, lamports)
	require.Equal(t, pool.State.PoolTokenSupply+5, supply)
	pool.Rounding = quote.FeesUnknown
	_, _, ok = pool.Prepare().After(sol, 5)
	require.True(t, ok, "builds differ only in fees")
	_, _, ok = pool.Prepare().After(^uint64(0), 5)
	require.False(t, ok)
	_, _, ok = pool.Prepare().After(sol, ^uint64(0))
	require.False(t, ok)
	pool.Clock.Epoch++
	_, _, ok = pool.Prepare().After(sol, 5)
	require.False(t, ok, "the pool is stale")

	updated, err := outdated().Updated()
	require.NoError(t, err)
	prices := outdated().Prepare()
	require.Equal(t, updated.Price(), prices.UpdatedPrice())
	require.Equal(t, outdated().Price(), prices.Price())
	lamports, supply, ok = prices.After(sol, 5)
	require.True(t, ok)
	require.Equal(t, updated.State.TotalLamports+sol, lamports)
	require.Equal(t, updated.State.PoolTokenSupply+5, supply)

	unknown := outdated()
	unknown.Rounding = quote.FeesUnknown
	prices = unknown.Prepare()
	_, _, ok = prices.After(sol, 5)
	require.False(t, ok, "builds differ in the epoch fee")
	require.Equal(t, unknown.Price(), prices.UpdatedPrice())
}

// TestStakePoolPrices_Prepare checks that preparing with a known deposit
// authority gives the same prices.
func TestStakePoolPrices_Prepare(t *testing.T) {
	s := bsol()
	require.Equal(t, s.Prepare(), s.PrepareWith(s.State.StakeDepositAuthority))
	_, ok := s.PrepareWith(key(5)).DepositStake(sol, 0, nil)
	require.False(t, ok)

	// Later changes of the state do not change the prices.
	p := s.Prepare()
	before, ok := p.DepositSOL(sol, nil)
	require.True(t, ok)
	s.State.TotalLamports *= 2
	after, ok := p.DepositSOL(sol, nil)
	require.True(t, ok)
	require.Equal(t, before, after)
}

// TestPrices_NotPrepared checks that zero values and nil have no prices.
func TestPrices_NotPrepared(t *testing.T) {
	var r quote.Refusal
	pool := bsol().Prepare()
	for _, p := range []*quote.StakePoolPrices{nil, {}} {
		for name, price := range poolPrices(p, new(quote.StakeSourcePrices)) {
			r = quote.Refusal{}
			require.False(t, price(sol, &r), name)
			require.ErrorIs(t, &r, accounts.ErrNil, name)
		}
	}

	for name, price := range poolPrices(pool, nil) {
		if strings.HasPrefix(name, "withdrawstake") {
			r = quote.Refusal{}
			require.False(t, price(sol, &r), name)
			require.ErrorIs(t, &r, accounts.ErrNil, name)
		}
	}

	for _, p := range []*quote.ReservePrices{nil, {}} {
		for name, price := range reservePrices(p, 0) {
			r = quote.Refusal{}
			require.False(t, price(sol, &r), name)
			require.ErrorIs(t, &r, accounts.ErrNil, name)
		}

		require.False(t, p.Sellable(new(accounts.StakeAccount), key(1), nil))
	}

	for _, p := range []*quote.MarinadePrices{nil, {}} {
		_, ok := p.Deposit(sol, &r)
		require.False(t, ok)
		_, ok = p.WithdrawStakeAccount(sol, p.PrepareSource(marinadeSource()), &r)
		require.False(t, ok)
		require.ErrorIs(t, &r, accounts.ErrNil)
	}

	for _, p := range []*quote.LidoPrices{nil, {}} {
		_, ok := p.Withdraw(sol, new(quote.LidoSourcePrices), &r)
		require.False(t, ok)
		require.ErrorIs(t, &r, accounts.ErrNil)
	}
}

// TestStakePoolPrices_Sources checks that the largest wanted sources are
// returned in the order of all sources.
func TestStakePoolPrices_Sources(t *testing.T) {
	p := bsol().Prepare()
	rng := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		list := new(accounts.ValidatorList)
		for i := range rng.IntN(200) {
			entry := source(key(byte(i)), rng.Uint64N(40)*sol, 0).Entry
			list.Validators = append(list.Validators, entry)
		}

		all, ok := p.Sources(list, math.MaxInt, nil, nil)
		if !ok {
			continue
		}

		require.True(t, slices.IsSortedFunc(all, func(a, b int) int {
			x, y := &list.Validators[a], &list.Validators[b]
			bySize := cmp.Compare(y.ActiveStakeLamports, x.ActiveStakeLamports)
			return cmp.Or(bySize, cmp.Compare(a, b))
		}))

		most := rng.IntN(20)
		wanted := func(v *accounts.ValidatorStakeInfo) bool { return v.VoteAccount[0]%3 != 0 }
		var want []int
		for _, i := range all {
			if wanted(&list.Validators[i]) && len(want) < most {
				want = append(want, i)
			}
		}

		got, ok := p.Sources(list, most, wanted, nil)
		require.True(t, ok)
		require.Len(t, got, len(want))
		require.ElementsMatch(t, want, got)
		for i := range want {
			require.Equal(t, want[i], got[i])
		}
	}
}
