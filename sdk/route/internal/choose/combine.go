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

// ErrLegsConflict is returned when two ways cannot be taken in one transaction.
var ErrLegsConflict = errors.New("cannot be combined")

// Legs are two legs that were found: two steps, or two parts of a split.
type Legs struct {
	// Both has the amounts of both together.
	Both, First, Second offer.Offer
	FirstAsk, SecondAsk offer.Ask

	// Chain reports that one leg is a step after the other.
	Chain bool
	// Separate reports that the two do not fit into one transaction.
	Separate bool
	Layout   *Layout
}

// independent refuses an offer that depends on what the one before it in the
// same transaction changes, unless it was made from just that.
func (m *Market) independent(firstAsk, secondAsk *offer.Ask, first, second *offer.Offer) error {
	key, depends, err := m.dependsOn(firstAsk, secondAsk, first, second)
	if err != nil || !depends {
		return err
	}
	return fmt.Errorf("%w: %s depends on %s, which %s changes", ErrLegsConflict,
		m.Name(second.Venue), key, m.Name(first.Venue))
}

// dependsOn is an account that an offer depends on and the one before it
// changes, if there is one.
func (m *Market) dependsOn(
	firstAsk, secondAsk *offer.Ask, first, second *offer.Offer,
) (key solana.PublicKey, depends bool, err error) {
	before, after := m.layoutOf(firstAsk, first), m.layoutOf(secondAsk, second)
	for _, f := range []*Layout{before, after} {
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
	case first.NeedsStakeKeypair && second.NeedsStakeKeypair:
		return fmt.Errorf("%w: both create a stake account with a key of its own", ErrLegsConflict)
	case first.ExactAtSlot != 0 && second.ExactAtSlot != 0 &&
		first.ExactAtSlot != second.ExactAtSlot:
		return fmt.Errorf("%w: their amounts are of different slots", ErrLegsConflict)
	}
	return nil
}

// fit checks that two legs fit into a transaction, or into one each if the
// request allows that, and adds the priority fee to their costs.
func (m *Market) fit(whole *Search, l *Legs) error {
	l.Layout = m.layoutOfLegs(l)
	switch {
	case l.Layout.err == nil:
	case l.Layout.broken || whole.MaxTransactions < 2:
		return l.Layout.err
	default:
		for _, single := range []*Layout{m.layoutOf(&l.FirstAsk, &l.First),
			m.layoutOf(&l.SecondAsk, &l.Second)} {
			if single.err != nil {
				return single.err
			}
		}

		l.Separate = true
	}

	return m.prioritizedLegs(whole, l)
}

// prioritizedLegs adds the priority fee to the costs of two legs. The parts of
// a split keep what is left of each.
func (m *Market) prioritizedLegs(s *Search, l *Legs) error {
	if l.Chain {
		return m.prioritized(s, &s.Ask, &l.Both, l.Layout.Units)
	}

	fee, err := s.PriorityFee(l.Layout.Units)
	if err != nil || fee == 0 {
		return err
	}

	l.Both.Loses(fee)
	if s.SwapMode == terms.ExactOut {
		l.Both.NetIn = fixed.SaturatingAdd(l.Both.NetIn,
			lamportsToTokens(fee, m.price(s.FromToken)))
	} else {
		l.Both.NetOut = fixed.SaturatingSub(l.Both.NetOut, lamportsToTokens(fee, l.Both.Price))
	}

	return nil
}

// layoutOfLegs is what the transaction of two legs looks like, for anybody.
func (m *Market) layoutOfLegs(l *Legs) *Layout {
	key := legsKey{keyOf(&l.FirstAsk, &l.First), keyOf(&l.SecondAsk, &l.Second)}
	return cached(&m.layouts, &m.layouts.legs, key, func() *Layout {
		var first, second offer.Details
		if err := m.DescribeInto(&l.FirstAsk, &l.First, &first); err != nil {
			return &Layout{err: err, broken: true}
		}

		if err := m.DescribeInto(&l.SecondAsk, &l.Second, &second); err != nil {
			return &Layout{err: err, broken: true}
		}

		both, guard := Combine(l, &first, &second)
		whole := offer.Ask{FromToken: l.FirstAsk.FromToken, To: l.SecondAsk.To}

		// Whatever the limit, what checks it has the same form.
		return m.measure(&whole, &offer.Offer{MinOutCheck: guard, MinOut: l.Second.MinOut}, &both)
	})
}

// Combine makes one deed of those of two legs, and tells what guards the limit.
func Combine(l *Legs, first, second *offer.Details) (offer.Details, terms.MinOutCheck) {
	guard := max(l.First.MinOutCheck, l.Second.MinOutCheck)
	if l.Chain {
		guard = l.Second.MinOutCheck
	}

	d := offer.Details{
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
	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) {
		// The second keeps the seed, which a stake account that is received has
		// its address from.
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
