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
		"0 of 1 transactions, 0 of 5 validators\n"+
		"1 of 1 transactions, 5 of 5 validators\n"+
		"phaseSOL for epoch 793: updated, 1 transaction, 5 validators, fees 0.000005 SOL\n",
		out.String(),
	)
}
