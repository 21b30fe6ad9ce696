package fixed

import "math/bits"

// Q63One is one as an unsigned fixed-point number with 63 binary places
// (UQ0.63).
const Q63One = 1 << 63

// Q63Mul multiplies two numbers of at most one. It rounds to the nearest, and
// halves up.
func Q63Mul(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	lo, carry := bits.Add64(lo, 1<<62, 0)
	hi += carry
	return hi<<1 | lo>>63
}

// Q63Pow raises a number of at most one to a power by repeated squaring. Each
// step rounds, so the order of the steps affects the result.
func Q63Pow(base, exponent uint64) uint64 {
	r := uint64(Q63One)
	for e := exponent; e > 0; e /= 2 {
		if e%2 == 1 {
			r = Q63Mul(r, base)
		}
		base = Q63Mul(base, base)
	}
	return r
}
