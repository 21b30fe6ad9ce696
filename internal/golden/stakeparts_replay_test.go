package golden_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/golden"
)

// TestStakeParts_Replay repeats the recorded withdrawals of stake of several
// validators.
func TestStakeParts_Replay(t *testing.T) {
	sizes, exactOut, preferred := map[int]int{}, 0, 0
	for name, file := range recordings[golden.StakeParts](t, "stakeparts-*.json") {
		replay(t, name, file.Cases, func(t *testing.T, c golden.StakePartsCase) {
			pool, err := c.Pool(file.Chain)
			require.NoError(t, err)
			quoted, err := c.Quote(pool, file.Chain)
			require.NoError(t, err, "seed %d", c.Seed)
			require.Equal(t, c, quoted)
			sizes[len(c.Parts)]++
			if c.ExactOut {
				exactOut++
			}

			if pool.State.PreferredWithdrawValidator != nil {
				preferred++
			}
		})
	}

	t.Logf(
		"executed by number of stake accounts %v, %d for an exact output, %d with a preferred validator",
		sizes,
		exactOut,
		preferred,
	)

	require.GreaterOrEqual(t, sizes[2]+sizes[3], 100)
	require.NotZero(t, sizes[3])
	require.NotZero(t, exactOut)
	require.NotZero(t, preferred)
}
