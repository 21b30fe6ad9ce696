package route_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// portableMarket returns a market in which all shapes of routes occur.
func portableMarket(t testing.TB) (*route.Market, []route.Request) {
	t.Helper()
	c := newLargeMarket(t, 3, 0)
	market := c.market(t, c.loader())
	rng := rand.New(rand.NewPCG(1, 2))
	mints := []solana.PublicKey{accounts.NativeMint}
	for _, token := range c.Tokens {
		mints = append(mints, token.Mint)
	}

	var requests []route.Request
	for _, from := range mints {
		for _, to := range append(mints, route.NativeStake) {
			if from == to {
				continue
			}

			for range 3 {
				requests = append(requests, route.Request{
					From:   from,
					To:     to,
					Amount: (sol + rng.Uint64N(10*sol)) << rng.IntN(16),
					Options: route.Options{
						SwapMode:        route.SwapMode(rng.IntN(2)),
						SlippageBps:     50,
						MinGain:         1,
						AllowPoolUpdate: true,
					},
				})
			}
		}
	}

	return market, requests
}

// market loads the market of a loader.
func (c *largeMarket) market(t testing.TB, loader *route.Loader) *route.Market {
	t.Helper()
	market, err := loader.Build(c.load(t, loader))
	require.NoError(t, err)
	return market
}

// portableQuotes returns the quotes of a market.
func portableQuotes(t testing.TB) (*route.Market, []route.Quote) {
	t.Helper()
	market, requests := portableMarket(t)
	var all []route.Quote
	for _, r := range requests {
		quotes, _ := market.Quotes(r)
		all = append(all, quotes...)
	}
	return market, all
}

// TestPortableQuote_RoundTrip checks that the JSON of each quote is read as it
// was written, also within another value, and that nothing of the owner is in
// it.
func TestPortableQuote_RoundTrip(t *testing.T) {
	_, quotes := portableQuotes(t)
	shapes := make(map[route.Shape]int)
	for _, q := range quotes {
		q.Request.User = solana.PublicKey{0xee, 1}
		q.Request.Signers = []solana.PublicKey{{0xee, 2}}
		text, err := json.Marshal(q)
		require.NoError(t, err)
		require.NotContains(t, string(text), q.Request.User.String())
		require.NotContains(t, string(text), q.Request.Signers[0].String())

		var p route.PortableQuote
		require.NoError(t, json.Unmarshal(text, &p), string(text))
		want := q.Portable()
		require.Equal(t, q.Request.User, want.Expected.User)
		want.Expected = route.Parties{}
		require.Equal(t, want, p)
		shapes[p.Shape]++

		again, err := json.Marshal(p)
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))

		list := []route.PortableQuote{{Expected: route.Parties{Recipient: solana.PublicKey{3}}}}
		require.NoError(t, json.Unmarshal([]byte("["+string(text)+"]"), &list))
		require.Equal(t, solana.PublicKey{3}, list[0].Expected.Recipient, "it is the receiver's")
		require.Equal(t, p.Legs, list[0].Legs)
	}

	t.Logf("%v", shapes)
	for _, shape := range []route.Shape{route.ShapeDirect, route.ShapeTwoHops,
		route.ShapeSplit} {
		require.NotZero(t, shapes[shape], shape)
	}
}

func TestPortableQuote_String(t *testing.T) {
	w := newWorld(t)
	request := w.stake(t, "JitoSOL", 1_500_000_000)
	request.IntegratorFee = route.IntegratorFee{BPS: 20, Account: solana.PublicKey{5}}
	q, err := w.market(t, "JitoSOL").Quote(request)
	require.NoError(t, err)

	p := q.Portable()
	mint := request.To.String()
	require.Equal(t, "swap 1.5 SOL -> "+digitsOf(q.Out)+" base units of "+mint+
		" via stake pool deposit, at least "+digitsOf(q.MinOut)+" base units of "+mint+
		", with a fee of 20 bps of the output to "+solana.PublicKey{5}.String()+
		", valid until slot "+
		digitsOf(p.ValidUntilSlot), p.String())

	require.Equal(t, request.String(), p.Request.String())
	require.Equal(t, "no quote", route.PortableQuote{}.String())

	leg := p.Legs[0]
	require.Equal(t, "stake pool deposit: 1500000000 -> "+digitsOf(leg.Out), leg.String())
	require.Equal(t, "a: 3 base units of "+mint+" (0.001)", route.PortableFee{
		Name:   "a",
		Amount: 3,
		Mint:   request.To,
		Rate:   "0.001",
	}.String())

	require.Equal(t, "rent: 0.00000001 SOL",
		route.PortableCost{Name: "rent", Lamports: 10}.String())
	require.Equal(t, "stake of 1.5 SOL with "+mint,
		route.PortableStake{Vote: request.To, Stake: 1_500_000_000}.String())
}

// digitsOf returns an amount as JSON has it.
func digitsOf(amount uint64) string {
	text, _ := json.Marshal(amount)
	return string(text)
}

// TestPortableQuote_Decimals checks that rates and prices are decimals, not
// fractions.
func TestPortableQuote_Decimals(t *testing.T) {
	_, quotes := portableQuotes(t)
	rates := 0
	for _, q := range quotes {
		p := q.Portable()
		require.Equal(t, q.Price.String(), p.Price)
		impact, err := q.PriceImpact()
		require.NoError(t, err)
		require.Equal(t, strings.TrimSuffix(strings.TrimRight(impact.FloatString(9), "0"), "."),
			p.PriceImpact)
		for i, f := range q.Fees {
			require.NotContains(t, p.Fees[i].Rate, "/")
			require.Equal(t, f.Rate == "", p.Fees[i].Rate == "", f.Rate)
			if f.Rate == "10/10000" {
				require.Equal(t, "0.001", p.Fees[i].Rate)
				rates++
			}
		}
	}

	require.NotZero(t, rates)
}

// TestQuote_MarshalJSON checks that a quote is written as a portable one, and
// that no JSON becomes a quote.
func TestQuote_MarshalJSON(t *testing.T) {
	_, quotes := portableQuotes(t)
	text, err := json.Marshal(quotes[0])
	require.NoError(t, err)
	want, err := json.Marshal(quotes[0].Portable())
	require.NoError(t, err)
	require.Equal(t, string(want), string(text))

	var q route.Quote
	err = json.Unmarshal(text, &q)
	require.ErrorIs(t, err, route.ErrPortableQuote)
	require.ErrorContains(t, err, "Market.Requote")
	require.Equal(t, route.Venue(""), q.Venue)

	_, err = json.Marshal(route.Quote{})
	require.NoError(t, err)
}
