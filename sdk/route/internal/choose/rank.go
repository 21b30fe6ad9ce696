package choose

import (
	"cmp"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// compare returns a negative number if the first pair of amounts is better.
func compare(mode terms.SwapMode, netIn, netOut, thanIn, thanOut uint64) int {
	byIn, byOut := cmp.Compare(netIn, thanIn), cmp.Compare(thanOut, netOut)
	if mode == terms.ExactOut {
		return cmp.Or(byIn, byOut)
	}
	return cmp.Or(byOut, byIn)
}

// better reports whether an offer pays more than another, or for ExactOut costs
// less.
func better(mode terms.SwapMode, o, than *offer.Offer) bool {
	if mode == terms.ExactOut {
		return o.NetIn < than.NetIn
	}
	return o.NetOut > than.NetOut
}

// applyCosts sets NetIn and NetOut of an offer from the costs that cannot be
// recovered.
func (m *Market) applyCosts(a *offer.Ask, o *offer.Offer) {
	o.NetIn, o.NetOut = o.In, o.Out
	if back, err := fixed.MulDivFloor(o.Returned, o.Price.Tokens, o.Price.Lamports); err == nil {
		o.NetOut = fixed.SaturatingAdd(o.NetOut, back)
	}

	switch {
	case o.Lost == 0:
	case a.SwapMode == terms.ExactOut:
		o.NetIn = fixed.SaturatingAdd(o.In, lamportsToTokens(o.Lost, m.price(a.FromToken)))
	default:
		o.NetOut = fixed.SaturatingSub(o.NetOut, lamportsToTokens(o.Lost, o.Price))
	}
}

// lamportsToTokens converts lamports to base units of a token, rounded up. It
// returns zero if the price is not known.
func lamportsToTokens(lamports uint64, price quote.Price) uint64 {
	tokens, err := fixed.MulDivCeil(lamports, price.Tokens, price.Lamports)
	if err != nil {
		return 0
	}
	return tokens
}
