package lst_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

// imitations are texts that look like JitoSOL.
var imitations = map[string]string{
	"digits":          "J1t0S0L",
	"capital i":       "JltoSOI",
	"Cyrillic":        "\u0408it\u043eSOL",
	"Cyrillic o":      "Jit\u043eSOL",
	"Greek":           "Jit\u03bfSOL",
	"Turkish":         "J\u0131toSOL",
	"zero width":      "Jito\u200bSOL",
	"joiner":          "Jito\u2060SOL",
	"byte order mark": "\ufeffJitoSOL",
	"soft hyphen":     "Jito\u00adSOL",
	"right to left":   "\u202eJitoSOL",
	"combining":       "Jito\u0301SOL",
	"filler":          "Jito\u3164SOL",
	"fullwidth":       "\uff2a\uff49\uff54\uff4f\uff33\uff2f\uff2c",
	"bold":            "\U0001d409\U0001d422\U0001d42d\U0001d428\U0001d412\U0001d40e\U0001d40b",
	"circled":         "\u24bf\u24d8\u24e3\u24de\u24c8\u24c4\u24c1",
	"accents":         "J\u00ect\u00f6S\u00d3L",
	"space":           "Jito SOL",
	"hyphen":          "Jito-SOL",
	"variation":       "JitoSOL\ufe0f",
	"tag":             "JitoSOL\U000e0041",
	"small capital":   "Jito\ua731\u1d0f\u029f",
}

func TestSkeleton_Imitations(t *testing.T) {
	want := lst.Skeleton("JitoSOL")
	for name, text := range imitations {
		require.Equal(t, want, lst.Skeleton(text), name)
	}

	require.Equal(t, lst.Skeleton("marinade"), lst.Skeleton("rnarinade"))
	require.NotEqual(t, want, lst.Skeleton("JitoSOL+"))
	require.NotEqual(t, want, lst.Skeleton("JiteSOL"))
	require.Empty(t, lst.Skeleton("\u200b \u202e"))
}

// TestSkeleton_KeepsSymbolsApart checks that no two symbols of the list look
// alike, but for those that differ only in case: real tokens are no imitations
// of each other.
func TestSkeleton_KeepsSymbolsApart(t *testing.T) {
	seen := make(map[string]string)
	for _, l := range lst.Default().All() {
		form := lst.Skeleton(l.Symbol)
		if before, ok := seen[form]; ok {
			require.True(t, strings.EqualFold(before, l.Symbol), "%s and %s", before, l.Symbol)
		}

		require.True(t, lst.IsPlain(l.Symbol))
		seen[form] = l.Symbol
	}
}

func TestRegistry_Resembling(t *testing.T) {
	jito, err := lst.Default().Lookup("JitoSOL")
	require.NoError(t, err)
	mint := newKey(1)
	for name, text := range imitations {
		found := lst.Default().Resembling(mint, text, "Other")
		require.Equal(t, []lst.Resemblance{{Of: jito, Field: "symbol"}}, found, name)
	}

	for name, c := range map[string]struct {
		mint         solana.PublicKey
		symbol, text string
		want         lst.Resemblance
	}{
		"symbol": {mint, "JITOSOL", "x", lst.Resemblance{Of: jito, Field: "symbol", Same: true}},
		"name":   {mint, "x", jito.Name, lst.Resemblance{Of: jito, Field: "name", Same: true}},
		"name alike": {mint, "x", jito.Name + "\u200b",
			lst.Resemblance{Of: jito, Field: "name"}},
		"mint": {key("J1toso1L4EzEJN64hADrs17vE5Fv3qJBbnFB3FqrR8uH"), "x", "x",
			lst.Resemblance{Of: jito, Field: "mint"}},
	} {
		require.Equal(t, []lst.Resemblance{c.want},
			lst.Default().Resembling(c.mint, c.symbol, c.text), name)
	}

	// A mint that begins and ends with the same 4 characters as JitoSOL's.
	ends := key("J1to" + strings.Repeat("a", 36) + "GCPn")
	require.Equal(t, []lst.Resemblance{{Of: jito, Field: "mint"}},
		lst.Default().Resembling(ends, "x", "x"))
	require.Empty(t, lst.Default().Resembling(jito.Mint, jito.Symbol, jito.Name))
	require.Empty(t, lst.Default().Resembling(mint, "newSOL", "New Staked SOL"))
	require.Empty(t, lst.Default().Resembling(mint, "", ""))
	sol := lst.Default().Resembling(mint, "S\u041eL", "x")
	require.Len(t, sol, 1)
	require.Equal(t, solana.WrappedSol, sol[0].Of.Mint)
}

// TestRegistry_ResemblingKnowsFew lists all tokens of the built-in list that
// resemble another one of it: more would be false alarms.
func TestRegistry_ResemblingKnowsFew(t *testing.T) {
	found := make(map[string]bool)
	for _, l := range lst.Default().All() {
		for _, r := range lst.Default().Resembling(l.Mint, l.Symbol, l.Name) {
			require.True(t, r.Same, "%s and %s: %s", l.Symbol, r.Of.Symbol, r.Field)
			found[strings.ToLower(l.Symbol)] = true
		}
	}

	require.Contains(t, found, "pinesol")
	require.Contains(t, found, "rdlgtsol")
	require.LessOrEqual(t, len(found), 8, "%v", found)
}

func TestCleanSymbol_Texts(t *testing.T) {
	mint := key("J1toso1L4EzEJN64hADrs17vE5Fv3qJBbnFB3FqrR8uH")
	for text, want := range map[string]string{
		"oneSOL":                 "oneSOL",
		" one SOL ":              "one_SOL",
		"":                       "LST-J1toso",
		"\u200b\x00":             "LST-J1toso",
		"日本":                     "LST-J1toso",
		"one\x1b[2JSOL":          "one[2JSOL",
		"on\u0435SOL":            "onSOL",
		strings.Repeat("1", 31):  strings.Repeat("1", 31),
		strings.Repeat("1", 32):  "LST-J1toso",
		mint.String():            "LST-J1toso",
		"a\xffb":                 "ab",
		strings.Repeat("ab", 99): "LST-J1toso",
	} {
		require.Equal(t, want, lst.CleanSymbol(text, mint), "%q", text)
	}

	require.Equal(t, "First SOL", lst.CleanName(" First\n SOL\u200b", "x"))
	require.Equal(t, "x", lst.CleanName("\x00", "x"))
	require.Len(t, lst.CleanName(strings.Repeat("a", 500), "x"), 128)
}

// FuzzCleanSymbol checks that every name becomes one that a registry takes, and
// that no skeleton has characters that do not show.
func FuzzCleanSymbol(f *testing.F) {
	f.Fuzz(func(t *testing.T, symbol, name string) {
		l := newPool(1)
		l.Symbol = lst.CleanSymbol(symbol, l.Mint)
		l.Name = lst.CleanName(name, l.Symbol)
		_, err := new(lst.Registry).With(l)
		require.NoError(t, err)
		require.True(t, lst.IsPlain(l.Symbol))

		form := lst.Skeleton(symbol)
		require.True(t, utf8.ValidString(form))
		require.NotContains(t, form, "\u200b")
		_ = lst.Default().Resembling(l.Mint, symbol, name)
	})
}
