package e2e

import (
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_InactivePreferred trades stake with stale pools whose preferred
// validator is being removed, was removed, or is active. The build of October
// 2025 resets it in the clean-up, so that the pool is open to other validators
// after it. Quotes must be met to the lamport. What they refuse, the program
// refuses after a whole update.
func TestClient_InactivePreferred(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	cases := max(int(envUint(t, casesVariable, defaultCases))/5, 8)
	kinds := []lst.Kind{lst.KindSPL, lst.KindSanctumSPL, lst.KindSanctumSPLMulti}
	for i, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			continue
		}

		r := &cleanupRun{
			stakePoolRun: newStakePoolRun(l, l.chain(), program, hash, golden.DepositStake),
		}

		for n := range cases {
			rng := rand.New(rand.NewPCG(seed, uint64(n)))
			r.one(rng, kinds[i], fmt.Sprintf("seed %d, program %d, case %d", seed, i, n))
		}

		t.Logf(
			"build %.8s: %d as quoted, %d of them with a clean-up, %d refused by both, %d by the "+
				"quote alone",
			hash,
			r.executed,
			r.cleaned,
			r.refused,
			r.cautious,
		)

		require.NotZero(t, r.executed)
		require.Equal(t, quote.StakePoolUpdateKnown(hash), r.cleaned > 0)
	}
}

// cleanupRun trades stake with pools of an inactive preferred validator.
type cleanupRun struct {
	*stakePoolRun
	// cleaned are the executed trades with a clean-up.
	cleaned int
}

// one trades stake with one pool.
func (r *cleanupRun) one(rng *rand.Rand, kind lst.Kind, name string) {
	t, owner := r.t, r.user.PublicKey()
	pool, token := clientPool(t, r.stakePoolRun, rng, kind)
	r.unprefer(rng, pool)
	r.publish(pool)
	account, err := accounts.AssociatedTokenAddress(owner, token.TokenProgram, token.Mint)
	require.NoError(t, err)
	other := &pool.Validators[1]
	stake := figures.Delegated(owner, figures.StoredRent, other.Entry.VoteAccount, 20*sol,
		r.chain.Clock.Epoch-3)
	held := accounts.Account{
		Address:  figures.RandomKey(rng),
		Owner:    accounts.StakeProgram,
		Lamports: 20*sol + figures.StoredRent,
		Data:     make([]byte, accounts.StakeAccountSpace),
	}

	copy(held.Data, stake.Encode())
	for _, reply := range r.batch(
		setAccount(held),
		setAccount(accounts.Account{Address: owner, Owner: accounts.SystemProgram,
			Lamports: 100 * sol}),
		setAccount(figures.TokenAccount(account, token.Mint, owner, 30*sol, sol)),
	) {
		require.Nil(t, reply.Error)
	}

	registry, err := lst.Default().With(token)
	require.NoError(t, err)
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry))
	require.NoError(t, err)
	o := sdk.TradeOptions{
		Options:      route.Options{AllowPoolUpdate: true},
		BuildOptions: sdk.BuildOptions{Owner: owner, Seed: crand.Text()[:16]},
	}

	var unsigned *txn.Unsigned
	var q route.Quote
	deposits := rng.IntN(2) == 0
	if deposits {
		unsigned, q, err = client.DepositStake(t.Context(), held.Address, token.Mint, held.Lamports,
			o)
	} else {
		unsigned, q, err = client.WithdrawStake(t.Context(), token.Mint, 3*sol, o)
	}

	if err != nil {
		require.NotErrorIs(t, err, sdk.ErrSimulation, name)
		if errors.Is(err, quote.ErrBuildDependent) {
			require.False(t, quote.StakePoolUpdateKnown(r.hash), "%s: %v", name, err)
			r.cautious++
			return
		}

		require.Error(t, r.execute(r.whole(pool, held, account, deposits)), "%s: %v", name, err)
		r.refused++
		return
	}

	require.True(t, q.Exact, name)
	explained := explain.Transaction(unsigned, nil)
	policy, err := client.Policy(t.Context(), q, o.BuildOptions)
	require.NoError(t, err, name)
	require.NoError(t, explain.Verify(explained, policy), name)
	for _, in := range explained.Instructions {
		if in.Name == "CleanupRemovedValidatorEntries" {
			r.cleaned++
		}
	}

	received := account
	if !deposits {
		received, err = accounts.SeededStakeAccount(owner, o.Seed)
		require.NoError(t, err)
	}

	r.signAndSend(client, unsigned)
	set := r.get(received)
	if deposits {
		tokens, err := accounts.Load(set, received, accounts.DecodeTokenAccount)
		require.NoError(t, err)
		require.Equal(t, q.Out, tokens.Amount-30*sol, name)
	} else {
		got, err := accounts.Load(set, received, accounts.DecodeStakeAccount)
		require.NoError(t, err)
		require.Equal(t, q.Out, got.Delegation.Stake, name)
	}

	r.executed++
}

