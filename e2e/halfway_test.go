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

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_PartialExecution executes trades that take two transactions. If
// the chain does not change, both land and bring the quoted amounts. If it
// changes in between, the second transaction brings the new amount or is not
// sent, and the wallet keeps the output of the first one.
func TestClient_PartialExecution(t *testing.T) {
	r := newLegsRun(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases)) / 4
	done := make(map[string]int)
	scenes := uint64(0)
	for n := 0; n < cases; scenes++ {
		require.Less(t, scenes, uint64(20*cases), "hardly any trade takes two transactions")
		rng := rand.New(rand.NewPCG(seed, scenes))
		for range 4 {
			h := halfway{legsRun: r, interference: interferences[n%len(interferences)], done: done}
			if h.one(rng, fmt.Sprintf("seed %d, scene %d", seed, scenes)) {
				n++
			}
		}
	}

	t.Logf("seed %d, %d scenes", seed, scenes)
	for _, name := range sortedNames(done) {
		t.Logf("%4d %s", done[name], name)
	}
}

// interference is a change of the second transaction's venue.
type interference struct {
	name string
	// signing makes the change happen when the second transaction is signed
	// instead of when the first one is sent.
	signing bool
	// change modifies the pool of the second venue: nil leaves it, none removes
	// it.
	change func(pool accounts.StakePool) accounts.StakePool
	remove bool
	// memo adds a long memo to both transactions.
	memo bool
}

var interferences = []interference{
	{name: "nothing happened"},
	{name: "neither fitted, and nothing was signed", memo: true},
	{name: "the venue vanished before it was quoted", remove: true},
	{name: "the venue vanished when it was signed", remove: true, signing: true},
	{
		name: "the price fell by half before it was quoted",
		change: func(p accounts.StakePool) accounts.StakePool {
			p.TotalLamports *= 2
			return p
		},
	},
	{
		name:    "the price fell by half when it was signed",
		signing: true,
		change: func(p accounts.StakePool) accounts.StakePool {
			p.TotalLamports *= 2
			return p
		},
	},
	{
		name: "the price rose before it was quoted",
		change: func(p accounts.StakePool) accounts.StakePool {
			p.TotalLamports -= p.TotalLamports / 50
			return p
		},
	},
}

// halfway is one trade in two transactions.
type halfway struct {
	*legsRun
	interference
	done map[string]int

	scene *scene
	quote route.Quote
	// signed counts the messages that the owner signed; touched has their
	// accounts, and before the state of these.
	signed  int
	touched []solana.PublicKey
	before  *accounts.Set
	sent    bool
}

// landed is called when a transaction was sent.
func (h *halfway) landed() {
	if !h.sent {
		h.sent = true
		if !h.signing {
			h.interfere()
		}
	}
}

// PublicKey implements txn.Signer.
func (h *halfway) PublicKey() solana.PublicKey { return h.user.PublicKey() }

// Sign implements txn.Signer. It records the accounts that are about to change.
func (h *halfway) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	var m solana.Message
	if err := m.UnmarshalWithDecoder(bin.NewBinDecoder(message)); err != nil {
		return solana.Signature{}, err
	}

	var fresh []solana.PublicKey
	keys := append(m.AccountKeys, h.ata(h.quote.Request.To), h.payer.PublicKey())
	for _, lookup := range m.AddressTableLookups {
		table, err := accounts.Load(h.get(lookup.AccountKey), lookup.AccountKey,
			accounts.DecodeLookupTable)
		if err != nil {
			return solana.Signature{}, err
		}

		for _, at := range slices.Concat(lookup.WritableIndexes, lookup.ReadonlyIndexes) {
			keys = append(keys, table.Addresses[at])
		}
	}

	for _, key := range keys {
		if !slices.Contains(h.touched, key) {
			fresh = append(fresh, key)
		}
	}

	set := h.getAll(fresh)
	for _, key := range fresh {
		if a, err := set.Get(key); err == nil {
			h.before.Put(a)
		} else {
			h.before.PutMissing(key)
		}
	}

	h.touched = append(h.touched, fresh...)
	if h.signed++; h.signed == 2 && h.signing {
		h.interfere()
	}

	return h.user.Sign(ctx, message)
}

