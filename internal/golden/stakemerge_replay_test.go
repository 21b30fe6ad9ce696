package golden_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestStakeMerges_Replay repeats the recorded merges of stake accounts.
func TestStakeMerges_Replay(t *testing.T) {
	merged, refused := 0, map[string]int{}
	for name, file := range recordings[golden.StakeMerges](t, "stakemerges-*.json") {
		replay(t, name, file.Cases, func(t *testing.T, c golden.StakeMergeCase) {
			quoted, err := c.Quote(file.Chain)
			switch {
			case c.Is.Outcome != nil:
				require.NoError(t, err)
				require.Equal(t, *c.Is.Outcome, quoted)
				merged++

			case c.Is.Refusal != "":
				require.ErrorIs(t, err, quote.ErrStakeMerge)
				refused[c.Is.Refusal]++
			}
		})
	}

	t.Logf("%d merged, refused %v", merged, refused)
	require.GreaterOrEqual(t, merged, 100)
	require.Len(t, refused, 2)
}
