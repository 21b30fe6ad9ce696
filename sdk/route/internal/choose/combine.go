package choose

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrCombination is returned when two ways cannot be taken in one transaction.
var ErrCombination = errors.New("cannot be combined")

// Legs are two legs that were found: two steps, or two parts of a split.
type Legs struct {
	// Both has the amounts of both together.
	Both, First, Second offer.Offer
	FirstAsk, SecondAsk offer.Ask

	// Chain reports that one leg is a step after the other.
	Chain bool
	// Separate reports that the two do not fit into one transaction.
	Separate bool
	Form     *Form
}

// independent refuses an offer that depends on what the one before it in the same transaction changes, unless it was made from just that.
func (m *Market) independent(firstAsk, secondAsk *offer.Ask, first, second *offer.Offer) error {
	key, depends, err := m.dependsOn(firstAsk, secondAsk, first, second)
	if err != nil || !depends {
		return err
	}
	return fmt.Errorf("%w: %s depends on %s, which %s changes", ErrCombination, m.Name(second.Venue), key, m.Name(first.Venue))
}

// dependsOn is an account that an offer depends on and the one before it changes, if there is one.
func (m *Market) dependsOn(
	firstAsk, secondAsk *offer.Ask, first, second *offer.Offer,
) (key solana.PublicKey, depends bool, err error) {
	before, after := m.formOf(firstAsk, first), m.formOf(secondAsk, second)
	for _, f := range []*Form{before, after} {
		if f.broken {
			return key, false, f.err
		}
	}

	var known solana.PublicKey
	if second.Follows && first.Leaves.Known() {
		known = m.ledger.LST(first.Leaves.Token).Pool
	}
	key, depends = before.writesAny(after.reads, known)
	return key, depends, nil
}

// isIndependent is independent without the reason.
func (m *Market) isIndependent(firstAsk, secondAsk *offer.Ask, first, second *offer.Offer) bool {
	_, depends, err := m.dependsOn(firstAsk, secondAsk, first, second)
	return err == nil && !depends
}

// combinable refuses two offers that no transaction can hold.
func combinable(first, second *offer.Offer) error {
	switch {
	case first.NewAccount && second.NewAccount:
		return fmt.Errorf("%w: both create a stake account with a key of its own", ErrCombination)
	case first.At != 0 && second.At != 0 && first.At != second.At:
		return fmt.Errorf("%w: their amounts are of different slots", ErrCombination)
	}
	return nil
}

// fit checks that two legs fit into a transaction, or into one each if the
// request allows that, and adds the priority fee to their costs.
func (m *Market) fit(whole *Search, l *Legs) error {
	l.Form = m.formOfLegs(l)
	switch {
	case l.Form.err == nil:
	case l.Form.broken || whole.MaxTransactions < 2:
		return l.Form.err
	default:
		for _, single := range []*Form{m.formOf(&l.FirstAsk, &l.First), m.formOf(&l.SecondAsk, &l.Second)} {
			if single.err != nil {
				return single.err
			}
		}
		l.Separate = true
	}
	return m.prioritizedLegs(whole, l)
}

// prioritizedLegs adds the priority fee to the costs of two legs. The parts of a
// split keep what is left of each.
func (m *Market) prioritizedLegs(s *Search, l *Legs) error {
	if l.Chain {
		return m.prioritized(s, &s.Ask, &l.Both, l.Form.Units)
	}

	fee, err := s.PriorityFee(l.Form.Units)
	if err != nil || fee == 0 {
		return err
	}
	l.Both.Loses(fee)
	if s.Side == terms.ExactOut {
		l.Both.NetIn = fixed.SaturatingAdd(l.Both.NetIn, worth(fee, m.price(s.FromToken)))
	} else {
		l.Both.NetOut = fixed.SaturatingSub(l.Both.NetOut, worth(fee, l.Both.Price))
	}
	return nil
}

// formOfLegs is what the transaction of two legs looks like, for anybody.
func (m *Market) formOfLegs(l *Legs) *Form {
	key := legsKey{keyOf(&l.FirstAsk, &l.First), keyOf(&l.SecondAsk, &l.Second)}
	return remembered(&m.forms, &m.forms.legs, key, func() *Form {
		var first, second offer.Deed
		if err := m.DescribeInto(&l.FirstAsk, &l.First, &first); err != nil {
			return &Form{err: err, broken: true}
		}
		if err := m.DescribeInto(&l.SecondAsk, &l.Second, &second); err != nil {
			return &Form{err: err, broken: true}
		}
		both, guard := Combine(l, &first, &second)
		whole := offer.Ask{FromToken: l.FirstAsk.FromToken, To: l.SecondAsk.To}
		// Whatever the limit, what checks it has the same form.
		return m.measure(&whole, &offer.Offer{Guard: guard, MinOut: l.Second.MinOut}, &both)
	})
}

// Combine makes one deed of those of two legs, and tells what guards the limit.
func Combine(l *Legs, first, second *offer.Deed) (offer.Deed, terms.Guard) {
	guard := max(l.First.Guard, l.Second.Guard)
	if l.Chain {
		guard = l.Second.Guard
	}
	d := offer.Deed{
		Fees:         slices.Concat(first.Fees, second.Fees),
		Costs:        slices.Concat(first.Costs, second.Costs),
		Next:         slices.Concat(first.Next, second.Next),
		Conditions:   distinct(slices.Concat(first.Conditions, second.Conditions)),
		Accounts:     distinct(slices.Concat(first.Accounts, second.Accounts)),
		TokenProgram: second.TokenProgram,
	}
	if d.TokenProgram.IsZero() {
		d.TokenProgram = first.TokenProgram
	}
	one, other := first.Steps, second.Steps
	d.Steps = func(p terms.Parties) ([]txn.Step, error) {
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
	return d, guard
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
