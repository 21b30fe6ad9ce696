package progerr_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/progerr"
)

// FuzzParse calls Parse with hostile JSON and logs. The seeds are in
// testdata/fuzz/FuzzParse.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte, logs string) {
		e := progerr.Parse(raw, withdrawal, strings.Split(logs, "\n"))
		if e == nil {
			text := strings.TrimSpace(string(raw))
			require.True(t, text == "" || text == "null", "%q", raw)
			return
		}

		text := e.Error()
		require.NotEmpty(t, text)
		require.Less(t, len(text), 2000)
		for _, r := range text {
			require.True(t, unicode.IsPrint(r), "%q", text)
		}

		require.NotEmpty(t, e.Kind)
		require.LessOrEqual(t, len(e.Kind), 200)
		require.LessOrEqual(t, len(e.Detail), 200)
		require.LessOrEqual(t, len(e.Path), 16)
		require.GreaterOrEqual(t, e.Instruction, -1)
		require.Less(t, e.Instruction, 256)
		require.GreaterOrEqual(t, e.Account, -1)
		require.Less(t, e.Account, 256)
		require.Equal(t, e.Program != nil, e.Unwrap() != nil)
		if e.Program != nil {
			require.Equal(t, progerr.KindInstruction, e.Kind)
			require.Equal(t, progerr.DetailCustom, e.Detail)
			require.Equal(t, e.Instruction, e.Program.Instruction)
			// Only logs can prove that a called program raised the code.
			require.Equal(t, len(e.Path) > 1,
				!e.Program.InnerOf.IsZero() || len(e.Path) > 1 && e.Path[0].IsZero())
			require.False(t, e.Program.Assumed && len(e.Path) > 1)
			entry, _ := progerr.Lookup(e.Program.Program, e.Program.Code)
			if e.Program.Name != "" {
				require.Equal(t, entry.Name, e.Program.Name)
			}
		}

		matches := 0
		for _, s := range sentinels() {
			if errors.Is(e, s) {
				matches++
			}
		}

		require.LessOrEqual(t, matches, 1)
		if e.Kind == progerr.KindUnknown ||
			matches == 0 && e.Kind == progerr.KindInstruction && e.Program == nil {
			require.False(t, e.Retryable())
		}
	})
}
