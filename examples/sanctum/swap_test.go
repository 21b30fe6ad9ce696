package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route"
)

const swapTool = tool("swap")

func TestSwap_Text(t *testing.T) {
	for _, test := range []struct {
		args []string
		want []string
	}{
		{nil, []string{
			"Quote at slot 342792000 (epoch 793)\n  route        Infinity\n",
			"  pay          1 JupSOL\n", "  receive      0.987720621 picoSOL\n",
			"  at least     0.986732901 picoSOL\n",
			"  fair         0.988907311 picoSOL by the values of Infinity",
			"  3. trade 1 JupSOL for at least 0.986732901 picoSOL with Infinity\n",
		}},
		{[]string{"-recipient", "7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4"}, []string{
			"  recipient    7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4\n",
			"picoSOL with Infinity, paid to\n     7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4\n",
		}},
		{[]string{"-to", "SOL"},
			[]string{"trade 1 JupSOL for at least", "  receive      1.", " SOL\n"}},
		// Infinity values the token like its stake pool does.
		{[]string{"-from", "bSOL", "-to", "SOL"},
			[]string{"  route        stake pool withdrawal\n", "  receive      1.218946859 SOL\n",
				"  fair         1.218946859 SOL by the values of Infinity"}},
		{[]string{"-to", "dSOL", "-exact-out", "-amount", "0.5"},
			[]string{"  at least     0.5 dSOL\n", "trade at most ",
				" JupSOL for at least 0.5 dSOL with Infinity\n"}},
	} {
		out, err := swapTool.run(t, test.args...)
		require.NoError(t, err)
		containsAll(t, out, test.want...)
	}
}

func TestSwap_JSON(t *testing.T) {
	out, err := swapTool.run(t, "-json")
	require.NoError(t, err)
	var q struct {
		Venue       string      `json:"venue"`
		In          uint64      `json:"in"`
		Out         uint64      `json:"out"`
		Fees        []route.Fee `json:"fees"`
		Transaction string      `json:"transaction"`
	}

	require.NoError(t, json.Unmarshal([]byte(out), &q))
	require.Equal(t, "Infinity", q.Venue)
	require.Equal(t, uint64(1_000_000_000), q.In)
	require.Equal(t, uint64(987_720_621), q.Out)
	require.Len(t, q.Fees, 1)
	require.NotEmpty(t, q.Transaction)
}

func TestSwap_Refusals(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-from", "JupSOL", "-to", "JupSOL"}, "both tokens are the same"},
		{[]string{"-amount", "0"}, "zero"},
		{[]string{"-to", "noSOL"}, "noSOL"},
		{[]string{"-to", "phaseSOL"}, "pool is not updated for this epoch"},
	} {
		out, err := swapTool.run(t, test.args...)
		require.ErrorContains(t, err, test.want)
		require.NotContains(t, err.Error(), "\n")
		require.Empty(t, out)
	}
}
