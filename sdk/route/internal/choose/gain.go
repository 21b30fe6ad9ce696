package choose

import (
	"errors"
	"math"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// beatsByMargin reports whether two legs beat an offer by more base units than
// rounding can produce, and by more lamports than the request's MinGain.
func (m *Market) beatsByMargin(s *Search, legs, than *offer.Offer, rounding uint64) bool {
	if s.SwapMode == terms.ExactOut {
		return gains(fixed.SaturatingSub(than.NetIn, legs.NetIn), rounding, s.MinGain,
			m.price(s.FromToken))
	}
	return gains(fixed.SaturatingSub(legs.NetOut, than.NetOut), rounding, s.MinGain, legs.Price)
}

// gains reports whether a gain in base units of a token exceeds rounding and is
// worth more than minGain lamports. If the price of the token is not known, one
// base unit counts as one lamport.
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

// roundingBound returns how far rounding may move the output of an offer from a
// smooth curve, in base units of the amount that is not fixed. The largest
// error is that of stake sold to the Reserve: its rate has twelve decimals,
// which adds 10^-12 of the output and 4 units; each rounded fee and the
// withdrawal of the stake add up to 4 more.
func roundingBound(mode terms.SwapMode, o *offer.Offer) uint64 {
	out := max(o.In, o.Out)/1_000_000_000_000 + 8
	if mode == terms.ExactOut {
		return saturatingMul(out, ratioCeil(o.In, o.Out))
	}
	return out
}

// ratioCeil returns a/b rounded up, or 1 if b is zero.
func ratioCeil(a, b uint64) uint64 {
	if b == 0 {
		return 1
	}
	return (a-a%b)/b + min(a%b, 1)
}

// saturatingMul returns a*b, or the largest uint64 if the product overflows.
func saturatingMul(a, b uint64) uint64 {
	product, err := fixed.MulDivFloor(a, b, 1)
	if err != nil {
		return math.MaxUint64
	}
	return product
}

// chainRounding bounds the rounding of two hops. The error of the first is
// multiplied by the rate of the second.
func chainRounding(mode terms.SwapMode, first, second *offer.Offer) uint64 {
	before, after, multiplied := first, second, ratioCeil(second.Out, second.In)
	if mode == terms.ExactOut {
		before, after, multiplied = second, first, ratioCeil(first.In, first.Out)
	}
	return roundingMargin(fixed.SaturatingAdd(saturatingMul(roundingBound(mode, before),
		multiplied),
		roundingBound(mode, after)))
}

// splitRounding bounds the rounding of a split.
func splitRounding(mode terms.SwapMode, one, other *offer.Offer) uint64 {
	return roundingMargin(fixed.SaturatingAdd(roundingBound(mode, one), roundingBound(mode, other)))
}

// roundingMargin doubles an error, once for the legs and once for the offer
// they are compared with, and adds 4 for the last rounding of each.
func roundingMargin(rounding uint64) uint64 {
	return fixed.SaturatingAdd(saturatingMul(2, rounding), 4)
}
