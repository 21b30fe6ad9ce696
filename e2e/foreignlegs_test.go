package e2e

import (
	crand "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/foreign"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// foreignRun executes trades with foreign legs. The real programs of the other
// venues stand in for the swap program of another service: a scripted API in
// the published form proposes their instructions.
type foreignRun struct {
	*compositionRun
	outcomes map[string]int
}

// TestClient_ForeignLegs builds and executes random trades with a leg before or
// after them. Honest legs pay what the proposal promises; with hostile ones
// Build refuses, and the transaction that is sent all the same fails.
func TestClient_ForeignLegs(t *testing.T) {
	friend, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	r := foreignRun{
		compositionRun: &compositionRun{
			legsRun:  newLegsRun(t),
			friend:   friend,
			outcomes: make(map[string]int),
			venues:   make(map[string]int),
		},
		outcomes: make(map[string]int),
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	for i := range int(envUint(t, casesVariable, defaultCases)) {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), fmt.Sprintf("seed %d, case %d", seed, i))
	}

	t.Logf("seed %d", seed)
	for _, name := range sortedNames(r.outcomes) {
		t.Logf("%4d %s", r.outcomes[name], name)
	}
}

// foreignCase is a trade with a leg.
type foreignCase struct {
	scene   *scene
	client  *sdk.Client
	q       route.Quote
	leg     *foreign.Leg
	after   bool
	options sdk.BuildOptions
	signers []txn.Signer
	name    string
}

func (r *foreignRun) one(rng *rand.Rand, name string) {
	t := r.t
	s := r.draw(rng)
	mints := []solana.PublicKey{accounts.NativeMint}
	for _, token := range s.tokens {
		mints = append(mints, token.Mint)
	}

	r.reset(rng, s, mints[rng.IntN(len(mints))])
	table := figures.RandomKey(rng)
	putTable(r.localnet, table, r.mostUsed(s)...)
	client := r.client(s, r.endpoint)
	market, err := client.LoadMarketWith(t.Context(), route.NewLoader(s.tokens...).
		WithLookupTables(table))
	require.NoError(t, err)
	c := foreignCase{scene: s, client: client, after: rng.IntN(2) == 0, name: name}
	for range triples {
		rng.Shuffle(len(mints), func(i, j int) { mints[i], mints[j] = mints[j], mints[i] })
		if r.find(rng, market, &c, table, mints[0], mints[1], mints[2]) {
			break
		}
	}

	if c.leg == nil || !c.after && c.leg.MinOut < c.q.MaxIn {
		r.outcomes["no leg"]++
		return
	}

	end := c.leg.OutMint
	if !c.after {
		end = c.q.Request.To
	}

	r.reset(rng, s, end)
	c.options = sdk.BuildOptions{Owner: r.user.PublicKey(), Seed: crand.Text()[:16]}
	if c.signers = []txn.Signer{r.user}; rng.IntN(3) == 0 {
		c.options.Payer = r.payer.PublicKey()
		c.signers = append(c.signers, r.payer)
	}

	r.place(&c.options, c.leg, c.after)
	r.honest(c)
	r.hostile(rng, c)
}

// triples is the number of attempts to find tokens with a trade and a leg.
const triples = 30

// find sets a random trade and a leg over three tokens.
func (r *foreignRun) find(
	rng *rand.Rand, market *route.Market, c *foreignCase, table solana.PublicKey,
	from, middle, to solana.PublicKey,
) bool {
	request := route.Request{Amount: sol/10 + rng.Uint64N(20*sol),
		Options: route.Options{SlippageBps: 50, AllowPoolUpdate: true}}
	if request.From, request.To = from, middle; !c.after {
		request.From, request.To = middle, to
	}

	quotes, _ := market.Quotes(request)
	quotes = slices.DeleteFunc(quotes, func(q route.Quote) bool { return q.NeedsTwoTransactions })
	if len(quotes) == 0 {
		return false
	}

	c.q = quotes[rng.IntN(len(quotes))]
	u, err := c.client.Build(r.t.Context(), c.q, sdk.BuildOptions{Owner: r.user.PublicKey(),
		SkipSimulation: true, SkipPayerCheck: true})
	if err != nil || bridged(u) {
		return false
	}

	wanted := foreign.Request{
		Owner:       r.user.PublicKey(),
		InMint:      middle,
		OutMint:     to,
		In:          c.q.MinOut,
		SlippageBps: 500,
	}
	if !c.after {
		wanted.InMint, wanted.OutMint = from, middle
		wanted.In = 2*c.q.MaxIn + rng.Uint64N(sol)
	}

	c.leg = r.propose(rng, market, c.client, wanted, table)

	return c.leg != nil && (c.after || c.leg.MinOut >= c.q.MaxIn)
}

