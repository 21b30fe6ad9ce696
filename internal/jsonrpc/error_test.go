package jsonrpc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/stretchr/testify/require"
)

func TestError_RPCError(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		fmt.Fprintf(
			w,
			`{"id":%s,"error":{"code":-32002,"message":"Transaction simulation failed","data":{"err":{"InstructionError":[0,{"Custom":6001}]},"unitsConsumed":18446744073709551615}}}`,
			c.id,
		)
	})

	c, _ := newClient(t, url, Options{})
	err := c.CallForInto(context.Background(), nil, "sendTransaction", []any{"AQ=="})
	require.EqualError(t, err,
		"rpc sendTransaction at "+url+": code -32002: Transaction simulation failed")
	var e *Error
	require.ErrorAs(t, err, &e)
	require.JSONEq(t,
		`{"err":{"InstructionError":[0,{"Custom":6001}]},"unitsConsumed":18446744073709551615}`,
		string(e.Data))
	require.Contains(t, string(e.Data), "18446744073709551615")
	var theirs *upstream.RPCError
	require.ErrorAs(t, err, &theirs)
	require.Equal(t, -32002, theirs.Code)
	require.Equal(t, json.Number("18446744073709551615"),
		theirs.Data.(map[string]any)["unitsConsumed"])
}
