package quote

import (
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
)

// SOLValueCalculator mirrors the SOL value calculator programs, which convert
// between an LST and its value in SOL for Infinity. Amounts are base units of
// the LST, values are lamports.
type SOLValueCalculator interface {
	// LSTToSOL returns the value of an amount.
	LSTToSOL(lst uint64) (MinMax, error)
	// SOLToLST returns the amount that has a value.
	SOLToLST(lamports uint64) (MinMax, error)
}

// WrappedSOLValue values wrapped SOL one to one.
type WrappedSOLValue struct{}

// LSTToSOL implements SOLValueCalculator.
func (WrappedSOLValue) LSTToSOL(lst uint64) (MinMax, error) { return exactly(lst), nil }

// SOLToLST implements SOLValueCalculator.
func (WrappedSOLValue) SOLToLST(lamports uint64) (MinMax, error) { return exactly(lamports), nil }

// StakePoolValue values the LST of an SPL-family stake pool at the payout of a
// stake withdrawal, after its fee.
type StakePoolValue struct {
	TotalLamports, PoolTokenSupply uint64
	WithdrawalFee                  accounts.Fee
}

// NewStakePoolValue returns the calculator for a pool. It fails with
// [ErrStalePool] unless the pool was last updated in the epoch of the clock.
func NewStakePoolValue(pool *accounts.StakePool, clock accounts.Clock) (StakePoolValue, error) {
	if pool == nil {
		return StakePoolValue{}, fmt.Errorf("%w stake pool state", accounts.ErrNil)
	}

	v := StakePoolValue{
		TotalLamports:   pool.TotalLamports,
		PoolTokenSupply: pool.PoolTokenSupply,
		WithdrawalFee:   pool.StakeWithdrawalFee,
	}
	if pool.LastUpdateEpoch != clock.Epoch {
		return v, fmt.Errorf("%w: last update in epoch %d, now epoch %d", ErrStalePool,
			pool.LastUpdateEpoch, clock.Epoch)
	}

	return v, nil
}

// LSTToSOL implements SOLValueCalculator.
func (v StakePoolValue) LSTToSOL(lst uint64) (MinMax, error) { return toSOL(v.prepare(), lst) }

// SOLToLST implements SOLValueCalculator.
func (v StakePoolValue) SOLToLST(lamports uint64) (MinMax, error) {
	return toLST(v.prepare(), lamports)
}

// LidoValue values stSOL at Lido's exchange rate of the epoch.
type LidoValue struct{ SOLBalance, StSOLSupply uint64 }

// NewLidoValue returns the calculator for Lido. It fails with [ErrStalePool]
// unless the rate was computed in the epoch of the clock.
func NewLidoValue(state *accounts.LidoState, clock accounts.Clock) (LidoValue, error) {
	if state == nil {
		return LidoValue{}, fmt.Errorf("%w Lido state", accounts.ErrNil)
	}

	rate := state.ExchangeRate
	v := LidoValue{SOLBalance: rate.SOLBalance, StSOLSupply: rate.StSOLSupply}
	if rate.ComputedInEpoch != clock.Epoch {
		return v, fmt.Errorf("%w: exchange rate of epoch %d, now epoch %d", ErrStalePool,
			rate.ComputedInEpoch,
			clock.Epoch)
	}

	return v, nil
}

// LSTToSOL implements SOLValueCalculator.
func (v LidoValue) LSTToSOL(lst uint64) (MinMax, error) { return toSOL(v.prepare(), lst) }

// SOLToLST implements SOLValueCalculator.
func (v LidoValue) SOLToLST(lamports uint64) (MinMax, error) { return toLST(v.prepare(), lamports) }

// MarinadeValue values mSOL at the payout of a stake account withdrawal, after
// its fee.
type MarinadeValue struct {
	// Lamports are the lamports that back mSOL. Supply is Marinade's own
	// counter of mSOL.
	Lamports, Supply uint64
	// FeeCents is the fee in hundredths of a basis point: 10_000 is 1 %.
	FeeCents uint32
}

// NewMarinadeValue returns the calculator for Marinade. It fails with
// [ErrDisabled] while Marinade is paused or its stake accounts cannot be
// withdrawn.
func NewMarinadeValue(state *accounts.MarinadeState) (MarinadeValue, error) {
	if state == nil {
		return MarinadeValue{}, fmt.Errorf("%w Marinade state", accounts.ErrNil)
	}

	rate, err := marinadeRateOf(state)
	if err != nil {
		return MarinadeValue{}, err
	}

	v := MarinadeValue{
		Lamports: rate.lamports,
		Supply:   rate.supply,
		FeeCents: state.WithdrawStakeAccountFee,
	}

	switch {
	case state.Paused:
		return v, errMarinadePaused
	case !state.WithdrawStakeAccountEnabled:
		return v, errMarinadeKeepsStake
	case v.FeeCents > marinadeFeeScale:
		return v, fmt.Errorf("%w: a fee of %d/%d", ErrInvalidState, v.FeeCents, marinadeFeeScale)
	}

	return v, nil
}

// LSTToSOL implements SOLValueCalculator.
func (v MarinadeValue) LSTToSOL(lst uint64) (MinMax, error) { return toSOL(v.prepare(), lst) }

// SOLToLST implements SOLValueCalculator.
func (v MarinadeValue) SOLToLST(lamports uint64) (MinMax, error) {
	return toLST(v.prepare(), lamports)
}

// toSOL returns the value of an amount by a prepared calculator.
func toSOL(v tokenValue, lst uint64) (MinMax, error) {
	var why Refusal
	r, _ := v.lstToSOL(lst, &why)
	return r, why.Err()
}

// toLST returns the amount that has a value by a prepared calculator.
func toLST(v tokenValue, lamports uint64) (MinMax, error) {
	var why Refusal
	r, _ := v.solToLST(lamports, &why)
	return r, why.Err()
}
