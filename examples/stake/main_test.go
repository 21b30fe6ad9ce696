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
		"stake pool deposit: 1.5 SOL for 1.244054262 jitoSOL, at least 1.242810208\n"+
		"landed in slot 342792001 for 5000 lamports\n",
		out.String(),
	)
}
