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

// ErrLegsConflict is returned when two legs cannot be combined in one
// transaction.
var ErrLegsConflict = errors.New("cannot be combined")

// Legs are the two legs of a route: two hops, or the two parts of a split.
type Legs struct {
	// Both has the joint amounts.
	Both, First, Second offer.Offer
	FirstAsk, SecondAsk offer.Ask

	// Chain reports whether the legs are two hops, not a split.
	Chain bool
	// Separate reports whether the legs need one transaction each.
	Separate bool
	Layout   *Layout
}

// independent returns ErrLegsConflict if the second offer depends on an account
// that the first one changes, unless the second offer was computed from that
// change.
func (m *Market) independent(firstAsk, secondAsk *offer.Ask, first, second *offer.Offer) error {
	key, depends, err := m.dependsOn(firstAsk, secondAsk, first, second)
	if err != nil || !depends {
		return err
	}
	return fmt.Errorf("%w: %s depends on %s, which %s changes", ErrLegsConflict,
		m.Name(second.Venue), key, m.Name(first.Venue))
}

// dependsOn returns the account that the second offer depends on and the first
// one changes, if any.
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

// isIndependent reports whether independent returns nil.
func (m *Market) isIndependent(firstAsk, secondAsk *offer.Ask, first, second *offer.Offer) bool {
	_, depends, err := m.dependsOn(firstAsk, secondAsk, first, second)
	return err == nil && !depends
}

// combinable returns ErrLegsConflict for two offers that no transaction can
// contain.
func combinable(first, second *offer.Offer) error {
	switch {
	case first.NeedsStakeKeypair && second.NeedsStakeKeypair:
		return fmt.Errorf("%w: each of them creates a stake account that must sign",
			ErrLegsConflict)
	case first.ExactAtSlot != 0 && second.ExactAtSlot != 0 &&
		first.ExactAtSlot != second.ExactAtSlot:
		return fmt.Errorf("%w: their amounts are exact at different slots", ErrLegsConflict)
	}
	return nil
}

// fit checks that two legs fit into one transaction, or into one each if the
// request allows two, and adds the priority fee to their costs.
func (m *Market) fit(whole *Search, l *Legs) error {
	l.Layout = m.layoutOfLegs(l)
	switch {
	case l.Layout.refusal(whole) == nil:
	case l.Layout.broken || whole.MaxTransactions < 2:
		return l.Layout.refusal(whole)
	default:
		for _, single := range []*Layout{m.layoutOf(&l.FirstAsk, &l.First),
			m.layoutOf(&l.SecondAsk, &l.Second)} {
			if err := single.refusal(whole); err != nil {
				return err
			}
		}

		l.Separate = true
	}

	return m.prioritizedLegs(whole, l)
}

// prioritizedLegs adds the priority fee to the costs of two legs. The net
// amounts of a split are the sum of its parts', so they are adjusted, not
// computed anew.
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

// layoutOfLegs returns the layout of a transaction with two legs.
func (m *Market) layoutOfLegs(l *Legs) *Layout {
	measure := func() *Layout {
		var first, second offer.Details
		if err := m.DescribeInto(&l.FirstAsk, &l.First, &first); err != nil {
			return &Layout{err: err, broken: true}
		}

		if err := m.DescribeInto(&l.SecondAsk, &l.Second, &second); err != nil {
			return &Layout{err: err, broken: true}
		}

		both, check := Combine(l, &first, &second)
		whole := offer.Ask{
			FromToken:          l.FirstAsk.FromToken,
			To:                 l.SecondAsk.To,
			DestinationAccount: l.SecondAsk.DestinationAccount,
		}

		// The layout does not depend on the limit.
		return m.measure(&whole, &offer.Offer{MinOutCheck: check, MinOut: l.Second.MinOut}, &both)
	}

	if len(l.SecondAsk.Validators) > 1 {
		return measure() // The key does not tell which validators these are.
	}

	key := legsKey{keyOf(&l.FirstAsk, &l.First), keyOf(&l.SecondAsk, &l.Second)}

	return cached(&m.layouts, &m.layouts.legs, key, measure)
}

// Combine merges the details of two legs. It also returns the check of the
// joint minimum output.
func Combine(l *Legs, first, second *offer.Details) (offer.Details, terms.MinOutCheck) {
	check := max(l.First.MinOutCheck, l.Second.MinOutCheck)
	if l.Chain {
		check = l.Second.MinOutCheck
	}

	d := offer.Details{
		Fees:         slices.Concat(first.Fees, second.Fees),
		Costs:        slices.Concat(first.Costs, second.Costs),
		Next:         slices.Concat(first.Next, second.Next),
		Conditions:   distinct(slices.Concat(first.Conditions, second.Conditions)),
		Accounts:     distinct(slices.Concat(first.Accounts, second.Accounts)),
		TokenProgram: second.TokenProgram,
		// The first leg creates none, because stake is no intermediate token.
		StakeAccounts: second.StakeAccounts,
	}
	if d.TokenProgram.IsZero() {
		d.TokenProgram = first.TokenProgram
	}

	one, other := first.Steps, second.Steps
	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) {
		// The second leg keeps the seed, from which the address of a received
		// stake account is derived.
		before := p
		before.Seed += "1"
		steps, err := one(before)
		if err != nil {
			return nil, err
		}

		more, err := other(p)

		return slices.Concat(steps, more), err
	}

	return d, check
}

// distinct removes repeated values.
func distinct[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	return slices.DeleteFunc(list, func(v T) bool {
		twice := seen[v]
		seen[v] = true
		return twice
	})
}
