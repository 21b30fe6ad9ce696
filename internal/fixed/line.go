package fixed

import (
	"math"
	"math/bits"
)

// Line is an upper bound of the output for an input: at most rate*input +
// beyond. It may also have a maximum input and a maximum output. The zero value
// is not a bound: every output is possible. The rate has 48 binary places and
// is rounded up.
//
// Example: [Slope](3, 2) with 5 units beyond bounds the output for an input of
// 100 by 155, and an output of 155 needs an input of at least 100.
type Line struct {
	rate, beyond uint64
	// until is the maximum input, all the maximum output.
	until, all uint64
	known      bool
}

// linePlaces is the number of binary places of a rate. lineOne is the rate one.
const (
	linePlaces = 48
	lineOne    = 1 << linePlaces
)

// Slope returns the line with the rate n/d. It is not a bound if d is zero or
// the rate does not fit.
func Slope(n, d uint64) Line {
	rate, err := MulDivCeil(n, lineOne, d)
	return Line{
		rate:  rate,
		until: math.MaxUint64,
		all:   math.MaxUint64,
		known: err == nil,
	}
}

// Beyond adds units to the output, up to the maximum output.
func (l Line) Beyond(units uint64) Line {
	l.beyond = SaturatingAdd(l.beyond, units)
	return l
}

// Beside bounds the output when the input is divided between two lines. No part
// of the input has a higher rate than the higher of the two.
func (l *Line) Beside(other *Line) Line {
	return Line{
		rate:   max(l.rate, other.rate),
		beyond: SaturatingAdd(l.beyond, other.beyond),
		until:  SaturatingAdd(l.until, other.until),
		all:    SaturatingAdd(l.all, other.all),
		known:  l.known && other.known,
	}
}

// Topped returns a tighter bound than [Line.Beside] if the line with the higher
// rate has a maximum output. With the rates r > s, the outputs beyond the rates
// b and c, and the input x, of which y goes to the line with the rate r, that
// line pays u = r*y + b. The total is
//
//	u + s*(x-y) + c = s*x + u*(1 - s/r) + b*s/r + c,
//
// and u is at most the maximum output.
func (l *Line) Topped(other *Line) Line {
	high, low := l, other
	if high.rate < low.rate {
		high, low = low, high
	}

	both := l.Beside(other)
	both.rate = low.rate
	if high.rate != 0 {
		top, err := MulDivCeil(high.all, high.rate-low.rate, high.rate)
		both.beyond = SaturatingAdd(both.beyond, top)
		both.known = both.known && err == nil
	}

	return both
}

// Costing bounds the output after a cost, in units of the output, was
// subtracted.
func (l Line) Costing(units uint64) Line {
	l.beyond = SaturatingSub(l.beyond, units)
	return l
}

// CostingMore bounds the output when a cost, in units of the input, is
// subtracted from the input first:
//
//	(x-c)*r + b = x*r + (b - c*r).
func (l Line) CostingMore(units uint64) Line {
	if paid, fits := scaled(units, l.rate, 0); fits && paid <= l.beyond {
		l.beyond -= paid
	}
	return l
}

// Until sets the maximum input and the maximum output.
func (l Line) Until(amount, paid uint64) Line {
	l.until, l.all = min(l.until, amount), min(l.all, paid)
	return l
}

// Then bounds the output when the output of the line is the input of the next
// line:
//
//	(x*r + b)*s + c = x*r*s + (b*s + c).
//
// Both parts are rounded up.
func (l *Line) Then(next *Line) Line {
	rate, fits1 := scaled(l.rate, next.rate, lineOne-1)
	beyond, fits2 := scaled(l.beyond, next.rate, lineOne-1)
	return Line{
		rate:   rate,
		beyond: SaturatingAdd(beyond, next.beyond),
		until:  l.until,
		all:    next.Most(l.all),
		known:  l.known && next.known && fits1 && fits2,
	}
}

// scaled returns (a*rate + add) / lineOne, and whether it fits.
func scaled(a, rate, add uint64) (uint64, bool) {
	hi, lo := bits.Mul64(a, rate)
	lo, carry := bits.Add64(lo, add, 0)
	hi += carry
	return hi<<(64-linePlaces) | lo>>linePlaces, hi>>linePlaces == 0
}

// Takes reports whether the amount is at most the maximum input.
func (l *Line) Takes(amount uint64) bool { return !l.known || amount <= l.until }

// Most returns the maximum output for an input of at most the given amount.
func (l *Line) Most(amount uint64) uint64 {
	if !l.known {
		return math.MaxUint64
	}
	paid, fits := scaled(amount, l.rate, 0)
	if !fits {
		return l.all
	}
	return min(SaturatingAdd(paid, l.beyond), l.all)
}

// Least returns the minimum input for which the output can reach paid: x*r + b
// >= paid requires x >= (paid-b)/r. It is [Never] if no input can reach it.
func (l *Line) Least(paid uint64) uint64 {
	switch {
	case !l.known:
		return 0
	case paid > l.all:
		return Never
	case paid <= l.beyond:
		return 0
	case l.rate == 0:
		return Never
	}

	amount, err := MulDivCeil(paid-l.beyond, lineOne, l.rate)
	if err != nil {
		return Never
	}

	return min(amount, Never-1)
}

// Never is the result of [Line.Least] when no input is sufficient.
const Never = math.MaxUint64
