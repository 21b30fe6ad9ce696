package serve

import (
	"math/big"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// quoteJSON is a quote in /v1/quotes.
type quoteJSON struct {
	Venue             route.Venue `json:"venue"`
	From              string      `json:"from"`
	To                string      `json:"to"`
	In                uint64      `json:"in,string"`
	Out               uint64      `json:"out,string"`
	MinOut            uint64      `json:"minOut,string"`
	MaxIn             uint64      `json:"maxIn,string"`
	MinOutCheck       string      `json:"minOutCheck"`
	NetIn             uint64      `json:"netIn,string"`
	NetOut            uint64      `json:"netOut,string"`
	Behind            uint64      `json:"behind,string"`
	Slot              uint64      `json:"slot"`
	Epoch             uint64      `json:"epoch"`
	Exact             bool        `json:"exact"`
	ExactAtSlot       uint64      `json:"exactAtSlot"`
	ValidUntilSlot    uint64      `json:"validUntilSlot"`
	UpfrontRent       uint64      `json:"upfrontRent,string"`
	ReturnedSOL       uint64      `json:"returnedSol,string"`
	AddedSOL          uint64      `json:"addedSol,string"`
	Costs             []costJSON  `json:"costs"`
	Fees              []feeJSON   `json:"fees"`
	PriceImpact       string      `json:"priceImpact,omitempty"`
	ComputeUnits      uint32      `json:"computeUnits"`
	TwoTransactions   bool        `json:"needsTwoTransactions"`
	NeedsStakeKeypair bool        `json:"needsStakeKeypair"`
	Assumptions       []string    `json:"assumptions"`
	RemainingSteps    []string    `json:"remainingSteps"`
	StakeAccounts     []stakeJSON `json:"stakeAccounts"`
	Legs              []quoteJSON `json:"legs"`

	// Portable is the quote for /v1/transactions. Legs have none.
	Portable *route.PortableQuote `json:"portable,omitempty"`
}

type costJSON struct {
	Name        string `json:"name"`
	Lamports    uint64 `json:"lamports,string"`
	Recoverable bool   `json:"recoverable"`
}

type feeJSON struct {
	Name      string `json:"name"`
	Amount    uint64 `json:"amount,string"`
	Mint      string `json:"mint"`
	Rate      string `json:"rate"`
	Recipient string `json:"recipient,omitempty"`
}

type stakeJSON struct {
	Vote     string `json:"vote"`
	Stake    uint64 `json:"stake,string"`
	MinStake uint64 `json:"minStake,string"`
	Rent     uint64 `json:"rent,string"`
}

// checkWords are the words for what enforces the minimum output.
var checkWords = map[route.MinOutCheck]string{
	route.CheckedByProgram:     "program",
	route.CheckedByTempAccount: "tempAccount",
	route.CheckedByBalance:     "balance",
	route.CheckedByReceipt:     "receipt",
	route.BoundedByProgram:     "bounded",
}

// quoteOf returns a quote for a response. best is the best quote of its
// request.
func (v *view) quoteOf(q, best *route.Quote) quoteJSON {
	out := quoteJSON{
		Venue:             q.Venue,
		From:              v.mint(q.Request.From),
		To:                v.mint(q.Request.To),
		In:                q.In,
		Out:               q.Out,
		MinOut:            q.MinOut,
		MaxIn:             q.MaxIn,
		MinOutCheck:       checkWords[q.MinOutCheck],
		NetIn:             q.NetIn,
		NetOut:            q.NetOut,
		Behind:            behind(q, best),
		Slot:              q.Slot,
		Epoch:             q.Epoch,
		Exact:             q.Exact,
		ExactAtSlot:       q.ExactAtSlot,
		ValidUntilSlot:    q.ValidUntilSlot,
		UpfrontRent:       q.UpfrontRent,
		ReturnedSOL:       q.ReturnedSOL,
		AddedSOL:          q.AddedSOL,
		Costs:             make([]costJSON, 0, len(q.Costs)),
		Fees:              make([]feeJSON, 0, len(q.Fees)),
		PriceImpact:       v.impact(q),
		ComputeUnits:      q.ComputeUnits,
		TwoTransactions:   q.NeedsTwoTransactions,
		NeedsStakeKeypair: q.NeedsStakeKeypair,
		Assumptions:       append([]string{}, q.Assumptions...),
		RemainingSteps:    append([]string{}, q.RemainingSteps...),
		StakeAccounts:     make([]stakeJSON, 0, len(q.StakeAccounts)),
		Legs:              make([]quoteJSON, 0, len(q.Legs)),
	}

	for _, c := range q.Costs {
		out.Costs = append(out.Costs, costJSON(c))
	}

	for _, f := range q.Fees {
		fee := feeJSON{
			Name:      f.Name,
			Amount:    f.Amount,
			Mint:      v.mint(f.Mint),
			Rate:      f.Rate,
			Recipient: optional(f.Recipient),
		}
		if f.Recipient == feeHolder {
			fee.Recipient = ""
		}

		out.Fees = append(out.Fees, fee)
	}

	for _, s := range q.StakeAccounts {
		out.StakeAccounts = append(out.StakeAccounts, stakeJSON{
			Vote:     s.Vote.String(),
			Stake:    s.Stake,
			MinStake: s.MinStake,
			Rent:     s.Rent,
		})
	}

	for i := range q.Legs {
		out.Legs = append(out.Legs, v.quoteOf(&q.Legs[i], &q.Legs[i]))
	}

	return out
}

// behind returns how far a quote is behind the best one, after costs.
func behind(q, best *route.Quote) uint64 {
	if q.Request.SwapMode == route.ExactOut {
		return q.NetIn - min(best.NetIn, q.NetIn)
	}
	return best.NetOut - min(q.NetOut, best.NetOut)
}

// impact returns the price impact of a quote, or nothing if a price is not
// known.
func (v *view) impact(q *route.Quote) string {
	paid, err := v.market.Price(q.Request.From)
	if err != nil || q.In == 0 {
		return ""
	}

	received, err := v.market.Price(q.Request.To)
	if err != nil {
		return ""
	}

	in := new(big.Rat).SetInt(new(big.Int).SetUint64(q.In))
	if in.Mul(in, paid.Rat()).Sign() == 0 {
		return ""
	}

	out := new(big.Rat).SetInt(new(big.Int).SetUint64(q.Out))
	out.Mul(out, received.Rat())
	return decimal(out.Sub(big.NewRat(1, 1), out.Quo(out, in)))
}

// quotesJSON is the response of /v1/quotes.
type quotesJSON struct {
	Slot        uint64          `json:"slot"`
	Epoch       uint64          `json:"epoch"`
	From        tokenRefJSON    `json:"from"`
	To          tokenRefJSON    `json:"to"`
	Amount      uint64          `json:"amount,string"`
	SwapMode    string          `json:"swapMode"`
	SlippageBps uint16          `json:"slippageBps"`
	Quotes      []quoteJSON     `json:"quotes"`
	Rejections  []rejectionJSON `json:"rejections"`
}

type tokenRefJSON struct {
	Mint     string `json:"mint"`
	Symbol   string `json:"symbol"`
	Decimals uint8  `json:"decimals"`
}

func refTo(l *listing) tokenRefJSON {
	return tokenRefJSON{
		Mint:     l.mint,
		Symbol:   l.Symbol,
		Decimals: l.Decimals,
	}
}

type rejectionJSON struct {
	Venue  route.Venue `json:"venue"`
	Reason string      `json:"reason"`
}

// pair reads the tokens of a trade. The output may be "stake".
func (v *view) pair(from, to string) (in, out *listing, err error) {
	in, ok := v.find(from)
	if !ok {
		return nil, nil, refuse(400, "TOKEN_NOT_TRADABLE",
			"the market has no token "+quoted(from)+" to pay")
	}

	if strings.EqualFold(to, nativeStake.Symbol) || to == nativeStake.mint {
		return in, nativeStake, nil
	}

	if out, ok = v.find(to); !ok {
		return nil, nil, refuse(400, "TOKEN_NOT_TRADABLE",
			"the market has no token "+quoted(to)+" to receive")
	}
	return in, out, nil
}

// listQuotes answers /v1/quotes.
func listQuotes(x *exchange) error {
	v, err := x.h.view()
	if err != nil {
		return err
	}

	if err := x.query.parse(x.r.URL.RawQuery); err != nil {
		return err
	}

	req, in, out, err := x.h.readQuotes(v, &x.query)
	if err != nil {
		return err
	}

	if err := req.Check(); err != nil {
		return err
	}

	quotes, rejected := v.market.Quotes(req)
	response := quotesJSON{
		Slot:        v.market.Slot(),
		Epoch:       v.market.Clock().Epoch,
		From:        refTo(in),
		To:          refTo(out),
		Amount:      req.Amount,
		SwapMode:    modeWord(req.SwapMode),
		SlippageBps: req.SlippageBps,
		Quotes:      make([]quoteJSON, 0, len(quotes)),
		Rejections:  make([]rejectionJSON, 0, len(rejected)),
	}

	for i := range quotes {
		quote := v.quoteOf(&quotes[i], &quotes[0])
		portable := quotes[i].Portable()
		quote.Portable = &portable
		response.Quotes = append(response.Quotes, quote)
	}

	for _, r := range rejected {
		response.Rejections = append(response.Rejections, rejectionJSON{
			Venue:  r.Venue,
			Reason: r.Err.Error(),
		})
	}
	return x.json(response)
}

func modeWord(mode route.SwapMode) string {
	if mode == route.ExactOut {
		return "exactOut"
	}
	return "exactIn"
}

// readQuotes reads the parameters of /v1/quotes. Unknown ones are refused: a
// misspelled limit must not be ignored.
func (h *Handler) readQuotes(v *view, q *query) (req route.Request, in, out *listing, err error) {
	var from, to string
	text := func(into *string) func(string) error {
		return func(value string) error {
			*into = value
			return nil
		}
	}

	req.SlippageBps = sdk.DefaultSlippageBps
	fee, onInput := uint16(0), false
	r := reader{query: q}
	r.only("from", "to", "amount", "swapMode", "slippageBps", "owner", "recipient", "useWsol",
		"onlyDirectRoutes", "allowPoolUpdate", "venues", "excludeVenues", "feeBps",
		"feeOnInput")
	r.read("from", true, text(&from))
	r.read("to", true, text(&to))
	r.amount("amount", true, &req.Amount)
	r.swapMode("swapMode", &req.SwapMode)
	r.bps("slippageBps", h.config.MaxSlippageBps, &req.SlippageBps)
	r.address("owner", false, &req.User)
	r.address("recipient", false, &req.Recipient)
	r.boolean("useWsol", &req.UseWSOL)
	r.boolean("onlyDirectRoutes", &req.OnlyDirectRoutes)
	r.boolean("allowPoolUpdate", &req.AllowPoolUpdate)
	r.bps("feeBps", h.config.MaxFeeBps, &fee)
	r.boolean("feeOnInput", &onInput)
	if r.err != nil {
		return req, nil, nil, r.err
	}

	if in, out, err = v.pair(from, to); err != nil {
		return req, nil, nil, err
	}

	req.From, req.To = in.Mint, out.Mint
	req.Venues, req.ExcludeVenues = venuesOf(q.list("venues")), venuesOf(q.list("excludeVenues"))
	if fee > 0 {
		req.IntegratorFee = route.IntegratorFee{
			BPS:     fee,
			OnInput: onInput,
			Account: feeHolder,
		}
	}

	if !req.User.IsZero() && req.Recipient == req.User {
		req.Recipient = solana.PublicKey{}
	}

	return req, in, out, nil
}

func venuesOf(names []string) (venues []route.Venue) {
	for _, name := range names {
		venues = append(venues, route.Venue(name))
	}
	return venues
}
