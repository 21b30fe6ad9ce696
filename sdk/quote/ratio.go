package quote

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// MinMax holds the smallest and the largest amount that a conversion may stand
// for. Infinity always uses the end that favours the pool.
type MinMax struct{ Min, Max uint64 }

func exactly(v uint64) MinMax { return MinMax{v, v} }

var reasonZeroInverse = NewReason(ErrAmountTooLarge, "%[1]v: no amount has a value of %[2]d")

// overflows refuses a calculation whose result does not fit in 64 bits.
func (r *Refusal) overflows() bool { return r.BecauseErr(reasonTooLarge, fixed.ErrOverflow) }

// ratio is the fraction n/d that amounts are multiplied by. A zero numerator or
// denominator makes every product zero.
//
// Its methods return false for a result that does not fit in 64 bits. The
// methods that take a refusal record the reason in it.
type ratio struct{ n, d uint64 }

func (r ratio) isZero() bool { return r.n == 0 || r.d == 0 }

// roundUp rounds up a quotient, given its remainder.
func roundUp(quotient, remainder uint64, ok bool) (uint64, bool) {
	if remainder == 0 {
		return quotient, ok
	}
	return quotient + 1, ok && quotient != math.MaxUint64
}

// floor returns x*n/d, rounded down.
func (r ratio) floor(x uint64) (uint64, bool) {
	if r.isZero() {
		return 0, true
	}

	quotient, _, ok := fixed.MulAddDiv(x, r.n, 0, r.d)
	return quotient, ok
}

// ceil returns x*n/d, rounded up.
func (r ratio) ceil(x uint64) (uint64, bool) {
	if r.isZero() {
		return 0, true
	}

	return roundUp(fixed.MulAddDiv(x, r.n, 0, r.d))
}

// zeroInverse is the inverse of a zero ratio: every amount gives zero, and no
// amount gives more.
func zeroInverse(y uint64, why *Refusal) (MinMax, bool) {
	if y != 0 {
		return MinMax{}, why.Because(reasonZeroInverse, y)
	}
	return MinMax{0, math.MaxUint64}, true
}

// low returns y*d/n, rounded down: the low end of invertFloorWide for a ratio
// that is not zero.
func (r ratio) low(y uint64) (uint64, bool) {
	quotient, _, ok := fixed.MulAddDiv(r.d, y, 0, r.n)
	return quotient, ok
}

// high returns (y+1)*d/n, rounded up: the high end of invertFloorWide for a
// ratio that is not zero.
func (r ratio) high(y uint64) (uint64, bool) {
	return roundUp(fixed.MulAddDiv(r.d, y, r.d, r.n))
}

// hasHigh reports whether high has a result. It divides only in close cases: if
// the upper word of the product is below n-1, the quotient is at most 2^64-2
// and can be rounded up.
func (r ratio) hasHigh(y uint64) bool {
	upper, lower := bits.Mul64(r.d, y)
	_, carry := bits.Add64(lower, r.d, 0)
	if upper+carry < r.n-1 {
		return true
	}

	_, ok := r.high(y)
	return ok
}

// invertFloorWide returns the range of amounts that floor may have turned into
// y. The range is one unit too wide at each end, as in all SOL value calculator
// programs and the flat-fee pricing program.
func (r ratio) invertFloorWide(y uint64, why *Refusal) (MinMax, bool) {
	if r.isZero() {
		return zeroInverse(y, why)
	}

	low, lowFits := r.low(y)
	high, highFits := r.high(y)
	if !lowFits || !highFits {
		return MinMax{}, why.overflows()
	}
	return MinMax{low, high}, true
}

// lowBelow returns (y-1)*d/n, rounded down: the low end of invertCeilWide for a
// ratio and an amount that are not zero.
func (r ratio) lowBelow(y uint64) (uint64, bool) { return r.low(y - 1) }

// highBelow returns y*d/n, rounded up: the high end of invertCeilWide.
func (r ratio) highBelow(y uint64) (uint64, bool) {
	return roundUp(fixed.MulAddDiv(r.d, y, 0, r.n))
}

// invertCeilWide returns the range of amounts that ceil may have turned into y.
// The range is one unit too wide at the low end.
func (r ratio) invertCeilWide(y uint64, why *Refusal) (MinMax, bool) {
	switch {
	case r.isZero():
		return zeroInverse(y, why)
	case y == 0:
		return MinMax{}, true
	}

	low, lowFits := r.lowBelow(y)
	high, highFits := r.highBelow(y)
	if !lowFits || !highFits {
		return MinMax{}, why.overflows()
	}

	return MinMax{low, high}, true
}

// invertFloor returns the exact range of amounts that floor turns into y. If no
// amount gives y, the low end is one above the high end. The flatslab pricing
// program uses it, and version 2 of Infinity for its LP token.
func (r ratio) invertFloor(y uint64, why *Refusal) (MinMax, bool) {
	if r.isZero() {
		return zeroInverse(y, why)
	}

	low, fits := r.highBelow(y)
	if !fits {
		return MinMax{}, why.overflows()
	}

	high := uint64(math.MaxUint64)
	if next, fits := r.high(y); fits {
		high = next - 1
	}

	return MinMax{low, high}, true
}

// invertEnds inverts each end of a range separately.
func (r ratio) invertEnds(of MinMax, why *Refusal) (MinMax, bool) {
	low, ok := r.invertFloorWide(of.Min, why)
	if !ok {
		return MinMax{}, false
	}
	high, ok := r.invertFloorWide(of.Max, why)
	return MinMax{low.Min, high.Max}, ok
}

// spread bounds the distance between the ends of invertFloorWide and of
// invertCeilWide, for a ratio that is not zero: before rounding the ends are
// d/n apart.
func (r ratio) spread() uint64 {
	apart, ok := r.highBelow(1)
	if !ok {
		return math.MaxUint64
	}
	return fixed.SaturatingAdd(apart, 1)
}

func errTooLarge(err error) error {
	if err == nil || errors.Is(err, ErrAmountTooLarge) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrAmountTooLarge, err)
}
