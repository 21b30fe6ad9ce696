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

func infinity(t *testing.T, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	require.NoError(t, run(t.Context(), args, &out, &errOut))
	require.Empty(t, errOut.String())
	return out.String()
}

func TestTable(t *testing.T) {
	out := infinity(t)
	require.Contains(t, out, "Infinity at slot 342792000, version 2, 18 tokens\n")
	require.Contains(t, out, "  worth      257446.350494525 SOL\n")
	require.Regexp(t, `JupSOL  38\.08 %  88193\.063549059 +98025\.942575126 +1\.111492657 +4\.00 +8\.00`, out)
	require.Contains(t, out, "gives only")
	require.Contains(t, out, "pool is not updated for this epoch")
}

func TestMatrix(t *testing.T) {
	lines := strings.Split(strings.TrimRight(infinity(t, "-matrix"), "\n"), "\n")
	require.Len(t, lines, 19)
	for i, line := range lines[1:] {
		fields := strings.Fields(line)
		require.Len(t, fields, 19)
		require.Equal(t, "-", fields[1+i])
	}
	require.Equal(t, []string{"JupSOL", "-", "12.00", "12.00", "12.00", "4.00"}, strings.Fields(lines[1])[:6])
}

func TestJSON(t *testing.T) {
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
	require.NoError(t, json.Unmarshal([]byte(infinity(t, "-json")), &pool))
	require.Equal(t, uint64(342_792_000), pool.Slot)
	require.Equal(t, uint64(257_446_350_494_525), pool.Worth)
	require.Equal(t, "0.082879", pool.APY)
	require.Equal(t, "400.0 ms by the Clock sysvar", pool.Slots)
	require.Len(t, pool.Tokens, 18)
	require.Equal(t, "JupSOL", pool.Tokens[0].Symbol)
	require.Equal(t, "1.111492657", pool.Tokens[0].Price)
	require.True(t, pool.Tokens[0].InputEnabled)
}

func TestPicture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pool.svg")
	require.Empty(t, infinity(t, "-svg", path))
	picture, err := os.ReadFile(path)
	require.NoError(t, err)
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		if _, err := d.Token(); err != nil {
			require.ErrorIs(t, err, io.EOF)
			break
		}
	}
	for _, want := range []string{"<svg ", "JupSOL", "phaseSOL", "1 INF = 1.452469 SOL"} {
		require.Contains(t, string(picture), want)
	}
}
