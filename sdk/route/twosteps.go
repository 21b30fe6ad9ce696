package route

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// hopBps is how much of the slippage goes to the amount that is handed on between two steps. That amount is fixed when the transaction
// is built: what arrives beyond it stays with the owner, and if less arrives, the transaction fails.
const hopBps = 1

// twoSteps is the best way by a third token that pays more than the best direct one, nil if there is none. Ways that would pay more still
// are rejected with the reason why they cannot be taken.
func (m *Market) twoSteps(whole *ask, direct *offer) (best *legsFound, rejected []Rejected) {
	s := newTwoStepSearch(m, whole, direct)
	for hub := range token(len(m.numbers.mints)) {
		if !m.isHub(hub) || hub == whole.from || hub == whole.to {
			continue
		}
		if whole.Side == ExactOut {
			s.backwards(hub)
		} else {
			s.forwards(hub)
		}
	}

	for {
		c := s.next()
		if c == nil || best != nil && !(&offer{netIn: c.netIn, netOut: c.netOut}).better(whole.Side, &best.both) {
			return best, rejected // Nor are those that come after it.
		}

		legs, err := s.complete(c)
		switch {
		case err != nil:
			rejected = append(rejected, Rejected{Venue: s.name(c), Err: err})
		case (direct == nil || m.worthwhile(whole, &legs.both, direct, chainRounding(whole.Side, &legs.first, &legs.second))) &&
			(best == nil || legs.both.better(whole.Side, &best.both)):
			best = legs
		}
	}
}

// isHub reports whether a trade may go through a token: SOL, and those that the
// market was loaded for.
func (m *Market) isHub(t token) bool { return int(t) <= len(m.tokens) && t < m.firstStake }

// twoStepSearch collects ways of two steps that would pay more than a direct one.
type twoStepSearch struct {
	market *Market
	whole  *ask
	direct *offer
	// first and second are the requests of the steps, whose amounts and tokens
	// in between change from one question to the next.
	first, second ask
	found         []twoStep

	// Room for the questions of one hub.
	firsts, seconds     []uint16
	one, other, another offer
}

// twoStep is one step after the other: what it takes to ask for it again, and
// what it comes to.
type twoStep struct {
	hub           token
	first, second uint16
	done          bool
	// amount is what the first venue is asked for.
	amount        uint64
	netIn, netOut uint64
}

func newTwoStepSearch(m *Market, whole *ask, direct *offer) *twoStepSearch {
	s := &twoStepSearch{market: m, whole: whole, direct: direct, first: *whole, second: *whole}
	s.first.Request, s.second.Request = whole.firstStep(), whole.secondStep()
	return s
}

// through sets the token in between.
func (s *twoStepSearch) through(hub token) {
	mint := s.market.numbers.mints[hub]
	s.first.to, s.second.from = hub, hub
	s.first.To, s.second.From = mint, mint
	s.first.Wrapped = s.whole.keepsWrapped(s.whole.From, mint)
	s.second.Wrapped = s.whole.keepsWrapped(mint, s.whole.To)
	s.firsts = s.market.ways.between(s.first.from, hub, s.firsts[:0])
	s.seconds = s.market.ways.between(hub, s.second.to, s.seconds[:0])
}

// pointless reports whether all the steps there are would go through one venue:
// then the second would depend on the first.
func (s *twoStepSearch) pointless() bool {
	return len(s.firsts) == 0 || len(s.seconds) == 0 ||
		len(s.firsts) == 1 && len(s.seconds) == 1 && s.firsts[0] == s.seconds[0]
}

// forwards follows the amount that is paid.
func (s *twoStepSearch) forwards(hub token) {
	if s.through(hub); s.pointless() {
		return
	}

	for _, v := range s.firsts {
		if !s.market.offer(v, &s.first, s.whole.Amount, nil, &s.one) {
			continue
		}
		for _, w := range s.seconds {
			if s.market.offer(w, &s.second, s.one.minOut, &s.one.leaves, &s.other) {
				s.add(hub, &s.one, &s.other)
			}
		}
	}
}

