package route

import "github.com/gagliardetto/solana-go"

// token is a token of a market by its position: SOL is the first, then come the
// tokens that the market was loaded for, then its stake accounts, then
// NativeStake.
type token int32

// noToken is a token that a market does not know.
const noToken token = -1

// numbering gives tokens their numbers.
type numbering struct {
	of    map[solana.PublicKey]token
	mints []solana.PublicKey
}

func (n *numbering) add(mint solana.PublicKey) {
	if n.of == nil {
		n.of = make(map[solana.PublicKey]token)
	}
	if _, known := n.of[mint]; !known {
		n.of[mint] = token(len(n.mints))
		n.mints = append(n.mints, mint)
	}
}

func (n *numbering) number(mint solana.PublicKey) token {
	if t, known := n.of[mint]; known {
		return t
	}
	return noToken
}

// tokens is a set of tokens: one, or several.
type tokens struct {
	one  token
	many []bool
}

func (n *numbering) set(mints []solana.PublicKey) tokens {
	s := tokens{one: noToken}
	if len(mints) == 1 {
		s.one = n.number(mints[0])
		return s
	}

	s.many = make([]bool, len(n.mints))
	for _, mint := range mints {
		if t := n.number(mint); t != noToken {
			s.many[t] = true
		}
	}
	return s
}

func (s *tokens) has(t token) bool {
	if s.many == nil {
		return s.one == t
	}
	return s.many[t]
}

// ways says which venues serve a pair of tokens. Nothing is kept for each pair:
// a thousand tokens have a million.
type ways struct {
	// from and to are the tokens that each venue takes and gives.
	from, to []tokens
	// takers are the venues that take a token, givers those that give it, in
	// the order of the venues.
	takers, givers [][]uint16
}

func newWays(n *numbering, venues []marketVenue) ways {
	w := ways{takers: make([][]uint16, len(n.mints)), givers: make([][]uint16, len(n.mints))}
	for i := range venues {
		from, to := venues[i].pairs()
		w.from, w.to = append(w.from, n.set(from)), append(w.to, n.set(to))
		for _, mint := range from {
			if t := n.number(mint); t != noToken {
				w.takers[t] = append(w.takers[t], uint16(i))
			}
		}
		for _, mint := range to {
			if t := n.number(mint); t != noToken {
				w.givers[t] = append(w.givers[t], uint16(i))
			}
		}
	}
	return w
}

// between appends the venues that serve a pair to a list, in their order.
func (w *ways) between(from, to token, list []uint16) []uint16 {
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
