package choose

import (
	"errors"
	"math"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// beatsByMargin reports whether two legs pay more than one offer: by more base
// units than rounding can bring, and by more lamports than the request asks
// for.
func (m *Market) beatsByMargin(s *Search, legs, than *offer.Offer, rounding uint64) bool {
	if s.SwapMode == terms.ExactOut {
		return gains(fixed.SaturatingSub(than.NetIn, legs.NetIn), rounding, s.MinGain,
			m.price(s.FromToken))
	}
	return gains(fixed.SaturatingSub(legs.NetOut, than.NetOut), rounding, s.MinGain, legs.Price)
}

// gains reports whether a gain in base units of a token is more than rounding
// can bring and worth more than some lamports. Where the price of the token is
// unknown, a base unit counts as a lamport.
func gains(gain, rounding, minGain uint64, price quote.Price) bool {
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

	return lamports > minGain
}

// roughness bounds how far the payout of an offer may lie from the curve that
// its program rounds, in base units of the side that is not fixed. The widest
// are those of stake that the Reserve buys: its rate has twelve decimals, so a
// payout may be off by 10^-12 of it, and by 4 beyond that; each rounded fee,
// and the stake that is drawn before, add up to 4 more.
func roundingBound(side terms.SwapMode, o *offer.Offer) uint64 {
	out := max(o.In, o.Out)/1_000_000_000_000 + 8
	if side == terms.ExactOut {
		return saturatingMul(out, ratioCeil(o.In, o.Out))
	}
	return out
}

// per is how many units of a there are for one of b, rounded up.
func ratioCeil(a, b uint64) uint64 {
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
func chainRounding(side terms.SwapMode, first, second *offer.Offer) uint64 {
	before, after, multiplied := first, second, ratioCeil(second.Out, second.In)
	if side == terms.ExactOut {
		before, after, multiplied = second, first, ratioCeil(first.In, first.Out)
	}
	return roundingMargin(fixed.SaturatingAdd(saturatingMul(roundingBound(side, before),
		multiplied),
		roundingBound(side, after)))
}

// splitRounding is what rounding may bring to two parts.
func splitRounding(side terms.SwapMode, one, other *offer.Offer) uint64 {
	return roundingMargin(fixed.SaturatingAdd(roundingBound(side, one), roundingBound(side, other)))
}

// roundingMargin is twice a roughness, once for the legs and once for the quote
// they are compared with, and 4 for the last rounding of each.
func roundingMargin(roughness uint64) uint64 {
	return fixed.SaturatingAdd(saturatingMul(2, roughness), 4)
}
