package fixed

import "math/bits"

// Wide is an unsigned integer of 128 bits.
type Wide struct{ Hi, Lo uint64 }

// Product returns a*b. It always fits.
func Product(a, b uint64) Wide {
	hi, lo := bits.Mul64(a, b)
	return Wide{Hi: hi, Lo: lo}
}

// Add returns w+o, and whether the sum fits.
func (w Wide) Add(o Wide) (Wide, bool) {
	lo, carry := bits.Add64(w.Lo, o.Lo, 0)
	hi, carry := bits.Add64(w.Hi, o.Hi, carry)
	return Wide{Hi: hi, Lo: lo}, carry == 0
}

// Sub returns w-o, and whether the difference is not negative.
func (w Wide) Sub(o Wide) (Wide, bool) {
	lo, borrow := bits.Sub64(w.Lo, o.Lo, 0)
	hi, borrow := bits.Sub64(w.Hi, o.Hi, borrow)
	return Wide{Hi: hi, Lo: lo}, borrow == 0
}

// Mul returns w*m, and whether the product fits.
func (w Wide) Mul(m uint64) (Wide, bool) {
	over, high := bits.Mul64(w.Hi, m)
	hi, lo := bits.Mul64(w.Lo, m)
	hi, carry := bits.Add64(hi, high, 0)
	return Wide{Hi: hi, Lo: lo}, over == 0 && carry == 0
}

// Less reports whether w < o.
func (w Wide) Less(o Wide) bool { return w.Hi < o.Hi || w.Hi == o.Hi && w.Lo < o.Lo }

// MulAddDiv returns (w*m + a)/d, rounded down. The dividend has 192 bits, the
// divisor 128 and the quotient 64. It returns false if d is zero or the
// quotient does not fit.
func (w Wide) MulAddDiv(m, a uint64, d Wide) (uint64, bool) {
	// w*m + a fits in 192 bits: it is at most (2^128-1)(2^64-1) + 2^64-1 =
	// 2^192 - 2^128 < 2^192.
	h1, l1 := bits.Mul64(w.Hi, m)
	h0, l0 := bits.Mul64(w.Lo, m)

	u0, carry := bits.Add64(l0, a, 0)
	u1, carry := bits.Add64(l1, h0, carry)
	u2 := h1 + carry

	return div192(u2, u1, u0, d)
}

// MulAddDivWide returns (w*m + a)/d, rounded down, and whether the quotient
// fits in 128 bits.
func (w Wide) MulAddDivWide(m, a, d uint64) (Wide, bool) {
	h1, l1 := bits.Mul64(w.Hi, m)
	h0, l0 := bits.Mul64(w.Lo, m)

	u0, carry := bits.Add64(l0, a, 0)
	u1, carry := bits.Add64(l1, h0, carry)
	u2 := h1 + carry
	if u2 >= d {
		return Wide{}, false
	}

	hi, rest := bits.Div64(u2, u1, d)
	lo, _ := bits.Div64(rest, u0, d)

	return Wide{Hi: hi, Lo: lo}, true
}

// div192 returns u/d for a quotient of 64 bits. It is Knuth's algorithm D for
// one digit of the quotient and two digits of the divisor.
func div192(u2, u1, u0 uint64, d Wide) (uint64, bool) {
	// The quotient fits if and only if u/2^64 < d. The check also refuses d =
	// 0.
	if !(Wide{Hi: u2, Lo: u1}).Less(d) {
		return 0, false
	}

	if d.Hi == 0 {
		// Here u2 is zero and u1 < d.Lo.
		q, _ := bits.Div64(u1, u0, d.Lo)
		return q, true
	}

	// Shift both until the highest bit of the divisor is set. No bit of u is
	// lost, because u/2^64 < d. A shift by 64 results in zero in Go, as it must
	// for s = 0.
	s := uint(bits.LeadingZeros64(d.Hi))
	vh, vl := d.Hi<<s|d.Lo>>(64-s), d.Lo<<s
	u2 = u2<<s | u1>>(64-s)
	u1 = u1<<s | u0>>(64-s)
	u0 <<= s

	// The estimate from the first digit of the divisor is at most two too
	// large. The comparison with the second digit is exact, because there is no
	// third digit.
	var q, rest uint64
	if u2 == vh {
		// The estimate would be 2^64. One less leaves the remainder u1 + vh.
		var carry uint64
		q = ^uint64(0)
		if rest, carry = bits.Add64(u1, vh, 0); carry != 0 {
			return q, true
		}
	} else {
		q, rest = bits.Div64(u2, u1, vh)
	}

	for {
		hi, lo := bits.Mul64(q, vl)
		if hi < rest || hi == rest && lo <= u0 {
			return q, true
		}

		q--
		var carry uint64
		if rest, carry = bits.Add64(rest, vh, 0); carry != 0 {
			return q, true
		}
	}
}
