package sdk_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// reviewed returns a version 0 transaction that takes its accounts from a
// lookup table.
func reviewed(
	t *testing.T,
	payer solana.PublicKey,
	table txn.LookupTable,
	ixs ...solana.Instruction,
) string {
	t.Helper()
	tx, err := solana.NewTransaction(ixs, solana.Hash{1}, solana.TransactionPayer(payer),
		solana.TransactionMessageVersion(solana.MessageVersionV0),
		solana.TransactionAddressTables(map[solana.PublicKey]solana.PublicKeySlice{
			table.Address: table.Addresses,
		}))

	require.NoError(t, err)
	tx.Signatures = make([]solana.Signature, tx.Message.Header.NumRequiredSignatures)
	text, err := tx.ToBase64()
	require.NoError(t, err)

	return text
}

// publishTable puts a lookup table on a node.
func publishTable(node *sdktest.Node, address solana.PublicKey, table accounts.LookupTable) {
	node.Put(accounts.Account{
		Address:  address,
		Owner:    accounts.LookupTableProgram,
		Lamports: sol,
		Data:     table.Encode(),
	})
}

// TestClient_Parse_Tables reads lookup tables from the chain, and asks no node
// where there are none.
func TestClient_Parse_Tables(t *testing.T) {
	node := demoNode(t)
	client, wire := connect(t, node)
	address, friend := solana.PublicKey{0x7a}, solana.PublicKey{0x7b}
	named := txn.LookupTable{Address: address, Addresses: []solana.PublicKey{{0x7d}, friend}}
	transfer := system.NewTransferInstruction(5, owner, friend).Build()
	text := reviewed(t, owner, named, transfer)
	lifetime := txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 7}

	_, err := client.Parse(t.Context(), text, lifetime)
	require.ErrorIs(t, err, txn.ErrLookupTable, "missing table")

	publishTable(node, address, accounts.LookupTable{
		DeactivationSlot: accounts.NeverEpoch,
		Addresses:        named.Addresses,
	})
	partial, err := client.Parse(t.Context(), text, lifetime)
	require.NoError(t, err)
	require.Equal(t, []solana.PublicKey{address}, partial.Unsigned().LookupTables())
	require.Equal(t, lifetime, partial.Unsigned().Lifetime())
	require.Equal(t, friend, partial.Unsigned().Steps()[0].Instruction.Accounts()[1].PublicKey)

	// A stranger may name an account of any size.
	reads := wire.of("getMultipleAccounts")
	require.Contains(t, string(reads[len(reads)-1].Params[1]), `"length":8249`)

	calls := len(reads)
	plain := reviewed(t, owner, txn.LookupTable{}, transfer)
	_, err = client.Parse(t.Context(), plain, lifetime)
	require.NoError(t, err)
	require.Len(t, wire.of("getMultipleAccounts"), calls)
	_, err = client.Parse(t.Context(), plain, txn.Lifetime{Blockhash: solana.Hash{2}})
	require.ErrorIs(t, err, txn.ErrInvalidTransaction, "another blockhash")
	_, err = client.Parse(t.Context(), "AAAA", lifetime)
	require.ErrorIs(t, err, txn.ErrInvalidTransaction)
}

