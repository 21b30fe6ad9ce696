package quote_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestInfinityBasket_ByHand weighs three tokens by hand: 1,000 SOL at 4, 3,000
// SOL at 2 and 4,000 SOL at 0 parts in 10,000, and a token whose growth is not
// known. (1,000 * 4 + 3,000 * 2) / 8,000 is 1.25 parts.
func TestInfinityBasket_ByHand(t *testing.T) {
	fast, slow, still, unknown := solana.PublicKey{1}, solana.PublicKey{2}, solana.PublicKey{3},
		solana.PublicKey{4}
	basket, err := quote.NewInfinityBasket(
		quote.InfinityPart{Mint: fast, Value: 1000 * sol, Growth: big.NewRat(4, 10_000)},
		quote.InfinityPart{Mint: unknown, Value: 500 * sol, Unknown: quote.ErrNoYield},
		quote.InfinityPart{Mint: slow, Value: 3000 * sol, Growth: big.NewRat(2, 10_000)},
		quote.InfinityPart{Mint: still, Value: 4000 * sol, Growth: new(big.Rat)},
		quote.InfinityPart{Mint: solana.PublicKey{5}, Growth: big.NewRat(9, 10_000)},
	)

	require.NoError(t, err)
	require.Equal(t, uint64(8500*sol), basket.Value)
	require.Equal(t, uint64(8000*sol), basket.Known)
	require.Equal(t, "1/8000", basket.Growth.String())
	require.Equal(t, fast, basket.Best.Mint, "what the pool does not hold is no part")
	require.Equal(t, still, basket.Worst.Mint)
	require.Equal(t, still, basket.Parts[0].Mint)
	require.Equal(t, "11/40000", basket.Drift(basket.Best).String())
	require.Equal(t, "-1/8000", basket.Drift(basket.Worst).String())
	require.Nil(t, basket.Drift(quote.InfinityPart{}))
	require.Equal(t, "400000000", basket.Best.Earns().String())

	// 10 SOL in the fast token instead of the slow one: 0.002 SOL an epoch.
	gain, err := basket.Moved(slow, fast, 10*sol)
	require.NoError(t, err)
	require.Equal(t, "2000000", gain.String())
	loss, err := basket.Moved(fast, slow, 1)
	require.NoError(t, err)
	require.Equal(t, "-1", loss.String(), "rounded down")
	_, err = basket.Moved(fast, unknown, 1)
	require.ErrorIs(t, err, quote.ErrNoYield)
	_, err = basket.Moved(fast, solana.PublicKey{9}, 1)
	require.ErrorIs(t, err, quote.ErrUnlisted)
}

// TestInfinityState_Release checks the table of the official reference: of
// 999,999,999 withheld lamports, 841,510,679 are released in an epoch, of which
// the protocol takes 10 %, and 999,899,999 in five epochs.
func TestInfinityState_Release(t *testing.T) {
	for _, test := range []struct{ slots, released, protocol uint64 }{
		{0, 0, 0},
		{1, 4264, 427},
		{10, 42_639, 4264},
		{432_000, 841_510_679, 84_151_068},
		{2_160_000, 999_899_999, 99_990_000},
	} {
		r, err := dumpedV2(0).Release(test.slots)
		require.NoError(t, err)
		require.Equal(t, quote.InfinityRelease{
			Slots:    test.slots,
			Released: test.released,
			Protocol: test.protocol,
			Holders:  test.released - test.protocol,
			Growth:   r.Growth,
		}, r)

		require.Zero(t, r.Growth.Cmp(big.NewRat(int64(r.Holders), 111_439_393_290_152)))
	}

	// Two periods release what one does, but for one lamport of rounding.
	first, err := dumpedV2(0).Release(100_000)
	require.NoError(t, err)
	second, err := dumpedV2(100_000).Release(332_000)
	require.NoError(t, err)
	require.InDelta(t, 841_510_679, float64(first.Released+second.Released), 1)

	none, err := dumpedV1().Release(432_000)
	require.NoError(t, err)
	require.Zero(t, none.Released)
	require.Zero(t, none.Growth.Sign())

	_, err = dumpedV2(1).Release(1<<64 - 1)
	require.ErrorIs(t, err, quote.ErrAmountTooLarge)
}

func TestHoldersPart(t *testing.T) {
	require.Equal(t, "9/10", quote.HoldersPart(dumpedPoolV2()).String())
	require.Equal(t, "1/1", quote.HoldersPart(dumpedV1().Pool).String())
}

// realInfinity returns the pool of the embedded market in a version.
func realInfinity(t *testing.T, version uint8) quote.InfinityState {
	t.Helper()
	market, err := demo.Load()
	require.NoError(t, err)
	var pools []*figures.StakePool
	for n := range market.StakePools {
		pools = append(pools, &market.StakePools[n])
	}

	f := market.Infinity.V1
	if version == accounts.PoolStateV2 {
		f = market.Infinity.V2
	}

	i := f.Quote(market.Chain, market.Chain.Clock.Slot, figures.States(pools))
	for mint, lst := range i.LSTs {
		if lst.Value == nil {
			// A pool that was not updated: phaseSOL.
			delete(i.LSTs, mint)
		}
	}

	return i
}

