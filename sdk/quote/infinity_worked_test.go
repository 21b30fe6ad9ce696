package quote_test

import (
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// swapBy quotes a trade, exact in or exact out.
func swapBy(
	i quote.InfinityState,
	exactOut bool,
	inp, out solana.PublicKey,
	amount uint64,
) (quote.InfinityTrade, error) {
	if exactOut {
		return i.SwapExactOut(inp, out, amount)
	}
	return i.Swap(inp, out, amount)
}

// TestInfinityState_V2Snapshots checks the quotes that the tests of
// igneous-labs/inf-1.5 compare with simulated transactions.
func TestInfinityState_V2Snapshots(t *testing.T) {
	for _, test := range []struct {
		exactOut          bool
		inp, out          solana.PublicKey
		in, value, fee, o uint64
	}{
		{false, wsolMint, jupsolMint, 1_000_000_000, 1_000_000_000, 3_000_000, 895_530_443},
		{false, wsolMint, msolMint, 7698, 7698, 70, 5878},
		{false, wsolMint, stsolMint, 6969, 6969, 91, 5673},
		{false, jupsolMint, wsolMint, 1_000_000_000, 1_113_306_651, 5_566_534, 1_107_740_117},
		{false, jupsolMint, msolMint, 7698, 8569, 26, 6583},
		{false, jupsolMint, stsolMint, 6969, 7758, 55, 6353},
		{false, stsolMint, wsolMint, 1_000_000_000, 1_212_405_583, 15_761_273, 1_196_644_310},
		{false, stsolMint, jupsolMint, 1_000_000_000, 1_212_405_583, 6_062_028, 1_083_568_083},
		{false, stsolMint, msolMint, 6969, 8449, 93, 6439},
		{false, msolMint, wsolMint, 1_000_000_000, 1_297_435_839, 11_676_923, 1_285_758_916},
		{false, msolMint, jupsolMint, 1_000_000_000, 1_297_435_839, 1_297_436, 1_164_224_071},
		{false, msolMint, stsolMint, 6969, 9041, 100, 7374},
		{true, wsolMint, jupsolMint, 1_116_656_621, 1_116_656_621, 3_349_970, 1_000_000_000},
		{true, wsolMint, msolMint, 10_079, 10_079, 91, 7698},
		{true, wsolMint, stsolMint, 8561, 8561, 112, 6969},
		{true, jupsolMint, wsolMint, 902_738_816, 1_005_025_126, 5_025_126, 1_000_000_000},
		{true, jupsolMint, msolMint, 9003, 10_019, 31, 7698},
		{true, jupsolMint, stsolMint, 7646, 8509, 60, 6969},
		{true, stsolMint, wsolMint, 835_670_209, 1_013_171_226, 13_171_226, 1_000_000_000},
		{true, stsolMint, jupsolMint, 922_876_943, 1_118_901_157, 5_594_506, 1_000_000_000},
		{true, stsolMint, msolMint, 7542, 9142, 101, 6969},
		{true, msolMint, wsolMint, 777_750_782, 1_009_081_736, 9_081_736, 1_000_000_000},
		{true, msolMint, jupsolMint, 858_941_183, 1_114_421_073, 1_114_422, 1_000_000_000},
		{true, msolMint, stsolMint, 6586, 8543, 94, 6969},
	} {
		// Swaps of two LSTs do not depend on the slot.
		for _, slot := range []uint64{0, 10, 432_000} {
			amount := test.in
			if test.exactOut {
				amount = test.o
			}

			got, err := swapBy(dumpedV2(slot), test.exactOut, test.inp, test.out, amount)
			require.NoError(t, err)
			require.Equal(t, [4]uint64{test.in, test.value, test.fee, test.o},
				[4]uint64{got.In, got.InValue, got.Fee(), got.Out},
				"%s for %s, exact out %t", test.inp, test.out, test.exactOut)
			require.Zero(t, got.ProtocolFee)
			require.Equal(t, uint64(50_000_000_000_000), got.LPSupply)
		}
	}
}

// TestInfinityState_V2LPSnapshots checks the quotes of the same tests for INF.
// Their slot is not stated. Only slots 16 to 22 after the last release agree
// with all of them.
func TestInfinityState_V2LPSnapshots(t *testing.T) {
	snapshots := []struct {
		inp, out   solana.PublicKey
		in, fee, o uint64
	}{
		{wsolMint, infMint, 1_000_000_000, 15_000_000, 441_944_258},
		{jupsolMint, infMint, 1_000_000_000, 10_019_760, 495_016_555},
		{stsolMint, infMint, 1_000_000_000, 20_610_895, 534_727_735},
		{msolMint, infMint, 1_000_000_000, 16_866_666, 574_558_571},
		{infMint, wsolMint, 1_000_000_000, 33_431_819, 2_195_356_048},
		{infMint, jupsolMint, 1_000_000_000, 15_601_516, 1_987_939_573},
		{infMint, stsolMint, 6969, 265, 12_592},
		{infMint, msolMint, 369, 11, 623},
	}

	for slot := range uint64(40) {
		agree := 0
		for _, s := range snapshots {
			got, err := dumpedV2(slot).Swap(s.inp, s.out, s.in)
			require.NoError(t, err)
			if got.Fee() == s.fee && got.Out == s.o {
				agree++
			}
		}

		if slot >= 16 && slot <= 22 {
			require.Equal(t, len(snapshots), agree, "slot %d", slot)
		} else {
			require.Less(t, agree, len(snapshots), "slot %d", slot)
		}
	}
}

// TestInfinityState_V2ErrorSnapshots checks the refusals of the same tests.
func TestInfinityState_V2ErrorSnapshots(t *testing.T) {
	i := dumpedV2(0)
	_, err := i.Swap(msolMint, infMint, 1)
	requireRefusal(t, err, quote.ErrAmountTooSmall, i.Address)
	_, err = i.Swap(infMint, stsolMint, 1_000_000_000_000_000_000)
	requireRefusal(t, err, quote.ErrInsufficientReserve, i.Address)
	require.ErrorContains(t, err,
		fmt.Sprintf("25028 base units of %s, 1807067290275056190 are needed", stsolMint))
}

// TestInfinityState_V2Worked checks worked examples with the same amounts, from
// an independent model of the program: the pool after the trade, and INF at
// several slots.
func TestInfinityState_V2Worked(t *testing.T) {
	t.Run("1 wSOL for jupSOL in slot 10", func(t *testing.T) {
		got, err := dumpedV2(10).Swap(wsolMint, jupsolMint, sol)
		require.NoError(t, err)
		pool := dumpedPoolV2()
		pool.TotalSOLValue = 111_988_279_354_662
		pool.WithheldLamports = 548_886_021_802
		pool.ProtocolFeeLamports = 4333
		pool.LastReleaseSlot = 10
		require.Equal(t, quote.InfinityTrade{
			In:       sol,
			Out:      895_530_443,
			InValue:  sol,
			OutValue: 997_000_000,
			Pool:     pool,
			LPSupply: 50_000_000_000_000,
			LSTs: []quote.SyncedLST{{Mint: wsolMint, SOLValue: 13_415_450_670_097},
				{Mint: jupsolMint, SOLValue: 98_572_828_639_570}},
		}, got)

		due, err := quote.LPDue(got.Pool)
		require.NoError(t, err)
		require.Equal(t, uint64(111_439_393_328_527), due)
	})

	for _, test := range []struct {
		name               string
		slot               uint64
		exactOut           bool
		inp, out           solana.PublicKey
		in, value, fee, to uint64
	}{
		{"stSOL for exactly 1 jupSOL", 0, true, stsolMint, jupsolMint, 922_876_943, 1_118_901_157,
			5_594_506, sol},
		// Rounded down it would be 495,016,554. Some amounts have exactly this
		// value, and the program uses the smallest of them.
		{"1 jupSOL for INF", 0, false, jupsolMint, infMint, sol, 1_113_306_651, 10_019_760,
			495_016_555},
		// No amount has this value, and the program uses the amount below.
		{"1 stSOL for INF", 0, false, stsolMint, infMint, sol, 1_212_405_583, 20_610_895,
			534_727_735},
		{"1 INF for wSOL in slot 0", 0, false, infMint, wsolMint, sol, 2_228_787_865, 33_431_818,
			2_195_356_047},
		{"1 INF for wSOL in slot 10", 10, false, infMint, wsolMint, sol, 2_228_787_866, 33_431_818,
			2_195_356_048},
		{"INF for exactly 1 wSOL in slot 0", 0, true, infMint, wsolMint, 455_506_979, 1_015_228_427,
			15_228_427, sol},
		{"INF for exactly 1 wSOL in slot 10", 10, true, infMint, wsolMint, 455_506_979,
			1_015_228_427,
			15_228_427, sol},
		{"wSOL for exactly 1 INF in slot 0", 0, true, wsolMint, infMint, 2_262_728_797,
			2_262_728_797,
			33_940_932, sol},
		{"wSOL for exactly 1 INF in slot 10", 10, true, wsolMint, infMint, 2_262_728_798,
			2_262_728_798, 33_940_932, sol},
	} {
		t.Run(test.name, func(t *testing.T) {
			amount := test.in
			if test.exactOut {
				amount = test.to
			}

			i := dumpedV2(test.slot)
			got, err := swapBy(i, test.exactOut, test.inp, test.out, amount)
			require.NoError(t, err)
			require.Equal(t, [4]uint64{test.in, test.value, test.fee, test.to},
				[4]uint64{got.In, got.InValue, got.Fee(), got.Out})
			switch infMint {
			case test.out:
				require.Equal(t, i.LPSupply+got.Out, got.LPSupply)
			case test.inp:
				require.Equal(t, i.LPSupply-got.In, got.LPSupply)
			default:
				require.Equal(t, i.LPSupply, got.LPSupply)
			}
		})
	}
}

// TestInfinityState_V1Worked checks trades with the pool of June 2025 and the
// flat-fee accounts of its dumps, from an independent model of the program.
func TestInfinityState_V1Worked(t *testing.T) {
	withSlab := func() quote.InfinityState {
		i := dumpedV1()
		i.Pricing = quote.FlatSlab{LPMint: infMint, Slab: dumpedSlab()}
		return i
	}

	for _, test := range []struct {
		name                         string
		pool                         func() quote.InfinityState
		inp, out                     solana.PublicKey
		value, fee, protocolFee, got uint64
		total, supply                uint64
	}{
		// The pool keeps the fee less the protocol's share, up to a lamport of
		// rounding.
		{"wSOL for jupSOL", dumpedV1, wsolMint, jupsolMint, sol, 900_000, 80_840, 897_416_715,
			741_676_030_733_161 + 810_001, 558_108_798_946_803},
		{"wSOL added", dumpedV1, wsolMint, infMint, sol, 0, 0, 752_496_744,
			741_676_030_733_161 + sol, 558_108_798_946_803 + 752_496_744},
		{
			"INF redeemed for jupSOL", dumpedV1, infMint, jupsolMint, 1_328_909_402, 2_657_819,
			238_732, 1_191_272_485,
			741_676_030_733_161 - 1_326_251_583 - 265_781, 558_108_798_946_803 - sol,
		},
		{
			"jupSOL added, priced by the slab", withSlab, jupsolMint, infMint, 1_113_306_651,
			10_019_760, 900_000, 830_219_794,
			741_676_030_733_161 + 1_113_306_651 - 1_001_976 + 1, 558_108_798_946_803 + 830_219_794,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := test.pool()
			got, err := i.Swap(test.inp, test.out, sol)
			require.NoError(t, err)
			require.Equal(t, [5]uint64{sol, test.value, test.fee, test.protocolFee, test.got},
				[5]uint64{got.In, got.InValue, got.Fee(), got.ProtocolFee, got.Out})
			require.Equal(t, test.supply, got.LPSupply)
			require.InDelta(t, float64(test.total), float64(got.Pool.TotalSOLValue), 2)
			want := i.Pool
			want.TotalSOLValue = got.Pool.TotalSOLValue
			require.Equal(t, want, got.Pool, "the other fields do not change")
		})
	}
}

