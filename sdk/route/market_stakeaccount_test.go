package route_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Each venue refuses an unsuitable stake account with its own error, before a
// transaction is built. A nil error is a venue that accepts the account.
func TestMarket_StakeAccountRefusals(t *testing.T) {
	const part = 10 * sol
	tomorrow := func(w *stakeWorld) uint64 { return w.Chain.Clock.Epoch + 1 }
	for _, c := range []struct {
		name   string
		change func(t *testing.T, w *stakeWorld)
		amount uint64 // zero for the whole account
		// The reasons of the Reserve, of a deposit into a stake pool and of one
		// into Marinade.
		reserve, pool, marinade error
	}{
		{"good", func(*testing.T, *stakeWorld) {}, 0, nil, nil, nil},
		{"good, a part of it", func(*testing.T, *stakeWorld) {}, part, nil, nil, nil},
		{"locked up until an epoch", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Lockup.Epoch = tomorrow(w)
		}, 0, quote.ErrStakeLocked, quote.ErrStakeLocked, quote.ErrStakeLocked},
		{"locked up until a time", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Lockup.UnixTimestamp = w.Chain.Clock.UnixTimestamp + 1
		}, part, quote.ErrStakeLocked, quote.ErrStakeLocked, quote.ErrStakeLocked},
		{"lockup that is over", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Lockup.UnixTimestamp, w.own.Account.Lockup.Epoch = w.Chain.Clock.UnixTimestamp, w.Chain.Clock.Epoch
		}, 0, nil, nil, nil},
		{"deactivating", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Delegation.DeactivationEpoch = w.Chain.Clock.Epoch
		}, 0, nil, quote.ErrStakeDeactivating, quote.ErrStakeDeactivating},
		{"deactivating, a part of it", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Delegation.DeactivationEpoch = w.Chain.Clock.Epoch
		}, part, quote.ErrStakeDeactivating, quote.ErrStakeDeactivating,
			quote.ErrStakeDeactivating},
		{"deactivated", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Delegation.DeactivationEpoch = w.Chain.Clock.Epoch - 1
		}, 0, nil, quote.ErrStakeDeactivating, quote.ErrStakeDeactivating},
		{"activating", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Delegation.ActivationEpoch = w.Chain.Clock.Epoch
		}, 0, nil, quote.ErrStakeActivating, nil},
		{"activating later", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Delegation.ActivationEpoch = tomorrow(w)
		}, part, quote.ErrStakeActivating, quote.ErrStakeActivating, quote.ErrStakeActivating},
		{"uninitialized", func(_ *testing.T, w *stakeWorld) {
			w.own.Account = accounts.StakeAccount{}
		}, 0, quote.ErrStakeUninitialized, quote.ErrStakeUninitialized,
			quote.ErrStakeUninitialized},
		{"a pool of rewards", func(_ *testing.T, w *stakeWorld) {
			w.own.Account = accounts.StakeAccount{State: accounts.StakeRewardsPool}
		}, 0, quote.ErrStakeUninitialized, quote.ErrStakeUninitialized,
			quote.ErrStakeUninitialized},
		{"not delegated", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.State = accounts.StakeInitialized
		}, 0, nil, quote.ErrStakeUndelegated, quote.ErrStakeUndelegated},
		{"not delegated, a part of it", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.State = accounts.StakeInitialized
		}, part, quote.ErrStakeUndelegated, quote.ErrStakeUndelegated, quote.ErrStakeUndelegated},
		{"delegated to a validator nobody has", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Delegation.Voter = solana.PublicKey{5}
		}, 0, nil, quote.ErrValidator, quote.ErrValidator},
		{"delegated to a validator that is being removed", func(t *testing.T, w *stakeWorld) {
			w.pool(t, target).Validators[0].Entry.Status = accounts.ValidatorDeactivating
		}, 0, nil, quote.ErrValidator, nil},
		{"delegated to another than the preferred validator", func(t *testing.T, w *stakeWorld) {
			w.pool(t, target).State.PreferredDepositValidator = &w.pool(t, target).Validators[1].Entry.VoteAccount
		}, 0, nil, quote.ErrNotPreferred, nil},
		{"smaller than the minimum delegation", func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Delegation.Stake, w.own.Lamports = sol-1, sol-1+stakeRent
		}, 0, nil, nil, quote.ErrStakeTooSmall},
		{"a part smaller than the minimum delegation", func(*testing.T, *stakeWorld) {}, sol - 1,
			quote.ErrBelowMinimumDelegation, quote.ErrBelowMinimumDelegation,
			quote.ErrBelowMinimumDelegation},
		{"a part that leaves too little", func(*testing.T, *stakeWorld) {}, 499*sol + 1,
			quote.ErrBelowMinimumDelegation, quote.ErrBelowMinimumDelegation,
			quote.ErrBelowMinimumDelegation},
		{"all of the stake, but not the rent", func(*testing.T, *stakeWorld) {}, 500 * sol,
			quote.ErrBelowMinimumDelegation, quote.ErrBelowMinimumDelegation,
			quote.ErrBelowMinimumDelegation},
		{"more than there is", func(*testing.T, *stakeWorld) {}, 500*sol + stakeRent + 1,
			quote.ErrAmountTooLarge, quote.ErrAmountTooLarge, quote.ErrAmountTooLarge},
		{"lamports beside stake and rent", func(_ *testing.T, w *stakeWorld) { w.own.Lamports++ },
			0, nil, nil, quote.ErrStakeSurplus},
		{"somebody sent lamports to the record",
			func(_ *testing.T, w *stakeWorld) { w.inRecord = 1_000_000 }, 0, nil, nil, nil},
		{"sold before", func(t *testing.T, w *stakeWorld) {
			record, err := accounts.ReserveRecordAddress(accounts.ReserveProgram,
				accounts.ReservePoolAddress, ownStake)
			require.NoError(t, err)
			w.replaced[record] = &accounts.Account{
				Address:  record,
				Owner:    accounts.ReserveProgram,
				Lamports: 1,
				Data:     make([]byte, 16),
			}
		}, 0, quote.ErrStakeAccount, nil, nil},
		{"sold before, a part of it", func(t *testing.T, w *stakeWorld) {
			record, err := accounts.ReserveRecordAddress(accounts.ReserveProgram,
				accounts.ReservePoolAddress, ownStake)
			require.NoError(t, err)
			w.replaced[record] = &accounts.Account{
				Address:  record,
				Owner:    accounts.ReserveProgram,
				Lamports: 1,
				Data:     make([]byte, 16),
			}
		}, part, nil, nil, nil},
		{"rewards being distributed",
			func(_ *testing.T, w *stakeWorld) { w.Chain.RewardsActive = true }, 0,
			quote.ErrEpochRewards, quote.ErrEpochRewards, quote.ErrEpochRewards},
		{"rewards being distributed, a part of it",
			func(_ *testing.T, w *stakeWorld) { w.Chain.RewardsActive = true }, part,
			quote.ErrEpochRewards, quote.ErrEpochRewards, quote.ErrEpochRewards},
		{"not a stake account", func(t *testing.T, w *stakeWorld) {
			w.replaced[ownStake] = &accounts.Account{Address: ownStake,
				Owner: accounts.SystemProgram, Lamports: w.own.Lamports}
		}, 0, accounts.ErrWrongOwner, accounts.ErrWrongOwner, accounts.ErrWrongOwner},
		{"cut short", func(t *testing.T, w *stakeWorld) {
			w.replaced[ownStake] = &accounts.Account{
				Address:  ownStake,
				Owner:    accounts.StakeProgram,
				Lamports: 9,
				Data:     []byte{2, 0, 0, 0, 7},
			}
		}, 0, accounts.ErrWrongLength, accounts.ErrWrongLength, accounts.ErrWrongLength},
		{"missing", func(t *testing.T, w *stakeWorld) { w.replaced[ownStake] = nil }, 0,
			accounts.ErrNotFound, accounts.ErrNotFound, accounts.ErrNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newStakeWorld(t)
			c.change(t, w)
			m := w.market(t)
			amount := c.amount
			if amount == 0 {
				amount = w.own.Lamports
			}

			for v, want := range map[venueTrade]error{
				{reserveVenue, "own", "SOL"}: c.reserve, {stakeDeposit, "own", target}: c.pool,
				{stakeDeposit, "own", mSOLName}: c.marinade,
			} {
				q, err := of(t, m, v.venue, v.request(t, w, amount, route.ExactIn))
				if want == nil {
					require.NoError(t, err, v)
					requireComposed(t, w, v, q.Request, q)
					steps, err := q.Steps(paramsWith(0))
					require.NoError(t, err, v)
					require.NotEmpty(t, steps)
					continue
				}

				require.ErrorIs(t, err, want, v)
				_, err = m.Quote(v.request(t, w, amount, route.ExactIn))
				if v.to == target {
					require.ErrorIs(t, err, want)
				}
			}

			_, err := of(t, m, throughReserve,
				venueTrade{throughReserve, source, "SOL"}.request(t, w, 10*sol, route.ExactIn))
			require.Equal(t, w.Chain.RewardsActive, err != nil, "other ways are not affected: %v",
				err)
		})
	}
}

