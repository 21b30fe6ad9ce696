package route

import (
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// split is the best trade that is split over two venues and pays more than another quote, nil if there is none.
func (m *Market) split(r Request, whole *Quote) (best *Quote) {
	if r.To == NativeStake || m.isStake(r.From) {
		return nil
	}
	var parts []*part
	for i := range m.venues {
		if v := &m.venues[i]; v.err == nil && v.serves(r.From, r.To) {
			if p := newPart(m, v, r); p != nil {
				parts = append(parts, p)
			}
		}
	}
	for i, a := range parts {
		for _, b := range parts[i+1:] {
			if q := m.splitBetween(r, a, b); q != nil && (whole == nil || m.worthwhile(q, whole, splitRounding(&q.Legs[0], &q.Legs[1]))) && (best == nil || better(q, best)) {
				best = q
			}
		}
	}
	return best
}

// part is a venue that may serve a part of a request.
type part struct {
	market  *Market
	venue   *marketVenue
	request Request
	// sample is a quote for as much of the request as halving it found to be served, and refused the amount that was not just before, zero
	// if all of it is served.
	sample  Quote
	refused uint64
	// linear says that two halves pay as much as the whole: then there is nothing to be gained by leaving a part to a worse venue.
	linear bool
	// least and most are the amounts it serves, as far as they are within the request. They are known once bounded is set.
	least, most uint64
	bounded     bool
}

// halvings is how often an amount is halved in search of one that a venue serves.
const halvings = 24

// newPart asks a venue about a request, nil if it serves nothing of it.
func newPart(m *Market, v *marketVenue, r Request) *part {
	p := &part{market: m, venue: v, request: r.step(r.From, r.To, r.Amount)}
	served := r.Amount
	for range halvings {
		if served == 0 {
			return nil
		}
		q, err := p.quote(served)
		if err == nil {
			p.sample = q
			p.linear = p.isLinear()
			return p
		}
		p.refused, served = served, served/2
	}
	return nil
}

// bounds finds out what the venue serves. Between two amounts that it serves there are taken to be none that it does not.
func (p *part) bounds() (least, most uint64) {
	if p.bounded {
		return p.least, p.most
	}
	p.bounded = true
	served := p.sample.Request.Amount
	serves := func(amount uint64) bool { _, err := p.quote(amount); return err == nil }
	p.least, p.most = 1, served
	if p.refused != 0 {
		p.most = bisect(served, p.refused, serves)
	}
	if !serves(1) {
		p.least = bisect(served, 1, serves)
	}
	return p.least, p.most
}

// bisect finds the last amount with a property on the way from one that has it to one that has not.
func bisect(has, hasNot uint64, property func(uint64) bool) uint64 {
	for max(has, hasNot)-min(has, hasNot) > 1 {
		middle := min(has, hasNot) + (max(has, hasNot)-min(has, hasNot))/2
		if property(middle) {
			has = middle
		} else {
			hasNot = middle
		}
	}
	return has
}

func (p *part) quote(amount uint64) (Quote, error) {
	r := p.request
	r.Amount = amount
	return p.market.ask(p.venue, r, nil)
}

// roundings is by how much amounts may differ because each part is rounded for itself.
const roundings = 2

func (p *part) isLinear() bool {
	half, whole := p.request.Amount/2, p.sample
	if p.refused != 0 {
		return false
	}
	one, err := p.quote(half)
	if err != nil {
		return false
	}
	other, err := p.quote(p.request.Amount - half)
	if err != nil {
		return false
	}
	if p.request.Side == ExactOut {
		return fixed.SaturatingAdd(one.NetIn, fixed.SaturatingAdd(other.NetIn, roundings)) >= whole.NetIn
	}
	return fixed.SaturatingAdd(one.NetOut, other.NetOut) <= fixed.SaturatingAdd(whole.NetOut, roundings)
}

// splitBetween is the best split between two venues, nil if there is none. It takes no more than some hundred quotes of each.
func (m *Market) splitBetween(r Request, a, b *part) *Quote {
	// All splits between the two have the same form, so if one does not fit in a transaction none does.
	if a.linear && b.linear || m.sideBySide(r, a.sample, b.sample) == nil {
		return nil
	}
	leastA, mostA := a.bounds()
	leastB, mostB := b.bounds()
	least, most := max(leastA, fixed.SaturatingSub(r.Amount, mostB)), min(mostA, fixed.SaturatingSub(r.Amount, leastB))
	if least > most {
		return nil
	}
	share, ok := peak(least, most, func(share uint64) (uint64, bool) { return score(r, a, b, share) })
	if !ok {
		return nil
	}
	one, err := a.quote(share)
	if err != nil {
		return nil
	}
	other, err := b.quote(r.Amount - share)
	if err != nil {
		return nil
	}
	return m.sideBySide(r, one, other)
}

// score is the higher the better a split is in which a serves so much.
func score(r Request, a, b *part, share uint64) (uint64, bool) {
	one, err := a.quote(share)
	if err != nil {
		return 0, false
	}
	other, err := b.quote(r.Amount - share)
	if err != nil {
		return 0, false
	}
	if r.Side == ExactOut {
		return math.MaxUint64 - fixed.SaturatingAdd(one.NetIn, other.NetIn), true
	}
	return fixed.SaturatingAdd(one.NetOut, other.NetOut), true
}

// scanned is how many amounts around the top are looked at one by one, since rounding makes it rough.
const scanned = 24

// peak finds the amount with the highest score, which is taken to rise up to it and to fall after it, but for the rounding. Each step
// of the golden section asks for one score more and leaves 62 % of the amounts.
func peak(least, most uint64, score func(uint64) (uint64, bool)) (top uint64, ok bool) {
	var best uint64
	scores := make(map[uint64]uint64)
	try := func(amount uint64) uint64 {
		value, known := scores[amount]
		if known {
			return value
		}
		value, served := score(amount)
		if served && (!ok || value > best) {
			top, best, ok = amount, value, true
		}
		scores[amount] = value
		return value
	}
	try(least)
	try(most)
	low, high := most-golden(most-least), least+golden(most-least)
	for most-least > scanned {
		if try(low) < try(high) {
			least, low = low, high
			high = least + golden(most-least)
		} else {
			most, high = high, low
			low = most - golden(most-least)
		}
		// The one that was kept is not quite where it belongs, and two that are close together tell little.
		if low+(most-least)/8 >= high {
			low, high = most-golden(most-least), least+golden(most-least)
		}
	}
	for amount := least; amount < most; amount++ {
		try(amount)
	}
	return top, ok
}

// golden is the longer part of the golden section, rounded down.
func golden(n uint64) uint64 { return n/987*610 + n%987*610/987 }

// sideBySide is the quote of two parts of a trade, nil if the two cannot be combined or do not fit.
func (m *Market) sideBySide(r Request, one, other Quote) *Quote {
	if independent(&one, &other) != nil {
		one, other = other, one
		if independent(&one, &other) != nil {
			return nil
		}
	}
	q := Quote{Request: r, Venue: one.Venue + " and " + other.Venue, Price: one.Price, Costs: slices.Concat(one.Costs, other.Costs)}
	if q.combine(&one, &other) != nil {
		return nil
	}
	var c fixed.Calc
	q.In, q.MaxIn = c.Add(one.In, other.In), c.Add(one.MaxIn, other.MaxIn)
	q.Out, q.MinOut = c.Add(one.Out, other.Out), c.Add(one.MinOut, other.MinOut)
	// What the first leg advances is back before the second begins.
	q.Advance = max(one.Advance, other.Advance)
	if c.Err() != nil {
		return nil
	}
	m.net(&q)
	if m.conform(&q) != nil {
		return nil
	}
	return &q
}

// isStake says whether an address is one of the market's stake accounts.
func (m *Market) isStake(address solana.PublicKey) bool {
	_, ok := m.accounts[address]
	return ok
}
