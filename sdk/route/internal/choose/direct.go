package choose

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// offer asks one venue. It returns false if the venue refuses; o.Refusal then
// has the reason.
func (m *Market) offer(
	v uint16,
	a *offer.Ask,
	amount uint64,
	after *offer.Effect,
	o *offer.Offer,
) bool {
	*o = offer.Offer{
		Amount: amount,
		After:  after,
		Venue:  v,
	}
	if !m.venues[v].Offer(m.snapshot, a, amount, after, o) {
		return false
	}

	// The venue may have set the refusal of one of several candidates.
	o.Refusal = quote.Refusal{}

	if !a.Recipient.IsZero() && !m.canPay(a, o) {
		return false
	}

	m.applyCosts(a, o)

	return true
}

// refuseExcluded adds the venues of the pair that the request excludes.
func (m *Market) refuseExcluded(s *Search, all *Found) {
	if s.Excluded == nil {
		return
	}

	var list [16]uint16
	for _, v := range m.pairs.between(s.FromToken, s.ToToken, list[:0]) {
		if s.Excluded[v] {
			no := Refused{Venue: v}
			no.Refusal.BecauseErr(nil, terms.ErrVenueExcluded)
			all.Refused = append(all.Refused, no)
		}
	}
}

// Reasons why an offer cannot pay a recipient.
var (
	onlyOwnersBalance = quote.NewReason(
		terms.ErrRecipient,
		"%[1]v: the program takes no minimum output, and only the owner of a token account can check its balance",
	)
	onlyOwner = quote.NewReason(terms.ErrRecipient, "%[1]v: the venue can only pay the owner")
)

// canPay reports whether an offer pays the recipient of the request. An offer
// that does not set Pays would pay the owner.
func (m *Market) canPay(a *offer.Ask, o *offer.Offer) bool {
	switch {
	case o.MinOutCheck == terms.CheckedByBalance:
		return o.Refusal.Because(onlyOwnersBalance)
	case !o.Pays:
		return o.Refusal.Because(onlyOwner)
	}

	f := m.layoutOf(a, o)
	switch {
	case f.reads == nil:
		return o.Refusal.BecauseErr(nil, f.err)
	case slices.Contains(f.reads, a.Recipient):
		return o.Refusal.BecauseErr(nil,
			fmt.Errorf("%w: %s is an account of this venue, not a wallet", terms.ErrRecipient,
				a.Recipient))
	}

	return m.knowsRents(o)
}

// knowsRents reports whether the rent of the recipient's accounts is known,
// which the quote mentions.
func (m *Market) knowsRents(o *offer.Offer) bool {
	for _, space := range []uint64{accounts.TokenAccountSpace, 0} {
		if _, err := m.snapshot.Chain().Rent.MinimumBalance(space); err != nil {
			return o.Refusal.BecauseErr(nil, err)
		}
	}
	return true
}

// direct asks all venues that serve the pair, checks the layouts of their
// offers, and adds the routes to all, best first.
func (m *Market) direct(s *Search, all *Found) {
	var list [16]uint16
	venues := m.between(s, s.FromToken, s.ToToken, list[:0])
	m.refuseExcluded(s, all)
	routes := slices.Grow(all.Routes, len(venues))[:len(venues)]
	served := 0
	for _, v := range venues {
		w := &routes[served]
		w.Layout, w.Legs = nil, nil
		if m.offer(v, &s.Ask, s.Amount, nil, &w.Offer) {
			served++
			continue
		}

		all.Refused = append(all.Refused, Refused{v, w.Refusal})
	}

	kept := 0
	for i := range routes[:served] {
		o := &routes[i].Offer
		f := m.layoutOf(&s.Ask, o)
		err := f.refusal(s)
		if err == nil {
			err = m.prioritized(s, &s.Ask, o, f.Units)
		}

		if err != nil {
			no := Refused{Venue: o.Venue}
			no.Refusal.BecauseErr(nil, err)
			all.Refused = append(all.Refused, no)
			continue
		}

		if routes[i].Layout = f; i != kept {
			routes[kept] = routes[i]
		}

		kept++
	}

	all.Routes = routes[:kept]
	sortRoutes(all.Routes, func(a, b *Route) int {
		return cmp.Or(compare(s.SwapMode, a.NetIn, a.NetOut, b.NetIn, b.NetOut),
			cmp.Compare(a.UpfrontRent, b.UpfrontRent))
	})
}
