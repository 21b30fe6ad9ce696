package golden_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// recordings returns the files of recorded executions in testdata by name.
func recordings[F any](t *testing.T, pattern string) map[string]*F {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	files := make(map[string]*F)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		f := new(F)
		require.NoError(t, json.Unmarshal(text, f), path)
		files[filepath.Base(path)] = f
	}

	return files
}

// replay runs each case of a file as a subtest.
func replay[C any](t *testing.T, name string, cases []C, run func(t *testing.T, c C)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		for i, c := range cases {
			t.Run(strconv.Itoa(i), func(t *testing.T) { run(t, c) })
		}
	})
}

// requireInstructions compares the built instructions, byte by byte, with those
// that the program executed.
func requireInstructions(t *testing.T, recorded []golden.Instruction, built ...solana.Instruction) {
	t.Helper()
	var plain []golden.Instruction
	for _, ix := range built {
		p, err := golden.NewInstruction(ix)
		require.NoError(t, err)
		plain = append(plain, p)
	}
	require.Equal(t, recorded, plain)
}

// requireResult compares a quote with the result of the program: all values if
// the instruction was executed, otherwise the reason of the refusal.
func requireResult[O any](t *testing.T, recorded golden.Result[O], quoted O, err error) {
	t.Helper()
	if recorded.Outcome == nil {
		requireRefusal(t, recorded.Refusal, err)
		return
	}
	require.NoError(t, err, "executed %+v", *recorded.Outcome)
	require.Equal(t, *recorded.Outcome, quoted)
}

// tallies counts the executed and the refused cases of each kind.
type tallies struct{ executed, refused map[any]int }

func newTallies() tallies { return tallies{map[any]int{}, map[any]int{}} }

// all is the kind of every case.
const all = "all"

func count[O any](n tallies, r golden.Result[O], kinds ...any) {
	tally := n.refused
	if r.Outcome != nil {
		tally = n.executed
	}
	for _, kind := range append(kinds, all) {
		tally[kind]++
	}
}

// atLeast checks the number of cases of some kinds, so that missing cases are
// noticed. It does nothing after a failure.
func atLeast[K any](t *testing.T, tally map[any]int, least int, kinds ...K) {
	t.Helper()
	for _, kind := range kinds {
		require.True(t, t.Failed() || tally[kind] >= least, "less than %d of %v in %v", least, kind,
			tally)
	}
}

// requireText checks that a file, and an empty file, are the same after they
// are written and read, and that each item has its own line.
func requireText[F any, P interface {
	*F
	MarshalText() ([]byte, error)
}](t *testing.T, pattern string, items func(*F) int) {
	t.Helper()
	files := recordings[F](t, pattern)
	files["empty"] = new(F)
	for name, f := range files {
		text, err := P(f).MarshalText()
		require.NoError(t, err, name)
		require.Equal(t, 5+items(f), bytes.Count(text, []byte("\n")), name)
		again := new(F)
		require.NoError(t, json.Unmarshal(text, again), name)
		require.True(t, items(f) == 0 || reflect.DeepEqual(f, again), name)
		same, err := P(again).MarshalText()
		require.NoError(t, err, name)
		require.True(t, bytes.Equal(text, same), name)
	}
}

// onChain returns a set of the accounts of some state.
func onChain(t *testing.T, f interface {
	Accounts(rent accounts.Rent) ([]accounts.Account, error)
}, rent accounts.Rent,
) *accounts.Set {
	t.Helper()
	all, err := f.Accounts(rent)
	require.NoError(t, err)
	set := accounts.NewSet(0)
	for _, a := range all {
		set.Put(a)
	}
	return set
}

func load[T any](
	t *testing.T,
	set *accounts.Set,
	address solana.PublicKey,
	decode func(accounts.Account) (*T, error),
) *T {
	t.Helper()
	v, err := accounts.Load(set, address, decode)
	require.NoError(t, err)
	return v
}

// lamports returns the balance of an account.
func lamports(t *testing.T, set *accounts.Set, address solana.PublicKey) uint64 {
	t.Helper()
	a, err := set.Get(address)
	require.NoError(t, err)
	return a.Lamports
}

func live(t *testing.T, set *accounts.Set, address solana.PublicKey) *quote.StakeAccountState {
	t.Helper()
	return &quote.StakeAccountState{
		Lamports: lamports(t, set, address),
		Account:  *load(t, set, address, accounts.DecodeStakeAccount),
	}
}

// stakeThroughBytes encodes and decodes a stake account, if there is one.
func stakeThroughBytes(t *testing.T, s *quote.StakeAccountState) *quote.StakeAccountState {
	t.Helper()
	if s == nil {
		return nil
	}
	again, err := accounts.DecodeStakeAccount(accounts.Account{
		Owner: accounts.StakeProgram,
		Data:  s.Account.Encode(),
	})
	require.NoError(t, err)
	return &quote.StakeAccountState{Lamports: s.Lamports, Account: *again}
}

// throughBytes encodes and decodes the sysvars.
func throughBytes(t *testing.T, chain figures.Chain) figures.Chain {
	t.Helper()
	clock, err := accounts.DecodeClock(accounts.Account{
		Owner: accounts.SysvarProgram,
		Data:  chain.Clock.Encode(),
	})

	require.NoError(t, err)
	rent, err := accounts.DecodeRent(accounts.Account{
		Owner: accounts.SysvarProgram,
		Data:  chain.Rent.Encode(),
	})

	require.NoError(t, err)
	chain.Clock, chain.Rent = *clock, *rent

	return chain
}