// The steps of a stake account of another owner are refused, because the
// parameters name the owner.
func TestMarket_StakeAccountOfAnotherOwner(t *testing.T) {
	other := solana.PublicKey{9}
	all := []venueTrade{{reserveVenue, "own", "SOL"}, {stakeDeposit, "own", target},
		{stakeDeposit, "own", mSOLName}}
	for _, c := range []struct {
		name        string
		change      func(*stakeWorld)
		whole, part bool
	}{
		{"somebody else's",
			func(w *stakeWorld) { w.own.Account.Withdrawer, w.own.Account.Staker = other, other },
			false, false},
		{"somebody else may withdraw", func(w *stakeWorld) { w.own.Account.Withdrawer = other },
			false, false},
		// The withdrawer may change the staker, but a split needs the present
		// staker.
		{"somebody else stakes it", func(w *stakeWorld) { w.own.Account.Staker = other }, true,
			false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newStakeWorld(t)
			c.change(w)
			m := w.market(t)
			for _, v := range all {
				for amount, good := range map[uint64]bool{w.own.Lamports: c.whole,
					10 * sol: c.part} {
					q, err := of(t, m, v.venue, v.request(t, w, amount, route.ExactIn))
					var steps []txn.Step
					if err == nil {
						steps, err = q.Steps(paramsWith(0))
					}

					if good {
						require.NoError(t, err)
						continue
					}

					require.ErrorIs(t, err, quote.ErrStakeOwner, v)
					require.ErrorIs(t, err, quote.ErrStakeAccount)
					require.NotContains(t, err.Error(), "\n")
					require.Empty(t, steps)
				}
			}
		})
	}
}

