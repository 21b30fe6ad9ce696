package choose

import (
	"math"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// To go through a hub is only asked for if its lines allow that it pays more
// than the best that is known: see [venue.Bounded]. A line bounds Out by In, and
// what is left after costs is no better than those two.
//
// Forwards, the first step pays out_1 <= first(amount) at most, and the second
// is asked for its MinOut, which is no more. So NetOut <= out_2 <=
// second(first(amount)), as lines grow. Backwards, the second step takes in_2 >=
// second^-1(amount), the first is asked for its MaxIn, which is no less, and
// NetIn >= in_1 >= first^-1(in_2).
//
// Hubs are asked in the order of these bounds. The best two steps that fit and
// are worth it set the limit, and what is worse than the limit is not asked for.
// No answer changes by that: in the order of what was found, what is worse than
// two steps that were taken comes after them, where the search ends.

// hub is a token to go through, with the bound of what is left.
type hub struct {
	token state.Token
	bound uint64
	asked bool
}

// raise makes the limit that of an offer, if that is better.
func (s *twoStepSearch) raise(o *offer.Offer) {
	if s.whole.Side == terms.ExactOut {
		s.limit = min(s.limit, o.NetIn)
	} else {
		s.limit = max(s.limit, o.NetOut)
	}
}

// beats reports whether a bound is no worse than the limit.
func (s *twoStepSearch) beats(bound uint64) bool {
	if s.whole.Side == terms.ExactOut {
		return bound <= s.limit
	}
	return bound >= s.limit
}

// draw draws the lines of the venues of a hub.
func (s *twoStepSearch) draw() {
	s.firstLines = s.market.lines(s.firsts, &s.first, s.firstLines[:0])
	s.secondLines = s.market.lines(s.seconds, &s.second, s.secondLines[:0])
}

// lines are the lines of some venues.
func (m *Market) lines(venues []uint16, a *offer.Ask, list []fixed.Line) []fixed.Line {
	for _, v := range venues {
		var line fixed.Line
		if bounded, ok := m.venues[v].(venue.Bounded); ok {
			line = bounded.Line(m.snapshot, a)
		}
		list = append(list, line)
	}
	return list
}

// best bounds what the best of some lines makes of an amount: the most that is
// paid for it, or the least that it takes.
func (s *twoStepSearch) best(lines []fixed.Line) func(uint64) uint64 {
	return func(amount uint64) uint64 { return bestOf(s.whole.Side, lines, amount) }
}

func bestOf(side terms.Side, lines []fixed.Line, amount uint64) uint64 {
	most, least := uint64(0), uint64(math.MaxUint64)
	for i := range lines {
		if side == terms.ExactOut {
			least = min(least, lines[i].Least(amount))
		} else {
			most = max(most, lines[i].Most(amount))
		}
	}
	if side == terms.ExactOut {
		return least
	}
	return most
}

// bound bounds what is left of the way through a hub.
func (s *twoStepSearch) bound() uint64 {
	side := s.whole.Side
	if side == terms.ExactOut {
		return bestOf(side, s.firstLines, bestOf(side, s.secondLines, s.whole.Amount))
	}
	return bestOf(side, s.secondLines, bestOf(side, s.firstLines, s.whole.Amount))
}

// collect finds all two steps that may be better than the best direct way, apart
// from those that are worse than some that can be taken.
func (s *twoStepSearch) collect() {
	m := s.market
	for t := range state.Token(m.ledger.Tokens()) {
		if !m.isHub(t) || t == s.whole.FromToken || t == s.whole.ToToken {
			continue
		}
		if s.through(t); s.pointless() {
			continue
		}
		s.draw()
		if bound := s.bound(); s.beats(bound) {
			s.hubs = append(s.hubs, hub{token: t, bound: bound})
		}
	}

	for h := s.nextHub(); h != nil; h = s.nextHub() {
		if s.whole.Side == terms.ExactOut {
			s.backwards(h.token)
		} else {
			s.forwards(h.token)
		}
		s.settle()
	}
}

// nextHub is the hub with the best bound that was not asked yet, nil if none
// beats the limit.
func (s *twoStepSearch) nextHub() *hub {
	var best *hub
	for i := range s.hubs {
		h := &s.hubs[i]
		if h.asked || !s.beats(h.bound) {
			continue
		}
		if best == nil || compare(s.whole.Side, h.bound, h.bound, best.bound, best.bound) < 0 {
			best = h
		}
	}
	if best != nil {
		best.asked = true
	}
	return best
}

// settle sets the limit to the best of what was found, if that fits.
func (s *twoStepSearch) settle() {
	for {
		c := s.next()
		if c == nil || !s.beats(s.net(c)) {
			return
		}
		if legs, err := s.complete(c); err == nil && s.isWorthwhile(legs) {
			s.raise(&legs.Both)
		}
	}
}

// net is what two steps are compared by.
func (s *twoStepSearch) net(c *twoStep) uint64 {
	if s.whole.Side == terms.ExactOut {
		return c.netIn
	}
	return c.netOut
}

// comes reports whether two steps come before others: those that are better, and
// of equal ones those that a search through all hubs in their order finds first.
func (s *twoStepSearch) comes(c, before *twoStep) bool {
	order := compare(s.whole.Side, c.netIn, c.netOut, before.netIn, before.netOut)
	return order < 0 || order == 0 && c.hub < before.hub
}
