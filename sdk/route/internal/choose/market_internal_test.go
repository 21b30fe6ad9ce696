package choose

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// A venue that is added to the list is quoted, ranked by its output, refused by
// name, and combined with other venues in two hops and in splits.
func TestNewBook_NewVenue(t *testing.T) {
	w := newWorld(t, 1, 4)
	one, other := w.pool(0), w.pool(1)
	const amount = 10 * sol

	before := w.market().Search(w.search(one, other, terms.ExactIn, amount))
	require.NotEmpty(t, before.Routes)
	best := before.Routes[0].NetOut

	for _, mode := range []terms.SwapMode{terms.ExactIn, terms.ExactOut} {
		// The venue pays more than all others, and serves the whole request.
		m := w.market(bazaar{from: one, to: other, in: amount, out: best + sol, most: 1 << 60})
		found := m.Search(w.search(one, other, mode, amount))
		require.Equal(t, "bazaar", names(m, found)[0])
		require.Contains(t, found.Routes[0].Layout.writes, bazaarPool)

		// The venue pays less than the others.
		m = w.market(bazaar{from: one, to: other, in: amount, out: best / 2, most: 1 << 60})
		found = m.Search(w.search(one, other, mode, amount))
		require.Equal(t, "bazaar", names(m, found)[len(found.Routes)-1])

		// The venue refuses the request.
		m = w.market(bazaar{from: one, to: other, in: amount, out: best + sol, most: 1})
		found = m.Search(w.search(one, other, mode, amount))
		require.NotContains(t, names(m, found), "bazaar")
		at := slices.IndexFunc(found.Refused,
			func(r Refused) bool { return m.Name(r.Venue) == "bazaar" })
		require.GreaterOrEqual(t, at, 0)
		require.ErrorIs(t, &found.Refused[at].Refusal, quote.ErrAmountTooLarge)
		require.ErrorContains(t, &found.Refused[at].Refusal, "the bazaar takes 1 units at most")
	}

	// The venue serves a part of the request, and another venue the rest.
	m := w.market(bazaar{from: one, to: other, in: amount, out: best + sol, most: amount / 2})
	found := m.Search(w.search(one, other, terms.ExactIn, amount))
	require.NotNil(t, found.Routes[0].Legs)
	require.False(t, found.Routes[0].Legs.Chain)
	require.Contains(t, names(m, found)[0], "bazaar")
}

// A venue that pays three times the price of others is used as the second hop
// and as the first.
func TestNewBook_NewVenueInTwoHops(t *testing.T) {
	w := newWorld(t, 1, 4)
	one, other := w.pool(0), w.pool(1)
	m := w.market(bazaar{from: one, to: other, in: 1, out: 3, most: 1 << 60})

	for _, mode := range []terms.SwapMode{terms.ExactIn, terms.ExactOut} {
		found := m.Search(w.search(state.SOL, other, mode, 10*sol))
		legs := requireHops(t, found)
		require.Equal(t, "bazaar", m.Name(legs.Second.Venue))
		require.Equal(t, one, legs.FirstAsk.ToToken)
		requireHaggled(t, m, legs)

		found = m.Search(w.search(one, state.SOL, mode, 10*sol))
		legs = requireHops(t, found)
		require.Equal(t, "bazaar", m.Name(legs.First.Venue))
		require.Equal(t, other, legs.SecondAsk.FromToken)
		requireHaggled(t, m, legs)
	}
}

// requireHops returns the legs of the best route, which must have two hops.
func requireHops(t *testing.T, found *Found) *Legs {
	t.Helper()
	require.NotEmpty(t, found.Routes)
	legs := found.Routes[0].Legs
	require.NotNil(t, legs)
	require.True(t, legs.Chain)
	return legs
}

// requireHaggled checks that the transaction of two legs has the venue's step.
func requireHaggled(t *testing.T, m *Market, l *Legs) {
	t.Helper()
	first, err := m.Describe(&l.FirstAsk, &l.First)
	require.NoError(t, err)
	second, err := m.Describe(&l.SecondAsk, &l.Second)
	require.NoError(t, err)
	both, _ := Combine(l, &first, &second)
	steps, err := both.Steps(placeholderParams)
	require.NoError(t, err)
	require.True(t,
		slices.ContainsFunc(steps, func(s txn.Step) bool { return s.Description == "haggle" }))
	require.Contains(t, both.Accounts, bazaarPool)
}
