package choose

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
)

// The top of a curve with two slopes is found to within the rounding, in few
// steps.
func TestMaximize_FindsTop(t *testing.T) {
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

		found, ok := maximize(least, end, score)
		require.True(t, ok)
		most = max(most, asked)
		value, _ := score(found)
		require.LessOrEqual(t, height-value, uint64(2),
			"seed %d, case %d: %d to %d, top %d, found %d", seed, i, least, end, top, found)
	}

	require.Less(t, most, 110)
	_, ok := maximize(3, 9, func(uint64) (uint64, bool) { return 0, false })
	require.False(t, ok, "nothing is served")
}

// The costs of a split are converted at the price of each part. Here the prices
// differ by 0.6 %: 2,282,880 lamports of rent are 2,845,626 base units at one
// price and 2,827,055 at the other. At the second price, a part of 136 units
// would appear to make the route better.
func TestParts_NetAmounts(t *testing.T) {
	m := &Market{Book: &Book{}}
	small := offer.Offer{In: 136, Out: 213, Price: quote.Price{Lamports: 172, Tokens: 213}}
	large := offer.Offer{
		In:    4_291_215_933_537,
		Out:   6_827_013_909_411,
		Lost:  2_282_880,
		Price: quote.Price{Lamports: 262_851_148_746_560, Tokens: 327_645_758_011_895},
	}

	for _, part := range []*offer.Offer{&small, &large} {
		m.applyCosts(&offer.Ask{}, part)
	}

	require.Equal(t, large.Out-2_845_626, large.NetOut)

	both, ok := parts(&small, &large)
	require.True(t, ok)
	require.Equal(t, large.NetOut+small.Out, both.NetOut)
	_, ok = parts(&offer.Offer{In: math.MaxUint64}, &offer.Offer{In: 1})
	require.False(t, ok)
}
