package e2e

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
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

// buildInAny builds a quote for a wallet that takes version 0, 0 and 1, or 1
// alone, as its input decides. What version 1 cannot name is built for a wallet
// that takes both.
func buildInAny(
	ctx context.Context, client *sdk.Client, q route.Quote, o *sdk.BuildOptions,
) (*txn.Unsigned, error) {
	both := []txn.Version{txn.Version0, txn.Version1}
	o.Versions = [][]txn.Version{nil, nil, both, onlyVersion1}[q.In%4]
	unsigned, err := client.Build(ctx, q, *o)
	if errors.Is(err, txn.ErrTooManyAccounts) && q.In%4 == 3 {
		o.Versions = both
		unsigned, err = client.Build(ctx, q, *o)
	}

	return unsigned, err
}

// onlyVersion1 are the versions of a wallet that takes no others.
var onlyVersion1 = []txn.Version{txn.Version1}

// TestVersion1_EveryRoute executes every route of the table of sizes in a
// transaction of version 1, paid by the owner and by a sponsor, with existing
// and with new token accounts. The message must be the one that solana-go
// encodes, and pass through parsing, review and both policies; the amounts must
// be those of the quote. Wallets that take other versions must never get it.
func TestVersion1_EveryRoute(t *testing.T) {
	l := connect(t)
	interceptor := l.programHash(accounts.InterceptorProgram) != ""
	r := newSizesRun(l)
	m := sizesMarket(t)
	r.publishSizes(m)
	client, err := sdk.New(l.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(t.Context(), sizesLoader(t, m))
	require.NoError(t, err)
	cases := sizeCases(t, market)
	most := int(envUint(t, casesVariable, uint64(len(cases))))
	done := make(map[string]int)
	// With fewer cases, they are spread over all routes.
	for i := 0; i < len(cases); i += max(1, len(cases)/max(1, most)) {
		q := cases[i]
		if q.Receipt != nil && !interceptor {
			continue
		}

		name := string(q.Venue) + ": " +
			kindOf(t, market, string(q.Venue), q.Request.From, q.Request.Amount) + " to " +
			kindOf(t, market, string(q.Venue), q.Request.To, 0)
		for n, payer := range []*txn.KeySigner{r.user, r.payer} {
			r.putSizes(m) // As it was when it was quoted.
			c := version1Case{waysRun: r, client: client, quote: q, payer: payer, name: name}
			c.run((i+n)%2 == 0)
			done[name]++
		}
	}

	for _, name := range sortedNames(done) {
		t.Logf("%4d %s", done[name], name)
	}
}

// version1Case is a quote to execute in version 1.
type version1Case struct {
	*waysRun
	client *sdk.Client
	quote  route.Quote
	payer  *txn.KeySigner
	name   string
}

// options returns the options of the case.
func (c *version1Case) options() sdk.BuildOptions {
	o := sdk.BuildOptions{
		Owner:    c.user.PublicKey(),
		Payer:    c.payer.PublicKey(),
		Seed:     crand.Text()[:10],
		Versions: onlyVersion1,
	}
	if rand.IntN(2) == 0 {
		o.Priority = sdk.PriorityFee{ComputeUnitPrice: 12_345}
	}

	if c.quote.NeedsStakeKeypair {
		key, err := txn.GenerateKeySigner()
		require.NoError(c.t, err)
		o.StakeKeypair = key
	}

	return o
}

// run executes the quote. held tells whether the owner has the token accounts.
func (c *version1Case) run(held bool) {
	t := c.t
	c.endow(held)
	o := c.options()
	unsigned, err := c.client.Build(t.Context(), c.quote, o)
	require.NoError(t, err, c.name)
	require.Equal(t, txn.Version1, unsigned.Version(), c.name)
	c.requireEncoding(unsigned)
	c.requirePolicies(unsigned, o)
	c.requireNegotiation(o)
	c.send(unsigned, o)
}

// endow gives the owner what the quote takes.
func (c *version1Case) endow(held bool) {
	rent, err := c.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(c.t, err)
	owner, from, to := c.user.PublicKey(), c.quote.Request.From, c.quote.Request.To
	calls := []call{dropAccount(c.ata(to))}
	if held && to != route.NativeStake {
		calls[0] = setAccount(figures.TokenAccount(c.ata(to), to, owner, 5, rent))
	}

	if from != accounts.NativeMint && from != sizedStake && from != cooledStake {
		calls = append(calls,
			setAccount(figures.TokenAccount(c.ata(from), from, owner, 1_000*sol, rent)))
	}

	for _, reply := range c.batch(calls...) {
		require.Nil(c.t, reply.Error)
	}
}

// requireEncoding compares the message with that of solana-go, and parses it.
func (c *version1Case) requireEncoding(u *txn.Unsigned) {
	t := c.t
	require.LessOrEqual(t, u.Size(), txn.MaxSizeVersion1, c.name)
	require.Empty(t, u.LookupTables(), c.name)
	require.NotContains(t, u.Programs(), accounts.ComputeBudgetProgram, c.name)
	require.Equal(t, version1Message(t, u), u.Message(), c.name)
	for _, text := range []string{u.Base64(), u.Partial().Base64()} {
		parsed, err := txn.Parse(text, u.Lifetime())
		require.NoError(t, err, c.name)
		require.Equal(t, u.Message(), parsed.Unsigned().Message(), c.name)
		require.Equal(t, u.Budget(), parsed.Unsigned().Budget(), c.name)
		require.Equal(t, u.Programs(), parsed.Unsigned().Programs(), c.name)
		require.Equal(t, u.WritableAccounts(), parsed.Unsigned().WritableAccounts(), c.name)
		require.Equal(t, u.Signers(), parsed.MissingSigners(), c.name)
	}
}

// version1Message encodes the steps and the budget of a transaction with
// solana-go.
func version1Message(t testing.TB, u *txn.Unsigned) []byte {
	t.Helper()
	budget := u.Budget()
	config := solana.TransactionConfig{}.WithComputeUnitLimit(budget.ComputeUnitLimit).
		WithLoadedAccountsDataSizeLimit(budget.LoadedAccountsDataSizeLimit)
	if budget.PriorityLamports > 0 {
		config = config.WithPriorityFee(budget.PriorityLamports)
	}

	var ixs []solana.Instruction
	for _, step := range u.Steps() {
		ixs = append(ixs, step.Instruction)
	}

	text, err := compiled(txn.Version1, u.RequiredSigners()[0], u.Lifetime().Blockhash, nil, ixs,
		solana.TransactionV1Config(config))
	require.NoError(t, err)
	tx, err := solana.TransactionFromBase64(text)
	require.NoError(t, err)
	message, err := tx.Message.MarshalBinary()
	require.NoError(t, err)

	return message
}

// requirePolicies verifies the transaction as the owner and as the sponsor.
func (c *version1Case) requirePolicies(u *txn.Unsigned, o sdk.BuildOptions) {
	t := c.t
	policy, err := c.client.Policy(t.Context(), c.quote, o)
	require.NoError(t, err, c.name)
	require.Equal(t, onlyVersion1, policy.Versions)
	review, err := c.client.Review(t.Context(), u.Base64(), policy)
	require.NoError(t, err, c.name)
	require.Equal(t, txn.Version1, review.Explanation.Version)
	fee, err := u.NetworkFee()
	require.NoError(t, err)
	require.Equal(t, fee, review.Explanation.NetworkFee, c.name)
	require.NoError(t, c.client.Witness(t.Context(), review), c.name)

	other := policy
	other.Versions = []txn.Version{txn.VersionLegacy, txn.Version0}
	require.ErrorIs(t, explain.Verify(review.Explanation, other), explain.ErrFormNotAllowed)
	if c.payer == c.user {
		policy.MaxNetworkFee = fee - 1
		require.ErrorIs(t, explain.Verify(review.Explanation, policy), explain.ErrNetworkFee)
		return
	}

	sponsor, err := c.client.SponsorPolicy(t.Context(), c.quote, o)
	require.NoError(t, err, c.name)
	require.NoError(t, explain.VerifySponsor(review.Explanation, sponsor), c.name)
	sponsor.MaxNetworkFee = fee - 1
	require.ErrorIs(t, explain.VerifySponsor(review.Explanation, sponsor), explain.ErrNetworkFee)
}

// requireNegotiation builds the quote for wallets that take other versions.
func (c *version1Case) requireNegotiation(o sdk.BuildOptions) {
	t := c.t
	kept := lifetime(t, c.batch(latestBlockhash)[0])
	o.Lifetime, o.SkipSimulation, o.SkipPayerCheck = &kept, true, true
	o.Priority = sdk.PriorityFee{ComputeUnitPrice: 1}
	quote := c.quote
	quote.Tables = nil
	fits := false
	for _, versions := range [][]txn.Version{nil, {txn.VersionLegacy},
		{txn.VersionLegacy, txn.Version0}} {
		o.Versions = versions
		u, err := c.client.Build(t.Context(), quote, o)
		if fits = err == nil; fits {
			require.NotEqual(t, txn.Version1, u.Version(), c.name)
			continue
		}

		var large *txn.SizeError
		require.ErrorAs(t, err, &large, c.name)
		require.Contains(t, large.FitsIn, txn.Version1, c.name)
	}

	o.Versions = []txn.Version{txn.Version0, txn.Version1}
	u, err := c.client.Build(t.Context(), quote, o)
	require.NoError(t, err, c.name)
	if fits {
		require.Equal(t, txn.Version0, u.Version(), c.name)
	} else {
		require.Equal(t, txn.Version1, u.Version(), c.name)
	}
}

// send signs and sends the transaction, and accounts for what it moved.
func (c *version1Case) send(unsigned *txn.Unsigned, o sdk.BuildOptions) {
	t := c.t
	partial, err := unsigned.Partial().Sign(t.Context(), c.payer)
	require.NoError(t, err, c.name)
	stored, err := txn.Parse(partial.Base64(), unsigned.Lifetime())
	require.NoError(t, err, c.name)
	stored, err = stored.Sign(t.Context(), c.user)
	require.NoError(t, err, c.name)
	partial, err = partial.Merge(stored.Base64())
	require.NoError(t, err, c.name)
	signed, err := partial.Signed()
	require.NoError(t, err, c.name)

	touched := slices.Compact(sortedKeys(append(touchedBy(unsigned), c.user.PublicKey(),
		c.waysRun.payer.PublicKey(), c.ata(c.quote.Request.To))))
	before := c.get(touched...)
	receipt, err := c.client.Send(t.Context(), signed, sdk.WithNeverSent())
	require.NoError(t, err, c.name)
	fee, err := unsigned.NetworkFee()
	require.NoError(t, err)
	require.Equal(t, fee, receipt.Fee, c.name)
	require.Positive(t, receipt.UnitsConsumed, c.name)
	require.LessOrEqual(t, receipt.UnitsConsumed, uint64(unsigned.Budget().ComputeUnitLimit))
	b := balances{t: t, name: c.name, before: before, after: c.get(touched...), fee: receipt.Fee}
	s := &scene{}
	if from := c.quote.Request.From; from == sizedStake || from == cooledStake {
		s.stake.Address = from
	}

	if c.quote.Receipt != nil {
		c.requireReceipt(b, o)
	} else {
		c.checkAmounts(s, c.quote, o, b)
	}

	for _, reply := range c.batch(resetting(unsigned.WritableAccounts(), before)...) {
		require.Nil(t, reply.Error)
	}
}

// requireReceipt compares what a receipt and the owner's token account hold
// with the quote.
func (c *version1Case) requireReceipt(b balances, o sdk.BuildOptions) {
	t, q := c.t, &c.quote
	address, err := accounts.InterceptorReceiptAddress(accounts.InterceptorProgram,
		q.Receipt.StakePool, o.StakeKeypair.PublicKey())
	require.NoError(t, err)
	receipt, err := accounts.Load(b.after, address, accounts.DecodeInterceptorReceipt)
	require.NoError(t, err, c.name)
	require.Equal(t, o.Owner, receipt.Owner, c.name)
	require.Equal(t, q.Receipt.PoolTokens, receipt.PoolTokens, c.name)
	require.Equal(t, q.Out, receipt.PoolTokens+b.tokensGained(c.ata(q.Request.To)), c.name)
}

// versionSigner is the owner of a trade. It declares which versions it takes,
// and records the first byte of each message that it signs.
type versionSigner struct {
	*halfway
	takes []txn.Version
	first []byte
}

// Versions implements txn.VersionedSigner.
func (s *versionSigner) Versions() []txn.Version { return s.takes }

// Sign implements txn.Signer.
func (s *versionSigner) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	s.first = append(s.first, message[0])
	return s.halfway.Sign(ctx, message)
}