// TestClient_Review_Tables reads lookup tables from the chain.
func TestClient_Review_Tables(t *testing.T) {
	node := demoNode(t)
	client, wire := connect(t, node)
	address, friend, thief := solana.PublicKey{0x7a}, solana.PublicKey{0x7b}, solana.PublicKey{0x7c}
	named := txn.LookupTable{Address: address, Addresses: []solana.PublicKey{{0x7d}, friend}}
	text := reviewed(t, owner, named, system.NewTransferInstruction(5, owner, friend).Build())
	policy := explain.Policy{Owner: owner, Transfers: map[solana.PublicKey]uint64{friend: 5}}

	_, err := client.Review(t.Context(), text, policy)
	require.ErrorIs(t, err, txn.ErrLookupTable, "missing table")

	usable := accounts.LookupTable{
		DeactivationSlot: accounts.NeverEpoch,
		Addresses:        named.Addresses,
	}

	publishTable(node, address, usable)
	review, err := client.Review(t.Context(), text, policy)
	require.NoError(t, err)
	require.Equal(t, []txn.LookupTable{named}, review.Tables)
	require.Equal(t, []solana.PublicKey{owner}, review.Transaction.MissingSigners())
	require.Equal(t, friend, review.Explanation.Instructions[0].Accounts[1].Address)
	require.NotZero(t, review.Transaction.Unsigned().Lifetime().LastValidBlockHeight)
	require.NotEmpty(t, wire.of("getLatestBlockhash"))

	// The content on chain counts, not the one at the time of building.
	lying := usable
	lying.Addresses = []solana.PublicKey{{0x7d}, thief}
	publishTable(node, address, lying)
	review, err = client.Review(t.Context(), text, policy)
	require.ErrorIs(t, err, explain.ErrUnrelatedTransfer)
	require.Equal(t, thief, review.Explanation.Instructions[0].Accounts[1].Address)

	for name, change := range map[string]func(table *accounts.LookupTable){
		"deactivated": func(table *accounts.LookupTable) { table.DeactivationSlot = 1 },
		"too short":   func(table *accounts.LookupTable) { table.Addresses = table.Addresses[:1] },
		"extended just now": func(table *accounts.LookupTable) {
			table.LastExtendedSlot, table.LastExtendedStart = 1<<60, 1
		},
	} {
		table := usable
		change(&table)
		publishTable(node, address, table)
		review, err := client.Review(t.Context(), text, policy)
		require.ErrorIs(t, err, txn.ErrLookupTable, name)
		require.Nil(t, review, name)
	}

	publishTable(node, address, usable)
	a, _ := node.Account(address)
	a.Owner = solana.PublicKey{0x66}
	node.Put(a)
	_, err = client.Review(t.Context(), text, policy)
	require.ErrorIs(t, err, txn.ErrLookupTable, "account of another program")
}

// TestClient_Review_Policy completes a policy with rents, balances and vacant
// addresses from the chain.
func TestClient_Review_Policy(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	node.OnSimulate(succeeds(50_000))
	q := quoted(t, client)
	o := sdk.BuildOptions{Owner: owner}
	u, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	tight, err := client.Policy(t.Context(), q, o)
	require.NoError(t, err)
	review, err := client.Review(t.Context(), u.Base64(), tight)
	require.NoError(t, err)
	require.Equal(t, u.Message(), review.Transaction.Unsigned().Message())

	bare := tight
	bare.TokenAccountRent, bare.StakeAccountRent, bare.PreBalances = 0, 0, nil
	review, err = client.Review(t.Context(), u.Base64(), bare)
	require.NoError(t, err)
	require.Equal(t, tight.TokenAccountRent, review.Policy.TokenAccountRent)
	require.Equal(t, tight.StakeAccountRent, review.Policy.StakeAccountRent)
	// Wrapped SOL that arrives makes up for lamports that leave.
	held := map[solana.PublicKey]uint64{q.Request.To: 0, accounts.NativeMint: 0}
	require.Equal(t, held, review.Policy.PreBalances)
	own := tight
	own.TokenAccountRent, own.StakeAccountRent = 1, 2
	review, err = client.Review(t.Context(), u.Base64(), own)
	require.NoError(t, err)
	require.Equal(t, uint64(1), review.Policy.TokenAccountRent, "a given rent is kept")
	require.Equal(t, uint64(2), review.Policy.StakeAccountRent)

	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, q.Request.To)
	require.NoError(t, err)
	node.Put(figures.TokenAccount(account, q.Request.To, owner, 77, tight.TokenAccountRent))
	review, err = client.Review(t.Context(), u.Base64(), bare)
	require.NoError(t, err)
	held[q.Request.To] = 77
	require.Equal(t, held, review.Policy.PreBalances)

	bare.MaxLamports--
	review, err = client.Review(t.Context(), u.Base64(), bare)
	require.ErrorIs(t, err, explain.ErrSpendLimit)
	require.NotNil(t, review)
	_, err = client.Review(t.Context(), "?", bare)
	require.ErrorIs(t, err, txn.ErrInvalidTransaction)
}

