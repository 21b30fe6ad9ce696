package quote_test

import (
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// mergeClock is the clock of the tests of merges.
var mergeClock = accounts.Clock{Epoch: 800, UnixTimestamp: 1_000}

// mergeable returns a stake account with 5 SOL of stake since an epoch.
func mergeable(since uint64, changes ...func(*accounts.StakeAccount)) quote.StakeAccountState {
	a := accounts.StakeAccount{
		State:             accounts.StakeDelegated,
		RentExemptReserve: 2_282_880,
		Staker:            solana.PublicKey{1},
		Withdrawer:        solana.PublicKey{1},
		Delegation: accounts.Delegation{
			Voter:             solana.PublicKey{2},
			Stake:             5_000_000_000,
			ActivationEpoch:   since,
			DeactivationEpoch: accounts.NeverEpoch,
			CreditsObserved:   10,
		},
	}

	for _, change := range changes {
		change(&a)
	}

	return quote.StakeAccountState{Lamports: 5_002_282_880, Account: a}
}

func undelegated(a *accounts.StakeAccount) {
	a.State, a.Delegation = accounts.StakeInitialized, accounts.Delegation{}
}

func endedIn(epoch uint64) func(*accounts.StakeAccount) {
	return func(a *accounts.StakeAccount) { a.Delegation.DeactivationEpoch = epoch }
}

// TestMergeStake checks the stake after a merge. The figures are those of the
// stake program, see TestStakeProgram_Merge of package e2e.
func TestMergeStake(t *testing.T) {
	const stake, balance = 5_000_000_000, 5_002_282_880

	for name, c := range map[string]struct {
		into, from quote.StakeAccountState
		stake      uint64
	}{
		"active":          {mergeable(790), mergeable(799), 2 * stake},
		"since the first": {mergeable(accounts.NeverEpoch), mergeable(799), 2 * stake},
		// The rent of the second account is delegated as well.
		"activating":                  {mergeable(800), mergeable(800), stake + balance},
		"undelegated into activating": {mergeable(800), mergeable(0, undelegated), stake + balance},
		"inactive into activating": {
			mergeable(800), mergeable(700, endedIn(799)), stake + balance,
		},
		"activating into undelegated": {mergeable(0, undelegated), mergeable(800), 0},
		"undelegated":                 {mergeable(0, undelegated), mergeable(0, undelegated), 0},
		"inactive": {mergeable(700, endedIn(799)), mergeable(799, endedIn(799)),
			stake},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := quote.MergeStake(c.into, c.from, mergeClock)
			require.NoError(t, err)
			want := c.into
			want.Lamports, want.Account.Delegation.Stake = 2*balance, c.stake
			require.Equal(t, want, got)
		})
	}
}

// TestMergeStake_Credits checks that the observed credits are weighted by stake
// and rounded up: (10 * 5 + 21 * 5) / 10 = 15.5.
func TestMergeStake_Credits(t *testing.T) {
	from := mergeable(799)
	from.Account.Delegation.CreditsObserved = 21
	got, err := quote.MergeStake(mergeable(790), from, mergeClock)
	require.NoError(t, err)
	require.EqualValues(t, 16, got.Account.Delegation.CreditsObserved)
}

// TestMergeStake_Refuses checks the pairs that the stake program refuses.
func TestMergeStake_Refuses(t *testing.T) {
	voter := func(a *accounts.StakeAccount) { a.Delegation.Voter = solana.PublicKey{3} }
	staker := func(a *accounts.StakeAccount) { a.Staker = solana.PublicKey{3} }
	withdrawer := func(a *accounts.StakeAccount) { a.Withdrawer = solana.PublicKey{3} }
	uninitialized := func(a *accounts.StakeAccount) { *a = accounts.StakeAccount{} }
	locked := func(until int64) func(*accounts.StakeAccount) {
		return func(a *accounts.StakeAccount) { a.Lockup.UnixTimestamp = until }
	}

	for name, c := range map[string]struct {
		into, from quote.StakeAccountState
		want       error
	}{
		"deactivating": {mergeable(790), mergeable(790, endedIn(800)),
			quote.ErrStakeMerge},
		"into deactivating": {mergeable(790, endedIn(800)), mergeable(790),
			quote.ErrStakeMerge},
		"activating into active": {mergeable(790), mergeable(800), quote.ErrStakeMerge},
		"inactive into active": {mergeable(790), mergeable(790, endedIn(799)),
			quote.ErrStakeMerge},
		"active into inactive": {mergeable(0, undelegated), mergeable(790), quote.ErrStakeMerge},
		"another validator":    {mergeable(790), mergeable(790, voter), quote.ErrStakeMerge},
		"ends later": {mergeable(790), mergeable(790, endedIn(801)),
			quote.ErrStakeMerge},
		"another staker":     {mergeable(790), mergeable(790, staker), quote.ErrStakeMerge},
		"another withdrawer": {mergeable(790), mergeable(790, withdrawer), quote.ErrStakeMerge},
		"locked": {mergeable(790), mergeable(790, locked(1_001)),
			quote.ErrStakeMerge},
		"into locked": {mergeable(790, locked(1_001)), mergeable(790),
			quote.ErrStakeMerge},
		"uninitialized": {mergeable(790), mergeable(790, uninitialized),
			quote.ErrStakeUninitialized},
		"into uninitialized": {mergeable(790, uninitialized), mergeable(790),
			quote.ErrStakeUninitialized},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := quote.MergeStake(c.into, c.from, mergeClock)
			require.ErrorIs(t, err, c.want)
			require.ErrorIs(t, err, quote.ErrStakeAccount)
		})
	}

	// Lockups that have ended may differ, and equal ones may be in force.
	_, err := quote.MergeStake(mergeable(790), mergeable(790, locked(1_000)), mergeClock)
	require.NoError(t, err)
	_, err = quote.MergeStake(mergeable(790, locked(2_000)), mergeable(790, locked(2_000)),
		mergeClock)
	require.NoError(t, err)

	huge := mergeable(790)
	huge.Lamports = math.MaxUint64
	_, err = quote.MergeStake(mergeable(790), huge, mergeClock)
	require.ErrorIs(t, err, fixed.ErrOverflow)
}
