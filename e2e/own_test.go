package e2e

import (
	"context"
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
	// equalTrades is how many equal trades are made at once, and equalRounds how
	// often.
	equalTrades = 20
	equalRounds = 20
)

// TestEqualTradesAtOnce makes the same trade many times at once, in both
// directions, on ways whose transactions have no random seed: by simulation,
// without it, for a blockhash that is kept, and without a version. Each trade is
// a transaction of its own that lands, no one is larger than another, and what
// left the wallet is what that many trades cost.
func TestEqualTradesAtOnce(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	// Without a Reserve there is no better way back.
	l.batch(dropAccount(accounts.ReservePoolAddress))
	program := accounts.SanctumStakePoolProgram
	r := newStakePoolRun(l, l.chain(), program, l.programHash(program), golden.DepositSol)
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

// equalTrades makes equal trades with a pool, into it and out of it.
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
		o.Legacy = true
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
		request := route.Request{From: accounts.NativeMint, To: token.Mint, Amount: amount, SlippageBps: 100, Direct: true}
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
		require.Len(t, sizes, 1, "no transaction is larger for being one of its own")
	}
}

// atOnce executes a request many times at once, and returns the sizes of the
// transactions.
func (r *stakePoolRun) atOnce(client *sdk.Client, request route.Request, o sdk.BuildOptions) map[int]bool {
	t := r.t
	var mu sync.Mutex
	sizes, signatures := make(map[int]bool), make(map[solana.Signature]bool)
	watched := sizing{KeySigner: r.user, saw: func(message []byte) {
		mu.Lock()
		defer mu.Unlock()
		sizes[len(message)] = true
	}}
	receipts, errs := make([]*sdk.Receipt, equalTrades), make([]error, equalTrades)
	var all sync.WaitGroup
	for i := range equalTrades {
		all.Go(func() {
			receipts[i], _, errs[i] = client.Execute(t.Context(), request, o, watched, r.payer)
		})
	}
	all.Wait()
	for i, receipt := range receipts {
		require.NoError(t, errs[i])
		signatures[receipt.Signature] = true
	}
	require.Len(t, signatures, equalTrades)
	return sizes
}

// sizing is a signer that tells about the messages it signs.
type sizing struct {
	*txn.KeySigner
	saw func([]byte)
}

// Sign implements txn.Signer.
func (s sizing) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	s.saw(message)
	return s.KeySigner.Sign(ctx, message)
}
