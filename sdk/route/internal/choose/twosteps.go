package choose

import (
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// hopBps is how much of the slippage goes to the amount that is handed on between two steps. That amount is fixed when the transaction
// is built: what arrives beyond it stays with the owner, and if less arrives, the transaction fails.
const hopBps = 1

// twoSteps is the best way by a third token that pays more than the best direct one, nil if there is none. Ways that would pay more still
// are rejected with the reason why they cannot be taken.
func (m *Market) twoSteps(whole *Search, direct *offer.Offer) (best *Legs, unfit []Unfit) {
	s := newTwoStepSearch(m, whole, direct)
	s.collect()

	for i := range s.found {
		s.found[i].done = false
	}
	for {
		c := s.next()
		if c == nil || best != nil && !better(whole.Side, &offer.Offer{NetIn: c.netIn, NetOut: c.netOut}, &best.Both) {
			return best, unfit // Nor are those that come after it.
		}

		legs, err := s.complete(c)
		switch {
		case err != nil:
			unfit = append(unfit, Unfit{First: c.first, Second: c.second, Err: err})
		case s.isWorthwhile(legs) && (best == nil || better(whole.Side, &legs.Both, &best.Both)):
			best = legs
		}
	}
}

// isWorthwhile reports whether two steps are better than the best direct way.
func (s *twoStepSearch) isWorthwhile(l *Legs) bool {
	return s.direct == nil ||
		s.market.worthwhile(s.whole, &l.Both, s.direct, chainRounding(s.whole.Side, &l.First, &l.Second))
}

// isHub reports whether a trade may go through a token: SOL, and those that the
// market was loaded for.
func (m *Market) isHub(t state.Token) bool { return !m.isStake(t) }

// twoStepSearch collects ways of two steps that would pay more than a direct one.
type twoStepSearch struct {
	market *Market
	whole  *Search
	direct *offer.Offer
	// first and second are the requests of the steps, whose amounts and tokens
	// in between change from one question to the next.
	first, second offer.Ask
	found         []twoStep
	hubs          []hub
	// limit is what two steps have to reach, see beats.
	limit uint64

	// Room for the questions of one hub.
	firsts, seconds         []uint16
	firstLines, secondLines []fixed.Line
	one, other, another     offer.Offer
}

// twoStep is one step after the other: what it takes to ask for it again, and
// what it comes to.
type twoStep struct {
	hub           state.Token
	first, second uint16
	done          bool
	// amount is what the first venue is asked for.
	amount        uint64
	netIn, netOut uint64
	// legs are the steps together, or err is why they cannot be taken, once that
	// is known.
	legs *Legs
	err  error
}

func newTwoStepSearch(m *Market, whole *Search, direct *offer.Offer) *twoStepSearch {
	s := &twoStepSearch{market: m, whole: whole, direct: direct, first: whole.firstStep(), second: whole.secondStep()}
	s.limit = math.MaxUint64
	if whole.Side == terms.ExactIn {
		s.limit = 0
	}
	if direct != nil {
		s.raise(direct)
	}
	return s
}

// through sets the token in between.
func (s *twoStepSearch) through(hub state.Token) {
	mint := s.market.mint(hub)
	s.first.ToToken, s.second.FromToken = hub, hub
	s.first.To, s.second.From = mint, mint
	s.first.Wrapped = s.whole.keepsWrapped(s.whole.FromToken, hub)
	s.second.Wrapped = s.whole.keepsWrapped(hub, s.whole.ToToken)
	s.firsts = s.market.ways.between(s.first.FromToken, hub, s.firsts[:0])
	s.seconds = s.market.ways.between(hub, s.second.ToToken, s.seconds[:0])
}

// pointless reports whether all the steps there are would go through one venue:
// then the second would depend on the first.
func (s *twoStepSearch) pointless() bool {
	return len(s.firsts) == 0 || len(s.seconds) == 0 ||
		len(s.firsts) == 1 && len(s.seconds) == 1 && s.firsts[0] == s.seconds[0]
}

// forwards follows the amount that is paid.
func (s *twoStepSearch) forwards(hub state.Token) {
	for i, v := range s.firsts {
		line := &s.firstLines[i]
		if !line.Takes(s.whole.Amount) || !s.beats(most(s.secondLines, line.Most(s.whole.Amount))) ||
			!s.market.offer(v, &s.first, s.whole.Amount, nil, &s.one) {
			continue
		}
		for j, w := range s.seconds {
			line := &s.secondLines[j]
			if line.Takes(s.one.MinOut) && s.beats(line.Most(s.one.MinOut)) &&
				s.market.offer(w, &s.second, s.one.MinOut, &s.one.Leaves, &s.other) {
				s.add(hub, &s.one, &s.other)
			}
		}
		s.settle(hub)
	}
}

// backwards looks for what it takes to receive an amount.
func (s *twoStepSearch) backwards(hub state.Token) {
	for j, w := range s.seconds {
		if !s.beats(least(s.firstLines, s.secondLines[j].Least(s.whole.Amount))) ||
			!s.market.offer(w, &s.second, s.whole.Amount, nil, &s.other) {
			continue
		}
		for i, v := range s.firsts {
			if !s.beats(s.firstLines[i].Least(s.other.MaxIn)) ||
				!s.market.offer(v, &s.first, s.other.MaxIn, nil, &s.one) {
				continue
			}
			if !s.one.Leaves.Known() {
				s.add(hub, &s.one, &s.other)
				continue
			}
			if !s.beats(s.one.NetIn) {
				continue
			}
			// What the first step changes may change what the second takes.
			for _, x := range s.seconds {
				if s.market.offer(x, &s.second, s.whole.Amount, &s.one.Leaves, &s.another) {
					s.add(hub, &s.one, &s.another)
				}
			}
		}
		s.settle(hub)
	}
}

// add notes a way that takes one step after the other, if its amounts are better than the direct ones.
func (s *twoStepSearch) add(hub state.Token, first, second *offer.Offer) {
	switch {
	case first.Venue == second.Venue:
		return // The second step would depend on the first.
	case second.MaxIn > first.MinOut:
		return // The rest would come out of what the owner had before.
	}

	both := s.together(first, second)
	if s.direct == nil || s.market.worthwhile(s.whole, &both, s.direct, chainRounding(s.whole.Side, first, second)) {
		s.found = append(s.found, twoStep{
			hub:    hub,
			first:  first.Venue,
			second: second.Venue,
			amount: first.Amount,
			netIn:  both.NetIn,
			netOut: both.NetOut,
		})
	}
}

// together are the amounts of one step after the other.
func (s *twoStepSearch) together(first, second *offer.Offer) offer.Offer {
	both := offer.Offer{
		In:      first.In,
		MaxIn:   first.MaxIn,
		Out:     second.Out,
		MinOut:  second.MinOut,
		Price:   second.Price,
		Lost:    fixed.SaturatingAdd(first.Lost, second.Lost),
		Advance: max(first.Advance, second.Advance),
	}
	s.market.net(&s.whole.Ask, &both)
	return both
}

// next is the best way that was not looked at yet, of equal ones the first that
// was found, and nil at the end.
func (s *twoStepSearch) next() *twoStep {
	var best *twoStep
	for i := range s.found {
		c := &s.found[i]
		if !c.done && (best == nil || s.comes(c, best)) {
			best = c
		}
	}
	if best != nil {
		best.done = true
	}
	return best
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
	s.through(c.hub)
	l := &Legs{FirstAsk: s.first, SecondAsk: s.second, Chain: true}
	m.offer(c.first, &l.FirstAsk, c.amount, nil, &l.First)
	amount := s.whole.Amount
	if s.whole.Side == terms.ExactIn {
		amount = l.First.MinOut
	}
	m.offer(c.second, &l.SecondAsk, amount, &l.First.Leaves, &l.Second)
	l.Both = s.together(&l.First, &l.Second)

	if l.First.Guard == terms.GuardBalance {
		return nil, fmt.Errorf("%w: %s takes no limit that %s could rely on",
			ErrCombination, m.Name(c.first), m.Name(c.second))
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

// firstStep and secondStep are the requests of two steps, each for the amount that its side fixes.
func (s *Search) firstStep() offer.Ask {
	step := s.part()
	if s.Side == terms.ExactIn {
		step.SlippageBps = min(s.SlippageBps, hopBps)
	}
	step.Referrer, step.Recipient, step.Deactivate = solana.PublicKey{}, solana.PublicKey{}, false
	return step
}

func (s *Search) secondStep() offer.Ask {
	step := s.part()
	if s.Side == terms.ExactOut {
		step.SlippageBps = min(s.SlippageBps, hopBps)
	}
	return step
}
