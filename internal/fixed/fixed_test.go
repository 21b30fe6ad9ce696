package fixed_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

const largest = math.MaxUint64

func TestMulDiv(t *testing.T) {
	for _, test := range []struct {
		name        string
		a, b, c     uint64
		floor, ceil uint64
		floorErr    error
		ceilErr     error
	}{
		{name: "zero", a: 0, b: 5, c: 3},
		{name: "exact", a: 6, b: 5, c: 3, floor: 10, ceil: 10},
		{name: "a third", a: 1, b: 1, c: 3, floor: 0, ceil: 1},
		{name: "two thirds", a: 2, b: 1, c: 3, floor: 0, ceil: 1},
		{
			name:  "through 128 bits",
			a:     largest,
			b:     largest,
			c:     largest,
			floor: largest,
			ceil:  largest,
		},
		{name: "largest quotient", a: largest, b: 7, c: 7, floor: largest, ceil: largest},
		// The quotient of (2^64-1)*2/3 is exact: 12297829382473034410.
		{
			name:  "above 64 bits",
			a:     largest,
			b:     2,
			c:     3,
			floor: 12_297_829_382_473_034_410,
			ceil:  12_297_829_382_473_034_410,
		},
		{
			name:     "quotient too large",
			a:        largest,
			b:        2,
			c:        1,
			floorErr: fixed.ErrOverflow,
			ceilErr:  fixed.ErrOverflow,
		},
		{
			name:     "quotient of 2^64",
			a:        1 << 63,
			b:        2,
			c:        1,
			floorErr: fixed.ErrOverflow,
			ceilErr:  fixed.ErrOverflow,
		},
		// 2^65-1 = 31 * 1190112520884487201. Half of it is 2^64-1 and a half.
		{
			name:    "only the ceiling too large",
			a:       1_190_112_520_884_487_201,
			b:       31,
			c:       2,
			floor:   largest,
			ceilErr: fixed.ErrOverflow,
		},
		{
			name:     "divide by zero",
			a:        1,
			b:        1,
			c:        0,
			floorErr: fixed.ErrDivideByZero,
			ceilErr:  fixed.ErrDivideByZero,
		},
		{name: "zero by zero", floorErr: fixed.ErrDivideByZero, ceilErr: fixed.ErrDivideByZero},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := fixed.MulDivFloor(test.a, test.b, test.c)
			require.Equal(t, test.floorErr, err)
			require.Equal(t, test.floor, got)
			got, err = fixed.MulDivCeil(test.a, test.b, test.c)
			require.Equal(t, test.ceilErr, err)
			require.Equal(t, test.ceil, got)
		})
	}
}

func TestAdd_Sub(t *testing.T) {
	for _, test := range []struct {
		name       string
		a, b       uint64
		sum        uint64
		sumErr     error
		difference uint64
		subErr     error
		saturating uint64
	}{
		{name: "zero"},
		{name: "equal", a: 5, b: 5, sum: 10},
		{name: "larger first", a: 7, b: 5, sum: 12, difference: 2, saturating: 2},
		{name: "larger second", a: 5, b: 7, sum: 12, subErr: fixed.ErrOverflow},
		{
			name:       "largest sum",
			a:          largest - 1,
			b:          1,
			sum:        largest,
			difference: largest - 2,
			saturating: largest - 2,
		},
		{
			name:       "sum too large",
			a:          largest,
			b:          1,
			sumErr:     fixed.ErrOverflow,
			difference: largest - 1,
			saturating: largest - 1,
		},
		{name: "both largest", a: largest, b: largest, sumErr: fixed.ErrOverflow},
		{name: "zero less one", b: 1, sum: 1, subErr: fixed.ErrOverflow},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := fixed.Add(test.a, test.b)
			require.Equal(t, test.sumErr, err)
			require.Equal(t, test.sum, got)
			got, err = fixed.Sub(test.a, test.b)
			require.Equal(t, test.subErr, err)
			require.Equal(t, test.difference, got)
			require.Equal(t, test.saturating, fixed.SaturatingSub(test.a, test.b))
		})
	}
}

