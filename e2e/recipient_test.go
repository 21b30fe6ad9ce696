package e2e

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_Recipient executes every route that can pay another wallet than
// the owner, with the owner or a sponsor as payer. The recipient, who may be
// new to the chain, receives the quoted amount to the lamport. The owner
// receives nothing, and all upfront rent returns. If a route refuses the
// recipient, it serves the owner.
func TestClient_Recipient(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Reserve is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := &recipientRun{waysRun: newWaysRun(l), refusals: make(map[string]int),
		poor: make(map[string]int)}
	for i := range cases {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), seed, i)
	}

	t.Logf("seed %d", seed)
	for _, venue := range sortedNames(r.executed) {
		n := r.executed[venue]
		t.Logf("%-30s %4d paid as quoted, at most %d bytes and %d compute units (%d estimated)",
			venue, n.count, n.size, n.units, n.estimated)
	}

	for _, reason := range sortedNames(r.refusals) {
		t.Logf("%4d refused: %s", r.refusals[reason], reason)
	}

	for _, reason := range sortedNames(r.refused) {
		t.Logf("%4d not built: %s", r.refused[reason], reason)
	}

	for _, venue := range sortedNames(r.poor) {
		t.Logf("%4d times too little to open an account of the recipient's: %s", r.poor[venue],
			venue)
	}

	t.Logf(
		"%d times the state had changed: %d paid what was there then, %d failed since it was below the limit",
		r.late+r.failed,
		r.late,
		r.failed,
	)
}

// recipientRun is a waysRun that pays others.
type recipientRun struct {
	*waysRun
	refusals, poor map[string]int
	late, failed   int
}

func (r *recipientRun) one(rng *rand.Rand, seed uint64, i int) {
	t := r.t
	s := r.random(rng)
	request := r.request(rng, s, i)
	request.Recipient = newRecipient(t)
	if rng.IntN(3) == 0 {
		request.Recipient, request.AllowRecipientOffCurve = newVault(t), true
	}

	// Amounts around the rent of token accounts and of empty accounts are edge
	// cases, too.
	empty, token := rents(t, r.chain)
	exactSOL := request.SwapMode == route.ExactOut && request.To == accounts.NativeMint
	switch {
	case exactSOL && rng.IntN(3) == 0:
		request.Amount = [...]uint64{empty - 1, empty, token - 1, token, token + 1,
			1 + rng.Uint64N(5_000_000)}[rng.IntN(6)]
	case request.From == s.stake.Address && request.SwapMode == route.ExactIn && rng.IntN(4) == 0:
		request.Amount = 1 + rng.Uint64N(3_000_000)
	}

	const tokens = 1_000_000 * sol
	held := uint64(rng.IntN(2)) * 5
	r.publish(s, request.To, tokens, held)
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	loader := route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address)
	if rng.IntN(2) == 0 {
		table := figures.RandomKey(rng)
		putTable(r.localnet, table, r.inTable(s)...)
		loader = loader.WithLookupTables(table)
	}

	market, err := client.LoadMarketWith(context.Background(), loader)
	require.NoError(t, err)
	quotes, rejected := market.Quotes(request)
	r.refusedForRecipient(market, request, rejected)
	for n, q := range quotes {
		if q.Venue == "Infinity" {
			continue
		}

		name := fmt.Sprintf("seed %d, case %d: %s", seed, i, q.Venue)
		r.publish(s, request.To, tokens, held)
		known := r.place(rng, s, q.Request)
		if q.Request.To == accounts.NativeMint && !known && q.Out < empty {
			require.NotEmpty(t, q.Assumptions, name)
			_, err := client.Build(context.Background(), q,
				sdk.BuildOptions{Owner: r.user.PublicKey()})
			require.ErrorIs(t, err, sdk.ErrSimulation, name)
			r.poor[string(q.Venue)]++
			continue
		}

		r.execute(client, s, q, (i+n)%2 == 0, name)
		if q.MinOutCheck == route.CheckedByTempAccount && rng.IntN(2) == 0 {
			r.publish(s, request.To, tokens, held)
			r.tooLate(client, s, q, name)
		}
	}
}

// inTable returns the accounts of a scene's pools, as far as they fit a lookup
// table.
func (r *waysRun) inTable(s *scene) []solana.PublicKey {
	var keys []solana.PublicKey
	add := func(of []accounts.Account, err error) {
		require.NoError(r.t, err)
		for _, a := range of {
			keys = append(keys, a.Address)
		}
	}

	for _, pool := range s.pools {
		add(pool.Accounts(r.chain.Rent))
	}

	add(s.lido.Accounts(r.chain.Rent))
	add(s.marinade.Accounts(r.chain.Rent))
	for _, a := range s.others {
		keys = append(keys, a.Address)
	}

	return keys[:min(len(keys), 256)]
}