// TestInfinityState_V1Recorded checks that 10^18 units of INF redeem
// 1,077,459,524,288,157,339 units of stSOL with the pool of June 2025 and the
// slab, as in a test in the history of igneous-labs/inf-1.5.
func TestInfinityState_V1Recorded(t *testing.T) {
	i := dumpedV1()
	value, err := fixed.MulDivFloor(1_000_000_000_000_000_000, i.Pool.TotalSOLValue, i.LPSupply)
	require.NoError(t, err)
	paid, err := quote.FlatSlab{LPMint: infMint, Slab: dumpedSlab()}.RedeemLP(stsolMint, value)
	require.NoError(t, err)
	out, err := stsolValue.SOLToLST(paid)
	require.NoError(t, err)
	require.Equal(t, uint64(1_077_459_524_288_157_339), out.Min)
}

// TestInfinityState_V1LargeExactOut checks that an output within the pool's
// holdings is found although twice its input is beyond them.
func TestInfinityState_V1LargeExactOut(t *testing.T) {
	i := dumpedV1()
	whole, err := i.Swap(infMint, wsolMint, 10_000*sol)
	require.NoError(t, err)
	require.Greater(t, 2*whole.Out, i.LSTs[wsolMint].Reserves)
	back, err := i.SwapExactOut(infMint, wsolMint, whole.Out)
	require.NoError(t, err)
	require.Equal(t, whole, back)
	_, err = i.SwapExactOut(infMint, wsolMint, i.LSTs[wsolMint].Reserves)
	requireRefusal(t, err, quote.ErrInsufficientReserve, i.Address)

	// 902 of 1000 LP tokens, each worth a lamport: 2 are the fee, and 1 of
	// these is the protocol's share.
	few := dumpedV1()
	few.LPSupply, few.Pool.TotalSOLValue = 1000, 1000
	few.LSTs = map[solana.PublicKey]quote.InfinityLST{
		wsolMint: {State: accounts.LSTState{Mint: wsolMint, SOLValue: 1000}, Reserves: 1000,
			Value: quote.WrappedSOLValue{}},
	}

	part, err := few.SwapExactOut(infMint, wsolMint, 900)
	require.NoError(t, err)
	require.Equal(t, [3]uint64{902, 900, 1}, [3]uint64{part.In, part.Out, part.ProtocolFee})
}

