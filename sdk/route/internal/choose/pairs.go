package choose

import (
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// tokens is a set of tokens, with a short form for one.
type tokens struct {
	one  state.Token
	many []bool
}

func newTokens(list []state.Token, all int) tokens {
	if len(list) == 1 {
		return tokens{one: list[0]}
	}

	s := tokens{one: state.NoToken, many: make([]bool, all)}
	for _, t := range list {
		s.many[t] = true
	}
	return s
}

func (s *tokens) has(t state.Token) bool {
	if s.many == nil {
		return s.one == t
	}
	return s.many[t]
}

// pairIndex finds the venues that serve a pair of tokens. It stores nothing for
// each pair, since a thousand tokens have a million pairs.
type pairIndex struct {
	// from and to are the tokens that each venue takes and pays.
	from, to []tokens
	// takers are the venues that take a token, and givers the venues that pay
	// it, in the order of the venues.
	takers, givers [][]uint16
}

func newPairIndex(l *state.Ledger, venues []venue.Venue) pairIndex {
	all := l.Tokens() + 1 // and a received stake account
	w := pairIndex{takers: make([][]uint16, all), givers: make([][]uint16, all)}
	for i, v := range venues {
		from, to := v.Pairs(l)
		w.from, w.to = append(w.from, newTokens(from, all)), append(w.to, newTokens(to, all))
		for _, t := range from {
			w.takers[t] = append(w.takers[t], uint16(i))
		}

		for _, t := range to {
			w.givers[t] = append(w.givers[t], uint16(i))
		}
	}

	return w
}

// between appends the venues that serve a pair to list, in their order.
func (w *pairIndex) between(from, to state.Token, list []uint16) []uint16 {
	if from == to {
		return list
	}

	candidates, sets, other := w.takers[from], w.to, to
	if givers := w.givers[to]; len(givers) < len(candidates) {
		candidates, sets, other = givers, w.from, from
	}

	for _, v := range candidates {
		if sets[v].has(other) {
			list = append(list, v)
		}
	}

	return list
}
