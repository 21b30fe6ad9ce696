package quote_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestReserveState_UnstakeExactOutProperties checks that the quoted stake
// account suffices and that one with a lamport less does not, for pools of any
// size and both kinds of fee.
func TestReserveState_UnstakeExactOutProperties(t *testing.T) {
	answered := 0
	rapid.Check(t, func(t *rapid.T) {
		r := mainReserve()
		r.Pool.IncomingStake = drawAmount(t, "incoming", 100_000*sol)
		r.Lamports = sol + drawAmount(t, "lamports", 400_000*sol)
		if rapid.Bool().Draw(t, "flat") {
			r.Fee = accounts.ReserveFee{Kind: accounts.ReserveFeeFlat,
				Flat: accounts.Ratio{Numerator: rapid.Uint64Range(0, 500).Draw(t, "fee"),
					Denominator: 1000}}
		}

		record := rapid.SampledFrom([]uint64{0, 1_000_000, 10_000_000}).Draw(t, "record")
		referrer := rapid.Bool().Draw(t, "referrer")
		want := 1 + drawAmount(t, "want", r.Lamports)
		u, err := r.UnstakeExactOut(want, record, referrer)
		if err != nil {
			var known *quote.Error
			require.ErrorAs(t, err, &known)
			require.Equal(t, "unstake", known.Op)
			// The maximum that the pool pays is not sufficient.
			most, mostErr := r.Unstake(r.Lamports, record, referrer)
			require.True(t, mostErr != nil || most.Out < want, "%d of %d: %v", want, most.Out, err)

			return
		}

		answered++
		same, err := r.Unstake(u.In, record, referrer)
		require.NoError(t, err)
		require.Equal(t, u, same)
		require.GreaterOrEqual(t, u.Out, want)
		if u.In > 1 {
			less, err := r.Unstake(u.In-1, record, referrer)
			require.NoError(t, err)
			require.Less(t, less.Out, want)
		}
	})

	require.Greater(t, answered, 20)

	_, err := mainReserve().UnstakeExactOut(0, 0, false)
	requireRefusal(t, err, quote.ErrZeroAmount, accounts.ReservePoolAddress)
	_, err = mainReserve().UnstakeExactOut(409_374_014_407_718, 0, false)
	requireRefusal(t, err, quote.ErrInsufficientReserve, accounts.ReservePoolAddress)
	_, err = mainReserve().UnstakeExactOut(^uint64(0), 0, false)
	requireRefusal(t, err, quote.ErrInsufficientReserve, accounts.ReservePoolAddress)
	busy := mainReserve()
	busy.EpochRewardsActive = true
	_, err = busy.UnstakeExactOut(sol, 0, false)
	requireRefusal(t, err, quote.ErrEpochRewards, accounts.ReservePoolAddress)
}

// TestMarinadeState_DepositStakeAccountExactOutProperties checks that the
// quoted delegation suffices, and that a lamport less does not or is below
// Marinade's minimum. The other fields of the account are those of the given
// one.
func TestMarinadeState_DepositStakeAccountExactOutProperties(t *testing.T) {
	answered, least := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		f, m := drawMarinade(t)
		vote := f.Validators[0].VoteAccount
		like := quote.StakeAccountState{Lamports: 5,
			Account: figures.Delegated(key(1), stakeRent, vote, 7, epoch-1)}
		deposit := func(staked uint64) (quote.MarinadeStakeDeposit, error) {
			stake := like
			stake.Account.Delegation.Stake, stake.Lamports = staked, staked+stakeRent
			return m.DepositStakeAccount(stake, f.ValidatorList(), key(1))
		}

		want := 1 + drawAmount(t, "want", 100_000*sol)
		d, err := m.DepositStakeAccountExactOut(want, like, f.ValidatorList(), key(1))
		if err != nil {
			// The deposit for this mSOL exceeds Marinade's cap.
			require.True(t,
				errors.Is(err, quote.ErrDisabled) || errors.Is(err, quote.ErrAmountTooLarge), "%v",
				err)
			return
		}

		answered++
		require.GreaterOrEqual(t, d.MSOL, want)
		require.Equal(t, uint64(stakeRent), d.Kept)
		same, err := deposit(d.Staked)
		require.NoError(t, err)
		require.Equal(t, d, same)
		less, err := deposit(d.Staked - 1)
		switch {
		case errors.Is(err, quote.ErrAmountTooSmall):
			return
		case err != nil:
			require.ErrorIs(t, err, quote.ErrStakeTooSmall)
			require.Equal(t, m.State.StakeSystem.MinStake, d.Staked)
			least++
			return
		}

		require.Less(t, less.MSOL, want)
	})

	require.Greater(t, answered, 50)
	t.Logf("%d answered, of which %d by the least Marinade takes", answered, least)
}

