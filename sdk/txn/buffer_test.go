package txn_test

import (
	"context"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestUnsigned_SignTwice checks that only the first call of Sign writes to the
// compiled bytes. A later or concurrent call, or one after a failed call,
// returns the same transaction, and the message stays unchanged.
func TestUnsigned_SignTwice(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	message := u.Message()
	partial, err := u.Partial().Sign(t.Context(), payer, owner, authority)
	require.NoError(t, err)
	want, err := partial.Signed()
	require.NoError(t, err)

	ended, end := context.WithCancel(t.Context())
	end()
	_, err = u.Sign(ended, payer, owner, authority)
	require.ErrorIs(t, err, context.Canceled)

	fresh, _, _, _ := threeSigners(t)
	for _, u := range []*txn.Unsigned{u, fresh} {
		got := make([]*txn.Signed, 8)
		var group sync.WaitGroup
		for i := range got {
			group.Go(func() { got[i], _ = u.Sign(t.Context(), payer, owner, authority) })
		}

		group.Wait()
		for _, signed := range got {
			require.NotNil(t, signed)
			require.Equal(t, want.Raw(), signed.Raw())
			require.Equal(t, want.Signature(), signed.Signature())
		}

		require.Equal(t, message, u.Message())
	}
}

// TestUnsigned_SignWithNewAccounts checks that the signed bytes contain the
// signature of a new account.
func TestUnsigned_SignWithNewAccounts(t *testing.T) {
	payer, created := seeded(t, "payer"), seeded(t, "new account")
	p := plan(payer.PublicKey(), step([]byte{1}, solana.Meta(created.PublicKey()).WRITE().SIGNER()))
	p.NewAccountSigners = []*txn.KeySigner{created}
	u := compile(t, p)
	for range 2 {
		signed, err := u.Sign(t.Context(), payer)
		require.NoError(t, err)
		require.NoError(t, decode(t, signed.Base64()).VerifySignatures())
	}
}

// TestUnsigned_RenewAndSign checks that a renewed transaction shares no bytes
// with the original.
func TestUnsigned_RenewAndSign(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	renewed, err := u.Renew(txn.Lifetime{Blockhash: solana.Hash{8}, LastValidBlockHeight: 200,
		Slot: 2})
	require.NoError(t, err)
	require.Equal(t, u.WritableAccounts(), renewed.WritableAccounts())
	for _, of := range []*txn.Unsigned{renewed, u} {
		signed, err := of.Sign(t.Context(), payer, owner, authority)
		require.NoError(t, err)
		tx := decode(t, signed.Base64())
		require.NoError(t, tx.VerifySignatures())
		require.Equal(t, of.Lifetime().Blockhash, tx.Message.RecentBlockhash)
	}
}
