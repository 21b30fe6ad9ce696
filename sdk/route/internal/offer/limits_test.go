package offer_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// TestSpread_Sum checks that the limits have the sum if any limits in the
// bounds have it, and that limits with that sum stay.
func TestSpread_Sum(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 4))
	possible := 0
	for range 5_000 {
		parts := 1 + rng.IntN(4)
		least, most, limits := make([]uint64, parts), make([]uint64, parts), make([]uint64, parts)
		var low, high uint64
		for i := range parts {
			least[i] = rng.Uint64N(100)
			most[i] = least[i] + rng.Uint64N(100)
			limits[i] = rng.Uint64N(250)
			low, high = low+least[i], high+most[i]
		}

		total := rng.Uint64N(500)
		ok := offer.Spread(limits, total, func(i int) uint64 { return least[i] },
			func(i int) uint64 { return most[i] })
		require.Equal(t, low <= total && total <= high, ok)
		var sum uint64
		for i := range parts {
			require.True(t, least[i] <= limits[i] && limits[i] <= most[i])
			sum += limits[i]
		}

		if ok {
			possible++
			require.Equal(t, total, sum)
		}
	}

	require.NotZero(t, possible)
}

func TestSpread_Keeps(t *testing.T) {
	limits := []uint64{3, 4, 5}
	least := func(int) uint64 { return 0 }
	most := func(int) uint64 { return math.MaxUint64 }
	require.True(t, offer.Spread(limits, 12, least, most))
	require.Equal(t, []uint64{3, 4, 5}, limits)

	require.True(t, offer.Spread(limits, 14, least, most))
	require.Equal(t, []uint64{3, 4, 7}, limits, "the last one moves first")

	require.False(t, offer.Spread([]uint64{math.MaxUint64, 1}, 5, least, most), "the sum overflows")
}

// TestOffer_LimitOfQuote checks that the limits of an earlier quote replace
// those of the slippage.
func TestOffer_LimitOfQuote(t *testing.T) {
	a := offer.Ask{SlippageBps: 100, Limits: &offer.Limits{MinOut: 990, MaxIn: 1_020}}
	var o offer.Offer
	var r quote.Refusal
	require.True(t, o.Limit(&a, 1_000, &r))
	require.EqualValues(t, 990, o.MinOut)
	require.True(t, o.Limit(&a, 900, &r))
	require.EqualValues(t, 900, o.MinOut, "the program pays no more")

	most, err := a.Maximum(1_000)
	require.NoError(t, err)
	require.EqualValues(t, 1_020, most)
	most, err = a.Maximum(1_030)
	require.NoError(t, err)
	require.EqualValues(t, 1_030, most, "the trade costs more")

	o.Amount, a.SwapMode = 500, terms.ExactOut
	require.True(t, o.Limit(&a, 1_000, &r))
	require.EqualValues(t, 500, o.MinOut, "the requested output")
}

func TestAsk_UsesValidator(t *testing.T) {
	one, other := solana.PublicKey{1}, solana.PublicKey{2}
	var a offer.Ask
	require.True(t, a.UsesValidator(&one))
	a.Validators = []solana.PublicKey{one}
	require.True(t, a.UsesValidator(&one))
	require.False(t, a.UsesValidator(&other))
	a.Validators = []solana.PublicKey{one, other}
	require.False(t, a.UsesValidator(&one), "both are needed")
}
