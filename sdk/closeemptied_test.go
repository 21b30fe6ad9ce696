package sdk_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// emptiedAccount returns the owner's token account of JitoSOL with an amount.
func emptiedAccount(t testing.TB, amount uint64) (accounts.Account, solana.PublicKey) {
	t.Helper()
	mint := pool(t, "JitoSOL").State.PoolMint
	address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint)
	require.NoError(t, err)
	return figures.TokenAccount(address, mint, owner, amount, 2_039_280), mint
}

// closes reports whether a transaction closes an account to the owner.
func closes(u *txn.Unsigned, account solana.PublicKey) bool {
	return slices.ContainsFunc(explain.Transaction(u, nil).Instructions,
		func(in explain.Instruction) bool {
			closed, _ := in.Account("account")
			to, _ := in.Account("destination")
			return in.Name == "CloseAccount" && closed == account && to == owner
		})
}

// TestClient_Build_CloseEmptied closes the account that a sale empties, and no
// other: each case changes one condition.
func TestClient_Build_CloseEmptied(t *testing.T) {
	const amount = 3 * sol
	changed := func(change func(*accounts.TokenAccount)) func(*accounts.Account) {
		return func(a *accounts.Account) {
			token, err := accounts.DecodeTokenAccount(*a)
			require.NoError(t, err)
			change(token)
			a.Data = token.Encode()
		}
	}

	account, mint := emptiedAccount(t, amount)
	memo := txn.CreateTokenAccountAt(owner, account.Address, owner, mint, accounts.TokenProgram)
	for _, test := range []struct {
		name   string
		change func(*accounts.Account)
		opts   func(*sdk.TradeOptions)
		closes bool
	}{
		{name: "emptied", closes: true},
		{name: "not requested", opts: func(o *sdk.TradeOptions) { o.CloseEmptied = false }},
		{name: "one base unit left",
			change: changed(func(a *accounts.TokenAccount) { a.Amount++ })},
		{name: "own close authority", closes: true, change: changed(func(a *accounts.TokenAccount) {
			a.CloseAuthority = &owner
		})},
		{name: "close authority", change: changed(func(a *accounts.TokenAccount) {
			a.CloseAuthority = &friend
		})},
		{name: "step before", opts: func(o *sdk.TradeOptions) {
			o.Before = []txn.Step{lamports(t, friend, solana.PublicKey{0xFB}, 1)}
		}},
		{name: "step after names it", opts: func(o *sdk.TradeOptions) {
			o.After = []txn.Step{memo}
		}},
		{name: "step after", closes: true, opts: func(o *sdk.TradeOptions) {
			o.After = []txn.Step{lamports(t, friend, solana.PublicKey{0xFB}, 1)}
		}},
		{name: "exact out", opts: func(o *sdk.TradeOptions) { o.SwapMode = route.ExactOut }},
		{name: "not simulated", closes: true, opts: func(o *sdk.TradeOptions) {
			o.SkipSimulation, o.SkipPayerCheck = true, true
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(succeeds(90_000))
			held, _ := emptiedAccount(t, amount)
			if test.change != nil {
				test.change(&held)
			}

			node.Put(held)
			client, _ := connect(t, node)
			opts := sdk.TradeOptions{BuildOptions: sdk.BuildOptions{
				Owner:        owner,
				CloseEmptied: true,
			}}
			if test.opts != nil {
				test.opts(&opts)
			}

			in := uint64(amount)
			if opts.SwapMode == route.ExactOut {
				in /= 2
			}

			u, _, err := client.Unstake(t.Context(), mint, in, opts)
			require.NoError(t, err)
			require.Equal(t, test.closes, closes(u, held.Address))
		})
	}
}

// TestClient_Build_CloseEmptiedPolicy builds from a quote. The policies of the
// owner and of the payer accept the closing.
func TestClient_Build_CloseEmptiedPolicy(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(90_000))
	held, mint := emptiedAccount(t, 2*sol)
	node.Put(held)
	client, _ := connect(t, node)
	market, err := client.LoadMarket(t.Context(), mint)
	require.NoError(t, err)
	q, err := market.Quote(route.Request{From: mint, To: accounts.NativeMint, Amount: 2 * sol})
	require.NoError(t, err)
	payer := wallets()[0].PublicKey()
	for _, opts := range []sdk.BuildOptions{
		{Owner: owner, CloseEmptied: true},
		{Owner: owner, CloseEmptied: true, Payer: payer},
	} {
		u, err := client.Build(t.Context(), q, opts)
		require.NoError(t, err)
		require.True(t, closes(u, held.Address))
		policy, err := client.Policy(t.Context(), q, opts)
		require.NoError(t, err)
		e := explain.Transaction(u, client.Registry())
		require.NoError(t, explain.Verify(e, policy))
		if opts.Payer.IsZero() {
			continue
		}

		sponsor, err := client.SponsorPolicy(t.Context(), q, opts)
		require.NoError(t, err)
		require.NoError(t, explain.VerifySponsor(e, sponsor))
	}
}
