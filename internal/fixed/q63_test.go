package fixed_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// unit draws fixed-point numbers of at most one. Numbers near zero, a half and
// one, and numbers just below one, are more frequent than in a uniform
// distribution.
func unit() *rapid.Generator[uint64] {
	return rapid.OneOf(
		rapid.Uint64Range(0, fixed.Q63One),
		rapid.Uint64Range(0, 3),
		rapid.Uint64Range(fixed.Q63One/2-3, fixed.Q63One/2+3),
		rapid.Uint64Range(fixed.Q63One-3, fixed.Q63One),
		rapid.Uint64Range(fixed.Q63One-1<<50, fixed.Q63One),
	)
}

// nearest returns a*b/2^63, rounded to the nearest, halves up.
func nearest(a, b uint64) uint64 {
	product := new(big.Int).Mul(toBig(a), toBig(b))
	product.Add(product, new(big.Int).Lsh(big.NewInt(1), 62))
	return product.Rsh(product, 63).Uint64()
}

func TestQ63Mul(t *testing.T) {
	const half = fixed.Q63One / 2
	for _, test := range []struct {
		name       string
		a, b, want uint64
	}{
		{"one and one", fixed.Q63One, fixed.Q63One, fixed.Q63One},
		{"one and another", fixed.Q63One, 12_345, 12_345},
		{"halves", half, half, half / 2},
		{"zero", 0, fixed.Q63One, 0},
		{"half of the least, up", half, 1, 1},
		{"just below half of the least, down", half - 1, 1, 0},
		{"one and a half of the least, up", half, 3, 2},
		{"least squared", 1, 1, 0},
		{"just below one, squared", fixed.Q63One - 1, fixed.Q63One - 1, fixed.Q63One - 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, fixed.Q63Mul(test.a, test.b))
			require.Equal(t, test.want, fixed.Q63Mul(test.b, test.a))
		})
	}

	rapid.Check(t, func(t *rapid.T) {
		a, b := unit().Draw(t, "a"), unit().Draw(t, "b")
		got := fixed.Q63Mul(a, b)
		require.Equal(t, nearest(a, b), got)
		require.LessOrEqual(t, got, min(a, b))
	})
}

// TestQ63Pow checks powers of the share that Infinity withholds per slot. They
// are from a worked example at the rate on mainnet. The values at the ends of
// the range were computed by hand.
func TestQ63Pow(t *testing.T) {
	const mainnet = fixed.Q63One - 39_328_803_111_936
	for _, test := range []struct {
		base, exponent, want uint64
	}{
		{mainnet, 0, fixed.Q63One},
		{mainnet, 1, 9_223_332_708_051_663_872},
		{mainnet, 10, 9_222_978_756_370_047_529},
		{mainnet, 432_000, 1_461_805_955_244_855_128},
		{mainnet, 2_160_000, 922_337_203_591_220},
		{0, 0, fixed.Q63One},
		{0, 1, 0},
		{0, largest, 0},
		{fixed.Q63One, largest, fixed.Q63One},
		{fixed.Q63One / 2, 62, 2},
		{fixed.Q63One / 2, 63, 1},
		{fixed.Q63One / 2, 64, 1}, // Half of the smallest value rounds up.
		{fixed.Q63One / 2, 65, 1}, // So does half of the result.
		{fixed.Q63One / 2, 128, 0},
	} {
		require.Equal(t, test.want, fixed.Q63Pow(test.base, test.exponent), "%d to the %d",
			test.base, test.exponent)
	}

	rapid.Check(t, func(t *rapid.T) {
		base := unit().Draw(t, "base")
		exponent := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 1000),
			rapid.Uint64Range(0, 10_000_000)).Draw(t, "exponent")
		// The program squares repeatedly, from the lowest bit up.
		want, square := uint64(fixed.Q63One), base
		for i := range 64 {
			if exponent>>i&1 == 1 {
				want = nearest(want, square)
			}

			square = nearest(square, square)
		}

		require.Equal(t, want, fixed.Q63Pow(base, exponent))
	})
}

// TestQ63Pow_Error checks that the sum of all rounding errors is much smaller
// than one lamport of the yield of any pool.
func TestQ63Pow_Error(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := unit().Draw(t, "base")
		exponent := rapid.Uint64Range(0, 300).Draw(t, "exponent")
		exact := new(big.Int).Exp(toBig(base), toBig(exponent), nil)
		exact.Mul(exact, toBig(fixed.Q63One))
		exact.Quo(exact, new(big.Int).Lsh(big.NewInt(1), 63*uint(exponent)))
		off := exact.Sub(exact, toBig(fixed.Q63Pow(base, exponent)))
		require.LessOrEqual(t, off.CmpAbs(big.NewInt(1200)), 0, "off by %s", off)
	})
}
