package sdk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/foreign"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// The parties of a foreign leg: the mint of a dollar, and a pool and a table of
// the swap program.
var (
	dollar       = solana.PublicKey{0xD0}
	foreignPool  = solana.PublicKey{0xD1}
	foreignTable = solana.PublicKey{0xD2}
	swapProgram  = solana.PublicKey{0xD3}
)

const tokenRent = 2_039_280

// ataOf returns the owner's associated token account.
func ataOf(t testing.TB, mint solana.PublicKey) solana.PublicKey {
	t.Helper()
	address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint)
	require.NoError(t, err)
	return address
}

// legNode returns a node with the accounts of the foreign swap.
func legNode(t *testing.T) *sdktest.Node {
	t.Helper()
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	for _, mint := range []solana.PublicKey{dollar, accounts.NativeMint} {
		node.Put(accounts.Account{Address: mint, Owner: accounts.TokenProgram, Lamports: sol,
			Data: accounts.Mint{Decimals: 6}.Encode()})
	}

	node.Put(accounts.Account{Address: foreignPool, Owner: swapProgram, Lamports: sol,
		Data: make([]byte, 300)})
	node.Put(accounts.Account{Address: foreignTable, Owner: accounts.LookupTableProgram,
		Lamports: sol, Data: accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch,
			Addresses: []solana.PublicKey{foreignPool, swapProgram}}.Encode()})

	return node
}

// legOf returns a leg of the foreign swap with the setup that the API writes.
func legOf(t *testing.T, in, out solana.PublicKey, amount, least uint64) *foreign.Leg {
	t.Helper()
	leg := &foreign.Leg{Program: swapProgram, InMint: in, OutMint: out, In: amount, MinOut: least,
		Tables: []solana.PublicKey{foreignTable}}
	add := func(steps ...txn.Step) {
		for _, step := range steps {
			leg.Instructions = append(leg.Instructions, step.Instruction)
		}
	}

	for _, mint := range []solana.PublicKey{in, out} {
		add(txn.CreateTokenAccount(owner, owner, mint, accounts.TokenProgram))
	}

	wrapped := ataOf(t, accounts.NativeMint)
	if in == accounts.NativeMint {
		add(txn.WrapSOL(owner, wrapped, amount)...)
	}

	leg.Instructions = append(leg.Instructions, solana.NewInstruction(swapProgram,
		solana.AccountMetaSlice{
			solana.NewAccountMeta(owner, true, true),
			solana.NewAccountMeta(ataOf(t, in), true, false),
			solana.NewAccountMeta(ataOf(t, out), true, false),
			solana.NewAccountMeta(foreignPool, true, false),
		}, []byte{1}))
	if in == accounts.NativeMint || out == accounts.NativeMint {
		add(txn.UnwrapSOL(owner, wrapped))
	}

	return leg
}

// naming returns a leg whose swap names another account, too.
func naming(leg *foreign.Leg, meta *solana.AccountMeta) *foreign.Leg {
	changed := *leg
	changed.Instructions = slices.Clone(leg.Instructions)
	for i, ix := range changed.Instructions {
		if ix.ProgramID() == leg.Program {
			changed.Instructions[i] = solana.NewInstruction(leg.Program,
				append(slices.Clone(ix.Accounts()), meta), []byte{1})
		}
	}
	return &changed
}

// TestClient_Build_LegAfter stakes 1.5 SOL for JitoSOL and sells what the trade
// pays at least, less 3, for at least 240 dollars. The owner holds 9 JitoSOL
// base units and 5 dollars before. The wallet pays 1.5 SOL, 5,000 lamports of
// base fee and at most 100,000 of priority fee.
func TestClient_Build_LegAfter(t *testing.T) {
	node := legNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	jito := q.Request.To
	node.Put(figures.TokenAccount(ataOf(t, jito), jito, owner, 9, tokenRent))
	node.Put(figures.TokenAccount(ataOf(t, dollar), dollar, owner, 5_000_000, tokenRent))
	u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner,
		LegAfter: legOf(t, jito, dollar, q.MinOut-3, 240_000_000)})
	require.NoError(t, err)
	require.Equal(t, []solana.PublicKey{owner}, u.Signers())
	var want []string
	for _, step := range slices.Concat(
		txn.RequireControl(accounts.TokenProgram, ataOf(t, jito), owner, 12),
		txn.RequireControl(accounts.TokenProgram, ataOf(t, dollar), owner, 245_000_000),
		[]txn.Step{txn.RequireLamports(owner, 10_000*sol-1_500_000_000-5_000-100_000)},
	) {
		want = append(want, step.Description)
	}

	require.Equal(t, want, described(u, 7))
	require.Equal(t, fmt.Sprintf("swap by the foreign program %s", swapProgram), described(u, 8)[0])
}

