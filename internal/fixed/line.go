package fixed

import (
	"math"
	"math/bits"
)

// Line bounds what is paid for an amount: never more than a rate times the
// amount, and some units beyond that. The zero value bounds nothing. The rate
// has 48 binary places and is rounded up, so that a line through others is a
// bound as they are. It may have an end as well: the largest amount that is
// taken at all, and the most that is paid at all.
//
// For example, [Slope](3, 2) with 5 units beyond pays at most 155 for 100, and
// 155 takes at least 100.
type Line struct {
	rate, beyond uint64
	// until is the largest amount that is taken, and all the most that is paid.
	until, all uint64
	known      bool
}

// linePlaces are the binary places of a rate, and lineOne is a rate of one.
const (
	linePlaces = 48
	lineOne    = 1 << linePlaces
)

// Slope is the line of n for d. It bounds nothing if d is zero or the rate does
// not fit.
func Slope(n, d uint64) Line {
	rate, err := MulDivCeil(n, lineOne, d)
	return Line{
		rate:  rate,
		until: math.MaxUint64,
		all:   math.MaxUint64,
		known: err == nil,
	}
}

// Beyond adds units to what is paid at most, unless that is all there is.
func (l Line) Beyond(units uint64) Line {
	l.beyond = SaturatingAdd(l.beyond, units)
	return l
}

// Beside bounds what two lines pay together for an amount that is divided
// between them: none of it is paid more than the higher rate.
func (l *Line) Beside(other *Line) Line {
	return Line{
		rate:   max(l.rate, other.rate),
		beyond: SaturatingAdd(l.beyond, other.beyond),
		until:  SaturatingAdd(l.until, other.until),
		all:    SaturatingAdd(l.all, other.all),
		known:  l.known && other.known,
	}
}

// Topped bounds the same as [Line.Beside] if the line with the higher rate r pays
// no more than so much, all: beyond the lower rate s, of x divided between them,
// it pays as much for u = r*y + b, which is all at most, as
//
//	u + s*(x-y) + c = s*x + u*(1 - s/r) + b*s/r + c.
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

// Costing bounds what is left of what the line pays after a cost in units of it.
func (l Line) Costing(units uint64) Line {
	l.beyond = SaturatingSub(l.beyond, units)
	return l
}

// CostingMore bounds what is paid for an amount that some units are added to:
//
//	(x-c)*r + b = x*r + (b - c*r).
func (l Line) CostingMore(units uint64) Line {
	if paid, fits := scaled(units, l.rate, 0); fits && paid <= l.beyond {
		l.beyond -= paid
	}
	return l
}

// Until ends a line: larger amounts are not taken, and more is not paid.
func (l Line) Until(amount, paid uint64) Line {
	l.until, l.all = min(l.until, amount), min(l.all, paid)
	return l
}

// Then bounds what the next line pays for what the line pays:
//
//	(x*r + b)*s + c = x*r*s + (b*s + c),
//
// of which both parts are rounded up.
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

// scaled is (a*rate + add) / lineOne.
func scaled(a, rate, add uint64) (uint64, bool) {
	hi, lo := bits.Mul64(a, rate)
	lo, carry := bits.Add64(lo, add, 0)
	hi += carry
	return hi<<(64-linePlaces) | lo>>linePlaces, hi>>linePlaces == 0
}

// Takes reports whether an amount may be taken.
func (l *Line) Takes(amount uint64) bool { return !l.known || amount <= l.until }

// Most is the most that is paid for an amount or less of it.
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

// Least is the least amount for which so much, or more, may be paid:
// x*r + b >= paid wants x >= (paid-b)/r. It is [Never] if there is no such
// amount.
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

// Never is an amount that nothing is paid for.
const Never = math.MaxUint64
