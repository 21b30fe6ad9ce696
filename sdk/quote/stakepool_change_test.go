package quote_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// leastStake is the balance of a validator's stake account with the least
// stake, at mainnet's former rent.
const leastStake = 1_000_000_000 + stakeRent

// operatedPool is a pool of one validator, in the epoch after its launch, as
// the programs of October 2025 leave it.
func operatedPool(reserve, active uint64) (quote.StakePoolState, quote.ValidatorBalance) {
	const epoch = 801
	authority, vote := solana.PublicKey{1}, solana.PublicKey{2}
	account := func(state accounts.StakeState) accounts.StakeAccount {
		return accounts.StakeAccount{
			State:             state,
			RentExemptReserve: stakeRent,
			Staker:            authority,
			Withdrawer:        authority,
		}
	}

	staked := account(accounts.StakeDelegated)
	staked.Delegation = accounts.Delegation{
		Voter:             vote,
		Stake:             active - stakeRent,
		ActivationEpoch:   epoch - 1,
		DeactivationEpoch: accounts.NeverEpoch,
	}

	return quote.StakePoolState{
			Address: solana.PublicKey{3},
			State: accounts.StakePool{
				TotalLamports:   reserve - stakeRent + active,
				PoolTokenSupply: reserve - stakeRent + active,
				LastUpdateEpoch: epoch,
			},
			Clock:             accounts.Clock{Epoch: epoch},
			Rent:              accounts.NewRent(6960),
			MinimumDelegation: sol,
			Reserve:           account(accounts.StakeInitialized),
			ReserveLamports:   reserve,
			FeeAccountUsable:  true,
			Rounding:          quote.FeesRoundUp,
			UpdateKnown:       true,
		}, quote.ValidatorBalance{
			Entry: accounts.ValidatorStakeInfo{
				ActiveStakeLamports: active,
				LastUpdateEpoch:     epoch,
				VoteAccount:         vote,
			},
			Active: &quote.StakeAccountState{Lamports: active, Account: staked},
		}
}

// nextUpdate applies a change and updates the pool in the next epoch.
func nextUpdate(
	t *testing.T, s quote.StakePoolState, c quote.StakeChange,
) (quote.StakePoolState, quote.ValidatorBalance) {
	t.Helper()
	s.ReserveLamports = c.ReserveLamports
	s.Clock.Epoch = c.Epoch
	s.Update = &quote.StakePoolBalances{Validators: []quote.ValidatorBalance{c.Validator},
		MintSupply: s.State.PoolTokenSupply}
	after, err := s.AfterUpdate()
	require.NoError(t, err)
	return after.Pool, after.Validators[0]
}

// TestStakePoolState_IncreaseStake_Twice has the figures of increases by 10 and
// 5 SOL, executed with the program of October 2025.
func TestStakePoolState_IncreaseStake_Twice(t *testing.T) {
	s, v := operatedPool(100*sol, leastStake)
	first, err := s.IncreaseStake(quote.StakeMove{Validator: v, Lamports: 10 * sol})
	require.NoError(t, err)
	require.Equal(t, uint64(10*sol+stakeRent), first.Validator.Transient.Lamports)
	require.Equal(t, uint64(90*sol-stakeRent), first.ReserveLamports)
	require.EqualValues(t, stakeRent, first.LentRent)
	require.EqualValues(t, 802, first.Epoch)

	s.ReserveLamports = first.ReserveLamports
	more := quote.StakeMove{Validator: first.Validator, Lamports: 5 * sol}
	_, err = s.IncreaseStake(more)
	require.ErrorIs(t, err, quote.ErrStakeInTransit)
	more.Additional = true
	second, err := s.IncreaseStake(more)
	require.NoError(t, err)
	require.Equal(t, uint64(15_004_565_760), second.Validator.Entry.TransientStakeLamports)

	more.TransientSeed = 1
	_, err = s.IncreaseStake(more)
	require.ErrorIs(t, err, quote.ErrStakeInTransit)

	pool, validator := nextUpdate(t, s, second)
	require.Equal(t, uint64(16_004_565_760), validator.Active.Lamports,
		"the rent of the second account is staked")
	require.Equal(t, second.ReserveLamports+stakeRent, pool.ReserveLamports)
	require.Equal(t, s.State.TotalLamports, pool.State.TotalLamports)
}

// TestStakePoolState_DecreaseStake_Update checks that a decrease returns to the
// reserve, with the rent that the reserve lends.
func TestStakePoolState_DecreaseStake_Update(t *testing.T) {
	for _, additional := range []bool{false, true} {
		s, v := operatedPool(2*stakeRent, leastStake+5*sol)
		c, err := s.DecreaseStake(quote.StakeMove{
			Validator:  v,
			Lamports:   5 * sol,
			Additional: additional,
		})

		require.NoError(t, err)
		require.EqualValues(t, stakeRent, c.ReserveLamports)
		require.EqualValues(t, leastStake, c.Validator.Active.Lamports)
		require.Equal(t, uint64(5*sol+stakeRent), c.Validator.Transient.Lamports)

		pool, validator := nextUpdate(t, s, c)
		require.Equal(t, uint64(2*stakeRent+5*sol), pool.ReserveLamports)
		require.Nil(t, validator.Transient)
		require.Equal(t, s.State.TotalLamports, pool.State.TotalLamports)
	}
}

