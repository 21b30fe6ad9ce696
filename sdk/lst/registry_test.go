package lst_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

var key = solana.MustPublicKeyFromBase58

// newKey returns the n-th of a series of keys that no list contains.
func newKey(n byte) solana.PublicKey { return solana.PublicKey{0: 0xaa, 1: n} }

// newPool returns an entry that no list contains.
func newPool(n byte) lst.LST {
	return lst.LST{
		Symbol:        fmt.Sprintf("test%dSOL", n),
		Name:          "Test SOL",
		Mint:          newKey(3 * n),
		Decimals:      9,
		TokenProgram:  solana.TokenProgramID,
		Kind:          lst.KindSanctumSPL,
		Pool:          newKey(3*n + 1),
		ValidatorList: newKey(3*n + 2),
	}
}

func TestDefault_MatchesSnapshot(t *testing.T) {
	type row struct {
		entries, voteAccounts int
		program               string
	}

	got := map[lst.Kind]row{}
	for _, l := range lst.Default().All() {
		r := got[l.Kind]
		r.entries++
		if !l.VoteAccount.IsZero() {
			r.voteAccounts++
		}

		if r.program != "" {
			require.Equal(t, r.program, l.Program.String(), l.Symbol)
		}

		r.program = l.Program.String()
		got[l.Kind] = r

		require.EqualValues(t, 9, l.Decimals, l.Symbol)
		require.Equal(t, solana.TokenProgramID, l.TokenProgram, l.Symbol)
		require.Equal(t, l.Kind.IsStakePool(), !l.ValidatorList.IsZero(), l.Symbol)
	}

	require.Equal(t, map[lst.Kind]row{
		lst.KindSanctumSPL:      {161, 161, "SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY"},
		lst.KindSanctumSPLMulti: {43, 7, "SPMBzsVUuoHA4Jm6KunbsotaahvVikZs1JyTW6iJvbn"},
		lst.KindSPL:             {32, 3, "SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy"},
		lst.KindMarinade:        {1, 0, "MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD"},
		lst.KindLido:            {1, 0, "CrX7kMhLC3cSsXJdT7JDgqrRVWGnUpX3gfEfxxU2NVLi"},
		lst.KindReserve:         {1, 0, "unpXTU2Ndrc7WWNyEhQWe4udTzSibLPi25SXv2xbCHQ"},
		lst.KindInfinity:        {1, 0, "5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx"},
	}, got)

	require.Equal(t, 240, lst.Default().Len())
	require.Equal(t, "BTHSSOL", lst.Default().All()[0].Symbol)
	require.Equal(t, "mSOL", lst.Default().All()[239].Symbol)
}