// A stake account with Marinade's authorities cannot be deposited again.
func TestMarket_StakeAccountOfMarinade(t *testing.T) {
	w := newStakeWorld(t)
	staker, err := accounts.MarinadeStakeDepositAuthority(w.Marinade.Program, w.Marinade.Address)
	require.NoError(t, err)
	w.own.Account.Staker = staker
	v := venueTrade{stakeDeposit, "own", mSOLName}
	_, err = of(t, w.market(t), v.venue, v.request(t, w, w.own.Lamports, route.ExactIn))
	require.ErrorIs(t, err, quote.ErrStakeMarinades)
}

// The stake program pays out an inactive stake account without a fee: all of
// it, or a part that leaves the rent. It refuses active stake.
func TestMarket_StakeProgram(t *testing.T) {
	v := venueTrade{stakeProgram, "own", "SOL"}
	cooled := func(w *stakeWorld) {
		w.own.Account.Delegation.DeactivationEpoch = w.Chain.Clock.Epoch - 1
	}
	for _, c := range []struct {
		name   string
		change func(*stakeWorld)
		amount uint64
		want   error
	}{
		{"cooled down", cooled, 0, nil},
		{"a lamport of it", cooled, 1, nil},
		{"all but the rent", cooled, 500 * sol, nil},
		{"more than all but the rent", cooled, 500*sol + 1, quote.ErrAmountTooLarge},
		{"more than all", cooled, 500*sol + stakeRent + 1, quote.ErrAmountTooLarge},
		{"never delegated", func(w *stakeWorld) { w.own.Account.State = accounts.StakeInitialized },
			0, nil},
		{"delegated and deactivated in one epoch", func(w *stakeWorld) {
			d := &w.own.Account.Delegation
			d.ActivationEpoch, d.DeactivationEpoch = w.Chain.Clock.Epoch, w.Chain.Clock.Epoch
		}, 0, nil},
		{"staked", func(*stakeWorld) {}, 0, quote.ErrStakeActive},
		{"deactivated in this epoch", func(w *stakeWorld) {
			w.own.Account.Delegation.DeactivationEpoch = w.Chain.Clock.Epoch
		}, 0, quote.ErrStakeActive},
		{"uninitialized", func(w *stakeWorld) { w.own.Account = accounts.StakeAccount{} }, 0,
			quote.ErrStakeUninitialized},
		{"locked up", func(w *stakeWorld) {
			cooled(w)
			w.own.Account.Lockup.Epoch = w.Chain.Clock.Epoch + 1
		}, 0, quote.ErrStakeLocked},
		{"rewards being distributed", func(w *stakeWorld) {
			cooled(w)
			w.Chain.RewardsActive = true
		}, 0, quote.ErrEpochRewards},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newStakeWorld(t)
			c.change(w)
			m := w.market(t)
			amount := c.amount
			if amount == 0 {
				amount = w.own.Lamports
			}

			for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
				r := v.request(t, w, amount, mode)
				q, err := of(t, m, stakeProgram, r)
				if c.want != nil {
					require.ErrorIs(t, err, c.want)
					continue
				}

				require.NoError(t, err)
				require.Equal(t, []uint64{amount, amount, amount, amount},
					[]uint64{q.In, q.MaxIn, q.Out, q.MinOut})
				require.True(t, q.Exact)
				require.Empty(t, q.Fees)
				require.Empty(t, q.Costs)
				require.Zero(t, q.UpfrontRent)
				require.Equal(t, []solana.PublicKey{ownStake}, q.Accounts)
				require.Equal(t, w.own.Account.State == accounts.StakeDelegated,
					len(q.Assumptions) == 1)
				steps, err := q.Steps(params)
				require.NoError(t, err)
				require.Equal(t, []string{withdraw}, labels(t, steps))
				require.Equal(t, amount, u64At(data(t, steps[0]), 4))
				require.Equal(t, []solana.PublicKey{ownStake, params.Owner}, keys(steps[0])[:2])
				if amount == w.own.Lamports {
					best, err := m.Quote(r)
					require.NoError(t, err)
					require.Equal(t, stakeProgram, string(best.Venue), "nothing is cheaper")
				}

				stranger := params
				stranger.Owner = solana.PublicKey{66}
				_, err = q.Steps(stranger)
				require.ErrorIs(t, err, quote.ErrStakeOwner)
			}

			r := v.request(t, w, amount, route.ExactIn)
			r.UseWSOL = true
			_, err := of(t, m, stakeProgram, r)
			require.Error(t, err)
		})
	}
}

