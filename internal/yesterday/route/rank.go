package route

import (
	"cmp"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/yesterday/quote"
)

// order sorts quotes of one request, the best first: the one that leaves the owner with most, or for ExactOut the one that takes least,
// costs that do not come back included. Of equal ones that comes first which has fewer legs, then that which needs less to begin with, then
// the one whose venue does.
func order(quotes []Quote) {
	slices.SortStableFunc(quotes, func(a, b Quote) int {
		return cmp.Or(compare(&a, &b), cmp.Compare(len(a.Legs), len(b.Legs)), cmp.Compare(a.Advance, b.Advance))
	})
}

// compare is negative if a is better than b.
func compare(a, b *Quote) int {
	byIn, byOut := cmp.Compare(a.NetIn, b.NetIn), cmp.Compare(b.NetOut, a.NetOut)
	if a.Request.Side == ExactOut {
		return cmp.Or(byIn, byOut)
	}
	return cmp.Or(byOut, byIn)
}

// better says whether a pays more than b, or for ExactOut costs less.
func better(a, b *Quote) bool {
	if a.Request.Side == ExactOut {
		return a.NetIn < b.NetIn
	}
	return a.NetOut > b.NetOut
}

// net works out what is left of a quote after the costs that do not come back.
func (m *Market) net(q *Quote) {
	if len(q.Legs) > 0 && q.Legs[0].Request.To == q.Request.To {
		m.netOfParts(q)
		return
	}
	q.NetIn, q.NetOut = q.In, q.Out
	lost := q.lost()
	switch {
	case lost == 0:
	case q.Request.Side == ExactOut:
		q.NetIn = fixed.SaturatingAdd(q.In, worth(lost, m.price(q.Request.From)))
	default:
		q.NetOut = fixed.SaturatingSub(q.Out, worth(lost, q.Price))
	}
}

// lost are the costs that do not come back, in lamports.
func (q Quote) lost() uint64 {
	total := uint64(0)
	for _, c := range q.Costs {
		if !c.Recoverable {
			total = fixed.SaturatingAdd(total, c.Lamports)
		}
	}
	return total
}

// worth is how much of a token so many lamports are, rounded up. Of a token whose price is not known they are nothing.
func worth(lamports uint64, price quote.Price) uint64 {
	tokens, err := fixed.MulDivCeil(lamports, price.Tokens, price.Lamports)
	if err != nil {
		return 0
	}
	return tokens
}

// price is the value of a token; that of SOL and stake accounts is itself.
func (m *Market) price(mint solana.PublicKey) quote.Price {
	if mint == accounts.NativeMint || m.isStake(mint) {
		return quote.Price{Lamports: 1, Tokens: 1}
	}
	info, err := m.Info(mint)
	if err != nil {
		return quote.Price{}
	}
	return info.Price
}

// netOfParts is net for a split: what is left of both parts, each at its own
// price. It was mended here and in today's engine: at the price of one part,
// a small one could make the costs of the other look smaller.
func (m *Market) netOfParts(q *Quote) {
	q.NetIn, q.NetOut = 0, 0
	for _, leg := range q.Legs {
		leg.Costs = slices.DeleteFunc(slices.Clone(leg.Costs), func(c Cost) bool { return c.Name == PriorityFeeCost })
		m.net(&leg)
		q.NetIn, q.NetOut = fixed.SaturatingAdd(q.NetIn, leg.NetIn), fixed.SaturatingAdd(q.NetOut, leg.NetOut)
	}
	for _, c := range q.Costs {
		switch {
		case c.Name != PriorityFeeCost:
		case q.Request.Side == ExactOut:
			q.NetIn = fixed.SaturatingAdd(q.NetIn, worth(c.Lamports, m.price(q.Request.From)))
		default:
			q.NetOut = fixed.SaturatingSub(q.NetOut, worth(c.Lamports, q.Price))
		}
	}
}
