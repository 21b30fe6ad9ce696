package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
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

// mostForecastValidators is how many validators a pool has at most whose update
// is foreseen.
const mostForecastValidators = 400

// TestStakePoolUpdate_Forecast updates whole pools of 1 to 400 validators in
// all states that their accounts can be in, and compares every account with
// quote.StakePoolState.AfterUpdate. Where an update is forecast to fail, the
// program fails.
func TestStakePoolUpdate_Forecast(t *testing.T) {
	l := connect(t)
	chain := l.chain()
	cases := int(envUint(t, casesVariable, defaultCases))/5 + 1
	seed := envUint(t, seedVariable, rand.Uint64())
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
				validators += r.forecast(seed + uint64(i))
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
}

// forecast updates one pool and returns how many validators it has.
func (r *stakePoolRun) forecast(seed uint64) int {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 4))
	pool, err := figures.RandomStakePool(rng, r.program, r.chain)
	require.NoError(t, err)
	r.unsettle(rng, pool)

	q := pool.Quote(r.chain, quote.StakePoolFeeRounding(r.hash))
	q.UpdateKnown, q.Update = quote.StakePoolUpdateKnown(r.hash), pool.Balances()
	want, foreseen := q.AfterUpdate()

	r.publishLarge(pool)
	failure := r.update(pool)
	if errors.Is(foreseen, quote.ErrBuildDependent) {
		require.False(t, q.UpdateKnown)
		r.cautious++
		return len(pool.Validators)
	}

	if foreseen != nil {
		require.Error(t, failure, "seed %d: %v", seed, foreseen)
		var program *progerr.TransactionError
		require.True(t, errors.As(failure, &program), "seed %d: %v", seed, failure)
		r.reasons[reason(errors.Unwrap(foreseen))]++
		r.refused++

		return len(pool.Validators)
	}

	require.NoError(t, failure, "seed %d", seed)
	r.compareUpdate(seed, pool, &want)
	r.executed++

	return len(pool.Validators)
}

// publishLarge puts a pool of any size on chain.
func (r *stakePoolRun) publishLarge(pool *figures.StakePool) {
	all, err := pool.Accounts(r.chain.Rent)
	require.NoError(r.t, err)
	for chunk := range slices.Chunk(all, 100) {
		calls := make([]call, len(chunk))
		for i, a := range chunk {
			calls[i] = setAccount(a)
		}

		for _, reply := range r.batch(calls...) {
			require.Nil(r.t, reply.Error)
		}
	}
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
	keys := []solana.PublicKey{pool.Address, state.ValidatorList, state.ReserveStake,
		state.PoolMint}
	for _, v := range pool.Validators {
		active, transient, err := pool.StakeAddresses(v.Entry)
		require.NoError(t, err)
		keys = append(keys, active, transient)
	}

	after := r.getAll(keys)
	got, err := accounts.Load(after, pool.Address, accounts.DecodeStakePool)
	require.NoError(t, err)
	r.clearPreferred(want, got)
	require.Equal(t, want.Pool.State, *got, "seed %d", seed)
	list, err := accounts.Load(after, state.ValidatorList, accounts.DecodeValidatorList)
	require.NoError(t, err)
	require.ElementsMatch(t, want.List(), list.Validators, "seed %d", seed)
	mint, err := accounts.Load(after, state.PoolMint, accounts.DecodeMint)
	require.NoError(t, err)
	require.Equal(t, want.Pool.State.PoolTokenSupply, mint.Supply, "seed %d", seed)
	require.Equal(t, want.Pool.ReserveLamports, lamportsIn(after, state.ReserveStake), "seed %d",
		seed)

	stake := func(key solana.PublicKey) *quote.StakeAccountState {
		a, err := after.Get(key)
		if err != nil {
			return nil
		}

		account, err := accounts.DecodeStakeAccount(a)
		require.NoError(t, err)
		return &quote.StakeAccountState{Lamports: a.Lamports, Account: *account}
	}

	for i, v := range want.Validators {
		require.Equal(t, v.Active, stake(keys[4+2*i]), "seed %d, validator %d", seed, i)
		require.Equal(t, v.Transient, stake(keys[5+2*i]), "seed %d, validator %d", seed, i)
	}
}

// clearPreferred takes out of the forecast the preferred validators that the
// clean-up of newer builds resets, because they are not active any more.
func (r *stakePoolRun) clearPreferred(want *quote.UpdatedStakePool, got *accounts.StakePool) {
	clear := func(name string, expected **solana.PublicKey, found *solana.PublicKey) {
		if *expected == nil || found != nil {
			return
		}

		for _, v := range want.List() {
			if v.VoteAccount == **expected {
				require.NotEqual(r.t, accounts.ValidatorActive, v.Status, name)
			}
		}

		*expected = nil
	}

	state := &want.Pool.State
	clear("deposit", &state.PreferredDepositValidator, got.PreferredDepositValidator)
	clear("withdrawal", &state.PreferredWithdrawValidator, got.PreferredWithdrawValidator)
}

