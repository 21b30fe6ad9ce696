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
	// amount is the amount of the request. serves reports whether the venue
	// serves any part of it.
	amount uint64
	serves bool
	// sample is the offer for the first served amount among the whole, half of
	// it, a quarter, and so on. refused is the amount before it, which the
	// venue refused, or zero if it serves the whole.
	sample  offer.Offer
	refused uint64
	// linear reports whether two halves pay as much as the whole. Moving a part
	// to a worse venue then gains nothing.
	linear bool
	// least and most are the smallest and the largest served amount within the
	// request. They are valid once bounded is set.
	least, most uint64
	bounded     bool
	// stepped reports whether the fee rises in steps, so that no bound holds.
	stepped bool
	// asked is reused memory for an answer.
	asked offer.Offer
}

// stepped is implemented by venues whose fee rises in steps.
type stepped interface{ Stepped() }

// maxHalvings limits how often an amount is halved to find one that a venue
// serves.
const maxHalvings = 24

// newSplitVenue asks a venue whether it serves a request in parts.
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

// bounds returns the smallest and the largest amount that the venue serves. It
// assumes that the venue serves all amounts in between.
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

// fallsShort reports whether two venues that both refuse the whole amount serve
// less than it together. A venue serves only amounts below the last refused
// one, see bounds.
func (p *splitVenue) fallsShort(other *splitVenue) bool {
	return p.refused != 0 && other.refused != 0 &&
		fixed.SaturatingAdd(p.refused-1, other.refused-1) < p.amount
}

// bisect returns the last amount that has a property, between one that has it
// and one that does not.
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

// roundings is the difference that the separate rounding of two parts may
// cause.
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
