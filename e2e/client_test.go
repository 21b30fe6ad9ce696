package e2e

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// clientPool puts a random pool on chain and returns it as a registry entry.
func clientPool(
	t testing.TB,
	r *stakePoolRun,
	rng *rand.Rand,
	kind lst.Kind,
) (*figures.StakePool, lst.LST) {
	pool, err := figures.RandomStakePool(rng, r.program, r.chain)
	require.NoError(t, err)
	return pool, lst.LST{
		Symbol:        "testSOL",
		Name:          "Test Staked SOL",
		Mint:          pool.State.PoolMint,
		Decimals:      9,
		TokenProgram:  accounts.TokenProgram,
		Kind:          kind,
		Program:       r.program,
		Pool:          pool.Address,
		ValidatorList: pool.State.ValidatorList,
	}
}

func (r *stakePoolRun) publish(pool *figures.StakePool) {
	all, err := pool.Accounts(r.chain.Rent)
	require.NoError(r.t, err)
	var calls []call
	for _, a := range all {
		calls = append(calls, setAccount(a))
	}
	r.batch(calls...)
}

// TestClient_Stake loads the market, quotes, builds, simulates, signs, sends
// and confirms. The owner must receive the quoted tokens.
func TestClient_Stake(t *testing.T) {
	l := connect(t)
	chain := l.chain()
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	kinds := []lst.Kind{lst.KindSPL, lst.KindSanctumSPL, lst.KindSanctumSPLMulti}
	for i, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			continue
		}

		t.Run(kinds[i].String(), func(t *testing.T) {
			l.t = t
			r := newStakePoolRun(l, chain, program, hash, golden.DepositSOL)
			l.batch(setAccount(accounts.Account{Address: r.user.PublicKey(),
				Owner: accounts.SystemProgram, Lamports: 1_000_000 * sol}))
			for n := range 20 {
				rng := rand.New(rand.NewPCG(seed, uint64(n)))
				pool, token := clientPool(t, r, rng, kinds[i])
				stale := n%2 == 1
				if stale {
					r.age(rng, pool)
				}

				r.publish(pool)
				r.stakeThroughClient(pool, token, sol+rng.Uint64N(1000*sol), stale,
					route.SwapMode(n/2%2))
			}
		})
	}
}

func (r *stakePoolRun) stakeThroughClient(
	pool *figures.StakePool,
	token lst.LST,
	amount uint64,
	crank bool,
	side route.SwapMode,
) {
	t := r.t
	ctx := context.Background()
	registry, err := lst.Default().With(token)
	require.NoError(t, err)
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry))
	require.NoError(t, err)
	if crank {
		_, _, err := client.Stake(ctx, token.Mint, amount,
			sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: r.user.PublicKey()}})
		require.ErrorIs(t, err, quote.ErrStalePool)
	}

	unsigned, q, err := client.Stake(ctx, token.Mint, amount, sdk.TradeOptions{
		Options:      route.Options{NoSlippage: true, AllowPoolUpdate: crank, SwapMode: side},
		BuildOptions: sdk.BuildOptions{Owner: r.user.PublicKey(), Payer: r.payer.PublicKey()},
	})

	require.NoError(t, err, "%d validators", len(pool.Validators))
	require.True(t, q.Exact)
	signed, err := unsigned.Sign(ctx, r.user, r.payer)
	require.NoError(t, err)

	owner, payer := r.user.PublicKey(), r.payer.PublicKey()
	destination, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, token.Mint)
	require.NoError(t, err)
	before := r.get(owner, payer)
	receipt, err := client.Send(ctx, signed)
	require.NoError(t, err)
	after := r.get(owner, payer, destination)
	require.Equal(t, signed.Signature(), receipt.Signature)
	require.NotZero(t, receipt.UnitsConsumed)
	require.LessOrEqual(t, receipt.UnitsConsumed, uint64(unsigned.Budget().ComputeUnitLimit))
	fee, err := unsigned.NetworkFee()
	require.NoError(t, err)
	require.Equal(t, fee, receipt.Fee)

	lamports := func(s *accounts.Set, key solana.PublicKey) uint64 {
		a, err := s.Get(key)
		require.NoError(t, err)
		return a.Lamports
	}

	account, err := accounts.Load(after, destination, accounts.DecodeTokenAccount)
	require.NoError(t, err)
	require.Equal(t, q.Out, account.Amount)
	require.GreaterOrEqual(t, q.Out, q.MinOut)
	require.Equal(t, q.In, lamports(before, owner)-lamports(after, owner))
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	require.Equal(t, fee+rent, lamports(before, payer)-lamports(after, payer))
	if side == route.ExactOut {
		require.GreaterOrEqual(t, q.Out, amount)
	}

	r.t.Logf("%d validators, crank %v: %d bytes, %d compute units", len(pool.Validators), crank,
		unsigned.Size(), receipt.UnitsConsumed)
}

