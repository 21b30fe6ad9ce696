package golden_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestRebalances_Replay repeats the recorded rebalances of Infinity: the total
// and the values of both tokens afterwards, and the refusals one base unit and
// more below what is required.
func TestRebalances_Replay(t *testing.T) {
	kinds, executed, refused := map[string]int{}, 0, 0
	for name, file := range recordings[golden.Rebalances](t, "rebalances-*.json") {
		replay(t, name, file.Cases, func(t *testing.T, c golden.RebalanceCase) {
			outcome, err := c.Quote()
			kinds[c.Out.Calculation.Kind+" to "+c.Inp.Calculation.Kind]++
			if c.Outcome == nil {
				require.ErrorIs(t, err, quote.ErrNoProfit, "seed %d", c.Seed)
				refused++
				return
			}

			require.NoError(t, err, "seed %d", c.Seed)
			require.Equal(t, c.Outcome, outcome, "seed %d", c.Seed)
			executed++
		})
	}

	t.Logf("%d executed, %d refused, %v", executed, refused, kinds)
	require.GreaterOrEqual(t, executed, 60)
	require.GreaterOrEqual(t, refused, 50)
}
