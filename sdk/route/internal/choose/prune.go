package choose

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// To go through a mid is only asked for if its lines allow that it pays more
// than the best that is known: see [venue.Bounded]. A line bounds Out by In,
// and what is left after costs is no better than those two.
//
// Forwards, the first step pays out_1 <= first(amount) at most, and the second
// is asked for its MinOut, which is no more. So NetOut <= out_2 <=
// second(first(amount)), as lines grow. Backwards, the second step takes in_2
// >= second^-1(amount), the first is asked for its MaxIn, which is no less, and
// NetIn >= in_1 >= first^-1(in_2).
//
// Hubs are asked in the order of these bounds. The best two steps that fit and
// are worth it set the limit, and what is worse than the limit is not asked
// for. No answer changes by that: in the order of what was found, what is worse
// than two steps that were taken comes after them, where the search ends.

// raise makes the limit that of an offer, if that is better.
func (s *twoStepSearch) raise(o *offer.Offer) {
	if s.whole.SwapMode == terms.ExactOut {
		s.limit = min(s.limit, o.NetIn)
	} else {
		s.limit = max(s.limit, o.NetOut)
	}
}

// beats reports whether a bound is no worse than the limit.
func (s *twoStepSearch) beats(bound uint64) bool {
	if s.whole.SwapMode == terms.ExactOut {
		return bound <= s.limit && bound != fixed.Never
	}
	return bound >= s.limit && bound != 0
}

// draw draws the lines of the venues of a mid, and bounds what is left of the
// way through it. It reports whether that beats the limit. The lines of the
// step that is asked second are only drawn if the other may serve the request.
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