// unsettle makes the pool as it is after an epoch without an update: of any
// size, with stake in every state.
func (r *stakePoolRun) unsettle(rng *rand.Rand, pool *figures.StakePool) {
	count := int(figures.RandomAmount(rng, mostForecastValidators))
	r.unsettleValidators(rng, pool, count, rng.IntN(8) == 0)
}

// unsettleValidators does the same for a number of validators.
func (r *stakePoolRun) unsettleValidators(
	rng *rand.Rand,
	pool *figures.StakePool,
	count int,
	hostile bool,
) {
	epoch := r.chain.Clock.Epoch
	state := &pool.State
	pool.MaxValidators = uint32(count)
	authority := pool.Reserve.Account.Staker
	pool.Validators, state.TotalLamports = nil, pool.Reserve.Lamports-figures.StoredRent
	pool.Reserve.Lamports += rng.Uint64N(sol)
	for range count {
		v := r.unsettledValidator(rng, authority, hostile)
		state.TotalLamports += v.Entry.ActiveStakeLamports + v.Entry.TransientStakeLamports
		pool.Validators = append(pool.Validators, v)
	}

	state.LastUpdateEpoch = epoch - 1 - rng.Uint64N(2)
	state.PoolTokenSupply = max(state.TotalLamports/2, 1)
	pool.Mint.Supply = state.PoolTokenSupply
	prefer := func() *solana.PublicKey {
		if rng.IntN(3) > 0 {
			return nil
		}

		return &pool.Validators[rng.IntN(count)].Entry.VoteAccount
	}

	state.PreferredDepositValidator, state.PreferredWithdrawValidator = prefer(), prefer()
}

// unsettledValidator is a validator with stake in any state. Only a hostile one
// has stake that makes the update fail, or that the pool does not own.
func (r *stakePoolRun) unsettledValidator(
	rng *rand.Rand,
	authority solana.PublicKey,
	hostile bool,
) figures.Validator {
	epoch := r.chain.Clock.Epoch
	vote := figures.RandomKey(rng)
	v := figures.Validator{Entry: accounts.ValidatorStakeInfo{
		VoteAccount:         vote,
		LastUpdateEpoch:     epoch - 1,
		Status:              accounts.ValidatorStatus(max(rng.IntN(15)-10, 0)),
		TransientSeedSuffix: rng.Uint64N(3),
	}}
	if rng.IntN(8) == 0 {
		v.Entry.LastUpdateEpoch = epoch
	}

	stake := func() *quote.StakeAccountState {
		staked := sol + rng.Uint64N(1000*sol)
		account := figures.Delegated(authority, figures.StoredRent, vote, staked,
			epoch-1-rng.Uint64N(5))
		account.Delegation.CreditsObserved = rng.Uint64N(1 << 40)
		return &quote.StakeAccountState{Lamports: staked + figures.StoredRent, Account: account}
	}

	odd := func(s *quote.StakeAccountState) *quote.StakeAccountState {
		d := &s.Account.Delegation
		switch rng.IntN(12) {
		case 0, 1:
			d.DeactivationEpoch = epoch - 1
		case 2:
			s.Account.State, s.Account.Delegation = accounts.StakeInitialized, accounts.Delegation{}
		case 3:
			s.Lamports += rng.Uint64N(2 * sol)
		case 4:
			return nil
		case 5:
			d.ActivationEpoch = epoch
		case 6:
			if hostile {
				d.DeactivationEpoch = epoch
			}

		case 7:
			if hostile {
				s.Account.Withdrawer = figures.RandomKey(rng)
			}

		case 8:
			if hostile {
				s.Account.Lockup.Epoch = epoch + 1
			}
		}

		return s
	}

	if v.Active = odd(stake()); v.Active != nil {
		v.Entry.ActiveStakeLamports = v.Active.Lamports - rng.Uint64N(sol/1000)
	}

	if rng.IntN(2) == 0 {
		v.Transient = odd(stake())
	}

	if v.Transient == nil {
		return v
	}

	if rng.IntN(8) > 0 {
		v.Entry.TransientStakeLamports = v.Transient.Lamports
	}

	deactivated := v.Active != nil && v.Active.Account.Delegation.DeactivationEpoch < epoch
	if deactivated && v.Transient.Account.State == accounts.StakeDelegated && !hostile {
		v.Transient.Account.Delegation.DeactivationEpoch = epoch - 1
	}

	return v
}
