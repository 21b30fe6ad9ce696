package txn_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const guardsFile = "testdata/guards.txt"

// temporary is a constructor of temporary accounts.
type temporary func(
	payer, owner solana.PublicKey, rent uint64, seed string,
) (txn.TempWSOLAccount, error)

// written returns a step as a line of a golden file.
func written(t *testing.T, s txn.Step) string {
	t.Helper()
	data, err := s.Instruction.Data()
	require.NoError(t, err)
	var metas []string
	for _, m := range s.Instruction.Accounts() {
		flags := ""
		if m.IsSigner {
			flags += "s"
		}

		if m.IsWritable {
			flags += "w"
		}

		metas = append(metas, m.PublicKey.String()+":"+flags)
	}

	return fmt.Sprintf("%s %s %s %d", s.Instruction.ProgramID(), hex.EncodeToString(data),
		strings.Join(metas, ","), s.ComputeUnits)
}

// TestTempWSOLAccount_Steps pins the instructions that check a balance and
// those of temporary accounts, with and without a sponsor.
func TestTempWSOLAccount_Steps(t *testing.T) {
	const rent, atLeast = 2_039_280, 98_900_337_973
	payer, owner := seeded(t, "payer").PublicKey(), seeded(t, "owner").PublicKey()
	var lines []string
	add := func(title string, steps ...txn.Step) {
		lines = append(lines, "# "+title)
		for _, s := range steps {
			require.NotEmpty(t, s.Description)
			lines = append(lines, written(t, s))
		}
	}

	check, err := txn.RequireBalance(accounts.Token2022Program, key("account"), owner, 7)
	require.NoError(t, err)
	add("RequireBalance", check)
	for _, kind := range []struct {
		name string
		open temporary
	}{{"CollectSOL", txn.NewTempSOLAccount}, {"UnwrapSOL", txn.NewTempWSOLAccount}} {
		for _, funder := range []solana.PublicKey{payer, owner} {
			w, err := kind.open(funder, owner, rent, "seed")
			require.NoError(t, err)
			address, err := solana.CreateWithSeed(owner, "seed", accounts.TokenProgram)
			require.NoError(t, err)
			require.Equal(t, address, w.Address)
			title := fmt.Sprintf("%s, sponsored %t: ", kind.name, funder == payer)
			add(title+"Open", w.Open...)
			closing, err := w.CloseWith(atLeast)
			require.NoError(t, err)
			add(title+"CloseWith", closing...)
			add(title+"Close", w.Close...)
			again, err := w.CloseWith(atLeast)
			require.NoError(t, err)
			require.Equal(t, closing, again, "nothing is changed by it")
		}
	}

	for _, funder := range []solana.PublicKey{payer, owner} {
		w, err := txn.NewFundedWSOLAccount(funder, owner, atLeast, rent, "seed")
		require.NoError(t, err)
		title := fmt.Sprintf("WrapSOL, sponsored %t: ", funder == payer)
		add(title+"Open", w.Open...)
		add(title+"Close", w.Close...)
	}

	got := strings.Join(lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(guardsFile, []byte(got), 0o644))
	}

	want, err := os.ReadFile(guardsFile)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// TestTempWSOLAccount_StepOrder checks that an account with collected lamports
// becomes a token account before its balance is checked, and is closed last.
func TestTempWSOLAccount_StepOrder(t *testing.T) {
	payer, owner := key("payer"), key("owner")
	w, err := txn.NewTempSOLAccount(payer, owner, 100, "seed")
	require.NoError(t, err)
	closing, err := w.CloseWith(5)
	require.NoError(t, err)
	require.Len(t, w.Open, 1, "it is a system account with the rent until then")
	var first []byte
	for _, s := range closing {
		data, err := s.Instruction.Data()
		require.NoError(t, err)
		first = append(first, data[0])
	}

	// AllocateWithSeed, InitializeAccount3, Transfer, CloseAccount and the
	// transfer of the rent.
	require.Equal(t, []byte{9, 18, 3, 9, 2}, first)
}

