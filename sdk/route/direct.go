package route

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sanctum-go/sanctum/sdk/quote"
)

// offer asks one venue. It returns false if there is no offer, and o.refusal
// says why.
func (m *Market) offer(venue uint16, a *ask, amount uint64, after *effect, o *offer) bool {
	*o = offer{amount: amount, after: after, venue: int(venue)}
	v := &m.venues[venue]
	switch {
	case v.err != nil:
		return o.refusal.BecauseErr(nil, v.err)
	case !v.state.offer(a, amount, after, o):
		return false
	case !a.Recipient.IsZero() && !m.canPay(a, o):
		return false
	}
	m.net(a, o)
	return true
}

// Reasons why a recipient cannot be paid.
var (
	onlyOwnersBalance = quote.NewReason(ErrRecipient,
		"%[1]v: the program takes no limit, and only the owner of a token account can check its balance")
	onlyOwner = quote.NewReason(ErrRecipient, "%[1]v: the venue pays nobody but the owner")
)

// canPay reports whether an offer pays the recipient of the request: a venue
// that does not say so would pay the owner.
func (m *Market) canPay(a *ask, o *offer) bool {
	switch {
	case o.guard == GuardBalance:
		return o.refusal.Because(onlyOwnersBalance)
	case !o.pays:
		return o.refusal.Because(onlyOwner)
	}

	f := m.formOf(a, o)
	switch {
	case f.reads == nil:
		return o.refusal.BecauseErr(nil, f.err)
	case slices.Contains(f.reads, a.Recipient):
		return o.refusal.BecauseErr(nil, fmt.Errorf("%w: %s is an account of the venue, not a wallet", ErrRecipient, a.Recipient))
	}
	return true
}

// found is what a search found of single venues.
type found struct {
	// offers are sorted, the best first.
	offers []formed
	// refused are the venues that serve the pair but not the request.
	refused []refused
}

// formed is an offer with its form.
type formed struct {
	offer
	form *form
}

// refused is a venue without an offer.
type refused struct {
	venue   uint16
	refusal quote.Refusal
}

// direct asks all venues that serve a request, and measures what they offer.
func (m *Market) direct(a *ask) *found {
	all := new(found)
	var list [16]uint16
	ways := m.ways.between(a.from, a.to, list[:0])
	offers := make([]formed, len(ways))
	served := 0
	for _, v := range ways {
		o := &offers[served].offer
		if m.offer(v, a, a.Amount, nil, o) {
			served++
			continue
		}
		all.refused = append(all.refused, refused{v, o.refusal})
	}

	kept := offers[:0]
	for i := range offers[:served] {
		o := &offers[i].offer
		f := m.formOf(a, o)
		err := f.err
		if err == nil {
			err = m.prioritized(a, o, f.units)
		}
		if err != nil {
			no := refused{venue: uint16(o.venue)}
			no.refusal.BecauseErr(nil, err)
			all.refused = append(all.refused, no)
			continue
		}
		kept = append(kept, formed{*o, f})
	}
	slices.SortStableFunc(kept, func(x, y formed) int {
		return cmp.Or(compare(a.Side, x.netIn, x.netOut, y.netIn, y.netOut), cmp.Compare(x.advance, y.advance))
	})
	all.offers = kept
	return all
}
