package route

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestMarket_Worthwhile: two legs have to pay more than one quote, by more
// units than rounding may bring and by more lamports than the request asks
// for. The token is worth a lamport unless a case says otherwise.
func TestMarket_Worthwhile(t *testing.T) {
	const most = math.MaxUint64
	for _, c := range []struct {
		name       string
		legs, than uint64
		rounding   uint64
		minGain    uint64
		price      quote.Price
		worthwhile bool
	}{
		{name: "less", legs: 99, than: 100, minGain: 1},
		{name: "the same", legs: 100, than: 100, minGain: 1},
		{name: "what was asked for", legs: 101, than: 100, minGain: 1},
		{name: "a unit more", legs: 102, than: 100, minGain: 1, worthwhile: true},
		{name: "what rounding may bring", legs: 136, than: 100, rounding: 36, minGain: 1},
		{name: "more than rounding may bring", legs: 137, than: 100, rounding: 36, minGain: 1, worthwhile: true},
		{name: "a signature", legs: 6000, than: 1000, rounding: 36},
		{name: "more than a signature", legs: 6001, than: 1000, rounding: 36, worthwhile: true},
		{name: "units worth half a lamport", legs: 11_001, than: 1000, price: quote.Price{Lamports: 1, Tokens: 2}},
		{name: "one more of them", legs: 11_002, than: 1000, price: quote.Price{Lamports: 1, Tokens: 2}, worthwhile: true},
		{name: "units of unknown worth", legs: 6000, than: 1000, price: quote.Price{Lamports: 5}},
		{name: "one more of those", legs: 6001, than: 1000, price: quote.Price{Lamports: 5}, worthwhile: true},
		{name: "worth more than there is", legs: most, than: 1, price: quote.Price{Lamports: 2, Tokens: 1}, worthwhile: true},
		{name: "both as large as can be", legs: most, than: most, minGain: 1},
		{name: "both nothing", minGain: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.price == (quote.Price{}) {
				c.price = quote.Price{Lamports: 1, Tokens: 1}
			}
			r := Request{From: accounts.NativeMint, MinGain: c.minGain}
			legs := Quote{Request: r, NetOut: c.legs, Price: c.price}
			than := Quote{Request: r, NetOut: c.than}
			require.Equal(t, c.worthwhile, (&Market{}).worthwhile(&legs, &than, c.rounding))

			// Exact out, the legs are those that take less, of SOL here.
			if c.price.Tokens != c.price.Lamports {
				return
			}
			legs.Request.Side = ExactOut
			legs.NetIn, than.NetIn = c.than, c.legs
			require.Equal(t, c.worthwhile, (&Market{}).worthwhile(&legs, &than, c.rounding))
		})
	}
}

// TestQuote_Roughness is worked out by hand from what the comment says.
func TestQuote_Roughness(t *testing.T) {
	const sol = 1_000_000_000
	for _, c := range []struct {
		name      string
		side      Side
		in, out   uint64
		roughness uint64
	}{
		{"nothing", ExactIn, 0, 0, 8},
		{"a thousand SOL", ExactIn, 900 * sol, 1000 * sol, 9},
		{"more in than out", ExactIn, 10_000 * sol, 9000 * sol, 18},
		{"exact out, one for one", ExactOut, 1000 * sol, 1000 * sol, 9},
		{"exact out, two for one at least", ExactOut, 1001 * sol, 1000 * sol, 18},
		{"exact out, nothing", ExactOut, 5, 0, 8},
		{"as large as can be", ExactOut, math.MaxUint64, 1, math.MaxUint64},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := Quote{Request: Request{Side: c.side}, In: c.in, Out: c.out}
			require.Equal(t, c.roughness, q.roughness())
		})
	}
}

// TestRounding: what two legs may owe to luck, by hand.
func TestRounding(t *testing.T) {
	const sol = 1_000_000_000
	leg := func(side Side, in, out uint64) *Quote {
		return &Quote{Request: Request{Side: side}, In: in * sol, Out: out * sol}
	}
	// 2*(8+8)+4.
	require.Equal(t, uint64(36), splitRounding(leg(ExactIn, 1, 1), leg(ExactIn, 1, 1)))
	// The second step makes 2.5 of one: 2*(8*3+8)+4.
	require.Equal(t, uint64(68), chainRounding(leg(ExactIn, 1, 1), leg(ExactIn, 2, 5)))
	// What the second is off by, 8 of its inputs, takes 8*3 inputs of the first: 2*(8*3+8*3)+4.
	require.Equal(t, uint64(100), chainRounding(leg(ExactOut, 5, 2), leg(ExactOut, 1, 1)))
}
