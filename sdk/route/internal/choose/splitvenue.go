package choose

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// splitVenue is a venue that may serve a part of a request.
type splitVenue struct {
	market *Market
	venue  uint16
	ask    *offer.Ask
	// amount is that of the request, and serves reports whether the venue
	// serves anything of it.
	amount uint64
	serves bool
	// sample is an offer for as much of the request as halving it found to be
	// served, and refused the amount that was not just before, zero if all of
	// it is served.
	sample  offer.Offer
	refused uint64
	// linear says that two halves pay as much as the whole: then there is
	// nothing to be gained by leaving a part to a worse venue.
	linear bool
	// least and most are the amounts it serves, as far as they are within the
	// request. They are known once bounded is set.
	least, most uint64
	bounded     bool
	// stepped says that what the venue pays rises in steps, so that no bound
	// holds.
	stepped bool
	// asked is room for an answer.
	asked offer.Offer
}

// stepped is a venue whose fee rises in steps.
type stepped interface{ Stepped() }

// maxHalvings is how often an amount is halved in search of one that a venue
// serves.
const maxHalvings = 24

// newSplitVenue asks a venue about a request.
func newSplitVenue(m *Market, venue uint16, a *offer.Ask, amount uint64) *splitVenue {
	p := &splitVenue{
		market: m,
		venue:  venue,
		ask:    a,
		amount: amount,
	}

	_, p.stepped = m.venues[venue].(stepped)
	served := amount
	for range maxHalvings {
		if served == 0 {
			break
		}

		if p.offer(served, &p.sample) {
			p.serves, p.linear = true, p.isLinear()
			break
		}

		p.refused, served = served, served/2
	}

	return p
}

// bounds finds out what the venue serves. Between two amounts that it serves
// there are taken to be none that it does not.
func (p *splitVenue) bounds() (least, most uint64) {
	if p.bounded {
		return p.least, p.most
	}

	p.bounded = true
	served := p.sample.Amount
	var o offer.Offer
	serves := func(amount uint64) bool { return p.offer(amount, &o) }
	p.least, p.most = 1, served
	if p.refused != 0 {
		p.most = bisect(served, p.refused, serves)
	}

	if !serves(1) {
		p.least = bisect(served, 1, serves)
	}

	return p.least, p.most
}

// fallsShort reports whether two venues that both refuse the whole serve less
// than it together: what a venue serves is below what it refused last, see
// bounds.
func (p *splitVenue) fallsShort(other *splitVenue) bool {
	return p.refused != 0 && other.refused != 0 &&
		fixed.SaturatingAdd(p.refused-1, other.refused-1) < p.amount
}

// bisect finds the last amount with a property on the way from one that has it
// to one that has not.
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

func (p *splitVenue) offer(amount uint64, o *offer.Offer) bool {
	return p.market.offer(p.venue, p.ask, amount, nil, o)
}

// roundings is by how much amounts may differ because each part is rounded for
// itself.
const roundings = 2

func (p *splitVenue) isLinear() bool {
	half, whole := p.amount/2, &p.sample
	if p.refused != 0 {
		return false
	}

	var one, other offer.Offer
	if !p.offer(half, &one) || !p.offer(p.amount-half, &other) {
		return false
	}

	if p.ask.SwapMode == terms.ExactOut {
		return fixed.SaturatingAdd(
			one.NetIn,
			fixed.SaturatingAdd(other.NetIn, roundings),
		) >= whole.NetIn
	}

	return fixed.SaturatingAdd(one.NetOut, other.NetOut) <= fixed.SaturatingAdd(whole.NetOut,
		roundings)
}
