package choose

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Any amount up to the largest is served or refused.
func TestMarket_SearchHugeAmounts(t *testing.T) {
	w := newWorld(t, 6, 3)
	m := w.market()
	last := venue.NativeStake(w.ledger)
	for _, amount := range []uint64{1, 1 << 62, 1 << 63, math.MaxUint64 - 1, math.MaxUint64} {
		for from := state.SOL; from < last; from++ {
			for to := state.SOL; to <= last; to++ {
				requireLimits(t, m, w.search(from, to, terms.ExactIn, amount))
				requireLimits(t, m, w.search(from, to, terms.ExactOut, amount))
			}
		}
	}
}

// requireLimits checks that the limits of all routes include their amounts.
func requireLimits(t *testing.T, m *Market, s *Search) {
	t.Helper()
	found := m.Search(s)
	for i := range found.Routes {
		o := &found.Routes[i].Offer
		require.GreaterOrEqual(t, o.MaxIn, o.In)
		require.NotZero(t, o.MinOut)
		if s.SwapMode == terms.ExactOut {
			require.GreaterOrEqual(t, o.Out, s.Amount)
		}
	}
}
