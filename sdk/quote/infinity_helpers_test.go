package quote_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// The four LSTs of the dumps in igneous-labs/inf-1.5, test-fixtures, and the LP
// token.
var (
	wsolMint   = accounts.NativeMint
	msolMint   = accounts.MSOLMint
	stsolMint  = accounts.StSOLMint
	jupsolMint = solana.MPK("jupSoLaHXQiZZTSfEWMTRRgpnyFm8f6sZdosWBjx93v")
	infMint    = accounts.INFMint
)

// The calculators of the dumps: jupSOL's pool, Lido's exchange rate of epoch
// 796, and Marinade's value from five fields.
var (
	jupsolValue = quote.StakePoolValue{
		TotalLamports:   5_279_156_915_932_922,
		PoolTokenSupply: 4_737_129_478_525_448,
		WithdrawalFee:   accounts.Fee{Numerator: 1, Denominator: 1000},
	}
	stsolValue = quote.LidoValue{SOLBalance: 56_648_084_623_878, StSOLSupply: 46_723_708_142_967}
	msolValue  = quote.MarinadeValue{Lamports: 4_815_739_580_982_043, Supply: 3_708_024_471_418_784,
		FeeCents: 1000}
)

// dumpedLSTs are the holdings of the dumps with their recorded values.
func dumpedLSTs() map[solana.PublicKey]quote.InfinityLST {
	lst := func(
		index uint32,
		mint solana.PublicKey,
		recorded, reserves uint64,
		value quote.SOLValueCalculator,
	) quote.InfinityLST {
		return quote.InfinityLST{
			Index:    index,
			State:    accounts.LSTState{Mint: mint, SOLValue: recorded},
			Reserves: reserves,
			Value:    value,
		}
	}

	return map[solana.PublicKey]quote.InfinityLST{
		wsolMint: lst(0, wsolMint, 13_414_450_670_097, 13_414_450_670_097,
			quote.WrappedSOLValue{}),
		stsolMint:  lst(1, stsolMint, 30_344, 25_028, stsolValue),
		msolMint:   lst(2, msolMint, 14_651, 11_292, msolValue),
		jupsolMint: lst(3, jupsolMint, 98_025_942_575_128, 88_541_486_281_106, jupsolValue),
	}
}

// dumpedSlab has the fees of the dump in billionths. The authors of the dump
// chose them.
func dumpedSlab() *accounts.FlatSlab {
	return slabOf(
		accounts.FlatSlabEntry{Mint: wsolMint, InpFeeNanos: 5_000_000, OutFeeNanos: 6_000_000},
		accounts.FlatSlabEntry{Mint: jupsolMint, InpFeeNanos: -1_000_000, OutFeeNanos: -2_000_000},
		accounts.FlatSlabEntry{Mint: msolMint, InpFeeNanos: 3_000_000, OutFeeNanos: 4_000_000},
		accounts.FlatSlabEntry{Mint: infMint, InpFeeNanos: 9_000_000, OutFeeNanos: 10_000_000},
		accounts.FlatSlabEntry{Mint: stsolMint, InpFeeNanos: 7_000_000, OutFeeNanos: 8_000_000},
	)
}

func slabOf(entries ...accounts.FlatSlabEntry) *accounts.FlatSlab {
	slices.SortFunc(entries,
		func(a, b accounts.FlatSlabEntry) int { return accounts.CompareKeys(a.Mint, b.Mint) })
	return &accounts.FlatSlab{Entries: entries}
}

// dumpedFees are the flat-fee accounts of the dumps, in basis points.
func dumpedFees() map[solana.PublicKey]accounts.FlatFeeAccount {
	return map[solana.PublicKey]accounts.FlatFeeAccount{
		wsolMint:   {InputFeeBps: 1, OutputFeeBps: 12},
		msolMint:   {InputFeeBps: 20, OutputFeeBps: 8},
		jupsolMint: {InputFeeBps: 4, OutputFeeBps: 8},
		stsolMint:  {InputFeeBps: 0, OutputFeeBps: 1},
	}
}

// dumpedPoolV2 is the pool state of the official tests of version 2.
func dumpedPoolV2() accounts.PoolState {
	return accounts.PoolState{
		Version:             accounts.PoolStateV2,
		TotalSOLValue:       111_440_393_290_220,
		ProtocolFeeNanos:    100_000_000,
		RPS:                 39_328_803_111_936,
		WithheldLamports:    999_999_999,
		ProtocolFeeLamports: 69,
		PricingProgram:      accounts.FlatSlabProgram,
		LPTokenMint:         infMint,
	}
}

// dumpedV2 returns Infinity in version 2 from the official tests. Its last
// release of yield was in slot 0.
func dumpedV2(slot uint64) quote.InfinityState {
	return quote.InfinityState{
		Address:  accounts.InfinityProgram,
		Pool:     dumpedPoolV2(),
		LSTs:     dumpedLSTs(),
		LPSupply: 50_000_000_000_000,
		Pricing:  quote.FlatSlab{LPMint: infMint, Slab: dumpedSlab()},
		Slot:     slot,
	}
}

