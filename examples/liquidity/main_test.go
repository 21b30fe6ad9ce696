package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func liquidity(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, errOut bytes.Buffer
	err := run(t.Context(), args, &out, &errOut)
	require.Empty(t, errOut.String())
	return out.String(), err
}

func TestText(t *testing.T) {
	const price = "  price      1 INF = 1.452469077 SOL now, before fees\n"
	const holds = "  holds      until slot 342792240, 240 slots from now, " +
		"which is 1m36s at 400.0 ms by the Clock sysvar\n"
	for _, test := range []struct{ args, want []string }{
		{nil, []string{"  pay        1 SOL\n", "  receive    0.688276105 INF\n", price, holds}},
		{[]string{"-add", "jupSOL"}, []string{"  pay        1 JupSOL\n", " INF\n", price, holds}},
		{[]string{"-remove", "jupSOL"}, []string{"  pay        1 INF\n", "  receive    1.303114467 JupSOL\n", price, holds}},
		{[]string{"-remove", "SOL", "-exact-out"}, []string{"  at least   1 SOL\n", price, holds}},
	} {
		out, err := liquidity(t, test.args...)
		require.NoError(t, err)
		for _, want := range test.want {
			require.Contains(t, out, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-add", "SOL", "-remove", "SOL"}, "-add and -remove exclude each other"},
		{[]string{"-add", "INF"}, "both tokens are the same"},
		{[]string{"-remove", "noSOL"}, "noSOL"},
	} {
		out, err := liquidity(t, test.args...)
		require.ErrorContains(t, err, test.want)
		require.Empty(t, out)
	}
}
