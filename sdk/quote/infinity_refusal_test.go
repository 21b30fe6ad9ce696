package quote_test

import (
	"errors"
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// pair is a trade.
type pair struct {
	inp, out solana.PublicKey
	amount   uint64
}

// changeLST changes one LST of a pool.
func changeLST(mint solana.PublicKey, change func(*quote.InfinityLST)) func(*quote.InfinityState) {
	return func(i *quote.InfinityState) {
		lst := i.LSTs[mint]
		change(&lst)
		i.LSTs[mint] = lst
	}
}

// infinityRefusalCase is a case of [TestInfinityState_Refusals].
type infinityRefusalCase struct {
	name   string
	change func(*quote.InfinityState)
	pairs  []pair
	want   error
	text   string
}

// infinityRefusalCases returns the cases of [TestInfinityState_Refusals].
func infinityRefusalCases() []infinityRefusalCase {
	every := []pair{{wsolMint, jupsolMint, sol}, {jupsolMint, wsolMint, sol},
		{wsolMint, infMint, sol}, {infMint, jupsolMint, sol}}
	with := func(mints ...solana.PublicKey) (all []pair) {
		for _, p := range every {
			for _, m := range mints {
				if p.inp == m || p.out == m {
					all = append(all, p)
				}
			}
		}

		return all
	}

	outOfOrder := errors.New("the pool is out of order")
	sells := []pair{{jupsolMint, wsolMint, sol}, {jupsolMint, infMint, sol}}

	return []infinityRefusalCase{
		{"nothing", func(*quote.InfinityState) {},
			[]pair{{wsolMint, jupsolMint, 0}, {wsolMint, infMint, 0}, {infMint, wsolMint, 0}},
			quote.ErrZeroAmount, ""},
		{"rebalancing", func(i *quote.InfinityState) { i.Pool.IsRebalancing = true }, every,
			quote.ErrRebalancing, ""},
		{"disabled", func(i *quote.InfinityState) { i.Pool.IsDisabled = true }, every,
			quote.ErrDisabled, ""},
		{
			"rebalancing is told first",
			func(i *quote.InfinityState) { i.Pool.IsDisabled, i.Pool.IsRebalancing = true, true },
			every, quote.ErrRebalancing, "",
		},
		{
			"a token for itself", func(*quote.InfinityState) {},
			[]pair{{wsolMint, wsolMint, sol}, {infMint, infMint, sol}},
			quote.ErrDisabled, "tokens are the same",
		},
		{
			"input not taken",
			changeLST(jupsolMint, func(l *quote.InfinityLST) { l.State.IsInputDisabled = true }),
			sells, quote.ErrInputDisabled, jupsolMint.String(),
		},
		{"unlisted", func(i *quote.InfinityState) { delete(i.LSTs, jupsolMint) }, with(jupsolMint),
			quote.ErrUnlisted, jupsolMint.String()},
		{
			"an LST that cannot be valued",
			changeLST(jupsolMint,
				func(l *quote.InfinityLST) { l.Value, l.Unavailable = nil, outOfOrder }),
			with(jupsolMint), outOfOrder, jupsolMint.String(),
		},
		{
			"a stale stake pool", changeLST(jupsolMint, func(l *quote.InfinityLST) {
				l.Value = nil
				_, l.Unavailable = quote.NewStakePoolValue(
					&accounts.StakePool{LastUpdateEpoch: epoch - 1},
					accounts.Clock{Epoch: epoch},
				)
			}), with(jupsolMint), quote.ErrStalePool, "epoch 801, now epoch 802",
		},
		{
			"an unknown calculator",
			changeLST(jupsolMint,
				func(l *quote.InfinityLST) {
					l.Value, l.Unavailable = nil, quote.ErrUnknownCalculator
				}),
			with(jupsolMint), quote.ErrUnknownCalculator, "",
		},
		{
			"an outdated calculator",
			changeLST(jupsolMint,
				func(l *quote.InfinityLST) {
					l.Value, l.Unavailable = nil, quote.ErrOutdatedCalculator
				}),
			with(jupsolMint), quote.ErrOutdatedCalculator, "",
		},
		{
			"unknown pricing",
			func(i *quote.InfinityState) { i.Pricing, i.PricingErr = nil, quote.ErrUnknownPricing },
			every, quote.ErrUnknownPricing, "",
		},
		{
			"no fee for any token",
			func(i *quote.InfinityState) {
				i.Pricing = quote.FlatSlab{LPMint: infMint, Slab: &accounts.FlatSlab{}}
			},
			every, quote.ErrNoFee, "",
		},
		{
			"fees of more than all", func(i *quote.InfinityState) {
				i.Pricing = quote.FlatSlab{
					LPMint: infMint,
					Slab: slabOf(
						accounts.FlatSlabEntry{Mint: wsolMint, InpFeeNanos: sol, OutFeeNanos: sol},
						accounts.FlatSlabEntry{Mint: infMint, InpFeeNanos: sol, OutFeeNanos: sol},
						accounts.FlatSlabEntry{Mint: jupsolMint, InpFeeNanos: sol,
							OutFeeNanos: sol},
					),
				}
			}, every, quote.ErrFeeRange, "",
		},
		{
			"a net rebate of the slab", func(i *quote.InfinityState) {
				i.Pricing = quote.FlatSlab{
					LPMint: infMint,
					Slab: slabOf(
						accounts.FlatSlabEntry{Mint: wsolMint},
						accounts.FlatSlabEntry{Mint: jupsolMint, InpFeeNanos: -1, OutFeeNanos: -1},
					),
				}
			}, []pair{{wsolMint, jupsolMint, sol}, {jupsolMint, wsolMint, sol}}, quote.ErrFeeRange,
			"",
		},
		{
			"a rebate by flat fees, which the pool does not pay", func(i *quote.InfinityState) {
				i.Pricing = quote.FlatFee{
					Fees: map[solana.PublicKey]accounts.FlatFeeAccount{
						wsolMint:   {InputFeeBps: -100},
						jupsolMint: {},
					},
				}
			}, []pair{{wsolMint, jupsolMint, sol}}, quote.ErrNoProfit, "",
		},
		{
			"too little is held",
			changeLST(wsolMint,
				func(l *quote.InfinityLST) { l.Reserves, l.State.SOLValue = sol-1, sol-1 }),
			[]pair{{jupsolMint, wsolMint, sol}, {infMint, wsolMint, sol}},
			quote.ErrInsufficientReserve, wsolMint.String(),
		},
		{
			"holdings beyond 64 bits",
			changeLST(wsolMint, func(l *quote.InfinityLST) { l.Reserves = math.MaxUint64 }),
			[]pair{{wsolMint, jupsolMint, sol}, {wsolMint, infMint, sol}}, quote.ErrAmountTooLarge,
			"",
		},
		{
			"a list that is worth more than the pool",
			func(i *quote.InfinityState) { i.Pool.TotalSOLValue = 1 }, every,
			quote.ErrAmountTooLarge, "",
		},
	}
}

// TestInfinityState_Refusals checks the refusals of both versions, exact in and
// exact out.
func TestInfinityState_Refusals(t *testing.T) {
	for _, test := range infinityRefusalCases() {
		for name, i := range map[string]func() quote.InfinityState{"V1": dumpedV1,
			"V2": func() quote.InfinityState { return dumpedV2(10) }} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				for _, p := range test.pairs {
					for _, exactOut := range []bool{false, true} {
						changed := i()
						if test.want == quote.ErrAmountTooLarge ||
							errors.Is(test.want, quote.ErrInsufficientReserve) {
							// The unchanged pool trades these amounts.
							_, err := swapBy(changed, exactOut, p.inp, p.out, p.amount)
							require.NoError(t, err)
						}

						test.change(&changed)
						got, err := swapBy(changed, exactOut, p.inp, p.out, p.amount)
						requireRefusal(t, err, test.want, changed.Address)
						require.ErrorContains(t, err, test.text)
						require.Zero(t, got)
					}
				}
			})
		}
	}
}

