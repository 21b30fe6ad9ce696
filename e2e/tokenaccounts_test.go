package e2e

import (
	"cmp"
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
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_TokenAccounts executes every route, except Infinity's, with wSOL
// in place of SOL and with named token accounts in place of the associated
// ones, for the owner and for recipients, paid by the owner or a sponsor. Every
// lamport and token matches the quote, the policies accept the transaction with
// exactly the named accounts, and the programs share the refusals.
func TestClient_TokenAccounts(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Reserve is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := &tokenAccountsRun{waysRun: newWaysRun(l), forms: make(map[string]int)}
	r.strict = true
	for i := range cases {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), seed, i)
	}

	t.Logf("seed %d", seed)
	for _, venue := range sortedNames(r.executed) {
		n := r.executed[venue]
		t.Logf("%-30s %4d executed as quoted, at most %d bytes and %d compute units (%d estimated)",
			venue, n.count, n.size, n.units, n.estimated)
	}

	for _, form := range sortedNames(r.forms) {
		t.Logf("%4d %s", r.forms[form], form)
	}

	for _, reason := range sortedNames(r.refused) {
		t.Logf(
			"%4d refused, %d of them tried and refused by the programs, %d executed all the same: %s",
			r.refused[reason],
			r.agreed[reason],
			r.cautious[reason],
			reason,
		)
	}
}

// tokenAccountsRun is a waysRun with wSOL and named token accounts.
type tokenAccountsRun struct {
	*waysRun
	// forms counts the executions by venue and by the accounts they use.
	forms map[string]int
}

func (r *tokenAccountsRun) one(rng *rand.Rand, seed uint64, i int) {
	t := r.t
	s := r.random(rng)
	for _, pool := range s.pools {
		if rng.IntN(4) == 0 {
			(&stakePoolRun{chain: r.chain}).age(rng, pool)
		}
	}

	request := r.named(rng, s, r.request(rng, s, i))
	if exact := request.SwapMode == route.ExactOut; exact && rng.IntN(4) == 0 {
		_, token := rents(t, r.chain)
		edges := [...]uint64{token - 1, token, token + 1, 1 + rng.Uint64N(5_000_000)}
		request.Amount = edges[rng.IntN(len(edges))]
	}

	if request.From == s.stake.Address && request.SwapMode == route.ExactIn && rng.IntN(5) == 0 {
		request.Amount = 1 + rng.Uint64N(3_000_000)
	}

	const tokens = 1_000_000 * sol
	place := r.placement(rng, s, request)
	publish := func() {
		r.publish(s, request.To, tokens, 0)
		place()
	}

	publish()
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	loader := route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address)
	if rng.IntN(3) > 0 {
		table := figures.RandomKey(rng)
		putTable(r.localnet, table, r.inTable(s)...)
		loader = loader.WithLookupTables(table)
	}

	market, err := client.LoadMarketWith(t.Context(), loader)
	require.NoError(t, err)
	if request.SwapMode == route.ExactIn && request.From != s.stake.Address && rng.IntN(3) == 0 {
		request.Amount = edgeOfWay(rng, market, request)
	}

	quotes, rejected := market.Quotes(request)
	for _, no := range rejected {
		switch {
		case errors.Is(no.Err, txn.ErrTransactionTooLarge),
			errors.Is(no.Err, txn.ErrTooManyAccounts):
			r.refused["too large"]++
			continue

		case errors.Is(no.Err, route.ErrLegsConflict):
			r.refused["two legs that conflict"]++
			continue
		}

		r.refused[string(no.Venue)+": "+reason(no.Err)]++
		if errors.Is(no.Err, route.ErrRecipient) {
			continue
		}

		publish()
		r.refusedByPrograms(market, request, no,
			fmt.Sprintf("seed %d, case %d: %s", seed, i, no.Venue))
	}

	for n, q := range quotes {
		if q.Venue == route.VenueInfinity {
			continue
		}

		publish()
		before := r.executed[string(q.Venue)].count
		r.execute(client, s, q, (i+n)%4 == 3,
			fmt.Sprintf("seed %d, case %d: %s %+v", seed, i, q.Venue, q.Request))
		if r.executed[string(q.Venue)].count == before {
			continue
		}

		r.forms[string(q.Venue)+formOf(q.Request)]++
		if q.MinOutCheck == route.CheckedByBalance && rng.IntN(2) == 0 {
			publish()
			r.guarded(client, q, fmt.Sprintf("seed %d, case %d: %s", seed, i, q.Venue))
		}
	}
}

