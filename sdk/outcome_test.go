package sdk_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// landing makes the status of a landed transaction from the changes of its
// accounts.
type landing struct {
	t      testing.TB
	signed *txn.Signed
	keys   []solana.PublicKey
	status sdktest.Status
}

// newLanding returns a landing in which nothing has changed but the fee, and
// every account has 10 SOL.
func newLanding(t testing.TB, signed *txn.Signed) *landing {
	t.Helper()
	parsed, keys, err := txn.ParseLanded(signed.Base64(), nil, nil)
	require.NoError(t, err)
	require.Equal(t, signed.Signature(), parsed.Signature())
	l := &landing{t: t, signed: signed, keys: keys, status: landed(77)}
	l.status.BlockTime = 1_800_000_000
	for range keys {
		l.status.PreBalances = append(l.status.PreBalances, 10*sol)
	}

	l.status.PostBalances = append([]uint64(nil), l.status.PreBalances...)
	l.status.PostBalances[0] -= l.status.Fee

	return l
}

// at returns the index of an account.
func (l *landing) at(key solana.PublicKey) int {
	l.t.Helper()
	for i, k := range l.keys {
		if k == key {
			return i
		}
	}
	require.FailNow(l.t, "the transaction does not name the account")
	return 0
}

// move moves lamports between two accounts.
func (l *landing) move(from, to solana.PublicKey, lamports uint64) {
	l.status.PostBalances[l.at(from)] -= lamports
	l.status.PostBalances[l.at(to)] += lamports
}

// create creates a token account with rent from a wallet.
func (l *landing) create(account, from, mint, owner solana.PublicKey, rent, tokens uint64) {
	l.status.PreBalances[l.at(account)], l.status.PostBalances[l.at(account)] = 0, 0
	l.move(from, account, rent)
	l.status.PostTokens = append(l.status.PostTokens, sdktest.TokenBalance{
		Account: l.at(account), Mint: mint, Owner: owner, Amount: tokens})
}

// send sends a plan's transaction to the node as another program does.
func (l *landing) send(client *sdk.Client, node *sdktest.Node) {
	l.t.Helper()
	node.OnSend(func([]byte) *sdktest.Error { return nil })
	require.NoError(l.t, client.Sender().Send(l.t.Context(), l.signed))
	node.SetStatus(l.signed.Signature(), l.status)
}

// byWallet returns a signed transaction with the given steps.
func byWallet(t testing.TB, steps []txn.Step, signers ...txn.Signer) *txn.Signed {
	t.Helper()
	plan := txn.Plan{
		Payer:    signers[0].PublicKey(),
		Steps:    steps,
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{5}, LastValidBlockHeight: 9},
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 100_000, ComputeUnitPrice: 20_000},
	}

	u, err := plan.Compile()
	require.NoError(t, err)
	s, err := u.Sign(t.Context(), signers...)
	require.NoError(t, err)

	return s
}