// TestClient_Build_LegBefore buys 2 SOL for 500 dollars and stakes 1.5. The
// client writes the steps around the swap; the owner had 7 lamports in a wSOL
// account, which the leg closes.
func TestClient_Build_LegBefore(t *testing.T) {
	node := legNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	wrapped := ataOf(t, accounts.NativeMint)
	node.Put(figures.TokenAccount(wrapped, accounts.NativeMint, owner, 7, tokenRent))
	node.Put(figures.TokenAccount(ataOf(t, dollar), dollar, owner, 505_000_000, tokenRent))
	u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner,
		LegBefore: legOf(t, dollar, accounts.NativeMint, 500_000_000, 2*sol)})
	require.NoError(t, err)
	var texts []string
	for _, step := range u.Steps()[1:] {
		texts = append(texts, step.Description)
	}

	require.Equal(t, []string{
		txn.CreateTokenAccount(
			owner,
			owner,
			accounts.NativeMint,
			accounts.TokenProgram,
		).Description,
		fmt.Sprintf("swap by the foreign program %s", swapProgram),
		txn.UnwrapSOL(owner, wrapped).Description,
	}, texts[len(texts)-9 : len(texts)-6][:3], "%q", texts)

	guards := txn.RequireControl(accounts.TokenProgram, ataOf(t, dollar), owner, 5_000_000)
	require.Equal(t, guards[2].Description, texts[len(texts)-2])
	const least = 10_000*sol + 2*sol + tokenRent + 7 - 1_500_000_000 - tokenRent - 105_000
	require.Equal(t, txn.RequireLamports(owner, least).Description, texts[len(texts)-1])
}

// TestClient_Build_LegSponsored has an owner without SOL: a transfer of nothing
// would not prove that the wallet still is one.
func TestClient_Build_LegSponsored(t *testing.T) {
	node := legNode(t)
	client, _ := connect(t, node)
	payer := newSigner(t).PublicKey()
	market, err := client.LoadMarket(t.Context(), allMints(t)...)
	require.NoError(t, err)
	q, err := market.Quote(route.Request{From: mint(t, "bSOL"), To: mint(t, "JitoSOL"),
		Amount: sol})
	require.NoError(t, err)
	node.Remove(owner)
	node.Put(figures.TokenAccount(ataOf(t, mint(t, "bSOL")), mint(t, "bSOL"), owner, sol,
		tokenRent))
	leg := legOf(t, mint(t, "JitoSOL"), dollar, q.MinOut, 100)
	o := sdk.BuildOptions{Owner: owner, Payer: payer, LegAfter: leg}
	u, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	require.Equal(t, txn.RequireWallet(owner).Description, described(u, 2)[0])

	o.LegAfter = naming(leg, solana.NewAccountMeta(payer, false, false))
	var refused *sdk.LegError
	_, err = client.Build(t.Context(), q, o)
	require.ErrorAs(t, err, &refused)
	require.Equal(t, payer, refused.Account)
}

// TestClient_Build_LegBroken checks the error of a leg that does not keep its
// promises: one of the last steps fails in the simulation, whatever the reason.
func TestClient_Build_LegBroken(t *testing.T) {
	node := legNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	o := sdk.BuildOptions{Owner: owner, LegAfter: legOf(t, q.Request.To, dollar, q.MinOut, 240)}
	for back := range 7 {
		for _, code := range []int{1, 4} {
			node.OnSimulate(func(raw []byte) sdktest.Simulation {
				at := len(message(t, raw).Message.Instructions) - 1 - back
				return sdktest.Simulation{
					Err: fmt.Sprintf(`{"InstructionError":[%d,{"Custom":%d}]}`, at, code),
				}
			})

			_, err := client.Build(t.Context(), q, o)
			require.ErrorIs(t, err, sdk.ErrLegBroken)
			require.ErrorIs(t, err, sdk.ErrSimulation)
			requireLine(t, err)
		}
	}
}

// TestClient_Build_LegTables checks that the contents of tables come from the
// chain: a missing one cannot be used.
func TestClient_Build_LegTables(t *testing.T) {
	node := legNode(t)
	client, wire := connect(t, node)
	q := quoted(t, client)
	leg := legOf(t, q.Request.To, dollar, q.MinOut, 240)
	_, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, LegAfter: leg})
	require.NoError(t, err)
	read := slices.ContainsFunc(wire.of("getMultipleAccounts"), func(c call) bool {
		return strings.Contains(string(c.Params[0]), foreignTable.String())
	})
	require.True(t, read)
	leg.Tables = []solana.PublicKey{{0xEE}}
	_, err = client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, LegAfter: leg})
	require.ErrorIs(t, err, txn.ErrLookupTable)
	requireLine(t, err)
}

// TestClient_Policy_Leg checks the sums of a policy: 1.5 SOL become 240
// dollars, and of the JitoSOL in between remain 3. Verify refuses the foreign
// program.
func TestClient_Policy_Leg(t *testing.T) {
	node := legNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	o := sdk.BuildOptions{Owner: owner,
		LegAfter: legOf(t, q.Request.To, dollar, q.MinOut-3, 240_000_000)}
	policy, err := client.Policy(t.Context(), q, o)
	require.NoError(t, err)
	require.Equal(t, q.MaxIn, policy.MaxLamports)
	require.EqualValues(t, 240_000_000, policy.MinTokens[dollar])
	require.EqualValues(t, 3, policy.MinTokens[q.Request.To])

	u, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	require.ErrorIs(t, explain.Verify(explain.Transaction(u, nil), policy),
		explain.ErrUnknownInstruction)

	o = sdk.BuildOptions{Owner: owner,
		LegBefore: legOf(t, dollar, accounts.NativeMint, 500_000_000, 2*sol)}
	policy, err = client.Policy(t.Context(), q, o)
	require.NoError(t, err)
	require.Zero(t, policy.MaxLamports)
	require.Equal(t, 2*sol-q.MaxIn, policy.MinLamports)
	require.EqualValues(t, 500_000_000, policy.MaxTokens[dollar])
}
