package quote

import (
	"errors"
	"math"
	"math/bits"
	"sync/atomic"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Version 1 of Infinity has no instruction that adds or removes liquidity for
// an exact output, so the input is found by a search. The search asks
//
//	enough(x): the trade of x yields the amount, or is refused as too large
//
// and finds an x for which the answer is yes while the answer for x-1 is no. If
// all answers below lo are known to be no, and all answers from hi on to be
// yes, the answers outside the bracket need no computation. If lo equals hi, no
// answer does.
//
// Every step of a trade multiplies the previous result and rounds it, so the
// output grows with the input, and the smallest input for an output has a
// closed form: the smallest x with floor(x*n/d) >= y is ceil(y*d/n). It remains
// to show that no input below lo is refused as too large. The proofs are at the
// functions addition and removal. The answer for an input that is too small for
// a quote is also no. Such inputs are smaller than all inputs with a quote, as
// the search requires.

// liquidityMisses counts the wrong brackets, for tests.
var liquidityMisses atomic.Uint64

// smallestLiquidity finds the smallest input for which adding or removing
// liquidity in version 1 yields at least amount.
func (d *deal) smallestLiquidity(amount uint64, why *Refusal) bool {
	if !d.opens(amount, nil) {
		return d.traded(amount, false, why)
	}

	var refused Refusal
	search := liquiditySearch{
		deal: deal{
			head: d.head,
			from: d.from,
			to:   d.to,
		},
		amount:  amount,
		refused: &refused,
	}

	lo, hi, known := search.bracket()
	if known && lo == hi && hi <= largestAsked {
		if served, err := search.only(d, hi); err == nil {
			return served || why.is(&refused)
		}

		known = false
	}

	var input uint64
	var err error
	if known {
		input, err = fixed.ReplaySmallestInput(math.MaxUint64, lo, hi, search.enough)
	} else {
		input, err = fixed.SmallestInput(math.MaxUint64, search.enough)
	}

	switch {
	case errors.Is(err, errRefused):
		return why.is(&refused)
	case err != nil:
		why.overflows()
		return why.by(opSwap, d.head.address)
	}

	return d.traded(input, false, why)
}

// largestAsked is the largest input for which the search computes a trade while
// it doubles the input.
const largestAsked = 1 << 63

// liquiditySearch is a search for the input of an addition or a removal of
// liquidity.
type liquiditySearch struct {
	deal
	amount uint64
	// refused is the refusal of the last input that was too small for a quote.
	// A failed search returns this refusal.
	refused *Refusal
}

// enough answers the question of the search.
func (s *liquiditySearch) enough(input uint64) (bool, error) {
	try := deal{
		head: s.head,
		from: s.from,
		to:   s.to,
	}

	var refused Refusal
	switch {
	case try.traded(input, false, &refused):
		return try.Out >= s.amount, nil
	case refused.tooLittle():
		*s.refused = refused
		return false, errRefused
	}

	// The input exceeds the limits of the pool, so a sufficient input, if one
	// exists, is smaller.
	return true, nil
}

// tooLittle reports whether an input was refused that might be accepted if it
// were larger.
func (r *Refusal) tooLittle() bool { return r.Is(ErrAmountTooSmall) || r.Is(ErrNoProfit) }

// only trades the only input of a bracket and reports whether the pool accepts
// it. It checks both ends of the bracket and returns an error if the bracket is
// wrong.
func (s *liquiditySearch) only(d *deal, input uint64) (bool, error) {
	if input > 1 {
		if enough, _ := s.enough(input - 1); enough {
			liquidityMisses.Add(1)
			return false, errRefused
		}
	}

	served := d.traded(input, false, s.refused)
	if served && d.Out >= s.amount || !served && !s.refused.tooLittle() {
		return served, nil
	}

	liquidityMisses.Add(1)
	return false, errRefused
}

// bracket returns lo and hi such that no input below lo is enough and all
// inputs from hi on are, or false if it cannot compute them.
func (s *liquiditySearch) bracket() (lo, hi uint64, known bool) {
	e := s.from
	if e == nil {
		e = s.to
	}

	if !e.value.grows() || s.head.pricing.kind == pricingOther ||
		s.head.pool.LPProtocolFeeBps > bpsDenominator || s.head.supply == 0 {
		return 0, 0, false
	}

	s.totals, s.supply = s.head.totals, s.head.supply
	if !s.syncs(e, &s.fromValue, nil) || s.all == 0 {
		return 0, 0, false
	}

	if s.from != nil {
		hi, known = s.addition()
		return hi, hi, known
	}

	return s.removal()
}

// addition returns the smallest input of an addition that yields the amount. No
// smaller input is too large:
//
//   - The value of the input, the credited value and the yield are less than
//     those of the returned input, and the closed form shows that those fit.
//   - The protocol's part is at most the fee, which is at most the whole
//     input. So at least one unit is kept wherever one unit is yielded.
//   - So the holdings are at most the reserves plus the input. The checks show
//     that their value fits the pool's total and that the supply plus the
//     amount fits.
//
// The pool never loses value: the credited value is at most the value of the
// input, and the holdings do not shrink.
func (s *liquiditySearch) addition() (input uint64, ok bool) {
	credited, ok := ratio{s.supply, s.all}.highBelow(s.amount)
	if !ok {
		return 0, false
	}

	value := credited
	if s.head.pricing.kind == pricingFlatSlab {
		post, ok := s.head.pricing.post(&s.from.fee, &s.head.pricing.lp, nil)
		if !ok || post.isZero() {
			return 0, false
		}

		if value, ok = post.highBelow(credited); !ok {
			return 0, false
		}
	}

	if input, ok = s.from.value.tokensFor(value); !ok {
		return 0, false
	}

	_, carryOut := bits.Add64(s.supply, s.amount, 0)
	holdings, carryIn := bits.Add64(s.from.reserves, input, 0)
	if carryOut|carryIn != 0 {
		return 0, false
	}

	worth, ok := s.from.worth(holdings, nil)
	if !ok {
		return 0, false
	}

	_, ok = s.revalue(s.fromValue, worth, nil)

	return input, ok
}

// removal brackets the smallest input of a removal that yields the amount, or
// more than the pool holds. No input below the bracket is too large:
//
//   - The input is at most the supply, as the bracket ends at most one above.
//   - The value of the LP tokens, the paid part of it and the amount that it
//     buys are less than those at the upper end. The closed forms show that
//     those fit, and the check shows that the high end of the amount fits.
//   - The protocol's part in lamports is at most that at the upper end, as fees
//     grow with the value. As tokens it is at most the amount that those
//     lamports buy, rounded up: the ratio of output to value never exceeds the
//     price. So below the lower end, the output plus the protocol's part is at
//     most the reserves.
func (s *liquiditySearch) removal() (lo, hi uint64, ok bool) {
	e := s.to
	output := s.amount
	if e.reserves < output {
		output = e.reserves + 1
	}

	hi, value, paid, ok := s.removalFor(output)
	if !ok {
		return 0, 0, false
	}

	if _, ok := e.value.most(paid, nil); !ok {
		return 0, 0, false
	}

	left, ok := s.head.pricing.redeemLP(&e.fee, value, nil)
	if !ok || left > value {
		return 0, 0, false
	}

	protocol, ok := ratio{uint64(s.head.pool.LPProtocolFeeBps), bpsDenominator}.ceil(value - left)
	if !ok {
		return 0, 0, false
	}

	margin := uint64(0)
	if protocol != 0 {
		if margin, ok = e.value.most(protocol, nil); !ok {
			return 0, 0, false
		}
	}

	lo = hi
	switch sum, carry := bits.Add64(output-1, margin, 0); {
	case carry != 0 || margin > e.reserves:
		return 0, 0, false
	case sum > e.reserves:
		if lo, _, _, ok = s.removalFor(e.reserves - margin + 1); !ok {
			return 0, 0, false
		}
	}

	if s.supply < hi {
		hi = s.supply + 1
	}

	return min(lo, hi), hi, true
}

// removalFor returns the smallest input of a removal that yields an output, the
// value of those LP tokens, and the paid part of it.
func (s *liquiditySearch) removalFor(output uint64) (input, value, paid uint64, ok bool) {
	post := ratio{bpsDenominator - s.head.pricing.withdrawalBps, bpsDenominator}
	if s.head.pricing.kind == pricingFlatSlab {
		if post, ok = s.head.pricing.post(&s.head.pricing.lp, &s.to.fee, nil); !ok {
			return 0, 0, 0, false
		}
	} else if s.head.pricing.withdrawalBps > bpsDenominator {
		return 0, 0, 0, false
	}

	if post.isZero() {
		return 0, 0, 0, false
	}

	if paid, ok = s.to.value.valueFor(output); !ok {
		return 0, 0, 0, false
	}

	if value, ok = post.highBelow(paid); !ok {
		return 0, 0, 0, false
	}

	input, ok = ratio{s.all, s.supply}.highBelow(value)

	return input, value, paid, ok
}
