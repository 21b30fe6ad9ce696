package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInfinity_Earnings(t *testing.T) {
	out := infinityOf(t, "-earnings")
	for _, want := range []string{
		"What Infinity earns, at slot 342792000\n",
		"  tokens       7.41 %, weighted by their value\n",
		"  INF          7.02 %, after the protocol's part and before trading fees\n",
		"  release      51.255835787 SOL to holders in the next 432000 slots, of what is withheld " +
			"now: 3.70 %\n",
		"  JupSOL     38.08 %   415.9  7.89 %    24.5  40.77 SOL\n",
		"  SOL         5.21 %     0.0  0.00 %  -391.4   0.00 SOL\n",
		"  hubSOL      0.79 %   360.0  6.79 %   -31.4   0.73 SOL\n",
	} {
		require.Contains(t, out, want)
	}

	require.NotContains(t, out, "phaseSOL", "what the pool hardly holds has no row")
	require.NotContains(t, out, "  fees ")
}

// TestInfinity_EarningsFees compares the pool with itself: nothing was traded.
func TestInfinity_EarningsFees(t *testing.T) {
	require.Contains(t, infinityOf(t, "-fees", "1ns"),
		"  fees         0.00 SOL since slot 342792000\n")
}

func TestInfinity_EarningsJSON(t *testing.T) {
	var e earningsJSON
	require.NoError(t, json.Unmarshal([]byte(infinityOf(t, "-fees", "1ns", "-json")), &e))
	require.Equal(t, "0.000391356189131", e.Growth)
	require.Equal(t, "0.000371788379674", e.ExpectedGrowth)
	require.Equal(t, uint64(53_953_511_355), e.Released)
	require.Len(t, e.Tokens, 18)
	require.Equal(t, "JupSOL", e.Tokens[0].Symbol)
	require.Equal(t, "0.000415883025503", e.Tokens[0].Growth)
	require.Equal(t, &feesEarnedJSON{FromSlot: 342_792_000, Least: "0", Most: "0"}, e.Fees)
	for _, token := range e.Tokens {
		require.Equal(t, token.Growth == "", token.Unknown != "", token.Symbol)
	}
}

func TestInfinity_EarningsPicture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "earnings.svg")
	require.Empty(t, infinityOf(t, "-earnings", "-svg", path))
	picture, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, xml.Unmarshal(picture, new(struct{})))
	text := string(picture)
	require.Contains(t, text, ">7.02 %</text>")
	require.Contains(t, text, "<title>JupSOL: 415.9 millionths an epoch</title>")
	require.Equal(t, 8, strings.Count(text, `class="mark"`), "one mark for each token")
}