// TestInfinityState_OtherPairsTrade checks that a disabled input can still be
// an output, and that other pairs still trade.
func TestInfinityState_OtherPairsTrade(t *testing.T) {
	for name, i := range map[string]quote.InfinityState{"V1": dumpedV1(), "V2": dumpedV2(10)} {
		t.Run(name, func(t *testing.T) {
			changeLST(jupsolMint, func(l *quote.InfinityLST) { l.State.IsInputDisabled = true })(&i)
			changeLST(stsolMint,
				func(l *quote.InfinityLST) { l.Value, l.Unavailable = nil, quote.ErrStalePool })(&i)
			for _, p := range []pair{{wsolMint, jupsolMint, sol}, {infMint, jupsolMint, sol},
				{wsolMint, infMint, sol}, {infMint, wsolMint, sol}} {
				for _, exactOut := range []bool{false, true} {
					_, err := swapBy(i, exactOut, p.inp, p.out, p.amount)
					require.NoError(t, err)
				}
			}
		})
	}
}

// TestInfinityState_SmallAmounts checks amounts that a step rounds to zero.
func TestInfinityState_SmallAmounts(t *testing.T) {
	// A unit of the expensive token is worth 10 lamports, and a lamport is
	// worth 10 units of the cheap one.
	dear, cheap := key(1), key(2)
	prices := map[solana.PublicKey]quote.StakePoolValue{dear: {TotalLamports: 10,
		PoolTokenSupply: 1},
		cheap: {TotalLamports: 1, PoolTokenSupply: 10}}
	for name, i := range map[string]quote.InfinityState{"V1": dumpedV1(), "V2": dumpedV2(10)} {
		t.Run(name, func(t *testing.T) {
			for mint, value := range prices {
				worth, err := value.LSTToSOL(sol)
				require.NoError(t, err)
				i.LSTs[mint] = quote.InfinityLST{State: accounts.LSTState{Mint: mint,
					SOLValue: worth.Min},
					Reserves: sol, Value: value}
			}

			i.Pricing = quote.FlatSlab{
				LPMint: infMint,
				Slab: slabOf(
					accounts.FlatSlabEntry{Mint: dear}, accounts.FlatSlabEntry{Mint: cheap},
					accounts.FlatSlabEntry{Mint: wsolMint}, accounts.FlatSlabEntry{Mint: infMint},
				),
			}

			for _, test := range []struct {
				name     string
				exactOut bool
				pair
				want error
			}{
				{"input worth nothing", false, pair{cheap, wsolMint, 9}, quote.ErrAmountTooSmall},
				{"enough input", false, pair{cheap, wsolMint, 10}, nil},
				{"output of nothing", false, pair{wsolMint, dear, 9}, quote.ErrAmountTooSmall},
				{"enough for one", false, pair{wsolMint, dear, 10}, nil},
				{"exact output worth nothing", true, pair{wsolMint, cheap, 9},
					quote.ErrAmountTooSmall},
				{"exact output worth a lamport", true, pair{wsolMint, cheap, 10}, nil},
				{"INF worth nothing", false, pair{cheap, infMint, 9}, quote.ErrAmountTooSmall},
				{"INF for nothing", false, pair{infMint, dear, 1}, quote.ErrAmountTooSmall},
			} {
				_, err := swapBy(i, test.exactOut, test.inp, test.out, test.amount)
				if test.want == nil {
					require.NoError(t, err, test.name)
					continue
				}

				requireRefusal(t, err, test.want, i.Address)
			}
		})
	}
}