// TestStakePoolState_DecreaseStake_Prefunded decreases a pool whose reserve has
// only its rent: with the rent of the transient stake account paid before.
func TestStakePoolState_DecreaseStake_Prefunded(t *testing.T) {
	s, v := operatedPool(stakeRent, leastStake+5*sol)
	move := quote.StakeMove{Validator: v, Lamports: sol}
	_, err := s.DecreaseStake(move)
	require.ErrorIs(t, err, quote.ErrInsufficientReserve)
	require.Zero(t, s.MaxDecrease(v))

	move.Prefunded = stakeRent
	c, err := s.DecreaseStake(move)
	require.NoError(t, err)
	require.Zero(t, c.LentRent)
	require.EqualValues(t, stakeRent, c.ReserveLamports)
	require.EqualValues(t, sol+stakeRent, c.Validator.Transient.Lamports)
}

// TestStakePoolState_Changes_Limits tries each limit and one lamport beyond it.
// The limits are those that were executed with the program.
func TestStakePoolState_Changes_Limits(t *testing.T) {
	s, v := operatedPool(10*sol, leastStake+5*sol)
	increase, decrease := s.IncreaseStake, s.DecreaseStake
	require.Equal(t, uint64(10*sol-2*stakeRent), s.MaxIncrease())
	require.Equal(t, uint64(5*sol), s.MaxDecrease(v))
	for name, test := range map[string]struct {
		change func(quote.StakeMove) (quote.StakeChange, error)
		edge   uint64
		step   int64
		want   error
	}{
		"least increase":   {increase, sol, -1, quote.ErrBelowMinimumDelegation},
		"largest increase": {increase, s.MaxIncrease(), 1, quote.ErrInsufficientReserve},
		"least decrease":   {decrease, sol, -1, quote.ErrBelowMinimumDelegation},
		"largest decrease": {decrease, s.MaxDecrease(v), 1, quote.ErrBelowMinimumDelegation},
	} {
		_, err := test.change(quote.StakeMove{Validator: v, Lamports: test.edge})
		require.NoError(t, err, name)
		_, err = test.change(quote.StakeMove{Validator: v,
			Lamports: uint64(int64(test.edge) + test.step)})
		require.ErrorIs(t, err, test.want, name)
	}

	// A donation counts for the balance, but not as a delegation.
	donated := *v.Active
	donated.Lamports += sol
	v.Active = &donated
	require.Equal(t, uint64(5*sol), s.MaxDecrease(v))

	list := &accounts.ValidatorList{MaxValidators: 1}
	s.ReserveLamports = sol + 2*stakeRent
	c, err := s.AddValidator(list, solana.PublicKey{9}, 7)
	require.NoError(t, err)
	require.EqualValues(t, leastStake, c.Validator.Entry.ActiveStakeLamports)
	require.EqualValues(t, stakeRent, c.ReserveLamports)
	s.ReserveLamports--
	_, err = s.AddValidator(list, solana.PublicKey{9}, 7)
	require.ErrorIs(t, err, quote.ErrInsufficientReserve)
}

// TestStakePoolState_Changes_LowerRent checks the limits at today's rent of
// mainnet, 5,080 lamports a byte: the stake accounts store the former one.
func TestStakePoolState_Changes_LowerRent(t *testing.T) {
	s, v := operatedPool(10*sol, leastStake+5*sol)
	s.Rent = accounts.NewRent(5080)
	const rent = 1_666_240
	require.Equal(t, uint64(10*sol-rent-stakeRent), s.MaxIncrease())
	require.Equal(t, uint64(5*sol), s.MaxDecrease(v))
	c, err := s.AddValidator(&accounts.ValidatorList{MaxValidators: 1}, solana.PublicKey{9}, 0)
	require.NoError(t, err)
	require.EqualValues(t, 1_001_666_240, c.Validator.Active.Lamports)
	require.EqualValues(t, sol, c.Validator.Active.Account.Delegation.Stake)
}

