package quote_test

import (
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// reward is the growth of the validator's stake in outdated.
const reward = 500_012_345

// outdated returns picoSOL with an epoch fee of 2.5 %, last updated in the
// previous epoch. Its validator has earned the reward since.
func outdated() quote.StakePoolState {
	s := pico()
	s.State.EpochFee = accounts.Fee{Numerator: 25, Denominator: 1000}
	s.State.LastUpdateEpoch = epoch - 1
	s.UpdateKnown = true
	validator := picoStake()
	validator.Entry.LastUpdateEpoch = epoch - 1
	validator.Stake.Lamports += reward
	validator.Stake.Account.Delegation.Stake += reward
	s.Update = &quote.StakePoolBalances{
		MintSupply: s.State.PoolTokenSupply,
		Validators: []quote.ValidatorBalance{{Entry: validator.Entry, Active: &validator.Stake}},
	}

	return s
}

// TestStakePoolState_UpdatedExecuted checks a pool update that the program of
// October 2025 executed.
func TestStakePoolState_UpdatedExecuted(t *testing.T) {
	s := outdated()
	before := s.State
	u, err := s.Updated()
	require.NoError(t, err)
	want := before
	want.TotalLamports, want.PoolTokenSupply = 1_000_507_720_344, 750_009_370_591
	want.LastUpdateEpoch = epoch
	want.LastEpochTotalLamports = before.TotalLamports
	want.LastEpochPoolTokenSupply = before.PoolTokenSupply
	require.Equal(t, want, u.State)
	require.Nil(t, u.Update)
	require.Equal(t, before, s.State, "the pool does not change")

	// A deposit after the update has the new price, exact in and exact out.
	d, err := s.DepositSOL(sol)
	require.NoError(t, err)
	require.Equal(t, quote.SOLDeposit{
		Lamports:   sol,
		Tokens:     749_478_842,
		ManagerFee: 149_926,
		Exact:      true,
	}, d)

	again, err := u.DepositSOL(sol)
	require.NoError(t, err)
	require.Equal(t, d, again)
}

func TestStakePoolState_UpdatedBalances(t *testing.T) {
	const supply = 750_000_000_000
	total := uint64(1_000_007_707_999)
	withFee := total + reward
	second := func(s *quote.StakePoolState, v quote.ValidatorBalance) {
		s.Update.Validators = append(s.Update.Validators, v)
	}
	transient := func(recorded, lamports uint64) quote.ValidatorBalance {
		v := source(key(2), 0, 0)
		v.Entry.TransientStakeLamports, v.Entry.LastUpdateEpoch = recorded, epoch-1
		account := figures.Delegated(key(9), stakeRent, key(2), lamports-stakeRent, epoch-1)
		account.Delegation.DeactivationEpoch = epoch - 1
		return quote.ValidatorBalance{
			Entry:     v.Entry,
			Transient: &quote.StakeAccountState{Lamports: lamports, Account: account},
		}
	}

	for _, test := range []struct {
		name        string
		change      func(*quote.StakePoolState)
		total, mint uint64
	}{
		{"reward with fee", func(*quote.StakePoolState) {}, withFee, 9_370_591},
		{"no fee", func(s *quote.StakePoolState) { s.State.EpochFee = accounts.Fee{} }, withFee, 0},
		{"no usable fee account", func(s *quote.StakePoolState) { s.FeeAccountUsable = false },
			withFee, 0},
		{"fee that rounds down", func(s *quote.StakePoolState) { s.Rounding = quote.FeesRoundDown },
			withFee, 9_370_590},
		{"no reward",
			func(s *quote.StakePoolState) { s.Update.Validators[0].Active.Lamports -= reward },
			total, 0},
		{"loss",
			func(s *quote.StakePoolState) {
				s.Update.Validators[0].Active.Lamports -= reward + sol
			},
			total - sol, 0},
		{"reward in the reserve", func(s *quote.StakePoolState) {
			s.Update.Validators[0].Active.Lamports -= reward
			s.ReserveLamports += reward
		}, withFee, 9_370_591},
		{"reward in transient stake", func(s *quote.StakePoolState) {
			s.Update.Validators[0].Active.Lamports -= reward
			second(s, transient(5, reward))
		}, withFee, 9_370_591},
		{"transient stake that is not on record",
			func(s *quote.StakePoolState) { second(s, transient(0, sol)) }, withFee, 9_370_591},
		{"transient stake on record that is gone", func(s *quote.StakePoolState) {
			v := transient(5, sol)
			v.Transient = nil
			second(s, v)
		}, withFee, 9_370_591},
		{"stake account not delegated any more", func(s *quote.StakePoolState) {
			s.Update.Validators[0].Active.Account.State = accounts.StakeInitialized
		}, withFee, 9_370_591},
		{"validator without stake",
			func(s *quote.StakePoolState) {
				second(s, quote.ValidatorBalance{Entry: source(key(2), 0, 0).Entry})
			},
			withFee, 9_370_591},
		{"the fee is the whole pool", func(s *quote.StakePoolState) {
			s.State.TotalLamports, s.State.EpochFee = 0, accounts.Fee{Numerator: 1, Denominator: 1}
		}, withFee, withFee},
		{"no tokens yet",
			func(s *quote.StakePoolState) {
				s.State.PoolTokenSupply, s.State.TotalLamports = 0, total
			},
			withFee, reward},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := outdated()
			test.change(&s)
			u, err := s.Updated()
			require.NoError(t, err)
			require.Equal(t, test.total, u.State.TotalLamports)
			require.Equal(t, supply+test.mint, u.State.PoolTokenSupply)
		})
	}
}

