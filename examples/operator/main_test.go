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
		"update pool phasejkG1akKgqkLvfWzWY17evnH6mSWznnUspmpyeG\n"+
		"1. update the pool for epoch 793\n"+
		"transactions: 1, epochs to wait: 0\n"+
		"rent 0 SOL, deposit 0 SOL, gift to the pool 0 SOL, network fees 0.000005 SOL\n"+
		"done: 1 transaction, fees 0.000005 SOL\n",
		out.String(),
	)
}