func TestDefault_FindsEveryEntry(t *testing.T) {
	r := lst.Default()
	for _, want := range r.All() {
		got, err := r.ByMint(want.Mint)
		require.NoError(t, err)
		require.Equal(t, want, got)

		got, err = r.ByPool(want.Pool)
		require.NoError(t, err)
		require.Equal(t, want, got)

		got, err = r.Lookup(want.Mint.String())
		require.NoError(t, err)
		require.Equal(t, want, got)

		for _, symbol := range []string{want.Symbol, strings.ToUpper(want.Symbol)} {
			got, err = r.BySymbol(symbol)
			if want.Symbol == "rdlgtSOL" || want.Symbol == "pineSOL" {
				require.ErrorIs(t, err, lst.ErrAmbiguous)
				require.Zero(t, got)
			} else {
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		}
	}
}

func TestDefault_SingletonPools(t *testing.T) {
	for symbol, pool := range map[string]string{
		"mSOL":  "8szGkuLTAux9XMgZ2vtY39jVSowEcpBfFfD8hXSEqdGC",
		"stSOL": "49Yi1TKkNyYjPAFdR9LBvoHcUjuPX4Df5T5yv39w2XTn",
		"SOL":   "FypPtwbY3FUfzJUtXHSyVRokVKG2jKtH29FmK4ebxRSd",
		"INF":   "AYhux5gJzCoeoc1PoJ1VxwPDe22RwcvpHviLDD1oCGvW", // derived, not a constant
	} {
		l, err := lst.Default().BySymbol(symbol)
		require.NoError(t, err)
		require.Equal(t, pool, l.Pool.String(), symbol)
	}
}

func TestAmbiguousError_ListsMints(t *testing.T) {
	for _, tt := range []struct {
		symbol string
		mints  []solana.PublicKey
	}{
		{"rdlgtSOL",
			[]solana.PublicKey{key("rdLGtfDeqRBJS6h24oMypQApxqNRCmPeLkfhFDNFti6"),
				key("RDLGTw8UcSjpPkuu2u8AgEfPJk95DjcnrgPEyRyVFd6")}},
		{"PINESOL",
			[]solana.PublicKey{key("sctmYgvuDE71ZMmm1x5QdXcwxsBjouS7GGioUTYa1d3"),
				key("SnKAf8aNjeYz8pY8itYn3VxFhT6Q8WNdPwy17s9USgC")}},
	} {
		_, err := lst.Default().Lookup(tt.symbol)
		var ambiguous *lst.AmbiguousError
		require.ErrorAs(t, err, &ambiguous)
		require.ErrorIs(t, err, lst.ErrAmbiguous)
		require.Equal(t, tt.symbol, ambiguous.Symbol)
		require.Equal(t, tt.mints, ambiguous.Mints)
		for _, mint := range tt.mints {
			require.ErrorContains(t, err, mint.String())
		}

		requireOneLine(t, err)
	}
}

func TestRegistry_BySymbolPrefersExactCase(t *testing.T) {
	lower, upper := newPool(1), newPool(2)
	lower.Symbol, upper.Symbol = "abcSOL", "ABCSOL"
	r, err := new(lst.Registry).With(lower, upper)
	require.NoError(t, err)

	got, err := r.BySymbol("ABCSOL")
	require.NoError(t, err)
	require.Equal(t, upper.Mint, got.Mint)
	_, err = r.BySymbol("AbcSOL")
	require.ErrorIs(t, err, lst.ErrAmbiguous)
}

func TestRegistry_LookupSOL(t *testing.T) {
	fake := newPool(1)
	fake.Symbol = "wSOL"
	r, err := lst.Default().With(fake)
	require.NoError(t, err)
	for _, s := range []string{"SOL", "sol", "wSOL", "WSOL",
		"So11111111111111111111111111111111111111112"} {
		l, err := r.Lookup(s)
		require.NoError(t, err)
		require.Equal(t, solana.WrappedSol, l.Mint, s)
		require.Equal(t, lst.KindReserve, l.Kind)
	}

	r, err = new(lst.Registry).With(fake)
	require.NoError(t, err)
	_, err = r.Lookup("wSOL")
	require.ErrorIs(t, err, lst.ErrUnknownLST)
}

func TestRegistry_UnknownLST(t *testing.T) {
	for _, r := range []*lst.Registry{lst.Default(), new(lst.Registry)} {
		_, err := r.ByMint(newKey(1))
		require.ErrorIs(t, err, lst.ErrUnknownLST)
		_, err = r.ByMint(solana.PublicKey{})
		require.ErrorIs(t, err, lst.ErrUnknownLST)
		_, err = r.ByPool(newKey(1))
		require.ErrorIs(t, err, lst.ErrUnknownLST)
		for _, s := range []string{"", " ", "noSuchSOL", " mSOL", newKey(1).String(), "\x00\n",
			"é\u2028", strings.Repeat("z", 44)} {
			_, err = r.Lookup(s)
			require.ErrorIs(t, err, lst.ErrUnknownLST, "%q", s)
			requireOneLine(t, err)
		}
	}
}

func TestErrors_OmitLongInput(t *testing.T) {
	secret := strings.Repeat("7", 88)
	for _, err := range []error{
		second(lst.Default().Lookup(secret)),
		second(lst.Default().BySymbol(secret)),
		second(lst.ParseAmount(secret+"x", 9)),
		second(lst.Read(strings.NewReader(`[{"symbol":"` + secret + `"}]`))),
		second(lst.Read(strings.NewReader(`[{"decimals":9,"pool":{"program":"` + secret + `"}}]`))),
		new(lst.Kind).UnmarshalText([]byte(secret)),
	} {
		require.Error(t, err)
		require.NotContains(t, err.Error(), secret[:20])
	}
}

func TestRegistry_With(t *testing.T) {
	base := lst.Default()
	added := newPool(1)
	replaced, err := base.BySymbol("JitoSOL")
	require.NoError(t, err)
	replaced.Name = "renamed"

	r, err := base.With(added, replaced)
	require.NoError(t, err)
	require.Equal(t, 241, r.Len())
	require.Equal(t, 240, base.Len())

	got, err := r.ByMint(added.Mint)
	require.NoError(t, err)
	require.Equal(t, "SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY", got.Program.String(),
		"the kind sets the program")
	require.Equal(t, r.All()[240], got)
	got, err = r.BySymbol("JitoSOL")
	require.NoError(t, err)
	require.Equal(t, "renamed", got.Name)
	got, err = base.BySymbol("JitoSOL")
	require.NoError(t, err)
	require.NotEqual(t, "renamed", got.Name)

	got.Pool, got.Program = newKey(200), newKey(201)
	moved, err := base.With(got)
	require.NoError(t, err)
	_, err = moved.ByPool(replaced.Pool)
	require.ErrorIs(t, err, lst.ErrUnknownLST, "the replaced pool is no longer found")
	got, err = moved.ByPool(newKey(200))
	require.NoError(t, err)
	require.Equal(t, newKey(201), got.Program, "a given program is kept")
}

func TestRegistry_WithRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*lst.LST)
		want   string
	}{
		"no kind":              {func(l *lst.LST) { l.Kind = 0 }, "Kind(0) is not a kind"},
		"kind out of range":    {func(l *lst.LST) { l.Kind = 255 }, "Kind(255) is not a kind"},
		"no symbol":            {func(l *lst.LST) { l.Symbol = "" }, "symbol"},
		"symbol with space":    {func(l *lst.LST) { l.Symbol = "a b" }, "symbol"},
		"symbol with escape":   {func(l *lst.LST) { l.Symbol = "a\x1b[2J" }, "symbol"},
		"symbol with override": {func(l *lst.LST) { l.Symbol = "a\u202eb" }, "symbol"},
		"symbol not UTF-8":     {func(l *lst.LST) { l.Symbol = "a\xff" }, "symbol"},
		"symbol like a mint":   {func(l *lst.LST) { l.Symbol = strings.Repeat("1", 32) }, "symbol"},
		"no name":              {func(l *lst.LST) { l.Name = "" }, "name"},
		"name of two lines":    {func(l *lst.LST) { l.Name = "a\nb" }, "name"},
		"long name":            {func(l *lst.LST) { l.Name = strings.Repeat("a", 129) }, "name"},
		"no mint": {func(l *lst.LST) { l.Mint = solana.PublicKey{} },
			"mint is missing"},
		"no token program": {func(l *lst.LST) { l.TokenProgram = solana.PublicKey{} },
			"token program"},
		"other token program": {func(l *lst.LST) { l.TokenProgram = solana.SystemProgramID },
			"token program"},
		"no pool": {func(l *lst.LST) { l.Pool = solana.PublicKey{} },
			"pool is missing"},
		"no validator list": {func(l *lst.LST) { l.ValidatorList = solana.PublicKey{} },
			"validator list is missing"},
		"Infinity, no program": {func(l *lst.LST) {
			l.Kind, l.Pool = lst.KindInfinity, solana.PublicKey{}
		},
			"program is missing"},
		"other Reserve, no pool": {func(l *lst.LST) {
			l.Kind, l.Program, l.Pool = lst.KindReserve, newKey(100), solana.PublicKey{}
		}, "pool is missing"},
		"pool of another": {func(l *lst.LST) { l.Pool = lst.Default().All()[0].Pool },
			"is already the pool of entry 0"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newPool(1)
			tt.change(&l)
			r, err := lst.Default().With(l)
			require.Nil(t, r)
			requireEntryError(t, err, 240, l.Symbol, tt.want)
		})
	}
}

