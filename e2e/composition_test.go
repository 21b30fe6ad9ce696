package e2e

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// compositionRun executes trades with steps of the caller around them.
type compositionRun struct {
	*legsRun
	// friend signs the steps that are not the owner's. It holds SOL and tokens.
	friend *txn.KeySigner
	// outcomes counts the cases by kind of the steps and result.
	outcomes map[string]int
	venues   map[string]int
}

// tipAccounts receive the tips.
var tipAccounts = []solana.PublicKey{{9, 1}, {8, 1}}

// foreignSteps are steps around one trade, with what they are meant to do.
type foreignSteps struct {
	name          string
	before, after []txn.Step
	spends        map[solana.PublicKey]uint64
	// lamports and tokens are what the steps add to the owner, modulo 2^64.
	lamports uint64
	tokens   map[solana.PublicKey]uint64
	// want is the refusal of hostile steps, and nil for honest ones.
	want error
	// fails reports whether the steps fail on chain whatever the trade does.
	fails bool
}

// TestClient_Composition builds and executes random trades over all venues with
// steps of the caller before and after them. Honest steps change nothing of the
// quote: every amount is that of the quote plus what the steps themselves move.
// Hostile steps move the outcome away, drain the source or a wallet, or pay
// into the accounts that show the outcome: Build refuses them, and sent all the
// same, the transaction fails and changes nothing but the fee. So does one
// whose last step fails.
func TestClient_Composition(t *testing.T) {
	legs := newLegsRun(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	friend, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	r := compositionRun{
		legsRun:  legs,
		friend:   friend,
		outcomes: make(map[string]int),
		venues:   make(map[string]int),
	}

	for i := range int(envUint(t, casesVariable, defaultCases)) {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), seed, i)
	}

	t.Logf("seed %d", seed)
	for _, name := range sortedNames(r.outcomes) {
		t.Logf("%4d %s", r.outcomes[name], name)
	}

	for _, name := range sortedNames(r.venues) {
		t.Logf("%4d executed by %s", r.venues[name], name)
	}
}

func (r *compositionRun) one(rng *rand.Rand, seed uint64, i int) {
	t := r.t
	s := r.draw(rng)
	request := r.waysRun.request(rng, s, i)
	if rng.IntN(2) == 0 {
		request = r.request(rng, s)
		request.UseWSOL, request.Referrer = false, solana.PublicKey{}
	}

	request.MaxPrefund, request.AllowPoolUpdate = 0, true
	r.publish(s, request.To, held, 5)
	r.befriend(s)
	client := r.client(s, r.endpoint)
	loader := route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address)
	if rng.IntN(2) == 0 {
		table := figures.RandomKey(rng)
		putTable(r.localnet, table, r.mostUsed(s)...)
		loader = loader.WithLookupTables(table)
	}

	market, err := client.LoadMarketWith(t.Context(), loader)
	require.NoError(t, err)
	quotes, _ := market.Quotes(request)
	for _, q := range quotes {
		kinds := r.kindsFor(s, q)
		steps := kinds[rng.IntN(len(kinds))](rng, q)
		name := fmt.Sprintf("seed %d, case %d: %s, %s", seed, i, q.Venue, steps.name)
		r.publish(s, request.To, held, 5)
		r.befriend(s)
		r.try(client, s, q, steps, rng.IntN(3) == 0, name)
	}
}

// befriend gives the friend SOL and an account of each token.
func (r *compositionRun) befriend(s *scene) {
	key := r.friend.PublicKey()
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(r.t, err)
	calls := []call{setAccount(accounts.Account{Address: key, Owner: accounts.SystemProgram,
		Lamports: 10_000 * sol})}
	for _, tip := range tipAccounts {
		calls = append(calls, setAccount(accounts.Account{Address: tip,
			Owner: accounts.SystemProgram, Lamports: sol}))
	}

	for _, token := range s.tokens {
		calls = append(calls, setAccount(figures.TokenAccount(r.ataOf(key, token.Mint),
			token.Mint, key, 1_000_000*sol, rent)))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(r.t, reply.Error)
	}
}

// pay returns the step that transfers lamports.
func (r *compositionRun) pay(from, to solana.PublicKey, lamports uint64) txn.Step {
	step, err := txn.TransferSOL(from, to, lamports)
	require.NoError(r.t, err)
	return step
}

// give returns the step that transfers tokens between the accounts of two
// owners.
func (r *compositionRun) give(from, to, mint solana.PublicKey, amount uint64) txn.Step {
	ix, err := instructions.TokenTransfer{
		Program:     accounts.TokenProgram,
		Source:      r.ataOf(from, mint),
		Destination: r.ataOf(to, mint),
		Owner:       from,
		Amount:      amount,
	}.Build()
	require.NoError(r.t, err)
	return txn.Step{Instruction: ix}
}

