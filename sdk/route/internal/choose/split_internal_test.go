package choose

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPeak: the top of a hill with two slopes is found to the unit that rounding allows, in few steps.
func TestPeak(t *testing.T) {
	const seed = 20261121
	rng := rand.New(rand.NewPCG(seed, 1))
	const height = 1 << 62
	most := 0
	for i := range 20_000 {
		least := rng.Uint64N(1_000)
		end := least + rng.Uint64N(1<<rng.UintN(50)+1)
		top := [3]uint64{least + rng.Uint64N(end-least+1), least, end}[rng.IntN(3)]
		up, down := 1+rng.Uint64N(2_000), 1+rng.Uint64N(2_000)
		asked := 0
		score := func(x uint64) (uint64, bool) {
			asked++
			distance, slope := top-x, up
			if x > top {
				distance, slope = x-top, down
			}
			return height - distance/1_000*slope - distance%1_000*slope/1_000, true
		}
		found, ok := peak(least, end, score)
		require.True(t, ok)
		most = max(most, asked)
		value, _ := score(found)
		require.LessOrEqual(t, height-value, uint64(2), "seed %d, case %d: %d to %d, top %d, found %d", seed, i, least, end, top, found)
	}
	require.Less(t, most, 110)
	_, ok := peak(3, 9, func(uint64) (uint64, bool) { return 0, false })
	require.False(t, ok, "nothing is served")
}