// amount draws numbers of every size. The ends of the range are more frequent
// than in a uniform distribution.
func amount() *rapid.Generator[uint64] {
	return rapid.OneOf(
		rapid.Uint64(),
		rapid.Uint64Range(0, 3),
		rapid.Uint64Range(largest-3, largest),
		rapid.Custom(func(t *rapid.T) uint64 {
			return rapid.Uint64().Draw(t, "n") >> rapid.IntRange(0, 63).Draw(t, "shift")
		}),
	)
}

func toBig(n uint64) *big.Int { return new(big.Int).SetUint64(n) }

// requireBig compares a result with the exact one. A result that does not fit
// in a uint64 must be an overflow.
func requireBig(t require.TestingT, want *big.Int, got uint64, err error) {
	if !want.IsUint64() {
		require.Equal(t, fixed.ErrOverflow, err)
		require.Zero(t, got)
		return
	}
	require.NoError(t, err)
	require.Equal(t, want.Uint64(), got)
}

func TestMulDiv_AgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := amount().Draw(t, "a")
		b := amount().Draw(t, "b")
		c := amount().Draw(t, "c")
		d := amount().Draw(t, "d")

		product := new(big.Int).Mul(toBig(a), toBig(b))

		if c != 0 {
			quotient, rest := new(big.Int).QuoRem(product, toBig(c), new(big.Int))
			got, err := fixed.MulDivFloor(a, b, c)
			requireBig(t, quotient, got, err)
			got, remainder, ok := fixed.MulAddDiv(a, b, 0, c)
			require.Equal(t, quotient.IsUint64(), ok)
			if ok {
				require.Equal(t, [2]uint64{quotient.Uint64(), rest.Uint64()},
					[2]uint64{got, remainder})
			}

			if rest.Sign() != 0 {
				quotient.Add(quotient, big.NewInt(1))
			}

			got, err = fixed.MulDivCeil(a, b, c)
			requireBig(t, quotient, got, err)
		}

		require.Equal(t, product.Cmp(new(big.Int).Mul(toBig(c), toBig(d))) < 0,
			fixed.MulLess(a, b, c, d))
		require.False(t, fixed.MulLess(a, b, b, a))

		got, err := fixed.Add(a, b)
		requireBig(t, new(big.Int).Add(toBig(a), toBig(b)), got, err)
		got, err = fixed.Sub(a, b)
		difference := new(big.Int).Sub(toBig(a), toBig(b))
		requireBig(t, difference, got, err)
		if difference.Sign() < 0 {
			difference.SetInt64(0)
		}

		require.Equal(t, difference.Uint64(), fixed.SaturatingSub(a, b))
	})
}

// TestMulDiv_NearOverflow checks products just below and above 2^64 times the
// divisor, which random numbers rarely hit.
func TestMulDiv_NearOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.Uint64Range(1, largest).Draw(t, "b")
		c := rapid.Uint64Range(1, b).Draw(t, "c")
		border := new(big.Int).Lsh(toBig(c), 64)
		border.Quo(border, toBig(b))
		border.Add(border, big.NewInt(rapid.Int64Range(-2, 2).Draw(t, "off")))
		if !border.IsUint64() {
			t.Skip("not a factor")
		}

		a := border.Uint64()
		product := new(big.Int).Mul(border, toBig(b))
		got, err := fixed.MulDivFloor(a, b, c)
		requireBig(t, new(big.Int).Quo(product, toBig(c)), got, err)
		up := new(big.Int).Add(product, toBig(c-1))
		got, err = fixed.MulDivCeil(a, b, c)
		requireBig(t, up.Quo(up, toBig(c)), got, err)
	})
}

func TestCalc_Results(t *testing.T) {
	var c fixed.Calc
	require.Zero(t, c.Add())
	require.Equal(t, uint64(6), c.Add(1, 2, 3))
	require.Equal(t, uint64(1), c.Sub(3, 2))
	require.Equal(t, uint64(3), c.MulDivFloor(2, 5, 3))
	require.Equal(t, uint64(4), c.MulDivCeil(2, 5, 3))
	require.NoError(t, c.Err())
}