// TestClient_Review_Vacant reads addresses that the bytes cannot prove vacant,
// whatever the policy states.
func TestClient_Review_Vacant(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	node.OnSimulate(succeeds(50_000))
	held, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, accounts.MSOLMint)
	require.NoError(t, err)
	node.Put(figures.TokenAccount(held, accounts.MSOLMint, owner, 9*sol, 2_039_280))
	request := route.Request{
		From:    accounts.MSOLMint,
		To:      accounts.NativeMint,
		Amount:  5 * sol,
		Options: route.Options{OnlyDirectRoutes: true},
	}

	market, err := client.LoadMarketForRequest(t.Context(), request)
	require.NoError(t, err)
	quotes, _ := market.Quotes(request)
	for _, q := range quotes {
		if q.Venue != "Marinade liquid unstake" {
			continue
		}

		o := sdk.BuildOptions{
			Owner:          owner,
			Seed:           "known",
			SkipSimulation: true,
			SkipPayerCheck: true,
		}

		u, err := client.Build(t.Context(), q, o)
		require.NoError(t, err)
		policy, err := client.Policy(t.Context(), q, o)
		require.NoError(t, err)
		require.Len(t, policy.Vacant, 1)
		require.NoError(t, explain.Verify(explain.Transaction(u, nil), policy))

		// Without the seed the address is unknown until it is read.
		o.Seed = ""
		unknown, err := client.Policy(t.Context(), q, o)
		require.NoError(t, err)
		require.Empty(t, unknown.Vacant)
		review, err := client.Review(t.Context(), u.Base64(), unknown)
		require.NoError(t, err)
		require.Equal(t, policy.Vacant, review.Policy.Vacant)

		node.Put(
			accounts.Account{
				Address:  policy.Vacant[0],
				Owner:    accounts.SystemProgram,
				Lamports: 300 * sol,
			},
		)

		_, err = client.Review(t.Context(), u.Base64(), policy)
		require.ErrorIs(t, err, explain.ErrPolicy)
		o.Seed = "known"
		taken, err := client.Policy(t.Context(), q, o)
		require.NoError(t, err)
		require.Empty(t, taken.Vacant)

		return
	}

	t.Fatal("no such venue")
}

// TestClient_Review_Nonce reads the lifetime from the nonce account.
func TestClient_Review_Nonce(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	node.OnSimulate(succeeds(50_000))
	authority := solana.PublicKey{0xDD}
	node.Put(nonceAccount(authority, firstValue))
	q := quoted(t, client)
	o := sdk.BuildOptions{Owner: owner, Nonce: nonceAddress}
	u, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	policy, err := client.Policy(t.Context(), q, o)
	require.NoError(t, err)
	require.Equal(t, txn.DurableNonce{Account: nonceAddress, Authority: authority}, policy.Nonce)
	require.Equal(t, 2, policy.MaxSigners)
	review, err := client.Review(t.Context(), u.Base64(), policy)
	require.NoError(t, err)
	require.True(t, review.Transaction.Unsigned().Lifetime().Durable())
	policy.Nonce.Authority = owner
	_, err = client.Review(t.Context(), u.Base64(), policy)
	require.ErrorIs(t, err, explain.ErrNonceNotAllowed)

	node.Put(nonceAccount(authority, secondValue))
	_, err = client.Review(t.Context(), u.Base64(), policy)
	require.ErrorIs(t, err, sdk.ErrStaleNonce)
}

// TestClient_Witness compares the state after a simulation with the policy.
func TestClient_Witness(t *testing.T) {
	node := demoNode(t)
	client, wire := connect(t, node)
	node.OnSimulate(succeeds(50_000))
	q := quoted(t, client)
	o := sdk.BuildOptions{Owner: owner}
	u, err := client.Build(t.Context(), q, o)
	require.NoError(t, err)
	policy, err := client.Policy(t.Context(), q, o)
	require.NoError(t, err)
	review, err := client.Review(t.Context(), u.Base64(), policy)
	require.NoError(t, err)

	wallet, _ := node.Account(owner)
	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, q.Request.To)
	require.NoError(t, err)
	after := func(lamports, tokens uint64) sdktest.Simulation {
		paid := wallet
		paid.Lamports -= lamports
		return sdktest.Simulation{
			Units: 50_000,
			After: []accounts.Account{
				paid,
				figures.TokenAccount(account, q.Request.To, owner, tokens, policy.TokenAccountRent),
			},
		}
	}

	costs := q.In + policy.TokenAccountRent + 5_000
	for _, c := range []struct {
		name string
		s    sdktest.Simulation
		want error
	}{
		{"as promised", after(costs, q.MinOut), nil},
		{"fewer tokens", after(costs, q.MinOut-1), explain.ErrMinimumNotEnforced},
		{"less SOL", after(costs+1, q.MinOut), explain.ErrSpendLimit},
		{"a failure", sdktest.Simulation{Err: `{"InstructionError":[0,{"Custom":1}]}`},
			sdk.ErrSimulation},
	} {
		node.OnSimulate(func([]byte) sdktest.Simulation { return c.s })
		err := client.Witness(t.Context(), review)
		if c.want == nil {
			require.NoError(t, err, c.name)
		} else {
			require.ErrorIs(t, err, c.want, c.name)
		}
	}

	require.NotEmpty(t, wire.of("simulateTransaction"))
	require.ErrorIs(t, client.Witness(t.Context(), nil), accounts.ErrNil)
	require.ErrorIs(t, client.Witness(t.Context(), &sdk.Review{}), accounts.ErrNil)
}