// TestInfinityState_INFPrice checks a price table of INF from an independent
// model, with a dump of mainnet and 500 SOL of withheld yield. The first row is
// the dump without withheld yield.
func TestInfinityState_INFPrice(t *testing.T) {
	const supply = 1_326_564_128_628_877
	mainnet := accounts.PoolState{
		Version:             2,
		TotalSOLValue:       1_927_108_332_768_803,
		ProtocolFeeNanos:    50_000_000,
		RPS:                 39_328_803_111_936,
		ProtocolFeeLamports: 316_710_775_916,
		LPTokenMint:         infMint,
	}

	noFees := quote.FlatSlab{LPMint: infMint,
		Slab: slabOf(accounts.FlatSlabEntry{Mint: wsolMint}, accounts.FlatSlabEntry{Mint: infMint})}
	for _, test := range []struct {
		assumed, slot           uint64
		withheld, protocol, due uint64
		lamports, inf           uint64
	}{
		{0, 0, 0, 316_710_775_916, 1_926_791_621_992_887, 1_452_467_755, 688_483_443},
		{500 * sol, 0, 500_000_000_000, 316_710_775_916, 1_926_291_621_992_887, 1_452_090_841,
			688_662_150},
		{500 * sol, 1, 499_997_867_982, 316_710_882_517, 1_926_291_624_018_304, 1_452_090_843,
			688_662_149},
		{500 * sol, 75, 499_840_123_824, 316_718_769_725, 1_926_291_773_875_254, 1_452_090_956,
			688_662_095},
		{500 * sol, 150, 499_680_298_768, 316_726_760_978, 1_926_291_925_709_057, 1_452_091_070,
			688_662_041},
		{500 * sol, 1000, 497_872_515_835, 316_817_150_125, 1_926_293_643_102_843, 1_452_092_365,
			688_661_427},
		{500 * sol, 162_556, 250_000_210_705, 329_210_765_381, 1_926_529_121_792_717, 1_452_269_875,
			688_577_252},
		{500 * sol, 432_000, 79_244_659_622, 337_748_542_935, 1_926_691_339_566_246, 1_452_392_159,
			688_519_277},
	} {
		t.Run(fmt.Sprintf("%d withheld, slot %d", test.assumed, test.slot), func(t *testing.T) {
			pool := mainnet
			pool.WithheldLamports = test.assumed
			released, err := quote.ReleaseYield(pool, test.slot)
			require.NoError(t, err)
			require.Equal(t, [2]uint64{test.withheld, test.protocol},
				[2]uint64{released.WithheldLamports, released.ProtocolFeeLamports})
			due, err := quote.LPDue(released)
			require.NoError(t, err)
			require.Equal(t, test.due, due)

			i := quote.InfinityState{
				Address:  key(1),
				Pool:     pool,
				LPSupply: supply,
				Pricing:  noFees,
				Slot:     test.slot,
				LSTs: map[solana.PublicKey]quote.InfinityLST{
					wsolMint: {State: accounts.LSTState{Mint: wsolMint, SOLValue: 1000 * sol},
						Reserves: 1000 * sol, Value: quote.WrappedSOLValue{}},
				},
			}

			out, err := i.Swap(infMint, wsolMint, sol)
			require.NoError(t, err)
			require.Equal(t, test.lamports, out.Out)
			in, err := i.Swap(wsolMint, infMint, sol)
			require.NoError(t, err)
			require.Equal(t, test.inf, in.Out)
		})
	}
}
