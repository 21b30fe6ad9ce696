package route

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/internal/choose"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// describe fills q with the quote of a route.
func (m *Market) describe(r *Request, in *workspace, w *choose.Route, q *Quote) error {
	s := &in.search
	if w.Legs != nil {
		return m.describeLegs(r, s, w, q)
	}

	in.details = offer.Details{}
	if err := m.routes.DescribeInto(&s.Ask, &w.Offer, &in.details); err != nil {
		return err
	}

	if err := m.quote(r, &s.Ask, &w.Offer, &in.details, q); err != nil {
		return err
	}

	return q.applyLayout(s, w.Layout)
}

// quote fills q with the quote of a single offer, without the priority fee.
func (m *Market) quote(r *Request, a *offer.Ask, o *offer.Offer, d *offer.Details, q *Quote) error {
	*q = Quote{
		Request: *r,
		Venue:   Venue(m.routes.Name(o.Venue)),
		Slot:    m.snapshot.Slot(),
		Epoch:   m.snapshot.Chain().Clock.Epoch,
		Tables:  m.tables,
		tokens:  m.origin.scope.Tokens,
		prices:  m,

		In:     o.In,
		Out:    o.Out,
		MinOut: o.MinOut,
		MaxIn:  o.MaxIn,
		NetIn:  o.NetIn,
		NetOut: o.NetOut,

		MinOutCheck:       o.MinOutCheck,
		UpfrontRent:       o.UpfrontRent,
		ReturnedSOL:       o.Returned,
		AddedSOL:          o.Added,
		ExactAtSlot:       o.ExactAtSlot,
		ValidUntilSlot:    o.ValidUntilSlot,
		Exact:             o.Exact,
		Price:             o.Price,
		NeedsStakeKeypair: o.NeedsStakeKeypair,

		Fees:                d.Fees,
		Costs:               d.Costs,
		Assumptions:         d.Conditions,
		StakeAccounts:       d.StakeAccounts,
		RemainingSteps:      d.Next,
		Receipt:             d.Receipt,
		Accounts:            d.Accounts,
		validator:           d.Validator,
		checkedTokenProgram: d.TokenProgram,
		steps:               d.Steps,

		source:      r.SourceAccount,
		destination: r.DestinationAccount,
	}
	if o.Pays {
		q.paysTo = a.Recipient
	}

	return m.describePayment(q)
}

// describePayment adds the assumptions about the recipient's account.
func (m *Market) describePayment(q *Quote) error {
	r := &q.Request
	if r.Recipient.IsZero() {
		return nil
	}

	tokenRent, err := m.snapshot.Chain().Rent.MinimumBalance(accounts.TokenAccountSpace)
	if err != nil {
		return err
	}

	emptyRent, err := m.snapshot.Chain().Rent.MinimumBalance(0)
	switch {
	case err != nil:
		return err
	case q.Receipt != nil, !r.DestinationAccount.IsZero():
	case r.To != NativeStake && (r.To != accounts.NativeMint || r.UseWSOL):
		q.Assumptions = append(q.Assumptions, fmt.Sprintf(
			"if the recipient has no token account for this mint yet, the payer pays its rent of %s SOL, which is not returned",
			lst.FormatAmount(tokenRent, 9),
		))

	case r.To == accounts.NativeMint && q.MinOut < emptyRent:
		q.Assumptions = append(q.Assumptions, fmt.Sprintf(
			"the recipient's account must already hold SOL: a payment below the rent-exempt minimum of %s SOL cannot open an account, and the transaction fails",
			lst.FormatAmount(emptyRent, 9),
		))
	}

	return nil
}

// ReceiptRentCost is the name of the rent of [Quote.Receipt] in [Quote.Costs].
// The owner pays it, and the claim pays it to the owner of the receipt.
const ReceiptRentCost = terms.ReceiptRentCost

// PriorityFeeCost is the name of the priority fee in [Quote.Costs]. The payer
// pays it.
const PriorityFeeCost = "priority fee, estimated"

