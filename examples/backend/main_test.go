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
		"swap 1.5 SOL -> 1.351067163 hubSOL via stake pool deposit, at least 1.349716096 hubSOL\n"+
		"integrator fee: 0.003 SOL (20/10000)\n"+
		"landed, network fee 5000 lamports\n",
		out.String(),
	)
}
