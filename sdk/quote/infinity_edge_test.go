package quote_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// simple returns a pool of wrapped SOL and a token at one lamport per unit,
// with 1000 units of each and without fees.
func simple(version uint8) quote.InfinityState {
	lst := func(mint solana.PublicKey) quote.InfinityLST {
		return quote.InfinityLST{State: accounts.LSTState{Mint: mint, SOLValue: 1000},
			Reserves: 1000, Value: quote.WrappedSOLValue{}}
	}

	return quote.InfinityState{
		Address:  key(9),
		LPSupply: 1000,
		Pricing: quote.FlatSlab{
			LPMint: infMint,
			Slab: slabOf(
				accounts.FlatSlabEntry{Mint: wsolMint}, accounts.FlatSlabEntry{Mint: key(1)},
				accounts.FlatSlabEntry{Mint: infMint},
			),
		},
		Pool: accounts.PoolState{
			Version:       version,
			TotalSOLValue: 2000,
			LPTokenMint:   infMint,
			RPS:           9_223_372,
		},
		LSTs: map[solana.PublicKey]quote.InfinityLST{wsolMint: lst(wsolMint), key(1): lst(key(1))},
	}
}

// TestInfinityState_NoLPSupply checks the first deposit of liquidity. In
// version 1 the LP tokens then represent the whole pool, in version 2 one
// lamport each.
func TestInfinityState_NoLPSupply(t *testing.T) {
	for _, test := range []struct {
		name          string
		version       uint8
		supply, total uint64
		minted        uint64
	}{
		{"version 1", 1, 0, 2000, 2000 + 50},
		{"version 1, nothing there", 1, 0, 0, 50},
		{"version 1, supply of nothing", 1, 1000, 0, 50},
		{"version 1, usual", 1, 1000, 2000, 25},
		{"version 2", 2, 0, 2000, 50},
		{"version 2, nothing there", 2, 0, 0, 50},
		{"version 2, usual", 2, 1000, 2000, 25},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := simple(test.version)
			i.LPSupply, i.Pool.TotalSOLValue = test.supply, test.total
			if test.total == 0 {
				for mint := range i.LSTs {
					changeLST(mint,
						func(l *quote.InfinityLST) { l.Reserves, l.State.SOLValue = 0, 0 })(&i)
				}
			}

			got, err := i.Swap(wsolMint, infMint, 50)
			require.NoError(t, err)
			require.Equal(t, test.minted, got.Out)
			require.Equal(t, test.supply+test.minted, got.LPSupply)
			require.Equal(t, test.total+50, got.Pool.TotalSOLValue)
			if test.supply == 0 {
				_, err = i.Swap(infMint, wsolMint, 1)
				require.Error(t, err)
				_, err = i.SwapExactOut(infMint, wsolMint, 1)
				require.Error(t, err)
			}
		})
	}

	// LP tokens without value count as a lamport each, which is more than they
	// are worth after the deposit.
	worthless := simple(2)
	worthless.Pool.TotalSOLValue = 0
	for mint := range worthless.LSTs {
		changeLST(mint, func(l *quote.InfinityLST) {
			l.Reserves, l.State.SOLValue = 0, 0
		})(&worthless)
	}

	_, err := worthless.Swap(wsolMint, infMint, 50)
	requireRefusal(t, err, quote.ErrNoProfit, worthless.Address)

	// The whole deposit can be withdrawn.
	for _, version := range []uint8{1, 2} {
		i := simple(version)
		i.LPSupply = 1000
		i.Pool.TotalSOLValue = 1000
		delete(i.LSTs, key(1))
		got, err := i.Swap(infMint, wsolMint, 1000)
		require.NoError(t, err)
		require.Equal(t, uint64(1000), got.Out)
		require.Zero(t, got.LPSupply)
		require.Zero(t, got.Pool.TotalSOLValue)
		_, err = i.Swap(infMint, wsolMint, 1001)
		require.Error(t, err)
	}
}