// TestClient_Review_NetworkFee reads the fee per signature from the chain, like
// the policy of a quote, and reports if no node returns it.
func TestClient_Review_NetworkFee(t *testing.T) {
	told := func(fee string) faultFunc {
		return answers(
			200,
			`{"jsonrpc":"2.0","id":ID,"result":{"context":{"slot":342792600},"value":`+fee+`}}`,
			"getFeeForMessage",
		)
	}

	for _, c := range []struct {
		name  string
		fault faultFunc
		fee   uint64
		told  bool
	}{
		{"more than today", told("7000"), 7_000, true},
		{"less than today", told("1000"), 1_000, true},
		{"by none", told("null"), 5_000, false},
		{"not known", rpcError(-32601, "method not found", "getFeeForMessage"), 5_000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, _ := between(t, newChain(t), c.fault, false)
				q := quoted(t, client)
				o := sdk.BuildOptions{
					Owner:          owner,
					Priority:       sdk.PriorityFee{None: true},
					SkipSimulation: true,
				}

				u, err := client.Build(t.Context(), q, o)
				require.NoError(t, err)
				policy, err := client.Policy(t.Context(), q, o)
				require.NoError(t, err)
				require.Equal(t, c.fee, policy.MaxNetworkFee)
				sponsor, err := client.SponsorPolicy(t.Context(), q, o)
				require.NoError(t, err)
				require.Equal(t, c.fee, sponsor.MaxNetworkFee)
				built := explain.Transaction(u, nil)
				require.Equal(t, c.fee, built.NetworkFee)
				require.Equal(t, c.told, built.FeeKnown)
				require.NoError(t, explain.Verify(built, policy))

				review, err := client.Review(t.Context(), u.Base64(), policy)
				require.NoError(t, err)
				require.Equal(t, c.fee, review.Explanation.NetworkFee)
				require.Equal(t, c.told, review.Explanation.FeeKnown)
				policy.MaxNetworkFee--
				_, err = client.Review(t.Context(), u.Base64(), policy)
				require.ErrorIs(t, err, explain.ErrNetworkFee)
				require.Equal(t, !c.told, strings.Contains(err.Error(), "estimated"), err)
			})
		})
	}
}

// TestClient_Review_Token2022Rents reads the rents of accounts of Token-2022
// mints, whose size depends on the mint.
func TestClient_Review_Token2022Rents(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	mint, ghost := solana.PublicKey{0x71}, solana.PublicKey{0x72}
	data := accounts.Mint{
		Decimals: 9,
		Extensions: []accounts.Extension{{
			Type: accounts.ExtensionTransferFeeConfig,
			Data: make([]byte, 108),
		}},
	}.Encode()

	node.Put(accounts.Account{
		Address:  mint,
		Owner:    accounts.Token2022Program,
		Lamports: sol,
		Data:     data,
	})

	create := func(mint solana.PublicKey) string {
		step := txn.CreateTokenAccount(owner, owner, mint, accounts.Token2022Program)
		table := txn.LookupTable{Address: solana.PublicKey{0x7a}}
		return reviewed(t, owner, table, step.Instruction)
	}

	policy := explain.Policy{
		Owner:          owner,
		MaxTokens:      map[solana.PublicKey]uint64{mint: 0, ghost: 0},
		MaxNewAccounts: 1,
		MaxRent:        1 << 40,
	}

	review, err := client.Review(t.Context(), create(mint), policy)
	require.ErrorIs(t, err, explain.ErrUnrelatedTransfer, "nothing is paid into it")
	require.Greater(t, review.Policy.TokenRents[mint], review.Policy.TokenAccountRent)
	policy.TokenRents = map[solana.PublicKey]uint64{mint: 5}
	review, err = client.Review(t.Context(), create(mint), policy)
	require.ErrorIs(t, err, explain.ErrUnrelatedTransfer)
	require.Equal(t, uint64(5), review.Policy.TokenRents[mint], "a given rent is kept")
	_, err = client.Review(t.Context(), create(ghost), policy)
	require.ErrorIs(t, err, explain.ErrPolicy, "a mint that does not exist")
}
