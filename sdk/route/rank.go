package route

import (
	"cmp"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// rank sorts quotes of one request, the best first: the one that leaves the owner with most, or for ExactOut the one that takes least,
// costs that do not come back included. Of equal ones that comes first which needs less to begin with, then the one whose venue does.
func (m *Market) rank(quotes []Quote, r Request) {
	for i := range quotes {
		q := &quotes[i]
		q.NetIn, q.NetOut = q.In, q.Out
		lost := q.lost()
		if r.Side == ExactOut {
			q.NetIn = fixed.SaturatingAdd(q.In, worth(lost, m.price(r.From)))
		} else {
			q.NetOut = fixed.SaturatingSub(q.Out, worth(lost, q.Price))
		}
	}
	slices.SortStableFunc(quotes, func(a, b Quote) int {
		if r.Side == ExactOut {
			return cmp.Or(cmp.Compare(a.NetIn, b.NetIn), cmp.Compare(b.NetOut, a.NetOut), cmp.Compare(a.Advance, b.Advance))
		}
		return cmp.Or(cmp.Compare(b.NetOut, a.NetOut), cmp.Compare(a.NetIn, b.NetIn), cmp.Compare(a.Advance, b.Advance))
	})
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
	if mint == accounts.NativeMint || slices.Contains(m.stakes, mint) {
		return quote.Price{Lamports: 1, Tokens: 1}
	}
	info, err := m.Info(mint)
	if err != nil {
		return quote.Price{}
	}
	return info.Price
}
