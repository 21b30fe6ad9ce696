package lst_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

// published returns entries in the form of the list that Sanctum publishes:
// comments between groups, a logo, and no program for pools of known programs.
func published(entries ...lst.LST) string {
	var b strings.Builder
	b.WriteString("# SanctumSpl Pool -- S upgrade path\n")
	for _, l := range entries {
		fmt.Fprintf(&b, "[[sanctum_lst_list]]\nmint = %q\ntoken_program = %q\nname = %q\n"+
			"symbol = %q\nlogo_uri = \"https://example.org/logo.jpg\"\ndecimals = %d\n"+
			"[sanctum_lst_list.pool]\nprogram = %q\n", l.Mint, l.TokenProgram, l.Name, l.Symbol,
			l.Decimals, l.Kind)

		switch {
		case l.Kind.IsStakePool():
			fmt.Fprintf(&b, "pool = %q\nvalidator_list = %q\n", l.Pool, l.ValidatorList)
		case l.Kind == lst.KindInfinity:
			fmt.Fprintf(&b, "program_id = %q\n", l.Program)
		}

		if !l.VoteAccount.IsZero() {
			fmt.Fprintf(&b, "vote_account = %q\n", l.VoteAccount)
		}

		b.WriteString("\n# Spl Pool\n")
	}

	return b.String()
}

// TestRead_TOML reads all 240 tokens of the built-in list from the form in
// which Sanctum publishes them.
func TestRead_TOML(t *testing.T) {
	text := published(lst.Default().All()...)
	for name, list := range map[string]string{
		"as published":    text,
		"Windows lines":   strings.ReplaceAll(text, "\n", "\r\n"),
		"header comment":  strings.ReplaceAll(text, "lst_list]]\n", "lst_list]] # next\n"),
		"no last newline": strings.TrimSpace(text),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := lst.Read(strings.NewReader(list))
			require.NoError(t, err)
			require.Equal(t, lst.Default().All(), r.All())
			require.Empty(t, r.Date(), "a file does not state its date")
		})
	}
}

func TestRead_TOMLRefuses(t *testing.T) {
	one := published(newPool(1))
	for name, tt := range map[string]struct {
		list  string
		index int
		want  string
	}{
		"no decimals":    {strings.Replace(one, "decimals = 9", "", 1), 0, "decimals are missing"},
		"many decimals":  {strings.Replace(one, "= 9", "= 256", 1), 0, "line 8"},
		"text decimals":  {strings.Replace(one, "= 9", `= "9"`, 1), 0, "line 8"},
		"text pool":      {"[[sanctum_lst_list]]\npool = \"\"\n", 0, "pool cannot be this value"},
		"unknown kind":   {strings.Replace(one, "SanctumSpl", "Foreign", 2), 0, "unknown kind"},
		"field twice":    {strings.Replace(one, "decimals = 9", `name = "a"`, 1), 0, "name"},
		"no quotes":      {strings.Replace(one, `"Test SOL"`, "Test SOL", 1), 0, "line 5"},
		"repeated":       {one + one, 1, "is already the mint of entry 0"},
		"second invalid": {one + "[[sanctum_lst_list]]\nmint = 1\n", 1, "line 16"},
		"long entry":     {one + strings.Repeat("\n", 4<<10), 0, "more than 4096 bytes"},
		"deep":           {one + "a = " + strings.Repeat("[", 3000), 0, "line"},
		"another list":   {one + "[[other]]\nsymbol = \"a\"\n[[sanctum_lst_list]]\n", 1, "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := lst.Read(strings.NewReader(tt.list))
			require.ErrorIs(t, err, lst.ErrInvalidRegistry)
			require.ErrorContains(t, err, tt.want)
			requireOneLine(t, err)
			var e *lst.EntryError
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.index, e.Index)
		})
	}

	_, err := lst.Read(strings.NewReader("version = 2\n" + one))
	require.ErrorIs(t, err, lst.ErrInvalidRegistry)
	require.ErrorContains(t, err, "line 1 is before the first entry")
}

// TestRead_TOMLHidesLongInput checks that a text which may be a secret key is
// not repeated, as a key of TOML or as a value.
func TestRead_TOMLHidesLongInput(t *testing.T) {
	secret := strings.Repeat("7", 88)
	for _, line := range []string{
		secret + " = 1\n" + secret + " = 2\n", "mint = " + secret + "\n", "mint = \"" + secret,
		"[" + secret, "decimals = \"" + secret + "\"\n", "mint = \"" + secret + "\"\n",
		"symbol = \"" + secret + "\"\n",
	} {
		_, err := lst.Read(strings.NewReader("[[sanctum_lst_list]]\n" + line))
		require.ErrorIs(t, err, lst.ErrInvalidRegistry)
		require.NotContains(t, err.Error(), secret[:20], line)
		requireOneLine(t, err)
	}
}

// TestRead_TOMLCostsLittle checks texts that take a TOML reader a time that
// grows with the square of their length: each entry is bounded.
func TestRead_TOMLCostsLittle(t *testing.T) {
	for name, part := range map[string]string{
		"tables": "[%d]\n", "keys": "a%d = 1\n", "dots": "a.a.a.a.a.a.a.a.b%d = 1\n",
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("[[sanctum_lst_list]]\n")
			for i := 0; b.Len() < 4<<20; i++ {
				fmt.Fprintf(&b, part, i)
			}

			_, err := lst.Read(strings.NewReader(b.String()))
			require.ErrorContains(t, err, "more than 4096 bytes")
		})
	}
}

// FuzzReadTOML checks that a list is read or refused with one line, and that
// what was read is the same after writing and reading it.
func FuzzReadTOML(f *testing.F) {
	f.Fuzz(func(t *testing.T, list []byte) {
		r, err := lst.Read(strings.NewReader("[[sanctum_lst_list]]\n" + string(list)))
		if err != nil {
			require.ErrorIs(t, err, lst.ErrInvalidRegistry)
			requireOneLine(t, err)
			return
		}

		var b strings.Builder
		require.NoError(t, r.Write(&b))
		again, err := lst.Read(strings.NewReader(b.String()))
		require.NoError(t, err)
		require.Equal(t, r.All(), again.All())
	})
}
