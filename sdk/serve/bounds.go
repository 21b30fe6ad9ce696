package serve

import (
	"math"
	"net/http"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// bounds are the limits that a client saw before it asks for a transaction.
type bounds struct {
	// minOut is the least output, and maxIn the largest input, that the
	// transaction must enforce. A maxIn of zero is none.
	minOut, maxIn uint64
	// leastOut and mostIn limit what the market may now pay and cost. A mostIn
	// of zero is none.
	leastOut, mostIn uint64
}

// promised returns the bounds of a quote that a client returns: its threshold,
// and its amount less the slippage. The amount matters if the threshold was
// lowered: the transaction then enforces the slippage from today's price, and
// today's price is within the slippage of the quoted one.
func promised(mode route.SwapMode, amount, threshold uint64, slippage uint16) bounds {
	if mode == route.ExactOut {
		most, err := fixed.MulDivFloor(amount, fixed.BasisPoints+uint64(slippage),
			fixed.BasisPoints)
		if err != nil {
			most = math.MaxUint64
		}

		return bounds{maxIn: threshold, mostIn: max(most, 1)}
	}

	least, err := fixed.MulDivCeil(amount, fixed.BasisPoints-uint64(slippage), fixed.BasisPoints)
	if err != nil {
		least = amount
	}
	return bounds{minOut: threshold, leastOut: least}
}

// keeps reports whether the transaction of a quote enforces the bounds.
func (b bounds) keeps(q *route.Quote) bool {
	return q.MinOut >= b.minOut && (b.maxIn == 0 || q.MaxIn <= b.maxIn) && b.reachable(q)
}

// reachable reports whether a quote keeps the bounds, or may keep them with a
// tighter slippage.
func (b bounds) reachable(q *route.Quote) bool {
	return q.Out >= max(b.minOut, b.leastOut) &&
		(b.maxIn == 0 || q.In <= b.maxIn) && (b.mostIn == 0 || q.In <= b.mostIn)
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
	least := max(b.minOut, b.leastOut)
	most := min(b.maxIn-1, b.mostIn-1) + 1 // Zero is no limit, so it wraps around.

	text := "the market now pays " + number(q.Out) + ", and the transaction could enforce " +
		number(q.MinOut) + ", less than " + number(least) + " (quote again)"
	if most != 0 && (q.In > most || q.MaxIn > most) {
		text = "the market now takes " + number(q.In) + ", and the transaction could take " +
			number(q.MaxIn) + ", more than " + number(most) + " (quote again)"
	}
	return refuse(http.StatusConflict, "LIMIT_MISSED", text)
}
