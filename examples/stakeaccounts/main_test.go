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
		"Reserve: 10.00228288 SOL of stake for 9.992156816 SOL\n"+
		"stake deposit: 2.5 SOL of stake for 2.258351524 hubSOL\n"+
		"cost: 0.00228288 SOL, rent of the stake account, which is deposited with it\n",
		out.String(),
	)
}