// target returns the stake pool of the second leg, or nil if the venue is of
// another kind or computes its price again.
func (h *halfway) target() *figures.StakePool {
	for _, pool := range h.scene.pools {
		if pool.Address == h.quote.Legs[1].Accounts[0] &&
			h.quote.Legs[1].Request.To == pool.State.PoolMint &&
			pool.State.LastUpdateEpoch == h.chain.Clock.Epoch {
			return pool
		}
	}
	return nil
}

// interfere changes the chain.
func (h *halfway) interfere() {
	address := h.quote.Legs[1].Accounts[0]
	switch {
	case h.remove:
		require.Nil(h.t, h.batch(dropAccount(address))[0].Error)
	case h.change != nil:
		account, err := h.get(address).Get(address)
		require.NoError(h.t, err)
		pool, err := accounts.DecodeStakePool(account)
		require.NoError(h.t, err)
		changed := h.change(*pool)
		copy(account.Data, changed.Encode())
		require.Nil(h.t, h.batch(setAccount(account))[0].Error)
	}
}

// one draws a scene and trades in it, if the trade takes two transactions and
// the interference applies to the second.
func (h *halfway) one(rng *rand.Rand, name string) bool {
	t := h.t
	s := h.draw(rng)
	h.scene, h.before = s, accounts.NewSet(1)
	var hidden []solana.PublicKey
	for _, key := range h.hideable(s) {
		if rng.IntN(3) == 0 {
			hidden = append(hidden, key)
		}
	}

	h.publish(s, solana.PublicKey{}, held, 0)
	client := h.client(s, h.newBlind(h.landed, hidden...))
	request, ok := h.takesTwo(rng, client)
	if !ok {
		return false
	}

	var err error
	name += fmt.Sprintf(", %s: %s, %+v", h.name, h.quote.Venue, request)
	h.publish(s, request.To, held, 5)
	if request.To == accounts.NativeMint {
		h.batch(dropAccount(h.ata(request.To)))
	}

	if hub := between(h.quote); !hub.IsZero() && hub != accounts.NativeMint {
		h.batch(dropAccount(h.ata(hub)))
	}

	request.NoSlippage = true
	o := sdk.BuildOptions{Owner: h.user.PublicKey(), Seed: crand.Text()[:10],
		Priority: sdk.PriorityFee{None: true}}
	if h.quote.NeedsStakeKeypair {
		o.StakeKeypair, err = txn.GenerateKeySigner()
		require.NoError(t, err)
	}

	signers := []txn.Signer{h}
	if rng.IntN(2) == 0 {
		o.Payer, signers = h.payer.PublicKey(), append(signers, h.payer)
		if unfit(client, h.quote, o) {
			return false
		}
	}

	if h.memo {
		o.Memo = strings.Repeat("x", 900)
		_, _, err := client.Execute(t.Context(), request, o, signers...)
		require.ErrorIs(t, err, txn.ErrTransactionTooLarge, name)
		require.Zero(t, h.signed, "%s: it was too late", name)
		h.done[h.name]++

		return true
	}

	receipt, q, err := client.Execute(t.Context(), request, o, signers...)
	require.Equal(t, []any{h.quote.Venue, h.quote.In, h.quote.Out, true},
		[]any{q.Venue, q.In, q.Out, q.NeedsTwoTransactions}, name)
	kind := "splits"
	if !between(q).IsZero() {
		kind = "two steps"
	}

	outcome := "both landed"
	if err == nil {
		h.bothLanded(q, o, receipt, name)
	} else {
		outcome = h.onlyTheFirst(q, o, receipt, err, name)
	}

	h.done[fmt.Sprintf("%s: %s, %s", h.name, kind, outcome)]++

	return true
}

// unfit reports whether one of the legs is too large for a transaction, e.g.
// with a sponsor.
func unfit(client *sdk.Client, q route.Quote, o sdk.BuildOptions) bool {
	o.SkipSimulation, o.SkipPayerCheck = true, true
	for _, leg := range q.Legs {
		if _, err := client.Build(context.Background(), leg, o); errors.Is(err,
			txn.ErrTransactionTooLarge) {
			return true
		}
	}
	return false
}

