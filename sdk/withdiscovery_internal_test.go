package sdk

import (
	"encoding/binary"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// TestTokens_Add fills the list of discovered tokens. The older half makes room
// for another token, unless that one is refused: then nothing is forgotten.
func TestTokens_Add(t *testing.T) {
	entry := func(n uint32) lst.LST {
		var mint, pool, list solana.PublicKey
		mint[0], pool[0], list[0] = 1, 2, 3
		for _, key := range []*solana.PublicKey{&mint, &pool, &list} {
			binary.LittleEndian.PutUint32(key[1:], n)
		}

		return lst.LST{
			Symbol:        lst.PlaceholderSymbol(mint),
			Name:          "a token",
			Mint:          mint,
			Decimals:      9,
			TokenProgram:  accounts.TokenProgram,
			Kind:          lst.KindSPL,
			Pool:          pool,
			ValidatorList: list,
		}
	}

	var all []lst.LST
	known := tokens{}
	for n := range uint32(mostDiscovered) {
		all = append(all, entry(n))
		known.discovered = append(known.discovered, all[n].Mint)
	}

	var err error
	known.known, err = lst.Default().With(all...)
	require.NoError(t, err)

	taken := entry(mostDiscovered)
	taken.Pool = lst.Default().All()[5].Pool
	require.ErrorIs(t, known.add(lst.Default(), taken), lst.ErrInvalidRegistry)
	require.Len(t, known.discovered, mostDiscovered)
	for _, mint := range known.discovered {
		require.True(t, known.has(mint))
	}

	last := entry(mostDiscovered)
	require.NoError(t, known.add(lst.Default(), last))
	require.Len(t, known.discovered, mostDiscovered/2+1)
	require.Equal(t, lst.Default().Len()+mostDiscovered/2+1, known.known.Len())
	require.True(t, known.has(last.Mint))
	require.False(t, known.has(all[0].Mint))
}
