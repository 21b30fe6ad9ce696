package txn_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestPlan_CompileSignsNewAccounts checks that the signature of a new account
// is not requested again and that wallets receive it with the transaction.
func TestPlan_CompileSignsNewAccounts(t *testing.T) {
	payer, created := seeded(t, "payer"), seeded(t, "created")
	p := plan(payer.PublicKey(), step([]byte{1}, solana.Meta(created.PublicKey()).WRITE().SIGNER()))
	p.NewAccountSigners = []*txn.KeySigner{created}
	u := compile(t, p)
	require.Equal(t, []solana.PublicKey{payer.PublicKey()}, u.Signers())
	require.Equal(t, 1+2*64+len(u.Message()), u.Size())
	fee, err := u.NetworkFee()
	require.NoError(t, err)
	require.Equal(t, uint64(10_000), fee, "for both signatures")

	tx := decode(t, u.Base64())
	require.True(t, tx.Signatures[0].IsZero(), "the payer's is for the wallet to make")
	require.True(t, created.PublicKey().Verify(u.Message(), tx.Signatures[1]))

	signed, err := u.Sign(t.Context(), payer)
	require.NoError(t, err)
	require.NoError(t, decode(t, signed.Base64()).VerifySignatures())
	both, err := u.Sign(t.Context(), created, payer)
	require.NoError(t, err)
	require.Equal(t, signed.Raw(), both.Raw())

	_, err = u.Sign(t.Context(), created)
	var missing *txn.MissingError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, []solana.PublicKey{payer.PublicKey()}, missing.Keys)
}

// TestPlan_CompileNewAccountRefusals checks that a key that no instruction
// requires is refused.
func TestPlan_CompileNewAccountRefusals(t *testing.T) {
	payer, created := seeded(t, "payer"), seeded(t, "created")
	for name, keys := range map[string][]*txn.KeySigner{"does not sign": {created}, "nil": {nil}} {
		t.Run(name, func(t *testing.T) {
			p := plan(payer.PublicKey(), step([]byte{1}, solana.Meta(created.PublicKey()).WRITE()))
			p.NewAccountSigners = keys
			_, err := p.Compile()
			require.ErrorIs(t, err, txn.ErrIncomplete)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}
