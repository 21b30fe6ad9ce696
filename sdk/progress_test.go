package sdk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
)

func TestProgress_String(t *testing.T) {
	seen := &sdk.SignatureStatus{Slot: 250_000_000, Commitment: "confirmed"}
	failed := &sdk.SignatureStatus{
		Slot:       7,
		Commitment: "processed",
		Err:        json.RawMessage(`{"InstructionError":[0,{"Custom":1}]}`),
	}
	for _, c := range []struct {
		progress sdk.Progress
		want     string
	}{
		{sdk.Progress{Kind: sdk.ProgressSent, Sends: 1}, "sent (sent once)"},
		{
			sdk.Progress{Kind: sdk.ProgressSeen, Sends: 2, Status: seen},
			"seen: slot 250000000, confirmed (sent twice)",
		},
		{
			sdk.Progress{Kind: sdk.ProgressSeen, Status: failed},
			`seen: slot 7, processed, failed: {"InstructionError":[0,{"Custom":1}]}`,
		},
		{
			sdk.Progress{Kind: sdk.ProgressSendFailed, Sends: 3, Err: errors.New("timed out")},
			"send failed: timed out (sent 3 times)",
		},
		{sdk.Progress{Kind: sdk.ProgressOutlived}, "outlived"},
	} {
		require.Equal(t, c.want, fmt.Sprint(c.progress))
	}
}
