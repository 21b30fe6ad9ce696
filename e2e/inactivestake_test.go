package e2e

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_WithdrawInactiveStake redeems tokens for stake of a validator
// whose stake was deactivated, also for less than the minimum delegation.
// Without Deactivate the client refuses. The new account can be withdrawn at
// once.
func TestClient_WithdrawInactiveStake(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	program := accounts.SanctumStakePoolProgram
	for n := range min(20, int(envUint(t, casesVariable, 20))) {
		r := newStakePoolRun(l, l.chain(), program, l.programHash(program), golden.WithdrawStake)
		rng := rand.New(rand.NewPCG(seed, uint64(n)))
		pool, token := clientPool(t, r, rng, lst.KindSanctumSPL)
		gives := [...]uint64{50 * sol, 2000 + rng.Uint64N(sol)}[n%2]
		deactivatePool(pool, r.chain, gives)
		r.publish(pool)
		amount := [...]uint64{
			2 + rng.Uint64N(1000), gives / 2, gives, 1 + rng.Uint64N(gives),
		}[rng.IntN(4)]
		r.inactiveWithdrawal(pool, token, amount)
	}
}

// deactivatePool deactivates the stake of all validators, of which each can
// give some lamports, and makes tokens worth one SOL.
func deactivatePool(pool *figures.StakePool, chain figures.Chain, gives uint64) {
	s := &pool.State
	s.StakeWithdrawalFee, s.PreferredWithdrawValidator = accounts.Fee{}, nil
	for i := range pool.Validators {
		v := &pool.Validators[i]
		lamports := figures.StoredRent + chain.MinimumDelegation + gives
		s.TotalLamports += lamports - v.Entry.ActiveStakeLamports
		v.Entry.ActiveStakeLamports, v.Active.Lamports = lamports, lamports
		v.Active.Account.Delegation.Stake = lamports - figures.StoredRent
		v.Active.Account.Delegation.DeactivationEpoch = chain.Clock.Epoch - 1
	}

	s.PoolTokenSupply, pool.Mint.Supply = s.TotalLamports, s.TotalLamports
}

// inactiveWithdrawal withdraws tokens for inactive stake, and the SOL of it.
func (r *stakePoolRun) inactiveWithdrawal(pool *figures.StakePool, token lst.LST, amount uint64) {
	t, ctx, owner := r.t, context.Background(), r.user.PublicKey()
	account, err := accounts.AssociatedTokenAddress(owner, token.TokenProgram, token.Mint)
	require.NoError(t, err)
	r.batch(setAccount(accounts.Account{Address: owner, Owner: accounts.SystemProgram,
		Lamports: 100 * sol}), setAccount(figures.TokenAccount(account, token.Mint, owner, amount,
		sol)))
	registry, err := lst.Default().With(token)
	require.NoError(t, err)
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry))
	require.NoError(t, err)

	o := sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner, Seed: "inactive"}}
	_, _, err = client.WithdrawStake(ctx, token.Mint, amount, o)
	require.ErrorIs(t, err, quote.ErrValidator)
	require.ErrorContains(t, err, "set Deactivate to receive it")

	o.Deactivate = true
	unsigned, q, err := client.WithdrawStake(ctx, token.Mint, amount, o)
	require.NoError(t, err)
	require.True(t, q.Exact)
	require.Equal(t, amount, q.Out)
	policy, err := client.Policy(ctx, q, o.BuildOptions)
	require.NoError(t, err)
	require.NoError(t, explain.Verify(explain.Transaction(unsigned, nil), policy))
	r.signAndSend(client, unsigned)

	address, err := accounts.SeededStakeAccount(owner, "inactive")
	require.NoError(t, err)
	set := r.get(address, account)
	stake, err := accounts.Load(set, address, accounts.DecodeStakeAccount)
	require.NoError(t, err)
	require.Equal(t, owner, stake.Withdrawer)
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(t, err)
	require.Equal(t, rent+q.Out, lamportsIn(set, address))
	tokens, err := accounts.Load(set, account, accounts.DecodeTokenAccount)
	require.NoError(t, err)
	require.Zero(t, tokens.Amount)

	// No epoch has to pass.
	withdraw, err := txn.WithdrawStake(address, owner, owner, rent+q.Out)
	require.NoError(t, err)
	plan := txn.Plan{Payer: owner, Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Steps: []txn.Step{withdraw}}
	built, err := plan.Compile()
	require.NoError(t, err)
	signed, err := built.Sign(ctx, r.user)
	require.NoError(t, err)
	require.NoError(t, r.execute(signed))
}
