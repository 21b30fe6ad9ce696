package venue

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// stakeRoute is the way of stake that a request takes.
type stakeRoute struct {
	source stakeSource
	buyer  stakeBuyer
	// toSOL says that the taker pays SOL, so that rent which the owner paid
	// comes back with the outcome.
	toSOL bool
	// router is what is specific to the Router, nil if the stake is moved by
	// hand.
	router *routerCosts
	room   routerCosts

	// What the request is about, see most.
	at       *state.Snapshot
	from, to state.Token
	crank    bool
	// quiet is that of the request, and most what was found to be the most that
	// crosses.
	quiet bool
	most  most
}

// most is the most stake that was found to cross by a pick, and what it comes
// to.
type most struct {
	at       *state.Snapshot
	from, to state.Token
	crank    bool
	pick     int
	yield    uint64
}

// isOf reports whether it was found for a passage and a pick: a desk may have
// served another request, and another market.
func (m *most) isOf(p *stakeRoute, pick int) bool {
	return m.at == p.at && m.from == p.from && m.to == p.to && m.crank == p.crank &&
		m.pick == pick &&
		m.yield > 0
}

// routeResult is an amount on its way from a source to a taker.
type routeResult struct {
	withdrawn withdrawnStake
	proceeds  proceeds
	// out is what arrives, before rent that comes back is taken out of it, and
	// referral what comes on top of it.
	out, referral uint64
	// payout and prefund are those of the Router.
	payout  quote.RouterPayout
	prefund quote.PrefundedStake
}

// routerCosts are what is specific to a trade through the Router.
type routerCosts struct {
	feeAccount solana.PublicKey
	// rate is the Router's fee in basis points.
	rate uint64
	// tokenRent is the rent of a token account, in lamports.
	tokenRent uint64
	// prefund is set for prefunded ways, and reserve the Reserve, whose state
	// they change.
	prefund *quote.Prefund
	reserve *state.Reserve
}

// routeSteps is a chosen trade of stake that is to be routeSteps out.
type routeSteps struct {
	*stakeRoute
	ask       offer.Ask
	result    *routeResult
	pick      int
	validator validator
	minOut    uint64
}
