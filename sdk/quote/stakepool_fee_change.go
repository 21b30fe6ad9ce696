package quote

import (
	"math/bits"

	"github.com/sanctum-go/sanctum/accounts"
)

// The limits of a withdrawal fee that rises: 1.5 times the fee in force, or of
// 0.1 % if there is none.
var (
	withdrawalBaseline = accounts.Fee{Numerator: 1, Denominator: 1000}
	maximumRise        = accounts.Fee{Numerator: 3, Denominator: 2}
	// maximumStep is the limit, as a difference, that later builds add.
	maximumStep = accounts.Fee{Numerator: 5, Denominator: 1000}
)

// FeeChange is the result of SetFee.
type FeeChange struct {
	// State is the pool after the change.
	State accounts.StakePool
	// Epoch is the first epoch in which the fee is in force: after the pool
	// update of that epoch, if the pool is updated in each epoch until then.
	Epoch uint64
}

var (
	reasonFeeInvalid = NewReason(ErrInvalidFee, "%[1]v: %[2]d/%[3]d")
	reasonFeeRise    = NewReason(ErrFeeRise,
		"%[1]v: to %[2]d/%[3]d; 1.5 times the fee in force, or 0.15 %% if there is none")
	reasonFeeStep = NewReason(ErrBuildDependent,
		"%[1]v: later builds refuse a rise of a withdrawal fee by over 0.5 %%, to %[2]d/%[3]d")
)

// SetFee is the result of SetFee with a fee that is a fraction. The epoch fee
// and the withdrawal fees take effect two epochs later. For example, set in
// epoch 800, they are in force after the pool update of epoch 802. Deposit fees
// take effect at once. A second change replaces one that is scheduled.
func (s StakePoolState) SetFee(
	kind accounts.StakePoolFeeKind, fee accounts.Fee,
) (FeeChange, error) {
	var r Refusal
	c, ok := s.setFee(kind, fee, &r)
	r.By(opSetFee, &s.Address)
	return answer(c, ok, &r)
}

func (s *StakePoolState) setFee(
	kind accounts.StakePoolFeeKind, fee accounts.Fee, r *Refusal,
) (c FeeChange, ok bool) {
	immediate := kind == accounts.StakePoolSOLDepositFee ||
		kind == accounts.StakePoolStakeDepositFee
	if !immediate && s.State.LastUpdateEpoch < s.Clock.Epoch {
		return c, r.Because(reasonStale, s.State.LastUpdateEpoch, s.Clock.Epoch)
	}

	if fee.Numerator > fee.Denominator {
		return c, r.Because(reasonFeeInvalid, fee.Numerator, fee.Denominator)
	}

	const updates = 2
	c = FeeChange{State: s.State, Epoch: s.Clock.Epoch + updates}
	later := accounts.FutureFee{Updates: updates, Fee: fee}
	ok = true
	switch kind {
	case accounts.StakePoolEpochFee:
		c.State.NextEpochFee = later
	case accounts.StakePoolStakeWithdrawalFee:
		ok = s.rises(s.State.StakeWithdrawalFee, fee, r)
		c.State.NextStakeWithdrawalFee = later
	case accounts.StakePoolSOLWithdrawalFee:
		ok = s.rises(s.State.SOLWithdrawalFee, fee, r)
		c.State.NextSOLWithdrawalFee = later
	case accounts.StakePoolSOLDepositFee:
		c.State.SOLDepositFee, c.Epoch = fee, s.Clock.Epoch
	case accounts.StakePoolStakeDepositFee:
		c.State.StakeDepositFee, c.Epoch = fee, s.Clock.Epoch
	default:
		ok = r.Because(reasonFeeInvalid, fee.Numerator, fee.Denominator)
	}

	return c, ok
}

// rises checks the rise of a withdrawal fee against the fee in force. It
// mirrors Fee::check_withdrawal, and refuses fees whose products overflow.
func (s *StakePoolState) rises(old, fee accounts.Fee, r *Refusal) bool {
	free := old.IsZero()
	if free {
		old = withdrawalBaseline
	}

	// old × 3/2 ≥ fee, without division.
	most, over := mul3(old.Numerator, fee.Denominator, maximumRise.Numerator)
	wanted, tooMuch := mul3(fee.Numerator, old.Denominator, maximumRise.Denominator)
	if over || tooMuch || less128(most, wanted) {
		return r.Because(reasonFeeRise, fee.Numerator, fee.Denominator)
	}

	// Builds whose rounding is known do not have the second limit.
	if s.Rounding == FeesUnknown && s.steps(old, fee, free) {
		return r.Because(reasonFeeStep, fee.Numerator, fee.Denominator)
	}

	return true
}

// steps reports whether a fee is higher than the old one by more than
// maximumStep, or might be because the products overflow.
func (s *StakePoolState) steps(old, fee accounts.Fee, free bool) bool {
	if free || fee.Denominator == 0 {
		return false // At most 0.15 %.
	}

	// fee ≤ old + step: fee.n × old.d × step.d ≤ (old.n × step.d + step.n ×
	// old.d) × fee.d.
	high, sum := bits.Mul64(old.Numerator, maximumStep.Denominator)
	stepHigh, step := bits.Mul64(maximumStep.Numerator, old.Denominator)
	sum, carry := bits.Add64(sum, step, 0)
	if high != 0 || stepHigh != 0 || carry != 0 {
		return true
	}

	wanted, over := mul3(fee.Numerator, old.Denominator, maximumStep.Denominator)
	mostHigh, mostLow := bits.Mul64(sum, fee.Denominator)

	return over || less128([2]uint64{mostHigh, mostLow}, wanted)
}

// mul3 multiplies three numbers. The result has 128 bits, high first.
func mul3(a, b, c uint64) (p [2]uint64, overflows bool) {
	high, low := bits.Mul64(a, b)
	carry, low := bits.Mul64(low, c)
	over, high := bits.Mul64(high, c)
	high, more := bits.Add64(high, carry, 0)
	return [2]uint64{high, low}, over != 0 || more != 0
}

// less128 compares numbers of 128 bits.
func less128(a, b [2]uint64) bool {
	return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
}
