package e2e

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestStakePool_PreferredHolds withdraws stake of another validator than the
// preferred one, which has as much stake as it must keep, or a little more. The
// program and the quote must agree: the rest of the pool is open only while the
// preferred validator has nothing to give.
func TestStakePool_PreferredHolds(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	opened, closed := 0, 0
	for i := range min(60, int(envUint(t, casesVariable, 60))) {
		program := accounts.StakePoolPrograms()[i%3]
		r := newStakePoolRun(l, l.chain(), program, l.programHash(program), golden.WithdrawStake)
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		pool := r.twoValidators(rng)
		name := fmt.Sprintf("seed %d, case %d", seed, i)
		sources, err := pool.Quote(r.chain, quote.StakePoolFeeRounding(r.hash)).Sources(pool.List())
		require.NoError(t, err, name)
		if r.withdrawsFromOther(pool, name) {
			require.Equal(t, pool.Validators[1].Entry, sources[0], name)
			opened++
			continue
		}

		require.Equal(t, []accounts.ValidatorStakeInfo{pool.Validators[0].Entry}, sources, name)
		closed++
	}

	t.Logf("seed %d: open %d, closed by the quote and the program %d", seed, opened, closed)
	require.NotZero(t, opened)
	require.NotZero(t, closed)
}

// twoValidators returns a pool whose preferred validator has about the stake
// that it must keep, and whose other validator has plenty.
func (r *stakePoolRun) twoValidators(rng *rand.Rand) *figures.StakePool {
	pool, err := figures.RandomSpreadPool(rng, r.program, r.chain)
	require.NoError(r.t, err)
	pool.Validators = pool.Validators[:2]
	s := &pool.State
	perToken := (s.TotalLamports + s.PoolTokenSupply - 1) / s.PoolTokenSupply
	keeps := figures.StoredRent + max(r.chain.MinimumDelegation, 1_000_000) + perToken
	first, other := &pool.Validators[0], &pool.Validators[1]
	s.PreferredWithdrawValidator = &first.Entry.VoteAccount
	for v, lamports := range map[*figures.Validator]uint64{
		first: keeps + [...]uint64{0, 0, 1, 2, sol / 2, sol - 3}[rng.IntN(6)],
		other: 500 * sol,
	} {
		v.Entry.ActiveStakeLamports, v.Active.Lamports = lamports, lamports
		v.Active.Account.Delegation.Stake = lamports - figures.StoredRent
	}

	return pool
}

// withdrawsFromOther reports whether the program gives stake of the other
// validator.
func (r *stakePoolRun) withdrawsFromOther(pool *figures.StakePool, name string) bool {
	t, owner := r.t, r.payer.PublicKey()
	r.publish(pool)
	source, _, err := pool.StakeAddresses(pool.Validators[1].Entry)
	require.NoError(t, err)
	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram,
		pool.State.PoolMint)
	require.NoError(t, err)
	tokens := 20 * uint64(sol)
	r.batch(setAccount(figures.TokenAccount(account, pool.State.PoolMint, owner, tokens, sol)))
	address, create, err := txn.NewStakeAccount(owner, owner, figures.StoredRent, crand.Text()[:16])
	require.NoError(t, err)
	keys, err := instructions.NewStakePool(pool.Program, pool.Address, &pool.State)
	require.NoError(t, err)
	withdraw, err := instructions.StakePoolWithdrawStake{
		Pool:         keys,
		Split:        source,
		Destination:  address,
		NewAuthority: owner,
		Authority:    owner,
		Source:       account,
		PoolTokens:   tokens,
	}.Build()

	require.NoError(t, err)
	plan := txn.Plan{
		Payer:    owner,
		Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Steps:    []txn.Step{create, {Instruction: withdraw, ComputeUnits: 200_000}},
	}

	unsigned, err := plan.Compile()
	require.NoError(t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer)
	require.NoError(t, err)
	err = r.execute(signed)
	if err == nil {
		return true
	}

	var failed *progerr.TransactionError
	require.True(t, errors.As(err, &failed) && failed.Program != nil, "%s: %v", name, err)
	require.Equal(t, "IncorrectWithdrawVoteAddress", failed.Program.Name, name)

	return false
}
