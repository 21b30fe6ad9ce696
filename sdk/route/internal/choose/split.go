package choose

import (
	"slices"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
)

// split returns the best split over two venues that beats than, or nil.
func (m *Market) split(whole *Search, than *offer.Offer) (best *Legs) {
	if int(whole.ToToken) >= m.ledger.Tokens() || m.isStake(whole.FromToken) {
		return nil
	}

	part := whole.part()
	part.UseWSOL = whole.keepsWrapped(whole.FromToken, whole.ToToken)
	var list [16]uint16
	var buffer [16]fixed.Line
	venues := m.between(whole, whole.FromToken, whole.ToToken, list[:0])
	lines := m.netLines(venues, &part, buffer[:0])
	var asked [16]*splitVenue
	parts := append(asked[:0], make([]*splitVenue, len(venues))...)
	ask := func(i int) *splitVenue {
		if parts[i] == nil {
			parts[i] = newSplitVenue(m, venues[i], &part, whole.Amount)
		}

		return parts[i]
	}

	for i := range venues {
		for j := i + 1; j < len(venues); j++ {
			if m.outOfReach(whole, than, &lines[i], &lines[j]) {
				continue
			}

			one, other := ask(i), ask(j)
			if !one.serves || !other.serves {
				continue
			}

			legs := m.splitBetween(whole, than, one, other)
			if legs != nil &&
				(than == nil ||
					m.beatsByMargin(whole, &legs.Both, than,
						splitRounding(whole.SwapMode, &legs.First, &legs.Second))) &&
				(best == nil || better(whole.SwapMode, &legs.Both, &best.Both)) {
				best = legs
			}
		}
	}

	return best
}

// splitBetween returns the best split between two venues, or nil. It asks each
// of them about a hundred times at most.
func (m *Market) splitBetween(whole *Search, than *offer.Offer, a, b *splitVenue) *Legs {
	// All splits between two venues have the same layout. If one does not fit
	// into a transaction, none does.
	if a.linear && b.linear || a.fallsShort(b) ||
		m.combineSplit(whole, a, b, &a.sample, &b.sample) == nil {
		return nil
	}

	if m.cannotPay(whole, than, a, b) {
		return nil
	}

	leastA, mostA := a.bounds()
	leastB, mostB := b.bounds()
	amount := whole.Amount
	least, most := max(leastA, fixed.SaturatingSub(amount, mostB)), min(mostA,
		fixed.SaturatingSub(amount, leastB))
	if least > most {
		return nil
	}

	share, ok := maximize(least, most,
		func(share uint64) (uint64, bool) { return m.splitOutput(whole, a, b, share) })
	var one, other offer.Offer
	if !ok || !a.offer(share, &one) || !b.offer(amount-share, &other) {
		return nil
	}

	return m.combineSplit(whole, a, b, &one, &other)
}

// scanned is the number of amounts around the maximum that are tried one by
// one, because rounding makes the curve rough.
const scanned = 24

// scored is an amount with its score.
type scored struct{ amount, score uint64 }

// scoresOnStack is the number of scores that most searches need. More are
// allocated.
const scoresOnStack = 112

// maximize returns the amount with the highest score between least and most.
// The score must rise up to the maximum and fall after it, apart from rounding.
// Each step of the golden-section search computes one score and keeps 62 % of
// the amounts.
func maximize(least, most uint64, score func(uint64) (uint64, bool)) (top uint64, ok bool) {
	var best uint64
	var buffer [scoresOnStack]scored
	scores := buffer[:0]
	try := func(amount uint64) uint64 {
		// Repeated amounts are mostly recent ones.
		for _, known := range slices.Backward(scores) {
			if known.amount == amount {
				return known.score
			}
		}

		value, served := score(amount)
		if served && (!ok || value > best) {
			top, best, ok = amount, value, true
		}

		scores = append(scores, scored{amount: amount, score: value})
		return value
	}

	try(least)
	try(most)
	low, high := most-goldenSection(most-least), least+goldenSection(most-least)
	for most-least > scanned {
		if try(low) < try(high) {
			least, low = low, high
			high = least + goldenSection(most-least)
		} else {
			most, high = high, low
			low = most - goldenSection(most-least)
		}

		// The kept point is rounded, and two points close together tell little:
		// choose both anew.
		if low+(most-least)/8 >= high {
			low, high = most-goldenSection(most-least), least+goldenSection(most-least)
		}
	}

	for amount := least; amount < most; amount++ {
		try(amount)
	}

	return top, ok
}

// goldenSection returns the longer part of the golden section of n, rounded
// down.
func goldenSection(n uint64) uint64 { return n/987*610 + n%987*610/987 }

// combineSplit returns the route of two offers for the parts of a split, or nil
// if they cannot be combined or do not fit.
func (m *Market) combineSplit(whole *Search, a, b *splitVenue, one, other *offer.Offer) *Legs {
	if !m.isIndependent(a.ask, b.ask, one, other) {
		one, other = other, one
		if !m.isIndependent(b.ask, a.ask, one, other) {
			return nil
		}
	}

	if combinable(one, other) != nil {
		return nil
	}

	l := &Legs{
		First:     *one,
		Second:    *other,
		FirstAsk:  *a.ask,
		SecondAsk: *b.ask,
	}

	var ok bool
	if l.Both, ok = parts(one, other); !ok {
		return nil
	}

	if m.fit(whole, l) != nil {
		return nil
	}

	return l
}

// parts returns the joint amounts of a split. Its net amounts are the sum of
// the parts' net amounts, each computed at its own price: a common price could
// make the costs of one part look smaller than they are alone.
func parts(one, other *offer.Offer) (both offer.Offer, ok bool) {
	var c fixed.Calc
	both = offer.Offer{
		In:     c.Add(one.In, other.In),
		MaxIn:  c.Add(one.MaxIn, other.MaxIn),
		Out:    c.Add(one.Out, other.Out),
		MinOut: c.Add(one.MinOut, other.MinOut),
		NetIn:  fixed.SaturatingAdd(one.NetIn, other.NetIn),
		NetOut: fixed.SaturatingAdd(one.NetOut, other.NetOut),
		Price:  one.Price,
		Lost:   fixed.SaturatingAdd(one.Lost, other.Lost),
		// The rent of the first leg is returned before the second leg begins.
		UpfrontRent: max(one.UpfrontRent, other.UpfrontRent),
	}

	return both, c.Err() == nil
}
