package quote_test

import (
	"fmt"
	"maps"
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// foreignValue and foreignPricing are implementations that the package does not
// know, with the same results as its own.
type (
	foreignValue   struct{ quote.SOLValueCalculator }
	foreignPricing struct{ quote.Pricing }
)

// foreign returns a pool with the same results from implementations that the
// package does not know.
func foreign(i quote.InfinityState) quote.InfinityState {
	i.LSTs = maps.Clone(i.LSTs)
	for mint, lst := range i.LSTs {
		if lst.Value != nil {
			lst.Value = foreignValue{lst.Value}
			i.LSTs[mint] = lst
		}
	}
	i.Pricing = foreignPricing{i.Pricing}
	return i
}

// unavailable is a calculator without a value.
func unavailable(reason error) func(*quote.InfinityLST) {
	return func(l *quote.InfinityLST) { l.Value, l.Unavailable = nil, reason }
}

// drawEdge draws an amount at a limit, near a limit, or any amount.
func drawEdge(t *rapid.T, i quote.InfinityState, inp, out solana.PublicKey) uint64 {
	near := func(n uint64) *rapid.Generator[uint64] {
		return rapid.Uint64Range(n-min(n, 2), n+min(math.MaxUint64-n, 2))
	}
	return rapid.OneOf(
		near(0),
		near(held(i, inp)),
		near(held(i, out)),
		near(math.MaxUint64),
		rapid.Custom(func(t *rapid.T) uint64 {
			return 1 << rapid.IntRange(0, 63).Draw(t, "power")
		}),
		rapid.Custom(func(t *rapid.T) uint64 {
			return drawAmount(t, "amount", held(i, out))
		}),
	).Draw(t, "edge")
}

// indexed are the tokens of a pair in prepared prices.
func indexed(
	t require.TestingT,
	p *quote.InfinityPrices,
	inp, out solana.PublicKey,
) (from, to int) {
	from, ok := p.Index(inp)
	require.True(t, ok)
	to, ok = p.Index(out)
	require.True(t, ok)
	require.Equal(t, [2]solana.PublicKey{inp, out}, [2]solana.PublicKey{p.Mint(from), p.Mint(to)})
	return from, to
}

// askPrice returns the prepared price of a trade, exact in or exact out.
func askPrice(
	p *quote.InfinityPrices, exactOut bool, from, to int, amount uint64, why *quote.Refusal,
) (quote.InfinityPrice, bool) {
	if exactOut {
		return p.SwapExactOut(from, to, amount, why)
	}
	return p.Swap(from, to, amount, why)
}

// requirePrice compares a price with a trade, or a refusal with its error.
func requirePrice(
	t require.TestingT, want quote.InfinityTrade, wantErr error,
	got quote.InfinityPrice, ok bool, why *quote.Refusal,
) {
	require.Equal(t, ok, why.IsZero())
	if wantErr != nil {
		require.False(t, ok)
		require.Zero(t, got)
		require.Equal(t, wantErr.Error(), why.Error())
		return
	}

	require.NoError(t, why.Err())
	require.Equal(t, quote.InfinityPrice{
		In:          want.In,
		Out:         want.Out,
		InValue:     want.InValue,
		OutValue:    want.OutValue,
		ProtocolFee: want.ProtocolFee,
	}, got)

	require.Equal(t, want.Fee(), got.Fee())
}

// TestInfinityPrices_SameByAnyImplementation compares prepared prices with
// those of the same pool behind interfaces that the package does not know,
// which use no shortcuts. This includes liquidity of version 1: its input is
// searched for there, but calculated here.
func TestInfinityPrices_SameByAnyImplementation(t *testing.T) {
	forInfinities(t,
		func(t *rapid.T, i quote.InfinityState, inp, out solana.PublicKey, count func()) {
			mint := rapid.SampledFrom(sortedMints(i)).Draw(t, "changed")
			switch rapid.IntRange(0, 5).Draw(t, "change") {
			case 0:
				changeLST(mint, func(l *quote.InfinityLST) { l.State.IsInputDisabled = true })(&i)
			case 1:
				changeLST(mint, unavailable(quote.ErrStalePool))(&i)
			case 2:
				i.LPSupply = rapid.Uint64().Draw(t, "supply")
			case 3:
				delete(i.LSTs, mint)
			}

			amount, exactOut := drawEdge(t, i, inp, out), rapid.Bool().Draw(t, "exact out")
			want, wantErr := swapBy(foreign(i), exactOut, inp, out, amount)
			count()
			got, gotErr := swapBy(i, exactOut, inp, out, amount)
			require.Equal(t, want, got)
			require.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(gotErr))

			p := i.Prepare()
			from, ok := p.Index(inp)
			to, okOut := p.Index(out)
			if !ok || !okOut {
				require.Error(t, wantErr)
				return
			}

			var why quote.Refusal
			price, ok := askPrice(p, exactOut, from, to, amount, &why)
			requirePrice(t, want, wantErr, price, ok, &why)
			same, ok := askPrice(p, exactOut, from, to, amount, nil)
			require.Equal(t, wantErr == nil, ok)
			require.Equal(t, price, same, "with and without a refusal to set")
		})

	require.Zero(t, quote.LiquidityMisses(), "no bracket is wrong")
}

