package sdk_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_RefreshBlockhash checks that a transaction gets a new blockhash
// once the old one has provably expired, and not a block before.
func TestClient_RefreshBlockhash(t *testing.T) {
	node := demoNode(t)
	clock := sdktest.NewClock(time.Unix(1_750_000_000, 0),
		func(d time.Duration) { node.Advance(uint64(d/(400*time.Millisecond)) + 1) })
	client, _ := connect(t, node, sdk.WithClock(clock))
	o := new(outbox)
	node.OnSend(o.take)
	s := signed(t, client)
	_, err := client.Send(t.Context(), s)
	require.ErrorIs(t, err, sdk.ErrExpired)
	sent := len(o.sent)

	u, receipt, err := client.RefreshBlockhash(t.Context(), s)
	require.NoError(t, err)
	require.Nil(t, receipt)
	require.Len(t, o.sent, sent, "nothing is broadcast")
	old := s.Unsigned()
	require.NotEqual(t, old.Lifetime().Blockhash, u.Lifetime().Blockhash)
	require.Greater(t, u.Lifetime().LastValidBlockHeight, old.Lifetime().LastValidBlockHeight+32)
	require.Equal(t, old.Steps(), u.Steps())
	require.Equal(t, old.Size(), u.Size())
	was, is := parsed(t, old), parsed(t, u)
	require.Equal(t, u.Lifetime().Blockhash, is.RecentBlockhash)
	is.RecentBlockhash = was.RecentBlockhash
	require.Equal(t, was, is, "only the blockhash changes")
}

// parsed returns the message of a transaction.
func parsed(t *testing.T, u *txn.Unsigned) solana.Message {
	t.Helper()
	tx, err := solana.TransactionFromBase64(u.Base64())
	require.NoError(t, err)
	return tx.Message
}

// TestClient_RefreshBlockhash_Refusals checks that there is no second
// transaction while the first may land.
func TestClient_RefreshBlockhash_Refusals(t *testing.T) {
	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			u, _, err := client.RefreshBlockhash(ctx, s)
			require.ErrorIs(t, err, sdk.ErrUncertain)
			require.Nil(t, u)
			requireLine(t, err)

			node.SetStatus(s.Signature(), landed(77))
			u, receipt, err := client.RefreshBlockhash(t.Context(), s)
			require.NoError(t, err)
			require.Nil(t, u, "it has landed: nothing to sign")
			require.Equal(t, uint64(77), receipt.Slot)
			require.Empty(t, o.sent)
		},
	)

	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, _ *outbox) {
			failed := landed(78)
			failed.Err = `{"InstructionError":[2,{"Custom":1}]}`
			node.SetStatus(s.Signature(), failed)
			u, receipt, err := client.RefreshBlockhash(t.Context(), s)
			require.Equal(t, receipt.Err, err)
			require.Error(t, err)
			require.Nil(t, u)
		},
	)
}

// TestClient_RefreshBlockhash_NotPossible checks that a transaction must be
// built again if the key of a signer is gone or it uses a durable nonce.
func TestClient_RefreshBlockhash_NotPossible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		node.OnSimulate(succeeds(100_000))
		client, _ := connect(t, node)
		lifetime := txn.Lifetime{Blockhash: solana.Hash{7}, LastValidBlockHeight: 9}
		market, err := client.LoadMarketForRequest(t.Context(),
			route.Request{From: accounts.MSOLMint, To: accounts.NativeMint})
		require.NoError(t, err)
		quotes, _ := market.Quotes(route.Request{From: accounts.MSOLMint, To: accounts.NativeMint,
			Amount: 50 * sol})
		sealed := 0
		var plain *txn.Unsigned
		for _, q := range quotes {
			u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner})
			require.NoError(t, err)
			_, err = u.Renew(lifetime)
			if q.NeedsStakeKeypair {
				require.ErrorIs(t, err, txn.ErrIncomplete)
				sealed++
				continue
			}

			require.NoError(t, err)
			plain = u
		}

		require.Positive(t, sealed)
		_, err = plain.Renew(txn.Lifetime{})
		require.ErrorIs(t, err, txn.ErrNoLifetime)
		_, err = plain.Renew(txn.Lifetime{Blockhash: solana.Hash{7},
			Nonce: txn.DurableNonce{Account: solana.PublicKey{1}, Authority: solana.PublicKey{2}}})
		require.ErrorIs(t, err, txn.ErrNonceAccount)
	})
}