// unprefer makes a pool stale, with two validators of which the first is
// preferred and in a random state.
func (r *cleanupRun) unprefer(rng *rand.Rand, pool *figures.StakePool) {
	spread, err := figures.RandomSpreadPool(rng, r.program, r.chain)
	require.NoError(r.t, err)
	epoch := r.chain.Clock.Epoch
	pool.Validators = spread.Validators[:2]
	pool.MaxValidators = 8
	s := &pool.State
	s.LastUpdateEpoch = epoch - 1
	s.TotalLamports = pool.Reserve.Lamports - figures.StoredRent
	for i := range pool.Validators {
		v := &pool.Validators[i]
		v.Active.Account.Staker = pool.Reserve.Account.Staker
		v.Active.Account.Withdrawer = pool.Reserve.Account.Withdrawer
		v.Active.Account.Delegation.ActivationEpoch = epoch - 20
		v.Active.Account.Delegation.Stake += 50 * sol
		v.Active.Lamports = v.Active.Account.Delegation.Stake + figures.StoredRent
		v.Entry.ActiveStakeLamports, v.Entry.LastUpdateEpoch = v.Active.Lamports, epoch-1
		s.TotalLamports += v.Active.Lamports
	}

	s.PoolTokenSupply, pool.Mint.Supply = s.TotalLamports, s.TotalLamports
	first := &pool.Validators[0]
	vote := first.Entry.VoteAccount
	s.PreferredDepositValidator, s.PreferredWithdrawValidator = &vote, &vote
	switch rng.IntN(5) {
	case 0:
		first.Entry.Status = accounts.ValidatorActive
	case 1:
		first.Entry.Status = accounts.ValidatorDeactivating
		first.Active.Account.Delegation.DeactivationEpoch = epoch - 1
	case 2:
		first.Entry.Status = accounts.ValidatorDeactivating
		first.Active.Account.Delegation.DeactivationEpoch = epoch
	case 3:
		first.Entry.Status = accounts.ValidatorDeactivatingAll
	case 4:
		vote = figures.RandomKey(rng) // It is not in the list.
	}

	switch rng.IntN(3) {
	case 0:
		s.PreferredDepositValidator = nil
	case 1:
		s.PreferredWithdrawValidator = nil
	}
}

// whole is a transaction with a whole update of a pool, and a deposit or a
// withdrawal of stake of the second validator.
func (r *cleanupRun) whole(
	pool *figures.StakePool, held accounts.Account, account solana.PublicKey, deposits bool,
) *txn.Signed {
	t, owner := r.t, r.user.PublicKey()
	keys, err := instructions.NewStakePool(pool.Program, pool.Address, &pool.State)
	require.NoError(t, err)
	built, err := instructions.StakePoolUpdate(keys, pool.List(), r.chain.Clock.Epoch)
	require.NoError(t, err)
	plan := txn.Plan{Payer: owner, Lifetime: lifetime(t, r.batch(latestBlockhash)[0])}
	plan.Budget.ComputeUnitLimit = 1_400_000
	for _, ix := range built {
		plan.Steps = append(plan.Steps, txn.Step{Description: "update", Instruction: ix})
	}

	source, _, err := pool.StakeAddresses(pool.Validators[1].Entry)
	require.NoError(t, err)
	if deposits {
		authorize, err := txn.AuthorizeStake(held.Address, owner, keys.StakeDepositAuthority)
		require.NoError(t, err)
		deposit, err := instructions.StakePoolDepositStake{
			Pool:           keys,
			Stake:          held.Address,
			ValidatorStake: source,
			Destination:    account,
			Referrer:       account,
		}.Build()

		require.NoError(t, err)
		plan.Steps = append(append(plan.Steps, authorize...),
			txn.Step{Description: "deposit", Instruction: deposit})
	} else {
		address, create, err := txn.NewStakeAccount(owner, owner, figures.StoredRent, "whole")
		require.NoError(t, err)
		withdraw, err := instructions.StakePoolWithdrawStake{
			Pool:         keys,
			Split:        source,
			Destination:  address,
			NewAuthority: owner,
			Authority:    owner,
			Source:       account,
			PoolTokens:   3 * sol,
		}.Build()

		require.NoError(t, err)
		plan.Steps = append(plan.Steps, create,
			txn.Step{Description: "withdraw", Instruction: withdraw})
	}

	unsigned, err := plan.Compile()
	require.NoError(t, err)
	signed, err := unsigned.Sign(t.Context(), r.user)
	require.NoError(t, err)

	return signed
}
