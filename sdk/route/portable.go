package route

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// PortableVersion is the version of [PortableQuote] that this module writes and
// reads.
const PortableVersion = 1

// mostSlot is the largest slot in a portable quote: the largest whole number
// that JSON numbers hold in every language, 2^53 - 1.
const mostSlot = 1<<53 - 1

// PortableQuote is a [Quote] as plain values, which travel as JSON: what was
// asked, the route, what it promises, and until when. [Quote.Portable] makes
// it, and [Market.Requote] turns it back into a quote that can be built. In
// JSON it takes less than 2 kB without lookup tables and merged stake accounts.
//
// Who can change the JSON can change the trade. Compare the tokens and the
// amount with the order, and set Expected: Requote refuses a portable quote
// that pays others.
type PortableQuote struct {
	// Version is [PortableVersion].
	Version uint64 `json:"version"`
	// Request is what was asked.
	Request PortableRequest `json:"request"`
	// Shape tells how Legs belong together: one leg, two hops, or the two parts
	// of a split.
	Shape Shape         `json:"shape"`
	Legs  []PortableLeg `json:"legs"`
	// Through is the token between two hops, and zero for other shapes.
	Through solana.PublicKey `json:"through,omitzero"`
	// NeedsTwoTransactions reports whether the legs need one transaction each.
	NeedsTwoTransactions bool `json:"needsTwoTransactions,omitzero"`
	// Slot and Epoch are those of the accounts of the quote. ValidUntilSlot is
	// the last slot at which Requote accepts it: Slot plus the slot tolerance
	// of the request. ExactAtSlot is [Quote.ExactAtSlot].
	Slot           uint64 `json:"slot"`
	Epoch          uint64 `json:"epoch"`
	ExactAtSlot    uint64 `json:"exactAtSlot,omitzero"`
	ValidUntilSlot uint64 `json:"validUntilSlot"`
	// In and the other amounts are those of [Quote], in base units.
	In          uint64      `json:"in,string"`
	Out         uint64      `json:"out,string"`
	MinOut      uint64      `json:"minOut,string"`
	MaxIn       uint64      `json:"maxIn,string"`
	NetIn       uint64      `json:"netIn,string"`
	NetOut      uint64      `json:"netOut,string"`
	MinOutCheck MinOutCheck `json:"minOutCheck"`
	Exact       bool        `json:"exact"`
	// Price is the price of the received token in SOL, and PriceImpact the part
	// of the value that the trade loses, both as decimals: "1.2" and "0.0005".
	// PriceImpact is empty if a price is not known.
	Price       string `json:"price"`
	PriceImpact string `json:"priceImpact,omitzero"`
	// Lamports of rent and of stake accounts, see [Quote].
	UpfrontRent      uint64 `json:"upfrontRent,string,omitzero"`
	ReturnedSOL      uint64 `json:"returnedSol,string,omitzero"`
	AddedSOL         uint64 `json:"addedSol,string,omitzero"`
	IntermediateDust uint64 `json:"intermediateDust,string,omitzero"`
	ComputeUnits     uint64 `json:"computeUnits"`
	// Fees and Costs are for display.
	Fees  []PortableFee  `json:"fees,omitempty"`
	Costs []PortableCost `json:"costs,omitempty"`
	// StakeAccounts are the stake accounts that the trade creates.
	StakeAccounts []PortableStake `json:"stakeAccounts,omitempty"`
	// GivesReceipt reports whether the trade gives a receipt instead of the
	// token, see [Quote.Receipt].
	GivesReceipt bool `json:"givesReceipt,omitzero"`
	// LookupTables are the lookup tables that the transaction may use, except
	// the Router's.
	LookupTables []solana.PublicKey `json:"lookupTables,omitempty"`

	// Expected are the parties that the receiver of the quote expects, and his
	// own wallet. It does not travel.
	Expected Parties `json:"-"`
}