// putTable puts a lookup table on chain.
func putTable(l *localnet, address solana.PublicKey, keys ...solana.PublicKey) {
	table := accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch, Addresses: keys}
	reply := l.batch(setAccount(accounts.Account{
		Address:  address,
		Owner:    accounts.LookupTableProgram,
		Lamports: sol,
		Data:     table.Encode(),
	}))
	require.Nil(l.t, reply[0].Error)
}

// newRecipient returns the address of a wallet.
func newRecipient(t testing.TB) solana.PublicKey {
	key, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	return key.PublicKey()
}

// newVault returns an address off the curve, like that of a multisig's vault.
func newVault(t testing.TB) solana.PublicKey {
	key := newRecipient(t)
	vault, _, err := solana.FindProgramAddress([][]byte{[]byte("vault"), key[:]},
		accounts.MemoProgram)
	require.NoError(t, err)
	return vault
}

// place gives the recipient nothing, SOL, or also a token account.
func (r *recipientRun) place(rng *rand.Rand, s *scene, q route.Request) (known bool) {
	calls := []call{dropAccount(q.Recipient)}
	empty, rent := rents(r.t, r.chain)
	if known = rng.IntN(2) == 0; known {
		calls[0] = setAccount(accounts.Account{Address: q.Recipient, Owner: accounts.SystemProgram,
			Lamports: empty + rng.Uint64N(sol)})
	}

	for _, token := range s.tokens {
		address := r.ataOf(q.Recipient, token.Mint)
		if rng.IntN(2) == 0 {
			calls = append(calls, dropAccount(address))
			continue
		}

		calls = append(calls,
			setAccount(figures.TokenAccount(address, token.Mint, q.Recipient, rng.Uint64N(sol),
				rent)))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(r.t, reply.Error)
	}

	return known
}

// refusedForRecipient checks that a trade refused because of the recipient
// works for the owner, and that the refusal has a reason.
func (r *recipientRun) refusedForRecipient(
	m *route.Market,
	request route.Request,
	rejected []route.Rejection,
) {
	t := r.t
	forOwner := request
	forOwner.Recipient = solana.PublicKey{}
	for _, no := range rejected {
		if errors.Is(no.Err, txn.ErrTransactionTooLarge) {
			r.refusals[string(no.Venue)+": too large"]++ // A recipient takes some bytes more.
			continue
		}

		q, ok := venueQuote(m, forOwner, string(no.Venue))
		if !errors.Is(no.Err, route.ErrRecipient) {
			require.False(t, ok, "%s: %v", no.Venue, no.Err)
			continue
		}

		require.True(t, ok, "%s: %v", no.Venue, no.Err)
		why := "only the owner could check the balance"
		if q.MinOutCheck != route.CheckedByBalance {
			require.Equal(t, accounts.NativeMint, request.To, no.Venue)
			_, rent := rents(t, r.chain)
			require.LessOrEqual(t, q.MinOut, rent, "%s: %v", no.Venue, no.Err)
			why = "less than the rent of a token account"
		}

		r.refusals[string(no.Venue)+": "+why]++
	}
}

// tooLate builds a trade, makes its price worse with another one like it, and
// sends it. The recipient receives the amount at that time, or nothing if it is
// below the limit.
func (r *recipientRun) tooLate(client *sdk.Client, s *scene, q route.Quote, name string) {
	t := r.t
	ctx := context.Background()
	if q.Request.From == s.stake.Address ||
		q.Request.From == s.lido.State.StSOLMint &&
			s.lido.State.ExchangeRate.ComputedInEpoch < r.chain.Clock.Epoch {
		// Sold once, or updated once.
		return
	}

	build := func(of route.Quote) *txn.Signed {
		o := sdk.BuildOptions{Owner: r.user.PublicKey(), Payer: r.payer.PublicKey(),
			Seed: crand.Text()[:16]}
		if of.NeedsStakeKeypair {
			key, err := txn.GenerateKeySigner()
			require.NoError(t, err)
			o.StakeKeypair = key
		}

		unsigned, err := client.Build(ctx, of, o)
		if errors.Is(err, txn.ErrTransactionTooLarge) {
			return nil
		}

		require.NoError(t, err, name)
		signed, err := unsigned.Sign(ctx, r.user, r.payer)
		require.NoError(t, err, name)

		return signed
	}

	first, second := build(q), build(q)
	if first == nil || second == nil {
		return
	}

	require.NoError(t, r.localnet.execute(first), name)
	loader := route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address)
	market, err := client.LoadMarketWith(ctx, loader)
	require.NoError(t, err)
	request := q.Request
	request.SwapMode, request.Amount = route.ExactIn, q.In
	now, ok := venueQuote(market, request, string(q.Venue))
	if !ok {
		return
	}

	before := r.get(q.Request.Recipient, r.user.PublicKey(), r.payer.PublicKey())
	failure := r.localnet.execute(second)
	after := r.get(q.Request.Recipient, r.user.PublicKey(), r.payer.PublicKey())
	b := balances{t: t, name: name, before: before, after: after}
	if now.Out < q.MinOut {
		require.Error(t, failure, "%s: %d now, at least %d", name, now.Out, q.MinOut)
		require.Zero(t, b.gained(q.Request.Recipient), name)
		r.failed++
		return
	}

	var program *progerr.ProgramError
	if errors.As(failure, &program) && program.Name == "ValidatorWithMoreStakeExists" {
		// Lido pays from its largest validator only, and the first trade made
		// another one the largest.
		require.Equal(t, s.lido.State.StSOLMint, q.Request.From, name)
		require.Zero(t, b.gained(q.Request.Recipient), name)
		r.failed++
		return
	}

	require.NoError(t, failure, "%s: %d now, at least %d", name, now.Out, q.MinOut)
	require.Equal(t, now.Out, b.gained(q.Request.Recipient), name)
	require.Zero(t, b.gained(r.user.PublicKey()), name)
	r.late++
}

