package serve

import (
	"math/bits"
	"strconv"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// defaultJupiterSlippage is the slippage of Jupiter's API if a client names
// none, in basis points.
const defaultJupiterSlippage = 50

// feeHolder is any account but the zero key, which a request refuses.
var feeHolder = solana.TokenProgramID

// jupiterQuote answers /swap/v1/quote.
func jupiterQuote(x *exchange) error {
	v, err := x.h.view()
	if err != nil {
		return err
	}

	if err := x.query.parse(x.r.URL.RawQuery); err != nil {
		return err
	}

	req, err := x.h.readJupiterQuote(&x.query)
	if err != nil {
		return err
	}

	q, err := v.market.Quote(req)
	if err != nil {
		return err
	}
	x.out = appendJupiterQuote(x.out[:0], v, &q)
	x.out = append(x.out, `,"contextSlot":`...)
	x.out = strconv.AppendUint(x.out, q.Slot, 10)
	x.out = append(x.out, `,"timeTaken":`...)
	x.out = appendSeconds(x.out, x.h.now().Sub(x.began))
	x.out = append(x.out, '}')
	return nil
}

// readJupiterQuote reads the parameters of a quote. Parameters that change
// nothing here are ignored, for example maxAccounts.
func (h *Handler) readJupiterQuote(q *query) (route.Request, error) {
	req := route.Request{}
	req.SlippageBps = defaultJupiterSlippage
	fee := uint16(0)

	r := reader{query: q}
	r.address("inputMint", true, &req.From)
	r.address("outputMint", true, &req.To)
	r.amount("amount", true, &req.Amount)
	r.swapMode("swapMode", &req.SwapMode)
	r.bps("slippageBps", h.config.MaxSlippageBps, &req.SlippageBps)
	r.bps("platformFeeBps", h.config.MaxFeeBps, &fee)
	r.boolean("onlyDirectRoutes", &req.OnlyDirectRoutes)
	if r.err != nil {
		return req, r.err
	}

	var err error
	if req.Venues, err = labelTable.venues(q.list("dexes")); err != nil {
		return req, err
	}

	if req.ExcludeVenues, err = labelTable.venues(q.list("excludeDexes")); err != nil {
		return req, err
	}

	if fee > 0 {
		req.IntegratorFee = route.IntegratorFee{BPS: fee, Account: feeHolder}
	}
	return req, checkMints(&req)
}

// checkMints refuses what Jupiter's interface has no words for: stake accounts.
func checkMints(req *route.Request) error {
	if req.To == route.NativeStake {
		return refuse(400, "TOKEN_NOT_TRADABLE", "stake accounts are not tokens (use /v1)")
	}
	return nil
}

// appendJupiterQuote appends the response of a quote without its end.
func appendJupiterQuote(b []byte, v *view, q *route.Quote) []byte {
	mode := "ExactIn"
	out, threshold := q.Out, q.MinOut
	if q.Request.SwapMode == route.ExactOut {
		// A program may pay some units more than it is asked for. The client
		// returns outAmount as what it asks for; the plan has what arrives.
		mode = "ExactOut"
		out, threshold = q.Request.Amount, q.MaxIn
	}

	b = append(b, `{"inputMint":"`...)
	b = append(b, v.mint(q.Request.From)...)
	b = append(b, `","inAmount":"`...)
	b = strconv.AppendUint(b, q.In, 10)
	b = append(b, `","outputMint":"`...)
	b = append(b, v.mint(q.Request.To)...)
	b = append(b, `","outAmount":"`...)
	b = strconv.AppendUint(b, out, 10)
	b = append(b, `","otherAmountThreshold":"`...)
	b = strconv.AppendUint(b, threshold, 10)
	b = append(b, `","swapMode":"`...)
	b = append(b, mode...)
	b = append(b, `","slippageBps":`...)
	b = strconv.AppendUint(b, uint64(q.Request.SlippageBps), 10)
	b = append(b, `,"platformFee":`...)
	b = appendPlatformFee(b, q)
	b = append(b, `,"priceImpactPct":"`...)
	b = v.appendImpact(b, q)
	b = append(b, `","routePlan":[`...)
	b = appendPlan(b, v, q)

	return append(b, ']')
}

// appendPlatformFee appends the fee of the application, or null.
func appendPlatformFee(b []byte, q *route.Quote) []byte {
	bps := q.Request.IntegratorFee.BPS
	if bps == 0 {
		return append(b, "null"...)
	}

	amount := uint64(0)
	for i := range q.Fees {
		if q.Fees[i].Name == route.IntegratorFeeName {
			amount = q.Fees[i].Amount
		}
	}

	b = append(b, `{"amount":"`...)
	b = strconv.AppendUint(b, amount, 10)
	b = append(b, `","feeBps":`...)
	b = strconv.AppendUint(b, uint64(bps), 10)
	return append(b, '}')
}

// appendPlan appends the steps of a route: one, or two legs.
func appendPlan(b []byte, v *view, q *route.Quote) []byte {
	if len(q.Legs) == 0 {
		return appendStep(b, v, q, 100)
	}

	// The legs of a split share the input; those of two hops follow each other.
	split := q.Legs[0].Request.To == q.Legs[len(q.Legs)-1].Request.To
	for i := range q.Legs {
		percent := uint64(100)
		if split && i == 0 {
			percent = share(q.Legs[0].In, q.In)
		}

		if split && i > 0 {
			percent = 100 - share(q.Legs[0].In, q.In)
		}

		if i > 0 {
			b = append(b, ',')
		}

		b = appendStep(b, v, &q.Legs[i], percent)
	}
	return b
}

// share returns the part of an amount in percent, rounded down.
func share(part, of uint64) uint64 {
	if part >= of {
		return 100
	}
	high, low := bits.Mul64(part, 100)
	percent, _ := bits.Div64(high, low, of)
	return percent
}

func appendStep(b []byte, v *view, q *route.Quote, percent uint64) []byte {
	b = append(b, `{"swapInfo":{"ammKey":"`...)
	b = append(b, v.amm(q)...)
	b = append(b, `","label":`...)
	b = strconv.AppendQuote(b, labelTable.of(q.Venue))
	b = append(b, `,"inputMint":"`...)
	b = append(b, v.mint(q.Request.From)...)
	b = append(b, `","outputMint":"`...)
	b = append(b, v.mint(q.Request.To)...)
	b = append(b, `","inAmount":"`...)
	b = strconv.AppendUint(b, q.In, 10)
	b = append(b, `","outAmount":"`...)
	b = strconv.AppendUint(b, q.Out, 10)
	b = append(b, `"},"percent":`...)
	b = strconv.AppendUint(b, percent, 10)

	return append(b, '}')
}

// mint returns the text of a mint without encoding it again.
func (v *view) mint(key solana.PublicKey) string {
	if l, ok := v.byMint[key]; ok {
		return l.mint
	}
	return key.String()
}

// Texts of addresses that route plans name.
var (
	infinityText = infinityProgram().String()
	reserveText  = reservePool().String()
)

// amm returns the address that names the pool of a venue: the pool of the
// bought or sold token, Infinity's program, or the Reserve's pool.
func (v *view) amm(q *route.Quote) string {
	switch q.Venue {
	case route.VenueInfinity:
		return infinityText
	case route.VenueReserve, route.VenueStakeWithdrawalToReserve:
		return reserveText
	}

	for _, mint := range [...]solana.PublicKey{q.Request.To, q.Request.From} {
		if l, ok := v.byMint[mint]; ok && !isSOL(mint) {
			return l.pool
		}
	}
	return v.mint(q.Request.To)
}

// impactScale is the number of parts in which the price impact is counted.
const impactScale = 1_000_000_000

// appendImpact appends the price impact as a fraction: 0.001 is 0.1 %. It is 0
// if the trade gains value or a price is not known, as in Jupiter's interface.
func (v *view) appendImpact(b []byte, q *route.Quote) []byte {
	paid, ok := v.value(q.Request.From, q.In)
	received, known := v.value(q.Request.To, q.Out)
	if !ok || !known || paid == 0 || received >= paid {
		return append(b, '0')
	}

	high, low := bits.Mul64(paid-received, impactScale)
	parts, _ := bits.Div64(high, low, paid)
	if parts == 0 {
		return append(b, '0')
	}
	return appendFraction(b, parts)
}

// appendFraction appends billionths as a decimal without trailing zeros.
func appendFraction(b []byte, billionths uint64) []byte {
	b = strconv.AppendUint(b, billionths/impactScale, 10)
	rest := billionths % impactScale
	if rest == 0 {
		return b
	}

	b = append(b, '.')
	start := len(b)
	b = strconv.AppendUint(b, impactScale+rest, 10)
	b = append(b[:start], b[start+1:]...) // Without the leading one.
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// value returns the fair value of an amount in lamports, for display.
func (v *view) value(mint solana.PublicKey, amount uint64) (lamports uint64, ok bool) {
	if isSOL(mint) {
		return amount, true
	}

	price, err := v.market.Price(mint)
	if err != nil {
		return 0, false
	}
	return valueAt(price, amount)
}

func valueAt(price quote.Price, amount uint64) (lamports uint64, ok bool) {
	high, low := bits.Mul64(amount, price.Lamports)
	if high >= price.Tokens {
		return 0, false
	}

	lamports, _ = bits.Div64(high, low, price.Tokens)
	return lamports, true
}

// appendSeconds appends a duration in seconds.
func appendSeconds(b []byte, took time.Duration) []byte {
	return appendFraction(b, uint64(max(took, 0)))
}
