package quote_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// stakesOf returns the lamports of withdrawals.
func stakesOf(parts []quote.StakeWithdrawal) (lamports []uint64) {
	for _, w := range parts {
		lamports = append(lamports, w.Lamports)
	}
	return lamports
}

// validatorsWith returns validators that can give the given lamports each.
func validatorsWith(most ...uint64) (from []quote.ValidatorStakeSource) {
	for i, lamports := range most {
		staked := lamports + sol
		from = append(from, source(key(byte(i+1)), staked+stakeRent, staked))
	}
	return from
}

// TestStakePoolState_WithdrawStakes divides amounts of a pool without fees,
// whose token is worth one lamport. The figures follow from the rules: as much
// as possible from each validator, at least 1 SOL for each stake account, and
// no more validators than necessary.
func TestStakePoolState_WithdrawStakes(t *testing.T) {
	preferred := func(s *quote.StakePoolState) {
		s.State.PreferredWithdrawValidator = keyPointer(1)
	}
	none := func(*quote.StakePoolState) {}
	for _, c := range []struct {
		name   string
		change func(*quote.StakePoolState)
		most   []uint64
		tokens uint64
		want   []uint64
		err    error
	}{
		{"one is enough", none, []uint64{6 * sol, 3 * sol}, 6 * sol, []uint64{6 * sol}, nil},
		{"two", none, []uint64{6 * sol, 3 * sol}, 8 * sol, []uint64{6 * sol, 2 * sol}, nil},
		{"all", none, []uint64{6 * sol, 3 * sol}, 9 * sol, []uint64{6 * sol, 3 * sol}, nil},
		{"more than all", none, []uint64{6 * sol, 3 * sol}, 9*sol + 1, nil, quote.ErrValidator},
		{"rest below the minimum", none, []uint64{6 * sol, 3 * sol}, 6*sol + 1,
			[]uint64{5*sol + 1, sol}, nil},
		{"two rests below the minimum", none, []uint64{10 * sol, 1.2 * sol, 1.2 * sol}, 11.9 * sol,
			[]uint64{9.9 * sol, sol, sol}, nil},
		{"no division", none, []uint64{1.5 * sol, 1.5 * sol}, 1.8 * sol, nil,
			quote.ErrBelowMinimumDelegation},
		{"one that cannot give the minimum", none, []uint64{6 * sol, 0.9 * sol, 3 * sol}, 8 * sol,
			[]uint64{6 * sol, 2 * sol}, nil},
		{"after the preferred", preferred, []uint64{2 * sol, 9 * sol}, 5 * sol,
			[]uint64{2 * sol, 3 * sol}, nil},
		{"preferred keeps stake", preferred, []uint64{2 * sol, 9 * sol}, 2*sol + 1, nil,
			quote.ErrValidator},
		{"zero", none, []uint64{6 * sol, 3 * sol}, 0, nil, quote.ErrZeroAmount},
		{"overflow", none, []uint64{6 * sol, 3 * sol}, math.MaxUint64, nil,
			quote.ErrAmountTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool := plain()
			pool.MinimumDelegation = sol
			c.change(&pool)
			parts, err := pool.WithdrawStakes(c.tokens, validatorsWith(c.most...))
			if c.err != nil {
				require.ErrorIs(t, err, c.err)
				_, err = pool.WithdrawStakesExactOut(c.tokens, validatorsWith(c.most...))
				require.Error(t, err)
				return
			}

			require.NoError(t, err)
			require.Equal(t, c.want, stakesOf(parts))
			parts, err = pool.WithdrawStakesExactOut(c.tokens, validatorsWith(c.most...))
			require.NoError(t, err)
			require.Equal(t, c.want, stakesOf(parts), "a token is worth a lamport")
		})
	}
}

// TestStakePoolState_WithdrawStakesOfNone checks that a row without a usable
// validator refuses with the reason of a single withdrawal.
func TestStakePoolState_WithdrawStakesOfNone(t *testing.T) {
	_, err := plain().WithdrawStakes(sol, nil)
	require.ErrorIs(t, err, accounts.ErrNil)
	from := validatorsWith(6*sol, 3*sol)
	for i := range from {
		from[i].Entry.Status = accounts.ValidatorDeactivating
	}

	_, err = plain().WithdrawStakes(sol, from)
	requireRefusal(t, err, quote.ErrValidator, plain().Address)
	require.ErrorContains(t, err, "is not active in the pool")
}

// TestStakePoolState_WithdrawStakesOneByOne checks random withdrawals against
// single ones: each part is what a withdrawal gives from the pool that the
// parts before it leave, all tokens are paid, fewer validators do not have the
// stake, and one token less does not suffice for an exact output.
func TestStakePoolState_WithdrawStakesOneByOne(t *testing.T) {
	checkEnough(t, func(t *rapid.T, count func()) {
		_, chain := drawPool(t)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "spread seed"), 5))
		pool, err := figures.RandomSpreadPool(rng, accounts.StakePoolProgram, chain)
		require.NoError(t, err)
		if rng.IntN(4) > 0 {
			pool.State.PreferredWithdrawValidator = nil
		}

		rounding := quote.FeeRounding(rapid.IntRange(0, 2).Draw(t, "rounding"))
		q := pool.Quote(chain, rounding)
		from, err := pool.Row(q)
		if err != nil {
			return
		}

		held, most := uint64(0), uint64(0)
		for _, v := range from {
			held, most = held+v.Stake.Lamports, max(most, v.Stake.Lamports)
		}

		price := q.Price()
		tokens, err := fixed.MulDivFloor(most+rng.Uint64N(held-most+1), price.Tokens,
			price.Lamports)
		require.NoError(t, err)
		parts, err := q.WithdrawStakes(tokens, from)
		if err != nil || len(parts) < 2 {
			return
		}

		count()
		after, paid, staked := q, uint64(0), uint64(0)
		for _, w := range parts {
			for _, v := range from {
				if v.Entry.VoteAccount != w.Vote || rounding == quote.FeesUnknown {
					continue
				}

				single, err := after.WithdrawStake(w.Tokens, v)
				require.NoError(t, err)
				require.Equal(t, single, w)
			}

			require.GreaterOrEqual(t, w.Lamports, chain.MinimumDelegation)
			after.State.TotalLamports -= w.Lamports
			after.State.PoolTokenSupply -= w.Tokens - w.ManagerFee
			paid, staked = paid+w.Tokens, staked+w.Lamports
		}

		require.Equal(t, tokens, paid)
		_, err = q.WithdrawStakes(tokens, from[:len(parts)-1])
		require.Error(t, err, "fewer validators have the stake")

		least, err := q.WithdrawStakesExactOut(staked, from)
		require.NoError(t, err)
		require.GreaterOrEqual(t, sumOf(least), staked)
		spent := uint64(0)
		for _, w := range least {
			spent += w.Tokens
		}

		require.LessOrEqual(t, spent, tokens)
		fewer, err := q.WithdrawStakes(spent-1, from)
		require.True(t, err != nil || sumOf(fewer) < staked)
	})
}

func sumOf(parts []quote.StakeWithdrawal) (sum uint64) {
	for _, lamports := range stakesOf(parts) {
		sum += lamports
	}
	return sum
}
