package fixed_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// drawEdge draws any number. Numbers whose highest or lowest bits are equal are
// more frequent than in a uniform distribution.
func drawEdge(t *rapid.T, name string) uint64 {
	n := rapid.Uint64().Draw(t, name) >> rapid.IntRange(0, 64).Draw(t, name+" shift")
	switch rapid.IntRange(0, 4).Draw(t, name+" kind") {
	case 0:
		return ^n
	case 1:
		return -n
	}
	return n
}

func wideBig(w fixed.Wide) *big.Int {
	n := new(big.Int).Lsh(toBig(w.Hi), 64)
	return n.Or(n, toBig(w.Lo))
}

// TestWide_IsMathBig compares the 128-bit arithmetic with math/big.
func TestWide_IsMathBig(t *testing.T) {
	fits, not := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		a := fixed.Wide{Hi: drawEdge(t, "a high"), Lo: drawEdge(t, "a low")}
		b := fixed.Wide{Hi: drawEdge(t, "b high"), Lo: drawEdge(t, "b low")}
		m, n := drawEdge(t, "m"), drawEdge(t, "n")
		x, y := wideBig(a), wideBig(b)

		require.Equal(t, new(big.Int).Mul(toBig(m), toBig(n)).String(),
			wideBig(fixed.Product(m, n)).String())
		require.Equal(t, x.Cmp(y) < 0, a.Less(b))
		sum, ok := a.Add(b)
		exact := new(big.Int).Add(x, y)
		require.Equal(t, exact.BitLen() <= 128, ok)
		if ok {
			require.Equal(t, exact.String(), wideBig(sum).String())
		}

		difference, ok := a.Sub(b)
		exact.Sub(x, y)
		require.Equal(t, exact.Sign() >= 0, ok)
		if ok {
			require.Equal(t, exact.String(), wideBig(difference).String())
		}

		product, ok := a.Mul(m)
		exact.Mul(x, toBig(m))
		require.Equal(t, exact.BitLen() <= 128, ok)
		if ok {
			require.Equal(t, exact.String(), wideBig(product).String())
		}

		dividend := new(big.Int).Mul(x, toBig(m))
		dividend.Add(dividend, toBig(n))
		q, ok := a.MulAddDiv(m, n, b)
		want := y.Sign() != 0
		if want {
			exact.Quo(dividend, y)
			want = exact.IsUint64()
		}

		require.Equal(t, want, ok, "%v*%d+%d over %v", a, m, n, b)
		if ok {
			require.Equal(t, exact.String(), toBig(q).String(), "%v*%d+%d over %v", a, m, n, b)
			fits++
		} else {
			not++
		}

		wide, ok := a.MulAddDivWide(m, n, b.Lo)
		want = b.Lo != 0
		if want {
			exact.Quo(dividend, toBig(b.Lo))
			want = exact.BitLen() <= 128
		}

		require.Equal(t, want, ok)
		if ok {
			require.Equal(t, exact.String(), wideBig(wide).String())
		}
	})

	require.Greater(t, fits, 20)
	require.Greater(t, not, 20)
}

// TestWide_QuotientsThatNeedCorrection checks divisions in which the first
// estimate of the quotient is too large.
func TestWide_QuotientsThatNeedCorrection(t *testing.T) {
	const high = 1 << 63
	for _, c := range []struct {
		name string
		u    fixed.Wide
		m, a uint64
		d    fixed.Wide
	}{
		{"by one", fixed.Wide{Hi: high - 1, Lo: 0}, ^uint64(0), 0,
			fixed.Wide{Hi: high, Lo: ^uint64(0)}},
		{"by two", fixed.Wide{Hi: high - 1, Lo: ^uint64(0)}, 1 << 63, 7,
			fixed.Wide{Hi: high, Lo: ^uint64(0)}},
		{"a first digit that is equal", fixed.Wide{Hi: high, Lo: 5}, ^uint64(0), ^uint64(0),
			fixed.Wide{Hi: high, Lo: 6}},
		{"not normalized", fixed.Wide{Hi: 3, Lo: 5}, 1 << 62, 1, fixed.Wide{Hi: 3, Lo: 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			exact := new(big.Int).Mul(wideBig(c.u), toBig(c.m))
			exact.Add(exact, toBig(c.a)).Quo(exact, wideBig(c.d))
			require.True(t, exact.IsUint64())
			got, ok := c.u.MulAddDiv(c.m, c.a, c.d)
			require.True(t, ok)
			require.Equal(t, exact.Uint64(), got)
		})
	}
}
