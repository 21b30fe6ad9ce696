package route

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/choose"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
)

// Errors of [Market.Requote].
var (
	// ErrOtherEpoch is returned by [Market.Requote] when the portable quote is
	// of another epoch than the market. Request a new quote.
	ErrOtherEpoch = errors.New("quote is of another epoch (request a new one)")
	// ErrQuoteExpired is returned by [Market.Requote] when the market is later
	// than ValidUntilSlot of the portable quote. Request a new quote, with a
	// larger SlotTolerance if it has to travel longer.
	ErrQuoteExpired = errors.New("quote has expired (request a new one, " +
		"or one with a larger SlotTolerance)")
	// ErrUnexpectedParty is returned by [Market.Requote] when the portable
	// quote names another recipient, referrer, token account or integrator's
	// fee than its Expected. The error text names the field. Set Expected to
	// what you agreed with the sender, and do not copy it from the JSON.
	ErrUnexpectedParty = errors.New("quote names another party than expected " +
		"(set PortableQuote.Expected to the parties that you agreed on)")
	// ErrRouteGone is returned by [Market.Requote] when the route of the
	// portable quote cannot serve the trade now: a venue refuses it, a
	// validator gives no stake, or the market was loaded without a part of it.
	// The error text has the reason. Request a new quote.
	ErrRouteGone = choose.ErrRouteGone
	// ErrBelowMinOut is returned by [Market.Requote] when the route pays less
	// than MinOut of the portable quote at the prices of the market, and
	// ErrAboveMaxIn when it costs more than MaxIn. Request a new quote.
	ErrBelowMinOut = choose.ErrBelowMinOut
	ErrAboveMaxIn  = choose.ErrAboveMaxIn
)

// Requote prices the route of a portable quote at the slot of the market: the
// same venues, validators, hops and shares of a split. The quote that it
// returns has the limits of the portable quote: the transaction pays at least
// MinOut and costs at most MaxIn. At the slot of the portable quote it is the
// quote that was sent.
//
// The amounts of a portable quote serve as limits only, and its fees, costs and
// prices not at all: everything is computed from the accounts of the market.
//
// A [*PortableQuoteError] is returned for a portable quote that contradicts
// itself, and errors of [Request.Check]. [ErrUnexpectedParty], [ErrOtherEpoch]
// and [ErrQuoteExpired] are returned for one that must not be used, and
// [ErrUnknownToken], [ErrRouteGone], [ErrBelowMinOut] and [ErrAboveMaxIn] for
// one that this market cannot keep.
func (m *Market) Requote(p PortableQuote) (Quote, error) {
	if m == nil {
		return Quote{}, errNoMarket
	}

	q, err := m.requote(&p)
	if err != nil {
		return Quote{}, fmt.Errorf("requote: %w", err)
	}
	return q, nil
}

func (m *Market) requote(p *PortableQuote) (Quote, error) {
	if err := p.Check(); err != nil {
		return Quote{}, err
	}

	if err := m.checkTime(p); err != nil {
		return Quote{}, err
	}

	req := p.request()
	req.SlotTolerance = p.ValidUntilSlot - m.Clock().Slot
	from, to, err := m.check(&req)
	if err != nil {
		return Quote{}, err
	}

	if p.Shape == ShapeSplit && m.isStake(from) {
		return Quote{}, fmt.Errorf("%w: a stake account is not split over venues", ErrRouteGone)
	}

	asked, err := req.beforeFee()
	if err != nil {
		return Quote{}, err
	}

	known, err := m.known(p, &req)
	if err != nil {
		return Quote{}, err
	}

	w := new(workspace)
	s := m.newSearch(&asked, from, to, w)
	s.SlotTolerance = req.SlotTolerance
	found, err := m.routes.Repeat(s, known)
	if err != nil {
		return Quote{}, err
	}

	var q Quote
	if err := m.describe(&asked, w, found, &q); err != nil {
		return Quote{}, err
	}

	if err := q.addFee(&req, m.feeToken(&req, from, to)); err != nil {
		return Quote{}, err
	}

	q.NeedsTwoTransactions = q.NeedsTwoTransactions || p.NeedsTwoTransactions

	return q, p.kept(&q)
}

