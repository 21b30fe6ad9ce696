package quote

import (
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
)

// SolValueCalculator mirrors the programs that tell a controller what an LST is worth. Amounts of LSTs are base units, values are
// lamports.
type SolValueCalculator interface {
	// LSTToSOL is the value of an amount.
	LSTToSOL(lst uint64) (Range, error)
	// SOLToLST is the amount of a value.
	SOLToLST(lamports uint64) (Range, error)
}

// WrappedSOLValue values wrapped SOL: one to one.
type WrappedSOLValue struct{}

// LSTToSOL implements SolValueCalculator.
func (WrappedSOLValue) LSTToSOL(lst uint64) (Range, error) { return exactly(lst), nil }

// SOLToLST implements SolValueCalculator.
func (WrappedSOLValue) SOLToLST(lamports uint64) (Range, error) { return exactly(lamports), nil }

// StakePoolValue values the LST of an SPL-family stake pool at what a withdrawal of stake pays, after its fee.
type StakePoolValue struct {
	TotalLamports, PoolTokenSupply uint64
	WithdrawalFee                  accounts.Fee
}

// NewStakePoolValue takes the figures of a pool. It fails with [ErrStale] unless the pool was updated in just this epoch.
func NewStakePoolValue(pool *accounts.StakePool, clock accounts.Clock) (StakePoolValue, error) {
	if pool == nil {
		return StakePoolValue{}, fmt.Errorf("%w stake pool state", accounts.ErrNil)
	}

	v := StakePoolValue{TotalLamports: pool.TotalLamports, PoolTokenSupply: pool.PoolTokenSupply, WithdrawalFee: pool.StakeWithdrawalFee}
	if pool.LastUpdateEpoch != clock.Epoch {
		return v, fmt.Errorf("%w: last update in epoch %d, now %d", ErrStale, pool.LastUpdateEpoch, clock.Epoch)
	}
	return v, nil
}

// fee is the part that a withdrawal costs.
func (v StakePoolValue) fee() (ratio, error) {
	f := v.WithdrawalFee
	switch {
	case f.Denominator == 0:
		return ratio{0, 1}, nil
	case f.Numerator > f.Denominator:
		return ratio{}, fmt.Errorf("%w: fee of %d/%d", ErrInvalidState, f.Numerator, f.Denominator)
	}
	return ratio{f.Numerator, f.Denominator}, nil
}

// LSTToSOL implements SolValueCalculator.
func (v StakePoolValue) LSTToSOL(lst uint64) (Range, error) {
	rate, err := v.fee()
	if err != nil {
		return Range{}, err
	}
	fee, err := rate.ceil(lst)
	if err != nil {
		return Range{}, err
	}
	lamports, err := ratio{v.TotalLamports, v.PoolTokenSupply}.floor(lst - fee)
	return exactly(lamports), err
}

// SOLToLST implements SolValueCalculator.
func (v StakePoolValue) SOLToLST(lamports uint64) (Range, error) {
	rate, err := v.fee()
	if err != nil {
		return Range{}, err
	}
	net, err := ratio{v.TotalLamports, v.PoolTokenSupply}.invertFloorWide(lamports)
	if err != nil || rate.n == 0 {
		return net, err
	}
	return invertEnds(ratio{rate.d - rate.n, rate.d}, net)
}

// invertEnds turns back both ends of a range by themselves.
func invertEnds(r ratio, of Range) (Range, error) {
	low, err := r.invertFloorWide(of.Min)
	if err != nil {
		return Range{}, err
	}
	high, err := r.invertFloorWide(of.Max)
	return Range{low.Min, high.Max}, err
}

// LidoValue values stSOL at the rate of the epoch.
type LidoValue struct{ SOLBalance, StSOLSupply uint64 }

// NewLidoValue takes the rate of Lido's state. It fails with [ErrStale] unless the rate was computed in just this epoch.
func NewLidoValue(state *accounts.LidoState, clock accounts.Clock) (LidoValue, error) {
	if state == nil {
		return LidoValue{}, fmt.Errorf("%w Lido state", accounts.ErrNil)
	}

	rate := state.ExchangeRate
	v := LidoValue{SOLBalance: rate.SOLBalance, StSOLSupply: rate.StSOLSupply}
	if rate.ComputedInEpoch != clock.Epoch {
		return v, fmt.Errorf("%w: rate of epoch %d, now %d", ErrStale, rate.ComputedInEpoch, clock.Epoch)
	}
	return v, nil
}

// LSTToSOL implements SolValueCalculator.
func (v LidoValue) LSTToSOL(lst uint64) (Range, error) {
	lamports, err := ratio{v.SOLBalance, v.StSOLSupply}.floor(lst)
	return exactly(lamports), err
}

// SOLToLST implements SolValueCalculator.
func (v LidoValue) SOLToLST(lamports uint64) (Range, error) {
	return ratio{v.SOLBalance, v.StSOLSupply}.invertFloorWide(lamports)
}

// MarinadeValue values mSOL at what a withdrawal of a stake account pays, after its fee.
type MarinadeValue struct {
	// Lamports are all that belong to mSOL, Supply is Marinade's own counter of mSOL.
	Lamports, Supply uint64
	// FeeCents is the fee in hundredths of a basis point.
	FeeCents uint32
}

// NewMarinadeValue takes the figures of Marinade's state. It fails with [ErrDisabled] while Marinade is paused or does not let stake
// accounts be withdrawn.
func NewMarinadeValue(state *accounts.MarinadeState) (MarinadeValue, error) {
	if state == nil {
		return MarinadeValue{}, fmt.Errorf("%w Marinade state", accounts.ErrNil)
	}

	rate, err := marinadeRateOf(state)
	if err != nil {
		return MarinadeValue{}, err
	}
	v := MarinadeValue{Lamports: rate.lamports, Supply: rate.supply, FeeCents: state.WithdrawStakeAccountFee}
	switch {
	case state.Paused:
		return v, errMarinadePaused
	case !state.WithdrawStakeAccountEnabled:
		return v, errMarinadeKeepsStake
	case v.FeeCents > marinadeFeeScale:
		return v, fmt.Errorf("%w: fee of %d/%d", ErrInvalidState, v.FeeCents, marinadeFeeScale)
	}
	return v, nil
}

// LSTToSOL implements SolValueCalculator.
func (v MarinadeValue) LSTToSOL(lst uint64) (Range, error) {
	gross, err := ratio{v.Lamports, v.Supply}.floor(lst)
	if err != nil {
		return Range{}, err
	}
	fee, err := ratio{uint64(v.FeeCents), marinadeFeeScale}.floor(gross)
	return exactly(gross - fee), err
}

// SOLToLST implements SolValueCalculator.
func (v MarinadeValue) SOLToLST(lamports uint64) (Range, error) {
	gross := exactly(lamports)
	if v.FeeCents != 0 {
		var err error
		if gross, err = (ratio{marinadeFeeScale - uint64(v.FeeCents), marinadeFeeScale}).invertCeilWide(lamports); err != nil {
			return Range{}, err
		}
	}
	return invertEnds(ratio{v.Lamports, v.Supply}, gross)
}
