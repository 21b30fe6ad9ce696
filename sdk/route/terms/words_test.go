package terms_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// TestWords_RoundTrip checks the words of all values, and that others have
// none.
func TestWords_RoundTrip(t *testing.T) {
	type both struct {
		Mode  terms.SwapMode
		Check terms.MinOutCheck
	}

	seen := make(map[string]bool)
	for check := terms.CheckedByProgram; check <= terms.BoundedByProgram; check++ {
		for mode := terms.ExactIn; mode <= terms.ExactOut; mode++ {
			text, err := json.Marshal(both{mode, check})
			require.NoError(t, err)
			require.False(t, seen[string(text)])
			seen[string(text)] = true

			var read both
			require.NoError(t, json.Unmarshal(text, &read))
			require.Equal(t, both{mode, check}, read)
		}
	}

	require.True(t, seen[`{"Mode":"exactOut","Check":"temporaryAccount"}`])
}

func TestWords_Unknown(t *testing.T) {
	_, err := terms.SwapMode(2).MarshalText()
	require.ErrorIs(t, err, terms.ErrUnknownWord)
	_, err = terms.MinOutCheck(5).MarshalText()
	require.ErrorIs(t, err, terms.ErrUnknownWord)

	mode, check := terms.ExactOut, terms.CheckedByBalance
	for _, text := range []string{"", "exactin", "ExactIn", "0", "program "} {
		require.ErrorIs(t, mode.UnmarshalText([]byte(text)), terms.ErrUnknownWord)
		require.ErrorIs(t, check.UnmarshalText([]byte(text)), terms.ErrUnknownWord)
	}

	require.Equal(t, terms.ExactOut, mode)
	require.Equal(t, terms.CheckedByBalance, check)
}
