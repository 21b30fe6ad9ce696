package route_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeAccountCase is a change of the owner's stake account, with the error of
// each kind of venue. A nil error is a venue that accepts the account.
type stakeAccountCase struct {
	name   string
	change func(t *testing.T, w *stakeWorld)
	amount uint64 // zero for the whole account

	reserve  error
	pool     error
	marinade error
}

// refusedByAll returns a case that all venues refuse for the same reason.
func refusedByAll(
	name string, amount uint64, err error, change func(t *testing.T, w *stakeWorld),
) stakeAccountCase {
	return stakeAccountCase{
		name:     name,
		change:   change,
		amount:   amount,
		reserve:  err,
		pool:     err,
		marinade: err,
	}
}

// partOfStake is a part of the stake account, in lamports.
const partOfStake = 10 * sol

func unchanged(*testing.T, *stakeWorld) {}

// deactivated deactivates the stake account, a number of epochs ago.
func deactivated(ago uint64) func(*testing.T, *stakeWorld) {
	return func(_ *testing.T, w *stakeWorld) {
		w.own.Account.Delegation.DeactivationEpoch = w.Chain.Clock.Epoch - ago
	}
}

// activated activates the stake account, in a number of epochs.
func activated(in uint64) func(*testing.T, *stakeWorld) {
	return func(_ *testing.T, w *stakeWorld) {
		w.own.Account.Delegation.ActivationEpoch = w.Chain.Clock.Epoch + in
	}
}

func undelegated(_ *testing.T, w *stakeWorld) {
	w.own.Account.State = accounts.StakeInitialized
}

func inRewards(_ *testing.T, w *stakeWorld) { w.Chain.RewardsActive = true }

// sold leaves the record of an earlier sale to the Reserve.
func sold(t *testing.T, w *stakeWorld) {
	record, err := accounts.ReserveRecordAddress(accounts.ReserveProgram,
		accounts.ReservePoolAddress, ownStake)
	require.NoError(t, err)
	w.replaced[record] = &accounts.Account{
		Address:  record,
		Owner:    accounts.ReserveProgram,
		Lamports: 1,
		Data:     make([]byte, 16),
	}
}

// stakeStates are the states of a stake account.
var stakeStates = []stakeAccountCase{
	{name: "active", change: unchanged},
	{name: "active, a part of it", change: unchanged, amount: partOfStake},
	refusedByAll("locked up until an epoch", 0, quote.ErrStakeLocked,
		func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Lockup.Epoch = w.Chain.Clock.Epoch + 1
		}),
	refusedByAll("locked up until a time", partOfStake, quote.ErrStakeLocked,
		func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Lockup.UnixTimestamp = w.Chain.Clock.UnixTimestamp + 1
		}),
	{
		name: "lockup that is over",
		change: func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Lockup.UnixTimestamp = w.Chain.Clock.UnixTimestamp
			w.own.Account.Lockup.Epoch = w.Chain.Clock.Epoch
		},
	},
	{
		name:     "deactivating",
		change:   deactivated(0),
		pool:     quote.ErrStakeDeactivating,
		marinade: quote.ErrStakeDeactivating,
	},
	{
		name:     "deactivating, a part of it",
		change:   deactivated(0),
		amount:   partOfStake,
		pool:     quote.ErrStakeDeactivating,
		marinade: quote.ErrStakeDeactivating,
	},
	refusedByAll("deactivated, a part of it", partOfStake, quote.ErrStakeDeactivating,
		deactivated(1)),
	{
		name:     "deactivated",
		change:   deactivated(1),
		pool:     quote.ErrStakeDeactivating,
		marinade: quote.ErrStakeDeactivating,
	},
	{name: "activating", change: activated(0), pool: quote.ErrStakeActivating},
	refusedByAll("activating later", partOfStake, quote.ErrStakeActivating, activated(1)),
	refusedByAll("uninitialized", 0, quote.ErrStakeUninitialized,
		func(_ *testing.T, w *stakeWorld) { w.own.Account = accounts.StakeAccount{} }),
	refusedByAll("a pool of rewards", 0, quote.ErrStakeUninitialized,
		func(_ *testing.T, w *stakeWorld) {
			w.own.Account = accounts.StakeAccount{State: accounts.StakeRewardsPool}
		}),
	{
		name:     "not delegated",
		change:   undelegated,
		pool:     quote.ErrStakeUndelegated,
		marinade: quote.ErrStakeUndelegated,
	},
	refusedByAll("not delegated, a part of it", partOfStake, quote.ErrStakeUndelegated,
		undelegated),
	refusedByAll("rewards being distributed", 0, quote.ErrEpochRewards, inRewards),
	refusedByAll("rewards being distributed, a part of it", partOfStake, quote.ErrEpochRewards,
		inRewards),
}

