package sdk_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// friend is the other party of the steps of a caller.
var friend = solana.PublicKey{0xFA}

// lamports returns the step that transfers lamports.
func lamports(t testing.TB, from, to solana.PublicKey, amount uint64) txn.Step {
	t.Helper()
	step, err := txn.TransferSOL(from, to, amount)
	require.NoError(t, err)
	return step
}

// described returns the descriptions of the last steps of a transaction.
func described(u *txn.Unsigned, count int) []string {
	steps := u.Steps()
	var texts []string
	for _, step := range steps[len(steps)-count:] {
		texts = append(texts, step.Description)
	}
	return texts
}

// TestClient_Build_Composition checks the order of the steps and the guard of
// the owner's wallet. The owner of 10,000 SOL stakes 1.5 SOL and pays at most
// 2,039,280 lamports of rent, 10,000 of base fee, 100,000 of priority fee, a
// tip of 7,000 and 30 that the steps may take.
func TestClient_Build_Composition(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	q := quoted(t, client)
	u, err := client.Build(t.Context(), q, sdk.BuildOptions{
		Owner:  owner,
		Before: []txn.Step{lamports(t, friend, owner, 20)},
		After:  []txn.Step{lamports(t, owner, friend, 50)},
		Spends: map[solana.PublicKey]uint64{accounts.NativeMint: 30},
		Tip:    sdk.Tip{Lamports: 7_000, Accounts: []solana.PublicKey{{1}}},
		Memo:   "order 7",
	})

	require.NoError(t, err)
	require.Equal(t, []solana.PublicKey{owner, friend}, u.Signers())
	const least = 10_000*sol - 1_500_000_000 - 2_039_280 - 10_000 - 100_000 - 7_000 - 30
	guard := txn.RequireLamports(owner, least).Description
	require.Equal(t, "fail unless "+owner.String()+" holds at least 9998497843690 lamports", guard)
	require.Equal(t, []string{
		lamports(t, owner, friend, 50).Description,
		lamports(t, owner, solana.PublicKey{1}, 7_000).Description,
		`write the memo "order 7"`,
		guard,
	}, described(u, 4))

	before := slices.IndexFunc(u.Steps(), func(s txn.Step) bool {
		return s.Description == lamports(t, friend, owner, 20).Description
	})
	trade := slices.IndexFunc(u.Steps(), func(s txn.Step) bool {
		return s.Instruction.ProgramID() == accounts.StakePoolProgram
	})
	require.Positive(t, before)
	require.Less(t, before, trade)
}

// TestClient_Build_GuardsPayer checks the guards of a trade with a sponsor: the
// owner may lose the stake, and the sponsor the rent and the fee.
func TestClient_Build_GuardsPayer(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	payer := newSigner(t).PublicKey()
	client, _ := connect(t, node)
	u, err := client.Build(t.Context(), quoted(t, client), sdk.BuildOptions{
		Owner:    owner,
		Payer:    payer,
		Priority: sdk.PriorityFee{None: true},
		Before:   []txn.Step{lamports(t, payer, owner, 1), lamports(t, owner, payer, 1)},
	})

	require.NoError(t, err)
	require.Equal(t, []string{
		txn.RequireLamports(owner, 9_998_500_000_000).Description,
		txn.RequireLamports(payer, 10_000*sol-2_039_280-10_000).Description,
	}, described(u, 2))
}

// TestClient_Build_StepsWithoutParties checks that steps that name no account
// of the trade need no guard and no balance.
func TestClient_Build_StepsWithoutParties(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, wire := connect(t, node)
	q := quoted(t, client)
	read := len(wire.of("getMultipleAccounts"))
	step := lamports(t, friend, solana.PublicKey{0xFB}, 1)
	u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, After: []txn.Step{step}})
	require.NoError(t, err)
	require.Equal(t, []string{step.Description}, described(u, 1))
	require.Len(t, wire.of("getMultipleAccounts"), read)
}