// must returns the value of a call without an error.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// TestOutcome_Wallet checks that rents of token accounts, a tip and the network
// fee are told apart from what a trade pays and receives. The figures are those
// of a sale of 500 tokens for 3 SOL, paid to a new wrapped SOL account, with
// another token account that is closed.
func TestOutcome_Wallet(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	owner, payer := newSigner(t), newSigner(t)
	user, tipped, mint := owner.PublicKey(), solana.PublicKey{7}, solana.PublicKey{8}
	wrapped := must(accounts.AssociatedTokenAddress(user, accounts.TokenProgram,
		accounts.NativeMint))
	tokens, vault := solana.PublicKey{9}, solana.PublicKey{10}
	trade := txn.Step{Instruction: solana.NewInstruction(solana.PublicKey{11},
		solana.AccountMetaSlice{solana.Meta(vault).WRITE(), solana.Meta(tokens).WRITE(),
			solana.Meta(wrapped).WRITE()}, []byte{1})}
	closing := txn.Step{Instruction: solana.NewInstruction(accounts.TokenProgram,
		solana.AccountMetaSlice{solana.Meta(tokens).WRITE(), solana.Meta(user).WRITE(),
			solana.Meta(user).SIGNER()}, []byte{9})}
	l := newLanding(t, byWallet(t, []txn.Step{
		txn.CreateTokenAccount(payer.PublicKey(), user, accounts.NativeMint, accounts.TokenProgram),
		trade, closing, must(txn.TransferSOL(user, tipped, 5_000)),
	}, payer, owner))

	l.status.Fee = 12_000
	l.status.PostBalances[0] = 10*sol - 12_000
	l.create(wrapped, payer.PublicKey(), accounts.NativeMint, user, 2_039_280, 3*sol)
	l.move(vault, wrapped, 3*sol)
	l.move(user, tipped, 5_000)
	at := l.at(tokens)
	l.status.PreBalances[at], l.status.PostBalances[at] = 2_000_000, 0
	l.status.PostBalances[l.at(user)] += 2_000_000
	l.status.PreTokens = append(l.status.PreTokens,
		sdktest.TokenBalance{Account: at, Mint: mint, Owner: user, Amount: 500})
	l.send(client, node)

	receipt, err := client.Await(t.Context(), l.signed.Signature())
	require.NoError(t, err)
	o := receipt.Outcome
	require.Equal(t, uint64(77), o.Slot)
	require.Equal(t, time.Unix(1_800_000_000, 0).UTC(), o.BlockTime)
	require.Equal(t, uint64(12_000), o.Fee)
	require.Equal(t, uint64(2_000), o.PriorityFee, "100,000 units at 20,000 micro-lamports")
	require.Equal(t, uint64(48_123), o.UnitsConsumed)
	require.Equal(t, sdk.WalletOutcome{
		Address:      user,
		Lamports:     sdk.Change{Before: 10 * sol, After: 10*sol - 5_000 + 2_000_000},
		RentReturned: 2_000_000,
		Transferred:  5_000,
		Tokens: []sdk.TokenOutcome{
			{Mint: accounts.NativeMint, Amount: sdk.Change{After: 3 * sol}},
			{Mint: mint, Amount: sdk.Change{Before: 500}},
		},
	}, sorted(o.Wallet(user)))

	require.Equal(t, sdk.WalletOutcome{
		Address:    payer.PublicKey(),
		Lamports:   sdk.Change{Before: 10 * sol, After: 10*sol - 12_000 - 2_039_280},
		NetworkFee: 12_000,
		RentPaid:   2_039_280,
	}, o.Wallet(payer.PublicKey()))

	require.Equal(t, uint64(5_000), o.Wallet(tipped).ReceivedLamports)
	require.Equal(t, "network fee 0.000012 SOL, rent 0.00203928 SOL",
		o.Wallet(payer.PublicKey()).String())
	require.Equal(t, "no change", o.Wallet(solana.PublicKey{99}).String())
	_, named := o.Account(solana.PublicKey{99})
	require.False(t, named)
}

// sorted returns an outcome with its tokens in the order of the tests: wrapped
// SOL first.
func sorted(w sdk.WalletOutcome) sdk.WalletOutcome {
	if len(w.Tokens) == 2 && w.Tokens[1].Mint == accounts.NativeMint {
		w.Tokens[0], w.Tokens[1] = w.Tokens[1], w.Tokens[0]
	}
	return w
}

// TestOutcome_Compare compares trades of a wallet in SOL with quotes: as
// promised, for less, and failed.
func TestOutcome_Compare(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	quote := quoted(t, client)
	for _, c := range []struct {
		name           string
		paid, received uint64
		err            string
		text           string
		within         bool
	}{
		{name: "as promised", paid: quote.In, received: quote.Out, within: true,
			text: "paid 1.5 SOL, as promised; received 1244054262 of " +
				quote.Request.To.String() + ", as promised; network fee 0.000005 SOL"},
		{name: "less", paid: quote.In - 1, received: quote.MinOut - 1,
			text: "paid 1.499999999 SOL, -1 of 1500000000 promised; received 1244054261 of " +
				quote.Request.To.String() +
				", -1 of 1244054262 promised; network fee 0.000005 SOL"},
		{name: "failed", err: `{"InstructionError":[2,{"Custom":4}]}`,
			text: "failed, network fee 0.000005 SOL"},
	} {
		signer := newSigner(t)
		u, err := client.Build(t.Context(), quote,
			sdk.BuildOptions{Owner: signer.PublicKey(), SkipSimulation: true})
		require.NoError(t, err)
		l := newLanding(t, must(u.Sign(t.Context(), signer)))
		l.status.Err = c.err
		if c.err == "" {
			account := must(accounts.AssociatedTokenAddress(signer.PublicKey(),
				accounts.TokenProgram, quote.Request.To))
			l.create(account, l.keys[0], quote.Request.To, signer.PublicKey(), 2_039_280,
				c.received)
			l.move(l.keys[0], l.keys[len(l.keys)-1], c.paid)
		}

		l.send(client, node)
		receipt, err := client.Resume(t.Context(), l.signed)
		require.Equal(t, receipt.Err, err, c.name)
		require.Equal(t, c.err != "", receipt.Err != nil, c.name)
		compared, err := receipt.Outcome.Compare(quote, signer.PublicKey())
		require.NoError(t, err, c.name)
		require.Equal(t, c.text, compared.String(), c.name)
		require.Equal(t, c.within, compared.WithinLimits(), c.name)
		require.Equal(t, quote.MaxIn, compared.Paid.Limit)
		require.Equal(t, quote.MinOut, compared.Received.Limit)

		_, err = receipt.Outcome.Compare(quote, solana.PublicKey{1})
		require.ErrorIs(t, err, sdk.ErrOtherTrade)
		if c.err == "" {
			sold := route.Quote{Request: route.Request{From: solana.PublicKey{5}}}
			_, err = receipt.Outcome.Compare(sold, signer.PublicKey())
			require.ErrorIs(t, err, sdk.ErrOtherTrade)
		}
	}

	_, err := (*sdk.Outcome)(nil).Compare(quote, owner)
	require.ErrorIs(t, err, sdk.ErrNoOutcome)
}