// stakeValidators are the validators of a stake account.
var stakeValidators = []stakeAccountCase{
	{
		name: "validator of no pool",
		change: func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Delegation.Voter = solana.PublicKey{5}
		},
		pool:     quote.ErrValidator,
		marinade: quote.ErrValidator,
	},
	{
		name: "validator that is being removed",
		change: func(t *testing.T, w *stakeWorld) {
			w.pool(t, target).Validators[0].Entry.Status = accounts.ValidatorDeactivating
		},
		pool: quote.ErrValidator,
	},
	{
		name: "validator other than the preferred one",
		change: func(t *testing.T, w *stakeWorld) {
			preferred := &w.pool(t, target).Validators[1].Entry.VoteAccount
			w.pool(t, target).State.PreferredDepositValidator = preferred
		},
		pool: quote.ErrNotPreferred,
	},
}

// stakeAmounts are the amounts of a stake account.
var stakeAmounts = []stakeAccountCase{
	{
		name: "below the minimum delegation",
		change: func(_ *testing.T, w *stakeWorld) {
			w.own.Account.Delegation.Stake, w.own.Lamports = sol-1, sol-1+stakeRent
		},
		marinade: quote.ErrStakeTooSmall,
	},
	refusedByAll("a part below the minimum delegation", sol-1, quote.ErrBelowMinimumDelegation,
		unchanged),
	refusedByAll("a part that leaves too little", 499*sol+1, quote.ErrBelowMinimumDelegation,
		unchanged),
	refusedByAll("all of the stake without the rent", 500*sol, quote.ErrBelowMinimumDelegation,
		unchanged),
	refusedByAll("more than the balance", 500*sol+stakeRent+1, quote.ErrAmountTooLarge, unchanged),
}

// stakeRecords are the accounts that a trade of a stake account needs.
var stakeRecords = []stakeAccountCase{
	{
		name:   "lamports at the address of the record",
		change: func(_ *testing.T, w *stakeWorld) { w.inRecord = 1_000_000 },
	},
	{name: "sold before", change: sold, reserve: quote.ErrStakeAccount},
	{name: "sold before, a part of it", change: sold, amount: partOfStake},
	refusedByAll("not a stake account", 0, accounts.ErrWrongOwner,
		func(t *testing.T, w *stakeWorld) {
			w.replaced[ownStake] = &accounts.Account{Address: ownStake,
				Owner: accounts.SystemProgram, Lamports: w.own.Lamports}
		}),
	refusedByAll("cut short", 0, accounts.ErrWrongLength, func(t *testing.T, w *stakeWorld) {
		w.replaced[ownStake] = &accounts.Account{
			Address:  ownStake,
			Owner:    accounts.StakeProgram,
			Lamports: 9,
			Data:     []byte{2, 0, 0, 0, 7},
		}
	}),
	refusedByAll("missing", 0, accounts.ErrNotFound,
		func(t *testing.T, w *stakeWorld) { w.replaced[ownStake] = nil }),
}

