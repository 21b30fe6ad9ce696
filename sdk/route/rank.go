package route

import (
	"cmp"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// compare is negative if the first amounts are better than the second.
func compare(side Side, netIn, netOut, thanIn, thanOut uint64) int {
	byIn, byOut := cmp.Compare(netIn, thanIn), cmp.Compare(thanOut, netOut)
	if side == ExactOut {
		return cmp.Or(byIn, byOut)
	}
	return cmp.Or(byOut, byIn)
}

// better reports whether an offer pays more than another, or for ExactOut costs
// less.
func (o *offer) better(side Side, than *offer) bool {
	if side == ExactOut {
		return o.netIn < than.netIn
	}
	return o.netOut > than.netOut
}

// net works out what is left of an offer after the costs that do not come back.
func (m *Market) net(a *ask, o *offer) {
	o.netIn, o.netOut = o.in, o.out
	switch {
	case o.lost == 0:
	case a.Side == ExactOut:
		o.netIn = fixed.SaturatingAdd(o.in, worth(o.lost, m.prices[a.from]))
	default:
		o.netOut = fixed.SaturatingSub(o.out, worth(o.lost, o.price))
	}
}

// worth is how much of a token so many lamports are, rounded up. Of a token whose price is not known they are nothing.
func worth(lamports uint64, price quote.Price) uint64 {
	tokens, err := fixed.MulDivCeil(lamports, price.Tokens, price.Lamports)
	if err != nil {
		return 0
	}
	return tokens
}
