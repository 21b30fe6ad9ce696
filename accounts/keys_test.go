package accounts_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func TestCompareKeys(t *testing.T) {
	least := solana.PublicKey{}
	first := solana.PublicKey{31: 1}
	last := solana.PublicKey{1}
	keys := []solana.PublicKey{last, first, least, first}
	slices.SortFunc(keys, accounts.CompareKeys)
	require.Equal(t, []solana.PublicKey{least, first, first, last}, keys)
	require.Zero(t, accounts.CompareKeys(last, last))
	require.Negative(t, accounts.CompareKeys(first, last))
	require.Positive(t, accounts.CompareKeys(last, first))
}
