package route_test

import (
	"encoding/binary"
	"math"
	"math/big"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// infinityTokens returns INF, mSOL, stSOL and the tokens of all stake pools.
func (w *world) infinityTokens(t testing.TB) []lst.LST {
	t.Helper()
	var tokens []lst.LST
	for _, mint := range []solana.PublicKey{accounts.INFMint, accounts.MSOLMint,
		accounts.StSOLMint} {
		token, err := lst.Default().ByMint(mint)
		require.NoError(t, err)
		tokens = append(tokens, token)
	}
	return append(tokens, w.tokens(t)...)
}

func (w *world) infinityMarket(t testing.TB) *route.Market {
	t.Helper()
	loader, state := w.state(t, w.infinityTokens(t)...)
	market, err := loader.Build(state)
	require.NoError(t, err)
	return market
}

// infinityQuote returns the quote of Infinity alone.
func infinityQuote(m *route.Market, r route.Request) (route.Quote, error) {
	r.OnlyDirectRoutes = true
	quotes, rejected := m.Quotes(r)
	for _, q := range quotes {
		if q.Venue == "Infinity" {
			return q, nil
		}
	}
	return route.Quote{}, &route.NoRouteError{From: r.From, To: r.To, Rejections: rejected}
}

// expected computes a trade with the embedded pool at a slot with package
// quote.
func (w *world) expected(
	t testing.TB,
	pool *figures.Infinity,
	r route.Request,
	slot uint64,
) (quote.InfinityTrade, error) {
	t.Helper()
	pools := make(map[solana.PublicKey]*accounts.StakePool)
	for i := range w.StakePools {
		pools[w.StakePools[i].Address] = &w.StakePools[i].State
	}
	q := pool.Quote(w.Chain, slot, pools)
	if r.SwapMode == route.ExactOut {
		return q.SwapExactOut(r.From, r.To, r.Amount)
	}
	return q.Swap(r.From, r.To, r.Amount)
}

// The quotes of all pairs in both versions of the pool match package quote.
func TestInfinity_QuotesAllPairs(t *testing.T) {
	for _, version := range []uint8{accounts.PoolStateV1, accounts.PoolStateV2} {
		w := newWorld(t)
		pool := w.Infinity.V2
		if version == accounts.PoolStateV1 {
			pool, w.Infinity.V2 = w.Infinity.V1, nil
		}

		market := w.infinityMarket(t)
		mints := []solana.PublicKey{accounts.INFMint}
		for _, h := range pool.Holdings {
			mints = append(mints, h.Entry.Mint)
		}

		quoted := 0
		for _, from := range mints {
			for _, to := range mints {
				if from == to {
					continue
				}

				for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
					r := route.Request{
						From:   from,
						To:     to,
						Amount: sol / 10,
						Options: route.Options{SwapMode: mode, SlippageBps: 100,
							OnlyDirectRoutes: true},
					}

					slot := w.Chain.Clock.Slot
					if to == accounts.INFMint {
						slot += route.DefaultSlotTolerance
					}

					want, wantErr := w.expected(t, pool, r, slot)
					got, err := infinityQuote(market, r)
					if wantErr != nil {
						require.Error(t, err, "%s -> %s: %v", from, to, wantErr)
						continue
					}

					require.NoError(t, err, "%s -> %s", from, to)
					quoted++
					require.Equal(t, []uint64{want.In, want.Out}, []uint64{got.In, got.Out})
					require.True(t, got.Exact)
					checkLimits(t, got, r)
					checkSlots(t, got, r, version)
					steps, err := got.Steps(params)
					require.NoError(t, err)
					require.NotEmpty(t, steps)
				}
			}
		}

		// The pool pays out the nine tokens of which it holds enough, and takes
		// all but those whose input is disabled.
		require.Greater(t, quoted, 150, "version %d", version)
	}
}

func checkLimits(t *testing.T, q route.Quote, r route.Request) {
	t.Helper()
	require.LessOrEqual(t, q.MinOut, q.Out)
	require.GreaterOrEqual(t, q.MaxIn, q.In)
	if r.SwapMode == route.ExactOut {
		require.Equal(t, r.Amount, q.MinOut)
		require.LessOrEqual(t, q.MaxIn, q.In+q.In/100)
		return
	}
	require.Equal(t, r.Amount, q.MaxIn)
	require.GreaterOrEqual(t, q.MinOut, q.Out-q.Out/100)
}

