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

// TestNewBook_NewVenue adds a venue to the list, and nothing else: it is
// quoted, ranked among the others by what it pays, refused by name, and
// combined with them in two steps and in splits.
func TestNewBook_NewVenue(t *testing.T) {
	w := newWorld(t, 1, 4)
	one, other := w.pool(0), w.pool(1)
	const amount = 10 * sol

	before := w.market().Search(w.search(one, other, terms.ExactIn, amount))
	require.NotEmpty(t, before.Routes)
	best := before.Routes[0].NetOut

	for _, side := range []terms.SwapMode{terms.ExactIn, terms.ExactOut} {
		// It pays more than all others, and takes the request whole.
		m := w.market(bazaar{from: one, to: other, in: amount, out: best + sol, most: 1 << 60})
		found := m.Search(w.search(one, other, side, amount))
		require.Equal(t, "bazaar", names(m, found)[0])
		require.Contains(t, found.Routes[0].Layout.writes, bazaarPool)

		// It pays less.
		m = w.market(bazaar{from: one, to: other, in: amount, out: best / 2, most: 1 << 60})
		found = m.Search(w.search(one, other, side, amount))
		require.Equal(t, "bazaar", names(m, found)[len(found.Routes)-1])

		// It does not serve the request.
		m = w.market(bazaar{from: one, to: other, in: amount, out: best + sol, most: 1})
		found = m.Search(w.search(one, other, side, amount))
		require.NotContains(t, names(m, found), "bazaar")
		at := slices.IndexFunc(found.Refused,
			func(r Refused) bool { return m.Name(r.Venue) == "bazaar" })
		require.GreaterOrEqual(t, at, 0)
		require.ErrorIs(t, &found.Refused[at].Refusal, quote.ErrAmountTooLarge)
		require.ErrorContains(t, &found.Refused[at].Refusal, "the bazaar takes 1 units at most")
	}

	// It serves a part of the request only: the rest goes to another venue.
	m := w.market(bazaar{from: one, to: other, in: amount, out: best + sol, most: amount / 2})
	found := m.Search(w.search(one, other, terms.ExactIn, amount))
	require.NotNil(t, found.Routes[0].Legs)
	require.False(t, found.Routes[0].Legs.Chain)
	require.Contains(t, names(m, found)[0], "bazaar")
}

// TestNewBook_NewVenueInTwoSteps: a venue that pays twice what a token is worth
// is reached through the venues there were, as the second step and as the
// first.
func TestNewBook_NewVenueInTwoSteps(t *testing.T) {
	w := newWorld(t, 1, 4)
	one, other := w.pool(0), w.pool(1)
	m := w.market(bazaar{from: one, to: other, in: 1, out: 3, most: 1 << 60})

	for _, side := range []terms.SwapMode{terms.ExactIn, terms.ExactOut} {
		found := m.Search(w.search(state.SOL, other, side, 10*sol))
		legs := requireSteps(t, found)
		require.Equal(t, "bazaar", m.Name(legs.Second.Venue))
		require.Equal(t, one, legs.FirstAsk.ToToken)
		requireHaggled(t, m, legs)

		found = m.Search(w.search(one, state.SOL, side, 10*sol))
		legs = requireSteps(t, found)
		require.Equal(t, "bazaar", m.Name(legs.First.Venue))
		require.Equal(t, other, legs.SecondAsk.FromToken)
		requireHaggled(t, m, legs)
	}
}

// requireSteps are the legs of the best way, which is one of two steps.
func requireSteps(t *testing.T, found *Found) *Legs {
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