// TestClient_Unstake withdraws SOL from the reserves of stake pools, including
// stale pools.
func TestClient_Unstake(t *testing.T) {
	l := connect(t)
	chain := l.chain()
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	// Without a Reserve, this is the best route.
	l.batch(dropAccount(accounts.ReservePoolAddress))
	kinds := []lst.Kind{lst.KindSPL, lst.KindSanctumSPL, lst.KindSanctumSPLMulti}
	for i, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			continue
		}

		t.Run(kinds[i].String(), func(t *testing.T) {
			l.t = t
			r := newStakePoolRun(l, chain, program, hash, golden.WithdrawSOL)
			for n := range 20 {
				rng := rand.New(rand.NewPCG(seed, uint64(n)))
				pool, token := clientPool(t, r, rng, kinds[i])
				pool.Reserve.Lamports += 100 * sol
				pool.State.TotalLamports += 100 * sol
				pool.State.PoolTokenSupply += 100 * sol
				pool.Mint.Supply = pool.State.PoolTokenSupply
				if n%2 == 1 {
					r.age(rng, pool)
				}

				r.publish(pool)
				r.unstakeThroughClient(pool, token, sol+rng.Uint64N(20*sol), n%2 == 1,
					route.SwapMode(n/2%2))
			}
		})
	}
}

func (r *stakePoolRun) unstakeThroughClient(
	pool *figures.StakePool,
	token lst.LST,
	amount uint64,
	crank bool,
	side route.SwapMode,
) {
	t := r.t
	ctx := context.Background()
	registry, err := lst.Default().With(token)
	require.NoError(t, err)
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry))
	require.NoError(t, err)
	owner := r.user.PublicKey()
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	source, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, token.Mint)
	require.NoError(t, err)
	const held = 1000 * sol
	r.batch(setAccount(figures.TokenAccount(source, token.Mint, owner, held, rent)),
		setAccount(accounts.Account{Address: owner, Owner: accounts.SystemProgram, Lamports: sol}))
	unsigned, q, err := client.Unstake(ctx, token.Mint, amount, sdk.TradeOptions{
		Options:      route.Options{AllowPoolUpdate: crank, SwapMode: side},
		BuildOptions: sdk.BuildOptions{Owner: owner, Payer: r.payer.PublicKey()},
	})

	require.NoError(t, err)
	require.Equal(t, route.VenueStakePoolWithdrawal, q.Venue)
	require.True(t, q.Exact)
	signed, err := unsigned.Sign(ctx, r.user, r.payer)
	require.NoError(t, err)
	receipt, err := client.Send(ctx, signed)
	require.NoError(t, err)
	after := r.get(owner, source)
	account, err := accounts.Load(after, source, accounts.DecodeTokenAccount)
	require.NoError(t, err)
	require.Equal(t, q.In, held-account.Amount)
	wallet, err := after.Get(owner)
	require.NoError(t, err)
	require.Equal(t, q.Out, wallet.Lamports-sol)
	t.Logf("%d validators, crank %v: %d bytes, %d compute units, estimated %d",
		len(pool.Validators), crank, unsigned.Size(), receipt.UnitsConsumed, unitsOf(unsigned))
}

// TestClient_Refusals makes mistakes that only the node can detect.
func TestClient_Refusals(t *testing.T) {
	l := connect(t)
	program := accounts.SanctumStakePoolProgram
	r := newStakePoolRun(l, l.chain(), program, l.programHash(program), golden.DepositSOL)
	pool, token := clientPool(t, r, rand.New(rand.NewPCG(1, 1)), lst.KindSanctumSPL)
	r.publish(pool)
	registry, err := lst.Default().With(token)
	require.NoError(t, err)
	client, err := sdk.New(l.endpoint, sdk.WithRegistry(registry))
	require.NoError(t, err)
	ctx := context.Background()
	poor, err := txn.GenerateKeySigner()
	require.NoError(t, err)

	_, _, err = client.Stake(ctx, token.Mint, sol,
		sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: poor.PublicKey()}})
	require.ErrorIs(t, err, sdk.ErrSimulation)
	require.ErrorIs(t, err, progerr.ErrInsufficientFunds, "a payer that does not exist")
	_, _, err = client.Stake(ctx, token.Mint, sol,
		sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: poor.PublicKey(),
			Payer: r.payer.PublicKey()}})
	require.ErrorIs(t, err, progerr.ErrInsufficientFunds,
		"an owner without the lamports to deposit")

	unsigned, _, err := client.Stake(ctx, token.Mint, sol, sdk.TradeOptions{
		BuildOptions: sdk.BuildOptions{Owner: poor.PublicKey(), Payer: r.payer.PublicKey(),
			SkipSimulation: true},
	})

	require.NoError(t, err)
	signed, err := unsigned.Sign(ctx, poor, r.payer)
	require.NoError(t, err)
	receipt, err := client.Send(ctx, signed)
	require.ErrorIs(t, err, sdk.ErrNotSent)
	require.ErrorIs(t, err, progerr.ErrInsufficientFunds)
	require.Equal(t, signed.Signature(), receipt.Signature)
}