// kindsFor returns the kinds of steps that make sense around a quote.
func (r *compositionRun) kindsFor(
	s *scene, q route.Quote,
) []func(*rand.Rand, route.Quote) foreignSteps {
	kinds := []func(*rand.Rand, route.Quote) foreignSteps{
		r.repaid, r.failing, r.drained, r.paidAround,
	}
	if !q.Request.Recipient.IsZero() {
		return kinds
	}

	isToken := func(mint solana.PublicKey) bool {
		for _, token := range s.tokens {
			if token.Mint == mint {
				return true
			}
		}

		return false
	}

	if isToken(q.Request.From) {
		kinds = append(kinds, r.seized, r.sourceDrained)
	}

	if isToken(q.Request.To) {
		kinds = append(kinds, r.shared, r.movedAway, r.outcomeFaked)
	}

	if q.Request.To == accounts.NativeMint {
		kinds = append(kinds, r.solMovedAway)
	}

	if q.Request.From == s.stake.Address {
		kinds = append(kinds, r.stakeTouched)
	}

	return kinds
}

// repaid lends the owner SOL before the trade and takes it back with interest.
func (r *compositionRun) repaid(rng *rand.Rand, _ route.Quote) foreignSteps {
	owner, friend := r.user.PublicKey(), r.friend.PublicKey()
	lent, interest := 1+rng.Uint64N(5*sol), rng.Uint64N(1_000_000)
	return foreignSteps{
		name:     "loan repaid",
		before:   []txn.Step{r.pay(friend, owner, lent)},
		after:    []txn.Step{r.pay(owner, friend, lent+interest)},
		spends:   map[solana.PublicKey]uint64{accounts.NativeMint: interest},
		lamports: -interest,
	}
}

// paidAround transfers SOL of the friend only.
func (r *compositionRun) paidAround(rng *rand.Rand, _ route.Quote) foreignSteps {
	owner, friend := r.user.PublicKey(), r.friend.PublicKey()
	first, second := 1+rng.Uint64N(sol), 1+rng.Uint64N(sol)
	return foreignSteps{
		name:     "gifts before and after",
		before:   []txn.Step{r.pay(friend, owner, first)},
		after:    []txn.Step{r.pay(friend, owner, second)},
		lamports: first + second,
	}
}

// seized brings tokens of the input before the trade, as a liquidation does.
func (r *compositionRun) seized(rng *rand.Rand, q route.Quote) foreignSteps {
	owner, friend := r.user.PublicKey(), r.friend.PublicKey()
	amount := 1 + rng.Uint64N(q.In)
	return foreignSteps{
		name:   "input seized before",
		before: []txn.Step{r.give(friend, owner, q.Request.From, amount)},
		tokens: map[solana.PublicKey]uint64{q.Request.From: amount},
	}
}

// shared gives a part of the outcome to the friend, as the caller declares.
func (r *compositionRun) shared(rng *rand.Rand, q route.Quote) foreignSteps {
	owner, friend := r.user.PublicKey(), r.friend.PublicKey()
	amount := 1 + rng.Uint64N(max(q.MinOut, 1))
	return foreignSteps{
		name:   "part of the outcome passed on",
		after:  []txn.Step{r.give(owner, friend, q.Request.To, amount)},
		spends: map[solana.PublicKey]uint64{q.Request.To: amount},
		tokens: map[solana.PublicKey]uint64{q.Request.To: -amount},
	}
}

// failing fails in its last step.
func (r *compositionRun) failing(*rand.Rand, route.Quote) foreignSteps {
	owner, friend := r.user.PublicKey(), r.friend.PublicKey()
	return foreignSteps{
		name:   "last step fails",
		before: []txn.Step{r.pay(friend, owner, sol)},
		after:  []txn.Step{r.pay(friend, owner, 1_000_000*sol)},
		want:   sdk.ErrSimulation,
		fails:  true,
	}
}

// drained takes SOL of the owner without permission.
// It is more than what the slippage and the highest network fee leave open.
func (r *compositionRun) drained(rng *rand.Rand, q route.Quote) foreignSteps {
	owner, friend := r.user.PublicKey(), r.friend.PublicKey()
	amount := 3*sol/100 + rng.Uint64N(100*sol) + q.Out - q.MinOut + q.MaxIn - q.In
	steps := foreignSteps{
		name: "wallet drained",
		want: sdk.ErrStepsSpend,
	}
	if rng.IntN(2) == 0 {
		steps.before = []txn.Step{r.pay(owner, friend, amount)}
	} else {
		steps.after = []txn.Step{r.pay(owner, friend, amount)}
	}

	return steps
}