// applyLayout sets the compute units of a quote, and adds the priority fee to
// its costs.
func (q *Quote) applyLayout(s *choose.Search, f *choose.Layout) error {
	q.ComputeUnits = f.Units
	if s.UnitPrice == 0 {
		return nil
	}

	fee, err := s.PriorityFee(f.Units)
	q.Costs = append(q.Costs, Cost{Name: PriorityFeeCost, Lamports: fee})
	return err
}

// describeLegs fills q with the quote of a route with two legs.
func (m *Market) describeLegs(r *Request, s *choose.Search, w *choose.Route, q *Quote) error {
	l := w.Legs
	legs := make([]Quote, 2)
	first, second := &legs[0], &legs[1]
	one, err := m.describeLeg(r, &l.FirstAsk, &l.First, first)
	if err != nil {
		return err
	}

	other, err := m.describeLeg(r, &l.SecondAsk, &l.Second, second)
	if err != nil {
		return err
	}

	if l.Separate {
		if err := m.describeSeparate(s, l, first, second); err != nil {
			return err
		}
	}

	// Include the assumptions about the recipient.
	one.Conditions, other.Conditions = first.Assumptions, second.Assumptions
	both, check := choose.Combine(l, one, other)
	whole := w.Offer
	whole.MinOutCheck, whole.Venue = check, l.First.Venue
	whole.Exact = first.Exact && second.Exact
	whole.NeedsStakeKeypair = first.NeedsStakeKeypair || second.NeedsStakeKeypair
	for i := range legs {
		if leg := &legs[i]; leg.ExactAtSlot != 0 {
			whole.ExactAtSlot, whole.ValidUntilSlot = leg.ExactAtSlot, leg.ValidUntilSlot
		}
	}

	if err := m.legs(r, &whole, &both, legs, q); err != nil {
		return err
	}

	if q.NeedsTwoTransactions = l.Separate; l.Chain {
		q.Venue = first.Venue + ", then " + second.Venue
		q.IntermediateDust = fixed.SaturatingSub(first.Out, second.In)
		q.describeIntermediate(second.Request.From)
	}

	return q.applyLayout(s, l.Layout)
}

// describeLeg fills q with the quote of one leg, and returns the leg's details.
func (m *Market) describeLeg(
	r *Request,
	a *offer.Ask,
	o *offer.Offer,
	q *Quote,
) (*offer.Details, error) {
	d := new(offer.Details)
	if err := m.routes.DescribeInto(a, o, d); err != nil {
		return nil, err
	}
	leg := r.leg(a, o.Amount)
	return d, m.quote(&leg, a, o, d, q)
}

// legs fills q with the joint quote of two legs.
func (m *Market) legs(r *Request, o *offer.Offer, d *offer.Details, legs []Quote, q *Quote) error {
	// The leg that pays the recipient has the assumptions about it already.
	silent := *r
	silent.Recipient = solana.PublicKey{}
	err := m.quote(&silent, &offer.Ask{}, o, d, q)
	q.Request, q.paysTo = *r, legs[1].paysTo
	q.Venue = legs[0].Venue + " and " + legs[1].Venue
	q.Legs = legs
	return err
}

// describeSeparate completes legs that need one transaction each.
func (m *Market) describeSeparate(s *choose.Search, l *choose.Legs, first, second *Quote) error {
	for _, leg := range []struct {
		ask   *offer.Ask
		offer offer.Offer
		quote *Quote
	}{{&l.FirstAsk, l.First, first}, {&l.SecondAsk, l.Second, second}} {
		f, err := m.routes.Alone(s, leg.ask, &leg.offer)
		if err != nil {
			return err
		}

		leg.quote.NetIn, leg.quote.NetOut = leg.offer.NetIn, leg.offer.NetOut
		if err := leg.quote.applyLayout(s, f); err != nil {
			return err
		}
	}

	return nil
}

// describeIntermediate adds the assumption about the owner's account of the
// intermediate token.
func (q *Quote) describeIntermediate(mint solana.PublicKey) {
	if mint != accounts.NativeMint {
		q.Assumptions = append(q.Assumptions,
			fmt.Sprintf("a token account for mint %s is created unless it exists, and remains open",
				mint))
	}
}