// guarded sends a trade whose output arrives in an account that lost tokens in
// between. The check of its balance accepts the loss that the minimum output
// allows for, and not one base unit more.
func (r *tokenAccountsRun) guarded(client *sdk.Client, q route.Quote, name string) {
	t := r.t
	account := r.paysInto(q)
	held, err := accounts.Load(r.get(account), account, accounts.DecodeTokenAccount)
	room := q.Out - q.MinOut
	if err != nil || held.Amount <= room {
		return
	}

	at := r.get(account)
	put := func(less uint64) {
		changed, err := at.Get(account)
		require.NoError(t, err)
		token := *held
		token.Amount -= less
		changed.Data = token.Encode()
		if token.NativeReserve != nil {
			changed.Lamports -= less
		}

		require.Nil(t, r.batch(setAccount(changed))[0].Error)
	}

	o := sdk.BuildOptions{Owner: r.user.PublicKey(), Seed: crand.Text()[:16]}
	if q.NeedsStakeKeypair {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		o.StakeKeypair = key
	}

	unsigned, err := client.Build(t.Context(), q, o)
	require.NoError(t, err, name)
	signed, err := unsigned.Sign(t.Context(), r.user)
	require.NoError(t, err, name)
	put(room + 1)
	require.Error(t, r.localnet.execute(signed), "%s: one base unit too little", name)
	put(room)
	require.NoError(t, r.localnet.execute(signed), name)
	r.forms["checks of the balance, to the base unit"]++
}

// formOf names what a request asks for.
func formOf(q route.Request) (form string) {
	for _, part := range []struct {
		set  bool
		name string
	}{
		{q.UseWSOL && q.From == accounts.NativeMint, ", wSOL in"},
		{q.UseWSOL && q.To == accounts.NativeMint, ", wSOL out"},
		{!q.SourceAccount.IsZero(), ", other source"},
		{!q.DestinationAccount.IsZero(), ", other destination"},
		{!q.Recipient.IsZero(), ", recipient"},
	} {
		if part.set {
			form += part.name
		}
	}

	return form
}

// named changes a request to wSOL and named token accounts.
func (r *tokenAccountsRun) named(rng *rand.Rand, s *scene, q route.Request) route.Request {
	q.UseWSOL = rng.IntN(8) > 0
	if rng.IntN(3) == 0 {
		q.Recipient = newRecipient(r.t)
	}

	native := accounts.NativeMint
	if q.From != s.stake.Address && (q.From != native || q.UseWSOL) && rng.IntN(2) == 0 {
		q.SourceAccount = figures.RandomKey(rng)
	}

	if q.To != route.NativeStake && (q.To != native || q.UseWSOL) && rng.IntN(2) == 0 {
		q.DestinationAccount = figures.RandomKey(rng)
	}

	return q
}

// placement returns a function that puts the accounts of a request on chain,
// after those of its scene. The associated account is empty where another one
// is named. Accounts of wSOL may hold lamports that their balance does not show
// yet.
func (r *tokenAccountsRun) placement(rng *rand.Rand, s *scene, q route.Request) func() {
	t := r.t
	owner := r.user.PublicKey()
	empty, rent := rents(t, r.chain)
	wsol := r.ata(accounts.NativeMint)
	calls := []call{dropAccount(wsol)}
	put := func(address, mint, wallet solana.PublicKey, amount uint64) {
		account := tokenOf(t, address, mint, wallet, amount, rent)
		if mint == accounts.NativeMint {
			account.Lamports += uint64(rng.IntN(2)) * rng.Uint64N(sol)
		}

		calls = append(calls, setAccount(account))
	}

	if q.From != s.stake.Address {
		source := r.paysFrom(route.Quote{Request: q})
		if source != r.ata(q.From) {
			calls = append(calls, dropAccount(r.ata(q.From)))
		}

		if q.From != accounts.NativeMint || q.UseWSOL {
			put(source, q.From, owner, 1_000_000*sol)
		}
	}

	receiver := cmp.Or(q.Recipient, owner)
	native := q.To == accounts.NativeMint && !q.UseWSOL
	if receiver != owner && (native || rng.IntN(2) == 0) {
		calls = append(calls, setAccount(accounts.Account{Address: receiver,
			Owner: accounts.SystemProgram, Lamports: empty + rng.Uint64N(sol)}))
	}

	named := !q.DestinationAccount.IsZero()
	if q.To != route.NativeStake && (named || rng.IntN(2) == 0) &&
		(q.To != accounts.NativeMint || q.UseWSOL) {
		put(r.paysInto(route.Quote{Request: q}), q.To, receiver, rng.Uint64N(sol))
	}

	return func() {
		for _, reply := range r.batch(calls...) {
			require.Nil(t, reply.Error)
		}
	}
}
