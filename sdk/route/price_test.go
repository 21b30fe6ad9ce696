package route_test

import (
	"math/big"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestMarket_Price compares the prices of all kinds of tokens with the pools'
// own.
func TestMarket_Price(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	marinade, err := w.marinade().Price()
	require.NoError(t, err)
	for mint, want := range map[solana.PublicKey]quote.Price{
		accounts.NativeMint: {Lamports: 1, Tokens: 1},
		route.NativeStake:   {Lamports: 1, Tokens: 1},
		ownStake:            {Lamports: 1, Tokens: 1},
		w.mint(t, source):   w.poolOf(t, source).Price(),
		w.mint(t, mSOLName): marinade,
		w.mint(t, stSOLs):   w.lido().Price(),
	} {
		got, err := m.Price(mint)
		require.NoError(t, err)
		require.Equal(t, want, got, mint)
	}

	_, err = m.Price(solana.PublicKey{5})
	require.ErrorIs(t, err, route.ErrUnknownToken)
	_, err = (*route.Market)(nil).Price(accounts.NativeMint)
	require.Error(t, err)
}

// TestQuote_PriceImpact computes the loss of a stake of 10 SOL from the pool's
// price.
func TestQuote_PriceImpact(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	q, err := m.Quote(route.Request{
		From:   accounts.NativeMint,
		To:     w.mint(t, target),
		Amount: 10 * sol,
	})

	require.NoError(t, err)
	impact, err := q.PriceImpact()
	require.NoError(t, err)
	price := w.poolOf(t, target).Price()
	out := new(big.Rat).SetFrac64(int64(q.Out), 10*sol)
	want := new(big.Rat).Sub(big.NewRat(1, 1), out.Mul(out, price.Rat()))
	require.Zero(t, want.Cmp(impact), "%s, want %s", impact.FloatString(9), want.FloatString(9))
	require.Positive(t, impact.Sign())
	require.Negative(t, impact.Cmp(big.NewRat(1, 100)))

	_, err = route.Quote{}.PriceImpact()
	require.ErrorIs(t, err, route.ErrNoRoute)
}

// TestRequest_Venues names venues in and out. The quotes of the venues that
// remain do not change.
func TestRequest_Venues(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range venueTrades {
		r := v.request(t, w, 10*sol, route.ExactIn)
		all, _ := m.Quotes(r)
		for _, q := range all {
			only := r
			only.Venues = []route.Venue{q.Venue}
			quotes, rejected := m.Quotes(only)
			require.Len(t, quotes, 1, v)
			require.Equal(t, q.Out, quotes[0].Out)
			for _, no := range rejected {
				require.ErrorIs(t, no.Err, route.ErrVenueExcluded)
			}

			without := r
			without.ExcludeVenues = only.Venues
			quotes, _ = m.Quotes(without)
			require.Len(t, quotes, len(all)-1)
			for _, other := range quotes {
				require.NotEqual(t, q.Venue, other.Venue)
			}
		}
	}

	r := venueTrades[0].request(t, w, 10*sol, route.ExactIn)
	r.Venues = []route.Venue{"Infinty"}
	_, err := m.Quote(r)
	require.ErrorIs(t, err, route.ErrUnknownVenue)
	require.ErrorContains(t, err, "Infinty")
}

// TestVenue_Known checks that requests can name every venue of a market.
func TestVenue_Known(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range venueTrades {
		quotes, rejected := m.Quotes(v.request(t, w, 10*sol, route.ExactIn))
		for _, q := range quotes {
			require.True(t, q.Venue.Known(), q.Venue)
		}

		for _, no := range rejected {
			require.True(t, no.Venue.Known(), no.Venue)
		}
	}

	require.True(t, route.Venue("controller 5ocnV").Known())
	require.False(t, route.Venue("Infinity, then Router").Known())
}

// TestRequest_VenuesOfLegs checks that no leg of any route uses an excluded
// venue, whatever the pair.
func TestRequest_VenuesOfLegs(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, excluded := range []route.Venue{route.VenueRouterDeposit, route.VenueReserve,
		route.VenueMarinadeUnstake, route.VenueStakePoolDeposit} {
		used := 0
		for _, v := range venueTrades {
			for _, amount := range []uint64{10 * sol, 3_000 * sol} {
				r := v.request(t, w, amount, route.ExactIn)
				r.OnlyDirectRoutes, r.MaxTransactions = false, 2
				before, _ := m.Quotes(r)
				used += legsOf(before, excluded)
				r.ExcludeVenues = []route.Venue{excluded}
				after, _ := m.Quotes(r)
				require.Zero(t, legsOf(after, excluded), "%s, %s", v, excluded)
			}
		}

		require.Positive(t, used, excluded)
	}
}

// legsOf counts the legs of quotes by a venue.
func legsOf(quotes []route.Quote, v route.Venue) (count int) {
	for _, q := range quotes {
		if q.Venue == v {
			count++
		}
		count += legsOf(q.Legs, v)
	}
	return count
}
