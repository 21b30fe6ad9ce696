package choose

import (
	"cmp"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// hopBps is the slippage of the amount between two hops, in basis points. That
// amount is fixed when the transaction is built: a surplus stays with the
// owner, and a shortfall makes the transaction fail.
const hopBps = 1

// twoSteps returns the best route of two hops that beats the best direct one,
// or nil. Routes that would pay even more but cannot be executed are returned
// with the reason.
func (m *Market) twoSteps(whole *Search, direct *offer.Offer) (best *Legs, unfit []Unfit) {
	s := newTwoStepSearch(m, whole, direct)
	s.collect()

	for i := range s.found {
		s.found[i].done = false
	}

	for {
		c := s.next()
		if c == nil ||
			best != nil &&
				!better(
					whole.SwapMode,
					&offer.Offer{NetIn: c.netIn, NetOut: c.netOut},
					&best.Both,
				) {
			return best, unfit // the candidates after it are no better
		}

		legs, err := s.complete(c)
		switch {
		case err != nil:
			unfit = append(unfit, Unfit{
				First:  c.first,
				Second: c.second,
				Err:    err,
			})

		case s.beatsDirect(legs) && (best == nil || better(whole.SwapMode, &legs.Both, &best.Both)):
			best = legs
		}
	}
}

func newTwoStepSearch(m *Market, whole *Search, direct *offer.Offer) *twoStepSearch {
	s := &twoStepSearch{
		market: m,
		whole:  whole,
		direct: direct,
		first:  whole.firstStep(),
		second: whole.secondStep(),
	}

	s.limit = math.MaxUint64
	if whole.SwapMode == terms.ExactIn {
		s.limit = 0
	}

	if direct != nil {
		s.raise(direct)
	}

	return s
}

// firstStep and secondStep return the requests of the two hops. The amount
// between the hops gets the slippage hopBps, the other one that of the request.
func (s *Search) firstStep() offer.Ask {
	step := s.part()
	if s.SwapMode == terms.ExactIn {
		step.SlippageBps = min(s.SlippageBps, hopBps)
	}
	step.Referrer, step.Recipient, step.Deactivate = solana.PublicKey{}, solana.PublicKey{}, false
	step.DestinationAccount = solana.PublicKey{}
	return step
}

func (s *Search) secondStep() offer.Ask {
	step := s.part()
	if s.SwapMode == terms.ExactOut {
		step.SlippageBps = min(s.SlippageBps, hopBps)
	}
	step.SourceAccount = solana.PublicKey{}
	return step
}

// collect finds all candidates that may beat the best direct route, except
// those that are worse than an executable route of two hops.
func (s *twoStepSearch) collect() {
	m := s.market
	for t := range state.Token(m.ledger.Tokens()) {
		if !m.isIntermediate(t) || t == s.whole.FromToken || t == s.whole.ToToken {
			continue
		}

		if s.setIntermediate(t); s.cannotServe() {
			continue
		}

		if bound, ok := s.bound(); ok {
			s.intermediates = append(s.intermediates, intermediate{token: t, bound: bound})
		}
	}

	slices.SortFunc(s.intermediates, func(a, b intermediate) int {
		return cmp.Or(compare(s.whole.SwapMode, a.bound, a.bound, b.bound, b.bound),
			cmp.Compare(a.token, b.token))
	})

	for _, h := range s.intermediates {
		if !s.beats(h.bound) {
			return
		}

		s.setIntermediate(h.token)
		if _, ok := s.bound(); !ok {
			continue
		}

		if s.whole.SwapMode == terms.ExactOut {
			s.searchExactOut(h.token)
		} else {
			s.searchExactIn(h.token)
		}
	}
}

// isIntermediate reports whether a trade may go through a token: SOL, or a
// token that the market was loaded with.
func (m *Market) isIntermediate(t state.Token) bool { return !m.isStake(t) }

// searchExactIn asks the first hop for the input, and the second hop for the
// output of the first.
func (s *twoStepSearch) searchExactIn(mid state.Token) {
	for i, v := range s.firsts {
		line := &s.firstLines[i]
		if !line.Takes(s.whole.Amount) ||
			!s.beats(most(s.secondLines, line.Most(s.whole.Amount))) ||
			!s.market.offer(v, &s.first, s.whole.Amount, nil, &s.one) {
			continue
		}

		for j, w := range s.seconds {
			line := &s.secondLines[j]
			if line.Takes(s.one.MinOut) && s.beats(line.Most(s.one.MinOut)) &&
				s.market.offer(w, &s.second, s.one.MinOut, &s.one.Leaves, &s.other) {
				s.add(mid, &s.one, &s.other)
			}
		}

		s.raiseToBest(mid)
	}
}

// searchExactOut asks the second hop for the output, and the first hop for the
// input of the second.
func (s *twoStepSearch) searchExactOut(mid state.Token) {
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
				s.add(mid, &s.one, &s.other)
				continue
			}

			if !s.beats(s.one.NetIn) {
				continue
			}

			// The first hop may change the price of the second.
			for _, x := range s.seconds {
				if s.market.offer(x, &s.second, s.whole.Amount, &s.one.Leaves, &s.another) {
					s.add(mid, &s.one, &s.another)
				}
			}
		}

		s.raiseToBest(mid)
	}
}

// raiseToBest sets the limit to the best candidate that can be executed, and
// restores the intermediate token.
func (s *twoStepSearch) raiseToBest(mid state.Token) {
	for {
		c := s.next()
		if c == nil || !s.beats(s.net(c)) {
			return
		}

		legs, err := s.complete(c)
		s.setIntermediate(mid)
		if err == nil && s.beatsDirect(legs) {
			s.raise(&legs.Both)
		}
	}
}
