package route

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// legsFound is what a search found of two legs: two steps, or two parts of a
// split. The offer of both has their amounts together.
type legsFound struct {
	both, first, second offer
	firstAsk, secondAsk ask
	form                *form
	// chain reports that one leg is a step after the other.
	chain bool
	// separate reports that the two do not fit into one transaction.
	separate bool
}

// fit checks that two legs fit, and adds the priority fee to their costs.
func (m *Market) fit(whole *ask, l *legsFound) (err error) {
	l.form, l.separate, err = m.fits(whole, &l.firstAsk, &l.secondAsk, &l.first, &l.second)
	if err != nil {
		return err
	}
	return m.prioritized(whole, &l.both, l.form.units)
}

// describeLegs makes the quote of two legs.
func (m *Market) describeLegs(whole *ask, l *legsFound) (Quote, error) {
	q, err := m.legs(&whole.Request, &l.firstAsk, &l.secondAsk, &l.first, &l.second)
	if err != nil {
		return Quote{}, err
	}
	first, second := &q.Legs[0], &q.Legs[1]
	q.Venue = first.Venue + " and " + second.Venue
	q.Advance = max(first.Advance, second.Advance)
	if l.chain {
		q.Venue = first.Venue + ", then " + second.Venue
		q.Guard = second.Guard
		q.Leftover = fixed.SaturatingSub(first.Out, second.In)
		q.describeHub(second.Request.From)
	}

	q.Price = l.both.price
	q.In, q.MaxIn, q.NetIn = l.both.in, l.both.maxIn, l.both.netIn
	q.Out, q.MinOut, q.NetOut = l.both.out, l.both.minOut, l.both.netOut
	if q.Separate = l.separate; q.Separate {
		if err := m.describeSeparate(l, first, second); err != nil {
			return Quote{}, err
		}
	}
	return q, q.conform(l.form)
}

// describeSeparate completes legs that take a transaction each.
func (m *Market) describeSeparate(l *legsFound, first, second *Quote) error {
	for _, leg := range []struct {
		ask   *ask
		offer offer
		quote *Quote
	}{{&l.firstAsk, l.first, first}, {&l.secondAsk, l.second, second}} {
		f := m.formOf(leg.ask, &leg.offer)
		if err := m.prioritized(leg.ask, &leg.offer, f.units); err != nil {
			return err
		}
		leg.quote.NetIn, leg.quote.NetOut = leg.offer.netIn, leg.offer.netOut
		if err := leg.quote.conform(f); err != nil {
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
