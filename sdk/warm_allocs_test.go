//go:build !race

package sdk_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClient_WarmAllocations checks that a trade by a single venue, from a
// request to a signed transaction, allocates little more than its result. The
// limits are measured, plus one scratch space that the garbage collector may
// have freed.
func TestClient_WarmAllocations(t *testing.T) {
	w := newWarm(t)
	most := map[string]float64{
		"stake":   18,
		"swap":    23,
		"unstake": 18,
	}

	for _, trade := range warmTrades {
		limit, known := most[trade.name]
		if !known {
			continue // this trade makes requests
		}

		t.Run(trade.name, func(t *testing.T) {
			request := w.request(t, trade.from, trade.to, trade.direct)
			allocated := testing.AllocsPerRun(200, func() {
				q, err := w.market.Quote(request)
				require.NoError(t, err)
				unsigned, err := w.client.Build(t.Context(), q, w.opts)
				require.NoError(t, err)
				_, err = unsigned.Sign(t.Context(), w.signer)
				require.NoError(t, err)
			})

			require.LessOrEqual(t, allocated, limit)
		})
	}
}