// TestRegistry_WithInfinityDeployment checks that the pool of another
// deployment is derived from its program.
func TestRegistry_WithInfinityDeployment(t *testing.T) {
	inf := newPool(1)
	inf.Kind = lst.KindInfinity
	inf.Program = newKey(100)
	inf.Pool = solana.PublicKey{}
	inf.ValidatorList = solana.PublicKey{}

	r, err := lst.Default().With(inf)
	require.NoError(t, err)
	pool, _, err := solana.FindProgramAddress([][]byte{[]byte("state")}, inf.Program)
	require.NoError(t, err)
	got, err := r.ByPool(pool)
	require.NoError(t, err)
	require.Equal(t, inf.Mint, got.Mint)
	require.Equal(t, inf.Program, got.Program)
}

// jsonEntry returns the JSON of an entry. changes are pairs of old and new
// text.
func jsonEntry(changes ...string) string {
	return strings.NewReplacer(changes...).
		Replace(`{"symbol":"genSOL","name":"Genesis Toby Staked SOL",` +
			`"mint":"genMsDWwH9WuuosGJyfEi4yn9rDc1boG6TNafMfFc43","decimals":9,"token_program":"TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",` +
			`"pool":{"program":"SanctumSpl","pool":"F3LUW8DZ2ACxmBKtr4SWerb7aZfczwvrKXvRC6nJurZt","validator_list":"2Rw29jDhZH3XaYRF6ngKh2i96kP1eNuWxLA6KZsEJpuA"}}`)
}