// reset publishes the scene. The owner holds all tokens but the last, and
// sometimes wSOL.
func (r *foreignRun) reset(rng *rand.Rand, s *scene, to solana.PublicKey) {
	r.publish(s, to, held, uint64(rng.IntN(2)*5))
	r.befriend(s)
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(r.t, err)
	wrapped := r.ata(accounts.NativeMint)
	change := dropAccount(wrapped)
	if rng.IntN(2) == 0 {
		a := figures.TokenAccount(wrapped, accounts.NativeMint, r.user.PublicKey(), 7*sol, rent)
		token, err := accounts.DecodeTokenAccount(a)
		require.NoError(r.t, err)
		token.NativeReserve = &rent
		a.Data, a.Lamports = token.Encode(), 7*sol+rent
		change = setAccount(a)
	}

	require.Nil(r.t, r.batch(change)[0].Error)
}

// place sets a leg.
func (*foreignRun) place(o *sdk.BuildOptions, leg *foreign.Leg, after bool) {
	if o.LegBefore, o.LegAfter = leg, nil; after {
		o.LegBefore, o.LegAfter = nil, leg
	}
}

// propose returns a leg of the scripted API, or nil if there is none: the
// instructions that one of the venues needs for the swap.
func (r *foreignRun) propose(
	rng *rand.Rand, market *route.Market, client *sdk.Client, request foreign.Request,
	table solana.PublicKey,
) *foreign.Leg {
	t := r.t
	quotes, _ := market.Quotes(route.Request{
		From:    request.InMint,
		To:      request.OutMint,
		Amount:  request.In,
		Options: route.Options{SlippageBps: request.SlippageBps, UseWSOL: true},
	})

	for _, q := range quotes {
		if q.NeedsTwoTransactions || q.MinOut == 0 {
			continue
		}

		u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: request.Owner,
			SkipSimulation: true, SkipPayerCheck: true, Seed: crand.Text()[:16]})
		if err != nil {
			continue
		}

		program, swap, ok := swapOf(u)
		if !ok {
			continue
		}

		api := newScriptedAPI(t, q, swap, request, table)
		version := 1 + rng.IntN(2)
		leg, err := (&foreign.Jupiter{BaseURL: api + "/v" + strconv.Itoa(version),
			Program: program}).Leg(t.Context(), request)
		require.NoError(t, err)
		require.Equal(t, q.MinOut, leg.MinOut)

		return leg
	}

	return nil
}

// bridged reports whether a transaction creates a stake account on the route,
// whose seed the next attempt could not use again.
func bridged(u *txn.Unsigned) bool {
	return slices.ContainsFunc(explain.Transaction(u, nil).Instructions,
		func(in explain.Instruction) bool {
			_, ok := in.Account("bridge stake account")
			return ok
		})
}

// swapOf returns the instruction of a transaction that swaps, if it is a single
// one.
func swapOf(u *txn.Unsigned) (program solana.PublicKey, swap []solana.Instruction, ok bool) {
	if bridged(u) {
		return program, nil, false
	}

	for _, step := range u.Steps() {
		id := step.Instruction.ProgramID()
		switch id {
		case accounts.AssociatedTokenProgram, accounts.TokenProgram, accounts.ComputeBudgetProgram:
			continue
		case accounts.SystemProgram, accounts.StakeProgram:
			return program, nil, false
		}

		if len(swap) > 0 && id != program {
			return program, nil, false
		}

		program, swap = id, append(swap, step.Instruction)
	}

	return program, swap, len(swap) == 1
}

