package fixed

import "math"

// Line bounds what is paid for an amount: never more than a rate times the
// amount, and some units beyond that. The zero value bounds nothing. The rate
// has 48 binary places and is rounded up, so that a line through others is a
// bound as they are.
//
// For example, [Slope](3, 2) with 5 units beyond pays at most 155 for 100, and
// 155 takes at least 100.
type Line struct {
	rate, beyond uint64
	known        bool
}

// lineOne is a rate of one.
const lineOne = 1 << 48

// Slope is the line of n for d. It bounds nothing if d is zero or the rate does
// not fit.
func Slope(n, d uint64) Line {
	rate, err := MulDivCeil(n, lineOne, d)
	return Line{rate: rate, known: err == nil}
}

// Beyond adds units to what is paid at most.
func (l Line) Beyond(units uint64) Line {
	l.beyond = SaturatingAdd(l.beyond, units)
	return l
}

// Then bounds what the next line pays for what the line pays:
//
//	(x*r + b)*s + c = x*r*s + (b*s + c),
//
// of which both parts are rounded up.
func (l Line) Then(next Line) Line {
	rate, err := MulDivCeil(l.rate, next.rate, lineOne)
	beyond, err2 := MulDivCeil(l.beyond, next.rate, lineOne)
	return Line{
		rate:   rate,
		beyond: SaturatingAdd(beyond, next.beyond),
		known:  l.known && next.known && err == nil && err2 == nil,
	}
}

// Most is the most that is paid for an amount or less of it.
func (l Line) Most(amount uint64) uint64 {
	paid, err := MulDivFloor(amount, l.rate, lineOne)
	if !l.known || err != nil {
		return math.MaxUint64
	}
	return SaturatingAdd(paid, l.beyond)
}

// Least is the least amount for which so much, or more, may be paid:
// x*r + b >= paid wants x >= (paid-b)/r. It is the largest number if there is
// no such amount.
func (l Line) Least(paid uint64) uint64 {
	switch {
	case !l.known || paid <= l.beyond || l.beyond == math.MaxUint64:
		return 0
	case l.rate == 0:
		return math.MaxUint64
	}
	amount, err := MulDivCeil(paid-l.beyond, lineOne, l.rate)
	if err != nil {
		return math.MaxUint64
	}
	return amount
}