// TestStakePoolState_UpdatedSupply checks that the update sets the pool's token
// supply to that of the mint, which is lower if holders burned tokens. The fee
// is still calculated from the pool's record.
func TestStakePoolState_UpdatedSupply(t *testing.T) {
	s := outdated()
	s.Update.MintSupply -= 1_000_000
	u, err := s.Updated()
	require.NoError(t, err)
	require.Equal(t, uint64(750_009_370_591-1_000_000), u.State.PoolTokenSupply)
}

func TestStakePoolState_UpdatedScheduledFees(t *testing.T) {
	fee := func(n uint64) accounts.Fee { return accounts.Fee{Numerator: n, Denominator: 10_000} }
	s := outdated()
	s.State.EpochFee, s.State.NextEpochFee = fee(1), accounts.FutureFee{Updates: 1, Fee: fee(10)}
	s.State.StakeWithdrawalFee, s.State.NextStakeWithdrawalFee = fee(2), accounts.FutureFee{
		Updates: 2,
		Fee:     fee(20),
	}

	s.State.SOLWithdrawalFee, s.State.NextSOLWithdrawalFee = fee(3), accounts.FutureFee{Updates: 1,
		Fee: fee(30)}
	first, err := s.Updated()
	require.NoError(t, err)
	require.Equal(t, fee(10), first.State.EpochFee)
	require.Equal(t, accounts.FutureFee{}, first.State.NextEpochFee)
	require.Equal(t, fee(2), first.State.StakeWithdrawalFee)
	require.Equal(t, accounts.FutureFee{Updates: 1, Fee: fee(20)},
		first.State.NextStakeWithdrawalFee)
	require.Equal(t, fee(30), first.State.SOLWithdrawalFee)
	require.Equal(t, accounts.FutureFee{}, first.State.NextSOLWithdrawalFee)
	// floor(S * ceil(reward * 1/10000) / (T + reward - fee)), with the fee from
	// before the update.
	require.Equal(t, uint64(750_000_000_000+37_482), first.State.PoolTokenSupply)

	next := first
	next.Clock.Epoch++
	next.Update = &quote.StakePoolBalances{MintSupply: first.State.PoolTokenSupply,
		Validators: s.Update.Validators}
	next.Update.Validators[0].Entry.LastUpdateEpoch = epoch
	second, err := next.Updated()
	require.NoError(t, err)
	require.Equal(t, fee(20), second.State.StakeWithdrawalFee)
	require.Equal(t, accounts.FutureFee{}, second.State.NextStakeWithdrawalFee)
	require.Equal(t, uint64(epoch+1), second.State.LastUpdateEpoch)
	require.Equal(t, first.State.TotalLamports, second.State.LastEpochTotalLamports)
}

// TestStakePoolState_UpdatedTwice checks that a second update in an epoch
// charges the fee only on lamports received in between.
func TestStakePoolState_UpdatedTwice(t *testing.T) {
	s := outdated()
	s.State.NextEpochFee = accounts.FutureFee{Updates: 2,
		Fee: accounts.Fee{Numerator: 1, Denominator: 10}}
	s.State.NextSOLWithdrawalFee = accounts.FutureFee{Updates: 1,
		Fee: accounts.Fee{Numerator: 1, Denominator: 10}}
	s.State.LastUpdateEpoch = epoch
	s.State.LastEpochTotalLamports = 5
	s.State.LastEpochPoolTokenSupply = 7
	want := s.State
	want.TotalLamports, want.PoolTokenSupply = 1_000_507_720_344, 750_009_370_591
	u, err := s.Updated()
	require.NoError(t, err)
	require.Equal(t, want, u.State)
}

// TestStakePoolState_UpdatedCurrentPool checks that an updated pool does not
// change.
func TestStakePoolState_UpdatedCurrentPool(t *testing.T) {
	s := pico()
	u, err := s.Updated()
	require.NoError(t, err)
	require.Equal(t, s, u)
}

