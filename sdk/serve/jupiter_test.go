package serve_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/serve"
)

// quoted is a response of /swap/v1/quote.
type quoted struct {
	InputMint, InAmount, OutputMint, OutAmount string
	OtherAmountThreshold, SwapMode             string
	SlippageBps                                int
	PlatformFee                                *struct {
		Amount string
		FeeBps int
	}
	PriceImpactPct string
	RoutePlan      []struct {
		SwapInfo struct{ Label, InputMint, OutputMint, InAmount, OutAmount, AmmKey string }
		Percent  int
	}
	ContextSlot uint64
}

// trades are pairs of the embedded market with the modes in which it trades
// them.
var trades = []struct {
	from, to string
	amount   uint64
	mode     route.SwapMode
}{
	{"SOL", "jitoSOL", 1_500_000_000, route.ExactIn},
	{"SOL", "hubSOL", 2_000_000_000, route.ExactOut},
	{"jitoSOL", "SOL", 3_000_000_000, route.ExactIn},
	{"jitoSOL", "hubSOL", 5_000_000_000, route.ExactIn},
	{"mSOL", "SOL", 1_000_000_000, route.ExactIn},
	{"SOL", "INF", 10_000_000_000, route.ExactIn},
	{"INF", "jupSOL", 1_000_000_000, route.ExactIn},
	{"bSOL", "SOL", 700_000_000, route.ExactOut},
	{"hubSOL", "jitoSOL", 1_000_000_000_000, route.ExactIn},
}

// TestJupiterQuote_IsTheQuoteOfTheMarket compares all figures with
// Market.Quote.
func TestJupiterQuote_IsTheQuoteOfTheMarket(t *testing.T) {
	w := newWorld(t, nil)
	served := 0
	for _, c := range trades {
		for _, direct := range []bool{false, true} {
			req := route.Request{From: w.mint(c.from), To: w.mint(c.to), Amount: c.amount}
			req.SwapMode, req.SlippageBps, req.OnlyDirectRoutes = c.mode, 30, direct
			want, err := w.market.Quote(req)
			mode := "ExactIn"
			out, threshold := want.Out, want.MinOut
			if c.mode == route.ExactOut {
				mode = "ExactOut"
				out, threshold = c.amount, want.MaxIn
			}

			response := w.get("/swap/v1/quote", "inputMint", req.From.String(), "outputMint",
				req.To.String(), "amount", fmt.Sprint(c.amount), "slippageBps", "30", "swapMode",
				mode, "onlyDirectRoutes", fmt.Sprint(direct))
			if err != nil {
				require.Equal(t, err.Error(), response.fails(400, "COULD_NOT_FIND_ANY_ROUTE"))
				continue
			}

			served++
			var got quoted
			response.into(200, &got)

			require.Equal(t, req.From.String(), got.InputMint)
			require.Equal(t, req.To.String(), got.OutputMint)
			require.Equal(t, fmt.Sprint(want.In), got.InAmount)
			require.Equal(t, fmt.Sprint(out), got.OutAmount)
			require.Equal(t, fmt.Sprint(threshold), got.OtherAmountThreshold)
			require.Equal(t, mode, got.SwapMode)
			require.Equal(t, 30, got.SlippageBps)
			require.Equal(t, want.Slot, got.ContextSlot)
			require.Len(t, got.RoutePlan, max(1, len(want.Legs)))
			checkPlan(t, &want, &got)
		}
	}

	require.Greater(t, served, len(trades))
}

// checkPlan compares the legs of a quote with its plan.
func checkPlan(t *testing.T, want *route.Quote, got *quoted) {
	t.Helper()
	legs := want.Legs
	if len(legs) == 0 {
		legs = []route.Quote{*want}
	}

	total := 0
	for i, leg := range legs {
		info := got.RoutePlan[i].SwapInfo
		require.Equal(t, leg.Request.From.String(), info.InputMint)
		require.Equal(t, leg.Request.To.String(), info.OutputMint)
		require.Equal(t, fmt.Sprint(leg.In), info.InAmount)
		require.Equal(t, fmt.Sprint(leg.Out), info.OutAmount)
		require.NotEmpty(t, info.Label)
		total += got.RoutePlan[i].Percent
	}

	split := len(legs) > 1 && legs[0].Request.To == legs[1].Request.To
	if split || len(legs) == 1 {
		require.Equal(t, 100, total)
	} else {
		require.Equal(t, 100*len(legs), total)
	}
}