// TestOutcome_CompareUncountedWSOL checks that lamports that lay in a wrapped
// SOL account without counting as tokens are neither received nor saved.
func TestOutcome_CompareUncountedWSOL(t *testing.T) {
	const rent, uncounted, had = 2_039_280, 531_057_576, 7
	node := demoNode(t)
	client, _ := connect(t, node)
	unsigned, err := client.Build(t.Context(), quoted(t, client), unsimulated())
	require.NoError(t, err)
	jito := solana.PublicKey{8}
	for _, test := range []struct {
		name     string
		from, to solana.PublicKey
		lamports sdk.Change
		tokens   sdk.Change
	}{
		{"received", jito, accounts.NativeMint,
			sdk.Change{Before: rent + uncounted + had, After: rent + uncounted + had + sol},
			sdk.Change{Before: had, After: uncounted + had + sol}},
		{"paid", accounts.NativeMint, jito,
			sdk.Change{Before: rent + uncounted + sol, After: rent + uncounted},
			sdk.Change{Before: sol, After: uncounted}},
	} {
		o := sdk.Outcome{Transaction: unsigned, Accounts: []sdk.AccountOutcome{
			{Address: solana.PublicKey{1}, Lamports: test.lamports, Mint: accounts.NativeMint,
				Owner: owner, Tokens: test.tokens},
			{Address: solana.PublicKey{2}, Mint: jito, Owner: owner},
		}}
		q := route.Quote{Request: route.Request{From: test.from, To: test.to}}
		q.Request.UseWSOL = true
		c, err := o.Compare(q, owner)
		require.NoError(t, err, test.name)
		moved := c.Received
		if test.to == jito {
			moved = c.Paid
		}

		require.Equal(t, uint64(sol), moved.Actual, test.name)
	}
}

// TestOutcome_RefusesContradictions checks that a receipt has no outcome if the
// node's record cannot be true, and that the transaction landed all the same.
func TestOutcome_RefusesContradictions(t *testing.T) {
	for name, change := range map[string]func(*landing){
		"no balances": func(l *landing) {
			l.status.PreBalances, l.status.PostBalances = nil, nil
		},
		"one balance less": func(l *landing) {
			l.status.PostBalances = l.status.PostBalances[1:]
		},
		"a lamport from air": func(l *landing) { l.status.PostBalances[1]++ },
		"a lost lamport":     func(l *landing) { l.status.PostBalances[1]-- },
		"another fee":        func(l *landing) { l.status.Fee++ },
		"more than exists": func(l *landing) {
			l.status.PreBalances[1], l.status.PostBalances[1] = 1<<64-1, 1<<64-1
		},
		"tokens of no account": func(l *landing) {
			l.status.PreTokens = []sdktest.TokenBalance{{Account: len(l.keys)}}
		},
		"tokens of a negative account": func(l *landing) {
			l.status.PostTokens = []sdktest.TokenBalance{{Account: -1}}
		},
		"tokens twice": func(l *landing) {
			l.status.PreTokens = []sdktest.TokenBalance{{Account: 1}, {Account: 1}}
		},
		"more tokens than exist": func(l *landing) {
			l.status.PreTokens = []sdktest.TokenBalance{{Account: 1, Amount: 1 << 63},
				{Account: 2, Amount: 1 << 63}}
		},
		"loaded accounts without a table": func(l *landing) {
			l.status.LoadedReadonly = []solana.PublicKey{{1}}
		},
		"a failure that moved SOL": func(l *landing) {
			l.status.Err = `"AccountInUse"`
			l.move(l.keys[1], l.keys[2], 1)
		},
	} {
		node := demoNode(t)
		client, _ := connect(t, node)
		l := newLanding(t, signed(t, client))
		change(l)
		l.send(client, node)
		receipt, err := client.Resume(t.Context(), l.signed)
		require.Equal(t, l.status.Err != "", err != nil, name)
		require.Equal(t, uint64(77), receipt.Slot, name)
		require.Nil(t, receipt.Outcome, name)
	}

	node := demoNode(t)
	client, _ := connect(t, node)
	l := newLanding(t, signed(t, client))
	l.send(client, node)
	receipt, err := client.Resume(t.Context(), l.signed)
	require.NoError(t, err)
	require.NotNil(t, receipt.Outcome, "without a change")
	require.Equal(t, fmt.Sprintf("slot 77, fee 0.000005 SOL, 48123 compute units: %s",
		l.signed.Signature()), receipt.Outcome.String())
}

