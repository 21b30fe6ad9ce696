package golden_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
)

// minimumLido is the minimum number of executed cases in the recordings of
// Lido.
const minimumLido = 80

// decodedLido encodes the accounts of Lido and decodes them, so that a replay
// covers both.
func decodedLido(t *testing.T, l *figures.Lido, rent accounts.Rent) *figures.Lido {
	t.Helper()
	set := onChain(t, l, rent)
	d := &figures.Lido{
		Program: l.Program,
		Address: l.Address,
		State:   *load(t, set, l.Address, accounts.DecodeLidoState),
	}

	d.Mint = *load(t, set, d.State.StSOLMint, accounts.DecodeMint)
	reserve, err := accounts.LidoReserve(d.Program, d.Address)
	require.NoError(t, err)
	d.ReserveLamports = lamports(t, set, reserve)
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

// TestLidoCase_Replay computes and builds the cases from account data, and
// compares with the outcomes of the real program.
func TestLidoCase_Replay(t *testing.T) {
	n := newTallies()
	for name, f := range recordings[golden.Lidos](t, "lido-*.json") {
		chain := throughBytes(t, f.Chain)
		replay(t, name, f.Cases, func(t *testing.T, c golden.LidoCase) {
			l := decodedLido(t, &f.Lidos[c.Lido], chain.Rent)
			built, err := c.BuildInstructions(l)
			require.NoError(t, err)
			requireInstructions(t, c.Instructions, built...)
			got, err := c.Quote(l, chain)
			requireResult(t, c.Result, got, err)
			kinds := []any{chain.MinimumDelegation}
			if c.StSOL != 0 {
				kinds = append(kinds, "withdrawal")
			}

			if c.Update {
				kinds = append(kinds, "update")
			}

			count(n, c.Result, kinds...)
		})
	}

	atLeast(t, n.executed, minimumLido, all)
	atLeast(t, n.executed, minimumLido*3/4, "withdrawal")
	atLeast(t, n.executed, minimumLido/4, "update")
	atLeast(t, n.executed, 1, uint64(1), uint64(1_000_000_000))
	atLeast(t, n.refused, 1, all)
}

func TestLidos_MarshalText(t *testing.T) {
	requireText(t, "lido-*.json", func(f *golden.Lidos) int { return len(f.Lidos) + len(f.Cases) })
}

// TestLidoCase_WithoutKeys checks that a recording without a key is refused.
func TestLidoCase_WithoutKeys(t *testing.T) {
	for name, f := range recordings[golden.Lidos](t, "lido-*.json") {
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