// TestVersion1_OneTransaction executes trades that take two transactions of
// version 0. A wallet that takes version 1 must sign one transaction, which
// must move the amounts of the quote. One that declares others must sign two of
// version 0.
func TestVersion1_OneTransaction(t *testing.T) {
	r := newLegsRun(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases)) / 4
	done := make(map[string]int)
	scenes := uint64(0)
	for n := 0; n < cases; scenes++ {
		require.Less(t, scenes, uint64(20*cases), "hardly any trade takes two transactions")
		rng := rand.New(rand.NewPCG(seed, scenes))
		for range 4 {
			h := halfway{legsRun: r, interference: interferences[0], done: done}
			if h.inVersion1(rng, fmt.Sprintf("seed %d, scene %d", seed, scenes), n%3 == 0) {
				n++
			}
		}
	}

	t.Logf("seed %d, %d scenes", seed, scenes)
	for _, name := range sortedNames(done) {
		t.Logf("%4d %s", done[name], name)
	}
}

// inVersion1 draws a scene and trades in it, if the trade takes two
// transactions of version 0. limited tells whether the wallet takes only
// version 0.
func (h *halfway) inVersion1(rng *rand.Rand, name string, limited bool) bool {
	t := h.t
	s := h.draw(rng)
	h.scene, h.before = s, accounts.NewSet(1)
	h.publish(s, solana.PublicKey{}, held, 0)
	client := h.client(s, h.newBlind(h.landed))
	request, ok := h.takesTwo(rng, client)
	if !ok {
		return false
	}

	name += fmt.Sprintf(", %s, %+v", h.quote.Venue, request)
	h.publish(s, request.To, held, 5)
	if request.To == accounts.NativeMint {
		h.batch(dropAccount(h.ata(request.To)))
	}

	if hub := between(h.quote); !hub.IsZero() && hub != accounts.NativeMint {
		h.batch(dropAccount(h.ata(hub)))
	}

	o := sdk.BuildOptions{
		Owner:    h.user.PublicKey(),
		Seed:     crand.Text()[:10],
		Priority: sdk.PriorityFee{None: true},
		Versions: []txn.Version{txn.Version0, txn.Version1},
	}

	key, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	o.StakeKeypair = key

	owner := &versionSigner{halfway: h, takes: o.Versions}
	signers := []txn.Signer{owner}
	if rng.IntN(2) == 0 {
		o.Payer, signers = h.payer.PublicKey(), append(signers, h.payer)
	}

	if limited {
		owner.takes = []txn.Version{txn.VersionLegacy, txn.Version0}
		if unfit(client, h.quote, sdk.BuildOptions{Owner: o.Owner, Payer: o.Payer,
			StakeKeypair: key}) {
			return false
		}
	}

	receipt, q, err := client.Execute(t.Context(), request, o, signers...)
	require.NoError(t, err, name)
	if !q.NeedsStakeKeypair {
		o.StakeKeypair = nil
	}

	h.requireVersion(q, o, receipt, owner, name)

	return true
}

