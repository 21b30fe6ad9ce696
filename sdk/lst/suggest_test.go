package lst_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

func TestRegistry_Suggest(t *testing.T) {
	for symbol, want := range map[string]string{
		"jitoSLO":                    "JitoSOL", // swapped
		"jitSOL":                     "JitoSOL", // missing
		"jittoSOL":                   "JitoSOL", // too many
		"jit0SOL":                    "JitoSOL", // looks alike
		"jito":                       "JitoSOL", // no suffix
		"bonkSLO":                    "bonkSOL",
		"mS0L":                       "mSOL",
		"JIT0":                       "",
		"xyzzy":                      "",
		"":                           "",
		"zzzzSOL":                    "",
		strings.Repeat("jitoSOL", 9): "",
	} {
		var got string
		if all := lst.Default().Suggest(symbol); len(all) > 0 {
			require.LessOrEqual(t, len(all), 3)
			got = all[0].Symbol
		}

		require.Equal(t, want, got, symbol)
	}
}

// TestRegistry_SuggestFindsMisspelt checks that each symbol is suggested when
// one of its characters is missing or two are swapped, if it has 8 or more.
func TestRegistry_SuggestFindsMisspelt(t *testing.T) {
	for _, l := range lst.Default().All() {
		for i := range len(l.Symbol) - 1 {
			if len(l.Symbol) < 9 {
				continue
			}

			swapped := l.Symbol[:i] + l.Symbol[i+1:i+2] + l.Symbol[i:i+1] + l.Symbol[i+2:]
			for _, wrong := range []string{l.Symbol[:i] + l.Symbol[i+1:], swapped} {
				found := false
				for _, s := range lst.Default().Suggest(wrong) {
					found = found || strings.EqualFold(s.Symbol, l.Symbol)
				}

				require.True(t, found, "%s for %s", wrong, l.Symbol)
			}
		}
	}
}

func TestUnknownError_Text(t *testing.T) {
	_, err := lst.Default().Lookup("jitoSLO")
	require.EqualError(t, err, "lst: unknown LST (check the spelling, or add it with "+
		`Registry.With): symbol "jitoSLO"; did you mean JitoSOL? (the list is of 2025-09-18)`)
	var unknown *lst.UnknownError
	require.ErrorAs(t, err, &unknown)
	require.Equal(t, "symbol", unknown.Field)
	require.Equal(t, "jitoSLO", unknown.Input)
	require.Equal(t, "2025-09-18", unknown.Date)

	_, err = new(lst.Registry).WithDate("2026-11-30").ByMint(newKey(1))
	require.ErrorContains(t, err, "mint "+newKey(1).String()+" (the list is of 2026-11-30)")
	_, err = new(lst.Registry).ByPool(newKey(1))
	require.EqualError(t, err, "lst: "+lst.ErrUnknownLST.Error()+": pool "+newKey(1).String())
	require.Equal(t, "<nil>", (*lst.UnknownError)(nil).Error())
}

func TestRegistry_Date(t *testing.T) {
	require.Equal(t, "2025-09-18", lst.Default().Date())
	extended, err := lst.Default().With(newPool(1))
	require.NoError(t, err)
	require.Equal(t, "2025-09-18", extended.Date())
	require.Equal(t, "2026-01-02", extended.WithDate("2026-01-02").Date())
	require.Equal(t, "2025-09-18", extended.Date(), "the original stays")
	require.Empty(t, (*lst.Registry)(nil).Date())
	require.Equal(t, "x", (*lst.Registry)(nil).WithDate("x").Date())
}