// Each venue refuses an unsuitable stake account with its own error, before a
// transaction is built.
func TestMarket_StakeAccountRefusals(t *testing.T) {
	for _, c := range slices.Concat(stakeStates, stakeValidators, stakeAmounts, stakeRecords) {
		t.Run(c.name, func(t *testing.T) {
			w := newStakeWorld(t)
			c.change(t, w)
			m := w.market(t)
			amount := c.amount
			if amount == 0 {
				amount = w.own.Lamports
			}

			for v, want := range map[venueTrade]error{
				{reserveVenue, "own", "SOL"}:    c.reserve,
				{stakeDeposit, "own", target}:   c.pool,
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
			require.Equal(t, w.Chain.RewardsActive, err != nil,
				"other trades are not affected: %v", err)
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
		{"owned by another wallet",
			func(w *stakeWorld) { w.own.Account.Withdrawer, w.own.Account.Staker = other, other },
			false, false},
		{"withdrawn by another wallet", func(w *stakeWorld) { w.own.Account.Withdrawer = other },
			false, false},
		// The withdrawer may change the staker, but a split needs the present
		// staker.
		{"staked by another wallet", func(w *stakeWorld) { w.own.Account.Staker = other }, true,
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

// stakeProgramCases are the states of a stake account, with the error of the
// stake program.
var stakeProgramCases = []struct {
	name   string
	change func(*testing.T, *stakeWorld)
	amount uint64 // zero for the whole account
	want   error
}{
	{"cooled down", deactivated(1), 0, nil},
	{"one lamport of it", deactivated(1), 1, nil},
	{"all but the rent", deactivated(1), 500 * sol, nil},
	{"a part of the rent", deactivated(1), 500*sol + 1, quote.ErrAmountTooLarge},
	{"more than the balance", deactivated(1), 500*sol + stakeRent + 1, quote.ErrAmountTooLarge},
	{"never delegated", undelegated, 0, nil},
	{"delegated and deactivated in one epoch", func(_ *testing.T, w *stakeWorld) {
		d := &w.own.Account.Delegation
		d.ActivationEpoch, d.DeactivationEpoch = w.Chain.Clock.Epoch, w.Chain.Clock.Epoch
	}, 0, nil},
	{"active", unchanged, 0, quote.ErrStakeActive},
	{"deactivated in this epoch", deactivated(0), 0, quote.ErrStakeActive},
	{"uninitialized",
		func(_ *testing.T, w *stakeWorld) { w.own.Account = accounts.StakeAccount{} },
		0, quote.ErrStakeUninitialized},
	{"locked up", func(t *testing.T, w *stakeWorld) {
		deactivated(1)(t, w)
		w.own.Account.Lockup.Epoch = w.Chain.Clock.Epoch + 1
	}, 0, quote.ErrStakeLocked},
	{"rewards being distributed", func(t *testing.T, w *stakeWorld) {
		deactivated(1)(t, w)
		w.Chain.RewardsActive = true
	}, 0, quote.ErrEpochRewards},
}

// The stake program pays out an inactive stake account without a fee: all of
// it, or a part that leaves the rent. It refuses active stake.
func TestMarket_StakeProgram(t *testing.T) {
	v := venueTrade{stakeProgram, "own", "SOL"}
	for _, c := range stakeProgramCases {
		t.Run(c.name, func(t *testing.T) {
			w := newStakeWorld(t)
			c.change(t, w)
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
				requireStakeProgram(t, w, q, amount)
				if amount == w.own.Lamports {
					best, err := m.Quote(r)
					require.NoError(t, err)
					require.Equal(t, stakeProgram, string(best.Venue), "no venue is cheaper")
				}
			}

			r := v.request(t, w, amount, route.ExactIn)
			r.UseWSOL = true
			q, err := of(t, m, stakeProgram, r)
			require.ErrorIs(t, err, c.want)
			if c.want != nil {
				return
			}

			require.Equal(t, []uint64{amount, amount}, []uint64{q.Out, q.MinOut})
			steps, err := q.Steps(params)
			require.NoError(t, err)
			require.Len(t, steps, 3)
			wsol := ataOf(t, params.Owner, accounts.NativeMint)
			require.Equal(t, wsol, keys(steps[1])[1], "the destination")
			require.Equal(t, []solana.PublicKey{wsol}, keys(steps[2]), "its balance is updated")
		})
	}
}

// requireStakeProgram checks the amounts and the instruction of a withdrawal
// from the owner's stake account.
func requireStakeProgram(t *testing.T, w *stakeWorld, q route.Quote, amount uint64) {
	t.Helper()
	require.Equal(t, []uint64{amount, amount, amount, amount},
		[]uint64{q.In, q.MaxIn, q.Out, q.MinOut})
	require.True(t, q.Exact)
	require.Empty(t, q.Fees)
	require.Empty(t, q.Costs)
	require.Zero(t, q.UpfrontRent)
	require.Equal(t, []solana.PublicKey{ownStake}, q.Accounts)
	d := &w.own.Account.Delegation
	cooled := d.DeactivationEpoch < w.Chain.Clock.Epoch || d.DeactivationEpoch == d.ActivationEpoch
	require.Equal(t, w.own.Account.State == accounts.StakeDelegated && cooled,
		len(q.Assumptions) == 1)

	steps, err := q.Steps(params)
	require.NoError(t, err)
	require.Equal(t, []string{withdraw}, labels(t, steps))
	require.Equal(t, amount, u64At(data(t, steps[0]), 4))
	require.Equal(t, []solana.PublicKey{ownStake, params.Owner}, keys(steps[0])[:2])

	stranger := params
	stranger.Owner = solana.PublicKey{66}
	_, err = q.Steps(stranger)
	require.ErrorIs(t, err, quote.ErrStakeOwner)
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