func TestJupiterQuote_TellsThePriceImpact(t *testing.T) {
	w := newWorld(t, nil)
	var got quoted
	w.get("/swap/v1/quote", "inputMint", w.mint("jitoSOL").String(), "outputMint",
		accounts.NativeMint.String(), "amount", "3000000000").into(200, &got)

	req := route.Request{From: w.mint("jitoSOL"), To: accounts.NativeMint, Amount: 3_000_000_000}
	req.SlippageBps = 50
	want, err := w.market.Quote(req)
	require.NoError(t, err)
	impact, err := want.PriceImpact()
	require.NoError(t, err)
	require.Positive(t, impact.Sign())

	// Both values are rounded to a lamport of 3.6 SOL.
	said, ok := new(big.Rat).SetString(got.PriceImpactPct)
	require.True(t, ok)
	require.Equal(t, -1, said.Sub(said, impact).Abs(said).Cmp(big.NewRat(2, 1_000_000_000)))
}

func TestJupiterQuote_TakesThePlatformFee(t *testing.T) {
	w := newWorld(t, nil)
	for _, mode := range []string{"ExactIn", "ExactOut"} {
		req := route.Request{From: accounts.NativeMint, To: w.mint("jitoSOL"),
			Amount: 5_000_000_000}
		req.SlippageBps = 50
		if mode == "ExactOut" {
			req.SwapMode = route.ExactOut
		}

		req.IntegratorFee = route.IntegratorFee{BPS: 25, Account: w.user.PublicKey()}
		want, err := w.market.Quote(req)
		require.NoError(t, err)

		var got quoted
		w.get("/swap/v1/quote", "inputMint", req.From.String(), "outputMint", req.To.String(),
			"amount", "5000000000", "platformFeeBps", "25", "swapMode", mode).into(200, &got)
		require.Equal(t, fmt.Sprint(want.In), got.InAmount)
		if mode == "ExactIn" {
			require.Equal(t, fmt.Sprint(want.Out), got.OutAmount)
		} else {
			require.Equal(t, "5000000000", got.OutAmount, "what is asked for")
		}

		require.Equal(t, 25, got.PlatformFee.FeeBps)
		require.Equal(t, fmt.Sprint(want.Fees[len(want.Fees)-1].Amount), got.PlatformFee.Amount)
	}
}

func TestJupiterQuote_UsesTheNamedLabels(t *testing.T) {
	w := newWorld(t, nil)
	labels := func(query ...string) (found []string) {
		var got quoted
		w.get("/swap/v1/quote", append([]string{
			"inputMint", accounts.NativeMint.String(), "outputMint", w.mint("hubSOL").String(),
			"amount", "1000000000", "onlyDirectRoutes", "true",
		}, query...)...).into(200, &got)

		for _, step := range got.RoutePlan {
			found = append(found, step.SwapInfo.Label)
		}

		return found
	}

	require.Equal(t, []string{"Infinity"}, labels("dexes", "Infinity"))
	require.Equal(t, []string{"Stake Pool"}, labels("dexes", "Stake Pool"))
	require.Equal(t, []string{"Router"}, labels("dexes", "Router,Reserve"))
	require.Equal(t, []string{"Infinity"},
		labels("excludeDexes", "Stake Pool,Router", "excludeDexes", "Marinade"))
	require.Equal(t, []string{"Infinity"},
		labels("excludeDexes", "Stake Pool", "excludeDexes", "Router"))

	w.get("/swap/v1/quote", "inputMint", accounts.NativeMint.String(), "outputMint",
		w.mint("jitoSOL").String(), "amount", "1", "dexes", "Raydium").fails(400, "INVALID_REQUEST")
}

func TestJupiterLabels_NameEveryVenue(t *testing.T) {
	w := newWorld(t, nil)
	var got map[string]string
	w.get("/swap/v1/program-id-to-label").into(200, &got)
	require.Equal(t, "Infinity", got[accounts.InfinityProgram.String()])
	for _, program := range accounts.StakePoolPrograms() {
		require.Equal(t, "Stake Pool", got[program.String()])
	}

	for _, venue := range serve.AllVenues() {
		require.True(t, serve.HasLabel(venue), "venue %q has no label: add it to labels", venue)
	}
}