func TestChange(t *testing.T) {
	for _, c := range []struct {
		change     sdk.Change
		gain, loss uint64
		text       string
	}{
		{sdk.Change{}, 0, 0, "0"},
		{sdk.Change{Before: 5, After: 5}, 0, 0, "0"},
		{sdk.Change{Before: 5, After: 9}, 4, 0, "+4"},
		{sdk.Change{Before: 9, After: 5}, 0, 4, "-4"},
		{sdk.Change{After: 1<<64 - 1}, 1<<64 - 1, 0, "+18446744073709551615"},
	} {
		require.Equal(t, c.gain, c.change.Gain())
		require.Equal(t, c.loss, c.change.Loss())
		require.Equal(t, c.text, c.change.String())
	}
}

// TestClient_Await_Wallet awaits a transaction that a wallet changed: with a
// tip, another price and another blockhash, without and with the failure of a
// step.
func TestClient_Await_Wallet(t *testing.T) {
	for _, failure := range []string{"", `{"InstructionError":[2,{"Custom":1}]}`} {
		node := demoNode(t)
		client, wire := connect(t, node)
		signer := newSigner(t)
		l := newLanding(t, byWallet(t, []txn.Step{
			must(txn.TransferSOL(signer.PublicKey(), solana.PublicKey{7}, 1_000)),
		}, signer))
		l.status.Err = failure
		if failure == "" {
			l.move(signer.PublicKey(), solana.PublicKey{7}, 1_000)
		}

		l.send(client, node)
		receipt, err := client.Await(t.Context(), l.signed.Signature())
		require.Len(t, wire.of("sendTransaction"), 1, "only the wallet's own")
		require.Equal(t, uint64(77), receipt.Slot)
		require.Equal(t, 1, receipt.ConfirmedBy)
		require.Equal(t, 1, receipt.Outcome.ConfirmedBy)
		require.Equal(t, uint64(5_000), receipt.Fee)
		require.Zero(t, receipt.Sends)
		require.Equal(t, l.signed.Unsigned().Message(), receipt.Outcome.Transaction.Message())
		if failure == "" {
			require.NoError(t, err)
			require.Equal(t, uint64(1_000), receipt.Outcome.Wallet(signer.PublicKey()).Transferred)
			continue
		}

		var step *sdk.StepError
		require.ErrorAs(t, err, &step)
		require.Equal(t, 3, step.Step)
		require.Equal(t, 3, step.Steps)
		require.Contains(t, step.Description, "transfer 0.000001 SOL")
		requireLine(t, err)
		require.True(t, receipt.Outcome.Failed)
	}
}

