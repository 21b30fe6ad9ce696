package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
)

// TestRun_EmbeddedMarket shows three tables without a network.
func TestRun_EmbeddedMarket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out, "", 3,
			sdk.WatchOptions{PollInterval: time.Second}))
		tables := strings.Split(out.String(), "\x1b[H\x1b[2J")[1:]
		require.Len(t, tables, 3)
		require.True(t, strings.HasPrefix(tables[0],
			"slot 342792000, 0 behind, 0 ms old, 0 updates, 0 reconnects\n"), tables[0])
		require.True(t, strings.HasPrefix(tables[2], "slot 342792002"), tables[2])
		for _, table := range tables {
			require.Contains(t, table,
				"JitoSOL: 1.205735188 SOL, APY 7.62 %, as of epoch 793\n")
			require.Contains(t, table, "INF: 1.45246")
		}
	})
}

func TestRun_EndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var out strings.Builder
		err := run(ctx, &out, "", 0, sdk.WatchOptions{})
		require.Error(t, err)
		require.NotEmpty(t, out.String())
	})
}

func TestRun_BadInput(t *testing.T) {
	var out strings.Builder
	require.Error(t, run(t.Context(), &out, "ftp://host", 1, sdk.WatchOptions{}))
	err := run(t.Context(), &out, "", 1, sdk.WatchOptions{
		WebSocket: "ws://host",
		Header:    http.Header{"X-Key": {"secret"}},
	})
	require.ErrorIs(t, err, sdk.ErrInsecure)
	require.Empty(t, out.String())
}
