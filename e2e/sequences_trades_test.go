package e2e

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// share returns a part of an amount in millionths, and at least one.
func share(amount, millionths uint64) uint64 {
	high, low := bits.Mul64(amount, min(millionths, 1_000_000))
	part, _ := bits.Div64(high, low, 1_000_000)
	return max(part, 1)
}

// chosen returns an element of a list that must not be empty.
func chosen[T any](list []T, number int) T { return list[number%len(list)] }

// request returns the trade that an operation asks for.
func (w *sequenceWorld) request(o operation) (route.Request, bool) {
	owner, mints := chosen(w.wallets, o.owner).PublicKey(), w.mints()
	held := w.heldBy(owner, o.with.has(wrapped))
	if len(held) == 0 {
		return route.Request{}, false
	}

	request := route.Request{
		From: chosen(held, o.from),
		To:   chosen(mints, o.to),
		Options: route.Options{
			SlippageBps:      uint16(o.pick%2) * 50,
			AllowPoolUpdate:  o.with.has(updates),
			UseWSOL:          o.with.has(wrapped),
			OnlyDirectRoutes: o.with.has(direct),
			Deactivate:       o.with.has(deactivates),
			User:             owner,
		},
	}
	if o.with.has(prefunds) {
		request.MaxPrefund = 10 * sol
	}

	if o.with.has(exactOut) && o.kind != opMost {
		request.SwapMode = route.ExactOut
	}

	if o.with.has(toAnother) {
		request.Recipient = chosen(w.wallets, o.owner+1).PublicKey()
	}

	balance := w.balance(owner, request.From, request.UseWSOL)
	switch {
	case o.kind == opFromStake:
		stakes := w.stakesOf(owner)
		if len(stakes) == 0 {
			return request, false
		}

		request.From = chosen(stakes, o.from)
		balance = w.at(request.From).Lamports

	case o.kind == opToStake:
		request.To = route.NativeStake
	case request.From == request.To:
		request.To = chosen(mints, o.to+1)
	}

	request.Amount = share(balance, o.size)
	if o.kind == opFromStake && o.with.has(whole) {
		request.Amount = balance
	}

	return request, balance > 0
}

// trade executes one of the quotes for a request, unless all venues refuse.
func (w *sequenceWorld) trade(o operation) string {
	request, ok := w.request(o)
	if !ok {
		return idle
	}

	loader := route.NewLoader(w.scene.tokens...)
	if o.kind == opFromStake {
		loader = loader.WithStakeAccounts(request.From)
	}

	w.stage = "load"
	market, err := w.client.LoadMarketWith(w.t.Context(), loader)
	require.NoError(w.t, err)
	w.stage = "quote"
	quotes, rejected := market.Quotes(request)
	for _, no := range rejected {
		w.tally.refusals[sentinel(no.Err)]++
	}

	if len(quotes) == 0 {
		return refused + "no venue"
	}

	q := chosen(quotes, o.pick)
	if q.NeedsTwoTransactions {
		q = q.Legs[0]
	}

	return w.execute(o, q)
}

// most executes the largest trade that an owner can make.
func (w *sequenceWorld) most(o operation) string {
	request, ok := w.request(o)
	if !ok {
		return idle
	}

	w.stage = "most"
	q, err := w.client.MaxInput(w.t.Context(), request.From, request.To, sdk.TradeOptions{
		Options:      request.Options,
		BuildOptions: w.options(o),
	})
	if err != nil {
		return refused + "most: " + sentinel(err)
	}

	result := w.execute(o, q)
	if q.Request.UseWSOL && request.From == accounts.NativeMint {
		// The client counts the lamports of the wallet, too.
		return result
	}

	require.Equal(w.t, executed, result, "the largest trade, %s of %d", q.Venue, q.In)

	return result
}

// options returns the options of the transaction of an operation.
func (w *sequenceWorld) options(o operation) sdk.BuildOptions {
	options := sdk.BuildOptions{
		Owner:    chosen(w.wallets, o.owner).PublicKey(),
		Seed:     fmt.Sprintf("operation %d", o.id),
		Priority: sdk.PriorityFee{None: true},
	}
	if o.with.has(sponsored) {
		options.Payer = w.sponsor.PublicKey()
	}

	return options
}