// PortableRequest is the part of a [Request] that travels. The options that
// only choose among routes do not, and neither does the wallet of the user.
type PortableRequest struct {
	From             solana.PublicKey   `json:"from"`
	To               solana.PublicKey   `json:"to"`
	Amount           uint64             `json:"amount,string"`
	SwapMode         SwapMode           `json:"swapMode"`
	SlippageBps      uint16             `json:"slippageBps"`
	AllowPoolUpdate  bool               `json:"allowPoolUpdate,omitzero"`
	UseWSOL          bool               `json:"useWsol,omitzero"`
	Deactivate       bool               `json:"deactivate,omitzero"`
	AcceptReceipt    bool               `json:"acceptReceipt,omitzero"`
	AllowVersion1    bool               `json:"allowVersion1,omitzero"`
	MergeStake       []solana.PublicKey `json:"mergeStake,omitempty"`
	MaxPrefund       uint64             `json:"maxPrefund,string,omitzero"`
	ComputeUnitPrice uint64             `json:"computeUnitPrice,string,omitzero"`
	// Recipient and the fields after it are honored only if they equal those of
	// [PortableQuote.Expected].
	Recipient          solana.PublicKey `json:"recipient,omitzero"`
	Referrer           solana.PublicKey `json:"referrer,omitzero"`
	SourceAccount      solana.PublicKey `json:"sourceAccount,omitzero"`
	DestinationAccount solana.PublicKey `json:"destinationAccount,omitzero"`
	IntegratorFee      IntegratorFee    `json:"integratorFee,omitzero"`
}

// PortableLeg is a leg of a route: one venue.
type PortableLeg struct {
	Venue Venue `json:"venue"`
	// Validators are the vote accounts of the stake that the leg moves.
	Validators []solana.PublicKey `json:"validators,omitempty"`
	// Amount is the input that the venue is asked for, or for an exact output
	// the output. The other amounts are those of the leg without the fee of the
	// integrator.
	Amount uint64 `json:"amount,string"`
	In     uint64 `json:"in,string"`
	Out    uint64 `json:"out,string"`
	MinOut uint64 `json:"minOut,string"`
	MaxIn  uint64 `json:"maxIn,string"`
}

// PortableFee is a [Fee]. Rate is a decimal: "0.001" is 0.1 %. It is empty for
// a fixed fee. For a deposit of stake it is the rate of the stake.
type PortableFee struct {
	Name   string           `json:"name"`
	Amount uint64           `json:"amount,string"`
	Mint   solana.PublicKey `json:"mint"`
	Rate   string           `json:"rate,omitzero"`
}

// PortableCost is a [Cost].
type PortableCost struct {
	Name        string `json:"name"`
	Lamports    uint64 `json:"lamports,string"`
	Recoverable bool   `json:"recoverable,omitzero"`
}

// PortableStake is a [ReceivedStake].
type PortableStake struct {
	Vote     solana.PublicKey `json:"vote"`
	Stake    uint64           `json:"stake,string"`
	MinStake uint64           `json:"minStake,string"`
	Rent     uint64           `json:"rent,string"`
}

// Parties are what a receiver of a [PortableQuote] knows better than its JSON:
// his own keys, and who may be paid. The zero value expects a quote that pays
// the owner alone, from and into associated token accounts.
type Parties struct {
	// User and Signers are those of [Options]. They never travel.
	User    solana.PublicKey
	Signers []solana.PublicKey
	// Recipient, Referrer, SourceAccount, DestinationAccount and IntegratorFee
	// must equal those of the portable quote.
	Recipient, Referrer               solana.PublicKey
	SourceAccount, DestinationAccount solana.PublicKey
	IntegratorFee                     IntegratorFee
	// AllowRecipientOffCurve is that of [Options]. It never travels.
	AllowRecipientOffCurve bool
}

// Shape tells how the legs of a route belong together.
type Shape string

// The shapes of routes.
const (
	// ShapeDirect is a route with one leg.
	ShapeDirect Shape = "direct"
	// ShapeTwoHops is a route through an intermediate token.
	ShapeTwoHops Shape = "twoHops"
	// ShapeSplit is a route whose amount is split over two venues.
	ShapeSplit Shape = "split"
)

// Portable returns the quote as plain values, see [PortableQuote].
func (q Quote) Portable() PortableQuote {
	r := &q.Request
	p := PortableQuote{
		Version:              PortableVersion,
		Request:              r.portable(),
		Shape:                q.shape(),
		NeedsTwoTransactions: q.NeedsTwoTransactions,
		Slot:                 min(q.Slot, mostSlot),
		Epoch:                min(q.Epoch, mostSlot),
		ExactAtSlot:          min(q.ExactAtSlot, mostSlot),
		ValidUntilSlot:       min(q.validUntil(), mostSlot),
		In:                   q.In,
		Out:                  q.Out,
		MinOut:               q.MinOut,
		MaxIn:                q.MaxIn,
		NetIn:                q.NetIn,
		NetOut:               q.NetOut,
		MinOutCheck:          q.MinOutCheck,
		Exact:                q.Exact,
		Price:                q.Price.String(),
		UpfrontRent:          q.UpfrontRent,
		ReturnedSOL:          q.ReturnedSOL,
		AddedSOL:             q.AddedSOL,
		IntermediateDust:     q.IntermediateDust,
		ComputeUnits:         uint64(q.ComputeUnits),
		GivesReceipt:         q.Receipt != nil,
		Expected: Parties{
			User:                   r.User,
			Signers:                slices.Clone(r.Signers),
			Recipient:              r.Recipient,
			Referrer:               r.Referrer,
			SourceAccount:          r.SourceAccount,
			DestinationAccount:     r.DestinationAccount,
			IntegratorFee:          r.IntegratorFee,
			AllowRecipientOffCurve: r.AllowRecipientOffCurve,
		},
	}

	if impact, err := q.PriceImpact(); err == nil {
		p.PriceImpact = decimal(impact)
	}

	for i := range q.Legs {
		p.Legs = append(p.Legs, q.Legs[i].portableLeg())
	}

	if len(q.Legs) == 0 {
		p.Legs = []PortableLeg{q.whole()}
	}

	if p.Shape == ShapeTwoHops {
		p.Through = q.Legs[0].Request.To
	}

	p.tell(&q)

	return p
}