// TestInfinity_Recipient trades with Infinity for another wallet: tokens, INF,
// wrapped SOL and native SOL, exact in and exact out, with the owner or a
// sponsor as payer.
func TestInfinity_Recipient(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.InfinityProgram) == "" {
		t.Skip("Infinity is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(min(envUint(t, casesVariable, defaultCases), 150))
	counts := make(map[string]int)
	for name, pricing := range map[string]solana.PublicKey{"flat fee": accounts.FlatFeeProgram,
		"flat slab": accounts.FlatSlabProgram} {
		r := newInfinityRun(l, l.chain(), pricing)
		for i := range cases {
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			r.newMarket(rng)
			counts[r.swapForRecipient(rng, i, fmt.Sprintf("seed %d, case %d, %s", seed, i, name))]++
		}
	}

	t.Logf("seed %d", seed)
	for _, what := range sortedNames(counts) {
		t.Logf("%4d %s", counts[what], what)
	}
}

// swapForRecipient makes a trade and returns its result.
func (r *infinityRun) swapForRecipient(rng *rand.Rand, i int, name string) string {
	t := r.t
	ctx := context.Background()
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(r.openMarket(rng)),
		sdk.WithClock(hurried{}))
	require.NoError(t, err)
	from, to := r.mints[rng.IntN(len(r.mints))], r.mints[rng.IntN(len(r.mints))]
	switch i % 3 {
	case 0:
		to = accounts.NativeMint
	case 1:
		from = accounts.NativeMint
	}

	if from == to {
		return "pairs of equal tokens"
	}

	request := route.Request{
		From:   from,
		To:     to,
		Amount: sol + rng.Uint64N(100*sol),
		Options: route.Options{
			SlippageBps: 50,
			SwapMode:    route.SwapMode(i / 3 % 2),
			UseWSOL:     i%4 == 3,
			Recipient:   newRecipient(t),
		},
	}
	if rng.IntN(6) == 0 {
		request.Amount = 1 + rng.Uint64N(6_000_000)
	}

	nameAccounts(rng, &request)

	// On mainnet, the Router's table has the accounts of Infinity.
	all, err := r.market.Infinity.Accounts(r.chain.Rent)
	require.NoError(t, err)
	keys := []solana.PublicKey{accounts.NativeMint, accounts.FlatFeeProgram,
		accounts.FlatSlabProgram}
	for _, a := range all {
		keys = append(keys, a.Address)
	}

	for _, calculator := range r.calculators {
		keys = append(keys, calculator)
	}

	putTable(r.localnet, accounts.RouterLookupTableAddress, keys...)
	market, err := client.LoadMarket(ctx, from, to)
	require.NoError(t, err)
	q, ok := venueQuote(market, request, "Infinity")
	empty, rent := rents(t, r.chain)
	if !ok {
		forOwner := request
		forOwner.Recipient = solana.PublicKey{}
		if q, ok = venueQuote(market, forOwner, "Infinity"); !ok {
			return "pairs without a price"
		}

		require.LessOrEqual(t, q.MinOut, rent, name)
		require.True(t, to == accounts.NativeMint && !request.UseWSOL, name)

		return "refused below the rent of a token account"
	}

	o := sdk.BuildOptions{Owner: r.user.PublicKey(), Payer: r.user.PublicKey()}
	signers := []txn.Signer{r.user}
	if i%2 == 0 {
		o.Payer = r.payer.PublicKey()
		signers = append(signers, r.payer)
	}

	ata := func(owner, mint solana.PublicKey) solana.PublicKey {
		address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint)
		require.NoError(t, err)
		return address
	}

	r.fund(o.Owner, from, to, q.MaxIn, request.UseWSOL)
	paying := cmp.Or(request.SourceAccount, ata(o.Owner, from))
	receiving := cmp.Or(request.DestinationAccount, ata(request.Recipient, to))
	calls := []call{dropAccount(request.Recipient)}
	if !request.SourceAccount.IsZero() {
		calls = append(calls, dropAccount(ata(o.Owner, from)),
			setAccount(tokenOf(t, paying, from, o.Owner, q.MaxIn, rent)))
	}

	calls = append(calls,
		setAccount(accounts.Account{Address: o.Owner, Owner: accounts.SystemProgram,
			Lamports: q.MaxIn + 10*sol}))
	if rng.IntN(2) == 0 {
		calls[0] = setAccount(accounts.Account{Address: request.Recipient,
			Owner: accounts.SystemProgram, Lamports: empty + rng.Uint64N(sol)})
	}

	there := rng.IntN(2) == 0 || !request.DestinationAccount.IsZero()
	if there {
		calls = append(calls,
			setAccount(tokenOf(t, receiving, to, request.Recipient, rng.Uint64N(sol), rent)))
	}

	r.batch(calls...)
	unsigned, err := client.Build(ctx, q, o)
	require.NoError(t, err, name)
	signed, err := unsigned.Sign(ctx, signers...)
	require.NoError(t, err, name)
	touched := append(touchedBy(unsigned), o.Owner, o.Payer, request.Recipient, receiving,
		ata(o.Owner, to), paying)
	b := balances{t: t, name: name, before: r.get(touched...)}
	receipt, err := client.Send(ctx, signed)
	require.NoError(t, err, name)
	b.after = r.get(touched...)

	native := to == accounts.NativeMint && !request.UseWSOL
	created := uint64(0)
	if !native && !there {
		created = rent
	}

	require.Zero(t, b.tokensGained(ata(o.Owner, to)), name)
	received := b.tokensGained(receiving)
	if native {
		require.Zero(t, received, name)
		received = b.gained(request.Recipient)
	} else {
		require.Zero(t, b.gained(request.Recipient), name)
	}

	require.Equal(t, q.Out, received, name)
	lamports := b.gained(o.Owner)
	if o.Payer == o.Owner {
		lamports += receipt.Fee + created
	} else {
		require.Equal(t, -(receipt.Fee + created), b.gained(o.Payer), name)
	}

	if from == accounts.NativeMint && !request.UseWSOL {
		lamports += q.In
	} else {
		require.Equal(t, q.In, -b.tokensGained(paying), name)
	}

	require.Zero(t, lamports, name)
	for _, key := range touched {
		if exists(b.after, key) && !exists(b.before, key) {
			require.Contains(t, []solana.PublicKey{request.Recipient, receiving}, key,
				"%s: left behind", name)
		}
	}

	t.Logf("%d bytes, %d compute units, estimated %d", unsigned.Size(), receipt.UnitsConsumed,
		unitsOf(unsigned))
	require.LessOrEqual(t, receipt.UnitsConsumed, uint64(unitsOf(unsigned)), name)
	form := formOf(request)
	switch {
	case native:
		return "paid SOL as quoted" + form
	case to == accounts.NativeMint:
		return "paid wrapped SOL as quoted" + form
	}

	return "paid tokens as quoted" + form
}

// nameAccounts names token accounts in half of the requests that allow them.
func nameAccounts(rng *rand.Rand, q *route.Request) {
	if (q.From != accounts.NativeMint || q.UseWSOL) && rng.IntN(2) == 0 {
		q.SourceAccount = figures.RandomKey(rng)
	}
	if (q.To != accounts.NativeMint || q.UseWSOL) && rng.IntN(2) == 0 {
		q.DestinationAccount = figures.RandomKey(rng)
	}
}

// tokenOf creates a token account, also of wrapped SOL.
func tokenOf(
	t testing.TB,
	address, mint, wallet solana.PublicKey,
	amount, rent uint64,
) accounts.Account {
	token := figures.TokenAccount(address, mint, wallet, amount, rent)
	if mint == accounts.NativeMint {
		return wrappedAccount(t, token, rent)
	}
	return token
}

// wrappedAccount creates a token account of wrapped SOL with an amount.
func wrappedAccount(t testing.TB, a accounts.Account, rent uint64) accounts.Account {
	token, err := accounts.DecodeTokenAccount(a)
	require.NoError(t, err)
	token.NativeReserve = &rent
	a.Lamports, a.Data = rent+token.Amount, token.Encode()
	return a
}
