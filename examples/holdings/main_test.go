package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRun_EmbeddedMarket runs the example as it stands, without a network.
func TestRun_EmbeddedMarket(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, ""+
		"worth 13.50456576 SOL\n"+
		"10.00228288 SOL of active stake\n"+
		"2.50228288 SOL of inactive stake\n"+
		"0 of 2 actions, 0 transactions\n"+
		"2 of 2 actions, 1 transaction\n"+
		"withdraw stake: 2.50228288, done\n"+
		"deposit stake: 9.027225088, done\n"+
		"2 of 2 actions in 1 transaction, fees 0.000005 SOL\n",
		out.String(),
	)
}