func TestRead_Accepts(t *testing.T) {
	r, err := lst.Read(strings.NewReader("[]"))
	require.NoError(t, err)
	require.Zero(t, r.Len())

	r, err = lst.Read(strings.NewReader("\n[ " +
		jsonEntry(`"symbol"`, `"logo_uri":["ignored"],"symbol"`, `"decimals":9`, `"decimals":0`) +
		" ]\n"))
	require.NoError(t, err)
	require.Equal(t, []lst.LST{{
		Symbol:        "genSOL",
		Name:          "Genesis Toby Staked SOL",
		Mint:          key("genMsDWwH9WuuosGJyfEi4yn9rDc1boG6TNafMfFc43"),
		TokenProgram:  solana.TokenProgramID,
		Kind:          lst.KindSanctumSPL,
		Program:       key("SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY"),
		Pool:          key("F3LUW8DZ2ACxmBKtr4SWerb7aZfczwvrKXvRC6nJurZt"),
		ValidatorList: key("2Rw29jDhZH3XaYRF6ngKh2i96kP1eNuWxLA6KZsEJpuA"),
	}}, r.All())
}

func TestRead_RefusesEntries(t *testing.T) {
	long := strings.Repeat("1", 1<<20)
	for name, tt := range map[string]struct{ entry, symbol, want string }{
		"null":                 {`null`, "", "missing"},
		"not an object":        {`7`, "", "a number is no entry"},
		"empty":                {`{}`, "", "decimals are missing"},
		"pool of another type": {`{"pool":""}`, "", "pool cannot be this string"},
		"a long number": {jsonEntry(`"decimals":9`, `"decimals":`+long), "",
			"decimals cannot be this number"},
		"no decimals":       {jsonEntry(`"decimals":9,`, ``), "genSOL", "decimals are missing"},
		"too many decimals": {jsonEntry(`"decimals":9`, `"decimals":256`), "", "decimals"},
		"negative decimals": {jsonEntry(`"decimals":9`, `"decimals":-1`), "", "decimals"},
		"quoted decimals":   {jsonEntry(`"decimals":9`, `"decimals":"9"`), "", "decimals"},
		"no kind": {jsonEntry(`"program":"SanctumSpl",`, ``), "genSOL",
			`unknown kind ""`},
		"unknown kind": {jsonEntry(`SanctumSpl`, `sanctumspl`), "genSOL",
			`unknown kind "sanctumspl"`},
		"no mint": {jsonEntry(`genMsDWwH9WuuosGJyfEi4yn9rDc1boG6TNafMfFc43`, ``),
			"genSOL", "mint is missing"},
		"short mint": {jsonEntry(`genMsDWwH9WuuosGJyfEi4yn9rDc1boG6TNafMfFc43`, `genMs`),
			"genSOL", "mint is not 32 bytes of base58"},
		"31 byte mint": {jsonEntry(`genMsDWwH9WuuosGJyfEi4yn9rDc1boG6TNafMfFc43`,
			`enMsDWwH9WuuosGJyfEi4yn9rDc1boG6TNafMfFc43`),
			"genSOL", "mint is not 32 bytes of base58"},
		"not base58": {jsonEntry(`F3LUW8DZ`, `F0LUW8DZ`), "genSOL",
			"pool is not 32 bytes of base58"},
		"too large a key": {jsonEntry(`2Rw29jDhZH3XaYRF6ngKh2i96kP1eNuWxLA6KZsEJpuA`,
			strings.Repeat("z", 44)),
			"genSOL", "validator_list is not 32 bytes of base58"},
		"very long key": {jsonEntry(`2Rw29jDhZH3XaYRF6ngKh2i96kP1eNuWxLA6KZsEJpuA`, long),
			"genSOL", "validator_list is not 32 bytes of base58"},
		"very long symbol": {jsonEntry(`genSOL`, long), long, "symbol"},
		"no validator list": {jsonEntry(`2Rw29jDhZH3XaYRF6ngKh2i96kP1eNuWxLA6KZsEJpuA`, ``),
			"genSOL", "validator list is missing"},
		"SPool, no program": {jsonEntry(`SanctumSpl`, `SPool`), "genSOL", "program is missing"},
		"repeated": {jsonEntry(), "genSOL",
			"mint genMsDWwH9WuuosGJyfEi4yn9rDc1boG6TNafMfFc43 is already the mint of entry 0"},
		"pool repeated": {jsonEntry(`genMs`, `genMt`), "genSOL",
			"pool F3LUW8DZ2ACxmBKtr4SWerb7aZfczwvrKXvRC6nJurZt is already the pool of entry 0"},
		"cut off":  {jsonEntry()[:100], "", "unexpected EOF"},
		"no comma": {jsonEntry(`,"name"`, `"name"`), "", "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			list := "[" + jsonEntry() + "," + tt.entry
			if name != "cut off" {
				list += "]"
			}

			_, err := lst.Read(strings.NewReader(list))
			requireEntryError(t, err, 1, tt.symbol, tt.want)
		})
	}
}