// TestJupiterQuote_RefusesAsJupiterDoes checks status and code of errors.
func TestJupiterQuote_RefusesAsJupiterDoes(t *testing.T) {
	w := newWorld(t, nil)
	sol, jito := accounts.NativeMint.String(), w.mint("jitoSOL").String()
	for name, c := range map[string]struct {
		query []string
		code  string
	}{
		"no mint":   {[]string{"outputMint", jito, "amount", "1"}, "INVALID_REQUEST"},
		"no amount": {[]string{"inputMint", sol, "outputMint", jito}, "INVALID_REQUEST"},
		"zero": {[]string{"inputMint", sol, "outputMint", jito, "amount", "0"},
			"INVALID_REQUEST"},
		"negative": {[]string{"inputMint", sol, "outputMint", jito, "amount", "-1"},
			"INVALID_REQUEST"},
		"fraction": {[]string{"inputMint", sol, "outputMint", jito, "amount", "1.5"},
			"INVALID_REQUEST"},
		"overflow": {[]string{"inputMint", sol, "outputMint", jito, "amount",
			"18446744073709551616"},
			"INVALID_REQUEST"},
		"largest": {[]string{"inputMint", sol, "outputMint", jito, "amount",
			"18446744073709551615"},
			"COULD_NOT_FIND_ANY_ROUTE"},
		"twice": {[]string{"inputMint", sol, "outputMint", jito, "amount", "1", "amount", "2"},
			"INVALID_REQUEST"},
		"not base58": {[]string{"inputMint", sol, "outputMint", "0OIl", "amount", "1"},
			"INVALID_REQUEST"},
		"same": {[]string{"inputMint", sol, "outputMint", sol, "amount", "1"},
			"CIRCULAR_ARBITRAGE_IS_DISABLED"},
		"unknown mint": {[]string{"inputMint", sol, "outputMint", w.user.PublicKey().String(),
			"amount", "1"},
			"TOKEN_NOT_TRADABLE"},
		"stake": {[]string{"inputMint", jito, "outputMint", route.NativeStake.String(), "amount",
			"1"},
			"TOKEN_NOT_TRADABLE"},
		"dust": {[]string{"inputMint", sol, "outputMint", jito, "amount", "1", "dexes",
			"Stake Program"},
			"COULD_NOT_FIND_ANY_ROUTE"},
		"slippage": {[]string{"inputMint", sol, "outputMint", jito, "amount", "1", "slippageBps",
			"1001"},
			"INVALID_REQUEST"},
		"fee": {[]string{"inputMint", sol, "outputMint", jito, "amount", "1", "platformFeeBps",
			"1001"},
			"INVALID_REQUEST"},
		"mode": {[]string{"inputMint", sol, "outputMint", jito, "amount", "1", "swapMode", "x"},
			"INVALID_REQUEST"},
		"bool": {[]string{"inputMint", sol, "outputMint", jito, "amount", "1", "onlyDirectRoutes",
			"yes"},
			"INVALID_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			w.get("/swap/v1/quote", c.query...).fails(400, c.code)
		})
	}
}

// TestJupiterQuote_IgnoresWhatChangesNothing checks the parameters of Jupiter's
// interface that have no meaning here.
func TestJupiterQuote_IgnoresWhatChangesNothing(t *testing.T) {
	w := newWorld(t, nil)
	plain := []string{
		"inputMint", accounts.NativeMint.String(), "outputMint", w.mint("jitoSOL").String(),
		"amount", "1000000000",
	}

	var want, got quoted
	w.get("/swap/v1/quote", plain...).into(200, &want)
	w.get("/swap/v1/quote", append(plain, "maxAccounts", "20", "restrictIntermediateTokens",
		"true", "instructionVersion", "V2", "dynamicSlippage", "true", "asLegacyTransaction",
		"true", "tokenCategoryBasedIntermediateTokens", "x")...).into(200, &got)
	require.Equal(t, want, got)
}

// body returns the body of a swap of a fresh quote.
func (w *world) body(from, to, amount string, query ...string) object {
	w.t.Helper()
	var quote object
	w.get("/swap/v1/quote", append([]string{
		"inputMint", w.mint(from).String(), "outputMint", w.mint(to).String(), "amount", amount,
	}, query...)...).into(200, &quote)
	return object{"userPublicKey": w.user.PublicKey().String(), "quoteResponse": quote}
}

// edit returns a copy of a body with another quote.
func edit(body object, change func(quote object)) object {
	text, _ := json.Marshal(body)
	var copied object
	_ = json.Unmarshal(text, &copied)
	quote, _ := copied["quoteResponse"].(object)
	change(quote)
	return copied
}

var anyKey = solana.MPK("7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4")
