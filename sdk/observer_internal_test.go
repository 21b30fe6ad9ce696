package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/send"
)

// heightNode is a node that reports a block height, or fails if the height is
// zero.
type heightNode uint64

func (n heightNode) CallForInto(_ context.Context, out any, _ string, _ []any) error {
	if n == 0 {
		return errors.New("no answer")
	}
	return json.Unmarshal(fmt.Appendf(nil, `{"blockHeight":%d,"absoluteSlot":%d}`, n, n+1000), out)
}

func (heightNode) CallWithCallback(
	context.Context, string, []any, func(*http.Request, *http.Response) error,
) error {
	return errors.ErrUnsupported
}

func (heightNode) CallBatch(context.Context, jsonrpc.RPCRequests) (jsonrpc.RPCResponses, error) {
	return nil, errors.ErrUnsupported
}

// TestObserver_BlockHeight expects the height that a majority of the answering
// nodes has reached, with the highest slot reported for it.
func TestObserver_BlockHeight(t *testing.T) {
	for _, c := range []struct {
		heights []heightNode
		want    send.Height
	}{
		{[]heightNode{100}, send.Height{Height: 100, Slot: 1100, Witnesses: 1}},
		{[]heightNode{100, 9999}, send.Height{Height: 100, Slot: 10999, Witnesses: 2}},
		{[]heightNode{9999, 100, 101}, send.Height{Height: 101, Slot: 10999, Witnesses: 2}},
		{[]heightNode{9999, 9998, 100, 101}, send.Height{Height: 101, Slot: 10999, Witnesses: 3}},
		{[]heightNode{0, 9999}, send.Height{Height: 9999, Slot: 10999, Witnesses: 1}},
	} {
		o := &observer{}
		for _, h := range c.heights {
			o.nodes = append(o.nodes, rpc.JSONRPCClient(h))
		}

		got, err := o.BlockHeight(t.Context(), send.Confirmed)
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%v", c.heights)
	}

	_, err := (&observer{nodes: []rpc.JSONRPCClient{heightNode(0)}}).BlockHeight(t.Context(),
		send.Confirmed)
	require.Error(t, err)
}
