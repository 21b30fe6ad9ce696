package quote_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

func fraction(numerator, denominator uint64) accounts.Fee {
	return accounts.Fee{Numerator: numerator, Denominator: denominator}
}

// TestStakePoolState_SetFee_Limits has the limits that were executed with the
// program.
func TestStakePoolState_SetFee_Limits(t *testing.T) {
	none, tenth := accounts.Fee{}, fraction(1, 1000)
	for _, test := range []struct {
		kind     accounts.StakePoolFeeKind
		old, fee accounts.Fee
		want     error
	}{
		{accounts.StakePoolStakeWithdrawalFee, tenth, fraction(15, 10_000), nil},
		{accounts.StakePoolStakeWithdrawalFee, tenth, fraction(151, 100_000), quote.ErrFeeRise},
		{accounts.StakePoolSOLWithdrawalFee, tenth, fraction(225, 100_000), quote.ErrFeeRise},
		{accounts.StakePoolSOLWithdrawalFee, none, fraction(15, 10_000), nil},
		{accounts.StakePoolSOLWithdrawalFee, none, fraction(16, 10_000), quote.ErrFeeRise},
		{accounts.StakePoolSOLWithdrawalFee, tenth, none, nil},
		{accounts.StakePoolSOLWithdrawalFee, tenth, fraction(1, 0), quote.ErrInvalidFee},
		{accounts.StakePoolSOLWithdrawalFee, tenth, fraction(1, math.MaxUint64), nil},
		{accounts.StakePoolSOLWithdrawalFee, tenth, fraction(math.MaxUint64, math.MaxUint64),
			quote.ErrFeeRise},
		{accounts.StakePoolEpochFee, none, fraction(1, 1), nil},
		{accounts.StakePoolEpochFee, none, fraction(2, 1), quote.ErrInvalidFee},
		{accounts.StakePoolSOLDepositFee, none, fraction(1, 1), nil},
		{accounts.StakePoolStakeDepositFee, none, fraction(1, 1), nil},
		{0, none, none, quote.ErrInvalidFee},
		{7, none, none, quote.ErrInvalidFee},
	} {
		s, _ := operatedPool(10*sol, leastStake)
		s.State.StakeWithdrawalFee, s.State.SOLWithdrawalFee = test.old, test.old
		_, err := s.SetFee(test.kind, test.fee)
		require.ErrorIs(t, err, test.want, "%d: %v to %v", test.kind, test.old, test.fee)
	}
}

// TestStakePoolState_SetFee_InForce updates the pool until a fee is in force.
func TestStakePoolState_SetFee_InForce(t *testing.T) {
	s, v := operatedPool(10*sol, leastStake)
	fee := fraction(5, 100)
	c, err := s.SetFee(accounts.StakePoolEpochFee, fee)
	require.NoError(t, err)
	require.EqualValues(t, 803, c.Epoch)

	s.State = c.State
	for epoch := s.Clock.Epoch + 1; epoch <= c.Epoch; epoch++ {
		require.NotEqual(t, fee, s.State.EpochFee)
		s, v = nextUpdate(t, s, quote.StakeChange{
			Validator:       v,
			ReserveLamports: s.ReserveLamports,
			Epoch:           epoch,
		})
	}

	require.Equal(t, fee, s.State.EpochFee)

	c, err = s.SetFee(accounts.StakePoolSOLDepositFee, fee)
	require.NoError(t, err)
	require.Equal(t, s.Clock.Epoch, c.Epoch)
	require.Equal(t, fee, c.State.SOLDepositFee)
}

// TestStakePoolState_SetFee_Stale checks that only deposit fees can be set
// before the pool is updated.
func TestStakePoolState_SetFee_Stale(t *testing.T) {
	s, _ := operatedPool(10*sol, leastStake)
	s.Clock.Epoch++
	for kind := accounts.StakePoolEpochFee; kind <= accounts.StakePoolSOLWithdrawalFee; kind++ {
		_, err := s.SetFee(kind, fraction(1, 1000))
		if kind == accounts.StakePoolSOLDepositFee || kind == accounts.StakePoolStakeDepositFee {
			require.NoError(t, err)
			continue
		}

		require.ErrorIs(t, err, quote.ErrStalePool)
	}
}

// TestStakePoolState_SetFee_AnyRise compares both limits of a withdrawal fee
// with rational numbers.
func TestStakePoolState_SetFee_AnyRise(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	rat := func(fee accounts.Fee) *big.Rat {
		return new(big.Rat).SetFrac(new(big.Int).SetUint64(fee.Numerator),
			new(big.Int).SetUint64(fee.Denominator))
	}

	seen := make(map[error]int)
	for range 50_000 {
		scale := uint64(1) << rng.IntN(40)
		old := fraction(1+rng.Uint64N(scale), scale+rng.Uint64N(50*scale)+1)
		fee := fraction(rng.Uint64N(2*scale), 2*scale+rng.Uint64N(50*scale))
		if rng.IntN(3) == 0 {
			fee = fraction(3*old.Numerator+rng.Uint64N(2), 2*old.Denominator)
		}

		if fee.Numerator > fee.Denominator || old.Numerator > old.Denominator {
			continue
		}

		var want error
		before, after := rat(old), rat(fee)
		switch {
		case after.Cmp(new(big.Rat).Mul(before, big.NewRat(3, 2))) > 0:
			want = quote.ErrFeeRise
		case after.Cmp(new(big.Rat).Add(before, big.NewRat(5, 1000))) > 0:
			want = quote.ErrBuildDependent
		}

		s, _ := operatedPool(10*sol, leastStake)
		s.Rounding = quote.FeesUnknown
		s.State.SOLWithdrawalFee = old
		_, err := s.SetFee(accounts.StakePoolSOLWithdrawalFee, fee)
		require.ErrorIs(t, err, want, "%v to %v", old, fee)
		seen[want]++

		s.Rounding = quote.FeesRoundUp
		_, err = s.SetFee(accounts.StakePoolSOLWithdrawalFee, fee)
		require.Equal(t, want == quote.ErrFeeRise, err != nil)
	}

	require.Len(t, seen, 3)
}