// TestClient_Build_GuardFails checks the error of steps that take more than
// allowed: the last instruction fails in the simulation.
func TestClient_Build_GuardFails(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	q := quoted(t, client)
	node.OnSimulate(func(raw []byte) sdktest.Simulation {
		last := len(message(t, raw).Message.Instructions) - 1
		return sdktest.Simulation{
			Err: fmt.Sprintf(`{"InstructionError":[%d,{"Custom":1}]}`, last),
		}
	})

	_, err := client.Build(t.Context(), q, sdk.BuildOptions{
		Owner: owner,
		After: []txn.Step{lamports(t, owner, friend, sol)},
	})

	require.ErrorIs(t, err, sdk.ErrStepsSpend)
	require.ErrorIs(t, err, sdk.ErrSimulation)
	requireLine(t, err)
}

// TestClient_Build_StepConflict names accounts in the caller's steps that no
// balance can guard: the temporary account of a sale and the recipient.
func TestClient_Build_StepConflict(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	market, err := client.LoadMarket(t.Context(), allMints(t)...)
	require.NoError(t, err)
	recipient := newSigner(t).PublicKey()
	o := sdk.BuildOptions{Owner: owner, Seed: "seed"}
	var sale route.Quote
	var temporary solana.PublicKey
	for _, from := range allMints(t) {
		quotes, _ := market.Quotes(route.Request{From: from, To: accounts.NativeMint, Amount: sol})
		for _, q := range quotes {
			u, err := client.Build(t.Context(), q, o)
			require.NoError(t, err)
			for _, in := range explain.Transaction(u, nil).Instructions {
				if created, ok := in.Account("new account"); ok {
					sale, temporary = q, created
				}
			}
		}
	}

	require.NotZero(t, temporary)
	o.After = []txn.Step{lamports(t, friend, temporary, 1)}
	_, err = client.Build(t.Context(), sale, o)
	require.ErrorIs(t, err, sdk.ErrStepConflict)
	requireLine(t, err)

	q, err := market.Quote(route.Request{
		From:    accounts.NativeMint,
		To:      mint(t, "JitoSOL"),
		Amount:  sol,
		Options: route.Options{Recipient: recipient},
	})

	require.NoError(t, err)
	o.After = []txn.Step{lamports(t, friend, recipient, 1)}
	_, err = client.Build(t.Context(), q, o)
	require.ErrorIs(t, err, sdk.ErrStepConflict)
}

// TestTip_Account checks that the tip goes to one of the accounts, which one
// depends on the owner, and that a tip without an account is refused.
func TestTip_Account(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	q := quoted(t, client)
	_, err := client.Build(t.Context(), q,
		sdk.BuildOptions{Owner: owner, Tip: sdk.Tip{Lamports: 1}})
	require.ErrorIs(t, err, sdk.ErrNoTipAccount)

	tips := []solana.PublicKey{{1}, {2}, {3}}
	got := make(map[solana.PublicKey]int)
	for range 40 {
		signer, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		node.Fund(10*sol, signer.PublicKey())
		u, err := client.Build(t.Context(), q, sdk.BuildOptions{
			Owner:          signer.PublicKey(),
			SkipSimulation: true,
			Priority:       sdk.PriorityFee{None: true},
			Tip:            sdk.Tip{Lamports: 3, Accounts: tips},
		})

		require.NoError(t, err)
		steps := u.Steps()
		metas := steps[len(steps)-1].Instruction.Accounts()
		require.Equal(t, signer.PublicKey(), metas[0].PublicKey)
		got[metas[1].PublicKey]++
	}

	require.Len(t, got, 3, "%v", got)
	for _, tip := range tips {
		require.Positive(t, got[tip])
	}
}

