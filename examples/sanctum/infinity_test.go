package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// infinityOf runs the command, which must succeed.
func infinityOf(t *testing.T, args ...string) string {
	t.Helper()
	out, err := tool("infinity").run(t, args...)
	require.NoError(t, err)
	return out
}

func TestInfinity_Table(t *testing.T) {
	out := infinityOf(t)
	for _, want := range []string{
		"Embedded market of 27 May 2025 (epoch 793), 218 days old. Name a node with -rpc for today's.\n",
		"Infinity at slot 342792000, version 2, 18 tokens\n",
		"  worth        257446.350494525 SOL\n",
		"  APY          8.29 %, from the yield that the pool releases now, at 400.0 ms by the Clock sysvar\n",
		"  JupSOL     38.08 %  98025.94 SOL  1.111493 SOL   4 bps    8 bps\n",
		"  paid out     stSOL, bSOL, vSOL, BNSOL, JitoSOL\n",
		"  closed       phaseSOL: pool is not updated for this epoch",
	} {
		require.Contains(t, out, want)
	}

	require.NotContains(t, out, "0.00 %", "what the pool hardly holds has no row")
}

// TestInfinity_Matrix checks that tables next to each other have all pairs and
// fit the width.
func TestInfinity_Matrix(t *testing.T) {
	out := infinityOf(t, "-matrix")
	fees := make(map[string]string)
	var to []string
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "  from \\ to"):
			to = fields[3:]
		case len(to) > 0 && len(fields) == len(to)+1:
			for i, fee := range fields[1:] {
				fees[fields[0]+" "+to[i]] = fee
			}
		}
	}

	require.Len(t, fees, 12*17, "12 tokens are taken, 17 are paid out")
	for pair, want := range map[string]string{
		"JupSOL JupSOL": "-",
		"JupSOL dSOL":   "12",
		"JupSOL SOL":    "4",
		"SOL mSOL":      "9",
	} {
		require.Equal(t, want, fees[pair], pair)
	}

	require.Contains(t, out, "  closed       phaseSOL\n")
}

func TestInfinity_JSON(t *testing.T) {
	var pool struct {
		Slot   uint64 `json:"slot"`
		Worth  uint64 `json:"total_sol_value"`
		APY    string `json:"apy"`
		Slots  string `json:"slot_time"`
		Tokens []struct {
			Symbol       string `json:"symbol"`
			Price        string `json:"price"`
			InputEnabled bool   `json:"input_enabled"`
		} `json:"tokens"`
	}

	require.NoError(t, json.Unmarshal([]byte(infinityOf(t, "-json")), &pool))
	require.Equal(t, uint64(342_792_000), pool.Slot)
	require.Equal(t, uint64(257_446_350_494_525), pool.Worth)
	require.Equal(t, "0.082879", pool.APY)
	require.Equal(t, "400.0 ms by the Clock sysvar", pool.Slots)
	require.Len(t, pool.Tokens, 18)
	require.Equal(t, "JupSOL", pool.Tokens[0].Symbol)
	require.Equal(t, "1.111492657", pool.Tokens[0].Price)
	require.True(t, pool.Tokens[0].InputEnabled)
}

// TestInfinity_JSONWins checks that -json prints one object with any other
// flags.
func TestInfinity_JSONWins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pool.svg")
	var pool poolJSON
	require.NoError(t,
		json.Unmarshal([]byte(infinityOf(t, "-json", "-matrix", "-svg", path)), &pool))
	require.Contains(t, pool.Pairs, pairJSON{
		From:     pool.Tokens[0].Mint,
		To:       pool.Tokens[1].Mint,
		FeeNanos: 1_200_000,
	})
	require.FileExists(t, path)
}

func TestInfinity_Picture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pool.svg")
	require.Empty(t, infinityOf(t, "-svg", path))
	picture, err := os.ReadFile(path)
	require.NoError(t, err)
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		if _, err := d.Token(); err != nil {
			require.ErrorIs(t, err, io.EOF)
			break
		}
	}

	for _, want := range []string{
		`viewBox="0 0 320 `, "prefers-color-scheme:dark",
		"JupSOL", "phaseSOL", "1 INF = 1.452469 SOL", "APY 8.29 %",
	} {
		require.Contains(t, string(picture), want)
	}

	require.Equal(t, 8, strings.Count(string(picture), `class="rail"`),
		"no bar for what is hardly there")
}