// TestStakePoolState_Changes_Refusals lists the states in which every change of
// a validator is refused.
func TestStakePoolState_Changes_Refusals(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*quote.StakePoolState, *quote.ValidatorBalance)
		want   error
		// removes reports whether the validator can still be removed.
		removes bool
	}{
		"stale": {func(s *quote.StakePoolState, _ *quote.ValidatorBalance) {
			s.Clock.Epoch++
		}, quote.ErrStalePool, false},
		"rewards": {func(s *quote.StakePoolState, _ *quote.ValidatorBalance) {
			s.EpochRewardsActive = true
		}, quote.ErrEpochRewards, false},
		"removed": {func(_ *quote.StakePoolState, v *quote.ValidatorBalance) {
			v.Entry.Status = accounts.ValidatorDeactivating
		}, quote.ErrValidator, false},
		"no account": {func(_ *quote.StakePoolState, v *quote.ValidatorBalance) {
			v.Active = nil
		}, quote.ErrValidator, false},
		"foreign": {func(_ *quote.StakePoolState, v *quote.ValidatorBalance) {
			v.Active.Account.Withdrawer = solana.PublicKey{7}
		}, quote.ErrValidator, false},
		"deactivated from outside": {func(_ *quote.StakePoolState, v *quote.ValidatorBalance) {
			v.Active.Account.Delegation.DeactivationEpoch = 800
		}, quote.ErrValidator, true},
		"decrease in transit": {func(_ *quote.StakePoolState, v *quote.ValidatorBalance) {
			v.Transient = v.Active
			v.Entry.TransientStakeLamports = v.Active.Lamports
		}, quote.ErrStakeInTransit, true},
	} {
		s, v := operatedPool(10*sol, leastStake+5*sol)
		test.change(&s, &v)
		move := quote.StakeMove{Validator: v, Lamports: 2 * sol, Additional: true}
		_, increase := s.IncreaseStake(move)
		_, decrease := s.DecreaseStake(move)
		_, remove := s.RemoveValidator(v)
		for _, err := range []error{increase, decrease} {
			require.ErrorIs(t, err, test.want, name)
			require.ErrorContains(t, err, s.Address.String())
		}

		require.Equal(t, test.removes, remove == nil, "%s: %v", name, remove)
	}
}

// TestStakePoolState_AddValidator_Refusals checks the refusals by the list.
func TestStakePoolState_AddValidator_Refusals(t *testing.T) {
	s, v := operatedPool(10*sol, leastStake)
	entries := []accounts.ValidatorStakeInfo{v.Entry}
	_, err := s.AddValidator(nil, v.Entry.VoteAccount, 0)
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = s.AddValidator(&accounts.ValidatorList{MaxValidators: 2, Validators: entries},
		v.Entry.VoteAccount, 1)
	require.ErrorIs(t, err, quote.ErrValidatorListed)
	_, err = s.AddValidator(&accounts.ValidatorList{MaxValidators: 1, Validators: entries},
		solana.PublicKey{9}, 0)
	require.ErrorIs(t, err, quote.ErrListFull)
}

// TestStakePoolState_RemoveValidator_Update removes a validator whose stake all
// returns to the reserve, after which the list is empty.
func TestStakePoolState_RemoveValidator_Update(t *testing.T) {
	s, v := operatedPool(10*sol, leastStake+5*sol)
	c, err := s.RemoveValidator(v)
	require.NoError(t, err)
	require.Equal(t, accounts.ValidatorDeactivating, c.Validator.Entry.Status)
	require.Equal(t, uint64(leastStake+5*sol), c.Moved)

	pool, validator := nextUpdate(t, s, c)
	require.Equal(t, uint64(15*sol+leastStake), pool.ReserveLamports)
	require.Equal(t, accounts.ValidatorReadyForRemoval, validator.Entry.Status)
}

// TestStakePoolState_Changes_Hostile checks that no numbers of the accounts
// make a change panic, or create lamports.
func TestStakePoolState_Changes_Hostile(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 20_000 {
		s, v := operatedPool(10*sol, leastStake+5*sol)
		transient := *v.Active
		transient.Account.Delegation.ActivationEpoch = s.Clock.Epoch
		v.Transient = &transient
		v.Entry.TransientStakeLamports = transient.Lamports * rng.Uint64N(2)
		scramble(rng, &s.State, &s.Clock, &s.Reserve, &s.ReserveLamports, &s.MinimumDelegation,
			v.Active, v.Transient, &v.Entry)
		move := quote.StakeMove{
			Validator:  v,
			Lamports:   hostileAmount(rng),
			Additional: rng.IntN(2) == 0,
			Prefunded:  hostileAmount(rng),
		}

		for _, change := range []func(quote.StakeMove) (quote.StakeChange, error){
			s.IncreaseStake, s.DecreaseStake,
		} {
			if c, err := change(move); err == nil {
				require.LessOrEqual(t, c.ReserveLamports, s.ReserveLamports)
				require.LessOrEqual(t, c.Validator.Active.Lamports, v.Active.Lamports)
			}
		}

		_, _ = s.RemoveValidator(v)
		_, _ = s.AddValidator(&accounts.ValidatorList{MaxValidators: 1}, v.Entry.VoteAccount, 0)
		_, _ = s.MaxIncrease(), s.MaxDecrease(v)
	}
}
