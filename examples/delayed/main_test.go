package main

import (
	"regexp"
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
		"10 jitoSOL for 12.045294527 SOL of stake in <key>\n"+
		"next: [withdraw the whole balance, 0.00228288 SOL of rent included, usually from the epoch after the deactivation on: epoch 794 if it is deactivated now]\n"+
		"stake program: 12.047577407 SOL\n",
		regexp.MustCompile(`[1-9A-HJ-NP-Za-km-z]{32,44}\n`).ReplaceAllString(out.String(),
			"<key>\n"),
	)
}
