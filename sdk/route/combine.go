package route

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrCombination says that two ways cannot be taken in one transaction.
var ErrCombination = errors.New("cannot be combined")

// independent refuses an offer that depends on what the one before it in the same transaction changes, unless it was made from just that.
func (m *Market) independent(firstAsk, secondAsk *ask, first, second *offer) error {
	before, after := m.formOf(firstAsk, first), m.formOf(secondAsk, second)
	for _, f := range []*form{before, after} {
		if f.broken {
			return f.err
		}
	}

	known := first.leaves.address()
	if !second.follows {
		known = solana.PublicKey{}
	}
	if key, ok := before.writesAny(after.reads, known); ok {
		return fmt.Errorf("%w: %s depends on %s, which %s changes",
			ErrCombination, m.venues[second.venue].name(), key, m.venues[first.venue].name())
	}
	return nil
}

// combinable refuses two offers that no transaction can hold.
func combinable(first, second *offer) error {
	switch {
	case first.newAccount && second.newAccount:
		return fmt.Errorf("%w: both create a stake account with a key of its own", ErrCombination)
	case first.at != 0 && second.at != 0 && first.at != second.at:
		return fmt.Errorf("%w: their amounts are of different slots", ErrCombination)
	}
	return nil
}

// formOfLegs is what the transaction of two legs looks like, for anybody.
func (m *Market) formOfLegs(r *Request, firstAsk, secondAsk *ask, first, second *offer) *form {
	key := legsKey{firstAsk.formKey(first), secondAsk.formKey(second)}
	return remembered(&m.forms, &m.forms.legs, key, func() *form {
		q, err := m.legs(r, firstAsk, secondAsk, first, second)
		if err != nil {
			return &form{err: err, broken: true}
		}
		// Whatever the limit, what checks it has the same form.
		q.MinOut = second.minOut
		return q.shape()
	})
}

// fits reports whether two legs fit into a transaction, or into one each if the
// request allows that. The error says why they do not.
func (m *Market) fits(a, firstAsk, secondAsk *ask, first, second *offer) (f *form, separate bool, err error) {
	f = m.formOfLegs(&a.Request, firstAsk, secondAsk, first, second)
	switch {
	case f.err == nil:
		return f, false, nil
	case f.broken || a.MaxTransactions < 2:
		return f, false, f.err
	}

	for _, single := range []*form{m.formOf(firstAsk, first), m.formOf(secondAsk, second)} {
		if single.err != nil {
			return f, false, single.err
		}
	}
	return f, true, nil
}

// combine completes a quote whose amounts come from two others.
func (q *Quote) combine(first, second *Quote) {
	q.Slot, q.Epoch, q.Tables, q.holder, q.pays = first.Slot, first.Epoch, first.Tables, first.holder, second.pays
	q.Guard, q.guarded = max(first.Guard, second.Guard), second.guarded
	if q.guarded.IsZero() {
		q.guarded = first.guarded
	}
	q.Fees, q.Next = slices.Concat(first.Fees, second.Fees), slices.Concat(first.Next, second.Next)
	q.Exact, q.NewAccount = first.Exact && second.Exact, first.NewAccount || second.NewAccount
	q.Legs = []Quote{*first, *second}
	for _, leg := range q.Legs {
		q.Conditions, q.Accounts = append(q.Conditions, leg.Conditions...), append(q.Accounts, leg.Accounts...)
		if leg.At != 0 {
			q.At, q.Until = leg.At, leg.Until
		}
	}
	q.Conditions, q.Accounts = distinct(q.Conditions), distinct(q.Accounts)

	one, other := first.steps, second.steps
	q.steps = func(p Parties) ([]txn.Step, error) {
		// The second keeps the seed, which a stake account that is received has its address from.
		before := p
		before.Seed += "1"
		steps, err := one(before)
		if err != nil {
			return nil, err
		}
		more, err := other(p)
		return slices.Concat(steps, more), err
	}
}

// distinct leaves out what was there before.
func distinct[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	return slices.DeleteFunc(list, func(v T) bool {
		twice := seen[v]
		seen[v] = true
		return twice
	})
}
