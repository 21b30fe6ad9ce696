package route

import (
	"errors"
	"math"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// worthwhile reports whether two legs pay more than one quote: by more base
// units than rounding can bring, and by more lamports than the request asks
// for. Where the price of the token is unknown, a base unit counts as a
// lamport.
func (m *Market) worthwhile(legs, than *Quote, rounding uint64) bool {
	gain, price := fixed.SaturatingSub(legs.NetOut, than.NetOut), legs.Price
	if legs.Request.Side == ExactOut {
		gain, price = fixed.SaturatingSub(than.NetIn, legs.NetIn), m.price(legs.Request.From)
	}
	if gain <= rounding {
		return false
	}

	lamports, err := fixed.MulDivFloor(gain, price.Lamports, price.Tokens)
	switch {
	case errors.Is(err, fixed.ErrOverflow):
		return true
	case err != nil:
		lamports = gain
	}
	return lamports > legs.Request.minGain()
}

func (r Request) minGain() uint64 {
	if r.MinGain == 0 {
		return DefaultMinGain
	}
	return r.MinGain
}

// roughness bounds how far the payout of a quote may lie from the curve that
// its program rounds, in base units of the side that is not fixed. The widest
// are those of stake that the Reserve buys: its rate has twelve decimals, so a
// payout may be off by 10^-12 of it, and by 4 beyond that; each rounded fee, and
// the stake that is drawn before, add up to 4 more.
func (q *Quote) roughness() uint64 {
	out := max(q.In, q.Out)/1_000_000_000_000 + 8
	if q.Request.Side == ExactOut {
		return saturatingMul(out, per(q.In, q.Out))
	}
	return out
}

// per is how many units of a there are for one of b, rounded up.
func per(a, b uint64) uint64 {
	if b == 0 {
		return 1
	}
	return (a-a%b)/b + min(a%b, 1)
}

// saturatingMul is a*b, or the largest number if that is too large.
func saturatingMul(a, b uint64) uint64 {
	product, err := fixed.MulDivFloor(a, b, 1)
	if err != nil {
		return math.MaxUint64
	}
	return product
}

// chainRounding is what rounding may bring to one step after the other: what
// the first is off by is multiplied by what the second makes of a unit.
func chainRounding(first, second *Quote) uint64 {
	before, after, multiplied := first, second, per(second.Out, second.In)
	if first.Request.Side == ExactOut {
		before, after, multiplied = second, first, per(first.In, first.Out)
	}
	return luck(fixed.SaturatingAdd(saturatingMul(before.roughness(), multiplied), after.roughness()))
}

// splitRounding is what rounding may bring to two parts.
func splitRounding(one, other *Quote) uint64 {
	return luck(fixed.SaturatingAdd(one.roughness(), other.roughness()))
}

// luck is twice a roughness, once for the legs and once for the quote they are
// compared with, and 4 for the last rounding of each.
func luck(roughness uint64) uint64 {
	return fixed.SaturatingAdd(saturatingMul(2, roughness), 4)
}