// TestInfinityPrices_AtSlot checks that another slot changes only the release
// of yield.
func TestInfinityPrices_AtSlot(t *testing.T) {
	forInfinities(t,
		func(t *rapid.T, i quote.InfinityState, inp, out solana.PublicKey, count func()) {
			p := i.Prepare()
			from, to := indexed(t, p, inp, out)
			amount := drawAmount(t, "amount", held(i, inp))
			i.Slot = rapid.OneOf(
				rapid.Uint64Range(drawnSlot, drawnSlot+10_000),
				rapid.Uint64Range(0, drawnSlot),
			).Draw(t, "slot")

			at := p.AtSlot(i.Slot)

			want, err := i.Swap(inp, out, amount)
			count()
			var why quote.Refusal
			got, ok := at.Swap(from, to, amount, &why)
			requirePrice(t, want, err, got, ok, &why)
		})
}

// TestInfinityPrices_SwapAfter checks that only the token whose stake pool
// changed is revalued.
func TestInfinityPrices_SwapAfter(t *testing.T) {
	forInfinities(t,
		func(t *rapid.T, i quote.InfinityState, inp, out solana.PublicKey, count func()) {
			mint := rapid.SampledFrom(sortedMints(i)).Draw(t, "mint")
			if rapid.Bool().Draw(t, "was stale") {
				changeLST(mint, unavailable(quote.ErrStalePool))(&i)
			}

			p := i.Prepare()
			from, to := indexed(t, p, inp, out)
			revalued, _ := indexed(t, p, mint, mint)
			value := quote.StakePoolValue{
				TotalLamports:   rapid.Uint64Range(1, 1000*sol).Draw(t, "lamports"),
				PoolTokenSupply: rapid.Uint64Range(1, 1000*sol).Draw(t, "supply"),
				WithdrawalFee: accounts.Fee{
					Numerator:   rapid.Uint64Range(0, 3).Draw(t, "fee"),
					Denominator: 1000,
				},
			}

			amount := drawAmount(t, "amount", held(i, inp))

			entry := p.Revalued(revalued, value)
			var why quote.Refusal
			got, ok := swapAfter(p, from, to, amount, revalued, &entry, &why)
			i.LSTs = maps.Clone(i.LSTs)
			changeLST(mint, func(l *quote.InfinityLST) { l.Value, l.Unavailable = value, nil })(&i)
			want, err := i.Swap(inp, out, amount)
			count()
			requirePrice(t, want, err, got, ok, &why)
		})
}

// swapAfter prices a trade after the value of one token has changed.
func swapAfter(
	p *quote.InfinityPrices,
	from, to int,
	amount uint64,
	revalued int,
	entry *quote.InfinityEntry,
	why *quote.Refusal,
) (quote.InfinityPrice, bool) {
	var fromEntry, toEntry *quote.InfinityEntry
	if from == revalued {
		fromEntry = entry
	}
	if to == revalued {
		toEntry = entry
	}
	return p.SwapAfter(from, to, amount, fromEntry, toEntry, why)
}

// TestInfinityPrices_Revalued checks that a revalued token is still refused for
// every reason except a stale pool.
func TestInfinityPrices_Revalued(t *testing.T) {
	for reason, trades := range map[error]bool{
		quote.ErrStalePool: true, quote.ErrOutdatedCalculator: false,
		quote.ErrUnknownCalculator: false,
	} {
		i := dumpedV2(10)
		changeLST(jupsolMint, unavailable(reason))(&i)
		p := i.Prepare()
		from, to := indexed(t, p, wsolMint, jupsolMint)
		entry := p.Revalued(to, jupsolValue)
		_, ok := p.SwapAfter(from, to, sol, nil, &entry, nil)
		require.Equal(t, trades, ok, "%v", reason)
	}
}

