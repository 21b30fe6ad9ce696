package route_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// addValidator gives a pool a second validator with the given stake.
func addValidator(pool *figures.StakePool, vote solana.PublicKey, stake uint64) {
	v := pool.Validators[0]
	active := *v.Active
	active.Account.Delegation.Voter = vote
	active.Account.Delegation.Stake = stake
	active.Lamports = stake + stakeRent

	v.Entry.VoteAccount = vote
	v.Entry.ActiveStakeLamports = stake + stakeRent
	v.Active, v.Transient = &active, nil
	pool.Validators = append(pool.Validators, v)
	pool.MaxValidators++
}

// splitFrom returns the validator stake account that a quote withdraws from.
func splitFrom(t *testing.T, q route.Quote) solana.PublicKey {
	t.Helper()
	steps, err := q.Steps(paramsWith(0))
	require.NoError(t, err)
	return keys(step(t, steps, poolWithdrawal))[3]
}

// Stake comes from the largest validator that the buyer accepts, from the
// preferred one if the pool has one, or from the next if the first has less
// stake than the list says.
func TestQuote_SourceValidator(t *testing.T) {
	second := solana.PublicKey{0x22}
	address := func(w *stakeWorld, i int) solana.PublicKey {
		active, _, err := w.pool(t, source).StakeAddresses(w.pool(t, source).Validators[i].Entry)
		require.NoError(t, err)
		return active
	}

	toSOL, toTarget := venueTrade{throughReserve, source, "SOL"}, venueTrade{throughDeposit, source,
		target}
	out := venueTrade{stakeWithdrawal, source, "stake"}
	for _, c := range []struct {
		name   string
		change func(w *stakeWorld, pool *figures.StakePool)
		want   map[venueTrade]int // -1 for a refusal
	}{
		{"the largest", func(*stakeWorld, *figures.StakePool) {},
			map[venueTrade]int{toSOL: 0, toTarget: 0, out: 0}},
		{"the second is larger, and the target does not have it",
			func(_ *stakeWorld, pool *figures.StakePool) {
				v := &pool.Validators[1]
				v.Entry.ActiveStakeLamports = pool.Validators[0].Entry.ActiveStakeLamports + 1
			}, map[venueTrade]int{toSOL: 1, toTarget: 0, out: 1}},
		{"the first is not what the list says", func(_ *stakeWorld, pool *figures.StakePool) {
			v := pool.Validators[0].Active
			v.Account.Delegation.Stake, v.Lamports = 2*sol, 2*sol+stakeRent
		}, map[venueTrade]int{toSOL: 1, toTarget: -1, out: 1}},
		{"the first is being removed", func(_ *stakeWorld, pool *figures.StakePool) {
			pool.Validators[0].Entry.Status = accounts.ValidatorDeactivating
		}, map[venueTrade]int{toSOL: 1, toTarget: -1, out: 1}},
		{"the second is preferred", func(_ *stakeWorld, pool *figures.StakePool) {
			pool.State.PreferredWithdrawValidator = &second
		}, map[venueTrade]int{toSOL: 1, toTarget: -1, out: 1}},
		{"nothing is left of either", func(_ *stakeWorld, pool *figures.StakePool) {
			for i := range pool.Validators {
				v := pool.Validators[i].Active
				v.Account.Delegation.Stake, v.Lamports = 2*sol, 2*sol+stakeRent
			}
		}, map[venueTrade]int{toSOL: -1, toTarget: -1, out: -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newStakeWorld(t)
			pool := w.pool(t, source)
			addValidator(pool, second, 100_000*sol)
			c.change(w, pool)
			m := w.market(t)
			for v, want := range c.want {
				for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
					q, err := of(t, m, v.venue, v.request(t, w, 20*sol, mode))
					if want < 0 {
						require.ErrorIs(t, err, quote.ErrValidator, v)
						continue
					}

					require.NoError(t, err, v)
					from := address(w, want)
					require.Equal(t, from, splitFrom(t, q), v)
					require.Contains(t, q.Accounts, from)
				}
			}

			router, err := of(t, m, routerVenue,
				venueTrade{routerVenue, source, "SOL"}.request(t, w, 20*sol, route.ExactIn))
			if want := c.want[toSOL]; want < 0 {
				require.ErrorIs(t, err, quote.ErrValidator)
			} else {
				require.NoError(t, err)
				require.Contains(t, router.Accounts, address(w, want))
			}
		})
	}
}

// Stake cannot move between two pools without a common validator.
func TestQuote_NoCommonValidator(t *testing.T) {
	w := newStakeWorld(t)
	v := &w.pool(t, target).Validators[0]
	v.Entry.VoteAccount = solana.PublicKey{0x33}
	v.Active.Account.Delegation.Voter = v.Entry.VoteAccount
	m := w.market(t)
	for _, v := range []venueTrade{{throughDeposit, source, target}, {routerVenue, source, target},
		{routerVenue, stSOLs, target}, {routerPrefunded, source, target}} {
		for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			_, err := of(t, m, v.venue, v.request(t, w, 20*sol, mode))
			require.ErrorIs(t, err, quote.ErrValidator, v)
		}
	}

	_, err := of(t, m, routerVenue,
		venueTrade{routerVenue, source, mSOLName}.request(t, w, 20*sol, route.ExactIn))
	require.NoError(t, err)
}

// Accounts lists the accounts that the quote was made from.
func TestQuote_Accounts(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	all := w.accounts(t)
	for _, v := range venueTrades {
		q, err := of(t, m, v.venue, v.request(t, w, 20*sol, route.ExactIn))
		require.NoError(t, err)
		require.NotEmpty(t, q.Accounts)
		for _, a := range q.Accounts {
			require.False(t, a.IsZero(), v)
			require.Contains(t, all, a, v)
		}

		var want []solana.PublicKey
		if v.from == "own" {
			want = append(want, ownStake)
		}

		for symbol, address := range map[string]solana.PublicKey{
			source: w.pool(t, source).Address, target: w.pool(t, target).Address,
			mSOLName: w.Marinade.Address, stSOLs: w.Lido.Address,
		} {
			if v.from == symbol || v.to == symbol {
				want = append(want, address)
			}
		}

		if v.to == "SOL" && v.venue != marinadeUnstake {
			want = append(want, accounts.ReservePoolAddress)
		}

		require.Subset(t, q.Accounts, want, v)
	}
}

// A quote without a balance check has no account to check.
func TestQuote_BalanceCheckAccountOfNone(t *testing.T) {
	account, ok, err := route.Quote{}.BalanceCheckAccount(params.Owner)
	require.NoError(t, err)
	require.False(t, ok)
	require.Zero(t, account)
}
