package offer_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// bps is amount * by / 10,000 without overflow, rounded down, and whether there
// was a remainder.
func bps(amount, by uint64) (floor *big.Int, cut bool) {
	product := new(big.Int).Mul(new(big.Int).SetUint64(amount), new(big.Int).SetUint64(by))
	floor, rest := product.QuoRem(product, big.NewInt(10_000), new(big.Int))
	return floor, rest.Sign() > 0
}

func TestAsk_Receiver(t *testing.T) {
	require.Equal(t, owner, toOwner.Receiver(params))
	require.Equal(t, recipient, toOther.Receiver(params))

	require.False(t, toOwner.PaysOther(params))
	require.True(t, toOther.PaysOther(params))
	require.False(t, toItself.PaysOther(params), "the owner is not another wallet")

	require.Empty(t, toOwner.RecipientSuffix(params.Owner))
	require.Empty(t, toItself.RecipientSuffix(params.Owner))
	require.Equal(t, ", paid to "+recipient.String(), toOther.RecipientSuffix(params.Owner))
}

func TestAsk_PaysOwnWSOL(t *testing.T) {
	wrapped := offer.Ask{ToToken: state.SOL, UseWSOL: true}
	require.True(t, wrapped.PaysOwnWSOL())
	for _, a := range []offer.Ask{
		{ToToken: state.SOL},
		{ToToken: state.SOL + 1, UseWSOL: true},
		{ToToken: state.SOL, UseWSOL: true, Recipient: recipient},
	} {
		require.False(t, a.PaysOwnWSOL())
	}
}

// TestAsk_Limits compares the limits of a slippage with big integers: the
// minimum is rounded up and never zero, the maximum is rounded down.
func TestAsk_Limits(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 8))
	overflows := 0
	for range 5_000 {
		amount := rng.Uint64() >> rng.IntN(64)
		a := offer.Ask{SlippageBps: uint16(rng.IntN(10_001))}

		least, cut := bps(amount, 10_000-uint64(a.SlippageBps))
		if cut {
			least.Add(least, big.NewInt(1))
		}

		got, err := a.Minimum(amount)
		require.NoError(t, err)
		require.Equal(t, max(least.Uint64(), 1), got)

		most, _ := bps(amount, uint64(a.SlippageBps))
		most.Add(most, new(big.Int).SetUint64(amount))
		got, err = a.Maximum(amount)
		if !most.IsUint64() {
			overflows++
			require.ErrorIs(t, err, fixed.ErrOverflow)
			continue
		}

		require.NoError(t, err)
		require.Equal(t, most.Uint64(), got)
	}

	require.NotZero(t, overflows)
}

func TestRefusedAt_Error(t *testing.T) {
	require.EqualError(t, offer.RefusedAt(7), "refused at 7")
}
