package choose

import (
	"fmt"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// twoStepSearch collects routes of two hops that beat the best direct route.
type twoStepSearch struct {
	market *Market
	whole  *Search
	direct *offer.Offer
	// first and second are the requests of the two hops. Their amounts and
	// their intermediate token change with each question.
	first, second offer.Ask
	found         []twoStep
	intermediates []intermediate
	// limit is the score that a route has to reach, see beats.
	limit uint64

	// Reused memory for the questions about one intermediate token.
	firsts, seconds         []uint16
	firstLines, secondLines []fixed.Line
	one, other, another     offer.Offer
}

// twoStep is a candidate of two hops: the two venues, so that they can be asked
// again, and the joint amounts.
type twoStep struct {
	mid           state.Token
	first, second uint16
	done          bool
	// amount is the amount of the first venue's request.
	amount        uint64
	netIn, netOut uint64
	// legs is the combined route, or err the reason why it cannot be executed.
	// Both are unset until complete is called.
	legs *Legs
	err  error
}

// intermediate is an intermediate token with the bound of the routes through
// it.
type intermediate struct {
	token state.Token
	bound uint64
}

// setIntermediate sets the intermediate token of both hops, and lists their
// venues.
func (s *twoStepSearch) setIntermediate(mid state.Token) {
	mint := s.market.mint(mid)
	s.first.ToToken, s.second.FromToken = mid, mid
	s.first.To, s.second.From = mint, mint
	s.first.UseWSOL = s.whole.keepsWrapped(s.whole.FromToken, mid)
	s.second.UseWSOL = s.whole.keepsWrapped(mid, s.whole.ToToken)
	s.firsts = s.market.between(s.whole, s.first.FromToken, mid, s.firsts[:0])
	s.seconds = s.market.between(s.whole, mid, s.second.ToToken, s.seconds[:0])
}

// cannotServe reports whether no two different venues serve the two hops. One
// venue cannot serve both, since its second trade would depend on its first.
func (s *twoStepSearch) cannotServe() bool {
	return len(s.firsts) == 0 || len(s.seconds) == 0 ||
		len(s.firsts) == 1 && len(s.seconds) == 1 && s.firsts[0] == s.seconds[0]
}

// add records a candidate if its amounts beat the direct route.
func (s *twoStepSearch) add(mid state.Token, first, second *offer.Offer) {
	switch {
	case first.Venue == second.Venue:
		return // the second hop would depend on the first
	case second.MaxIn > first.MinOut:
		return // the owner's earlier balance would pay the difference
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

// beatsDirect reports whether a route of two hops beats the best direct route.
func (s *twoStepSearch) beatsDirect(l *Legs) bool {
	return s.direct == nil ||
		s.market.beatsByMargin(s.whole, &l.Both, s.direct,
			chainRounding(s.whole.SwapMode, &l.First, &l.Second))
}

// together returns the joint amounts of two hops.
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

// next returns the best candidate that it has not returned yet, or nil. Among
// equal candidates, the first one found comes first.
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

// precedes reports whether c is better than before. Equal candidates are
// ordered by intermediate token, so that the result does not depend on the
// order of the search.
func (s *twoStepSearch) precedes(c, before *twoStep) bool {
	order := compare(s.whole.SwapMode, c.netIn, c.netOut, before.netIn, before.netOut)
	return order < 0 || order == 0 && c.mid < before.mid
}

// net returns the amount by which candidates are compared.
func (s *twoStepSearch) net(c *twoStep) uint64 {
	if s.whole.SwapMode == terms.ExactOut {
		return c.netIn
	}
	return c.netOut
}

// complete asks both venues again, and combines their offers. It caches the
// result.
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
		return nil, fmt.Errorf(
			"%w: the program of %s takes no minimum output, which %s would rely on",
			ErrLegsConflict,
			m.Name(c.first),
			m.Name(c.second),
		)
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
