package quote_test

import (
	"errors"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestInfinityRebalance_Snapshots checks the amounts that the tests of
// igneous-labs/inf-1.5 (ts/tests/test/rebalance) bring back in simulated
// transactions. They are the smallest that the program accepts.
func TestInfinityRebalance_Snapshots(t *testing.T) {
	for _, test := range []struct {
		out, inp            solana.PublicKey
		amount, value, back uint64
	}{
		{jupsolMint, wsolMint, 1_000_000_000, 1_113_306_652, 1_113_306_652},
		{msolMint, wsolMint, 7698, 9988, 9988},
		{stsolMint, wsolMint, 6969, 8450, 8450},
		{wsolMint, jupsolMint, 1_000_000_000, 1_000_000_000, 898_225_119},
		{msolMint, jupsolMint, 7698, 9988, 8971},
		{stsolMint, jupsolMint, 6969, 8450, 7589},
		{wsolMint, stsolMint, 1_000_000_000, 1_000_000_000, 824_806_496},
		{jupsolMint, stsolMint, 1_000_000_000, 1_113_306_652, 918_262_558},
		{msolMint, stsolMint, 6969, 9042, 7458},
		{wsolMint, msolMint, 1_000_000_000, 1_000_000_000, 770_751_023},
		{jupsolMint, msolMint, 1_000_000_000, 1_113_306_652, 858_082_241},
		{stsolMint, msolMint, 6969, 8450, 6514},
	} {
		for _, i := range []quote.InfinityState{dumpedV1(), dumpedV2(0), dumpedV2(432_000)} {
			r, err := i.StartRebalance(test.out, test.inp, test.amount)
			require.NoError(t, err)
			require.Equal(t, test.value, r.OutValue, "%s for %s", test.out, test.inp)
			least, err := r.Required(nil)
			require.NoError(t, err)
			require.Equal(t, test.back, least, "%s for %s", test.out, test.inp)
		}
	}
}

// TestInfinityRebalance_Books follows a rebalance of version 2 by hand: jupSOL
// of 1.113306652 SOL leaves, and 1.2 SOL comes back. The total is that of the
// dump with all four values renewed; jupSOL's recorded value is behind by
// 547.883064440 SOL, which is withheld at the start.
func TestInfinityRebalance_Books(t *testing.T) {
	i := dumpedV2(0)
	r, err := i.StartRebalance(jupsolMint, wsolMint, sol)
	require.NoError(t, err)
	require.Equal(t, uint64(88_541_486_281_106), r.OutReserves)
	require.Equal(t, uint64(13_414_450_670_097), r.InpReserves)
	require.Equal(t, uint64(111_440_393_290_220+547_883_064_440), r.TotalBefore)
	require.True(t, r.Pool.IsRebalancing)
	require.Equal(t, r.TotalBefore-1_113_306_652, r.Pool.TotalSOLValue)
	require.Equal(t, uint64(999_999_999+547_883_064_440), r.Pool.WithheldLamports)

	ended, err := r.End(uint64(1_200_000_000), nil)
	require.NoError(t, err)
	require.Equal(t, uint64(1_200_000_000-1_113_306_652), ended.Gain)
	require.False(t, ended.Pool.IsRebalancing)
	require.Equal(t, r.TotalBefore+ended.Gain, ended.Pool.TotalSOLValue)
	require.Equal(t, r.Pool.WithheldLamports+ended.Gain, ended.Pool.WithheldLamports)
	require.Equal(t, uint64(69), ended.Pool.ProtocolFeeLamports)
	require.Equal(t, []quote.SyncedLST{
		{Mint: wsolMint, SOLValue: 13_414_450_670_097 + 1_200_000_000},
		{Mint: jupsolMint, SOLValue: 98_573_825_639_568 - 1_113_306_652},
	}, ended.LSTs)

	_, err = r.End(1_113_306_651, nil)
	require.ErrorIs(t, err, quote.ErrNoProfit)
	require.ErrorContains(t, err, "the pool would lose value: 1 lamports")
}

func TestInfinityState_StartRebalance_Refusals(t *testing.T) {
	for _, test := range []struct {
		name     string
		out, inp solana.PublicKey
		amount   uint64
		change   func(*quote.InfinityState)
		want     error
	}{
		{"zero", wsolMint, jupsolMint, 0, nil, quote.ErrZeroAmount},
		{"the same token", wsolMint, wsolMint, 1, nil, quote.ErrDisabled},
		{"the LP token", infMint, wsolMint, 1, nil, quote.ErrUnlisted},
		{"not listed", wsolMint, solana.PublicKey{1}, 1, nil, quote.ErrUnlisted},
		{"more than the reserves", stsolMint, wsolMint, 25_029, nil, quote.ErrInsufficientReserve},
		{"disabled", wsolMint, jupsolMint, 1,
			func(i *quote.InfinityState) { i.Pool.IsDisabled = true }, quote.ErrDisabled},
		{"in a rebalance", wsolMint, jupsolMint, 1,
			func(i *quote.InfinityState) { i.Pool.IsRebalancing = true }, quote.ErrRebalancing},
		{"input disabled", wsolMint, jupsolMint, 1, func(i *quote.InfinityState) {
			lst := i.LSTs[jupsolMint]
			lst.State.IsInputDisabled = true
			i.LSTs[jupsolMint] = lst
		}, quote.ErrInputDisabled},
		{"stale", jupsolMint, wsolMint, 1, func(i *quote.InfinityState) {
			lst := i.LSTs[jupsolMint]
			lst.Value, lst.Unavailable = nil, quote.ErrStalePool
			i.LSTs[jupsolMint] = lst
		}, quote.ErrStalePool},
		{"time went backwards", wsolMint, jupsolMint, 1,
			func(i *quote.InfinityState) { i.Pool.LastReleaseSlot = 1 }, quote.ErrSlot},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := dumpedV2(0)
			if test.change != nil {
				test.change(&i)
			}

			_, err := i.StartRebalance(test.out, test.inp, test.amount)
			require.ErrorIs(t, err, test.want)
			var named *quote.Error
			require.ErrorAs(t, err, &named)
			require.Equal(t, "rebalance", named.Op)
			require.Equal(t, i.Address, named.Pool)
		})
	}
}