// TestMarinadeState_DepositStakeAccountExactOutRefusals checks the stake
// accounts and the amounts that Marinade refuses.
func TestMarinadeState_DepositStakeAccountExactOutRefusals(t *testing.T) {
	m, f := marinadeWithList(t)
	like := quote.StakeAccountState{Account: figures.Delegated(key(1), stakeRent,
		f.Validators[0].VoteAccount, sol, epoch-1)}
	for _, c := range []struct {
		name   string
		want   uint64
		change func(*quote.MarinadeState, *quote.StakeAccountState)
		reason error
	}{
		{"nothing", 0, func(*quote.MarinadeState, *quote.StakeAccountState) {},
			quote.ErrZeroAmount},
		{"deactivated", sol, func(_ *quote.MarinadeState, s *quote.StakeAccountState) {
			s.Account.Delegation.DeactivationEpoch = epoch
		}, quote.ErrStakeDeactivating},
		{"not active yet", sol, func(_ *quote.MarinadeState, s *quote.StakeAccountState) {
			s.Account.Delegation.ActivationEpoch = epoch + 1
		}, quote.ErrStakeActivating},
		{"of another validator", sol,
			func(_ *quote.MarinadeState, s *quote.StakeAccountState) {
				s.Account.Delegation.Voter = key(9)
			},
			quote.ErrValidator},
		{"of another owner", sol,
			func(_ *quote.MarinadeState, s *quote.StakeAccountState) {
				s.Account.Withdrawer = key(9)
			},
			quote.ErrStakeOwner},
		{"locked up", sol,
			func(_ *quote.MarinadeState, s *quote.StakeAccountState) {
				s.Account.Lockup.Epoch = epoch + 1
			},
			quote.ErrStakeLocked},
		{"during rewards", sol,
			func(m *quote.MarinadeState, _ *quote.StakeAccountState) {
				m.EpochRewardsActive = true
			},
			quote.ErrEpochRewards},
		{"while paused", sol,
			func(m *quote.MarinadeState, _ *quote.StakeAccountState) { m.State.Paused = true },
			quote.ErrDisabled},
		{"more than there can be", ^uint64(0),
			func(*quote.MarinadeState, *quote.StakeAccountState) {}, quote.ErrAmountTooLarge},
		{"with more rent than there can be", sol,
			func(_ *quote.MarinadeState, s *quote.StakeAccountState) {
				s.Account.RentExemptReserve = ^uint64(0)
			},
			quote.ErrAmountTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed, stake := m, like
			c.change(&changed, &stake)
			d, err := changed.DepositStakeAccountExactOut(c.want, stake, f.ValidatorList(), key(1))
			requireRefusal(t, err, c.reason, m.Address)
			require.Zero(t, d)
		})
	}
}

// TestMarinadeState_DepositStakeAccountExactOutBelowCap checks that a deposit
// below Marinade's cap is found even if it is between two powers of two, here
// from 1.2 to 1.3 SOL.
func TestMarinadeState_DepositStakeAccountExactOutBelowCap(t *testing.T) {
	m, f := marinadeWithList(t)
	m.State.StakeSystem.MinStake = 1_200_000_000
	like := quote.StakeAccountState{Account: figures.Delegated(key(1), stakeRent,
		f.Validators[0].VoteAccount, sol, epoch-1)}
	least, err := m.DepositStakeAccountExactOut(1, like, f.ValidatorList(), key(1))
	require.NoError(t, err)
	require.Equal(t, uint64(1_200_000_000), least.Staked)

	s := &m.State
	m.State.StakingSOLCap = 1_300_000_000 + s.ValidatorSystem.TotalActiveBalance +
		s.StakeSystem.DelayedUnstakeCoolingDown +
		s.EmergencyCoolingDown +
		s.AvailableReserveBalance

	got, err := m.DepositStakeAccountExactOut(1, like, f.ValidatorList(), key(1))
	require.NoError(t, err)
	require.Equal(t, least, got)
	most, err := m.DepositStakeAccountExactOut(least.MSOL+1, like, f.ValidatorList(), key(1))
	require.NoError(t, err)
	require.Greater(t, most.Staked, least.Staked)
	_, err = m.DepositStakeAccountExactOut(2*least.MSOL, like, f.ValidatorList(), key(1))
	requireRefusal(t, err, quote.ErrAmountTooLarge, m.Address)
}

// marinadeWithList returns a fixed Marinade state with its lists.
func marinadeWithList(t testing.TB) (quote.MarinadeState, *figures.Marinade) {
	t.Helper()
	chain := figures.Chain{Clock: accounts.Clock{Epoch: epoch}, Rent: accounts.NewRent(6960),
		MinimumDelegation: sol}
	f, err := figures.RandomMarinade(rand.New(rand.NewPCG(5, 5)), chain)
	require.NoError(t, err)
	f.Build = marinadeBuild
	f.State.StakingSOLCap = ^uint64(0)
	return f.Quote(chain), f
}

// TestMarinadePrices_WithdrawStakeAccountAtLeastProperties checks that the
// quoted amount gives the wanted stake if Marinade raises its fee to 0.2 %, and
// that one base unit less does not, or is below a minimum.
func TestMarinadePrices_WithdrawStakeAccountAtLeastProperties(t *testing.T) {
	answered, lowest := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		f, m := drawMarinade(t)
		if len(f.Stakes) == 0 {
			t.Skip("no stake")
		}

		live := f.Stakes[0]
		record := quote.MarinadeRecord{Record: live.Record}
		source, err := m.Source(record, *live.Stake, f.ValidatorList())
		if err != nil {
			t.Skip(err)
		}

		want := drawAmount(t, "want", 10_000*sol)
		raised := m
		raised.State.WithdrawStakeAccountFee = 2_000
		p := m.Prepare()
		w, ok := p.WithdrawStakeAccountAtLeast(want, p.PrepareSource(source), new(quote.Refusal))
		if !ok {
			return
		}

		answered++
		require.GreaterOrEqual(t, w.Least(), want)
		now, err := m.WithdrawStakeAccount(w.MSOL, source)
		require.NoError(t, err)
		require.Equal(t, w, now)
		if later, err := raised.WithdrawStakeAccount(w.MSOL, source); err == nil {
			require.Equal(t, w.Least(), later.Lamports)
		}

		less, err := m.WithdrawStakeAccount(w.MSOL-1, source)
		if err != nil {
			lowest++
			return
		}

		require.Less(t, less.Least(), want)
	})

	require.Greater(t, answered, 20)
	t.Logf("%d answered, of which %d with the least that Marinade gives", answered, lowest)
}
