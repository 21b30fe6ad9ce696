package quote

import (
	"errors"
	"fmt"
	"math"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Range holds the amounts a conversion may stand for. Which end a controller uses is always the one in the pool's favour.
type Range struct{ Min, Max uint64 }

func exactly(v uint64) Range { return Range{v, v} }

// ratio is a fraction that amounts are multiplied by. A zero numerator or denominator makes every product zero.
type ratio struct{ n, d uint64 }

func (r ratio) isZero() bool { return r.n == 0 || r.d == 0 }

// floor is x*n/d, rounded down.
func (r ratio) floor(x uint64) (uint64, error) {
	if r.isZero() {
		return 0, nil
	}
	return tooLarge(fixed.MulDivFloor(x, r.n, r.d))
}

// ceil is x*n/d, rounded up.
func (r ratio) ceil(x uint64) (uint64, error) {
	if r.isZero() {
		return 0, nil
	}
	return tooLarge(fixed.MulDivCeil(x, r.n, r.d))
}

// zeroInverse is what a zero ratio turns back: anything gives zero, nothing gives more.
func zeroInverse(y uint64) (Range, error) {
	if y != 0 {
		return Range{}, fmt.Errorf("%w: no amount is worth %d", ErrTooLarge, y)
	}
	return Range{0, math.MaxUint64}, nil
}

// invertFloorWide is what floor may have made y from, one unit too wide at each end. All calculator programs and the flat-fee
// pricing program use it.
func (r ratio) invertFloorWide(y uint64) (Range, error) {
	if r.isZero() {
		return zeroInverse(y)
	}
	low, err := fixed.MulDivFloor(r.d, y, r.n)
	if err != nil {
		return Range{}, errTooLarge(err)
	}
	high, err := fixed.MulAddDivCeil(r.d, y, r.d, r.n)
	return Range{low, high}, errTooLarge(err)
}

// invertCeilWide is what ceil may have made y from, one unit too wide at the low end.
func (r ratio) invertCeilWide(y uint64) (Range, error) {
	switch {
	case r.isZero():
		return zeroInverse(y)
	case y == 0:
		return Range{}, nil
	}
	low, err := fixed.MulDivFloor(r.d, y-1, r.n)
	if err != nil {
		return Range{}, errTooLarge(err)
	}
	high, err := fixed.MulDivCeil(r.d, y, r.n)
	return Range{low, high}, errTooLarge(err)
}

// invertFloor is just what floor makes y from. If it makes y from nothing, the low end is one above the high end. The flatslab
// pricing program uses it, and version 2 of the controller for its LP token.
func (r ratio) invertFloor(y uint64) (Range, error) {
	if r.isZero() {
		return zeroInverse(y)
	}
	low, err := fixed.MulDivCeil(r.d, y, r.n)
	if err != nil {
		return Range{}, errTooLarge(err)
	}
	high := uint64(math.MaxUint64)
	next, err := fixed.MulAddDivCeil(r.d, y, r.d, r.n)
	switch {
	case err == nil:
		high = next - 1
	case !errors.Is(err, fixed.ErrOverflow):
		return Range{}, err
	}
	return Range{low, high}, nil
}

func tooLarge(v uint64, err error) (uint64, error) { return v, errTooLarge(err) }

func errTooLarge(err error) error {
	if err == nil || errors.Is(err, ErrTooLarge) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrTooLarge, err)
}

// tooLargeUnlessInvalid is the error for a calculation that failed: for its numbers, or for what it was told.
func tooLargeUnlessInvalid(err error) error {
	if errors.Is(err, ErrInvalidState) {
		return err
	}
	return errTooLarge(err)
}
