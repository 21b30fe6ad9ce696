package txn_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestUnsigned_WritableAccountsInOrder checks that the fee payer comes first
// and the others follow in order of first use, even if that use is read-only.
// Data of more than 127 bytes has a length of two bytes.
func TestUnsigned_WritableAccountsInOrder(t *testing.T) {
	p := plan(key("payer"),
		step(make([]byte, 300), solana.Meta(key("later written")), solana.Meta(key("read"))),
		step(nil, solana.Meta(key("written")).WRITE(), solana.Meta(key("later written")).WRITE()),
		step([]byte{1}, solana.Meta(key("signs")).SIGNER(),
			solana.Meta(key("both")).SIGNER().WRITE()))

	want := []solana.PublicKey{key("payer"), key("later written"), key("written"), key("both")}
	for _, legacy := range []bool{false, true} {
		p.Versions = legacyIf(legacy)
		require.Equal(t, want, compile(t, p).WritableAccounts())
	}

	require.Empty(t, new(txn.Unsigned).WritableAccounts())
}