func TestRead_RefusesLists(t *testing.T) {
	for _, tt := range []struct{ list, want string }{
		{"", "not a JSON array"},
		{"null", "not a JSON array"},
		{`{"lsts":[]}`, "not a JSON array"},
		{`sanctum_lst_list = []`, "not a JSON array"},
		{"[", "no closing bracket"},
		{"[" + jsonEntry(), "no closing bracket"},
		{"[" + jsonEntry() + "}", "no closing bracket"},
		{"[] []", "after the closing bracket"},
		{"[]]", "after the closing bracket"},
	} {
		_, err := lst.Read(strings.NewReader(tt.list))
		require.ErrorIs(t, err, lst.ErrInvalidRegistry, "%q", tt.list)
		require.ErrorContains(t, err, tt.want, "%q", tt.list)
		requireOneLine(t, err)
	}
}

func TestRead_Bounded(t *testing.T) {
	const limit = 8 << 20
	_, err := lst.Read(io.MultiReader(strings.NewReader(strings.Repeat(" ", limit-2)),
		strings.NewReader("[]")))
	require.NoError(t, err)
	_, err = lst.Read(io.MultiReader(strings.NewReader(strings.Repeat(" ", limit-1)),
		strings.NewReader("[]")))
	require.ErrorIs(t, err, lst.ErrInvalidRegistry)
	_, err = lst.Read(endless{})
	require.ErrorIs(t, err, lst.ErrInvalidRegistry)

	broken := errors.New("broken")
	_, err = lst.Read(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	require.NotErrorIs(t, err, lst.ErrInvalidRegistry)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestOpen_File(t *testing.T) {
	r, err := lst.Open("lsts.json")
	require.NoError(t, err)
	require.Equal(t, lst.Default().All(), r.All())

	_, err = lst.Open(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)

	bad := filepath.Join(t.TempDir(), "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte("[{}]"), 0o600))
	_, err = lst.Open(bad)
	require.ErrorIs(t, err, lst.ErrInvalidRegistry)
	require.ErrorContains(t, err, "bad.json")
}

func TestRegistry_AllIsACopy(t *testing.T) {
	all := lst.Default().All()
	all[0] = lst.LST{}
	require.NotZero(t, lst.Default().All()[0])
}

func TestRegistry_ConcurrentUse(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			r := lst.Default()
			_, _ = r.Lookup("JitoSOL")
			_, _ = r.ByPool(newKey(1))
			_, _ = r.With(newPool(1))
			r.All()[0] = lst.LST{}
		})
	}

	group.Wait()
}