// solMovedAway takes the SOL that the trade pays.
func (r *compositionRun) solMovedAway(rng *rand.Rand, q route.Quote) foreignSteps {
	steps := r.drained(rng, q)
	steps.name = "SOL outcome moved away"
	steps.before = nil
	steps.after = []txn.Step{r.pay(r.user.PublicKey(), r.friend.PublicKey(), q.Out+3*sol/100)}
	return steps
}

// movedAway takes tokens that the trade pays.
func (r *compositionRun) movedAway(rng *rand.Rand, q route.Quote) foreignSteps {
	owner, friend := r.user.PublicKey(), r.friend.PublicKey()
	amount := q.Out - q.MinOut + 1
	if q.MinOut > 1 {
		amount += rng.Uint64N(q.MinOut - 1)
	}

	return foreignSteps{
		name:  "outcome moved away",
		after: []txn.Step{r.give(owner, friend, q.Request.To, amount)},
		want:  sdk.ErrStepsSpend,
	}
}

// sourceDrained takes more tokens of the input than the trade.
func (r *compositionRun) sourceDrained(rng *rand.Rand, q route.Quote) foreignSteps {
	owner, friend := r.user.PublicKey(), r.friend.PublicKey()
	step := r.give(owner, friend, q.Request.From, q.MaxIn-q.In+1+rng.Uint64N(sol))
	steps := foreignSteps{name: "source drained", want: sdk.ErrStepsSpend}
	if rng.IntN(2) == 0 {
		steps.before = []txn.Step{step}
	} else {
		steps.after = []txn.Step{step}
	}

	return steps
}

// outcomeFaked pays tokens of the output before the trade. Where a balance
// shows the output of a route, they could pass for it.
func (r *compositionRun) outcomeFaked(rng *rand.Rand, q route.Quote) foreignSteps {
	owner, friend := r.user.PublicKey(), r.friend.PublicKey()
	amount := 1 + rng.Uint64N(max(q.Out, 1))
	steps := foreignSteps{
		name:   "tokens of the outcome brought before",
		before: []txn.Step{r.give(friend, owner, q.Request.To, amount)},
		tokens: map[solana.PublicKey]uint64{q.Request.To: amount},
	}
	if q.MinOutCheck == route.CheckedByBalance {
		steps.want = sdk.ErrStepConflict
	}

	return steps
}

// stakeTouched names the stake account that the trade sells.
func (r *compositionRun) stakeTouched(_ *rand.Rand, q route.Quote) foreignSteps {
	return foreignSteps{
		name:   "stake account named",
		before: []txn.Step{r.pay(r.friend.PublicKey(), q.Request.From, sol)},
		want:   sdk.ErrStepConflict,
	}
}

// try builds and sends one composition.
func (r *compositionRun) try(
	client *sdk.Client, s *scene, q route.Quote, steps foreignSteps, sponsored bool, name string,
) {
	t := r.t
	o := sdk.BuildOptions{
		Owner:  r.user.PublicKey(),
		Seed:   crand.Text()[:16],
		Before: steps.before,
		After:  steps.after,
		Spends: steps.spends,
		Tip:    sdk.Tip{Lamports: 1 + uint64(len(name)), Accounts: tipAccounts},
	}
	if q.NeedsStakeKeypair {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		o.StakeKeypair = key
	}

	signers := []txn.Signer{r.user}
	if sponsored {
		o.Payer = r.payer.PublicKey()
		signers = append(signers, r.payer)
	}

	unsigned, err := buildInAny(t.Context(), client, q, &o)
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		r.outcomes["too large"]++
		return
	}

	if steps.want != nil {
		require.ErrorIs(t, err, steps.want, name)
		if !errors.Is(steps.want, sdk.ErrStepConflict) {
			r.sendAnyway(client, q, o, signers, name)
		}

		r.outcomes["refused: "+steps.name]++
		return
	}

	require.NoError(t, err, name)
	b, touched := r.send(client, unsigned, append(signers, r.friend), q, name)
	b.before = r.adjusted(b.before, o, steps)
	r.check(s, q, o, b, touched)
	r.outcomes["as quoted: "+steps.name]++
	r.venues[string(q.Venue)]++
}

