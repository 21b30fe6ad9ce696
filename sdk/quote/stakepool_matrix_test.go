package quote_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestStakePoolState_Matrix combines the differences between networks and
// epochs: rent, the minimum delegation, the rounding of the build, and whether
// the pool is updated. Only the rounding affects prices; the others affect
// limits. The pool is picoSOL. Its stake accounts record the rent of 6,960
// lamports a byte, which the known builds use; the current rent matters only
// for an unknown build.
func TestStakePoolState_Matrix(t *testing.T) {
	rents := map[uint64]uint64{6960: stakeRent, 5080: cheapRent, 696: 228_288}
	deposited := map[quote.FeeRounding]uint64{quote.FeesRoundUp: 749_844_220,
		quote.FeesRoundDown: 749_844_221}
	for perByte, rent := range rents {
		for _, minimumDelegation := range []uint64{1, sol} {
			for rounding, tokens := range deposited {
				for _, stale := range []bool{false, true} {
					t.Run(fmt.Sprintf("rent %d, minimum %d, rounding %d, stale %t", perByte,
						minimumDelegation, rounding, stale),
						func(t *testing.T) {
							s := pico()
							s.Rent, s.MinimumDelegation, s.Rounding = accounts.NewRent(
								perByte,
							), minimumDelegation, rounding
							if stale {
								s.State.LastUpdateEpoch--
								checkStale(t, s, rent, tokens)
								return
							}

							checkPrice(t, s, tokens)
							checkReserve(t, s, rent)
							checkStake(t, s)
						})
				}
			}
		}
	}
}

// checkPrice deposits 1 SOL with both roundings and compares with executed
// deposits.
func checkPrice(t *testing.T, s quote.StakePoolState, tokens uint64) {
	t.Helper()
	d, err := s.DepositSOL(sol)
	require.NoError(t, err)
	require.Equal(t, tokens, d.Tokens)
	require.True(t, d.Exact)
	s.Rounding = quote.FeesUnknown
	d, err = s.DepositSOL(sol)
	require.NoError(t, err)
	require.Equal(t, uint64(749_844_220), d.Tokens)
	require.False(t, d.Exact)
}

// checkReserve withdraws the maximum that every build allows, and then one
// token unit more, which is worth more than one lamport.
func checkReserve(t *testing.T, s quote.StakePoolState, rent uint64) {
	t.Helper()
	w, err := s.WithdrawSOLExactOut(s.ReserveLamports - stakeRent - 1)
	require.NoError(t, err)
	_, err = s.WithdrawSOL(w.Tokens + 2)
	requireRefusal(t, err, quote.ErrInsufficientReserve, s.Address)

	s.Rounding = quote.FeesUnknown
	_, err = s.WithdrawSOL(w.Tokens + 2)
	if rent == stakeRent {
		requireRefusal(t, err, quote.ErrInsufficientReserve, s.Address)
		return
	}

	requireRefusal(t, err, quote.ErrBuildDependent, s.Address)
	_, err = s.WithdrawSOLExactOut(s.ReserveLamports - rent + 1)
	requireRefusal(t, err, quote.ErrInsufficientReserve, s.Address)
}

// checkStake searches for the smallest validator stake account that is usable,
// and withdraws the minimum and the maximum from a larger one.
func checkStake(t *testing.T, s quote.StakePoolState) {
	t.Helper()
	required := stakeRent + max(s.MinimumDelegation, minimumStake)
	// A token is worth 1.33 lamports, which counts as 2.
	threshold := required + 2
	if s.Rounding == quote.FeesUnknown {
		threshold += s.MinimumDelegation
	}

	_, err := s.Sources(listOf(source(key(1), threshold, 0).Entry))
	requireRefusal(t, err, quote.ErrValidator, s.Address)
	found, err := s.Sources(listOf(source(key(1), threshold+1, 0).Entry))
	require.NoError(t, err)
	require.Len(t, found, 1)

	from := source(key(1), 100*sol, 100*sol-stakeRent)
	least, err := s.WithdrawStakeExactOut(s.MinimumDelegation, from)
	require.NoError(t, err)
	most, err := s.WithdrawStakeExactOut(from.Stake.Lamports-required-1, from)
	require.NoError(t, err)
	require.LessOrEqual(t, most.Lamports, from.Stake.Lamports-required)
	_, err = s.WithdrawStake(most.Tokens+2, from)
	requireRefusal(t, err, quote.ErrValidator, s.Address)
	if s.MinimumDelegation > 1 {
		_, err = s.WithdrawStake(least.Tokens-1, from)
		requireRefusal(t, err, quote.ErrBelowMinimumDelegation, s.Address)
	}
}

// checkStale checks that a stale pool is refused until it is updated.
func checkStale(t *testing.T, s quote.StakePoolState, rent, tokens uint64) {
	t.Helper()
	_, err := s.DepositSOL(sol)
	requireRefusal(t, err, quote.ErrStalePool, s.Address)
	validator := picoStake()
	validator.Entry.LastUpdateEpoch = epoch - 1
	s.Update = &quote.StakePoolBalances{
		MintSupply: s.State.PoolTokenSupply,
		Validators: []quote.ValidatorBalance{{Entry: validator.Entry, Active: &validator.Stake}},
	}

	d, err := s.DepositSOL(sol)
	require.NoError(t, err)
	require.Equal(t, tokens, d.Tokens, "without a reward the price does not change")

	// A build that uses the current rent counts more lamports in the reserve,
	// and tokens are worth more. The quote is the minimum.
	s.Rounding = quote.FeesUnknown
	d, err = s.DepositSOL(sol)
	require.NoError(t, err)
	require.LessOrEqual(t, d.Tokens, uint64(749_844_220))
	require.False(t, d.Exact)
	_, err = s.Updated()
	if rent == stakeRent {
		require.NoError(t, err)
		return
	}

	requireRefusal(t, err, quote.ErrBuildDependent, s.Address)
}
