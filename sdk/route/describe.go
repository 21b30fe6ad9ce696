package route

import (
	"fmt"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// describe makes the quote of an offer of one venue: what the amounts are made
// of, in words, and the steps that carry it out. The priority fee is not in it.
func (m *Market) describe(a *ask, o *offer) (Quote, error) {
	v := &m.venues[o.venue]
	q := Quote{
		Request: a.Request,
		Venue:   v.name(),
		Slot:    m.slot,
		Epoch:   m.chain.clock.Epoch,
		Tables:  m.tables,

		In:     o.in,
		Out:    o.out,
		MinOut: o.minOut,
		MaxIn:  o.maxIn,
		NetIn:  o.netIn,
		NetOut: o.netOut,

		Guard:      o.guard,
		Advance:    o.advance,
		At:         o.at,
		Until:      o.until,
		Exact:      o.exact,
		Price:      o.price,
		NewAccount: o.newAccount,

		holder: m.accounts[a.From].value.Account.Withdrawer,
	}
	q.Request.Amount = o.amount
	if o.pays {
		q.pays = a.Recipient
	}
	if err := v.state.describe(a, o, &q); err != nil {
		return Quote{}, err
	}
	return q, m.describePayment(&q)
}

// describePayment tells what a recipient has to know.
func (m *Market) describePayment(q *Quote) error {
	r := &q.Request
	if r.Recipient.IsZero() {
		return nil
	}

	tokenRent, err := m.chain.rent.MinimumBalance(accounts.TokenAccountSpace)
	if err != nil {
		return err
	}
	emptyRent, err := m.chain.rent.MinimumBalance(0)
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

// conform adds to a quote what its form needs.
func (q *Quote) conform(f *form) error {
	q.Units = f.units
	if q.Request.UnitPrice == 0 {
		return nil
	}

	fee, err := q.Request.priorityFee(f.units)
	q.Costs = append(q.Costs, Cost{Name: PriorityFeeCost, Lamports: fee})
	return err
}

// legs makes the quote of two offers in one transaction, or in two, without its
// amounts.
func (m *Market) legs(r *Request, firstAsk, secondAsk *ask, first, second *offer) (Quote, error) {
	one, err := m.describe(firstAsk, first)
	if err != nil {
		return Quote{}, err
	}
	other, err := m.describe(secondAsk, second)
	if err != nil {
		return Quote{}, err
	}

	q := Quote{Request: *r, Costs: slices.Concat(one.Costs, other.Costs)}
	q.combine(&one, &other)
	return q, nil
}