// takesTwo finds a request whose best quote takes two transactions, and to
// which the interference applies.
func (h *halfway) takesTwo(rng *rand.Rand, client *sdk.Client) (request route.Request, ok bool) {
	t := h.t
	all, err := client.LoadMarketWith(t.Context(),
		route.NewLoader(h.scene.tokens...).WithStakeAccounts(h.scene.stake.Address))
	require.NoError(t, err)
	for range 40 {
		request = h.request(rng, h.scene)
		request.MaxTransactions, request.UseWSOL = 2, false
		request.Referrer = solana.PublicKey{}
		request.Amount = sol + rng.Uint64N(200*sol)

		if h.quote, err = all.Quote(request); err != nil || !h.quote.NeedsTwoTransactions ||
			h.change != nil && h.target() == nil {
			continue
		}

		for _, token := range h.scene.tokens {
			request.Intermediates = append(request.Intermediates, token.Mint)
		}

		market, err := client.LoadMarketForRequest(t.Context(), request)
		require.NoError(t, err)
		if h.quote, err = market.Quote(request); err == nil && h.quote.NeedsTwoTransactions &&
			(h.change == nil || h.target() != nil) {
			return request, true
		}
	}

	return request, false
}

// bothLanded accounts for the changes of two transactions.
func (h *halfway) bothLanded(q route.Quote, o sdk.BuildOptions, receipt *sdk.Receipt, name string) {
	t := h.t
	require.False(t, h.remove, name)
	require.NotNil(t, receipt.Previous, name)
	require.Nil(t, receipt.Previous.Previous, name)
	require.NotEqual(t, receipt.Signature, receipt.Previous.Signature, name)
	require.Equal(t, 2, h.signed, name)
	b := balances{
		t:      t,
		name:   name,
		before: h.before,
		after:  h.get(h.touched...),
		fee:    receipt.Fee + receipt.Previous.Fee,
	}
	if h.change == nil {
		h.check(h.scene, q, o, b, h.touched)
		h.checkInfinity(q, b)
		return
	}

	// The common limit holds, and the second output matches the pool at that
	// time.
	gained := b.tokensGained(h.ata(q.Request.To))
	if !q.Request.Recipient.IsZero() {
		gained = b.tokensGained(h.ataOf(q.Request.Recipient, q.Request.To))
	}

	require.GreaterOrEqual(t, gained, q.MinOut, name)
	if q.Request.SwapMode == route.ExactIn {
		require.Greater(t, gained, q.Out, name)
	}
}

// onlyTheFirst accounts for the changes of the first transaction.
func (h *halfway) onlyTheFirst(
	q route.Quote,
	o sdk.BuildOptions,
	receipt *sdk.Receipt,
	err error,
	name string,
) string {
	t := h.t
	var half *sdk.PartialExecutionError
	require.ErrorAs(t, err, &half, "%s: %v", name, err)
	require.NotEqual(t, "nothing happened", h.name, "%s: %v", name, err)
	require.NoError(t, half.FirstReceipt.Err, name)
	require.Equal(t, q.Legs[0].Venue, half.FirstQuote.Venue, name)
	require.Equal(t, q.Legs[1].Request, half.RemainingQuote.Request, name)
	if receipt != nil {
		require.Equal(t, half.FirstReceipt, receipt.Previous, name)
		require.NotEqual(t, half.FirstReceipt.Signature, receipt.Signature, name)
	}

	before := o
	before.Seed += "1"
	touched := h.touched
	b := balances{
		t:      t,
		name:   name,
		before: h.before,
		after:  h.get(touched...),
		fee:    half.FirstReceipt.Fee,
	}

	touched = slices.DeleteFunc(slices.Clone(touched),
		func(key solana.PublicKey) bool { return key == q.Legs[1].Accounts[0] })
	h.check(h.scene, half.FirstQuote, before, b, touched)
	for _, reason := range []error{sdk.ErrPriceMoved, route.ErrNoRoute, sdk.ErrSimulation,
		sdk.ErrNotSent} {
		if errors.Is(err, reason) {
			return reason.Error()
		}
	}

	return err.Error()
}