// TestRead_NeverPanics calls every function that takes text with mutations of
// valid inputs.
func TestRead_NeverPanics(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	valid := []string{"", "JitoSOL", "wSOL", "18446744073.709551615", ".5",
		"So11111111111111111111111111111111111111112", "[" + jsonEntry() + "]"}
	for range 5_000 {
		text := []byte(valid[random.IntN(len(valid))])
		for range random.IntN(4) {
			at := random.IntN(len(text) + 1)
			text = append(
				text[:at:at],
				append(
					[]byte{byte(random.UintN(256))},
					text[min(len(text), at+random.IntN(3)):]...)...)
		}

		s := string(text)
		_, _ = lst.Default().Lookup(s)
		_, _ = lst.Default().BySymbol(s)
		_, _ = lst.ParseAmount(s, uint8(random.UintN(256)))
		_, _ = lst.Read(strings.NewReader(s))
		_ = new(lst.Kind).UnmarshalText(text)
	}
}

func FuzzRead(f *testing.F) {
	f.Fuzz(func(t *testing.T, list []byte) {
		r, err := lst.Read(strings.NewReader(string(list)))
		if err != nil {
			require.Nil(t, r)
			require.ErrorIs(t, err, lst.ErrInvalidRegistry)
			requireOneLine(t, err)
			return
		}

		require.Len(t, r.All(), r.Len())
		for _, want := range r.All() {
			got, err := r.ByMint(want.Mint)
			require.NoError(t, err)
			require.Equal(t, want, got)
			got, err = r.ByPool(want.Pool)
			require.NoError(t, err)
			require.Equal(t, want, got)
			got, err = r.BySymbol(want.Symbol)
			if err != nil {
				require.ErrorIs(t, err, lst.ErrAmbiguous)
			} else {
				require.Equal(t, want, got)
			}

			require.False(t, want.Program.IsZero() || want.TokenProgram.IsZero())
			require.False(t, want.Kind.IsStakePool() && want.ValidatorList.IsZero())
		}

		again, err := new(lst.Registry).With(r.All()...)
		require.NoError(t, err)
		require.Equal(t, r.Len(), again.Len())
	})
}

func second[T any](_ T, err error) error { return err }

func requireEntryError(t *testing.T, err error, index int, symbol, text string) {
	t.Helper()
	var entry *lst.EntryError
	require.ErrorAs(t, err, &entry)
	require.ErrorIs(t, err, lst.ErrInvalidRegistry)
	require.Equal(t, index, entry.Index)
	require.Equal(t, symbol, entry.Symbol)
	require.ErrorContains(t, err, text)
	requireOneLine(t, err)
}

func requireOneLine(t *testing.T, err error) {
	t.Helper()
	require.NotContains(t, err.Error(), "\n")
	require.Less(t, len(err.Error()), 400)
}