// TestNewFundedWSOLAccount_Sponsored checks that the account of a sponsored
// owner has a seed of six characters that is different for each given seed. The
// owner pays only the funds. The payer advances the rent and gets it back.
func TestNewFundedWSOLAccount_Sponsored(t *testing.T) {
	payer, owner := key("payer"), key("owner")
	rapid.Check(t, func(t *rapid.T) {
		lamports, rent := rapid.Uint64Range(1, 1<<62).Draw(t, "lamports"), rapid.Uint64Range(1,
			1<<62).Draw(t, "rent")
		seed := rapid.StringMatching("[0-9A-Z]{1,32}").Draw(t, "seed")
		w, err := txn.NewFundedWSOLAccount(payer, owner, lamports, rent, seed)
		require.NoError(t, err)
		require.Len(t, w.Open, 3)
		require.Len(t, w.Close, 2)
		create, err := w.Open[0].Instruction.Data()
		require.NoError(t, err)
		require.Len(t, create, 4+32+8+6+8+8+32)
		require.Equal(t, rent, binary.LittleEndian.Uint64(create[4+32+8+6:]))
		require.Equal(t, payer, w.Open[0].Instruction.Accounts()[0].PublicKey)
		address, err := solana.CreateWithSeed(owner, string(create[4+32+8:][:6]),
			accounts.TokenProgram)
		require.NoError(t, err)
		require.Equal(t, address, w.Address)
		for i, want := range []struct {
			step     txn.Step
			lamports uint64
			from, to solana.PublicKey
		}{{w.Open[1], lamports, owner, w.Address}, {w.Close[1], rent, owner, payer}} {
			data, err := want.step.Instruction.Data()
			require.NoError(t, err)
			require.Equal(t, want.lamports, binary.LittleEndian.Uint64(data[4:]), i)
			metas := want.step.Instruction.Accounts()
			require.Equal(t, []solana.PublicKey{want.from, want.to},
				[]solana.PublicKey{metas[0].PublicKey, metas[1].PublicKey}, i)
		}

		require.Equal(t, owner, w.Close[0].Instruction.Accounts()[1].PublicKey,
			"what was not spent is the owner's")
		other, err := txn.NewFundedWSOLAccount(payer, owner, lamports, rent, seed[1:]+"1")
		require.NoError(t, err)
		require.Equal(t, seed == seed[1:]+"1", other.Address == w.Address)
	})
}

func TestTempWSOLAccount_Refusals(t *testing.T) {
	long := strings.Repeat("x", 33)
	for _, open := range []temporary{txn.NewTempSOLAccount, txn.NewTempWSOLAccount} {
		_, err := open(key("payer"), key("owner"), 1, long)
		require.Error(t, err, "a seed of 33 characters")
		require.NotContains(t, err.Error(), "\n")
		_, err = open(key("payer"), solana.PublicKey{}, 1, "seed")
		require.ErrorIs(t, err, instructions.ErrMissing)
		_, err = open(solana.PublicKey{}, key("owner"), 1, "seed")
		require.ErrorIs(t, err, instructions.ErrMissing)
		_, err = open(key("payer"), key("owner"), 0, "seed")
		require.ErrorIs(t, err, instructions.ErrZeroAmount, "an account without rent")
	}

	for _, payer := range []solana.PublicKey{key("payer"), key("owner")} {
		_, err := txn.NewFundedWSOLAccount(payer, key("owner"), ^uint64(0), 1, "seed")
		require.Error(t, err, "more lamports than there can be")
		_, err = txn.NewFundedWSOLAccount(payer, key("owner"), 1, 1, long)
		require.ErrorIs(t, err, solana.ErrMaxSeedLengthExceeded)
		require.NotContains(t, err.Error(), "\n")
		_, err = txn.NewFundedWSOLAccount(payer, key("owner"), 1, 0, "seed")
		require.ErrorIs(t, err, instructions.ErrZeroAmount, "an account without rent")
		_, err = txn.NewFundedWSOLAccount(payer, solana.PublicKey{}, 1, 1, "seed")
		require.ErrorIs(t, err, instructions.ErrMissing)
	}

	_, err := txn.NewFundedWSOLAccount(solana.PublicKey{}, key("owner"), 1, 1, "seed")
	require.ErrorIs(t, err, instructions.ErrMissing)
	_, err = txn.NewFundedWSOLAccount(solana.PublicKey{}, solana.PublicKey{}, 1, 1, "seed")
	require.ErrorIs(t, err, instructions.ErrMissing)
	_, err = txn.NewFundedWSOLAccount(key("payer"), key("owner"), 0, 1, "seed")
	require.ErrorIs(t, err, instructions.ErrZeroAmount, "nothing to wrap")

	w, err := txn.NewTempSOLAccount(key("payer"), key("owner"), 1, "seed")
	require.NoError(t, err)
	_, err = w.CloseWith(0)
	require.ErrorIs(t, err, instructions.ErrZeroAmount, "a limit that guards nothing")
	good := key("account")
	for _, c := range [][3]solana.PublicKey{{{}, good, key("owner")},
		{accounts.TokenProgram, {}, key("owner")}, {accounts.TokenProgram, good, {}}} {
		_, err = txn.RequireBalance(c[0], c[1], c[2], 1)
		require.ErrorIs(t, err, instructions.ErrMissing)
	}

	_, err = txn.RequireBalance(accounts.TokenProgram, good, key("owner"), 0)
	require.ErrorIs(t, err, instructions.ErrZeroAmount)
}
