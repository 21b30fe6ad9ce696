package serve

import (
	"net/http"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// bounds are the limits that a client saw before it asks for a transaction.
type bounds struct {
	// minOut is the least output of an exactIn trade, or zero.
	minOut uint64
	// maxIn is the largest input of an exactOut trade, or zero for any.
	maxIn uint64
}

// promised returns the bounds of a quote that a client returns: those of its
// threshold, or those that follow from its amount and its slippage, whichever
// protect better. A hostile quote can therefore name no looser limits than an
// honest one.
func promised(mode route.SwapMode, amount, threshold uint64, slippage uint16) bounds {
	if mode == route.ExactOut {
		most, err := fixed.MulDivFloor(amount, fixed.BasisPoints+uint64(slippage),
			fixed.BasisPoints)
		if err != nil {
			most = amount
		}
		return bounds{maxIn: min(most, threshold)}
	}

	least, err := fixed.MulDivCeil(amount, fixed.BasisPoints-uint64(slippage), fixed.BasisPoints)
	if err != nil {
		least = amount
	}

	return bounds{minOut: max(least, threshold)}
}

// keeps reports whether the transaction of a quote enforces the bounds.
func (b bounds) keeps(q *route.Quote) bool {
	return q.MinOut >= b.minOut && (b.maxIn == 0 || q.MaxIn <= b.maxIn)
}

// reachable reports whether a tighter slippage can make a quote keep the
// bounds.
func (b bounds) reachable(q *route.Quote) bool {
	return q.Out >= b.minOut && (b.maxIn == 0 || q.In <= b.maxIn)
}

// slippage returns the largest slippage at which a quote may keep the bounds.
func (b bounds) slippage(q *route.Quote) uint16 {
	room, of := q.Out-b.minOut, q.Out
	if b.maxIn != 0 && q.Request.SwapMode == route.ExactOut {
		room, of = b.maxIn-q.In, q.In
	}

	bps, err := fixed.MulDivFloor(room, fixed.BasisPoints, max(of, 1))
	if err != nil {
		return 0
	}

	return uint16(min(bps, uint64(q.Request.SlippageBps)))
}

// quoteWithin returns the best quote whose transaction enforces the bounds. If
// the slippage of the request is too loose for them, it is tightened.
func quoteWithin(market *route.Market, req route.Request, b bounds) (route.Quote, error) {
	q, err := market.Quote(req)
	if err != nil || b.keeps(&q) {
		return q, err
	}

	if !b.reachable(&q) {
		return q, missed(b, &q)
	}

	for _, slippage := range []uint16{b.slippage(&q), 0} {
		req.SlippageBps = slippage
		if q, err = market.Quote(req); err != nil || b.keeps(&q) {
			return q, err
		}
	}

	return q, missed(b, &q)
}

// missed returns the error of a market that does not keep the bounds.
func missed(b bounds, q *route.Quote) error {
	text := "the market now pays " + number(q.Out) + ", and the transaction could enforce " +
		number(q.MinOut) + ", less than " + number(b.minOut) + " (quote again)"
	if b.maxIn != 0 && (q.In > b.maxIn || q.MaxIn > b.maxIn) {
		text = "the market now takes " + number(q.In) + ", and the transaction could take " +
			number(q.MaxIn) + ", more than " + number(b.maxIn) + " (quote again)"
	}
	return refuse(http.StatusConflict, "LIMIT_MISSED", text)
}
