package serve_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// quotesAnswer is a response of /v1/quotes.
type quotesAnswer struct {
	Slot   uint64
	From   struct{ Mint, Symbol string }
	To     struct{ Mint, Symbol string }
	Quotes []struct {
		Venue, In, Out, MinOut, MaxIn, NetIn, NetOut, Behind, PriceImpact string

		Fees          []struct{ Name, Amount, Mint string }
		Costs         []struct{ Name, Lamports string }
		Legs          []struct{ Venue, In, Out string }
		StakeAccounts []struct{ Vote, Stake string }
		Exact         bool
	}
	Rejections []struct{ Venue, Reason string }
}

// TestQuotes_AreAllThoseOfTheMarket compares all figures and reasons with
// Market.Quotes.
func TestQuotes_AreAllThoseOfTheMarket(t *testing.T) {
	w := newWorld(t, nil)
	for _, c := range append(trades, trades[0]) {
		req := route.Request{From: w.mint(c.from), To: w.mint(c.to), Amount: c.amount}
		req.SwapMode, req.SlippageBps = c.mode, 25
		want, rejected := w.market.Quotes(req)

		var got quotesAnswer
		w.get("/v1/quotes", "from", c.from, "to", c.to, "amount", fmt.Sprint(c.amount), "swapMode",
			map[route.SwapMode]string{route.ExactIn: "exactIn", route.ExactOut: "exactOut"}[c.mode],
			"slippageBps", "25").into(200, &got)
		require.Equal(t, w.market.Slot(), got.Slot)
		require.Equal(t, req.From.String(), got.From.Mint)
		require.Equal(t, req.To.String(), got.To.Mint)
		require.Len(t, got.Quotes, len(want))
		for i, q := range want {
			said := got.Quotes[i]
			require.Equal(t, string(q.Venue), said.Venue)
			require.Equal(t, fmt.Sprint(q.In), said.In)
			require.Equal(t, fmt.Sprint(q.Out), said.Out)
			require.Equal(t, fmt.Sprint(q.MinOut), said.MinOut)
			require.Equal(t, fmt.Sprint(q.MaxIn), said.MaxIn)
			require.Equal(t, fmt.Sprint(q.NetIn), said.NetIn)
			require.Equal(t, fmt.Sprint(q.NetOut), said.NetOut)
			require.Equal(t, q.Exact, said.Exact)
			require.Len(t, said.Fees, len(q.Fees))
			require.Len(t, said.Costs, len(q.Costs))
			require.Len(t, said.Legs, len(q.Legs))
			behind := want[0].NetOut - q.NetOut
			if c.mode == route.ExactOut {
				behind = q.NetIn - want[0].NetIn
			}

			require.Equal(t, fmt.Sprint(behind), said.Behind)

			impact, err := q.PriceImpact()
			require.NoError(t, err)
			require.Equal(t, impact.FloatString(9), said.PriceImpact)
		}

		require.Len(t, got.Rejections, len(rejected))
		for i, r := range rejected {
			require.Equal(t, string(r.Venue), got.Rejections[i].Venue)
			require.Equal(t, r.Err.Error(), got.Rejections[i].Reason)
		}
	}
}

func TestQuotes_ForAStakeAccount(t *testing.T) {
	w := newWorld(t, nil)
	var got quotesAnswer
	w.get("/v1/quotes", "from", "jitoSOL", "to", "stake", "amount", "5000000000").into(200, &got)
	require.NotEmpty(t, got.Quotes)
	require.NotEmpty(t, got.Quotes[0].StakeAccounts)
	require.Equal(t, "stake", got.To.Symbol)
}

func TestQuotes_OfNoVenueIsNoError(t *testing.T) {
	w := newWorld(t, nil)
	var got quotesAnswer
	w.get("/v1/quotes", "from", "SOL", "to", "hubSOL", "amount", "1000000000", "venues",
		string(route.VenueReserve)).into(200, &got)
	require.Empty(t, got.Quotes)
	require.NotEmpty(t, got.Rejections)
}

func TestQuotes_WithAFee(t *testing.T) {
	w := newWorld(t, nil)
	var got quotesAnswer
	w.get("/v1/quotes", "from", "SOL", "to", "hubSOL", "amount", "1000000000", "feeBps", "20",
		"feeOnInput", "true").into(200, &got)
	fees := got.Quotes[0].Fees
	last := fees[len(fees)-1]
	require.Equal(t, route.IntegratorFeeName, last.Name)
	require.Equal(t, "2000000", last.Amount, "20 basis points of 1 SOL")
	require.Equal(t, accounts.NativeMint.String(), last.Mint)
}

func TestQuotes_RefuseBadParameters(t *testing.T) {
	w := newWorld(t, nil)
	good := map[string]string{"from": "SOL", "to": "hubSOL", "amount": "1000000000"}
	for name, c := range map[string]struct{ parameter, value, code string }{
		"unknown parameter": {"slippage", "10", "INVALID_REQUEST"},
		"no amount":         {"amount", "", "INVALID_REQUEST"},
		"zero":              {"amount", "0", "INVALID_REQUEST"},
		"leading zero":      {"amount", "01", "INVALID_REQUEST"},
		"token":             {"to", "dogecoin", "TOKEN_NOT_TRADABLE"},
		"same":              {"to", "SOL", "CIRCULAR_ARBITRAGE_IS_DISABLED"},
		"venue":             {"venues", "Raydium", "INVALID_REQUEST"},
		"recipient":         {"recipient", "x", "INVALID_REQUEST"},
		"vault":             {"recipient", accounts.NativeMint.String(), "INVALID_REQUEST"},
		"mode":              {"swapMode", "both", "INVALID_REQUEST"},
		"slippage":          {"slippageBps", "70000", "INVALID_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			var query []string
			for key, value := range good {
				if key != c.parameter {
					query = append(query, key, value)
				}
			}

			w.get("/v1/quotes", append(query, c.parameter, c.value)...).fails(400, c.code)
		})
	}
}