// portable returns the part of a request that travels.
func (r *Request) portable() PortableRequest {
	return PortableRequest{
		From:               r.From,
		To:                 r.To,
		Amount:             r.Amount,
		SwapMode:           r.SwapMode,
		SlippageBps:        r.SlippageBps,
		AllowPoolUpdate:    r.AllowPoolUpdate,
		UseWSOL:            r.UseWSOL,
		Deactivate:         r.Deactivate,
		AcceptReceipt:      r.AcceptReceipt,
		AllowVersion1:      r.AllowVersion1,
		MergeStake:         slices.Clone(r.MergeStake),
		MaxPrefund:         r.MaxPrefund,
		ComputeUnitPrice:   r.ComputeUnitPrice,
		Recipient:          r.Recipient,
		Referrer:           r.Referrer,
		SourceAccount:      r.SourceAccount,
		DestinationAccount: r.DestinationAccount,
		IntegratorFee:      r.IntegratorFee,
	}
}

// request returns the request of a portable quote.
func (p *PortableQuote) request() Request {
	r := &p.Request
	request := Request{
		From:   r.From,
		To:     r.To,
		Amount: r.Amount,
		Options: Options{
			SwapMode:               r.SwapMode,
			SlippageBps:            r.SlippageBps,
			AllowPoolUpdate:        r.AllowPoolUpdate,
			UseWSOL:                r.UseWSOL,
			Deactivate:             r.Deactivate,
			AcceptReceipt:          r.AcceptReceipt,
			AllowVersion1:          r.AllowVersion1,
			MergeStake:             slices.Clone(r.MergeStake),
			MaxPrefund:             r.MaxPrefund,
			ComputeUnitPrice:       r.ComputeUnitPrice,
			OnlyDirectRoutes:       p.Shape == ShapeDirect,
			User:                   p.Expected.User,
			Signers:                slices.Clone(p.Expected.Signers),
			Recipient:              r.Recipient,
			Referrer:               r.Referrer,
			SourceAccount:          r.SourceAccount,
			DestinationAccount:     r.DestinationAccount,
			IntegratorFee:          r.IntegratorFee,
			AllowRecipientOffCurve: p.Expected.AllowRecipientOffCurve,
		},
	}
	if p.NeedsTwoTransactions {
		request.MaxTransactions = 2
	}

	return request
}

// shape returns how the legs of a quote belong together.
func (q *Quote) shape() Shape {
	switch {
	case len(q.Legs) == 0:
		return ShapeDirect
	case q.Legs[0].Request.To == q.Request.To:
		return ShapeSplit
	}
	return ShapeTwoHops
}

// validUntil returns the last slot at which a quote may be used.
func (q *Quote) validUntil() uint64 {
	if q.ValidUntilSlot != 0 {
		return max(q.ValidUntilSlot, q.Slot)
	}

	tolerance := q.Request.SlotTolerance
	if tolerance == 0 {
		tolerance = DefaultSlotTolerance
	}

	return fixed.SaturatingAdd(q.Slot, tolerance)
}

// portableLeg returns a leg of a quote.
func (q *Quote) portableLeg() PortableLeg {
	leg := PortableLeg{
		Venue:  q.Venue,
		Amount: q.Request.Amount,
		In:     q.In,
		Out:    q.Out,
		MinOut: q.MinOut,
		MaxIn:  q.MaxIn,
	}

	for _, s := range q.StakeAccounts {
		leg.Validators = append(leg.Validators, s.Vote)
	}

	if len(leg.Validators) == 0 && !q.validator.IsZero() {
		leg.Validators = []solana.PublicKey{q.validator}
	}

	return leg
}

