package fixed_test

import (
	"errors"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// TestSmallestInput_Window searches in a window of inputs that can be quoted.
// The errors at its two ends differ. An input that is found is always the
// smallest sufficient one. It is found if it exists and the window contains a
// power of two.
func TestSmallestInput_Window(t *testing.T) {
	const limit = 1 << 62
	tooSmall, tooLarge := errors.New("too small"), errors.New("too large")
	found, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) uint64 {
			return rapid.Uint64Range(1, 1<<rapid.IntRange(1, 62).Draw(t, name+" size")).Draw(t,
				name)
		}

		low := draw("low")
		high := low + draw("width") - 1
		step := draw("step")
		enough := func(n uint64) (bool, error) {
			switch {
			case n < low:
				return false, tooSmall
			case n > high:
				return false, tooLarge
			}

			return n >= step, nil
		}

		got, err := fixed.SmallestInput(limit, enough)
		want := max(low, step)
		// The smallest power of two in the window is the first input that can
		// be quoted.
		first := uint64(1) << bits.Len64(low-1)
		switch {
		case first > high || first > limit:
			require.Error(t, err, "the window lies between two powers of two")
		case want > high:
			require.ErrorIs(t, err, tooLarge)
		case want > limit:
			require.Error(t, err)
		default:
			require.NoError(t, err)
			require.Equal(t, want, got)
			found++
			return
		}

		require.Zero(t, got)
		refused++
	})

	require.Positive(t, found)
	require.Positive(t, refused)
}

// TestSmallestInput_Errors checks the returned error: that of the smallest
// input that is too large, or else that of the last input.
func TestSmallestInput_Errors(t *testing.T) {
	type exceeds struct{ error }
	at := func(n uint64) error { return exceeds{errors.New(string(rune('a' + n)))} }
	_, err := fixed.SmallestInput(100, func(n uint64) (bool, error) {
		if n > 10 {
			return false, at(n)
		}

		return false, nil
	})

	require.Equal(t, at(11).Error(), err.Error())
	_, err = fixed.SmallestInput(100, func(uint64) (bool, error) { return false, nil })
	require.ErrorIs(t, err, fixed.ErrOverflow)
	_, err = fixed.SmallestInput(100, func(n uint64) (bool, error) { return false, at(n) })
	require.Equal(t, at(64).Error(), err.Error())
	got, err := fixed.SmallestInput(1, func(n uint64) (bool, error) { return true, nil })
	require.NoError(t, err)
	require.Equal(t, uint64(1), got)
}
