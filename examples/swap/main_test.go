package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route"
)

func swap(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, errOut bytes.Buffer
	err := run(t.Context(), args, &out, &errOut)
	require.Empty(t, errOut.String())
	return out.String(), err
}

func TestText(t *testing.T) {
	for _, test := range []struct {
		args []string
		want []string
	}{
		{nil, []string{
			"Quote at slot 342792000 (epoch 793), Infinity\n", "  pay        1 JupSOL\n", "  receive    0.987720621 picoSOL\n",
			"  at least   0.986732901 picoSOL\n", "  fair       0.988907311 picoSOL, ",
			"  3. trade 1 JupSOL for at least 0.986732901 picoSOL with Infinity\n",
		}},
		{[]string{"-recipient", "7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4"}, []string{
			"  recipient  7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4\n", "picoSOL with Infinity, paid to 7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4\n",
		}},
		{[]string{"-to", "SOL"}, []string{"trade 1 JupSOL for at least", "  receive    1.", " SOL\n"}},
		// Infinity goes by what the stake pool itself pays.
		{[]string{"-from", "bSOL", "-to", "SOL"}, []string{"stake pool withdrawal\n", "  receive    1.218946859 SOL\n", "  fair       1.218946859 SOL, "}},
		{[]string{"-to", "dSOL", "-exact-out", "-amount", "0.5"}, []string{"  at least   0.5 dSOL\n", "trade at most ", " JupSOL for at least 0.5 dSOL with Infinity\n"}},
	} {
		out, err := swap(t, test.args...)
		require.NoError(t, err)
		for _, want := range test.want {
			require.Contains(t, out, want)
		}
	}
}

func TestJSON(t *testing.T) {
	out, err := swap(t, "-json")
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

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-from", "JupSOL", "-to", "JupSOL"}, "both tokens are the same"},
		{[]string{"-amount", "0"}, "zero"},
		{[]string{"-to", "noSOL"}, "noSOL"},
		{[]string{"-to", "phaseSOL"}, "pool is not updated for this epoch"},
	} {
		out, err := swap(t, test.args...)
		require.ErrorContains(t, err, test.want)
		require.NotContains(t, err.Error(), "\n")
		require.Empty(t, out)
	}
}
