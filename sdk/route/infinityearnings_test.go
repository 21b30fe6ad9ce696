package route_test

import (
	"math/big"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestMarket_InfinityEarnings computes the yield of the embedded pool: 18 real
// tokens, of which phaseSOL, mSOL and stSOL do not show theirs. The weighted
// growth was calculated independently from the values and growths of the parts.
func TestMarket_InfinityEarnings(t *testing.T) {
	market := newWorld(t).infinityMarket(t)
	e, err := market.InfinityEarnings(accounts.InfinityProgram, nil)
	require.NoError(t, err)
	require.Len(t, e.Basket.Parts, 18)
	require.Equal(t, uint64(257_446_350_494_525), e.Basket.Value)
	require.Equal(t, uint64(257_446_198_524_322), e.Basket.Known)
	require.Equal(t, "0.000391356189131", e.Basket.Growth.FloatString(15))
	require.Equal(t, "JupSOL", e.Token(e.Basket.Best.Mint).Symbol)
	require.Equal(t, "SOL", e.Token(e.Basket.Worst.Mint).Symbol)
	require.Equal(t, solana.PublicKey{9}.String(), e.Token(solana.PublicKey{9}).Symbol)

	// The protocol takes 5 % of the yield.
	require.Zero(t, e.Expected.Cmp(new(big.Rat).Mul(e.Basket.Growth, big.NewRat(95, 100))))
	require.Equal(t, "0.070242", e.APY(e.Expected).FloatString(6))
	require.Equal(t, "182.6250", e.EpochsPerYear.FloatString(4))

	unknown := 0
	for _, part := range e.Basket.Parts {
		if part.Growth == nil {
			require.Error(t, part.Unknown)
			unknown++
		}
	}

	require.Equal(t, 3, unknown)

	// The pool withholds 64.115 SOL at its slot: 84.15 % of them are released
	// in an epoch, 5 % of that for the protocol.
	require.Equal(t, uint64(432_000), e.Release.Slots)
	require.Equal(t, uint64(53_953_511_355), e.Release.Released)
	require.Equal(t, uint64(2_697_675_568), e.Release.Protocol)
	require.Equal(t, "0.000199175616316", e.Release.Growth.FloatString(15))
	later, err := quote.ReleaseYield(e.Pool.State, e.Pool.Slot+432_000)
	require.NoError(t, err)
	require.Equal(t, e.Pool.State.WithheldLamports-later.WithheldLamports, e.Release.Released)
}

// TestMarket_InfinityEarnings_Known takes the growth of mSOL from a history of
// prices: 8 parts in 10,000 over two epochs.
func TestMarket_InfinityEarnings_Known(t *testing.T) {
	market := newWorld(t).infinityMarket(t)
	var history quote.PriceHistory
	require.NoError(t, history.Add(quote.PricePoint{Epoch: 791,
		Price: quote.Price{Lamports: 10_000, Tokens: 10_000}}))
	require.NoError(t, history.Add(quote.PricePoint{Epoch: 793,
		Price: quote.Price{Lamports: 10_008, Tokens: 10_000}}))

	known := map[solana.PublicKey]quote.PriceHistory{accounts.MSOLMint: history,
		accounts.StSOLMint: {}}
	e, err := market.InfinityEarnings(accounts.InfinityProgram, known)
	require.NoError(t, err)
	for _, part := range e.Basket.Parts {
		switch part.Mint {
		case accounts.MSOLMint:
			require.Equal(t, "1/2500", part.Growth.String())
		case accounts.StSOLMint:
			require.ErrorIs(t, part.Unknown, quote.ErrNoYield)
		}
	}
}

func TestMarket_InfinityEarnings_Unknown(t *testing.T) {
	market := newWorld(t).infinityMarket(t)
	_, err := market.InfinityEarnings(solana.PublicKey{1}, nil)
	require.ErrorIs(t, err, route.ErrUnknownToken)
	var none *route.Market
	_, err = none.InfinityEarnings(accounts.InfinityProgram, nil)
	require.ErrorIs(t, err, accounts.ErrNil)
}

// TestMarket_StakePool returns the state with which the token's quotes are
// made.
func TestMarket_StakePool(t *testing.T) {
	w := newWorld(t)
	market := w.infinityMarket(t)
	pool, err := market.StakePool(w.StakePools[0].State.PoolMint)
	require.NoError(t, err)
	require.Equal(t, w.StakePools[0].State, pool.State)
	require.Equal(t, w.Chain.Clock, pool.Clock)
	_, err = market.StakePool(accounts.MSOLMint)
	require.ErrorIs(t, err, route.ErrUnknownToken)

	marinade, err := market.Marinade(accounts.MSOLMint)
	require.NoError(t, err)
	require.Equal(t, w.Marinade.State.MSOLSupply, marinade.State.MSOLSupply)
	require.Equal(t, w.Chain.Clock, marinade.Clock)
	_, err = market.Marinade(accounts.StSOLMint)
	require.ErrorIs(t, err, route.ErrUnknownToken)
}