// TestStakePoolState_UpdatedUnknownBuild checks that the state after an update
// by an unknown build is not known, because the rounding of the epoch fee
// affects the price. There is still a quote, the worse one.
func TestStakePoolState_UpdatedUnknownBuild(t *testing.T) {
	s := outdated()
	s.Rounding = quote.FeesUnknown
	_, err := s.Updated()
	requireRefusal(t, err, quote.ErrBuildDependent, s.Address)

	// Rounding up mints more tokens for the manager. Tokens are then cheaper,
	// which is better for deposits and worse for withdrawals.
	s.State.SOLDepositFee, s.State.SOLWithdrawalFee = accounts.Fee{}, accounts.Fee{}
	deposit := func(rounding quote.FeeRounding) quote.SOLDeposit {
		s.Rounding = rounding
		d, err := s.DepositSOL(1_000_000 * sol)
		require.NoError(t, err)
		return d
	}

	withdraw := func(rounding quote.FeeRounding) quote.StakeWithdrawal {
		s.Rounding = rounding
		w, err := s.WithdrawStake(700*sol, picoStake())
		require.NoError(t, err)
		return w
	}

	up, down := deposit(quote.FeesRoundUp), deposit(quote.FeesRoundDown)
	require.Less(t, down.Tokens, up.Tokens)
	down.Exact = false
	require.Equal(t, down, deposit(quote.FeesUnknown))
	cheap, dear := withdraw(quote.FeesRoundUp), withdraw(quote.FeesRoundDown)
	require.Less(t, cheap.Lamports, dear.Lamports)
	cheap.Exact = false
	require.Equal(t, cheap, withdraw(quote.FeesUnknown))

	s.Rounding = quote.FeesUnknown
	s.State.EpochFee = accounts.Fee{Numerator: 1, Denominator: 5}
	u, err := s.Updated()
	require.NoError(t, err, "a fifth of the reward is a whole number")
	require.Equal(t, quote.FeesUnknown, u.Rounding)
}

func TestStakePoolState_UpdatedRefusals(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*quote.StakePoolState)
		want   error
	}{
		{"rewards are being distributed",
			func(s *quote.StakePoolState) { s.EpochRewardsActive = true }, quote.ErrEpochRewards},
		{"stake account without content, unknown build", func(s *quote.StakePoolState) {
			s.Update.Validators[0].Active.Account.State = accounts.StakeUninitialized
			s.UpdateKnown = false
		}, quote.ErrBuildDependent},
		{"deactivated validator, active transient stake", func(s *quote.StakePoolState) {
			v := &s.Update.Validators[0]
			v.Entry.TransientStakeLamports = sol
			v.Transient = &quote.StakeAccountState{Lamports: sol, Account: v.Active.Account}
			v.Active.Account.Delegation.DeactivationEpoch = epoch - 1
		}, quote.ErrUpdateFails},
		{"epoch fee of more than everything",
			func(s *quote.StakePoolState) { s.State.EpochFee.Numerator = 1001 },
			quote.ErrInvalidState},
		{"more lamports than fit",
			func(s *quote.StakePoolState) {
				s.Update.Validators[0].Active.Lamports = math.MaxUint64
			},
			quote.ErrAmountTooLarge},
		{"more tokens than fit",
			func(s *quote.StakePoolState) { s.Update.MintSupply = math.MaxUint64 },
			quote.ErrAmountTooLarge},
		{"rent of an unknown kind", func(s *quote.StakePoolState) {
			s.Rent.ThresholdBits, s.Rounding = 5, quote.FeesUnknown
		}, accounts.ErrUnknownRent},
	} {
		for name, ask := range map[string]operation{"update": updated, "deposit": depositSOL(sol),
			"floor": floorPrice(sol)} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				s := outdated()
				test.change(&s)
				_, err := ask(s)
				requireRefusal(t, err, test.want, s.Address)
			})
		}
	}
}

