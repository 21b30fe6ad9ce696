package sdk_test

import (
	"context"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_Nil checks the errors for nil arguments. Without a transaction
// nothing can land. Without a client or a context, a copy that was sent before
// may land.
func TestClient_Nil(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	key, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	unsigned, _, err := client.Stake(t.Context(), mint(t, "JitoSOL"), sol, sdk.TradeOptions{
		BuildOptions: sdk.BuildOptions{Owner: key.PublicKey()},
	})
	require.NoError(t, err)
	signed, err := unsigned.Sign(t.Context(), key)
	require.NoError(t, err)

	for name, none := range map[string]*txn.Signed{"nil": nil, "zero": new(txn.Signed)} {
		receipt, err := client.Send(t.Context(), none)
		require.ErrorIs(t, err, sdk.ErrNotSent, name)
		require.ErrorIs(t, err, accounts.ErrNil, name)
		require.NotErrorIs(t, err, sdk.ErrUncertain, name)
		require.Equal(t, &sdk.Receipt{}, receipt, name)
		requireLine(t, err)
	}

	// A transaction that is resumed or refreshed was sent before.
	_, err = client.Resume(t.Context(), nil)
	require.ErrorIs(t, err, accounts.ErrNil)
	require.NotErrorIs(t, err, sdk.ErrNotSent)
	renewed, _, err := client.RefreshBlockhash(t.Context(), nil)
	require.Nil(t, renewed)
	require.ErrorIs(t, err, accounts.ErrNil)
	require.NotErrorIs(t, err, sdk.ErrNotSent)
	require.Zero(t, node.Calls("sendTransaction"))

	for name, send := range map[string]func() (*sdk.Receipt, error){
		"no context": func() (*sdk.Receipt, error) {
			return client.Send(nil, signed) //nolint:staticcheck // a nil context is tested
		},
		"no client": func() (*sdk.Receipt, error) {
			return (*sdk.Client)(nil).Send(t.Context(), signed)
		},
		"zero client": func() (*sdk.Receipt, error) {
			return new(sdk.Client).Resume(t.Context(), signed)
		},
	} {
		receipt, err := send()
		require.ErrorIs(t, err, sdk.ErrUncertain, name)
		require.ErrorIs(t, err, accounts.ErrNil, name)
		require.NotErrorIs(t, err, sdk.ErrNotSent, name)
		require.Equal(t, signed.Signature(), receipt.Signature, name)
		requireLine(t, err)
	}

	require.Zero(t, node.Calls("sendTransaction"))

	_, _, err = new(sdk.Client).Execute(t.Context(), stakeRequest(t, "JitoSOL", sol),
		sdk.BuildOptions{Owner: owner})
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = client.Build(nil, route.Quote{}, sdk.BuildOptions{Owner: owner}) //nolint:staticcheck // the point

	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = client.LoadMarketWith(t.Context(), nil)
	require.ErrorIs(t, err, accounts.ErrNil)
}

// TestSenders_Nil broadcasts through the senders that are not nil.
func TestSenders_Nil(t *testing.T) {
	var refused *sdk.PreflightError
	err := sdk.Senders{nil, nil}.Send(t.Context(), new(txn.Signed))
	require.ErrorAs(t, err, &refused)

	sent := new(courier)
	require.NoError(t, sdk.Senders{nil, sent}.Send(t.Context(), new(txn.Signed)))
	require.Len(t, sent.sent, 1)

	// No copy was sent.
	client, err := sdktest.NewNode(1, 1).Client()
	require.NoError(t, err)
	require.ErrorAs(t, client.Sender().Send(t.Context(), nil), &refused)
}

// TestNew_NilOptions ignores nil options.
func TestNew_NilOptions(t *testing.T) {
	node := sdktest.NewNode(1, 1)
	client, err := node.Client(nil, sdk.WithClock(nil), sdk.WithLogger(nil), sdk.WithRegistry(nil),
		sdk.WithSender(nil))
	require.NoError(t, err)
	require.Positive(t, client.Registry().Len())
	_, err = client.LoadMarket(t.Context(), solana.PublicKey{1})
	require.Error(t, err)
}

// TestClient_Send_NilPreflightError gets a nil pointer as a sender's error. It
// does not prove that the transaction was refused.
func TestClient_Send_NilPreflightError(t *testing.T) {
	sending(t, func(t *testing.T, _ *sdktest.Node, client *sdk.Client, s *txn.Signed, _ *outbox) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var refused *sdk.PreflightError
		_, err := client.Send(ctx, s, sdk.WithSender(&courier{err: refused}))
		require.ErrorIs(t, err, sdk.ErrUncertain)
		require.NotErrorIs(t, err, sdk.ErrNotSent)
		requireLine(t, err)
	})
}
