package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// equalTrades is the number of equal concurrent trades, and equalRounds the
	// number of rounds.
	equalTrades = 20
	equalRounds = 20
)

// TestClient_EqualTrades makes the same trade many times concurrently, in both
// directions, on routes whose transactions have no random seed: with and
// without simulation, for a fixed blockhash, and without a version. Each trade
// must be a transaction of its own that lands, none may be larger than another,
// and the wallet must pay for each of them.
func TestClient_EqualTrades(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	// Without a Reserve, this is the best route back.
	l.batch(dropAccount(accounts.ReservePoolAddress))
	program := accounts.SanctumStakePoolProgram
	r := newStakePoolRun(l, l.chain(), program, l.programHash(program), golden.DepositSOL)
	for round := range envUint(t, casesVariable, equalRounds) {
		rng := rand.New(rand.NewPCG(seed, round))
		pool, token := clientPool(t, r, rng, lst.KindSanctumSPL)
		pool.Reserve.Lamports += 10_000 * sol
		pool.State.TotalLamports += 10_000 * sol
		pool.State.PoolTokenSupply += 10_000 * sol
		pool.Mint.Supply = pool.State.PoolTokenSupply
		r.publish(pool)
		r.equalTrades(token, int(round), sol+rng.Uint64N(10*sol))
	}
}

// equalTrades makes equal trades with a pool in both directions.
func (r *stakePoolRun) equalTrades(token lst.LST, round int, amount uint64) {
	t := r.t
	registry, err := lst.Default().With(token)
	require.NoError(t, err)
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry))
	require.NoError(t, err)
	owner, payer := r.user.PublicKey(), r.payer.PublicKey()
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, token.Mint)
	require.NoError(t, err)
	const held = 1_000 * sol
	r.batch(
		setAccount(figures.TokenAccount(account, token.Mint, owner, held, rent)),
		setAccount(accounts.Account{Address: owner, Owner: accounts.SystemProgram, Lamports: held}),
		setAccount(accounts.Account{Address: payer, Owner: accounts.SystemProgram, Lamports: held}),
	)

	o := sdk.BuildOptions{Owner: owner, Payer: payer}
	switch round % 4 {
	case 1:
		o.SkipSimulation = true
	case 2:
		kept := lifetime(t, r.batch(latestBlockhash)[0])
		o.Lifetime = &kept
	case 3:
		o.Versions = []txn.Version{txn.VersionLegacy}
	}

	balances := func() (lamports, tokens uint64) {
		set := r.get(owner, account)
		wallet, err := set.Get(owner)
		require.NoError(t, err)
		state, err := accounts.Load(set, account, accounts.DecodeTokenAccount)
		require.NoError(t, err)

		return wallet.Lamports, state.Amount
	}

	for _, there := range []bool{true, false} {
		request := route.Request{
			From:    accounts.NativeMint,
			To:      token.Mint,
			Amount:  amount,
			Options: route.Options{SlippageBps: 100, OnlyDirectRoutes: true},
		}
		if !there {
			request.From, request.To = request.To, request.From
		}

		lamports, tokens := balances()
		sizes := r.atOnce(client, request, o)
		lamportsAfter, tokensAfter := balances()
		if there {
			require.Equal(t, equalTrades*amount, lamports-lamportsAfter)
			require.Greater(t, tokensAfter, tokens)
		} else {
			require.Equal(t, equalTrades*amount, tokens-tokensAfter)
			require.Greater(t, lamportsAfter, lamports)
		}

		require.Len(t, sizes, 1, "being unique makes no transaction larger")
	}
}

// atOnce executes a request many times concurrently, and returns the sizes of
// the transactions.
func (r *stakePoolRun) atOnce(
	client *sdk.Client,
	request route.Request,
	o sdk.BuildOptions,
) map[int]bool {
	t := r.t
	var mu sync.Mutex
	sizes, signatures := make(map[int]bool), make(map[solana.Signature]bool)
	watched := sizing{KeySigner: r.user, saw: func(message []byte) {
		mu.Lock()
		defer mu.Unlock()
		sizes[len(message)] = true
	}}

	for _, receipt := range inParallel(t, equalTrades, func() (*sdk.Receipt, error) {
		receipt, _, err := client.Execute(t.Context(), request, o, watched, r.payer)
		return receipt, err
	}) {
		signatures[receipt.Signature] = true
	}

	require.Len(t, signatures, equalTrades)

	return sizes
}