// TestStakePoolState_AfterUpdateMerges checks states of transient stake that
// the recorded updates do not have. The outcomes follow from the sources of the
// stake pool program (process_update_validator_list_balance) and of the stake
// program (MergeKind).
func TestStakePoolState_AfterUpdateMerges(t *testing.T) {
	const moved = 5 * sol
	lockup := accounts.Lockup{Epoch: epoch + 9}
	for _, test := range []struct {
		name    string
		change  func(*quote.StakePoolState, *quote.ValidatorBalance)
		refusal error
		// merged reports that the validator's account takes the stake. The
		// reserve takes it otherwise.
		merged bool
	}{
		{
			name:   "active",
			change: func(*quote.StakePoolState, *quote.ValidatorBalance) {},
			merged: true,
		},
		{
			name: "activated and deactivated in this epoch",
			change: func(_ *quote.StakePoolState, v *quote.ValidatorBalance) {
				d := &v.Transient.Account.Delegation
				d.ActivationEpoch, d.DeactivationEpoch = epoch, epoch
			},
		},
		{
			name: "deactivated in this epoch",
			change: func(_ *quote.StakePoolState, v *quote.ValidatorBalance) {
				v.Transient.Account.Delegation.DeactivationEpoch = epoch
			},
			refusal: quote.ErrUpdateFails,
		},
		{
			name: "of another validator",
			change: func(_ *quote.StakePoolState, v *quote.ValidatorBalance) {
				v.Transient.Account.Delegation.Voter = key(77)
			},
			refusal: quote.ErrUpdateFails,
		},
		{
			name: "inactive, with a lockup that the reserve does not have",
			change: func(s *quote.StakePoolState, v *quote.ValidatorBalance) {
				s.State.Lockup, v.Transient.Account.Lockup = lockup, lockup
				v.Transient.Account.Delegation.DeactivationEpoch = epoch - 1
			},
			refusal: quote.ErrUpdateFails,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := outdated()
			v := &s.Update.Validators[0]
			account := v.Active.Account
			account.Delegation.Stake = moved
			v.Active.Account.Delegation.Flags = 1
			v.Transient = &quote.StakeAccountState{Lamports: moved + stakeRent, Account: account}
			v.Entry.TransientStakeLamports = moved + stakeRent
			before, reserve := *v.Active, s.ReserveLamports
			test.change(&s, v)
			after, err := s.AfterUpdate()
			if test.refusal != nil {
				requireRefusal(t, err, test.refusal, s.Address)
				return
			}

			require.NoError(t, err)
			require.Nil(t, after.Validators[0].Transient)
			got := after.Validators[0].Active
			surplus := before.Lamports - before.Account.Delegation.Stake - stakeRent
			if !test.merged {
				require.Equal(t, reserve+moved+stakeRent+surplus, after.Pool.ReserveLamports)
				require.Equal(t, before.Lamports-surplus, got.Lamports)
				return
			}

			// The rent of the merged account is swept into the reserve.
			require.Equal(t, before.Account.Delegation.Stake+moved, got.Account.Delegation.Stake)
			require.Equal(t, before.Lamports-surplus+moved, got.Lamports)
			require.Equal(t, reserve+stakeRent+surplus, after.Pool.ReserveLamports)
			require.Zero(t, got.Account.Delegation.Flags)
		})
	}
}

// TestUpdatedStakePool_AfterCleanup checks which validators leave the list, and
// which preferred validators the pool forgets.
func TestUpdatedStakePool_AfterCleanup(t *testing.T) {
	entry := func(
		vote byte, status accounts.ValidatorStatus, active uint64,
	) quote.ValidatorBalance {
		v := source(key(vote), active, 0).Entry
		v.Status = status
		return quote.ValidatorBalance{Entry: v}
	}

	u := &quote.UpdatedStakePool{
		Pool: plain(),
		Validators: []quote.ValidatorBalance{
			entry(1, accounts.ValidatorActive, sol),
			entry(2, accounts.ValidatorReadyForRemoval, 0),
			entry(3, accounts.ValidatorDeactivating, sol),
			entry(4, accounts.ValidatorReadyForRemoval, 1),
		},
	}

	for _, test := range []struct {
		name      string
		preferred *solana.PublicKey
		oldBuild  bool
		want      *solana.PublicKey
	}{
		{"none", nil, false, nil},
		{"active", keyPointer(1), false, keyPointer(1)},
		{"removed", keyPointer(2), false, nil},
		{"being removed", keyPointer(3), false, nil},
		{"not in the list", keyPointer(9), false, nil},
		{"removed, build before October 2025", keyPointer(2), true, keyPointer(2)},
	} {
		t.Run(test.name, func(t *testing.T) {
			u.Pool.UpdateKnown = !test.oldBuild
			u.Pool.State.PreferredDepositValidator = test.preferred
			u.Pool.State.PreferredWithdrawValidator = test.preferred
			before := *u
			cleaned := u.AfterCleanup()
			require.Equal(t, before, *u, "the pool does not change")
			require.Equal(t, test.want, cleaned.Pool.State.PreferredDepositValidator)
			require.Equal(t, test.want, cleaned.Pool.State.PreferredWithdrawValidator)
			require.Len(t, cleaned.Validators, 3)
			require.Equal(t, u.List(), cleaned.List())
		})
	}

	require.Zero(t, (*quote.UpdatedStakePool)(nil).AfterCleanup())
}