// TestInfinityState_V2Losses checks that a loss found by a trade reduces the
// withheld yield, then the protocol's share, then the value of LP tokens. A
// gain is withheld.
func TestInfinityState_V2Losses(t *testing.T) {
	for _, test := range []struct {
		name                     string
		recorded                 uint64
		withheld, protocol       uint64
		thenWithheld, thenFee    uint64
		dueBefore, dueAfter      uint64
		infFor100, infForHundred uint64
	}{
		{"none", 1000, 60, 40, 60, 40, 1900, 1900, 53, 53},
		{"gain", 900, 60, 40, 160, 40, 1800, 1800, 56, 56},
		{"covered by what is withheld", 1050, 60, 40, 10, 40, 1950, 1950, 51, 52},
		{"covered by both", 1080, 60, 40, 0, 20, 1980, 1980, 51, 51},
		{"not covered", 1150, 60, 40, 0, 0, 2050, 2000, 50, 50},
		{"far from covered", 1500, 60, 40, 0, 0, 2400, 2000, 50, 50},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := simple(2)
			changeLST(wsolMint, func(l *quote.InfinityLST) { l.State.SOLValue = test.recorded })(&i)
			i.Pool.TotalSOLValue = 1000 + test.recorded
			i.Pool.WithheldLamports, i.Pool.ProtocolFeeLamports = test.withheld, test.protocol
			due, err := quote.LPDue(i.Pool)
			require.NoError(t, err)
			require.Equal(t, test.dueBefore, due)
			got, err := i.Swap(wsolMint, key(1), 10)
			require.NoError(t, err)
			want := i.Pool
			want.TotalSOLValue = 2000
			want.WithheldLamports = test.thenWithheld
			want.ProtocolFeeLamports = test.thenFee
			require.Equal(t, want, got.Pool)
			due, err = quote.LPDue(got.Pool)
			require.NoError(t, err)
			require.Equal(t, test.dueAfter, due)

			// The price of the LP token is that after the loss: 100 of 1000
			// tokens, which are worth the holders' share.
			mint, err := i.Swap(wsolMint, infMint, 100)
			require.NoError(t, err)
			require.Equal(t, test.infFor100, mint.Out)
			burn, err := i.SwapExactOut(infMint, wsolMint, 100)
			require.NoError(t, err)
			require.Equal(t, test.infForHundred, burn.In)
		})
	}
}

// TestInfinityState_SwapChangesNothing checks that a quote does not change the
// state.
func TestInfinityState_SwapChangesNothing(t *testing.T) {
	for _, make := range []func() quote.InfinityState{dumpedV1,
		func() quote.InfinityState { return dumpedV2(10) }} {
		i := make()
		for _, p := range []pair{{wsolMint, jupsolMint, sol}, {wsolMint, infMint, sol},
			{infMint, jupsolMint, sol}} {
			for _, exactOut := range []bool{false, true} {
				first, err := swapBy(i, exactOut, p.inp, p.out, p.amount)
				require.NoError(t, err)
				second, err := swapBy(i, exactOut, p.inp, p.out, p.amount)
				require.NoError(t, err)
				require.Equal(t, first, second)
			}
		}

		require.Equal(t, make(), i)
	}
}

// TestInfinityState_V1Rebate checks that version 1 accepts a rebate that
// rounding compensates. Such a trade has no fee and no protocol share.
func TestInfinityState_V1Rebate(t *testing.T) {
	i := dumpedV1()
	i.LSTs[wsolMint] = quote.InfinityLST{State: accounts.LSTState{Mint: wsolMint, SOLValue: sol},
		Reserves: sol, Value: quote.WrappedSOLValue{}}
	i.LSTs[key(1)] = quote.InfinityLST{
		State:    accounts.LSTState{Mint: key(1), SOLValue: 3 * sol},
		Reserves: sol,
		Value:    quote.StakePoolValue{TotalLamports: 3, PoolTokenSupply: 1},
	}

	i.Pricing = quote.FlatFee{
		Fees: map[solana.PublicKey]accounts.FlatFeeAccount{wsolMint: {InputFeeBps: -1},
			key(1): {}},
	}

	got, err := i.Swap(wsolMint, key(1), 10_000)
	require.NoError(t, err)
	require.Equal(t, [3]uint64{10_000, 10_001, 3333}, [3]uint64{got.InValue, got.OutValue, got.Out})
	require.Zero(t, got.Fee())
	require.Zero(t, got.ProtocolFee)
	_, err = i.Swap(wsolMint, key(1), 20_000_000)
	require.ErrorIs(t, err, quote.ErrNoProfit, "a larger rebate costs the pool value")
}