// Check returns the errors of [Market.Requote] that do not depend on a market:
// a [*PortableQuoteError] for a portable quote that contradicts itself, and
// [ErrUnexpectedParty] for one that names other parties than Expected.
func (p PortableQuote) Check() error {
	if err := p.check(); err != nil {
		return err
	}
	return p.checkParties()
}

// checkParties compares the parties of a portable quote with the expected ones.
func (p *PortableQuote) checkParties() error {
	r, expected := &p.Request, &p.Expected
	for _, party := range []struct {
		field      string
		named, own solana.PublicKey
	}{
		{"recipient", r.Recipient, expected.Recipient},
		{"referrer", r.Referrer, expected.Referrer},
		{"sourceAccount", r.SourceAccount, expected.SourceAccount},
		{"destinationAccount", r.DestinationAccount, expected.DestinationAccount},
	} {
		if party.named != party.own {
			return fmt.Errorf("%w: %s is %s, not %s", ErrUnexpectedParty, party.field,
				nameOf(party.named), nameOf(party.own))
		}
	}

	if r.IntegratorFee != expected.IntegratorFee {
		return fmt.Errorf("%w: integratorFee is %s, not %s", ErrUnexpectedParty, r.IntegratorFee,
			expected.IntegratorFee)
	}
	return nil
}

// checkTime refuses a portable quote of another epoch, or an expired one.
func (m *Market) checkTime(p *PortableQuote) error {
	clock := m.Clock()
	switch now := max(clock.Slot, m.Slot()); {
	case p.Epoch != clock.Epoch:
		return fmt.Errorf("%w: epoch %d, the market is of epoch %d", ErrOtherEpoch, p.Epoch,
			clock.Epoch)
	case now > p.ValidUntilSlot:
		return fmt.Errorf("%w: valid until slot %d, the market is of slot %d", ErrQuoteExpired,
			p.ValidUntilSlot, now)
	}
	return nil
}

// known returns the route of a portable quote. The tokens are looked up in the
// market.
func (m *Market) known(p *PortableQuote, req *Request) (*choose.Known, error) {
	known := &choose.Known{
		Chain:    p.Shape == ShapeTwoHops,
		Separate: p.NeedsTwoTransactions,
		Limits: func(in, out uint64) (offer.Limits, error) {
			return p.limits(req, in, out)
		},
	}

	for i := range p.Legs {
		l := &p.Legs[i]
		known.Legs = append(known.Legs, choose.KnownLeg{
			Venue:      string(l.Venue),
			Validators: slices.Clone(l.Validators),
			Amount:     l.Amount,
			Limits:     offer.Limits{MinOut: l.MinOut, MaxIn: l.MaxIn},
		})
	}

	if known.Chain {
		mint := p.Through
		middle, ok := m.ledger().Token(mint)
		if !ok || m.isStake(middle) {
			return nil, fmt.Errorf("%w: %s", ErrUnknownToken, mint)
		}

		known.Mid = middle
	}
	return known, nil
}

// limits returns the limits of a portable quote for venues that take in and pay
// out: those without the fee of the integrator at these amounts.
func (p *PortableQuote) limits(req *Request, in, out uint64) (l offer.Limits, err error) {
	l = offer.Limits{MinOut: p.MinOut, MaxIn: p.MaxIn}
	if req.IntegratorFee.isZero() {
		return l, nil
	}

	fee, err := req.feeOf(in, out)
	switch {
	case err != nil:
		return l, err
	case !req.IntegratorFee.OnInput:
		l.MinOut, err = fixed.Add(l.MinOut, fee)
	case fee > l.MaxIn:
		return l, fmt.Errorf("%w: the integrator's fee is %d base units, at most %d",
			ErrAboveMaxIn, fee, l.MaxIn)
	default:
		l.MaxIn -= fee
	}
	return l, err
}

// kept returns an error if a quote does not keep the limits of a portable one.
func (p *PortableQuote) kept(q *Quote) error {
	switch {
	case q.MinOut < p.MinOut:
		return fmt.Errorf("%w: %d base units, at least %d", ErrBelowMinOut, q.MinOut, p.MinOut)
	case q.MaxIn > p.MaxIn:
		return fmt.Errorf("%w: %d base units, at most %d", ErrAboveMaxIn, q.MaxIn, p.MaxIn)
	}
	return nil
}