// TestInfinityState_V2States checks states that only version 2 has.
func TestInfinityState_V2States(t *testing.T) {
	all := []pair{{wsolMint, jupsolMint, sol}, {wsolMint, infMint, sol}, {infMint, wsolMint, sol}}
	liquidity := all[1:]
	for _, test := range []struct {
		name   string
		change func(*quote.InfinityState)
		pairs  []pair
		want   error
	}{
		{"slot before the last release",
			func(i *quote.InfinityState) { i.Pool.LastReleaseSlot = 11 }, all, quote.ErrSlot},
		{"rate too low", func(i *quote.InfinityState) { i.Pool.RPS = 0 }, all,
			quote.ErrInvalidState},
		{"rate too high", func(i *quote.InfinityState) { i.Pool.RPS = 1<<63 + 1 }, all,
			quote.ErrInvalidState},
		{"protocol fee of more than all",
			func(i *quote.InfinityState) { i.Pool.ProtocolFeeNanos = 1_000_000_001 }, all,
			quote.ErrInvalidState},
		{"more protocol fee than 64 bits",
			func(i *quote.InfinityState) { i.Pool.ProtocolFeeLamports = math.MaxUint64 }, all,
			quote.ErrAmountTooLarge},
		{"more INF than there is", func(i *quote.InfinityState) { i.LPSupply = sol - 1 },
			[]pair{{infMint, wsolMint, sol}}, quote.ErrInsufficientReserve},
		{"nothing due to holders", func(i *quote.InfinityState) {
			i.Pool.WithheldLamports = i.Pool.TotalSOLValue
			i.Pool.RPS, i.Pool.ProtocolFeeLamports = 9_223_372, 0
			i.Slot = 0
		}, liquidity, quote.ErrAmountTooSmall},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, p := range test.pairs {
				i := dumpedV2(10)
				test.change(&i)
				_, err := i.Swap(p.inp, p.out, p.amount)
				if test.name == "nothing due to holders" && p.out == infMint {
					require.ErrorIs(t, err, quote.ErrAmountTooLarge, "INF is worthless")
					continue
				}

				requireRefusal(t, err, test.want, i.Address)
			}
		})
	}
}
