package quote

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
)

// drawValue draws a calculator of any kind, including numbers that no program
// writes.
func drawValue(t *rapid.T) tokenValue {
	number, small := number(), rapid.Uint64Range(0, 50)
	draw := func(name string) uint64 { return rapid.OneOf(number, small).Draw(t, name) }
	return valueOf(rapid.SampledFrom([]func() SOLValueCalculator{
		func() SOLValueCalculator { return WrappedSOLValue{} },
		func() SOLValueCalculator { return LidoValue{draw("balance"), draw("supply")} },
		func() SOLValueCalculator {
			fee := accounts.Fee{
				Numerator:   draw("numerator"),
				Denominator: draw("denominator"),
			}
			if fee.Denominator > 0 && rapid.Bool().Draw(t, "usual fee") {
				fee.Numerator %= fee.Denominator
			}

			return StakePoolValue{draw("lamports"), draw("supply"), fee}
		},
		func() SOLValueCalculator {
			fee := rapid.OneOf(rapid.Uint32Range(0, marinadeFeeScale), rapid.Uint32()).Draw(t,
				"fee")
			return MarinadeValue{draw("lamports"), draw("supply"), fee}
		},
	}).Draw(t, "kind")())
}

// TestTokenValue_Ends checks that least and most return the ends of solToLST,
// and the same refusals.
func TestTokenValue_Ends(t *testing.T) {
	served := 0
	rapid.Check(t, func(t *rapid.T) {
		v, lamports := drawValue(t), number().Draw(t, "lamports")
		if rapid.Bool().Draw(t, "at the edge") {
			lamports = drawEdgeOf(t, v.price)
		}

		var whyRange, whyLeast, whyMost Refusal
		want, ok := v.solToLST(lamports, &whyRange)
		least, okLeast := v.least(lamports, &whyLeast)
		most, okMost := v.most(lamports, &whyMost)
		require.Equal(t, [2]bool{ok, ok}, [2]bool{okLeast, okMost})
		require.Equal(t, whyRange.Error(), whyLeast.Error())
		require.Equal(t, whyRange.Error(), whyMost.Error())
		if ok {
			served++
			require.Equal(t, want, MinMax{least, most})
		}
	})

	require.NotZero(t, served)
}

// drawEdgeOf draws an amount near the largest one that has an inverse.
func drawEdgeOf(t *rapid.T, r ratio) uint64 {
	edge, _ := r.floor(math.MaxUint64)
	return edge - min(edge, rapid.Uint64Range(0, 3).Draw(t, "below the edge"))
}

// TestTokenValue_Inverses checks that tokensFor and valueFor return the
// smallest sufficient inputs.
func TestTokenValue_Inverses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, wanted := drawValue(t), max(1, number().Draw(t, "wanted"))
		if !v.grows() {
			return
		}

		if tokens, ok := v.tokensFor(wanted); ok {
			require.NotZero(t, tokens)
			worth, ok := v.lstToSOL(tokens, nil)
			require.True(t, !ok || worth.Min >= wanted, "%d are worth %d", tokens, worth.Min)
			less, ok := v.lstToSOL(tokens-1, nil)
			require.True(t, ok, "less than a value that fits")
			require.Less(t, less.Min, wanted)
		}

		if value, ok := v.valueFor(wanted); ok {
			require.NotZero(t, value)
			least, ok := v.least(value, nil)
			require.True(t, !ok || least >= wanted, "%d buys %d", value, least)
			if less, ok := v.least(value-1, nil); ok {
				require.Less(t, less, wanted)
			}
		}
	})
}

// TestRatio_HasHigh checks that hasHigh agrees with the division in high, also
// at the edge of 64 bits.
func TestRatio_HasHigh(t *testing.T) {
	agree := func(t require.TestingT, r ratio, y uint64) {
		_, ok := r.high(y)
		require.Equal(t, ok, r.hasHigh(y), "%d of %v", y, r)
	}

	rapid.Check(t, func(t *rapid.T) {
		r := ratio{max(1, number().Draw(t, "n")), max(1, number().Draw(t, "d"))}
		agree(t, r, number().Draw(t, "y"))
		agree(t, r, drawEdgeOf(t, r))
		// With a ratio near one, some amount has a quotient of exactly 2^64-1.
		r.n = max(1, r.d-min(r.d, rapid.Uint64Range(0, 1000).Draw(t, "less")))
		agree(t, r, drawEdgeOf(t, r))
	})
}

// TestRatio_Spread checks that spread bounds the difference between the ends of
// an inverse.
func TestRatio_Spread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := ratio{max(1, number().Draw(t, "n")), max(1, number().Draw(t, "d"))}
		y := number().Draw(t, "y")
		inverses := []func(uint64, *Refusal) (MinMax, bool){r.invertFloorWide, r.invertCeilWide}
		for _, of := range inverses {
			if ends, ok := of(y, nil); ok {
				require.LessOrEqual(t, ends.Max-ends.Min, r.spread())
			}
		}
	})
}