// execute executes a quote and accounts for everything that it moves.
func (w *sequenceWorld) execute(o operation, q route.Quote) string {
	ctx, owner := w.t.Context(), chosen(w.wallets, o.owner)
	require.True(w.t, q.Exact, "%s is not exact", q.Venue)
	options := w.options(o)
	if q.NeedsStakeKeypair {
		options.StakeKeypair = w.keyOf(uint64(o.id))
	}

	signers := []txn.Signer{owner}
	if !options.Payer.IsZero() {
		signers = append(signers, w.sponsor)
	}

	w.stage = "build"
	unsigned, err := w.client.Build(ctx, q, options)
	if err != nil {
		return refused + "build: " + w.allowed(err, q)
	}

	w.stage = "verify"
	policy, err := w.client.Policy(ctx, q, options)
	require.NoError(w.t, err)
	require.NoError(w.t, explain.Verify(explain.Transaction(unsigned, nil), policy), q.Venue)

	var stake accounts.Account
	if o.kind == opFromStake {
		stake = w.at(q.Request.From)
	}

	b := w.commit(string(q.Venue), unsigned, signers...)
	w.stage = "amounts"
	if !slices.Contains(w.feesOf, owner.PublicKey()) &&
		!slices.Contains(w.feesOf, q.Request.Recipient) {
		// The fee of an update is not part of the output.
		ways := *w.waysRun
		ways.user = owner
		ways.checkAmounts(&scene{stake: stake, pools: w.scene.pools}, q, options, b)
	}

	w.tally.venues[string(q.Venue)]++

	return executed
}

// allowed returns the reason why a quote was not built. A program that refuses
// what was quoted is a fault.
func (w *sequenceWorld) allowed(err error, q route.Quote) string {
	var payer *sdk.PayerError
	var funds *sdk.FundsError
	switch {
	case errors.As(err, &payer):
		return "payer has too few lamports"
	case errors.As(err, &funds):
		return "owner has too little"
	case errors.Is(err, txn.ErrTransactionTooLarge):
		return "transaction too large"
	case w.isPoor(q) && errors.Is(err, progerr.ErrInsufficientFunds):
		return "too few lamports for rents"
	}

	require.NoError(w.t, err, "%s: %+v", q.Venue, q.Request)

	return ""
}

// isPoor reports whether a wallet may lack the lamports for the rents of a
// quote.
func (w *sequenceWorld) isPoor(q route.Quote) bool {
	const rents = 20_000_000
	spent := q.UpfrontRent
	if q.Request.From == accounts.NativeMint {
		spent += q.In
	}

	return w.at(q.Request.User).Lamports < spent+rents
}

// commit sends a transaction. It fails unless all its accounts are afterwards
// as the forecast predicts.
func (w *sequenceWorld) commit(
	name string,
	unsigned *txn.Unsigned,
	signers ...txn.Signer,
) balances {
	told := explain.Transaction(unsigned, w.client.Registry())
	keys := []solana.PublicKey{told.Payer}
	for _, in := range told.Instructions {
		for _, a := range in.Accounts {
			if a.Writable {
				keys = append(keys, a.Address)
			}
		}
	}

	keys = slices.Compact(sortedKeys(keys))
	before := w.getAll(keys)
	w.stage = "forecast"
	require.NoError(w.t, w.apply(told), name)

	w.stage = "execution"
	signed, err := unsigned.Sign(w.t.Context(), signers...)
	require.NoError(w.t, err, name)
	receipt, err := w.client.Send(w.t.Context(), signed)
	require.NoError(w.t, err, name)
	w.tally.sent++

	after := w.getAll(keys)
	w.stage = "state"
	w.agree(keys, after)
	total := new(big.Int).SetUint64(receipt.Fee)
	for _, key := range keys {
		total.Add(total, new(big.Int).SetUint64(lamportsIn(after, key)))
		total.Sub(total, new(big.Int).SetUint64(lamportsIn(before, key)))
	}

	require.Zero(w.t, total.Sign(), "%s: %s lamports came from or went to nowhere", name, total)

	return balances{
		t:      w.t,
		name:   name,
		before: before,
		after:  after,
		fee:    receipt.Fee,
	}
}

// sentinel returns the innermost error, which has no numbers in it.
func sentinel(err error) string {
	var none *route.NoRouteError
	if errors.As(err, &none) {
		return "no route"
	}

	for {
		next := errors.Unwrap(err)
		if next == nil {
			break
		}

		err = next
	}

	text := err.Error()
	if several, ok := err.(interface{ Unwrap() []error }); ok && len(several.Unwrap()) > 0 {
		return sentinel(several.Unwrap()[0])
	}

	if at := strings.IndexAny(text, "(:"); at > 0 {
		text = strings.TrimSpace(text[:at])
	}

	return text
}

func joinLines(lines []string) string { return strings.Join(lines, "\n") }
