package dump_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/dump"
)

// sample is a dump as the command prints it, with a rentEpoch above 2^63. The
// data is "sanctum" in base64.
const sample = `{
  "pubkey": "So11111111111111111111111111111111111111112",
  "account": {
    "lamports": 18446744073709551615,
    "data": [
      "c2FuY3R1bQ==",
      "base64"
    ],
    "owner": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "executable": true,
    "rentEpoch": 18446744073709551615,
    "space": 82
  }
}`

var want = accounts.Account{
	Address:    accounts.NativeMint,
	Owner:      accounts.TokenProgram,
	Lamports:   1<<64 - 1,
	Data:       []byte("sanctum"),
	Executable: true,
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestRead(t *testing.T) {
	edit := func(old, fresh string) string {
		require.Contains(t, sample, old)
		return strings.Replace(sample, old, fresh, 1)
	}

	for _, test := range []struct {
		name, text string
		// fails is a part of the error text, or empty if the file is valid.
		fails string
		is    error
	}{
		{name: "dump", text: sample},
		{name: "unknown name", text: edit(`"space": 82`, `"more": {}`)},
		{name: "not JSON", text: "dump", fails: "not an account dump", is: dump.ErrNotDump},
		{name: "empty", text: "", fails: "not an account dump", is: dump.ErrNotDump},
		{name: "list", text: "[" + sample + "]", fails: "not an account dump", is: dump.ErrNotDump},
		{
			name:  "no address",
			text:  edit("pubkey", "address"),
			fails: "not an account dump",
			is:    dump.ErrNotDump,
		},
		{
			name:  "no account",
			text:  edit(`"account"`, `"more"`),
			fails: "not an account dump",
			is:    dump.ErrNotDump,
		},
		{
			name:  "null account",
			text:  `{"pubkey": "So11111111111111111111111111111111111111112", "account": null}`,
			fails: "is null",
		},
		{name: "bad address", text: edit("So1111", "0o1111"), fails: "invalid"},
		{name: "bad owner", text: edit("Tokenkeg", "l"), fails: "invalid"},
		{name: "negative lamports", text: edit("18446744073709551615", "-1"), fails: "lamports"},
		{name: "other encoding", text: edit(`"base64"`, `"base58"`), fails: "base64"},
		{name: "no encoding", text: edit(",\n      \"base64\"", ""), fails: "base64"},
		{name: "bad base64", text: edit("c2Fu", "!!"), fails: "illegal base64"},
		{
			name:  "too large",
			text:  sample + strings.Repeat(" ", 16<<20),
			fails: "too large",
			is:    dump.ErrTooLarge,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "an-account.json")
			write(t, path, test.text)
			got, err := dump.Read(path)
			if test.fails == "" {
				require.NoError(t, err)
				require.Equal(t, want, got)
				return
			}

			require.ErrorContains(t, err, test.fails)
			require.ErrorContains(t, err, "an-account.json")
			require.NotContains(t, err.Error(), filepath.Dir(path))
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
			} else {
				require.NotErrorIs(t, err, dump.ErrNotDump)
			}

			require.Zero(t, got)
		})
	}
}

func TestRead_Missing(t *testing.T) {
	_, err := dump.Read(filepath.Join(t.TempDir(), "nothing.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestDir(t *testing.T) {
	dir := t.TempDir()
	other := solana.MustPublicKeyFromBase58("SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy")
	write(t, filepath.Join(dir, "b.json"), sample)
	write(t, filepath.Join(dir, "a-pool.json"),
		strings.Replace(sample, accounts.TokenProgram.String(), other.String(), 1))
	write(t, filepath.Join(dir, "README.md"), sample)
	write(t, filepath.Join(dir, "registry.json"), "[1, 2]")
	write(t, filepath.Join(dir, "deeper.json", "c.json"), sample)

	first := want
	first.Owner = other
	got, err := dump.Dir(dir)
	require.NoError(t, err)
	require.Equal(t, []dump.Named{{Name: "a-pool", Account: first}, {Name: "b", Account: want}},
		got)

	write(t, filepath.Join(dir, "c.json"), strings.Replace(sample, "base64", "base58", 1))
	_, err = dump.Dir(dir)
	require.ErrorContains(t, err, "c.json")

	_, err = dump.Dir(filepath.Join(dir, "nowhere"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestFixtures(t *testing.T) {
	t.Setenv(dump.FixturesVariable, "")
	top := t.TempDir()
	inside := filepath.Join(top, "module", "a", "b")
	require.NoError(t, os.MkdirAll(inside, 0o700))
	t.Chdir(inside)

	_, ok := dump.Fixtures()
	require.False(t, ok, "no go.mod above")

	write(t, filepath.Join(top, "module", "go.mod"), "module example.com/m\n")
	_, ok = dump.Fixtures()
	require.False(t, ok, "no folder next to the module")

	write(t, filepath.Join(top, "shared", "fixtures"), "a file of that name")
	_, ok = dump.Fixtures()
	require.False(t, ok, "not a folder")

	require.NoError(t, os.Remove(filepath.Join(top, "shared", "fixtures")))
	write(t, filepath.Join(top, "shared", "fixtures", "mint.json"), sample)
	dir, ok := dump.Fixtures()
	require.True(t, ok)
	got, err := dump.Dir(dir)
	require.NoError(t, err)
	require.Equal(t, []dump.Named{{Name: "mint", Account: want}}, got)

	t.Setenv(dump.FixturesVariable, "dumps")
	named, ok := dump.Fixtures()
	require.True(
		t,
		ok,
		"a folder that is named need not exist, so that a wrong name fails instead of skipping tests",
	)

	require.Equal(t, filepath.Join(filepath.Dir(filepath.Dir(inside)), "dumps"), named)

	t.Setenv(dump.FixturesVariable, dir)
	named, ok = dump.Fixtures()
	require.True(t, ok)
	require.Equal(t, dir, named)
}