// checkSlots checks that only the price of the LP token in version 2 depends on
// the slot, and that the limit holds for the whole slot tolerance.
func checkSlots(t *testing.T, q route.Quote, r route.Request, version uint8) {
	t.Helper()
	if version == accounts.PoolStateV1 || r.From != accounts.INFMint && r.To != accounts.INFMint {
		require.Zero(t, q.ExactAtSlot)
		require.Zero(t, q.ValidUntilSlot)
		return
	}

	require.Equal(t, q.Slot+route.DefaultSlotTolerance, q.ValidUntilSlot)
	at := q.Slot
	if r.To == accounts.INFMint {
		at = q.ValidUntilSlot
	}

	require.Equal(t, at, q.ExactAtSlot)
}

// Without slippage, the limits hold in every slot of the slot tolerance.
func TestInfinity_SlotTolerance(t *testing.T) {
	w := newWorld(t)
	market := w.infinityMarket(t)
	pico := w.token(t, "picoSOL").Mint
	for _, pair := range [][2]solana.PublicKey{{pico, accounts.INFMint}, {accounts.INFMint, pico}} {
		for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			r := route.Request{
				From:    pair[0],
				To:      pair[1],
				Amount:  5 * sol,
				Options: route.Options{SwapMode: mode, SlotTolerance: 2000},
			}

			q, err := infinityQuote(market, r)
			require.NoError(t, err)
			require.Equal(t, q.Slot+2000, q.ValidUntilSlot)
			for slot := q.Slot; slot <= q.ValidUntilSlot; slot++ {
				landed, err := w.expected(t, w.Infinity.V2, r, slot)
				require.NoError(t, err)
				require.LessOrEqual(t, landed.In, q.MaxIn, "slot %d", slot)
				require.GreaterOrEqual(t, landed.Out, q.MinOut, "slot %d", slot)
			}
		}
	}
}

func TestInfinity_SlotToleranceTooLarge(t *testing.T) {
	w := newWorld(t)
	market := w.infinityMarket(t)
	pico := w.token(t, "picoSOL").Mint
	for _, pair := range [][2]solana.PublicKey{{pico, accounts.INFMint}, {accounts.INFMint, pico}} {
		_, err := infinityQuote(market, route.Request{
			From:    pair[0],
			To:      pair[1],
			Amount:  sol,
			Options: route.Options{SlotTolerance: math.MaxUint64},
		})

		require.ErrorIs(t, err, route.ErrInvalidSlotTolerance)
	}
}

// An unknown calculator makes only its own LST unavailable, and the error names
// it. An unknown pricing program makes the whole pool unavailable.
func TestInfinity_UnknownPrograms(t *testing.T) {
	w := newWorld(t)
	pico := w.token(t, "picoSOL").Mint
	jup := w.token(t, "JupSOL").Mint
	hub := w.token(t, "hubSOL").Mint

	stranger := solana.PublicKey{42}
	for i := range w.Infinity.V2.Holdings {
		if h := &w.Infinity.V2.Holdings[i]; h.Entry.Mint == pico {
			h.Entry.Calculator = stranger
		}
	}

	market := w.infinityMarket(t)
	for _, pair := range [][2]solana.PublicKey{{pico, jup}, {jup, pico}} {
		_, err := infinityQuote(market, route.Request{From: pair[0], To: pair[1], Amount: sol})
		require.ErrorIs(t, err, quote.ErrUnknownCalculator)
		require.ErrorContains(t, err, stranger.String())
	}

	_, err := infinityQuote(market, route.Request{From: jup, To: hub, Amount: sol})
	require.NoError(t, err)

	w = newWorld(t)
	w.Infinity.V2.Pool.PricingProgram = stranger
	market = w.infinityMarket(t)
	_, err = infinityQuote(market, route.Request{From: jup, To: hub, Amount: sol})
	require.ErrorIs(t, err, quote.ErrUnknownPricing)
	require.ErrorContains(t, err, stranger.String())
	_, err = market.Quote(route.Request{From: accounts.NativeMint, To: pico, Amount: sol})
	require.NoError(t, err, "the stake pool does not need Infinity")
}