// TestCalc_KeepsFirstError begins with each possible error. Every later result
// is zero, and the first error remains.
func TestCalc_KeepsFirstError(t *testing.T) {
	custom := errors.New("refused")
	for _, test := range []struct {
		name string
		fail func(*fixed.Calc) uint64
		want error
	}{
		{"add", func(c *fixed.Calc) uint64 { return c.Add(largest, 1) }, fixed.ErrOverflow},
		{"add, among others", func(c *fixed.Calc) uint64 { return c.Add(largest, 1, 5) },
			fixed.ErrOverflow},
		{"sub", func(c *fixed.Calc) uint64 { return c.Sub(1, 2) }, fixed.ErrOverflow},
		{"floor", func(c *fixed.Calc) uint64 { return c.MulDivFloor(1, 1, 0) },
			fixed.ErrDivideByZero},
		{"ceil", func(c *fixed.Calc) uint64 { return c.MulDivCeil(1, 1, 0) },
			fixed.ErrDivideByZero},
		{"floor, overflow",
			func(c *fixed.Calc) uint64 { return c.MulDivFloor(largest, largest, 1) },
			fixed.ErrOverflow},
		{"ceil, overflow", func(c *fixed.Calc) uint64 { return c.MulDivCeil(largest, largest, 1) },
			fixed.ErrOverflow},
		{"caller", func(c *fixed.Calc) uint64 { c.Fail(custom); return 0 }, custom},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c fixed.Calc
			require.Equal(t, uint64(3), c.Add(1, 2))
			require.Zero(t, test.fail(&c))
			require.Equal(t, test.want, c.Err())

			require.Zero(t, c.Add(1, 2))
			require.Zero(t, c.Sub(3, 2))
			require.Zero(t, c.MulDivFloor(4, 1, 2))
			require.Zero(t, c.MulDivCeil(4, 1, 2))
			require.Equal(t, test.want, c.Err())

			c.Fail(errors.New("later"))
			c.Add(largest, largest)
			c.MulDivFloor(1, 1, 0)
			require.Equal(t, test.want, c.Err())
		})
	}
}

// TestMulAddDivCeil checks the edge cases by hand, and compares all others with
// the exact result.
func TestMulAddDivCeil(t *testing.T) {
	for _, test := range []struct {
		name             string
		a, b, c, d, want uint64
		err              error
	}{
		{name: "zero", d: 5},
		{name: "exact", a: 2, b: 5, c: 2, d: 3, want: 4},
		{name: "a third over", a: 2, b: 5, c: 3, d: 3, want: 5},
		{
			name: "the sum carries into the high word",
			a:    1 << 63,
			b:    2,
			c:    largest,
			d:    largest,
			want: 3,
		},
		{name: "largest", a: largest, b: largest, c: 0, d: largest, want: largest},
		{name: "one too large", a: largest, b: largest, c: 1, d: largest, err: fixed.ErrOverflow},
		{
			name: "quotient of 2^64",
			a:    largest,
			b:    largest,
			c:    largest,
			d:    largest,
			err:  fixed.ErrOverflow,
		},
		{name: "by zero", a: 1, b: 1, c: 1, err: fixed.ErrDivideByZero},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := fixed.MulAddDivCeil(test.a, test.b, test.c, test.d)
			require.Equal(t, test.err, err)
			require.Equal(t, test.want, got)
		})
	}

	check := func(t *rapid.T, a, b, c, d uint64) {
		sum := new(big.Int).Mul(toBig(a), toBig(b))
		sum.Add(sum, toBig(c)).Add(sum, toBig(d-1))
		got, err := fixed.MulAddDivCeil(a, b, c, d)
		requireBig(t, sum.Quo(sum, toBig(d)), got, err)
	}

	rapid.Check(t, func(t *rapid.T) {
		a := amount().Draw(t, "a")
		b := amount().Draw(t, "b")
		c := amount().Draw(t, "c")
		check(t, a, b, c, max(1, amount().Draw(t, "d")))
		// With this divisor the quotient is about 2^64.
		product := new(big.Int).Mul(toBig(a), toBig(b))
		product.Add(product, toBig(c)).Rsh(product, 64)
		for off := range uint64(3) {
			check(t, a, b, c, max(1, product.Uint64()-1+off))
		}
	})
}