// published is an instruction in the published form.
func published(ix solana.Instruction) map[string]any {
	list := []map[string]any{}
	for _, meta := range ix.Accounts() {
		list = append(list, map[string]any{"pubkey": meta.PublicKey,
			"isSigner": meta.IsSigner, "isWritable": meta.IsWritable})
	}

	data, _ := ix.Data()

	return map[string]any{"programId": ix.ProgramID(), "accounts": list, "data": data}
}

// newScriptedAPI returns the URL of an API in the published forms of versions 1
// and 2 that proposes one swap. Its lookup table in version 2 has made-up
// contents.
func newScriptedAPI(
	t testing.TB, q route.Quote, swap []solana.Instruction, request foreign.Request,
	table solana.PublicKey,
) string {
	quote := map[string]any{"inputMint": request.InMint, "outputMint": request.OutMint,
		"inAmount": strconv.FormatUint(request.In, 10), "outAmount": strconv.FormatUint(q.Out, 10),
		"otherAmountThreshold": strconv.FormatUint(q.MinOut, 10), "swapMode": "ExactIn",
		"slippageBps": request.SlippageBps, "priceImpactPct": "0", "routePlan": []any{}}

	var setup []any
	var cleanup any
	owner := request.Owner
	for _, mint := range []solana.PublicKey{request.InMint, request.OutMint} {
		step := txn.CreateTokenAccount(owner, owner, mint, accounts.TokenProgram)
		setup = append(setup, published(step.Instruction))
		if mint != accounts.NativeMint {
			continue
		}

		wrapped, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint)
		require.NoError(t, err)
		cleanup = published(txn.UnwrapSOL(owner, wrapped).Instruction)
		if mint == request.InMint {
			for _, step := range txn.WrapSOL(owner, wrapped, request.In) {
				setup = append(setup, published(step.Instruction))
			}
		}
	}

	instructions := map[string]any{
		"computeBudgetInstructions": []any{published(solana.NewInstruction(
			accounts.ComputeBudgetProgram, nil, []byte{2, 0xC0, 0x5C, 0x15, 0}))},
		"setupInstructions":  setup,
		"swapInstruction":    published(swap[0]),
		"cleanupInstruction": cleanup,
		"otherInstructions":  []any{},
	}

	answer := func(w http.ResponseWriter, parts ...map[string]any) {
		whole := make(map[string]any)
		for _, part := range parts {
			for name, value := range part {
				whole[name] = value
			}
		}

		_ = json.NewEncoder(w).Encode(whole)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/quote",
		func(w http.ResponseWriter, _ *http.Request) { answer(w, quote) })
	mux.HandleFunc("POST /v1/swap-instructions", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, instructions, map[string]any{
			"addressLookupTableAddresses": []any{table}, "tokenLedgerInstruction": nil})
	})

	mux.HandleFunc("GET /v2/build", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, quote, instructions, map[string]any{"tipInstruction": nil,
			"addressesByLookupTableAddress": map[string]any{table.String(): []any{request.Owner}}})
	})

	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	return server.URL
}

// excused reports whether an error is no fault of the legs: the leg and the
// trade move the same pool, or do not fit together.
func excused(err error) bool {
	return errors.Is(err, txn.ErrTransactionTooLarge) || errors.Is(err, txn.ErrTooManyAccounts) ||
		errors.Is(err, progerr.ErrSlippage) || errors.Is(err, sdk.ErrStepConflict)
}

// honest builds, witnesses and executes the trade with its leg.
func (r *foreignRun) honest(c foreignCase) {
	t := r.t
	unsigned, err := c.client.Build(t.Context(), c.q, c.options)
	if err != nil {
		reason := "other failure"
		for _, known := range []error{txn.ErrTransactionTooLarge, txn.ErrTooManyAccounts,
			progerr.ErrSlippage, sdk.ErrStepConflict} {
			if errors.Is(err, known) {
				reason = known.Error()
			}
		}

		var failure *progerr.TransactionError
		if !excused(err) && !errors.As(err, &failure) || errors.Is(err, sdk.ErrLegBroken) {
			require.NoError(t, err, "%s: %s", c.name, c.q.Venue)
		}

		r.outcomes["not built: "+reason]++
		if reason == "other failure" {
			t.Logf("%s: %v", c.name, err)
		}

		return
	}

	r.witness(c, unsigned)
	r.outcomes["executed: "+c.kind()]++
	r.execute(c, unsigned)
}

