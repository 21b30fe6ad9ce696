package choose

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// A gain has to exceed the rounding in base units and minGain in lamports.
// Unless a case sets the price, the token is worth one lamport.
func TestGains_Margin(t *testing.T) {
	const most = math.MaxUint64
	for _, c := range []struct {
		name     string
		gain     uint64
		rounding uint64
		minGain  uint64
		price    quote.Price
		want     bool
	}{
		{name: "no gain"},
		{name: "exactly minGain", gain: 1, minGain: 1},
		{name: "one unit more", gain: 2, minGain: 1, want: true},
		{name: "exactly the rounding", gain: 36, rounding: 36, minGain: 1},
		{name: "more than the rounding", gain: 37, rounding: 36, minGain: 1, want: true},
		{name: "the fee of a signature", gain: 5000, rounding: 36, minGain: 5000},
		{
			name:     "more than the fee of a signature",
			gain:     5001,
			rounding: 36,
			minGain:  5000,
			want:     true,
		},
		{
			name:    "units worth half a lamport",
			gain:    10_001,
			minGain: 5000,
			price:   quote.Price{Lamports: 1, Tokens: 2},
		},
		{
			name:    "one more half lamport",
			gain:    10_002,
			minGain: 5000,
			price:   quote.Price{Lamports: 1, Tokens: 2},
			want:    true,
		},
		{
			name:    "units without a price",
			gain:    5000,
			minGain: 5000,
			price:   quote.Price{Lamports: 5},
		},
		{
			name:    "one more unit without a price",
			gain:    5001,
			minGain: 5000,
			price:   quote.Price{Lamports: 5},
			want:    true,
		},
		{
			name:    "value overflows",
			gain:    most,
			minGain: most,
			price:   quote.Price{Lamports: 2, Tokens: 1},
			want:    true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.price == (quote.Price{}) {
				c.price = quote.Price{Lamports: 1, Tokens: 1}
			}

			require.Equal(t, c.want, gains(c.gain, c.rounding, c.minGain, c.price))
		})
	}
}

func TestRoundingBound_ByHand(t *testing.T) {
	const sol = 1_000_000_000
	for _, c := range []struct {
		name    string
		mode    terms.SwapMode
		in, out uint64
		want    uint64
	}{
		{"nothing", terms.ExactIn, 0, 0, 8},
		{"a thousand SOL", terms.ExactIn, 900 * sol, 1000 * sol, 9},
		{"more in than out", terms.ExactIn, 10_000 * sol, 9000 * sol, 18},
		{"exact out, one for one", terms.ExactOut, 1000 * sol, 1000 * sol, 9},
		{"exact out, two for one at least", terms.ExactOut, 1001 * sol, 1000 * sol, 18},
		{"exact out, nothing", terms.ExactOut, 5, 0, 8},
		{"the largest input", terms.ExactOut, math.MaxUint64, 1, math.MaxUint64},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := offer.Offer{In: c.in, Out: c.out}
			require.Equal(t, c.want, roundingBound(c.mode, &o))
		})
	}
}

func TestRoundingMargin_OfLegs(t *testing.T) {
	const sol = 1_000_000_000
	leg := func(in, out uint64) *offer.Offer { return &offer.Offer{In: in * sol, Out: out * sol} }
	// 2*(8+8)+4.
	require.Equal(t, uint64(36), splitRounding(terms.ExactIn, leg(1, 1), leg(1, 1)))
	// The second hop pays 2.5 for one unit: 2*(8*3+8)+4.
	require.Equal(t, uint64(68), chainRounding(terms.ExactIn, leg(1, 1), leg(2, 5)))
	// An error of 8 in the second hop's input costs 8*3 inputs of the first:
	// 2*(8*3+8*3)+4.
	require.Equal(t, uint64(100), chainRounding(terms.ExactOut, leg(5, 2), leg(1, 1)))
}