// The market returns the stake accounts that it was loaded with, and their
// state.
func TestMarket_StakeAccounts(t *testing.T) {
	w := newStakeWorld(t)
	more := solana.PublicKey{78}
	m := w.market(t,
		func(l *route.Loader) *route.Loader { return l.WithStakeAccounts(more, ownStake, more) })
	require.Equal(t, []solana.PublicKey{ownStake, more}, m.StakeAccounts(), "each once, in order")
	stake, err := m.StakeAccount(ownStake)
	require.NoError(t, err)
	require.Equal(t, w.own, stake)
	_, err = m.StakeAccount(more)
	require.ErrorIs(t, err, accounts.ErrNotFound)
	_, err = m.StakeAccount(solana.PublicKey{79})
	require.ErrorIs(t, err, accounts.ErrNotLoaded)
	m.StakeAccounts()[0] = more
	require.Equal(t, ownStake, m.StakeAccounts()[0], "the caller has a copy")

	_, err = m.Quote(route.Request{From: more, To: accounts.NativeMint, Amount: sol})
	require.ErrorIs(t, err, accounts.ErrNotFound)
	_, err = m.Quote(route.Request{From: solana.PublicKey{79}, To: accounts.NativeMint,
		Amount: sol})
	require.ErrorIs(t, err, route.ErrUnknownToken)
	_, err = m.Quote(route.Request{From: accounts.NativeMint, To: ownStake, Amount: sol})
	require.ErrorIs(t, err, route.ErrUnknownToken,
		"stake accounts are not received by their address")

	none := w.market(t, (*route.Loader).WithoutStake)
	require.Empty(t, none.StakeAccounts())
	_, err = none.Quote(route.Request{From: ownStake, To: accounts.NativeMint, Amount: sol})
	require.ErrorIs(t, err, route.ErrUnknownToken)
	quotes, rejected := none.Quotes(route.Request{From: w.mint(t, source), To: route.NativeStake,
		Amount: sol})
	require.Empty(t, quotes)
	require.Empty(t, rejected)
}
