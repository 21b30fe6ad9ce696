package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRun_EmbeddedMarket runs the example as it stands, without a network.
func TestRun_EmbeddedMarket(t *testing.T) {
	t.Setenv("SANCTUM_RPC", "")
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, ""+
		"Infinity: 5 SOL for 3.441380522 INF\n"+
		"holds for 240 slots, price 1.452469428 SOL\n"+
		"landed in slot 342792001\n",
		out.String(),
	)
}