// TestInfinityState_StartRebalance_UnknownPricing rebalances a pool that cannot
// trade: the pricing program has no part in it.
func TestInfinityState_StartRebalance_UnknownPricing(t *testing.T) {
	i := dumpedV2(0)
	i.Pricing, i.PricingErr = nil, quote.ErrUnknownPricing
	_, err := i.StartRebalance(wsolMint, jupsolMint, sol)
	require.NoError(t, err)
}

func TestInfinityRebalance_Zero(t *testing.T) {
	var r quote.InfinityRebalance
	_, err := r.Required(quote.WrappedSOLValue{})
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = r.End(1, quote.WrappedSOLValue{})
	require.ErrorIs(t, err, accounts.ErrNil)
}

// TestInfinityRebalance_Edge rebalances random pools of both versions. The
// required amount ends without a loss and one base unit less does not, also
// after a deposit into the stake pool of the returned LST. The pool's total is
// the sum of the recorded values at each step.
func TestInfinityRebalance_Edge(t *testing.T) {
	forInfinities(t, func(t *rapid.T, i quote.InfinityState, inp, out solana.PublicKey,
		count func(),
	) {
		r, err := i.StartRebalance(out, inp, rapid.Uint64Range(1, held(i, out)).Draw(t, "amount"))
		lp := i.Pool.LPTokenMint
		if inp == lp || out == lp || i.LSTs[out].Reserves == 0 {
			require.Error(t, err)
			return
		}

		require.NoError(t, err)
		sumsUp(t, i, r.Pool, r.LSTs)

		value := i.LSTs[inp].Value
		if pool, ok := value.(quote.StakePoolValue); ok {
			// A deposit leaves its fee in the pool.
			pool.TotalLamports += rapid.Uint64Range(0, 1000).Draw(t, "fee")
			value = pool
		}

		least, err := r.Required(value)
		if errors.Is(err, quote.ErrAmountTooLarge) {
			return
		}

		require.NoError(t, err)
		ended, err := r.End(least, value)
		require.NoError(t, err)
		sumsUp(t, i, ended.Pool, ended.LSTs)
		require.Equal(t, r.TotalBefore+ended.Gain, ended.Pool.TotalSOLValue)
		if least == 0 {
			return
		}

		_, err = r.End(least-1, value)
		require.ErrorIs(t, err, quote.ErrNoProfit)
		count()
	})
}

// sumsUp checks that a pool's total is the sum of the values of its tokens.
func sumsUp(
	t require.TestingT,
	before quote.InfinityState,
	pool accounts.PoolState,
	changed []quote.SyncedLST,
) {
	values := make(map[solana.PublicKey]uint64)
	for mint, lst := range before.LSTs {
		values[mint] = lst.State.SOLValue
	}

	for _, lst := range changed {
		values[lst.Mint] = lst.SOLValue
	}

	total := uint64(0)
	for _, value := range values {
		total += value
	}

	require.Equal(t, total, pool.TotalSOLValue)
}
