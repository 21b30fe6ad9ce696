package venue

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// stakeRoute is the path of the stake of an ask, from a source to a buyer.
type stakeRoute struct {
	source stakeSource
	buyer  stakeBuyer
	// toSOL reports whether the trade pays SOL through temporary accounts. Rent
	// that the owner paid is then returned. wrapped is the UseWSOL of the ask.
	toSOL, wrapped bool
	// router has the parameters of a trade through the Router. It is nil for a
	// direct trade and otherwise points to buffer.
	router *routerCosts
	buffer routerCosts

	// at, from, to, poolUpdate and accounts identify the ask, see most.
	at         *state.Snapshot
	from, to   state.Token
	poolUpdate bool
	accounts   userAccounts
	// quiet is that of the ask. most is the largest known output.
	quiet bool
	most  most
}

// most is the largest output of a pick: the payment for the most stake that it
// can trade.
type most struct {
	at         *state.Snapshot
	from, to   state.Token
	poolUpdate bool
	wrapped    bool
	accounts   userAccounts
	pick       int
	yield      uint64
}

// isOf reports whether the output was computed for a route and a pick. The
// scratch may have served another ask or another market before.
func (m *most) isOf(p *stakeRoute, pick int) bool {
	return m.at == p.at && m.from == p.from && m.to == p.to && m.poolUpdate == p.poolUpdate &&
		m.wrapped == p.wrapped && m.accounts == p.accounts && m.pick == pick &&
		m.yield > 0
}

// routeResult is the result of a trade of stake for one amount.
type routeResult struct {
	withdrawn withdrawnStake
	proceeds  proceeds
	// out is the output before rent that the owner paid is subtracted from it.
	// referral and own are paid in addition to it.
	out, referral, own uint64
	// payout and prefund are set for trades through the Router.
	payout  quote.RouterPayout
	prefund quote.PrefundedStake
}

// routerCosts are the parameters of a trade through the Router.
type routerCosts struct {
	feeAccount solana.PublicKey
	// rate is the Router's fee in basis points.
	rate uint64
	// tokenRent is the rent of a token account, in lamports.
	tokenRent uint64
	// prefund is set for prefunded trades. reserve is the Reserve, whose state
	// a prefund changes.
	prefund *quote.Prefund
	reserve *state.Reserve
}

// routeSteps is a chosen trade of stake from which instructions are built.
type routeSteps struct {
	*stakeRoute
	ask       offer.Ask
	result    *routeResult
	pick      int
	validator validator
	minOut    uint64
}