// sendAnyway sends a transaction that Build refuses. It must fail on chain and
// change nothing but the balance of the fee payer.
func (r *compositionRun) sendAnyway(
	client *sdk.Client, q route.Quote, o sdk.BuildOptions, signers []txn.Signer, name string,
) {
	t := r.t
	o.SkipSimulation, o.SkipPayerCheck = true, true
	unsigned, err := client.Build(t.Context(), q, o)
	require.NoError(t, err, name)
	keys := unsigned.RequiredSigners()
	if slices.Contains(keys, r.friend.PublicKey()) {
		signers = append(signers, r.friend)
	}

	signed, err := unsigned.Sign(t.Context(), signers...)
	require.NoError(t, err, name)
	touched := slices.Compact(sortedKeys(touchedBy(unsigned)))
	before := r.get(touched...)
	require.Error(t, r.localnet.execute(signed), name)
	fee, err := unsigned.NetworkFee()
	require.NoError(t, err)
	reply := r.batch(call{Method: "sendTransaction", Params: []any{signed.Base64(),
		map[string]any{"encoding": "base64", "skipPreflight": true}}})[0]
	require.Nil(t, reply.Error, name)
	after := r.get(touched...)
	for _, key := range touched {
		was, _ := before.Get(key)
		is, _ := after.Get(key)
		switch {
		case was.Owner == solana.SysVarPubkey:
			continue
		case key == keys[0]:
			is.Lamports += fee
		}

		require.Equal(t, was.Lamports, is.Lamports, "%s: %s", name, key)
		require.Equal(t, was.Data, is.Data, "%s: %s", name, key)
	}
}

// send signs and sends a transaction and returns the balances around it.
func (r *compositionRun) send(
	client *sdk.Client, unsigned *txn.Unsigned, signers []txn.Signer, q route.Quote, name string,
) (balances, []solana.PublicKey) {
	t := r.t
	if !slices.Contains(unsigned.RequiredSigners(), r.friend.PublicKey()) {
		signers = signers[:len(signers)-1]
	}

	signed, err := unsigned.Sign(context.Background(), signers...)
	require.NoError(t, err, name)
	touched := slices.Compact(sortedKeys(append(touchedBy(unsigned), r.user.PublicKey(),
		r.payer.PublicKey(), q.Request.Recipient, r.ata(q.Request.To))))
	before := r.get(touched...)
	receipt, err := client.Send(t.Context(), signed)
	require.NoError(t, err, name)

	return balances{t: t, name: name, before: before, after: r.get(touched...), fee: receipt.Fee},
		touched
}

// adjusted returns the accounts before the transaction with what the steps of
// the caller and the tip move.
func (r *compositionRun) adjusted(
	before *accounts.Set, o sdk.BuildOptions, steps foreignSteps,
) *accounts.Set {
	payer := o.Payer
	if payer.IsZero() {
		payer = o.Owner
	}

	set := accounts.NewSet(before.Slot())
	for _, key := range before.Addresses() {
		a, err := before.Get(key)
		if err != nil {
			set.PutMissing(key)
			continue
		}

		if key == o.Owner {
			a.Lamports += steps.lamports
		}

		if key == payer {
			a.Lamports -= o.Tip.Lamports
		}

		for mint, amount := range steps.tokens {
			if key != r.ata(mint) {
				continue
			}

			token, err := accounts.DecodeTokenAccount(a)
			require.NoError(r.t, err)
			token.Amount += amount
			a.Data = token.Encode()
		}

		set.Put(a)
	}

	return set
}

// TestClient_BuildSteps executes transactions that have no quote.
func TestClient_BuildSteps(t *testing.T) {
	l := connect(t)
	r := newWaysRun(l)
	owner, to := r.user.PublicKey(), solana.NewWallet().PublicKey()
	require.Nil(t, l.batch(setAccount(accounts.Account{Address: owner,
		Owner: accounts.SystemProgram, Lamports: 10 * sol}))[0].Error)
	client, err := sdk.New(l.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	step, err := txn.TransferSOL(owner, to, sol)
	require.NoError(t, err)
	unsigned, err := client.BuildSteps(t.Context(), []txn.Step{step}, sdk.BuildOptions{
		Owner: owner,
		After: []txn.Step{txn.RequireLamports(owner, 8*sol)},
		Memo:  strings.Repeat("x", 10),
		Tip:   sdk.Tip{Lamports: sol / 2, Accounts: []solana.PublicKey{to}},
	})

	require.NoError(t, err)
	signed, err := unsigned.Sign(t.Context(), r.user)
	require.NoError(t, err)
	receipt, err := client.Send(t.Context(), signed)
	require.NoError(t, err)
	require.Equal(t, 10*sol-sol-sol/2-receipt.Fee, lamportsIn(l.get(owner), owner))
	require.EqualValues(t, sol+sol/2, lamportsIn(l.get(to), to))

	// The check of the balance fails: nothing can be built.
	_, err = client.BuildSteps(t.Context(), []txn.Step{step}, sdk.BuildOptions{
		Owner: owner,
		After: []txn.Step{txn.RequireLamports(owner, 8*sol)},
	})

	require.ErrorIs(t, err, sdk.ErrSimulation)
	require.ErrorIs(t, err, progerr.ErrInsufficientFunds)
}
