package fixed_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// TestReplaySmallestInput_IsSmallestInput compares with SmallestInput. The
// answers are random within the bracket, false below it, and true above it, up
// to the input that is refused as too large.
func TestReplaySmallestInput_IsSmallestInput(t *testing.T) {
	tooLarge := errors.New("too large")
	found := 0
	refused := 0
	asked := 0
	plain := 0
	missed := fixed.ReplaysMissed()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) uint64 {
			return rapid.Uint64Range(1, 1<<rapid.IntRange(1, 62).Draw(t, name+" size")).Draw(t,
				name)
		}

		lo := draw("lo")
		hi := lo +
			rapid.Uint64Range(0, 1<<rapid.IntRange(0, 20).Draw(t, "width size")).Draw(t, "width")
		last := hi + draw("room") // the largest input that can be quoted
		limit := rapid.SampledFrom([]uint64{1 << 62, math.MaxUint64, 100, 1 << 20}).Draw(t, "limit")
		seed := rapid.Uint64().Draw(t, "seed") | 1
		questions := 0
		enough := func(n uint64) (bool, error) {
			questions++
			switch {
			case n > last:
				return false, tooLarge
			case n < lo:
				return false, nil
			case n >= hi:
				return true, nil
			}

			return (n*seed)>>63 != 0, nil
		}

		want, wantErr := fixed.SmallestInput(limit, enough)
		plain += questions

		for _, top := range []uint64{math.MaxUint64, last + 1, hi} {
			questions = 0
			got, err := fixed.ReplaySmallestInputBelow(limit, lo, hi, top, enough)
			if top == math.MaxUint64 {
				asked += questions
				again, againErr := fixed.ReplaySmallestInput(limit, lo, hi, enough)
				require.Equal(t, []any{got, err}, []any{again, againErr})
			}

			require.Equal(t, want, got, "below %d", top)
			require.Equal(t, wantErr, err)
		}

		if wantErr != nil {
			refused++
		} else {
			found++
		}
	})

	require.Equal(t, missed, fixed.ReplaysMissed())
	require.Positive(t, refused)
	require.Greater(t, found, 20)
	require.Less(t, 2*asked, plain, "replays ask less")
}

// TestReplaySmallestInput_WrongBrackets checks that a bracket with a wrong end
// is not used, and is counted.
func TestReplaySmallestInput_WrongBrackets(t *testing.T) {
	enough := func(n uint64) (bool, error) {
		if n > 2000 {
			return false, fixed.ErrOverflow
		}

		return n >= 1000, nil
	}

	for _, c := range []struct {
		name   string
		lo, hi uint64
		missed uint64
	}{
		{"right", 900, 1100, 0},
		{"one input", 1000, 1000, 0},
		{"nothing below", 0, 1000, 0},
		{"enough below lo", 1001, 1100, 1},
		{"not enough at hi", 900, 999, 1},
		{"refused at hi", 900, 2001, 0},
		{"refused below lo", 2002, 2003, 0},
		{"none", 1, 0, 0},
		{"beyond the limit", 1 << 62, 1 << 63, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := fixed.ReplaysMissed()
			got, err := fixed.ReplaySmallestInput(1<<20, c.lo, c.hi, enough)
			require.NoError(t, err)
			require.Equal(t, uint64(1000), got)
			require.Equal(t, c.missed, fixed.ReplaysMissed()-before)
		})
	}
}
