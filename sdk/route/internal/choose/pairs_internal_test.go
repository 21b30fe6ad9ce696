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

// between finds the same venues as a scan of all venues, for all pairs of
// random markets.
func TestPairIndex_BetweenFindsAllVenues(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for pools := range 5 {
		w := newWorld(t, seed, pools)
		requirePairs(t, w.ledger, venue.All(w.ledger))
	}
}

// Venues may trade any sets of tokens: no token, the same token on both sides,
// or a received stake account.
func TestPairIndex_BetweenOfRandomVenues(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, 1, 5)
	for range 40 {
		var venues []venue.Venue
		for range rng.IntN(12) {
			venues = append(venues, anyPair{draw(rng, w.ledger), draw(rng, w.ledger)})
		}

		requirePairs(t, w.ledger, venues)
	}
}

// anyPair trades each token of one set for each token of another.
type anyPair struct{ from, to []state.Token }

func (v anyPair) Name() string { return "any pair" }

func (v anyPair) Pairs(*state.Ledger) (from, to []state.Token) { return v.from, v.to }

func (v anyPair) Offer(*state.Snapshot, *offer.Ask, uint64, *offer.Effect, *offer.Offer) bool {
	return false
}

func (v anyPair) Describe(*state.Snapshot, *offer.Ask, *offer.Offer, *offer.Details) error {
	return nil
}

// draw returns a random set of tokens.
func draw(rng *rand.Rand, l *state.Ledger) []state.Token {
	var set []state.Token
	for t := state.SOL; t <= venue.NativeStake(l); t++ {
		if rng.IntN(3) == 0 {
			set = append(set, t)
		}
	}
	return set
}

func requirePairs(t *testing.T, l *state.Ledger, venues []venue.Venue) {
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

			// The list keeps its earlier entries.
			list := w.between(from, to, []uint16{999})
			require.Equal(t, append([]uint16{999}, want...), list)
			served += len(want)
		}
	}

	if len(venues) > 8 {
		require.NotZero(t, served)
	}
}
