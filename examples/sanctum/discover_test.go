package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

const discoverTool = tool("discover")

// TestDiscover_Text discovers a token by its symbol, its mint and its pool. The
// amounts are those of the pool in the embedded market.
func TestDiscover_Text(t *testing.T) {
	jito := lookup(t, "jitoSOL")
	for _, token := range []string{"jitoSOL", jito.Mint.String(), jito.Pool.String()} {
		out, err := discoverTool.run(t, "-token", token)
		require.NoError(t, err)
		containsAll(t, out, "  token        JitoSOL, Jito Staked SOL\n", "  validators   5\n",
			"  holds        18256130.561069428 SOL for 15141078.02740434 tokens\n",
			"  warnings     none: the pool owns the mint, its reserve and its stake\n")
	}

	out, err := discoverTool.run(t, "-token", "INF")
	require.NoError(t, err)
	containsAll(t, out, "without a stake pool\n")
}

func TestDiscover_JSON(t *testing.T) {
	out, err := discoverTool.run(t, "-token", "picoSOL", "-json")
	require.NoError(t, err)
	var found discovered
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	pico := lookup(t, "picoSOL")
	require.Equal(t, pico.Mint.String(), found.Mint)
	require.Equal(t, pico.Pool.String(), found.Pool)
	require.Equal(t, pico.VoteAccount.String(), found.VoteAccount)
	require.Equal(t, 1, found.Validators)
	require.Empty(t, found.Warnings)
}

func TestDiscover_Refuses(t *testing.T) {
	for _, test := range []struct {
		args []string
		is   error
		text string
	}{
		{nil, nil, "-token is missing"},
		{[]string{"-token", "jitoSLO"}, lst.ErrUnknownLST, "did you mean JitoSOL?"},
		{[]string{"-token", "pineSOL"}, lst.ErrAmbiguous, "name the mint"},
		{[]string{"-token", lookup(t, "jitoSOL").ValidatorList.String()}, sdk.ErrNotToken, ""},
		{[]string{"-token", "jitoSOL", "-pool", "x"}, nil, "-pool"},
		{[]string{"-token", "jitoSOL", "-program", "x"}, nil, "-program"},
	} {
		_, err := discoverTool.run(t, test.args...)
		require.Error(t, err)
		require.ErrorContains(t, err, test.text)
		if test.is != nil {
			require.ErrorIs(t, err, test.is)
		}
	}
}
