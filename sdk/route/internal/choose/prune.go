package choose

import (
	"cmp"
	"slices"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
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
		return bound <= s.limit && bound != fixed.Never
	}
	return bound >= s.limit && bound != 0
}

// draw draws the lines of the venues of a hub, and bounds what is left of the
// way through it. It reports whether that beats the limit. The lines of the step
// that is asked second are only drawn if the other may serve the request.
func (s *twoStepSearch) draw() (bound uint64, ok bool) {
	amount := s.whole.Amount
	if s.whole.Side == terms.ExactOut {
		s.secondLines = s.market.lines(s.seconds, &s.second, s.secondLines[:0])
		if bound = least(s.secondLines, amount); !s.beats(min(bound, s.limit)) {
			return bound, false
		}
		s.firstLines = s.market.lines(s.firsts, &s.first, s.firstLines[:0])
		bound = least(s.firstLines, bound)
	} else {
		s.firstLines = s.market.lines(s.firsts, &s.first, s.firstLines[:0])
		if bound = mostOf(s.firstLines, amount); bound == 0 {
			return bound, false
		}
		s.secondLines = s.market.lines(s.seconds, &s.second, s.secondLines[:0])
		bound = most(s.secondLines, bound)
	}
	return bound, s.beats(bound)
}

// lines are the lines of some venues.
func (m *Market) lines(venues []uint16, a *offer.Ask, list []fixed.Line) []fixed.Line {
	list = slices.Grow(list, len(venues))[:len(venues)]
	for i, v := range venues {
		if bounded := m.bounded[v]; bounded != nil {
			bounded.Line(m.snapshot, a, &list[i])
		} else {
			list[i] = fixed.Line{}
		}
	}
	return list
}

// most is the most that some venues pay for an amount or less.
func most(lines []fixed.Line, amount uint64) (paid uint64) {
	for i := range lines {
		paid = max(paid, lines[i].Most(amount))
	}
	return paid
}

// mostOf is the most that some venues pay for just that amount.
func mostOf(lines []fixed.Line, amount uint64) (paid uint64) {
	for i := range lines {
		if lines[i].Takes(amount) {
			paid = max(paid, lines[i].Most(amount))
		}
	}
	return paid
}

// least is the least that some venues take for so much, or more.
func least(lines []fixed.Line, paid uint64) uint64 {
	amount := uint64(fixed.Never)
	for i := range lines {
		amount = min(amount, lines[i].Least(paid))
	}
	return amount
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
		if bound, ok := s.draw(); ok {
			s.hubs = append(s.hubs, hub{token: t, bound: bound})
		}
	}

	slices.SortFunc(s.hubs, func(a, b hub) int {
		return cmp.Or(compare(s.whole.Side, a.bound, a.bound, b.bound, b.bound), cmp.Compare(a.token, b.token))
	})
	for _, h := range s.hubs {
		if !s.beats(h.bound) {
			return
		}
		s.through(h.token)
		if _, ok := s.draw(); !ok {
			continue
		}
		if s.whole.Side == terms.ExactOut {
			s.backwards(h.token)
		} else {
			s.forwards(h.token)
		}
	}
}

// settle sets the limit to the best of what was found, if that fits, and goes on
// with a hub.
func (s *twoStepSearch) settle(hub state.Token) {
	for {
		c := s.next()
		if c == nil || !s.beats(s.net(c)) {
			return
		}

		legs, err := s.complete(c)
		s.through(hub)
		if err == nil && s.isWorthwhile(legs) {
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
