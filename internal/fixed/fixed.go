// Package fixed implements exact integer arithmetic on uint64 amounts. Products
// have 128 bits, the name of a function tells its rounding, and a result that
// does not fit is an error.
package fixed

import (
	"errors"
	"math"
	"math/bits"
)

// Denominators of the fees and shares that programs store.
const (
	// BasisPoints is the number of basis points in one: 50 basis points are 0.5
	// %.
	BasisPoints = 10_000
	// Nanos is the number of billionths in one.
	Nanos = 1_000_000_000
)

// Errors of the operations.
var (
	// ErrOverflow is returned when a result does not fit in a uint64 or would
	// be negative.
	ErrOverflow = errors.New("arithmetic overflow")
	// ErrDivideByZero is returned when a divisor is zero.
	ErrDivideByZero = errors.New("division by zero")
)

// MulDivFloor returns a*b/c, rounded down.
func MulDivFloor(a, b, c uint64) (uint64, error) {
	q, _, err := mulDiv(a, b, c)
	return q, err
}

// MulDivCeil returns a*b/c, rounded up.
func MulDivCeil(a, b, c uint64) (uint64, error) {
	q, r, err := mulDiv(a, b, c)
	if err != nil || r == 0 {
		return q, err
	}
	return Add(q, 1)
}

// MulAddDivCeil returns (a*b+c)/d, rounded up.
func MulAddDivCeil(a, b, c, d uint64) (uint64, error) {
	q, r, err := mulAddDiv(a, b, c, d)
	if err != nil || r == 0 {
		return q, err
	}
	return Add(q, 1)
}

func mulDiv(a, b, c uint64) (q, r uint64, err error) { return mulAddDiv(a, b, 0, c) }

// mulAddDiv is [MulAddDiv] with an error.
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

// MulAddDiv returns (a*b+c)/d and the remainder. ok is false if d is zero or
// the quotient does not fit in a uint64.
func MulAddDiv(a, b, c, d uint64) (quotient, remainder uint64, ok bool) {
	hi, lo := bits.Mul64(a, b)
	lo, carry := bits.Add64(lo, c, 0)
	hi += carry // the sum fits in 128 bits
	if hi >= d {
		return 0, 0, false
	}

	quotient, remainder = bits.Div64(hi, lo, d)
	return quotient, remainder, true
}

// MulLess reports whether a*b < c*d. The products cannot overflow.
func MulLess(a, b, c, d uint64) bool {
	h1, l1 := bits.Mul64(a, b)
	h2, l2 := bits.Mul64(c, d)
	return h1 < h2 || h1 == h2 && l1 < l2
}

// Add returns a+b.
func Add(a, b uint64) (uint64, error) {
	s, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return 0, ErrOverflow
	}
	return s, nil
}

// Sub returns a-b.
func Sub(a, b uint64) (uint64, error) {
	if b > a {
		return 0, ErrOverflow
	}
	return a - b, nil
}

// SaturatingAdd returns a+b, or the maximum of uint64 if the sum does not fit.
func SaturatingAdd(a, b uint64) uint64 {
	if sum, carry := bits.Add64(a, b, 0); carry == 0 {
		return sum
	}
	return math.MaxUint64
}

// SaturatingSub returns a-b, or 0 if the difference is negative.
func SaturatingSub(a, b uint64) uint64 {
	if b > a {
		return 0
	}
	return a - b
}

// Calc performs several operations with one error check. After the first error
// every result is zero.
type Calc struct{ err error }

// Err returns the first error, or nil.
func (c *Calc) Err() error { return c.err }

// Fail records an error of the caller, unless there is one already.
func (c *Calc) Fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// MulDivFloor returns a*b/d, rounded down.
func (c *Calc) MulDivFloor(a, b, d uint64) uint64 { return c.keep(MulDivFloor(a, b, d)) }

// MulDivCeil returns a*b/d, rounded up.
func (c *Calc) MulDivCeil(a, b, d uint64) uint64 { return c.keep(MulDivCeil(a, b, d)) }

// Add returns the sum of all terms.
func (c *Calc) Add(terms ...uint64) (sum uint64) {
	for _, t := range terms {
		sum = c.keep(Add(sum, t))
	}
	return sum
}

// Plus returns a+b.
func (c *Calc) Plus(a, b uint64) uint64 { return c.keep(Add(a, b)) }

// Sub returns a-b.
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