// backwards looks for what it takes to receive an amount.
func (s *twoStepSearch) backwards(hub token) {
	if s.through(hub); s.pointless() {
		return
	}

	for _, w := range s.seconds {
		if !s.market.offer(w, &s.second, s.whole.Amount, nil, &s.other) {
			continue
		}
		for _, v := range s.firsts {
			if !s.market.offer(v, &s.first, s.other.maxIn, nil, &s.one) {
				continue
			}
			if s.one.leaves.pool == nil {
				s.add(hub, &s.one, &s.other)
				continue
			}
			// What the first step changes may change what the second takes.
			for _, x := range s.seconds {
				if s.market.offer(x, &s.second, s.whole.Amount, &s.one.leaves, &s.another) {
					s.add(hub, &s.one, &s.another)
				}
			}
		}
	}
}

// add notes a way that takes one step after the other, if its amounts are better than the direct ones.
func (s *twoStepSearch) add(hub token, first, second *offer) {
	switch {
	case first.venue == second.venue:
		return // The second step would depend on the first.
	case second.maxIn > first.minOut:
		return // The rest would come out of what the owner had before.
	}

	both := s.together(first, second)
	if s.direct == nil || s.market.worthwhile(s.whole, &both, s.direct, chainRounding(s.whole.Side, first, second)) {
		s.found = append(s.found, twoStep{
			hub:    hub,
			first:  uint16(first.venue),
			second: uint16(second.venue),
			amount: first.amount,
			netIn:  both.netIn,
			netOut: both.netOut,
		})
	}
}

// together are the amounts of one step after the other.
func (s *twoStepSearch) together(first, second *offer) offer {
	both := offer{
		in:     first.in,
		maxIn:  first.maxIn,
		out:    second.out,
		minOut: second.minOut,
		price:  second.price,
		lost:   fixed.SaturatingAdd(first.lost, second.lost),
	}
	s.market.net(s.whole, &both)
	return both
}

// next is the best way that was not looked at yet, of equal ones the first that
// was found, and nil at the end.
func (s *twoStepSearch) next() *twoStep {
	var best *twoStep
	for i := range s.found {
		c := &s.found[i]
		if !c.done && (best == nil || compare(s.whole.Side, c.netIn, c.netOut, best.netIn, best.netOut) < 0) {
			best = c
		}
	}
	if best != nil {
		best.done = true
	}
	return best
}

func (s *twoStepSearch) name(c *twoStep) string {
	return s.market.venues[c.first].name() + ", then " + s.market.venues[c.second].name()
}

// complete asks for both steps again, and checks that they can be taken
// together.
func (s *twoStepSearch) complete(c *twoStep) (*legsFound, error) {
	m := s.market
	s.through(c.hub)
	l := &legsFound{firstAsk: s.first, secondAsk: s.second, chain: true}
	m.offer(c.first, &l.firstAsk, c.amount, nil, &l.first)
	amount := s.whole.Amount
	if s.whole.Side == ExactIn {
		amount = l.first.minOut
	}
	m.offer(c.second, &l.secondAsk, amount, &l.first.leaves, &l.second)
	l.both = s.together(&l.first, &l.second)

	if l.first.guard == GuardBalance {
		return nil, fmt.Errorf("%w: %s takes no limit that %s could rely on",
			ErrCombination, m.venues[c.first].name(), m.venues[c.second].name())
	}
	if err := m.independent(&l.firstAsk, &l.secondAsk, &l.first, &l.second); err != nil {
		return nil, err
	}
	if err := combinable(&l.first, &l.second); err != nil {
		return nil, err
	}
	return l, m.fit(s.whole, l)
}

// firstStep and secondStep are the requests of two steps, each for the amount that its side fixes.
func (r *Request) firstStep() Request {
	step := r.part()
	if r.Side == ExactIn {
		step.SlippageBps = min(r.SlippageBps, hopBps)
	}
	step.Referrer, step.Recipient, step.Deactivate = solana.PublicKey{}, solana.PublicKey{}, false
	return step
}

func (r *Request) secondStep() Request {
	step := r.part()
	if r.Side == ExactOut {
		step.SlippageBps = min(r.SlippageBps, hopBps)
	}
	return step
}

// part is a part of a request. Prefunds are only for those who trade in a
// single step.
func (r *Request) part() Request {
	step := *r
	step.Direct, step.MaxPrefund = true, 0
	return step
}

// keepsWrapped reports whether a step is from or to the wrapped SOL that the
// request is about: wrapped SOL is what the owner holds or wants, not what is in
// between.
func (r *Request) keepsWrapped(from, to solana.PublicKey) bool {
	return r.Wrapped && (from == accounts.NativeMint && r.From == from || to == accounts.NativeMint && r.To == to)
}
