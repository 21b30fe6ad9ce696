package choose

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// TestWays_BetweenAsksAllVenues compares the index with a look at the pairs of
// every venue, for all pairs of random markets.
func TestWays_BetweenAsksAllVenues(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for pools := range 5 {
		w := newWorld(t, seed, pools)
		requireWays(t, w.ledger, venue.All(w.ledger))
	}
}

// TestWays_BetweenOfMadeUpVenues: venues that trade any sets of tokens, among
// them none, the same token on both sides, and stake that is received.
func TestWays_BetweenOfMadeUpVenues(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, 1, 5)
	for range 40 {
		var venues []venue.Venue
		for range rng.IntN(12) {
			venues = append(venues, fair{draw(rng, w.ledger), draw(rng, w.ledger)})
		}

		requireWays(t, w.ledger, venues)
	}
}

// fair is a venue that trades any token of a set for any other of another.
type fair struct{ from, to []state.Token }

func (v fair) Name() string { return "fair" }

func (v fair) Pairs(*state.Ledger) (from, to []state.Token) { return v.from, v.to }

func (v fair) Offer(*state.Snapshot, *offer.Ask, uint64, *offer.Effect, *offer.Offer) bool {
	return false
}

func (v fair) Describe(*state.Snapshot, *offer.Ask, *offer.Offer, *offer.Details) error {
	return nil
}

// draw draws a set of tokens.
func draw(rng *rand.Rand, l *state.Ledger) []state.Token {
	var set []state.Token
	for t := state.SOL; t <= venue.NativeStake(l); t++ {
		if rng.IntN(3) == 0 {
			set = append(set, t)
		}
	}
	return set
}

func requireWays(t *testing.T, l *state.Ledger, venues []venue.Venue) {
	t.Helper()
	w := newPairIndex(l, venues)
	served := 0
	for from := state.SOL; from <= venue.NativeStake(l); from++ {
		for to := state.SOL; to <= venue.NativeStake(l); to++ {
			var want []uint16
			for i, v := range venues {
				takes, gives := v.Pairs(l)
				if from != to && slices.Contains(takes, from) && slices.Contains(gives, to) {
					want = append(want, uint16(i))
				}
			}

			require.Equal(t, want, w.between(from, to, nil), "from %d to %d", from, to)

			// What is in the list stays in it.
			list := w.between(from, to, []uint16{999})
			require.Equal(t, append([]uint16{999}, want...), list)
			served += len(want)
		}
	}

	if len(venues) > 8 {
		require.NotZero(t, served)
	}
}