// sizing is a signer that reports the messages it signs.
type sizing struct {
	*txn.KeySigner
	saw func([]byte)
}

// Sign implements txn.Signer.
func (s sizing) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	s.saw(message)
	return s.KeySigner.Sign(ctx, message)
}

// TestClient_EqualTradesOnEveryRoute executes the same quote many times
// concurrently, on every route of the embedded market whose transaction has no
// random seed.
func TestClient_EqualTradesOnEveryRoute(t *testing.T) {
	l := connect(t)
	r := newSizesRun(l)
	if l.programHash(accounts.InterceptorProgram) == "" {
		t.Skip("the interceptor is not deployed on this server")
	}

	m := sizesMarket(t)
	r.publishSizes(m)
	client, err := sdk.New(l.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(t.Context(), sizesLoader(t, m))
	require.NoError(t, err)

	done := make(map[string]bool)
	for _, q := range sizeCases(t, market) {
		if q.Request.From == sizedStake || q.Request.From == cooledStake || !r.seedless(q) {
			continue
		}

		name := string(q.Venue) + ": " +
			kindOf(t, market, string(q.Venue), q.Request.From, q.Request.Amount) +
			" to " +
			kindOf(t, market, string(q.Venue), q.Request.To, 0)
		if !done[name] {
			done[name] = true
			r.putSizes(m) // As it was when it was quoted.
			r.equalQuotes(client, q, name)
			t.Log(name)
		}
	}

	require.Greater(t, len(done), 5)
}

// seedless reports whether the transaction of the quote does not depend on a
// seed, and whether it fits.
func (r *waysRun) seedless(q route.Quote) bool {
	held := uint64(0)
	var words [2]string
	for i, seed := range []string{"one", "two"} {
		steps, err := q.Steps(route.BuildParams{
			Owner:      r.user.PublicKey(),
			Payer:      r.user.PublicKey(),
			Seed:       seed,
			PreBalance: &held,
			// A new key replaces a seed.
			NewAccount: solana.PublicKey{byte(i + 1)},
		})

		require.NoError(r.t, err)
		for _, step := range steps {
			data, err := step.Instruction.Data()
			require.NoError(r.t, err)
			words[i] += fmt.Sprintf("%x", data)
			for _, m := range step.Instruction.Accounts() {
				words[i] += m.PublicKey.String()
			}
		}
	}

	return words[0] == words[1]
}

// equalQuotes executes a quote many times concurrently, and checks that as many
// trades landed.
func (r *waysRun) equalQuotes(client *sdk.Client, q route.Quote, name string) {
	t := r.t
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	owner, from := r.user.PublicKey(), q.Request.From
	calls := []call{setAccount(accounts.Account{Address: owner, Owner: accounts.SystemProgram,
		Lamports: 10_000 * sol})}
	if from != accounts.NativeMint {
		calls = append(calls,
			setAccount(figures.TokenAccount(r.ata(from), from, owner, 1_000*sol, rent)))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	o := sdk.BuildOptions{Owner: owner, Payer: r.payer.PublicKey()}
	if _, err := client.Build(t.Context(), q, o); err != nil {
		require.ErrorIs(t, err, txn.ErrTransactionTooLarge, name)
		return
	}

	paid := func() uint64 {
		set := r.get(owner, r.ata(from))
		if from == accounts.NativeMint {
			wallet, err := set.Get(owner)
			require.NoError(t, err)
			return wallet.Lamports
		}

		account, err := accounts.Load(set, r.ata(from), accounts.DecodeTokenAccount)
		require.NoError(t, err)
		return account.Amount
	}

	before := paid()
	signatures := make(map[solana.Signature]bool)
	for _, receipt := range inParallel(t, equalTrades, func() (*sdk.Receipt, error) {
		unsigned, err := client.Build(t.Context(), q, o)
		if err != nil {
			return nil, err
		}

		signed, err := unsigned.Sign(t.Context(), r.user, r.payer)
		if err != nil {
			return nil, err
		}

		return client.Send(t.Context(), signed)
	}) {
		signatures[receipt.Signature] = true
	}

	require.Len(t, signatures, equalTrades, name)
	require.Equal(t, equalTrades*q.In, before-paid(), name)
}

// inParallel calls a function concurrently n times, and returns its results.
func inParallel[T any](t testing.TB, n int, f func() (T, error)) []T {
	t.Helper()
	results, errs := make([]T, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { results[i], errs[i] = f() })
	}

	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}

	return results
}
