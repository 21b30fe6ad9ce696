package sdk_test

import (
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/foreign"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_Build_LegRefused names in a leg what it must not reach. Each case
// names the account of the error.
func TestClient_Build_LegRefused(t *testing.T) {
	node := legNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	leg := legOf(t, q.Request.To, dollar, q.MinOut, 240)
	bsol := ataOf(t, mint(t, "bSOL"))
	node.Put(figures.TokenAccount(bsol, mint(t, "bSOL"), owner, 0, tokenRent))
	loan := solana.PublicKey{0xE0}
	node.Put(accounts.Account{Address: loan, Owner: swapProgram, Lamports: sol,
		Data: slices.Concat(make([]byte, 77), owner[:], make([]byte, 5))})
	extra := func(step txn.Step) *foreign.Leg {
		changed := *leg
		changed.Instructions = append(slices.Clone(leg.Instructions), step.Instruction)
		return &changed
	}

	memo, err := txn.Memo("hello")
	require.NoError(t, err)
	wrapped := ataOf(t, accounts.NativeMint)
	for _, c := range []struct {
		name string
		leg  *foreign.Leg
		want solana.PublicKey
	}{
		{"another token account", naming(leg, solana.NewAccountMeta(bsol, false, false)), bsol},
		{"a loan", naming(leg, solana.NewAccountMeta(loan, true, false)), loan},
		{"a signer", naming(leg, solana.NewAccountMeta(friend, false, true)), friend},
		{"a tip", extra(lamports(t, owner, friend, 1)), accounts.SystemProgram},
		{"a tip to the pool", extra(lamports(t, owner, foreignPool, 1)), accounts.SystemProgram},
		{"wrapping", extra(txn.WrapSOL(owner, wrapped, 1)[0]), accounts.SystemProgram},
		{"another token account created", extra(txn.CreateTokenAccount(owner, owner,
			mint(t, "bSOL"), accounts.TokenProgram)), accounts.AssociatedTokenProgram},
		{"one of another wallet", extra(txn.CreateTokenAccount(owner, friend, dollar,
			accounts.TokenProgram)), accounts.AssociatedTokenProgram},
		{"an account closed", extra(txn.UnwrapSOL(owner, bsol)), accounts.TokenProgram},
		{"a memo", extra(memo), accounts.MemoProgram},
		{"an approval", extra(txn.RequireControl(accounts.TokenProgram, bsol, owner, 0)[0]),
			accounts.TokenProgram},
	} {
		_, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, LegAfter: c.leg})
		var refused *sdk.LegError
		require.ErrorAs(t, err, &refused, c.name)
		require.ErrorIs(t, err, sdk.ErrLegRefused)
		require.Equal(t, c.want, refused.Account, c.name)
		requireLine(t, err)
	}

	// The network would lend the leg the signature of a step of the caller.
	_, err = client.Build(t.Context(), q, sdk.BuildOptions{
		Owner:    owner,
		Before:   []txn.Step{lamports(t, friend, owner, 1)},
		LegAfter: naming(leg, solana.NewAccountMeta(friend, false, false)),
	})

	require.ErrorIs(t, err, sdk.ErrLegRefused)
}

// TestClient_Build_LegAccounts refuses token accounts that another key may use
// already, and accepts the same accounts without.
func TestClient_Build_LegAccounts(t *testing.T) {
	node := legNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	o := sdk.BuildOptions{Owner: owner, LegAfter: legOf(t, q.Request.To, dollar, q.MinOut, 240)}
	whole := figures.TokenAccount(ataOf(t, dollar), dollar, owner, 5, tokenRent)
	for name, change := range map[string]func(*accounts.TokenAccount){
		"delegate":        func(a *accounts.TokenAccount) { a.Delegate = &friend },
		"close authority": func(a *accounts.TokenAccount) { a.CloseAuthority = &friend },
		"frozen":          func(a *accounts.TokenAccount) { a.State = accounts.TokenFrozen },
		"taken over":      func(a *accounts.TokenAccount) { a.Owner = friend },
	} {
		token, err := accounts.DecodeTokenAccount(whole)
		require.NoError(t, err)
		change(token)
		changed := whole
		changed.Data = token.Encode()
		node.Put(changed)
		_, err = client.Build(t.Context(), q, o)
		require.ErrorIs(t, err, sdk.ErrLegRefused, name)
	}

	node.Put(whole)
	_, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
}

