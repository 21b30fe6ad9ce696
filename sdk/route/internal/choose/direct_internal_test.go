package choose

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// secondPick is a venue with two candidates: a pool refuses the first, and the
// second serves the owner.
type secondPick struct{ bazaar }

func (v secondPick) Offer(
	s *state.Snapshot, a *offer.Ask, amount uint64, after *offer.Effect, o *offer.Offer,
) bool {
	o.Refusal.Because(soldOut, 1)
	o.Refusal.By("trade", &bazaarPool)
	return v.bazaar.Offer(s, a, amount, after, o)
}

// A refusal after a served candidate does not name the pool of the candidate
// that was passed over.
func TestMarket_OfferForgetsEarlierRefusal(t *testing.T) {
	w := newWorld(t, 1, 2)
	one, other := w.pool(0), w.pool(1)
	m := w.market(secondPick{bazaar{from: one, to: other, in: 1, out: 1, most: 1 << 60}})
	search := w.search(one, other, terms.ExactIn, sol)
	search.Recipient = solana.PublicKey{9}

	found := m.Search(search)
	at := slices.IndexFunc(found.Refused,
		func(r Refused) bool { return m.Name(r.Venue) == "bazaar" })
	require.GreaterOrEqual(t, at, 0)
	require.EqualError(t, &found.Refused[at].Refusal,
		"recipient cannot be paid: the venue can only pay the owner")
}
