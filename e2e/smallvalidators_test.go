package e2e

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestStakePool_SmallValidators withdraws stake of validators that have about
// the stake that they must keep, or up to 2 SOL more. Stake that was
// deactivated has no minimum, so such a validator gives the rest. The output
// must match the quote to the lamport, and the program must refuse what the
// quote refuses.
func TestStakePool_SmallValidators(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	for _, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			continue
		}

		r := newStakePoolRun(l, l.chain(), program, hash, golden.WithdrawStake)
		for i := range cases {
			r.small(seed + uint64(i))
		}

		t.Logf("build %.8s, seed %d: %d executed as quoted, %d refused by both: %v", hash, seed,
			r.executed, r.refused, r.reasons)
		require.Zero(t, r.cautious)
		if cases > 20 {
			require.NotZero(t, r.executed)
			require.NotZero(t, r.refused)
		}
	}
}

// small executes one case with small validators.
func (r *stakePoolRun) small(seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 9))
	pool, err := figures.RandomSpreadPool(rng, r.program, r.chain)
	require.NoError(r.t, err)
	pool.Validators = pool.Validators[:1+rng.IntN(2)]
	s := &pool.State
	s.PreferredWithdrawValidator = nil
	if rng.IntN(3) == 0 {
		s.PreferredWithdrawValidator = &pool.Validators[0].Entry.VoteAccount
	}

	required := figures.StoredRent + max(r.chain.MinimumDelegation, 1_000_000)
	perToken := (s.TotalLamports + s.PoolTokenSupply - 1) / s.PoolTokenSupply
	for i := range pool.Validators {
		v := &pool.Validators[i]
		lamports := [...]uint64{
			required + rng.Uint64N(perToken+4),
			required + perToken - 1 + rng.Uint64N(4),
			required + rng.Uint64N(sol),
			required + sol + perToken - 2 + rng.Uint64N(5),
			required + rng.Uint64N(2*sol),
		}[rng.IntN(5)]

		v.Entry.ActiveStakeLamports, v.Active.Lamports = lamports, lamports
		v.Active.Account.Delegation.Stake = lamports - figures.StoredRent
		v.Active.Account.Delegation.ActivationEpoch = r.chain.Clock.Epoch - 10
		v.Active.Account.Delegation.DeactivationEpoch = accounts.NeverEpoch
		if rng.IntN(4) > 0 {
			v.Active.Account.Delegation.DeactivationEpoch = r.chain.Clock.Epoch - 1
		}
	}

	c := &golden.StakePoolCase{
		Op:           r.op,
		Build:        r.hash,
		User:         r.user.PublicKey(),
		TokenAccount: figures.RandomKey(rng),
		StakeAccount: figures.RandomKey(rng),
		Validator:    rng.IntN(len(pool.Validators)),
		Seed:         seed,
	}

	chosen := pool.Validators[c.Validator].Entry.ActiveStakeLamports
	if len(pool.Validators) > 1 && chosen <= required+perToken {
		// While another validator has more, the program would give the lamports
		// of one token. Quotes leave these alone.
		return
	}

	c.Referrer = c.TokenAccount
	c.Amount = r.smallAmount(rng, pool, pool.Validators[c.Validator])
	want, exact, quoteErr := c.Quote(pool, r.chain)
	if quoteErr != nil {
		quoteErr = fmt.Errorf("%w: %v", quoteErr, c.Amount)
	}

	r.run(pool, c, want, exact, quoteErr)
}

// smallAmount returns tokens for a part of what a validator has above the stake
// that it must keep, or for a little more. It is less than the whole balance,
// for which the program would remove the validator.
func (r *stakePoolRun) smallAmount(
	rng *rand.Rand, pool *figures.StakePool, v figures.Validator,
) uint64 {
	required := figures.StoredRent + max(r.chain.MinimumDelegation, 1_000_000)
	above := v.Entry.ActiveStakeLamports - required
	wanted := max(1, [...]uint64{above, above + rng.Uint64N(4), 1 + rng.Uint64N(above+1),
		1 + rng.Uint64N(3)}[rng.IntN(4)])
	q := pool.Quote(r.chain, quote.StakePoolFeeRounding(r.hash))
	w, err := q.WithdrawSOLExactOut(wanted)
	if err != nil {
		return 1 + rng.Uint64N(sol)
	}

	return max(1, w.Tokens+rng.Uint64N(3)-1)
}
