package choose

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// TestGains: two legs have to pay more than one offer, by more units than
// rounding may bring and by more lamports than the request asks for. The token
// is worth a lamport unless a case says otherwise.
func TestGains(t *testing.T) {
	const most = math.MaxUint64
	for _, c := range []struct {
		name     string
		gain     uint64
		rounding uint64
		minGain  uint64
		price    quote.Price
		want     bool
	}{
		{name: "nothing"},
		{name: "what was asked for", gain: 1, minGain: 1},
		{name: "a unit more", gain: 2, minGain: 1, want: true},
		{name: "what rounding may bring", gain: 36, rounding: 36, minGain: 1},
		{name: "more than rounding may bring", gain: 37, rounding: 36, minGain: 1, want: true},
		{name: "a signature", gain: 5000, rounding: 36, minGain: 5000},
		{name: "more than a signature", gain: 5001, rounding: 36, minGain: 5000, want: true},
		{
			name:    "units worth half a lamport",
			gain:    10_001,
			minGain: 5000,
			price:   quote.Price{Lamports: 1, Tokens: 2},
		},
		{
			name:    "one more of them",
			gain:    10_002,
			minGain: 5000,
			price:   quote.Price{Lamports: 1, Tokens: 2},
			want:    true,
		},
		{
			name:    "units of unknown worth",
			gain:    5000,
			minGain: 5000,
			price:   quote.Price{Lamports: 5},
		},
		{
			name:    "one more of those",
			gain:    5001,
			minGain: 5000,
			price:   quote.Price{Lamports: 5},
			want:    true,
		},
		{
			name:    "worth more than there is",
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

// TestRoughness is worked out by hand from what the comment says.
func TestRoughness(t *testing.T) {
	const sol = 1_000_000_000
	for _, c := range []struct {
		name      string
		side      terms.SwapMode
		in, out   uint64
		roughness uint64
	}{
		{"nothing", terms.ExactIn, 0, 0, 8},
		{"a thousand SOL", terms.ExactIn, 900 * sol, 1000 * sol, 9},
		{"more in than out", terms.ExactIn, 10_000 * sol, 9000 * sol, 18},
		{"exact out, one for one", terms.ExactOut, 1000 * sol, 1000 * sol, 9},
		{"exact out, two for one at least", terms.ExactOut, 1001 * sol, 1000 * sol, 18},
		{"exact out, nothing", terms.ExactOut, 5, 0, 8},
		{"as large as can be", terms.ExactOut, math.MaxUint64, 1, math.MaxUint64},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := offer.Offer{In: c.in, Out: c.out}
			require.Equal(t, c.roughness, roundingBound(c.side, &o))
		})
	}
}

// TestRounding: what two legs may owe to roundingMargin, by hand.
func TestRounding(t *testing.T) {
	const sol = 1_000_000_000
	leg := func(in, out uint64) *offer.Offer { return &offer.Offer{In: in * sol, Out: out * sol} }
	// 2*(8+8)+4.
	require.Equal(t, uint64(36), splitRounding(terms.ExactIn, leg(1, 1), leg(1, 1)))
	// The second step makes 2.5 of one: 2*(8*3+8)+4.
	require.Equal(t, uint64(68), chainRounding(terms.ExactIn, leg(1, 1), leg(2, 5)))
	// What the second is off by, 8 of its inputs, takes 8*3 inputs of the
	// first: 2*(8*3+8*3)+4.
	require.Equal(t, uint64(100), chainRounding(terms.ExactOut, leg(5, 2), leg(1, 1)))
}