// TestInfinityPrices_FeeNanos checks that the fee of a pair is that of the
// pricing program.
func TestInfinityPrices_FeeNanos(t *testing.T) {
	forInfinities(t,
		func(t *rapid.T, i quote.InfinityState, inp, out solana.PublicKey, count func()) {
			count()
			for _, i := range []quote.InfinityState{i, foreign(i)} {
				p := i.Prepare()
				from, to := indexed(t, p, inp, out)
				want, err := i.Pricing.FeeNanos(inp, out)
				got, ok := p.FeeNanos(from, to)
				require.Equal(t, err == nil, ok)
				if ok {
					require.Equal(t, want, got)
				}
			}

			i.Pricing, i.PricingErr = nil, quote.ErrUnknownPricing
			_, ok := i.Prepare().FeeNanos(0, quote.InfinityLP)
			require.False(t, ok)
		})
}

// TestInfinityPrices_Index checks that tokens have the order of the pool's
// list, and that the LP token has a separate index even if the list contains
// it.
func TestInfinityPrices_Index(t *testing.T) {
	i := dumpedV1()
	changeLST(infMint, func(l *quote.InfinityLST) {
		l.Index, l.Value = 9, quote.WrappedSOLValue{}
	})(&i)
	p := i.Prepare()
	require.Equal(t, 4, p.Len())
	for index, mint := range []solana.PublicKey{wsolMint, stsolMint, msolMint, jupsolMint} {
		got, ok := p.Index(mint)
		require.True(t, ok)
		require.Equal(t, index, got)
		require.Equal(t, mint, p.Mint(index))
	}

	got, ok := p.Index(infMint)
	require.True(t, ok)
	require.Equal(t, quote.InfinityLP, got)
	require.Equal(t, infMint, p.Mint(quote.InfinityLP))
	_, ok = p.Index(key(1))
	require.False(t, ok)
}

// TestInfinityPrices_NoSuchIndex checks that an unknown index is refused.
func TestInfinityPrices_NoSuchIndex(t *testing.T) {
	p := dumpedV2(10).Prepare()
	for _, index := range []int{-2, 4, math.MaxInt, math.MinInt} {
		var why quote.Refusal
		for _, pair := range [][2]int{
			{index, 0}, {0, index}, {index, quote.InfinityLP}, {quote.InfinityLP, index},
		} {
			for _, exactOut := range []bool{false, true} {
				_, ok := askPrice(p, exactOut, pair[0], pair[1], sol, &why)
				require.False(t, ok)
				require.ErrorIs(t, why.Err(), quote.ErrUnlisted)
			}

			_, ok := p.FeeNanos(pair[0], pair[1])
			require.False(t, ok)
		}

		entry := p.Revalued(index, jupsolValue)
		_, ok := p.SwapAfter(0, index, sol, nil, &entry, &why)
		require.False(t, ok)
		_, ok = p.SwapAfter(0, 3, sol, nil, new(quote.InfinityEntry), &why)
		require.False(t, ok, "no entry")
		require.Zero(t, p.Mint(index))
	}
}

// TestInfinityPrices_Allocations checks that neither prices nor refusals
// allocate.
func TestInfinityPrices_Allocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}

	for name, v := range benchmarked() {
		i := largeInfinity(t, v, 20)
		p := i.Prepare()
		all := askedOf(p)
		none := func(what string, ask func(a asked)) {
			n := 0
			require.Zero(t, testing.AllocsPerRun(200, func() {
				ask(all[n%len(all)])
				n++
			}), "%s: %s", name, what)
		}

		for way, ask := range ways(i, p) {
			none(way, func(a asked) { require.True(t, ask(a)) })
		}

		value := quote.StakePoolValue{TotalLamports: 11 * sol, PoolTokenSupply: 10 * sol}
		none("after", func(a asked) {
			entry := p.Revalued(a.inp, value)
			_, ok := p.SwapAfter(a.inp, a.out, a.amount, &entry, nil, nil)
			require.True(t, ok)
		})

		none("at slot", func(a asked) {
			at := p.AtSlot(drawnSlot + 100)
			_, ok := at.Swap(a.inp, quote.InfinityLP, a.amount, nil)
			require.True(t, ok)
		})

		none("refused", func(a asked) {
			var why quote.Refusal
			for _, pair := range [][2]int{
				{a.inp, a.out}, {quote.InfinityLP, a.out}, {a.inp, a.inp},
			} {
				for _, exactOut := range []bool{false, true} {
					for _, amount := range []uint64{0, math.MaxUint64} {
						_, ok := askPrice(p, exactOut, pair[0], pair[1], amount, &why)
						require.False(t, ok)
					}
				}
			}
		})
	}
}
