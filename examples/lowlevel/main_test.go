package main

import (
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestRun_EmbeddedMarket runs the example and checks that its transaction is
// complete.
func TestRun_EmbeddedMarket(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(&out))
	quote, transaction, found := strings.Cut(out.String(), "\n536 bytes to sign in a wallet: ")
	require.True(t, found)
	require.Equal(t, "stake pool deposit 1.244054262 jitoSOL", quote)

	partial, err := txn.Parse(strings.TrimSpace(transaction),
		txn.Lifetime{Blockhash: solana.Hash{1}})
	require.NoError(t, err)
	require.Len(t, partial.Unsigned().Steps(), 3)
	require.Len(t, partial.MissingSigners(), 1)
}
