package golden_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
)

// minimumLido is how many executed cases the recordings of Lido must hold in total, so that none gets lost unnoticed.
const minimumLido = 80

// lidos loads the recorded executions of Lido's instructions by the name of their file.
func lidos(t *testing.T) map[string]*golden.Lidos {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "lido-*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	files := make(map[string]*golden.Lidos)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		f := new(golden.Lidos)
		require.NoError(t, json.Unmarshal(text, f), path)
		files[filepath.Base(path)] = f
	}
	return files
}

// decodedLido is Lido as the decoders read it from the accounts that the figures make, so that a replay covers both.
func decodedLido(t *testing.T, l *figures.Lido, rent accounts.Rent) *figures.Lido {
	t.Helper()
	all, err := l.Accounts(rent)
	require.NoError(t, err)
	set := accounts.NewSet(0)
	for _, a := range all {
		set.Put(a)
	}
	d := &figures.Lido{Program: l.Program, Address: l.Address, State: *load(t, set, l.Address, accounts.DecodeLidoState)}
	d.Mint = *load(t, set, d.State.StSOLMint, accounts.DecodeMint)
	reserve, err := accounts.LidoReserve(d.Program, d.Address)
	require.NoError(t, err)
	account, err := set.Get(reserve)
	require.NoError(t, err)
	d.ReserveLamports = account.Lamports
	list := load(t, set, d.State.ValidatorList, accounts.DecodeLidoValidatorList)
	d.MaxValidators = list.MaxEntries
	for _, entry := range list.Validators {
		address, err := entry.StakeAddress(d.Program, d.Address)
		require.NoError(t, err)
		v := figures.LidoValidator{Entry: entry}
		if set.Has(address) {
			v.Stake = live(t, set, address)
		}
		d.Validators = append(d.Validators, v)
	}
	require.Equal(t, l, d)
	return d
}

// TestReplayLido quotes and builds what the real program executed, from account bytes, and expects what it did.
func TestReplayLido(t *testing.T) {
	executed, refused, withdrawn, updated := 0, 0, 0, 0
	minimums := map[uint64]int{}
	for name, f := range lidos(t) {
		t.Run(name, func(t *testing.T) {
			chain := throughBytes(t, f.Chain)
			for i := range f.Cases {
				c := &f.Cases[i]
				l := decodedLido(t, &f.Lidos[c.Lido], chain.Rent)
				built, err := c.BuildInstructions(l)
				require.NoError(t, err, "case %d", i)
				var plain []golden.Instruction
				for _, ix := range built {
					p, err := golden.NewInstruction(ix)
					require.NoError(t, err, "case %d", i)
					plain = append(plain, p)
				}
				require.Equal(t, c.Instructions, plain, "case %d", i)
				got, err := c.Quote(l, chain)
				if c.Outcome == nil {
					require.Error(t, err, "case %d: refused: %s", i, c.Refusal)
					require.NotEmpty(t, c.Refusal, "case %d has no result", i)
					refused++
					continue
				}
				require.NoError(t, err, "case %d", i)
				require.Equal(t, *c.Outcome, got, "case %d", i)
				executed++
				minimums[chain.MinimumDelegation]++
				if c.StSOL != 0 {
					withdrawn++
				}
				if c.Update {
					updated++
				}
			}
		})
	}
	if t.Failed() {
		return
	}
	require.GreaterOrEqual(t, executed, minimumLido)
	require.GreaterOrEqual(t, withdrawn, minimumLido*3/4)
	require.GreaterOrEqual(t, updated, minimumLido/4)
	require.Positive(t, refused)
	require.Len(t, minimums, 2, "under both minimum delegations")
}

func TestLidosText(t *testing.T) {
	for name, f := range lidos(t) {
		text, err := f.MarshalText()
		require.NoError(t, err, name)
		var again golden.Lidos
		require.NoError(t, json.Unmarshal(text, &again), name)
		require.Equal(t, f, &again, name)
		same, err := again.MarshalText()
		require.NoError(t, err, name)
		require.True(t, bytes.Equal(text, same), name)
	}
}

// TestLidoCaseWithoutKeys: a recording that lacks a key is refused.
func TestLidoCaseWithoutKeys(t *testing.T) {
	for name, f := range lidos(t) {
		for i := range f.Cases {
			c := f.Cases[i]
			if c.StSOL == 0 {
				continue
			}
			c.StakeAccount = [32]byte{}
			_, err := c.BuildInstructions(&f.Lidos[c.Lido])
			require.ErrorContains(t, err, "destination", name)
			nowhere := f.Lidos[c.Lido]
			nowhere.State.StSOLMint = [32]byte{}
			c.Update = true
			_, err = c.BuildInstructions(&nowhere)
			require.ErrorContains(t, err, "mint", name)
			break
		}
	}
}