// TestClient_Await_Uncertain checks that a transaction without a known lifetime
// is never reported as expired, and one with a lifetime is.
func TestClient_Await_Uncertain(t *testing.T) {
	node := demoNode(t)
	ctx, cancel := context.WithCancel(t.Context())
	var passed time.Duration
	clock := sdktest.NewClock(time.Unix(1_750_000_000, 0), func(d time.Duration) {
		node.Advance(uint64(d/(400*time.Millisecond)) + 1)
		if passed += d; passed > time.Hour {
			cancel()
		}
	})

	client, _ := connect(t, node, sdk.WithClock(clock))
	s := signed(t, client)
	receipt, err := client.Await(ctx, s.Signature())
	require.ErrorIs(t, err, sdk.ErrUncertain)
	require.NotErrorIs(t, err, sdk.ErrExpired)
	require.ErrorIs(t, err, context.Canceled)
	require.Contains(t, err.Error(), "lifetime is not known")
	requireLine(t, err)
	require.Zero(t, receipt.Slot)

	_, err = client.Await(t.Context(), s.Signature(), sdk.WithLifetime(s.Unsigned().Lifetime()))
	require.ErrorIs(t, err, sdk.ErrExpired)
	_, err = client.Await(t.Context(), s.Signature(), sdk.WithLifetime(txn.Lifetime{}))
	require.ErrorIs(t, err, sdk.ErrUncertain)
	_, err = client.Await(t.Context(), solana.Signature{})
	require.ErrorIs(t, err, sdk.ErrNoSignature)
	_, err = client.Await(t.Context(), s.Signature(), sdk.WithQuorum(2))
	require.ErrorIs(t, err, sdk.ErrQuorum)
}

// TestClient_Await_Endpoints checks whose balances are believed: those of a
// majority of the endpoints.
func TestClient_Await_Endpoints(t *testing.T) {
	for _, c := range []struct {
		name  string
		lies  [3]bool
		nodes int
		// without is the number of nodes, from the last, without a record.
		without int
		by      int
	}{
		{name: "one", nodes: 1, by: 1},
		{name: "two agree", nodes: 2, by: 2},
		{name: "one of two lies", nodes: 2, lies: [3]bool{true}},
		{name: "three agree", nodes: 3, by: 3},
		{name: "one of three lies", nodes: 3, lies: [3]bool{true}, by: 2},
		{name: "one of three lies, the others know the status only", nodes: 3,
			lies: [3]bool{true}, without: 2},
		{name: "one of three has no record", nodes: 3, without: 1, by: 2},
	} {
		nodes := []*tap{{node: demoNode(t)}, {node: demoNode(t)}, {node: demoNode(t)}}[:c.nodes]
		opts := []sdk.Option{sdk.WithHTTPClient(nodes[0])}
		for i, n := range nodes[1:] {
			opts = append(opts, sdk.WithFallback(fmt.Sprintf("https://node%d.test", i),
				sdk.WithHTTPClient(n)))
		}

		client, err := nodes[0].node.Client(opts...)
		require.NoError(t, err)
		l := newLanding(t, signed(t, client))
		for i, n := range nodes {
			alone, _ := connect(t, n.node)
			one := *l
			if c.lies[i] {
				one.status.PostBalances = append([]uint64(nil), l.status.PostBalances...)
				one.move(l.keys[1], l.keys[2], 1)
			}

			one.send(alone, n.node)
			if i >= c.nodes-c.without {
				n.node.Fail("getTransaction",
					slices.Repeat([]sdktest.Fault{{Result: []byte("null")}}, 20)...)
			}
		}

		receipt, err := client.Await(t.Context(), l.signed.Signature())
		require.NoError(t, err, c.name)
		require.Equal(t, uint64(77), receipt.Slot, c.name)
		if c.by == 0 {
			require.Nil(t, receipt.Outcome, c.name)
			continue
		}

		require.Equal(t, c.by, receipt.Outcome.ConfirmedBy, c.name)
		require.Equal(t, uint64(10*sol), receipt.Outcome.Accounts[1].Lamports.After, c.name)
	}
}

// TestClient_Await_OtherBytes checks that no outcome comes from a transaction
// that the awaited signature does not sign.
func TestClient_Await_OtherBytes(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	l, other := newLanding(t, signed(t, client)), newLanding(t, signed(t, client))
	l.send(client, node)
	forged := other.signed.Raw()
	forged[1] ^= 1
	honest := l.signed.Base64()
	for name, text := range map[string]string{
		"another transaction": other.signed.Base64(),
		"a forged signature":  base64.StdEncoding.EncodeToString(forged),
		"its own":             honest,
	} {
		wire := &tap{node: node}
		lying, err := node.Client(sdk.WithHTTPClient(
			doer(func(r *http.Request) (*http.Response, error) {
				response, err := wire.Do(r)
				if err != nil {
					return nil, err
				}

				body, err := io.ReadAll(response.Body)
				body = bytes.ReplaceAll(body, []byte(honest), []byte(text))
				response.Body = io.NopCloser(bytes.NewReader(body))

				return response, err
			})))

		require.NoError(t, err)
		receipt, err := lying.Await(t.Context(), l.signed.Signature())
		require.NoError(t, err, name)
		require.Equal(t, text == honest, receipt.Outcome != nil, name)
	}
}