// TestClient_Build_LegMismatch has legs that do not fit the trade: SOL for
// JitoSOL, at most q.MaxIn for at least q.MinOut.
func TestClient_Build_LegMismatch(t *testing.T) {
	node := legNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	jito, native := q.Request.To, accounts.NativeMint
	market, err := client.LoadMarket(t.Context(), jito)
	require.NoError(t, err)
	request := stakeRequest(t, "JitoSOL", 1_500_000_000)
	request.Recipient = newSigner(t).PublicKey()
	recipient, err := market.Quote(request)
	require.NoError(t, err)
	request.Recipient, request.DestinationAccount = solana.PublicKey{}, solana.PublicKey{0xE1}
	node.Put(figures.TokenAccount(request.DestinationAccount, jito, owner, 0, tokenRent))
	elsewhere, err := market.Quote(request)
	require.NoError(t, err)
	wrapped := q
	wrapped.Request.UseWSOL = true
	change := func(leg *foreign.Leg, f func(*foreign.Leg)) *foreign.Leg {
		f(leg)
		return leg
	}

	for name, c := range map[string]struct {
		q             route.Quote
		before, after *foreign.Leg
	}{
		"takes more":    {q: q, after: legOf(t, jito, dollar, q.MinOut+1, 240)},
		"another token": {q: q, after: legOf(t, mint(t, "bSOL"), dollar, 1, 240)},
		"pays less":     {q: q, before: legOf(t, dollar, native, 240, q.MaxIn-1)},
		"pays another":  {q: q, before: legOf(t, dollar, jito, 240, q.MaxIn)},
		"recipient":     {q: recipient, after: legOf(t, jito, dollar, q.MinOut, 240)},
		"UseWSOL":       {q: wrapped, before: legOf(t, dollar, native, 240, q.MaxIn)},
		"elsewhere":     {q: elsewhere, after: legOf(t, jito, dollar, q.MinOut, 240)},
		"nothing":       {q: q, after: legOf(t, jito, dollar, 0, 240)},
		"for nothing":   {q: q, after: legOf(t, jito, dollar, 5, 0)},
		"no program": {q: q, after: change(legOf(t, jito, dollar, 5, 240),
			func(l *foreign.Leg) { l.Program = solana.PublicKey{} })},
		"no swap": {q: q, after: change(legOf(t, jito, dollar, 5, 240),
			func(l *foreign.Leg) { l.Instructions = l.Instructions[:1] })},
		"no instruction": {q: q, after: change(legOf(t, jito, dollar, 5, 240),
			func(l *foreign.Leg) { l.Instructions[0] = nil })},
		"no account": {q: q, after: change(legOf(t, jito, dollar, 5, 240),
			func(l *foreign.Leg) { l.Instructions[0].Accounts()[0] = nil })},
		"no mint":    {q: q, after: legOf(t, jito, solana.PublicKey{0xEE}, 5, 240)},
		"not a mint": {q: q, after: legOf(t, jito, foreignPool, 5, 240)},
	} {
		_, err := client.Build(t.Context(), c.q, sdk.BuildOptions{Owner: owner, LegBefore: c.before,
			LegAfter: c.after})
		require.ErrorIs(t, err, sdk.ErrLegMismatch, name)
		requireLine(t, err)
	}

	_, err = client.BuildSteps(t.Context(), []txn.Step{lamports(t, owner, friend, 1)},
		sdk.BuildOptions{Owner: owner, LegAfter: legOf(t, jito, dollar, 1, 240)})
	require.ErrorIs(t, err, sdk.ErrLegMismatch)
}
