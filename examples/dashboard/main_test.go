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
		"JitoSOL: 1.205735188 SOL, APY 7.62 %, as of epoch 793\n"+
		"  10 sell for 12.045294527 SOL by stake pool withdrawal, 0.10 % below the fair price\n"+
		"hubSOL: 1.108013014 SOL, APY 6.79 %, as of epoch 793\n"+
		"  10 sell for 11.065570436 SOL by Infinity and stake pool withdrawal, 0.13 % below the fair price\n"+
		"JupSOL: 1.112605263 SOL, APY 7.89 %, as of epoch 793\n"+
		"  10 sell for 11.110480603 SOL by Infinity, 0.14 % below the fair price\n",
		out.String(),
	)
}
