package offer_test

import (
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// TestOffer_Limit checks that the limit is the requested amount for ExactOut,
// and the amount less the slippage for ExactIn.
func TestOffer_Limit(t *testing.T) {
	for _, c := range []struct {
		side terms.SwapMode
		bps  uint16
		want uint64
	}{
		{terms.ExactIn, 0, 1_001},
		{terms.ExactIn, 100, 991},
		{terms.ExactIn, 10_000, 1},
		{terms.ExactOut, 100, 77},
	} {
		o := offer.Offer{Amount: 77}
		require.True(t,
			o.Limit(&offer.Ask{SwapMode: c.side, SlippageBps: c.bps}, 1_001, &o.Refusal))
		require.Equal(t, c.want, o.MinOut)
		require.True(t, o.Refusal.IsZero())
	}
}

// TestOffer_CoversRent checks that the minimum output for a recipient has to
// exceed the rent of the temporary account.
func TestOffer_CoversRent(t *testing.T) {
	const rent = 2_039_280 // of a token account on mainnet in 2025
	other := offer.Ask{Recipient: solana.PublicKey{5}}
	for _, c := range []struct {
		ask    offer.Ask
		minOut uint64
		want   bool
	}{
		{offer.Ask{}, 1, true},
		{other, rent, false},
		{other, rent + 1, true},
	} {
		o := offer.Offer{MinOut: c.minOut}
		require.Equal(t, c.want, o.CoversRent(&c.ask, rent, &o.Refusal))
		if !c.want {
			require.ErrorIs(t, &o.Refusal, terms.ErrRecipient)
			require.ErrorContains(t, &o.Refusal, "2039280")
		}
	}
}

func TestOffer_Loses(t *testing.T) {
	var o offer.Offer
	o.Loses(5)
	o.Loses(math.MaxUint64 - 6)
	require.Equal(t, uint64(math.MaxUint64-1), o.Lost)
	o.Loses(7)
	require.Equal(t, uint64(math.MaxUint64), o.Lost, "the sum saturates")
}

func TestEffect_Known(t *testing.T) {
	var none *offer.Effect
	require.False(t, none.Known())
	require.False(t, new(offer.Effect).Known())
	require.True(t, (&offer.Effect{Token: state.SOL + 1}).Known())
}

// TestOffer_DoesNotAllocate checks that offers do not allocate: a search makes
// thousands of them.
func TestOffer_DoesNotAllocate(t *testing.T) {
	a := offer.Ask{SlippageBps: 50, Recipient: solana.PublicKey{5}}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		var o offer.Offer
		o.Gives(10_000, 9_000)
		o.Loses(3)
		if !o.Limit(&a, o.Out, &o.Refusal) || o.CoversRent(&a, 1<<40, &o.Refusal) {
			panic("unexpected refusal")
		}

		o.Refusal = quote.Refusal{}
		o.Refusal.Because(offer.TooLarge)
	}))
}