// whole returns the leg of a quote with one leg: its amounts without the fee of
// the integrator.
func (q *Quote) whole() PortableLeg {
	leg := q.portableLeg()
	f := q.Request.IntegratorFee
	if f.isZero() {
		return leg
	}

	if asked, err := q.Request.beforeFee(); err == nil {
		leg.Amount = asked.Amount
	}

	for _, fee := range q.Fees {
		switch {
		case fee.Name != IntegratorFeeName:
		case f.OnInput:
			leg.In, leg.MaxIn = leg.In-fee.Amount, leg.MaxIn-fee.Amount
		default:
			leg.Out, leg.MinOut = leg.Out+fee.Amount, leg.MinOut+fee.Amount
		}
	}

	return leg
}

// tell sets the fees, costs and accounts of a quote.
func (p *PortableQuote) tell(q *Quote) {
	for _, f := range q.Fees {
		p.Fees = append(p.Fees, PortableFee{
			Name:   f.Name,
			Amount: f.Amount,
			Mint:   f.Mint,
			Rate:   decimalRate(f.Rate),
		})
	}

	for _, c := range q.Costs {
		p.Costs = append(p.Costs, PortableCost(c))
	}

	for _, s := range q.StakeAccounts {
		p.StakeAccounts = append(p.StakeAccounts, PortableStake{
			Vote:     s.Vote,
			Stake:    s.Stake,
			MinStake: s.MinStake,
			Rent:     s.Rent,
		})
	}

	for i := range q.Tables {
		if address := q.Tables[i].Address; address != accounts.RouterLookupTableAddress {
			p.LookupTables = append(p.LookupTables, address)
		}
	}
}

// decimalPlaces is the number of digits after the point of rates and impacts.
const decimalPlaces = 9

// decimal formats a fraction, rounded to nine places, without trailing zeros.
func decimal(r *big.Rat) string {
	text := strings.TrimRight(r.FloatString(decimalPlaces), "0")
	if text = strings.TrimSuffix(text, "."); text == "-0" {
		return "0"
	}
	return text
}

// decimalRate formats the rate of a fee, such as "1/1000" or "50/100 of
// 1/1000", as a decimal. It returns an empty string for another text.
func decimalRate(rate string) string {
	// A second rate, for lamports that are not staked, follows a comma.
	rate, _, _ = strings.Cut(rate, ",")
	product := big.NewRat(1, 1)
	for part := range strings.SplitSeq(rate, " of ") {
		factor, ok := new(big.Rat).SetString(part)
		if !ok {
			return ""
		}

		product.Mul(product, factor)
	}

	return decimal(product)
}

// String returns one line, for example "swap 1500000000 base units of … for …
// via Infinity, at least …, valid until slot 1240".
func (p PortableQuote) String() string {
	if len(p.Legs) == 0 {
		return "no quote"
	}

	venues := make([]string, len(p.Legs))
	for i := range p.Legs {
		venues[i] = string(p.Legs[i].Venue)
	}

	joint := " and "
	if p.Shape == ShapeTwoHops {
		joint = ", then "
	}

	q := Quote{
		Request:              p.request(),
		Venue:                Venue(strings.Join(venues, joint)),
		In:                   p.In,
		Out:                  p.Out,
		MinOut:               p.MinOut,
		MaxIn:                p.MaxIn,
		ReturnedSOL:          p.ReturnedSOL,
		NeedsTwoTransactions: p.NeedsTwoTransactions,
	}

	text := q.String()
	if f := p.Request.IntegratorFee; !f.isZero() {
		text += ", with a fee of " + f.String()
	}

	return fmt.Sprintf("%s, valid until slot %d", text, p.ValidUntilSlot)
}

// String returns one line, see [Request.String].
func (r PortableRequest) String() string {
	p := PortableQuote{Request: r}
	return p.request().String()
}

// String returns one line, for example "Infinity: 1500000000 -> 1203000000".
func (l PortableLeg) String() string {
	return fmt.Sprintf("%s: %d -> %d", l.Venue, l.In, l.Out)
}

// String returns one line, for example "SOL deposit fee: 1500000 base units of
// … (0.001)".
func (f PortableFee) String() string {
	return Fee{
		Name:   f.Name,
		Amount: f.Amount,
		Mint:   f.Mint,
		Rate:   f.Rate,
	}.String()
}

// String returns one line, see [Cost.String].
func (c PortableCost) String() string { return Cost(c).String() }

// String returns one line, for example "stake of 1.5 SOL with …".
func (s PortableStake) String() string {
	return fmt.Sprintf("stake of %s SOL with %s", lst.FormatAmount(s.Stake, 9), s.Vote)
}
