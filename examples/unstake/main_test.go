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
		"stake pool withdrawal: 10 jitoSOL for 12.045294527 SOL\n"+
		"fee: 0.01 jitoSOL, SOL withdrawal fee\n"+
		"landed in slot 342792001\n",
		out.String(),
	)
}
