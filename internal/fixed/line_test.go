package fixed_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

func TestLine_Bounds(t *testing.T) {
	line := fixed.Slope(3, 2).Beyond(5)
	require.Equal(t, uint64(155), line.Most(100))
	require.Equal(t, uint64(100), line.Least(155))
	require.Zero(t, line.Least(5))

	line = line.Until(50, 70)
	require.True(t, line.Takes(50))
	require.False(t, line.Takes(51))
	require.Equal(t, uint64(70), line.Most(100))
	require.Equal(t, uint64(fixed.Never), line.Least(71))
}

// TestLine_ZeroValue checks that the zero value, and a line whose rate does not
// fit, are no bounds.
func TestLine_ZeroValue(t *testing.T) {
	for _, line := range []fixed.Line{{}, fixed.Slope(1, 0), fixed.Slope(1<<63, 1)} {
		require.Equal(t, uint64(fixed.Never), line.Most(1))
		require.Zero(t, line.Least(1<<63))
		require.True(t, line.Takes(1<<63))
	}
}

// TestLine_Combinations compares the bounds of combined lines with amounts that
// are divided between them, or pass through both.
func TestLine_Combinations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (fixed.Line, uint64) {
			line := fixed.Slope(rapid.Uint64Range(0, 1000).Draw(t, name+" n"),
				rapid.Uint64Range(1, 1000).Draw(t, name+" d"))
			line = line.Beyond(rapid.Uint64Range(0, 100).Draw(t, name+" beyond"))
			most := rapid.Uint64Range(1, 1<<30).Draw(t, name+" until")
			return line.Until(most, line.Most(most)), rapid.Uint64Range(0, most).Draw(t, name)
		}

		one, x := draw("one")
		other, y := draw("other")

		paid := one.Most(x) + other.Most(y)
		both := one.Beside(&other)
		require.LessOrEqual(t, paid, both.Most(x+y))
		topped := one.Topped(&other)
		require.LessOrEqual(t, paid, topped.Most(x+y))

		then := one.Then(&other)
		require.LessOrEqual(t, other.Most(one.Most(x)), then.Most(x))
		require.LessOrEqual(t, one.Least(one.Most(x)), x)
	})
}