// TestInfinityFees_Swaps makes 200 random swaps with the real pool in both
// versions, some slots apart. The fees that the two states show are those of
// the trades, but for the rounding of each: less than three lamports. In
// version 1 the protocol's part has left the pool.
func TestInfinityFees_Swaps(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for _, version := range []uint8{accounts.PoolStateV1, accounts.PoolStateV2} {
		rng := rand.New(rand.NewPCG(seed, uint64(version)))
		before := realInfinity(t, version)
		now, trades, fees := before, 0, new(big.Int)
		mints := sortedMints(before)
		for trades < 200 {
			inp, out := mints[rng.IntN(len(mints))], mints[rng.IntN(len(mints))]
			trade, err := now.Swap(inp, out, 1+rng.Uint64N(1000*sol))
			if err != nil {
				continue
			}

			protocol := uint64(0)
			if trade.ProtocolFee > 0 {
				value, err := now.LSTs[out].Value.LSTToSOL(trade.ProtocolFee)
				require.NoError(t, err)
				protocol = value.Min
			}

			trades++
			fees.Add(fees, new(big.Int).SetUint64(trade.Fee()-protocol))
			now = after(now, inp, out, trade)
			now.Slot += rng.Uint64N(1000)
		}

		earned, err := quote.InfinityFees(before, now)
		require.NoError(t, err)
		require.Equal(t, earned.Least, earned.Most)
		require.Equal(t, earned.Flow, earned.Least)
		require.Zero(t, earned.Minted.Sign())
		rest := new(big.Int).Sub(earned.Least, fees).Int64()
		require.GreaterOrEqual(t, rest, int64(-3*trades))
		require.LessOrEqual(t, rest, int64(3*trades))
		require.Positive(t, fees.Cmp(big.NewInt(1_000_000)))
	}
}

// TestInfinityFees_Liquidity adds liquidity between swaps. The bounds contain
// the fees of all trades, and lie as far apart as the price of INF moved.
func TestInfinityFees_Liquidity(t *testing.T) {
	before := realInfinity(t, accounts.PoolStateV2)
	before.Pool.LastReleaseSlot = before.Slot
	now, fees := before, uint64(0)
	lp := before.Pool.LPTokenMint
	for n := range uint64(40) {
		pair := [][2]solana.PublicKey{{wsolMint, lp}, {wsolMint, jupsolMint},
			{jupsolMint, wsolMint}}[n%3]
		trade, err := now.Swap(pair[0], pair[1], (1+n)*sol)
		require.NoError(t, err)
		fees += trade.Fee()
		now = after(now, pair[0], pair[1], trade)
		now.Slot += 10_000
	}

	earned, err := quote.InfinityFees(before, now)
	require.NoError(t, err)
	require.Positive(t, earned.Minted.Sign())
	require.Negative(t, earned.Least.Cmp(earned.Most))
	require.LessOrEqual(t, earned.Least.Int64(), int64(fees)+120)
	require.GreaterOrEqual(t, earned.Most.Int64(), int64(fees)-120)

	now.LPSupply = before.LPSupply
	same, err := quote.InfinityFees(before, now)
	require.NoError(t, err)
	require.Equal(t, same.Flow, same.Least, "without the claims, everything is a gain")
}

func TestInfinityFees_Unknown(t *testing.T) {
	for name, change := range map[string]func(before, after *quote.InfinityState){
		"another pool": func(_, after *quote.InfinityState) { after.Pool.LPTokenMint = bsolMint },
		"another version": func(before, _ *quote.InfinityState) {
			before.Pool.Version = accounts.PoolStateV1
		},
		"backwards": func(_, after *quote.InfinityState) { after.Slot-- },
		"collected": func(_, after *quote.InfinityState) { after.Pool.ProtocolFeeLamports-- },
		"a token less": func(_, after *quote.InfinityState) {
			delete(after.LSTs, wsolMint)
		},
		"another token": func(_, after *quote.InfinityState) {
			after.LSTs[bsolMint] = after.LSTs[wsolMint]
			delete(after.LSTs, wsolMint)
		},
		"another epoch": func(_, after *quote.InfinityState) {
			lst := after.LSTs[jupsolMint]
			value := jupsolValue
			value.TotalLamports += value.TotalLamports / 10_000
			lst.Value = value
			after.LSTs[jupsolMint] = lst
		},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := dumpedV2(10), dumpedV2(10)
			_, err := quote.InfinityFees(before, after)
			require.NoError(t, err)
			change(&before, &after)
			_, err = quote.InfinityFees(before, after)
			require.ErrorIs(t, err, quote.ErrFeesUnknown)
		})
	}
}
