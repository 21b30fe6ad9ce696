package sdk_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
)

// TestRPCError_Literal checks that an RPCError made by a user, for example for
// a test, has the same text and conditions as one that the client returns.
func TestRPCError_Literal(t *testing.T) {
	err := &sdk.RPCError{
		Method:     "getSlot",
		Endpoint:   "https://rpc.test",
		HTTPStatus: 429,
		Message:    "Too Many Requests",
		Attempts:   4,
	}

	require.EqualError(t, err,
		"rpc getSlot at https://rpc.test: http 429: Too Many Requests (4 attempts) "+
			"(send fewer requests, or add another endpoint)")
	require.ErrorIs(t, err, sdk.ErrHTTP)
	require.NotErrorIs(t, err, sdk.ErrNodeBehind)
	require.True(t, err.Temporary())
	require.NoError(t, err.Unwrap())

	behind := &sdk.RPCError{Code: -32016}
	require.ErrorIs(t, behind, sdk.ErrNodeBehind)
	require.NotErrorIs(t, behind, sdk.ErrHTTP)

	several := &sdk.EndpointsError{Method: "getSlot", Failures: []*sdk.RPCError{err, behind}}
	require.ErrorIs(t, several, sdk.ErrHTTP)
	require.ErrorIs(t, several, sdk.ErrNodeBehind)
	var first *sdk.RPCError
	require.ErrorAs(t, several, &first)
	require.Same(t, err, first)
	require.True(t, several.Temporary())
}

// TestRPCError_KeepsItsCause checks that a returned error wraps the context's
// error and the node's error object.
func TestRPCError_KeepsItsCause(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.RPC().GetHealth(ended)
	var failed *sdk.RPCError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "getHealth", failed.Method)

	_, err = client.RPC().GetClusterNodes(t.Context())
	require.ErrorAs(t, err, &failed)
	var object *upstream.RPCError
	require.ErrorAs(t, err, &object)
	require.Equal(t, failed.Code, object.Code)
}

// TestPreflightError_Literal checks that a custom sender can refuse a
// transaction with a PreflightError, also a wrapped one, and that Send returns
// it.
func TestPreflightError_Literal(t *testing.T) {
	refused := &sdk.PreflightError{Message: "no lookup table", Malformed: true}
	require.EqualError(t, refused, "refused as malformed: no lookup table")
	require.ErrorIs(t, refused, sdk.ErrTransactionRejected)
	require.NotErrorIs(t, &sdk.PreflightError{Message: "no tip"}, sdk.ErrTransactionRejected)

	synctest.Test(t, func(t *testing.T) {
		client, _ := connect(t, demoNode(t))
		for _, err := range []error{refused, errors.Join(refused), errors.Join(refused, refused)} {
			_, sent := client.Send(t.Context(), signed(t, client),
				sdk.WithSender(&courier{err: err}))
			require.ErrorIs(t, sent, sdk.ErrNotSent)
			var found *sdk.PreflightError
			require.ErrorAs(t, sent, &found)
			require.Same(t, refused, found)
		}
	})
}
