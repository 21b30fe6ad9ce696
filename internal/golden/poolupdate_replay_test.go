package golden_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestPoolUpdates_Replay repeats the recorded updates of whole pools. Other
// builds than that of October 2025 treat some states of stake differently; for
// these the forecast may refuse to answer.
func TestPoolUpdates_Replay(t *testing.T) {
	var executed, refused, unknown int
	for _, file := range recordings[golden.PoolUpdates](t, "poolupdate-*.json") {
		for i := range file.Cases {
			c := &file.Cases[i]
			pool, err := c.Pool(file.Chain)
			require.NoError(t, err)
			after, err := c.Forecast(pool, file.Chain)
			switch {
			case errors.Is(err, quote.ErrBuildDependent):
				require.False(t, quote.StakePoolUpdateKnown(c.Build), "seed %d", c.Seed)
				unknown++
			case c.Digest == "":
				require.ErrorIs(t, err, quote.ErrUpdateFails, "seed %d", c.Seed)
				refused++
			default:
				require.NoError(t, err, "seed %d", c.Seed)
				require.Equal(t, c.Digest, golden.ForecastDigest(&after), "seed %d", c.Seed)
				executed++
			}
		}
	}

	t.Logf("%d updates as recorded, %d refused, %d not forecast", executed, refused, unknown)
	require.GreaterOrEqual(t, executed, 300)
	require.NotZero(t, refused)
}
