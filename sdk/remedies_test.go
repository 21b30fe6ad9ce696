package sdk_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// remedy is a failure and the remedy that its error must name.
type remedy struct {
	name    string
	prepare func(*testing.T, *sdktest.Node)
	try     func(context.Context, *sdk.Client) error
	is      error
	words   string
}

// remedyCases returns the cases of [TestErrors_NameRemedies].
func remedyCases(t *testing.T) []remedy {
	t.Helper()
	p := pool(t, "JitoSOL")
	jito := p.State.PoolMint
	trade := func(r route.Request, o sdk.BuildOptions) func(context.Context, *sdk.Client) error {
		return func(ctx context.Context, client *sdk.Client) error {
			_, _, err := client.Execute(ctx, r, o)
			return err
		}
	}

	stake := route.Request{
		From:   accounts.NativeMint,
		To:     jito,
		Amount: sol,
	}

	stale := func(t *testing.T, node *sdktest.Node) {
		change(t, node, p.Address, func(a *accounts.Account) {
			state := p.State
			state.LastUpdateEpoch--
			a.Data = state.Encode()
		})
	}

	return []remedy{
		{
			name:    "stale pool",
			prepare: stale,
			try:     trade(stake, sdk.BuildOptions{Owner: owner}),
			is:      quote.ErrStalePool,
			words:   "(set AllowPoolUpdate, or try again after the update)",
		},
		{
			name:  "no owner",
			try:   trade(stake, sdk.BuildOptions{}),
			is:    sdk.ErrNoOwner,
			words: "(set BuildOptions.Owner)",
		},
		{
			name: "prefund that was not allowed",
			try: trade(route.Request{
				From:    jito,
				To:      accounts.NativeMint,
				Amount:  1,
				Options: route.Options{OnlyDirectRoutes: true},
			}, sdk.BuildOptions{Owner: owner}),
			is:    quote.ErrPrefundCost,
			words: "(allow its cost with MaxPrefund)",
		},
		{
			name: "long memo",
			try:  trade(stake, sdk.BuildOptions{Owner: owner, Memo: strings.Repeat("memo ", 240)}),
			is:   txn.ErrTransactionTooLarge,
			words: "(allow version 1, which holds it, leave out the memo, name lookup tables, " +
				"or split it)",
		},
		{
			name:    "missing pool",
			prepare: func(_ *testing.T, node *sdktest.Node) { node.Remove(p.Address) },
			try:     trade(stake, sdk.BuildOptions{Owner: owner}),
			is:      accounts.ErrNotFound,
			words: "stake pool " + p.Address.String() +
				": account does not exist (check the address, and the cluster of the endpoint)",
		},
		{
			name:    "missing validator list",
			prepare: func(_ *testing.T, node *sdktest.Node) { node.Remove(p.State.ValidatorList) },
			try: trade(route.Request{From: jito, To: route.NativeStake, Amount: sol},
				sdk.BuildOptions{Owner: owner}),
			is: accounts.ErrNotFound,
			words: "validator list " + p.State.ValidatorList.String() +
				": account does not exist (check the address, and the cluster of the endpoint)",
		},
		{
			name: "key that is not taken",
			prepare: func(_ *testing.T, node *sdktest.Node) {
				node.Fail("getMultipleAccounts", sdktest.Fault{Status: 401})
			},
			try:   trade(stake, sdk.BuildOptions{Owner: owner}),
			words: "(check the key of the endpoint)",
		},
		{
			name:  "no signer",
			try:   trade(stake, sdk.BuildOptions{Owner: owner}),
			is:    txn.ErrMissingSignature,
			words: "(pass their signers, or collect them with Unsigned.Partial)",
		},
	}
}

// TestErrors_NameRemedies checks that errors of the client still name the
// remedy after wrapping. The tests in the module's root check the remedy of
// each single error.
func TestErrors_NameRemedies(t *testing.T) {
	for _, c := range remedyCases(t) {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(succeeds(50_000))
			if c.prepare != nil {
				c.prepare(t, node)
			}

			client, _ := connect(t, node)
			err := c.try(t.Context(), client)
			require.ErrorContains(t, err, c.words)
			requireLine(t, err)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
		})
	}
}
