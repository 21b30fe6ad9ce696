package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const explainTool = tool("explain")

// TestExplain_Pasted reads what a user pastes, with the line breaks of a
// terminal in it.
func TestExplain_Pasted(t *testing.T) {
	r := stakeTool.report(t, "-amount", "1.5")
	var out bytes.Buffer
	c := testConsole(&out)
	c.in = strings.NewReader("\n " + r.Transaction[:80] + "\n" + r.Transaction[80:] + "\n")
	require.NoError(t, run(t.Context(), []string{"explain"}, c))
	containsAll(t, out.String(),
		"Transaction of 536 of 1232 bytes, version 0\n",
		", has signed\n",
		"  3. deposit 1.5 SOL for JitoSOL, at least 1.242810208 JitoSOL\n",
		"  not checked  name what may leave",
	)

	require.NotContains(t, out.String(), "verified")
}

// TestExplain_Limits verifies a stake of 1.5 SOL for at least 1.242810208
// JitoSOL, and refuses it a base unit beyond each limit.
func TestExplain_Limits(t *testing.T) {
	stake := stakeTool.report(t, "-amount", "1.5").Transaction
	unstake := unstakeTool.report(t, "-from", "stake")
	for _, c := range []struct {
		name, transaction string
		args              []string
		want              error
		text              string
	}{
		{"kept", stake, []string{"-pay", "1.5SOL", "-receive", "1.242810208 jitoSOL"}, nil, ""},
		{
			"too much leaves", stake, []string{"-pay", "1.499999999SOL", "-receive", "1.24jitoSOL"},
			explain.ErrSpendLimit, "",
		},
		{
			"too little arrives", stake,
			[]string{"-pay", "1.5SOL", "-receive", "1.242810209jitoSOL"},
			explain.ErrMinimumNotEnforced, "",
		},
		{
			"another token", stake, []string{"-pay", "1.5SOL", "-receive", "1bSOL"},
			explain.ErrUnrelatedTransfer, "",
		},
		{
			"no account may be made", stake,
			[]string{"-pay", "1.5SOL", "-receive", "1jitoSOL", "-new-accounts", "0"},
			explain.ErrFormNotAllowed, "",
		},
		{
			"stake account", unstake.Transaction,
			[]string{"-pay-stake", unstake.From, "-receive", "9.98SOL"}, nil, "",
		},
		{"another stake account", unstake.Transaction, []string{"-receive", "9.98SOL"},
			explain.ErrAuthorityChange, ""},
		{"no amount", stake, []string{"-pay", "SOL"}, nil, "such as 1.5SOL"},
		{"no token", stake, []string{"-pay", "1.5"}, nil, "such as 1.5SOL"},
		{"unknown token", stake, []string{"-pay", "1nopeSOL"}, lst.ErrUnknownLST, "-pay"},
		{"no address", stake, []string{"-owner", "me"}, nil, "-owner \"me\" is no address"},
		{"no transaction", "AAAA", nil, txn.ErrInvalidTransaction, ""},
		{"nothing", "", nil, nil, "no transaction"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := explainTool.run(t, append(c.args, "-transaction", c.transaction)...)
			if c.want == nil && c.text == "" {
				require.NoError(t, err)
				containsAll(t, out, "  verified     for the owner ")
				return
			}

			require.ErrorContains(t, err, c.text)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}

			require.NotContains(t, out, "verified")
		})
	}
}

func TestExplain_JSON(t *testing.T) {
	r := stakeTool.report(t, "-amount", "1.5")
	for _, c := range []struct {
		args     []string
		verified bool
		refusal  string
	}{
		{nil, false, ""},
		{[]string{"-pay", "1.5SOL", "-receive", "1jitoSOL"}, true, ""},
		{[]string{"-pay", "1SOL", "-receive", "1jitoSOL"}, false, "may spend more than allowed"},
	} {
		out, err := explainTool.run(t, append(c.args, "-json", "-transaction", r.Transaction)...)
		require.Equal(t, c.refusal != "", err != nil)
		var got reviewJSON
		require.NoError(t, json.Unmarshal([]byte(out), &got))
		require.Equal(t, c.verified, got.Verified)
		require.Contains(t, got.Refusal, c.refusal)
		require.Len(t, got.Explanation.Instructions, 3)
		require.Empty(t, got.Missing)
	}
}
