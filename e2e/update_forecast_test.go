package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// mostForecastValidators is the largest number of validators of a pool in
// [TestStakePoolUpdate_Forecast].
const mostForecastValidators = 400

// mostRecordedValidators is the largest number of validators of a pool in the
// recorded updates, which every test run repeats.
const mostRecordedValidators = 40

// TestStakePoolUpdate_Forecast updates whole pools of 1 to 400 validators in
// all states that their accounts can be in, and compares every account with
// quote.StakePoolState.AfterUpdate. Where an update is forecast to fail, the
// program fails.
func TestStakePoolUpdate_Forecast(t *testing.T) {
	l := connect(t)
	chain := l.chain()
	cases := int(envUint(t, casesVariable, defaultCases))/5 + 1
	seed := envUint(t, seedVariable, rand.Uint64())
	path, most := os.Getenv(recordVariable+"_UPDATE"), uint64(mostForecastValidators)
	if path != "" {
		most = mostRecordedValidators
	}

	record := golden.PoolUpdates{Chain: chain}
	for _, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			continue
		}

		t.Run(program.String()[:4], func(t *testing.T) {
			l.t = t
			r := newStakePoolRun(l, chain, program, hash, golden.DepositSOL)
			validators := 0
			for i := range cases {
				c := golden.PoolUpdateCase{
					Seed:    seed + uint64(i),
					Program: program,
					Build:   hash,
					Most:    most,
				}

				validators += r.forecast(&c)
				record.Cases = append(record.Cases, c)
			}

			t.Logf(
				"build %.8s, seed %d: %d updates of %d validators as foreseen, %d refused by both, "+
					"%d by the forecast alone: %v",
				hash,
				seed,
				r.executed,
				validators,
				r.refused,
				r.cautious,
				r.reasons,
			)
		})
	}

	if path != "" && !t.Failed() {
		text, err := record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

// forecast updates one pool and returns how many validators it has.
func (r *stakePoolRun) forecast(c *golden.PoolUpdateCase) int {
	t := r.t
	pool, err := c.Pool(r.chain)
	require.NoError(t, err)
	r.forecastOf(c, pool)

	return len(pool.Validators)
}

// forecastOf updates a pool and compares the result with the forecast.
func (r *stakePoolRun) forecastOf(c *golden.PoolUpdateCase, pool *figures.StakePool) {
	t := r.t
	want, foreseen := c.Forecast(pool, r.chain)
	all, err := pool.Accounts(r.chain.Rent)
	require.NoError(t, err)
	for chunk := range slices.Chunk(all, 100) {
		calls := make([]call, len(chunk))
		for i, a := range chunk {
			calls[i] = setAccount(a)
		}

		for _, reply := range r.batch(calls...) {
			require.Nil(t, reply.Error)
		}
	}

	failure := r.update(pool)
	if failure == nil {
		c.Digest = r.updateDigest(pool)
	}

	switch {
	case errors.Is(foreseen, quote.ErrBuildDependent):
		require.False(t, quote.StakePoolUpdateKnown(c.Build))
		r.cautious++
	case foreseen != nil:
		var program *progerr.TransactionError
		require.ErrorAs(t, failure, &program, "seed %d: %v", c.Seed, foreseen)
		r.reasons[reason(errors.Unwrap(foreseen))]++
		r.refused++

	default:
		require.NoError(t, failure, "seed %d", c.Seed)
		r.compareUpdate(c.Seed, pool, &want)
		require.Equal(t, golden.ForecastDigest(&want), c.Digest, "seed %d", c.Seed)
		r.executed++
	}
}

// updateDigest returns the digest of a pool's accounts after its update.
func (r *stakePoolRun) updateDigest(pool *figures.StakePool) string {
	after := r.getAll(r.updated(pool))
	state, err := accounts.Load(after, pool.Address, accounts.DecodeStakePool)
	require.NoError(r.t, err)
	list, err := accounts.Load(after, pool.State.ValidatorList, accounts.DecodeValidatorList)
	require.NoError(r.t, err)
	var stakes []*quote.StakeAccountState
	for _, key := range r.updated(pool)[4:] {
		stakes = append(stakes, r.stakeIn(after, key))
	}

	reserve := lamportsIn(after, pool.State.ReserveStake)

	return golden.UpdateDigest(*state, list.Validators, reserve, stakes)
}

// updated returns the accounts that an update of a pool changes: pool, list,
// reserve, mint, and two stake accounts of each validator.
func (r *stakePoolRun) updated(pool *figures.StakePool) []solana.PublicKey {
	state := &pool.State
	keys := []solana.PublicKey{
		pool.Address,
		state.ValidatorList,
		state.ReserveStake,
		state.PoolMint,
	}

	for _, v := range pool.Validators {
		active, transient, err := pool.StakeAddresses(v.Entry)
		require.NoError(r.t, err)
		keys = append(keys, active, transient)
	}

	return keys
}

// stakeIn returns a stake account, or nil if it does not exist.
func (r *stakePoolRun) stakeIn(set *accounts.Set, key solana.PublicKey) *quote.StakeAccountState {
	a, err := set.Get(key)
	if err != nil {
		return nil
	}
	account, err := accounts.DecodeStakeAccount(a)
	require.NoError(r.t, err)
	return &quote.StakeAccountState{Lamports: a.Lamports, Account: *account}
}

// update sends the instructions of a whole update, two in a transaction.
func (r *stakePoolRun) update(pool *figures.StakePool) error {
	t := r.t
	keys, err := instructions.NewStakePool(pool.Program, pool.Address, &pool.State)
	require.NoError(t, err)
	built, err := instructions.StakePoolUpdate(keys, pool.List(), r.chain.Clock.Epoch)
	require.NoError(t, err)
	for pair := range slices.Chunk(built, 2) {
		plan := txn.Plan{
			Payer:    r.payer.PublicKey(),
			Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		}

		plan.Budget.ComputeUnitLimit = 1_400_000
		for _, ix := range pair {
			plan.Steps = append(plan.Steps, txn.Step{Description: "update", Instruction: ix})
		}

		unsigned, err := plan.Compile()
		require.NoError(t, err)
		signed, err := unsigned.Sign(context.Background(), r.payer)
		require.NoError(t, err)
		if err := r.execute(signed); err != nil {
			return err
		}
	}

	return nil
}

// compareUpdate compares every account that an update touches.
func (r *stakePoolRun) compareUpdate(
	seed uint64,
	pool *figures.StakePool,
	want *quote.UpdatedStakePool,
) {
	t := r.t
	state := &pool.State
	keys := r.updated(pool)
	after := r.getAll(keys)
	got, err := accounts.Load(after, pool.Address, accounts.DecodeStakePool)
	require.NoError(t, err)
	cleaned := want.AfterCleanup()
	require.Equal(t, cleaned.Pool.State, *got, "seed %d", seed)
	want.Pool.State = cleaned.Pool.State
	list, err := accounts.Load(after, state.ValidatorList, accounts.DecodeValidatorList)
	require.NoError(t, err)
	require.Equal(t, want.List(), list.Validators, "seed %d", seed)
	mint, err := accounts.Load(after, state.PoolMint, accounts.DecodeMint)
	require.NoError(t, err)
	require.Equal(t, want.Pool.State.PoolTokenSupply, mint.Supply, "seed %d", seed)
	require.Equal(t, want.Pool.ReserveLamports, lamportsIn(after, state.ReserveStake), "seed %d",
		seed)

	for i, v := range want.Validators {
		require.Equal(t, v.Active, r.stakeIn(after, keys[4+2*i]), "seed %d, validator %d", seed, i)
		require.Equal(t, v.Transient, r.stakeIn(after, keys[5+2*i]), "seed %d, validator %d", seed,
			i)
	}
}
