package choose

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// This file skips intermediate tokens whose bounds cannot beat the best known
// route, see [venue.Bounded]. A line bounds Out by In, and NetOut and NetIn are
// no better than those.
//
// For ExactIn, the first hop pays out_1 <= first(amount). The second hop is
// asked for MinOut of the first, which is no more than out_1. Since lines do
// not decrease, NetOut <= out_2 <= second(first(amount)). For ExactOut, the
// second hop takes in_2 >= second^-1(amount). The first hop is asked for MaxIn
// of the second, which is no less than in_2, so NetIn >= in_1 >=
// first^-1(in_2).
//
// Intermediate tokens are tried in the order of these bounds. The best
// executable route of two hops sets the limit, and tokens with a bound below
// the limit are skipped. This changes no result, because candidates below the
// limit come after the route that set it, where the search ends.

// raise sets the limit to the score of an offer, if that is better.
func (s *twoStepSearch) raise(o *offer.Offer) {
	if s.whole.SwapMode == terms.ExactOut {
		s.limit = min(s.limit, o.NetIn)
	} else {
		s.limit = max(s.limit, o.NetOut)
	}
}

// beats reports whether a bound reaches the limit.
func (s *twoStepSearch) beats(bound uint64) bool {
	if s.whole.SwapMode == terms.ExactOut {
		return bound <= s.limit && bound != fixed.Never
	}
	return bound >= s.limit && bound != 0
}

// bound computes the lines of the venues of both hops, and the bound of the
// routes through the intermediate token. It reports whether that reaches the
// limit. It skips the lines of one hop if the other cannot serve the request.
func (s *twoStepSearch) bound() (bound uint64, ok bool) {
	amount := s.whole.Amount
	if s.whole.SwapMode == terms.ExactOut {
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