// execute sends the transaction and compares all balances.
func (r *foreignRun) execute(c foreignCase, unsigned *txn.Unsigned) {
	t := r.t
	signed, err := unsigned.Sign(t.Context(), c.signers...)
	require.NoError(t, err)
	keys := slices.Compact(sortedKeys(append(touchedBy(unsigned), r.user.PublicKey())))
	before := r.get(keys...)
	receipt, err := c.client.Send(t.Context(), signed)
	require.NoError(t, err, c.name)
	after := r.get(keys...)
	change := func(mint solana.PublicKey) int64 {
		if mint != accounts.NativeMint {
			return int64(tokensIn(t, after, r.ata(mint)) - tokensIn(t, before, r.ata(mint)))
		}

		owner, wrapped := r.user.PublicKey(), r.ata(mint)
		sum := int64(lamportsIn(after, owner) - lamportsIn(before, owner))
		if exists(before, wrapped) && !exists(after, wrapped) {
			sum -= int64(lamportsIn(before, wrapped))
		}

		if c.options.Payer.IsZero() {
			sum += int64(receipt.Fee)
		}

		return sum
	}

	// least is the lowest balance of a token after the trade and the leg.
	least := map[solana.PublicKey]int64{c.leg.InMint: -int64(c.leg.In)}
	least[c.leg.OutMint] += int64(c.leg.MinOut)
	least[c.q.Request.From] -= int64(c.q.MaxIn)
	least[c.q.Request.To] += int64(c.q.MinOut)
	for mint, amount := range least {
		if mint == accounts.NativeMint {
			amount -= maxRents
		}

		require.GreaterOrEqual(t, change(mint), amount, "%s: %s", c.name, mint)
	}

	if c.after && c.leg.InMint != accounts.NativeMint &&
		change(c.leg.InMint) == int64(c.q.Out-c.leg.In) {
		r.outcomes["trade paid as quoted"]++
	}

	for _, mint := range []solana.PublicKey{c.leg.InMint, c.leg.OutMint} {
		account, err := after.Get(r.ata(mint))
		if mint == accounts.NativeMint {
			require.ErrorIs(t, err, accounts.ErrNotFound, c.name)
			continue
		}

		require.NoError(t, err)
		token, err := accounts.DecodeTokenAccount(account)
		require.NoError(t, err)
		require.Nil(t, token.Delegate)
		require.Nil(t, token.CloseAuthority)
	}

}

// kind describes the leg.
func (c foreignCase) kind() string {
	kind := "leg before the trade"
	if c.after {
		kind = "leg after the trade"
	}

	switch accounts.NativeMint {
	case c.leg.InMint:
		kind += ", SOL in"
	case c.leg.OutMint:
		kind += ", SOL out"
	}

	if !c.options.Payer.IsZero() {
		kind += ", sponsored"
	}

	return kind
}

// maxRents covers the rents that the owner pays for a trade and a leg.
const maxRents = 4 * 2_282_880

// witness reviews the transaction with the policy of its options. Verify
// refuses the foreign program, or another step it does not permit; the
// simulated outcome satisfies the policy.
func (r *foreignRun) witness(c foreignCase, unsigned *txn.Unsigned) {
	t := r.t
	policy, err := c.client.Policy(t.Context(), c.q, c.options)
	require.NoError(t, err, c.name)
	review, err := c.client.Review(t.Context(), unsigned.Base64(), policy)
	var refused *explain.VerifyError
	require.ErrorAs(t, err, &refused, c.name)
	require.NotNil(t, review)
	require.NoError(t, c.client.Witness(t.Context(), review), c.name)
	r.outcomes["witnessed"]++
}