// TestClient_Policy_Composition checks that the policy of a trade permits its
// own tip and plain transfers, and no lamport more.
func TestClient_Policy_Composition(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	q := quoted(t, client)
	o := sdk.BuildOptions{
		Owner:  owner,
		After:  []txn.Step{lamports(t, owner, friend, 50)},
		Spends: map[solana.PublicKey]uint64{accounts.NativeMint: 50},
		Tip:    sdk.Tip{Lamports: 7_000, Accounts: []solana.PublicKey{{1}}},
	}

	policy, err := client.Policy(t.Context(), q, o)
	require.NoError(t, err)
	require.Equal(t, map[solana.PublicKey]uint64{friend: 50, {1}: 7_000}, policy.Transfers)
	require.Equal(t, q.MaxIn, policy.MaxLamports, "the transfer is not counted twice")

	u, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	e := explain.Transaction(u, nil)
	require.NoError(t, explain.Verify(e, policy))
	for _, to := range []solana.PublicKey{friend, {1}} {
		policy.Transfers[to]--
		require.ErrorIs(t, explain.Verify(e, policy), explain.ErrSpendLimit)
		policy.Transfers[to]++
	}
}

// TestClient_SponsorPolicy_Tip checks that a sponsor's policy permits the tip
// that the sponsor pays.
func TestClient_SponsorPolicy_Tip(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	q := quoted(t, client)
	o := sdk.BuildOptions{
		Owner: owner,
		Payer: newSigner(t).PublicKey(),
		Tip:   sdk.Tip{Lamports: 7_000, Accounts: []solana.PublicKey{{1}}},
	}

	policy, err := client.SponsorPolicy(t.Context(), q, o)
	require.NoError(t, err)
	u, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	e := explain.Transaction(u, nil)
	require.NoError(t, explain.VerifySponsor(e, policy))
	policy.Transfers[solana.PublicKey{1}]--
	require.ErrorIs(t, explain.VerifySponsor(e, policy), explain.ErrSpendLimit)
	delete(policy.Transfers, solana.PublicKey{1})
	require.ErrorIs(t, explain.VerifySponsor(e, policy), explain.ErrSpendLimit)

	owners, err := client.Policy(t.Context(), q, o)
	require.NoError(t, err)
	require.NoError(t, explain.Verify(e, owners))
	require.Empty(t, owners.Transfers, "the sponsor pays it")
}

// TestClient_BuildSteps_Refuses checks options and steps with which nothing can
// be built.
func TestClient_BuildSteps_Refuses(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	step := lamports(t, owner, friend, 1)
	for _, c := range []struct {
		name  string
		steps []txn.Step
		o     sdk.BuildOptions
		want  error
	}{
		{"no owner", []txn.Step{step}, sdk.BuildOptions{}, sdk.ErrNoOwner},
		{"no steps", nil, sdk.BuildOptions{Owner: owner}, txn.ErrNoSteps},
		{"no instruction", []txn.Step{{}}, sdk.BuildOptions{Owner: owner}, txn.ErrIncomplete},
	} {
		_, err := client.BuildSteps(t.Context(), c.steps, c.o)
		require.ErrorIs(t, err, c.want, c.name)
		requireLine(t, err)
	}

	_, err := client.Build(t.Context(), quoted(t, client),
		sdk.BuildOptions{Owner: owner, Before: []txn.Step{{}}})
	require.ErrorIs(t, err, txn.ErrIncomplete)
}