// dumpedV1 returns Infinity as of June 2025, with the four synchronized LSTs of
// the dumps.
func dumpedV1() quote.InfinityState {
	i := quote.InfinityState{
		Address: accounts.InfinityProgram,
		Pool: accounts.PoolState{
			Version:               accounts.PoolStateV1,
			TotalSOLValue:         741_676_030_733_161,
			TradingProtocolFeeBps: 1000,
			LPProtocolFeeBps:      1000,
			PricingProgram:        accounts.FlatFeeProgram,
			LPTokenMint:           infMint,
		},
		LSTs:     dumpedLSTs(),
		LPSupply: 558_108_798_946_803,
		Pricing: quote.FlatFee{LPMint: infMint,
			State: accounts.FlatFeeState{LPWithdrawalFeeBps: 20}, Fees: dumpedFees()},
	}

	for mint, lst := range i.LSTs {
		value, err := lst.Value.LSTToSOL(lst.Reserves)
		if err != nil {
			panic(err)
		}

		lst.State.SOLValue = value.Min
		i.LSTs[mint] = lst
	}

	return i
}

// variant is a kind of random pool.
type variant struct {
	version uint8
	pricing solana.PublicKey
}

// variants returns both versions with both pricing programs.
func variants() map[string]variant {
	return map[string]variant{
		"version 1, flat-fee": {accounts.PoolStateV1, accounts.FlatFeeProgram},
		"version 1, flatslab": {accounts.PoolStateV1, accounts.FlatSlabProgram},
		"version 2, flat-fee": {accounts.PoolStateV2, accounts.FlatFeeProgram},
		"version 2, flatslab": {accounts.PoolStateV2, accounts.FlatSlabProgram},
	}
}

const drawnSlot = 345_600_000

// drawInfinity returns a random pool with LSTs of all calculators, some slots
// after the random state.
func drawInfinity(t *rapid.T, v variant) quote.InfinityState {
	chain := figures.Chain{Clock: accounts.Clock{Epoch: epoch, Slot: drawnSlot},
		Rent: accounts.NewRent(5080), MinimumDelegation: 1}
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
	pools, err := figures.RandomStakePools(rng, chain)
	require.NoError(t, err)
	o := figures.InfinityOptions{
		Program:    accounts.InfinityProgram,
		Version:    v.version,
		Pricing:    v.pricing,
		StakePools: pools,
		Slot:       drawnSlot,
	}

	f, err := figures.RandomInfinity(rng, chain, o)
	if errors.Is(err, quote.ErrAmountTooLarge) {
		t.Skip("one token is worth so much that the pool's holdings of it are beyond 64 bits")
	}

	require.NoError(t, err)
	for at := range f.Holdings {
		// A disabled input does not change the value of an LST.
		f.Holdings[at].Entry.IsInputDisabled = false
	}

	return f.Quote(chain, drawnSlot+rapid.Uint64Range(0, 1000).Draw(t, "slots ahead"),
		figures.States(pools))
}

// drawPair returns two different tokens. One may be the LP token.
func drawPair(t *rapid.T, i quote.InfinityState) (inp, out solana.PublicKey) {
	mints := append(sortedMints(i), i.Pool.LPTokenMint)
	at := rapid.IntRange(0, len(mints)-1).Draw(t, "input")
	inp = mints[at]
	others := slices.Delete(mints, at, at+1)
	return inp, rapid.SampledFrom(others).Draw(t, "output")
}

func sortedMints(i quote.InfinityState) []solana.PublicKey {
	return slices.SortedFunc(maps.Keys(i.LSTs), accounts.CompareKeys)
}

// held returns the maximum amount of a token in a trade.
func held(i quote.InfinityState, mint solana.PublicKey) uint64 {
	if mint == i.Pool.LPTokenMint {
		return max(1, i.LPSupply)
	}
	return max(1, i.LSTs[mint].Reserves)
}

// forInfinities checks a property of random trades with random pools of every
// kind.
func forInfinities(
	t *testing.T,
	property func(t *rapid.T, i quote.InfinityState, inp, out solana.PublicKey, count func()),
) {
	for name, v := range variants() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkEnough(t, func(t *rapid.T, count func()) {
				i := drawInfinity(t, v)
				inp, out := drawPair(t, i)
				property(t, i, inp, out, count)
			})
		})
	}
}

// after returns the pool after a trade.
func after(
	i quote.InfinityState,
	inp, out solana.PublicKey,
	t quote.InfinityTrade,
) quote.InfinityState {
	i.Pool, i.LPSupply = t.Pool, t.LPSupply
	i.LSTs = maps.Clone(i.LSTs)
	for _, s := range t.LSTs {
		lst := i.LSTs[s.Mint]
		lst.State.SOLValue = s.SOLValue
		i.LSTs[s.Mint] = lst
	}

	inpFee, outFee := uint64(0), t.ProtocolFee
	if out == i.Pool.LPTokenMint {
		inpFee, outFee = t.ProtocolFee, 0
	}

	if lst, ok := i.LSTs[inp]; ok {
		lst.Reserves += t.In - inpFee
		i.LSTs[inp] = lst
	}

	if lst, ok := i.LSTs[out]; ok {
		lst.Reserves -= t.Out + outFee
		i.LSTs[out] = lst
	}

	return i
}
