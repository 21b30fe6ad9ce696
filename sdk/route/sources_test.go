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

// TestWrappedWays: the Router takes wrapped SOL from the associated token
// account; all other ways that move stake or go to Marinade trade SOL itself
// only.
func TestWrappedWays(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range ways {
		if v.venue == stakeWithdrawal {
			continue // no SOL in it
		}

		r := v.request(t, w, 20*sol, route.ExactIn)
		r.UseWSOL = true
		q, err := of(t, m, v.venue, r)
		if v.venue != routerDeposit {
			require.ErrorIs(t, err, route.ErrWSOLUnsupported, v)
			continue
		}

		require.NoError(t, err)
		want, err := w.compose(t, v, r.Amount)
		require.NoError(t, err)
		require.Equal(t, want.out, q.Out)
		require.Zero(t, q.UpfrontRent)
		steps, err := q.Steps(partiesWith(3))
		require.NoError(t, err)
		require.Equal(t, []string{createATA, routerStake, transferTokens}, labels(t, steps))
		require.Equal(t, w.ata(t, "SOL"), keys(steps[1])[1], "from where the user has it")
		require.Equal(t, 3+q.MinOut, u64At(data(t, steps[2]), 1))
	}
}

// addValidator gives a pool a second validator with so much stake.
func addValidator(pool *figures.StakePool, vote solana.PublicKey, stake uint64) {
	v := pool.Validators[0]
	active := *v.Active
	active.Account.Delegation.Voter, active.Account.Delegation.Stake, active.Lamports = vote, stake, stake+
		stakeRent
	v.Entry.VoteAccount, v.Entry.ActiveStakeLamports, v.Active, v.Transient = vote, stake+stakeRent, &active, nil
	pool.Validators = append(pool.Validators, v)
	pool.MaxValidators++
}

// splitFrom is the stake account that the stake of a quote comes from.
func splitFrom(t *testing.T, q route.Quote) solana.PublicKey {
	t.Helper()
	steps, err := q.Steps(partiesWith(0))
	require.NoError(t, err)
	return keys(step(t, steps, poolWithdrawal))[3]
}

// TestStakeComesFromTheRightValidator: from the largest that the taker welcomes
// too, the preferred one if there is one, or the next if the first cannot give
// as much as the list says.
func TestStakeComesFromTheRightValidator(t *testing.T) {
	second := solana.PublicKey{0x22}
	address := func(w *stakeWorld, i int) solana.PublicKey {
		active, _, err := w.pool(t, source).StakeAddresses(w.pool(t, source).Validators[i].Entry)
		require.NoError(t, err)
		return active
	}

	toSOL, toTaker := way{throughReserve, source, "SOL"}, way{throughDeposit, source, taker}
	out := way{stakeWithdrawal, source, "stake"}
	for _, c := range []struct {
		name   string
		change func(w *stakeWorld, pool *figures.StakePool)
		want   map[way]int // -1 for a refusal
	}{
		{"the largest", func(*stakeWorld, *figures.StakePool) {},
			map[way]int{toSOL: 0, toTaker: 0, out: 0}},
		{"the second is larger, and the taker does not have it",
			func(_ *stakeWorld, pool *figures.StakePool) {
				v := &pool.Validators[1]
				v.Entry.ActiveStakeLamports = pool.Validators[0].Entry.ActiveStakeLamports + 1
			}, map[way]int{toSOL: 1, toTaker: 0, out: 1}},
		{"the first is not what the list says", func(_ *stakeWorld, pool *figures.StakePool) {
			v := pool.Validators[0].Active
			v.Account.Delegation.Stake, v.Lamports = 2*sol, 2*sol+stakeRent
		}, map[way]int{toSOL: 1, toTaker: -1, out: 1}},
		{"the first is being removed", func(_ *stakeWorld, pool *figures.StakePool) {
			pool.Validators[0].Entry.Status = accounts.ValidatorDeactivating
		}, map[way]int{toSOL: 1, toTaker: -1, out: 1}},
		{"the second is preferred", func(_ *stakeWorld, pool *figures.StakePool) {
			pool.State.PreferredWithdrawValidator = &second
		}, map[way]int{toSOL: 1, toTaker: -1, out: 1}},
		{"nothing is left of either", func(_ *stakeWorld, pool *figures.StakePool) {
			for i := range pool.Validators {
				v := pool.Validators[i].Active
				v.Account.Delegation.Stake, v.Lamports = 2*sol, 2*sol+stakeRent
			}
		}, map[way]int{toSOL: -1, toTaker: -1, out: -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newStakeWorld(t)
			pool := w.pool(t, source)
			addValidator(pool, second, 100_000*sol)
			c.change(w, pool)
			m := w.market(t)
			for v, want := range c.want {
				for _, side := range []route.SwapMode{route.ExactIn, route.ExactOut} {
					q, err := of(t, m, v.venue, v.request(t, w, 20*sol, side))
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
				way{routerVenue, source, "SOL"}.request(t, w, 20*sol, route.ExactIn))
			if want := c.want[toSOL]; want < 0 {
				require.ErrorIs(t, err, quote.ErrValidator)
			} else {
				require.NoError(t, err)
				require.Contains(t, router.Accounts, address(w, want))
			}
		})
	}
}

// TestNoValidatorInCommon: where two pools share no validator, stake cannot
// move between them.
func TestNoValidatorInCommon(t *testing.T) {
	w := newStakeWorld(t)
	v := &w.pool(t, taker).Validators[0]
	v.Entry.VoteAccount = solana.PublicKey{0x33}
	v.Active.Account.Delegation.Voter = v.Entry.VoteAccount
	m := w.market(t)
	for _, v := range []way{{throughDeposit, source, taker}, {routerVenue, source, taker},
		{routerVenue, stSOLs, taker}, {routerPrefunded, source, taker}} {
		for _, side := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			_, err := of(t, m, v.venue, v.request(t, w, 20*sol, side))
			require.ErrorIs(t, err, quote.ErrValidator, v)
		}
	}

	_, err := of(t, m, routerVenue,
		way{routerVenue, source, mSOLName}.request(t, w, 20*sol, route.ExactIn))
	require.NoError(t, err)
}

// TestQuotesNameTheirAccounts: whoever wants to know whether a quote still
// holds finds there what it was made from.
func TestQuotesNameTheirAccounts(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	all := w.accounts(t)
	for _, v := range ways {
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
			source: w.pool(t, source).Address, taker: w.pool(t, taker).Address,
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

func TestGuardNames(t *testing.T) {
	for guard, want := range map[route.MinOutCheck]string{
		route.CheckedByProgram: "program", route.CheckedByTempAccount: "temporary account",
		route.CheckedByBalance: "balance", 9: "MinOutCheck(9)",
	} {
		require.Equal(t, want, guard.String())
	}
	account, ok, err := route.Quote{}.BalanceCheckAccount(parties.Owner)
	require.NoError(t, err)
	require.False(t, ok)
	require.Zero(t, account)
}
