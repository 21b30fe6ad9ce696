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
		"257446.350494525 SOL, 1 INF = 1.452469077 SOL\n"+
		"APY 8.29 %, slots of 400.0 ms by the Clock sysvar\n"+
		"tokens 7.41 %, from SOL 0.00 % to JupSOL 7.89 %\n"+
		"SOL         5.21 % of the pool, 1 = 1.000000000 SOL\n"+
		"bonkSOL     1.98 % of the pool, 1 = 1.109616628 SOL\n"+
		"dSOL       26.11 % of the pool, 1 = 1.115888675 SOL\n"+
		"strongSOL  13.44 % of the pool, 1 = 1.107649259 SOL\n"+
		"picoSOL    12.30 % of the pool, 1 = 1.123960399 SOL\n"+
		"hubSOL      0.79 % of the pool, 1 = 1.106905001 SOL\n"+
		"JupSOL     38.08 % of the pool, 1 = 1.111492657 SOL\n"+
		"hSOL        2.10 % of the pool, 1 = 1.094610076 SOL\n",
		out.String(),
	)
}
