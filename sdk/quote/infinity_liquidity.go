package quote

import (
	"errors"
	"math"
	"math/bits"
	"sync/atomic"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The inputs of an addition or removal of liquidity in version 1 are searched,
// as the program has no instruction for an exact output. The search asks
//
//	enough(x): the trade of x yields the amount, or is refused as too large
//
// and finds an x that is enough while x-1 is not, on a path of its own. Where
// all answers below lo are no and all from hi on are yes, the answers outside
// the bracket need not be asked; where lo is hi, none need be.
//
// Every step of a trade rounds a multiple of the one before, so the output
// grows with the input, and the least input for an output has a closed form:
// the least x with floor(x*n/d) >= y is ceil(y*d/n). What remains to be shown
// is that nothing below lo is refused as too large. The proofs stand beside the
// guards of addition and removal. An input that is too small to be quoted is
// not enough either; those come before all that are quoted, as the search
// wants them to.

// liquidityMisses counts brackets that turned out to be wrong, for tests.
var liquidityMisses atomic.Uint64

// smallestLiquidity finds the smallest input for which adding or removing
// liquidity in version 1 yields at least an amount.
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

// largestAsked is the largest input that the search asks about on its way up.
const largestAsked = 1 << 63

// liquiditySearch is a search for the input of an addition or removal.
type liquiditySearch struct {
	deal
	amount uint64
	// refused is why the last input that was too small could not be quoted: the
	// error of a search is always that of the last one.
	refused *Refusal
}

// enough is the question of the search.
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

	// More than the pool can do: an input that is enough lies below, or there
	// is none.
	return true, nil
}

// tooLittle reports whether an input is refused that more might not be.
func (r *Refusal) tooLittle() bool { return r.Is(ErrAmountTooSmall) || r.Is(ErrNoProfit) }

// only trades the only input of a bracket. It returns whether that is served,
// or an error if the bracket is wrong: both ends are asked.
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

// bracket returns inputs such that none below lo is enough and all from hi on
// are, or false where it cannot tell.
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

// addition is the least input of an addition that yields the amount. Below it,
// nothing is too large:
//   - what the input is worth, is credited with and yields is less than for the
//     input itself, of which the closed form says that it fits;
//   - the protocol's part is at most the fee, as it is at most all of it, so at
//     least a unit is kept wherever a unit is yielded, and at most the input;
//   - so the holdings are at most the reserves and the input, and the guards
//     show that what these are worth still fits the pool's total, and that the
//     supply and the amount fit.
//
// The pool never loses: no more is credited than the input is worth, and the
// holdings do not shrink.
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

// removal brackets the least input of a removal that yields the amount, or more
// than the pool holds. Below the bracket, nothing is too large:
//   - the input is at most the supply, as the bracket lies at most one above;
//   - what the LP tokens are worth, what is paid of that and what it buys is
//     less than at the upper end, of which the closed forms say that it fits,
//     and the guard that the high end of what it buys does, too;
//   - the protocol's part, in lamports, is at most that of the upper end, as
//     fees grow with the value, and as tokens at most what that buys, rounded
//     up: the output over its value is never more than the price. So below the
//     lower end output and protocol's part are at most the reserves.
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

// removalFor is the least input of a removal that yields an output, what the LP
// tokens are worth, and what of that is paid.
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
