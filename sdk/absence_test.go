package sdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_Send_NodeWithoutBlocks queries a node that no longer keeps the
// blocks in which the transaction may have landed. Its empty answer proves
// nothing.
func TestClient_Send_NodeWithoutBlocks(t *testing.T) {
	for _, test := range []struct {
		name  string
		first json.RawMessage
		want  error
	}{
		{"it keeps them", json.RawMessage("342791999"), sdk.ErrExpired},
		{"it keeps them from the slot of the blockhash on", json.RawMessage("342792000"),
			sdk.ErrExpired},
		{"it lacks the first of them", json.RawMessage("342792001"), sdk.ErrUncertain},
		{"it does not tell", nil, sdk.ErrExpired},
	} {
		t.Run(test.name, func(t *testing.T) {
			node := demoNode(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			waited := time.Duration(0)
			clock := sdktest.NewClock(time.Unix(1_750_000_000, 0), func(d time.Duration) {
				node.Advance(uint64(d/(400*time.Millisecond)) + 1)
				if waited += d; waited > 10*time.Minute {
					cancel()
				}
			})

			client, _ := connect(t, node, sdk.WithClock(clock))
			node.OnSend(new(outbox).take)
			if test.first != nil {
				faults := make([]sdktest.Fault, 1_000)
				for i := range faults {
					faults[i].Result = test.first
				}

				node.Fail("getFirstAvailableBlock", faults...)
			}

			_, err := client.Send(ctx, signed(t, client))
			require.ErrorIs(t, err, test.want)
			if uncertain := new(sdk.UncertainError); errors.As(err, &uncertain) {
				require.ErrorIs(t, uncertain.Last, sdk.ErrPruned)
			}
		})
	}
}

// TestClient_Send_StatusDenied queries a node that has the transaction but
// denies its status.
func TestClient_Send_StatusDenied(t *testing.T) {
	sending(
		t,
		func(t *testing.T, node *sdktest.Node, client *sdk.Client, s *txn.Signed, o *outbox) {
			node.SetStatus(s.Signature(), landed(342792003))
			denials := make([]sdktest.Fault, 1_000)
			for i := range denials {
				denials[i].Result = json.RawMessage(`{"context":{"slot":342792300},"value":[null]}`)
			}

			node.Fail("getSignatureStatuses", denials...)
			node.Advance(200)
			receipt, err := client.Send(t.Context(), s)
			require.NoError(t, err)
			require.Equal(t, uint64(342792003), receipt.Slot)
		},
	)
}