// requireVersion checks what a wallet signed, and accounts for the changes of a
// trade in one transaction.
func (h *halfway) requireVersion(
	q route.Quote, o sdk.BuildOptions, receipt *sdk.Receipt, owner *versionSigner, name string,
) {
	t := h.t
	if !slices.Contains(owner.takes, txn.Version1) {
		require.True(t, q.NeedsTwoTransactions, name)
		require.Equal(t, []byte{0x80, 0x80}, owner.first, name)
		// TestClient_PartialExecution accounts for the amounts.
		require.NotNil(t, receipt.Previous, name)
		h.done["two transactions of version 0"]++

		return
	}

	require.False(t, q.NeedsTwoTransactions, name)
	require.Nil(t, receipt.Previous, name)
	require.Len(t, owner.first, 1, name)
	b := balances{
		t:      t,
		name:   name,
		before: h.before,
		after:  h.get(h.touched...),
		fee:    receipt.Fee,
	}

	h.check(h.scene, q, o, b, h.touched)
	h.checkInfinity(q, b)
	h.done[fmt.Sprintf("one transaction that begins with %#x", owner.first[0])]++
}

// TestVersion1_RefreshBlockhash replaces the blockhash of a transaction that
// was never sent, once it has expired, and sends the new one.
func TestVersion1_RefreshBlockhash(t *testing.T) {
	m := newMoneyRun(t, connect(t))
	m.versions = onlyVersion1
	m.begin(t)
	client := m.restarted(t)
	signed, err := m.build(t, client, solana.PublicKey{})
	require.NoError(t, err)
	m.slots(later)
	unsigned, _, err := client.RefreshBlockhash(m.within(t, patience), signed)
	require.NoError(t, err)
	require.Equal(t, txn.Version1, unsigned.Version())
	require.NotEqual(t, signed.Unsigned().Lifetime().Blockhash, unsigned.Lifetime().Blockhash)
	require.Equal(t, signed.Unsigned().Budget(), unsigned.Budget())
	receipt, err := client.Send(m.within(t, patience), m.sign(t, unsigned))
	require.NoError(t, err)
	require.NoError(t, receipt.Err)
	require.Equal(t, 1, m.payments())
	_, err = client.Send(m.within(t, patience), store(t, signed))
	require.ErrorIs(t, err, sdk.ErrExpired)
	require.Equal(t, 1, m.payments())
}
