package e2e

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestStakePoolCrank deposits into pools that are behind by an epoch, with the
// crank in the same transaction. The quote has to foresee rewards, merges, the
// manager's epoch fee and scheduled fees.
func TestStakePoolCrank(t *testing.T) {
	l := connect(t)
	chain := l.chain()
	cases := int(envUint(t, casesVariable, defaultCases)) / 5
	seed := envUint(t, seedVariable, rand.Uint64())
	for _, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			continue
		}

		t.Run(program.String()[:4], func(t *testing.T) {
			l.t = t
			r := newStakePoolRun(l, chain, program, hash, golden.DepositSOL)
			for i := range cases {
				r.crankAndDeposit(seed + uint64(i))
			}

			t.Logf(
				"build %.8s, seed %d: %d cranks with deposits as quoted, %d refused by quote and program: %v",
				hash,
				seed,
				r.executed,
				r.refused,
				r.reasons,
			)
		})
	}
}

func (r *stakePoolRun) crankAndDeposit(seed uint64) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 0))
	pool, err := figures.RandomStakePool(rng, r.program, r.chain)
	require.NoError(t, err)
	r.age(rng, pool)
	c := &golden.StakePoolCase{
		Seed:         seed,
		Op:           r.op,
		Build:        r.hash,
		User:         r.user.PublicKey(),
		TokenAccount: figures.RandomKey(rng),
		StakeAccount: figures.RandomKey(rng),
		Referrer:     pool.State.ManagerFeeAccount,
		Amount:       figures.RandomAmount(rng, 1_000_000*sol),
	}

	q := pool.Quote(r.chain, quote.StakePoolFeeRounding(r.hash))
	_, stale := q.DepositSOL(c.Amount)
	require.ErrorIs(t, stale, quote.ErrStalePool)
	q.Update = pool.Balances()
	want, quoteErr := q.DepositSOL(c.Amount)
	updated, err := q.Updated()
	require.NoError(t, err)

	keys := r.prepare(pool, c)
	before := r.get(keys...)
	plan := txn.Plan{Payer: r.payer.PublicKey(), Lifetime: lifetime(t, r.batch(latestBlockhash)[0])}
	plan.Budget.ComputeUnitLimit = 1_400_000
	stakePool, err := instructions.NewStakePool(pool.Program, pool.Address, &pool.State)
	require.NoError(t, err)
	crank, err := instructions.StakePoolUpdate(stakePool, pool.List(), r.chain.Clock.Epoch)
	require.NoError(t, err)
	deposit, err := c.BuildInstruction(pool)
	require.NoError(t, err)
	for _, ix := range append(crank, deposit) {
		plan.Steps = append(plan.Steps, txn.Step{Description: "crank and deposit", Instruction: ix})
	}

	unsigned, err := plan.Compile()
	require.NoError(t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user)
	require.NoError(t, err)
	failure := r.execute(signed)
	if quoteErr != nil {
		require.Error(t, failure, "seed %d: %v", seed, quoteErr)
		r.reasons[reason(quoteErr)]++
		r.refused++
		return
	}

	require.NoError(t, failure, "seed %d", seed)
	after := r.get(keys...)
	got := r.outcome(pool, c, before, after, golden.Outcome{ReferralFee: want.ReferralFee})
	minted := want.Tokens + want.ReferralFee + want.ManagerFee
	require.Equal(t, want.Tokens, got.Received, "seed %d", seed)
	require.Equal(t, updated.State.TotalLamports+c.Amount, got.TotalLamports, "seed %d", seed)
	require.Equal(t, updated.State.PoolTokenSupply+minted, got.PoolTokenSupply, "seed %d", seed)
	state, err := accounts.Load(after, pool.Address, accounts.DecodeStakePool)
	require.NoError(t, err)
	expected := updated.State
	expected.TotalLamports, expected.PoolTokenSupply = got.TotalLamports, got.PoolTokenSupply
	require.Equal(t, expected, *state, "seed %d", seed)
	r.executed++
}

// age changes the pool as an epoch without a pool update does: stake has earned
// rewards, and transient stake has become active or inactive.
func (r *stakePoolRun) age(rng *rand.Rand, pool *figures.StakePool) {
	epoch := r.chain.Clock.Epoch
	const rent = figures.StoredRent
	pool.State.LastUpdateEpoch = epoch - 1
	pool.Reserve.Lamports += figures.RandomAmount(rng, sol) - 1
	for i := range pool.Validators {
		v := &pool.Validators[i]
		v.Entry.LastUpdateEpoch = epoch - 1
		reward := v.Active.Account.Delegation.Stake / 2500
		v.Active.Account.Delegation.Stake += reward
		v.Active.Lamports += reward
		if rng.IntN(3) > 0 {
			continue
		}

		staked := sol + rng.Uint64N(1000*sol)
		account := figures.Delegated(v.Active.Account.Staker, rent, v.Entry.VoteAccount, staked,
			epoch-1)
		if rng.IntN(2) == 0 {
			// On its way into the reserve instead of into the validator's
			// stake.
			account.Delegation.ActivationEpoch = epoch - 5
			account.Delegation.DeactivationEpoch = epoch - 1
		}

		v.Transient = &quote.StakeAccountState{Lamports: staked + rent, Account: account}
		v.Entry.TransientStakeLamports = staked + rent
		pool.State.TotalLamports += staked + rent
	}

	if rng.IntN(3) == 0 {
		// Holders burned tokens, which the pool's counter has not seen.
		pool.Mint.Supply -= rng.Uint64N(pool.Mint.Supply/100 + 1)
	}
}
