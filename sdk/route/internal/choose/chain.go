package choose

import (
	"fmt"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// twoStepSearch collects ways of two steps that would pay more than a direct
// one.
type twoStepSearch struct {
	market *Market
	whole  *Search
	direct *offer.Offer
	// first and second are the requests of the steps, whose amounts and tokens
	// in between change from one question to the next.
	first, second offer.Ask
	found         []twoStep
	intermediates []intermediate
	// limit is what two steps have to reach, see beats.
	limit uint64

	// Room for the questions of one mid.
	firsts, seconds         []uint16
	firstLines, secondLines []fixed.Line
	one, other, another     offer.Offer
}

// twoStep is one step after the other: what it takes to ask for it again, and
// what it comes to.
type twoStep struct {
	mid           state.Token
	first, second uint16
	done          bool
	// amount is what the first venue is asked for.
	amount        uint64
	netIn, netOut uint64
	// legs are the steps together, or err is why they cannot be taken, once
	// that is known.
	legs *Legs
	err  error
}

// mid is a token to go through, with the bound of what is left.
type intermediate struct {
	token state.Token
	bound uint64
}

// through sets the token in between.
func (s *twoStepSearch) setIntermediate(mid state.Token) {
	mint := s.market.mint(mid)
	s.first.ToToken, s.second.FromToken = mid, mid
	s.first.To, s.second.From = mint, mint
	s.first.UseWSOL = s.whole.keepsWrapped(s.whole.FromToken, mid)
	s.second.UseWSOL = s.whole.keepsWrapped(mid, s.whole.ToToken)
	s.firsts = s.market.pairs.between(s.first.FromToken, mid, s.firsts[:0])
	s.seconds = s.market.pairs.between(mid, s.second.ToToken, s.seconds[:0])
}

// cannotServe reports whether all the steps there are would go through one
// venue: then the second would depend on the first.
func (s *twoStepSearch) cannotServe() bool {
	return len(s.firsts) == 0 || len(s.seconds) == 0 ||
		len(s.firsts) == 1 && len(s.seconds) == 1 && s.firsts[0] == s.seconds[0]
}

// add notes a way that takes one step after the other, if its amounts are
// better than the direct ones.
func (s *twoStepSearch) add(mid state.Token, first, second *offer.Offer) {
	switch {
	case first.Venue == second.Venue:
		return // The second step would depend on the first.
	case second.MaxIn > first.MinOut:
		return // The rest would come out of what the owner had before.
	}

	both := s.together(first, second)
	if s.direct == nil ||
		s.market.beatsByMargin(s.whole, &both, s.direct,
			chainRounding(s.whole.SwapMode, first, second)) {
		s.found = append(s.found, twoStep{
			mid:    mid,
			first:  first.Venue,
			second: second.Venue,
			amount: first.Amount,
			netIn:  both.NetIn,
			netOut: both.NetOut,
		})
	}
}

// beatsDirect reports whether two steps are better than the best direct way.
func (s *twoStepSearch) beatsDirect(l *Legs) bool {
	return s.direct == nil ||
		s.market.beatsByMargin(s.whole, &l.Both, s.direct,
			chainRounding(s.whole.SwapMode, &l.First, &l.Second))
}

// together are the amounts of one step after the other.
func (s *twoStepSearch) together(first, second *offer.Offer) offer.Offer {
	both := offer.Offer{
		In:          first.In,
		MaxIn:       first.MaxIn,
		Out:         second.Out,
		MinOut:      second.MinOut,
		Price:       second.Price,
		Lost:        fixed.SaturatingAdd(first.Lost, second.Lost),
		UpfrontRent: max(first.UpfrontRent, second.UpfrontRent),
	}

	s.market.applyCosts(&s.whole.Ask, &both)
	return both
}

// next is the best way that was not looked at yet, of equal ones the first that
// was found, and nil at the end.
func (s *twoStepSearch) next() *twoStep {
	var best *twoStep
	for i := range s.found {
		c := &s.found[i]
		if !c.done && (best == nil || s.precedes(c, best)) {
			best = c
		}
	}

	if best != nil {
		best.done = true
	}

	return best
}

// comes reports whether two steps come before others: those that are better,
// and of equal ones those that a search through all intermediates in their
// order finds first.
func (s *twoStepSearch) precedes(c, before *twoStep) bool {
	order := compare(s.whole.SwapMode, c.netIn, c.netOut, before.netIn, before.netOut)
	return order < 0 || order == 0 && c.mid < before.mid
}

// net is what two steps are compared by.
func (s *twoStepSearch) net(c *twoStep) uint64 {
	if s.whole.SwapMode == terms.ExactOut {
		return c.netIn
	}
	return c.netOut
}

// complete asks for both steps again, and checks that they can be taken
// together. It remembers the answer.
func (s *twoStepSearch) complete(c *twoStep) (*Legs, error) {
	if c.legs == nil && c.err == nil {
		c.legs, c.err = s.completed(c)
	}
	return c.legs, c.err
}

func (s *twoStepSearch) completed(c *twoStep) (*Legs, error) {
	m := s.market
	s.setIntermediate(c.mid)
	l := &Legs{
		FirstAsk:  s.first,
		SecondAsk: s.second,
		Chain:     true,
	}

	m.offer(c.first, &l.FirstAsk, c.amount, nil, &l.First)
	amount := s.whole.Amount
	if s.whole.SwapMode == terms.ExactIn {
		amount = l.First.MinOut
	}

	m.offer(c.second, &l.SecondAsk, amount, &l.First.Leaves, &l.Second)
	l.Both = s.together(&l.First, &l.Second)

	if l.First.MinOutCheck == terms.CheckedByBalance {
		return nil, fmt.Errorf("%w: %s takes no limit that %s could rely on",
			ErrLegsConflict, m.Name(c.first), m.Name(c.second))
	}

	if err := m.independent(&l.FirstAsk, &l.SecondAsk, &l.First, &l.Second); err != nil {
		return nil, err
	}

	if err := combinable(&l.First, &l.Second); err != nil {
		return nil, err
	}

	if err := m.fit(s.whole, l); err != nil {
		return nil, err
	}

	return l, nil
}