// TestClient_Build_GuardsReturnedSOL checks that the steps of the caller cannot
// take the lamports that a deposit of stake returns. The stake account has
// 700,000 lamports beyond its stake and rent.
func TestClient_Build_GuardsReturnedSOL(t *testing.T) {
	const surplus = 700_000
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	address := node.AddStakeAccount(owner, sdktest.DemoValidator(), 10*sol, false)
	account, ok := node.Account(address)
	require.True(t, ok)
	account.Lamports += surplus
	node.Put(account)
	market, err := client.LoadMarketForRequest(t.Context(), route.Request{
		From: address,
		To:   accounts.MSOLMint,
	})

	require.NoError(t, err)
	quotes, rejected := market.Quotes(route.Request{
		From:   address,
		To:     accounts.MSOLMint,
		Amount: account.Lamports,
	})
	at := slices.IndexFunc(quotes, func(q route.Quote) bool { return q.ReturnedSOL > 0 })
	require.GreaterOrEqual(t, at, 0, "%v", rejected)
	require.EqualValues(t, surplus, quotes[at].ReturnedSOL)
	u, err := client.Build(t.Context(), quotes[at], sdk.BuildOptions{
		Owner:    owner,
		Priority: sdk.PriorityFee{None: true},
		After:    []txn.Step{lamports(t, owner, friend, 1)},
	})

	require.NoError(t, err)
	const least = 10_000*sol + surplus - 2_039_280 - 5_000
	require.Equal(t, []string{txn.RequireLamports(owner, least).Description}, described(u, 1))
}

// TestClient_Build_SharedWallet pays another wallet in the trade, as the fee of
// an integrator, and in a step of the caller. The wallet needs no guard: the
// owner cannot lose what it holds. An account that does not exist yet remains a
// conflict.
func TestClient_Build_SharedWallet(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
	require.NoError(t, err)
	q, err := market.Quote(route.Request{
		From:   accounts.NativeMint,
		To:     mint(t, "JitoSOL"),
		Amount: sol,
		Options: route.Options{
			IntegratorFee: route.IntegratorFee{
				Amount:  1_000,
				OnInput: true,
				Account: friend,
			},
		},
	})

	require.NoError(t, err)
	o := sdk.BuildOptions{
		Owner:    owner,
		Priority: sdk.PriorityFee{None: true},
		After:    []txn.Step{lamports(t, owner, friend, 1)},
	}
	node.Remove(friend)
	_, err = client.Build(t.Context(), q, o)
	require.ErrorIs(t, err, sdk.ErrStepConflict)
	require.ErrorContains(t, err, "an account that does not exist yet")

	node.Fund(sol, friend)
	u, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	const least = 10_000*sol - sol - 2_039_280 - 5_000
	require.Equal(t, []string{
		lamports(t, owner, friend, 1).Description,
		txn.RequireLamports(owner, least).Description,
	}, described(u, 2))
}

// TestClient_Build_GuardsSecondAccount checks that the payment of a trade
// permits steps to take tokens from the account that pays only. The owner sells
// 3 of 5 JitoSOL, of which 1,000 base units go to the owner's second account as
// a fee. That account, which holds 7 JitoSOL, may lose nothing.
func TestClient_Build_GuardsSecondAccount(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(50_000))
	client, _ := connect(t, node)
	jito := mint(t, "JitoSOL")
	own, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, jito)
	require.NoError(t, err)
	putToken(node, own, ownToken(jito, 5*sol))
	putToken(node, namedSource, ownToken(jito, 7*sol))
	market, err := client.LoadMarket(t.Context(), jito)
	require.NoError(t, err)
	q, err := market.Quote(route.Request{
		From:   jito,
		To:     accounts.NativeMint,
		Amount: 3 * sol,
		Options: route.Options{
			IntegratorFee: route.IntegratorFee{
				Amount:  1_000,
				OnInput: true,
				Account: namedSource,
			},
		},
	})

	require.NoError(t, err)
	u, err := client.Build(t.Context(), q, sdk.BuildOptions{
		Owner: owner,
		After: []txn.Step{
			lamports(t, friend, own, 1),
			lamports(t, friend, namedSource, 1),
		},
	})

	require.NoError(t, err)
	var guards []string
	for key, least := range map[solana.PublicKey]uint64{own: 2 * sol, namedSource: 7 * sol} {
		guard, err := txn.RequireBalance(accounts.TokenProgram, key, owner, least)
		require.NoError(t, err)
		guards = append(guards, guard.Description)
	}

	require.ElementsMatch(t, guards, described(u, 2))
}
