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
		"verified: deposit 1.5 SOL for JitoSOL, at least 1.242810208 JitoSOL\n"+
		"refused: may spend more than allowed (see Policy.MaxLamports, MaxTokens and MaxStake)\n"+
		"missing signatures: 0\n",
		out.String(),
	)
}
