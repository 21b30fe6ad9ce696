package txn_test

import (
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestSigned_String checks that printing does not mark a transaction as
// exposed.
func TestSigned_String(t *testing.T) {
	signer, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	memo, err := txn.Memo("hello")
	require.NoError(t, err)
	unsigned, err := txn.Plan{
		Payer:    signer.PublicKey(),
		Steps:    []txn.Step{memo},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 150},
	}.Compile()

	require.NoError(t, err)
	signed, err := unsigned.Sign(t.Context(), signer)
	require.NoError(t, err)

	size := unsigned.Size()
	require.Equal(t,
		fmt.Sprintf("unsigned transaction of %d bytes, paid by %s", size, signer.PublicKey()),
		fmt.Sprint(unsigned))
	require.Equal(t,
		fmt.Sprintf("signed transaction of %d bytes: %s", size, signed.Signature()),
		fmt.Sprint(signed))
	require.False(t, signed.Exposed())

	var none *txn.Signed
	require.Equal(t, "no transaction", none.String())
	require.Equal(t, "no transaction", none.Unsigned().String())
	require.Equal(t, memo.Described().Description, memo.String())
}

func TestLifetime_String(t *testing.T) {
	lifetime := txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 150}
	require.Equal(t,
		fmt.Sprintf("blockhash %s until block height 150", solana.Hash{1}), lifetime.String())

	lifetime = txn.Lifetime{
		Blockhash: solana.Hash{1},
		Nonce:     txn.DurableNonce{Account: solana.PublicKey{2}, Authority: solana.PublicKey{3}},
	}

	require.Equal(t,
		fmt.Sprintf("nonce %s of account %s", solana.Hash{1}, solana.PublicKey{2}),
		lifetime.String())
}

func TestComputeBudget_String(t *testing.T) {
	budget := txn.ComputeBudget{
		ComputeUnitLimit:            200_000,
		ComputeUnitPrice:            5_000,
		LoadedAccountsDataSizeLimit: 65_536,
	}
	require.Equal(t,
		"at most 200000 compute units at 5000 micro-lamports each, at most 65536 bytes of accounts",
		budget.String())
	require.Equal(t, "no limit of compute units", txn.ComputeBudget{}.String())
}
