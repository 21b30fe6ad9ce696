package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const liquidityTool = tool("liquidity")

func TestLiquidity_Text(t *testing.T) {
	const price = "  price        1 INF = 1.452469077 SOL now, before fees\n"
	const jup = "  receive      1.303114467 JupSOL\n"
	const holds = "  holds        until slot 342792240, 240 slots from now, " +
		"which is 1m36s at 400.0 ms by the Clock\n               sysvar\n"
	for _, test := range []struct{ args, want []string }{
		{nil, []string{"  pay          1 SOL\n", "  receive      0.688276105 INF\n", price, holds}},
		{[]string{"-add", "jupSOL"}, []string{"  pay          1 JupSOL\n", " INF\n", price, holds}},
		{[]string{"-remove", "jupSOL"}, []string{"  pay          1 INF\n", jup, price, holds}},
		{[]string{"-remove", "SOL", "-exact-out"},
			[]string{"  at least     1 SOL\n", price, holds}},
	} {
		out, err := liquidityTool.run(t, test.args...)
		require.NoError(t, err)
		containsAll(t, out, test.want...)
	}
}

func TestLiquidity_Refusals(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-add", "SOL", "-remove", "SOL"}, "-add and -remove exclude each other"},
		{[]string{"-add", "INF"}, "both tokens are the same"},
		{[]string{"-remove", "noSOL"}, "noSOL"},
	} {
		out, err := liquidityTool.run(t, test.args...)
		require.ErrorContains(t, err, test.want)
		require.Empty(t, out)
	}
}