// No quote is made from accounts that were tampered with.
func TestInfinity_TamperedAccounts(t *testing.T) {
	controller, err := accounts.NewController(accounts.InfinityProgram)
	require.NoError(t, err)
	slab, err := accounts.FlatSlabAddress(accounts.FlatSlabProgram)
	require.NoError(t, err)
	calculator, err := accounts.CalculatorStateAddress(accounts.SanctumSPLCalculator)
	require.NoError(t, err)
	other, err := accounts.CalculatorStateAddress(accounts.MarinadeCalculator)
	require.NoError(t, err)
	base := newWorld(t)
	pico, hub := base.token(t, "picoSOL"), base.token(t, "hubSOL")
	reserves, err := controller.Reserves(accounts.TokenProgram, pico.Mint)
	require.NoError(t, err)
	hubReserves, err := controller.Reserves(accounts.TokenProgram, hub.Mint)
	require.NoError(t, err)
	owner := func(a *accounts.Account) { a.Owner = solana.PublicKey{9} }
	cut := func(n int) func(*accounts.Account) {
		return func(a *accounts.Account) { a.Data = a.Data[:len(a.Data)-n] }
	}
	at := func(offset int, b byte) func(*accounts.Account) {
		return func(a *accounts.Account) { a.Data[offset] ^= b }
	}
	for _, test := range []struct {
		name    string
		address solana.PublicKey
		change  func(*accounts.Account)
		want    error
	}{
		{"pool state of another program", controller.PoolState, owner, accounts.ErrWrongOwner},
		{"pool state cut", controller.PoolState, cut(1), accounts.ErrWrongLength},
		{"pool state of an unknown version", controller.PoolState, at(12, 4),
			accounts.ErrInvalidValue},
		{"list of another program", controller.LSTStateList, owner, accounts.ErrWrongOwner},
		{"list cut within an entry", controller.LSTStateList, cut(40), accounts.ErrWrongLength},
		{"slab of another program", slab, owner, accounts.ErrWrongOwner},
		{"slab out of order", slab, at(32, 0xFF), accounts.ErrInvalidValue},
		{"slab cut within an entry", slab, cut(4), accounts.ErrWrongLength},
		{"reserves of another program", reserves, owner, accounts.ErrWrongOwner},
		{"reserves of another mint", reserves, at(0, 1), route.ErrMismatch},
		{"reserves of another owner", reserves, at(32, 1), route.ErrMismatch},
		{"reserves frozen", reserves, at(108, 3), route.ErrMismatch},
		{"reserves of the other token", hubReserves, at(5, 1), route.ErrMismatch},
		{"calculator state of another program", calculator, owner, accounts.ErrWrongOwner},
		{"calculator state of another calculator", calculator, func(a *accounts.Account) {
			a.Owner = accounts.MarinadeCalculator
		}, accounts.ErrWrongOwner},
		{"calculator that does not know the build", calculator, func(a *accounts.Account) {
			binary.LittleEndian.PutUint64(a.Data[32:], 1)
		}, quote.ErrOutdatedCalculator},
		{"stake pool of another deployment", pico.Pool,
			func(a *accounts.Account) { a.Owner = accounts.StakePoolProgram },
			accounts.ErrWrongOwner},
		{"stake pool of another mint", pico.Pool, at(162, 1), route.ErrMismatch},
		{"stake pool of the last epoch", pico.Pool, at(274, 1), quote.ErrStalePool},
		{"mint of INF that the pool does not control", accounts.INFMint, at(4, 1),
			route.ErrMismatch},
		{"mint of INF of another token program", accounts.INFMint,
			func(a *accounts.Account) { a.Owner = accounts.Token2022Program },
			route.ErrUnsupportedTokenProgram},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.change(t, test.address, test.change)
			market := w.infinityMarket(t)
			_, err := infinityQuote(market,
				route.Request{From: pico.Mint, To: hub.Mint, Amount: sol})
			require.ErrorIs(t, err, test.want)
		})
	}

	w := newWorld(t)
	w.change(t, other, owner)
	_, err = infinityQuote(w.infinityMarket(t),
		route.Request{From: pico.Mint, To: hub.Mint, Amount: sol})
	require.NoError(t, err, "another token's calculator does not matter")
}

// Without Infinity on the chain, the stake pools still serve.
func TestInfinity_Missing(t *testing.T) {
	controller, err := accounts.NewController(accounts.InfinityProgram)
	require.NoError(t, err)
	w := newWorld(t)
	w.remove(t, controller.PoolState)
	market := w.infinityMarket(t)
	pico := w.token(t, "picoSOL").Mint
	_, err = infinityQuote(market, route.Request{From: accounts.NativeMint, To: pico, Amount: sol})
	require.ErrorIs(t, err, accounts.ErrNotFound)
	q, err := market.Quote(route.Request{From: accounts.NativeMint, To: pico, Amount: sol})
	require.NoError(t, err)
	require.Equal(t, route.VenueStakePoolDeposit, q.Venue)
	_, err = market.InfinityPool(accounts.InfinityProgram)
	require.ErrorIs(t, err, accounts.ErrNotFound)
	_, err = market.InfinityPool(solana.PublicKey{7})
	require.ErrorIs(t, err, route.ErrUnknownToken)
}

