// Package fixed is exact integer arithmetic on uint64 amounts: products go through 128 bits, the rounding direction is in the
// name, and whatever does not fit is an error.
package fixed

import (
	"errors"
	"math"
	"math/bits"
)

// Parts of one in which the programs write fees and shares.
const (
	// BasisPoints is how many basis points are one: 50 of them are 0.5 %.
	BasisPoints = 10_000
	// Nanos is how many billionths are one.
	Nanos = 1_000_000_000
)

// Reasons for which an operation has no result.
var (
	// ErrOverflow says that a result does not fit a uint64 or would be negative.
	ErrOverflow = errors.New("arithmetic overflow")
	// ErrDivideByZero says that a divisor is zero.
	ErrDivideByZero = errors.New("division by zero")
)

// MulDivFloor is a*b/c rounded down.
func MulDivFloor(a, b, c uint64) (uint64, error) {
	q, _, err := mulDiv(a, b, c)
	return q, err
}

// MulDivCeil is a*b/c rounded up.
func MulDivCeil(a, b, c uint64) (uint64, error) {
	q, r, err := mulDiv(a, b, c)
	if err != nil || r == 0 {
		return q, err
	}
	return Add(q, 1)
}

// MulAddDivCeil is (a*b+c)/d rounded up.
func MulAddDivCeil(a, b, c, d uint64) (uint64, error) {
	q, r, err := mulAddDiv(a, b, c, d)
	if err != nil || r == 0 {
		return q, err
	}
	return Add(q, 1)
}

func mulDiv(a, b, c uint64) (q, r uint64, err error) { return mulAddDiv(a, b, 0, c) }

// mulAddDiv is [MulAddDiv] with a reason.
func mulAddDiv(a, b, c, d uint64) (q, r uint64, err error) {
	q, r, ok := MulAddDiv(a, b, c, d)
	switch {
	case ok:
		return q, r, nil
	case d == 0:
		return 0, 0, ErrDivideByZero
	}
	return 0, 0, ErrOverflow
}

// MulAddDiv returns (a*b+c)/d and its remainder, or false if the quotient does
// not fit a uint64 or d is zero.
func MulAddDiv(a, b, c, d uint64) (quotient, remainder uint64, ok bool) {
	hi, lo := bits.Mul64(a, b)
	lo, carry := bits.Add64(lo, c, 0)
	hi += carry // the sum cannot overflow 128 bits
	if hi >= d {
		return 0, 0, false
	}

	quotient, remainder = bits.Div64(hi, lo, d)
	return quotient, remainder, true
}

// MulLess says whether a*b < c*d, which never overflows.
func MulLess(a, b, c, d uint64) bool {
	h1, l1 := bits.Mul64(a, b)
	h2, l2 := bits.Mul64(c, d)
	return h1 < h2 || h1 == h2 && l1 < l2
}

// Add is a+b.
func Add(a, b uint64) (uint64, error) {
	s, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return 0, ErrOverflow
	}
	return s, nil
}

// Sub is a-b.
func Sub(a, b uint64) (uint64, error) {
	if b > a {
		return 0, ErrOverflow
	}
	return a - b, nil
}

// SaturatingAdd returns a + b, or the largest number if that is too large.
func SaturatingAdd(a, b uint64) uint64 {
	if sum, carry := bits.Add64(a, b, 0); carry == 0 {
		return sum
	}
	return math.MaxUint64
}

// SaturatingSub is a-b, or 0 if that is negative.
func SaturatingSub(a, b uint64) uint64 {
	if b > a {
		return 0
	}
	return a - b
}

// Calc chains operations: after the first failure every result is zero and Err tells what it was.
type Calc struct{ err error }

// Err is nil or the first failure.
func (c *Calc) Err() error { return c.err }

// Fail records a failure that the caller found.
func (c *Calc) Fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// MulDivFloor is a*b/d rounded down.
func (c *Calc) MulDivFloor(a, b, d uint64) uint64 { return c.keep(MulDivFloor(a, b, d)) }

// MulDivCeil is a*b/d rounded up.
func (c *Calc) MulDivCeil(a, b, d uint64) uint64 { return c.keep(MulDivCeil(a, b, d)) }

// Add is the sum of all terms.
func (c *Calc) Add(terms ...uint64) (sum uint64) {
	for _, t := range terms {
		sum = c.keep(Add(sum, t))
	}
	return sum
}

// Plus is a+b.
func (c *Calc) Plus(a, b uint64) uint64 { return c.keep(Add(a, b)) }

// Sub is a-b.
func (c *Calc) Sub(a, b uint64) uint64 { return c.keep(Sub(a, b)) }

func (c *Calc) keep(v uint64, err error) uint64 {
	if err != nil {
		c.Fail(err)
	}
	if c.err != nil {
		return 0
	}
	return v
}
