package route

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/internal/choose"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
)

// describe makes the quote of a way that was found.
func (m *Market) describe(r *Request, in *room, w *choose.Way, q *Quote) error {
	s := &in.search
	if w.Legs != nil {
		return m.describeLegs(r, s, w, q)
	}

	in.deed = offer.Deed{}
	if err := m.ways.DescribeInto(&s.Ask, &w.Offer, &in.deed); err != nil {
		return err
	}
	if err := m.quote(r, &s.Ask, &w.Offer, &in.deed, q); err != nil {
		return err
	}
	return q.conform(s, w.Form)
}

// quote makes the quote of an offer and its deed, without the priority fee.
func (m *Market) quote(r *Request, a *offer.Ask, o *offer.Offer, d *offer.Deed, q *Quote) error {
	*q = Quote{
		Request: *r,
		Venue:   Venue(m.ways.Name(o.Venue)),
		Slot:    m.snapshot.Slot(),
		Epoch:   m.snapshot.Chain().Clock.Epoch,
		Tables:  m.tables,
		tokens:  m.origin.scope.Tokens,

		In:     o.In,
		Out:    o.Out,
		MinOut: o.MinOut,
		MaxIn:  o.MaxIn,
		NetIn:  o.NetIn,
		NetOut: o.NetOut,

		Guard:      o.Guard,
		Advance:    o.Advance,
		At:         o.At,
		Until:      o.Until,
		Exact:      o.Exact,
		Price:      o.Price,
		NewAccount: o.NewAccount,

		Fees:       d.Fees,
		Costs:      d.Costs,
		Conditions: d.Conditions,
		Next:       d.Next,
		Accounts:   d.Accounts,
		guarded:    d.TokenProgram,
		steps:      d.Steps,
	}
	if o.Pays {
		q.pays = a.Recipient
	}
	return m.describePayment(q)
}

// describePayment tells what a recipient has to know.
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
	case r.To != NativeStake && (r.To != accounts.NativeMint || r.Wrapped):
		q.Conditions = append(q.Conditions, fmt.Sprintf(
			"if the recipient has no token account yet, the payer gives %s SOL for it, which do not come back", lst.FormatAmount(tokenRent, 9)))
	case r.To == accounts.NativeMint && q.MinOut < emptyRent:
		q.Conditions = append(q.Conditions, fmt.Sprintf(
			"the recipient has SOL already: less than %s SOL open no account, and the transaction fails", lst.FormatAmount(emptyRent, 9)))
	}
	return nil
}

// PriorityFeeCost is the name of the cost in [Quote.Costs] that goes to the
// network for priority, and that the payer bears.
const PriorityFeeCost = "priority fee, estimated"

// conform adds to a quote what its form needs.
func (q *Quote) conform(s *choose.Search, f *choose.Form) error {
	q.Units = f.Units
	if s.UnitPrice == 0 {
		return nil
	}

	fee, err := s.PriorityFee(f.Units)
	q.Costs = append(q.Costs, Cost{Name: PriorityFeeCost, Lamports: fee})
	return err
}

// describeLegs makes the quote of two legs.
func (m *Market) describeLegs(r *Request, s *choose.Search, w *choose.Way, q *Quote) error {
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

	// Conditions of payment are told as well.
	one.Conditions, other.Conditions = first.Conditions, second.Conditions
	both, guard := choose.Combine(l, one, other)
	whole := w.Offer
	whole.Guard, whole.Venue = guard, l.First.Venue
	whole.Exact = first.Exact && second.Exact
	whole.NewAccount = first.NewAccount || second.NewAccount
	for i := range legs {
		if leg := &legs[i]; leg.At != 0 {
			whole.At, whole.Until = leg.At, leg.Until
		}
	}
	if err := m.legs(r, &whole, &both, legs, q); err != nil {
		return err
	}
	if q.Separate = l.Separate; l.Chain {
		q.Venue = first.Venue + ", then " + second.Venue
		q.Leftover = fixed.SaturatingSub(first.Out, second.In)
		q.describeHub(second.Request.From)
	}
	return q.conform(s, l.Form)
}

// describeLeg makes the quote of a leg, and returns its deed.
func (m *Market) describeLeg(r *Request, a *offer.Ask, o *offer.Offer, q *Quote) (*offer.Deed, error) {
	d := new(offer.Deed)
	if err := m.ways.DescribeInto(a, o, d); err != nil {
		return nil, err
	}
	leg := r.leg(a, o.Amount)
	return d, m.quote(&leg, a, o, d, q)
}

// legs makes the quote of two legs together.
func (m *Market) legs(r *Request, o *offer.Offer, d *offer.Deed, legs []Quote, q *Quote) error {
	// Who is paid was told for the leg that pays.
	silent := *r
	silent.Recipient = solana.PublicKey{}
	err := m.quote(&silent, &offer.Ask{}, o, d, q)
	q.Request, q.pays = *r, legs[1].pays
	q.Venue = legs[0].Venue + " and " + legs[1].Venue
	q.Legs = legs
	return err
}

// describeSeparate completes legs that take a transaction each.
func (m *Market) describeSeparate(s *choose.Search, l *choose.Legs, first, second *Quote) error {
	for _, leg := range []struct {
		ask   *offer.Ask
		offer offer.Offer
		quote *Quote
	}{{&l.FirstAsk, l.First, first}, {&l.SecondAsk, l.Second, second}} {
		f, err := m.ways.Alone(s, leg.ask, &leg.offer)
		if err != nil {
			return err
		}
		leg.quote.NetIn, leg.quote.NetOut = leg.offer.NetIn, leg.offer.NetOut
		if err := leg.quote.conform(s, f); err != nil {
			return err
		}
	}
	return nil
}

// describeHub tells what is left of the token in between.
func (q *Quote) describeHub(hub solana.PublicKey) {
	if hub != accounts.NativeMint {
		q.Conditions = append(q.Conditions, fmt.Sprintf("a token account for mint %s is created unless it exists, and stays", hub))
	}
}