// The overview matches the test data.
func TestInfinityPool_Overview(t *testing.T) {
	w := newWorld(t)
	pool, err := w.infinityMarket(t).InfinityPool(accounts.InfinityProgram)
	require.NoError(t, err)
	require.Len(t, pool.Tokens, len(w.Infinity.V2.Holdings))
	sum := new(big.Rat)
	for i, token := range pool.Tokens {
		h := w.Infinity.V2.Holdings[i]
		require.Equal(t, h.Entry, token.Listed)
		require.Equal(t, h.Reserves, token.Reserves)
		sum.Add(sum, token.Share)
	}

	require.Zero(t, sum.Cmp(big.NewRat(1, 1)), "shares add up to one")
	require.Equal(t, w.Infinity.V2.LPMint.Supply, pool.LPSupply)
	require.Equal(t, "1.452469077", pool.LPPrice.String())
	require.Equal(t, 1, pool.Growth.Sign())

	pico, hub := w.token(t, "picoSOL").Mint, w.token(t, "hubSOL").Mint
	fee, err := pool.FeeNanos(pico, hub)
	require.NoError(t, err)
	require.Equal(t, int64(1_200_000), fee, "0.04 % in and 0.08 % out")
	fair, err := pool.FairValue(pico, hub, 100*sol)
	require.NoError(t, err)
	trade, err := pool.SwapExactIn(pico, hub, 100*sol)
	require.NoError(t, err)
	require.Less(t, trade.Out, fair)
	require.InDelta(t, float64(fair)*(1-0.0012), float64(trade.Out), 2)
	require.Equal(t, -1, pool.Tokens[0].Share.Cmp(big.NewRat(1, 1)))
	before := pool.ShareAfter(quote.InfinityTrade{Pool: pool.State}, pico)
	require.Equal(t, 1, pool.ShareAfter(trade, pico).Cmp(before),
		"there is more picoSOL in the pool")
	require.Equal(
		t,
		-1,
		pool.ShareAfter(trade, hub).
			Cmp(pool.ShareAfter(quote.InfinityTrade{Pool: pool.State}, hub)),
	)
}

// APY is computed with the slot time of the Clock, or with a measured one if
// the Clock has none, and is unknown without both.
func TestInfinityPool_SlotTime(t *testing.T) {
	samples := quote.SlotTime{Nanos: 200_000_000, Source: quote.SlotTimeSamples}
	for _, c := range []struct {
		name    string
		seconds int64 // since the epoch began
		told    quote.SlotTime
		want    quote.SlotTime
		apy     string
	}{
		{"by the Clock", 86_400, samples,
			quote.SlotTime{Nanos: 400_000_000, Source: quote.SlotTimeClock}, "0.0829"},
		{"by samples", 10, samples, samples, "0.1726"},
		{"unknown", 10, quote.SlotTime{}, quote.SlotTime{}, ""},
		{"assumed", 10,
			quote.SlotTime{Nanos: quote.AssumedSlotNanos, Source: quote.SlotTimeAssumed},
			quote.SlotTime{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			clock := w.Chain.Clock
			clock.EpochStartTimestamp = clock.UnixTimestamp - c.seconds
			w.change(t, accounts.ClockSysvar, func(a *accounts.Account) { a.Data = clock.Encode() })
			loader, state := w.state(t, w.infinityTokens(t)...)
			state.SlotTime = c.told
			market, err := loader.Build(state)
			require.NoError(t, err)
			pool, err := market.InfinityPool(accounts.InfinityProgram)
			require.NoError(t, err)
			info, err := market.TokenInfo(w.token(t, "JitoSOL").Mint)
			require.NoError(t, err)

			require.Equal(t, c.want, market.SlotTime())
			require.Equal(t, c.want, pool.SlotTime)
			require.Equal(t, c.want, info.SlotTime)
			if c.apy == "" {
				require.Nil(t, pool.APY)
				require.Nil(t, info.APY)
				require.ErrorIs(t, info.YieldErr, quote.ErrSlotTime)
				return
			}

			require.Equal(t, c.apy, pool.APY.FloatString(4))
			require.NotNil(t, info.APY)
		})
	}
}

// Native SOL passes through a temporary wSOL account, whose rent the payer must
// hold.
func TestInfinity_UpfrontRent(t *testing.T) {
	w := newWorld(t)
	m := w.infinityMarket(t)
	jup := w.token(t, "JupSOL").Mint
	for _, r := range []route.Request{
		{From: jup, To: accounts.NativeMint, Amount: sol},
		{From: accounts.NativeMint, To: jup, Amount: sol},
		{From: jup, To: accounts.INFMint, Amount: sol},
	} {
		for _, wrapped := range []bool{false, true} {
			want := uint64(tokenRent)
			if r.UseWSOL = wrapped; wrapped || r.To == accounts.INFMint {
				want = 0
			}

			q, err := infinityQuote(m, r)
			require.NoError(t, err)
			require.Equal(t, want, q.UpfrontRent)
		}
	}
}
