package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, ""+
		"profit before the network fee: 219874023 lamports\n"+
		"seize 2 jupSOL\n"+
		"create a temporary wSOL account\n"+
		"initialize it as a token account\n"+
		"trade 2 JupSOL for at least 2.219874023 SOL with Infinity\n"+
		"close the temporary wSOL account, which unwraps its balance\n"+
		"repay 2 SOL\n"+
		"transfer 10000 lamports from the wallet to 7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4\n"+
		"fail unless the wallet holds at least 219759023 lamports\n",
		out.String(),
	)
}
