package e2e

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestOperator_Campaign launches random pools and runs each for 30 epochs by
// random plans, with deposits, withdrawals, rewards and donations in between.
// Every step is cut at random and compared account by account, and the program
// must refuse nothing that a plan sends.
func TestOperator_Campaign(t *testing.T) {
	cases := max(int(envUint(t, casesVariable, defaultCases))/30, 1)
	seed := envUint(t, seedVariable, rand.Uint64())
	count := newPlanCount()
	forStakePools(t, func(l *localnet, program solana.PublicKey) {
		own := seed ^ binary.LittleEndian.Uint64(program[8:])
		for i := range cases {
			r := newPlanRun(l, program, own+uint64(i), count)
			r.launchPool()
			r.operate()
		}
	})

	t.Logf("seed %d: %d pools, %d plans done, %d as forecast\nsteps %v\ncuts %v\n"+
		"foreseen %v\nusers %v", seed, count.pools, count.done, count.forecasts, count.steps,
		count.cuts, count.errors, count.users)
	const enough = 30
	if count.pools < enough {
		return
	}

	for _, name := range []string{"create the", "create and", "add validator", "increase the",
		"decrease the", "remove validator", "set the", "set a fee", "update the", "deposit"} {
		for _, cut := range cutNames {
			require.NotZero(t, count.steps[name+", cut "+cut], "%s, cut %s", name, cut)
		}
	}
}

// operate runs a pool for many epochs. A plan that waits continues in the next
// epoch.
func (r *planRun) operate() {
	r.t.Helper()
	var current func() *operator.Plan
	for range plannedEpochs {
		for range 3 {
			for range r.rng.IntN(3) {
				r.userActs()
			}

			if current == nil {
				current = r.randomPlan()
				if r.rng.IntN(3) == 0 {
					r.asForecast(current)
					current = nil
					continue
				}
			}

			last, err := r.carryOut(current)
			if err == nil && last != nil {
				break // It waits.
			}

			current = nil
		}

		r.nextPlanEpoch()
		if r.rng.IntN(4) > 0 {
			_, err := r.carryOut(r.upkeep)
			require.NoError(r.t, err)
		}
	}
}

func (r *planRun) upkeep() *operator.Plan {
	return r.plan(operator.Upkeep(operator.UpkeepParams{Pool: r.pool.Address,
		Payer: r.payer.PublicKey()}))
}

// asForecast carries out a plan over all its epochs, while nothing else changes
// the pool. Its steps and its result must be those of the forecast.
func (r *planRun) asForecast(remake func() *operator.Plan) {
	t := r.t
	t.Helper()
	forecast, err := remake().DryRun(r.ctx, r.client)
	if err != nil || forecast.Partial || forecast.Missing > 0 {
		return
	}

	r.trace = nil
	for range plannedEpochs {
		last, err := r.carryOut(remake)
		require.NoError(t, err, "%s", forecast)
		if last == nil {
			break
		}

		require.Equal(t, operator.StepWait, last.Kind)
		r.trace = append(r.trace, last.String())
		r.nextPlanEpoch()
	}

	var want []string
	for _, s := range forecast.Steps {
		want = append(want, s.String())
	}

	require.Equal(t, want, r.trace, "%s", forecast)
	require.Equal(t, forecast.Until, r.chain().Clock.Epoch)
	r.compareState(forecast.After, forecast.Plan)
	r.count.forecasts++
}

// randomPlan returns a function that makes a random plan.
func (r *planRun) randomPlan() func() *operator.Plan {
	r.t.Helper()
	switch kind := r.rng.IntN(12); {
	case kind < 3:
		return r.randomAddition()
	case kind < 7:
		return r.randomRebalance()
	case kind < 8:
		return r.randomRetirement()
	case kind < 10:
		return r.randomFees()
	case kind < 11:
		return r.randomHandOver()
	}

	return r.randomDeposit()
}

func (r *planRun) randomAddition() func() *operator.Plan {
	params := operator.AddValidatorParams{
		Pool:        r.pool.Address,
		Staker:      r.staker.PublicKey(),
		Payer:       r.payer.PublicKey(),
		VoteAccount: r.votes[r.rng.IntN(len(r.votes))],
		Stake:       r.rng.Uint64N(10) * (sol + r.rng.Uint64N(sol)),
	}
	return func() *operator.Plan { return r.plan(operator.AddValidator(params)) }
}

func (r *planRun) randomRebalance() func() *operator.Plan {
	params := operator.RebalanceParams{
		Pool:             r.pool.Address,
		Staker:           r.staker.PublicKey(),
		PayTransientRent: r.rng.IntN(2) == 0,
	}
	if r.rng.IntN(3) == 0 {
		params.Liquid = r.rng.Uint64N(8 * sol)
	}

	for _, entry := range r.list().Validators {
		if r.rng.IntN(6) > 0 && entry.Status == accounts.ValidatorActive {
			params.Weights = append(params.Weights, operator.Weight{
				VoteAccount: entry.VoteAccount, Weight: 1 + r.rng.Uint64N(4)})
		}
	}

	if len(params.Weights) == 0 {
		params.Weights = []operator.Weight{{VoteAccount: r.votes[0], Weight: 1}}
	}

	return func() *operator.Plan { return r.plan(operator.Rebalance(params)) }
}

func (r *planRun) randomRetirement() func() *operator.Plan {
	params := operator.RetireParams{
		Pool:        r.pool.Address,
		Staker:      r.staker.PublicKey(),
		VoteAccount: r.votes[r.rng.IntN(len(r.votes))],
	}
	return func() *operator.Plan { return r.plan(operator.Retire(params)) }
}

func (r *planRun) randomFees() func() *operator.Plan {
	params := operator.SetFeesParams{
		Pool:    r.pool.Address,
		Manager: r.manager.PublicKey(),
		Fees:    make(map[accounts.StakePoolFeeKind]accounts.Fee),
	}

	for kind := accounts.StakePoolEpochFee; kind <= accounts.StakePoolSOLWithdrawalFee; kind++ {
		if r.rng.IntN(3) == 0 {
			params.Fees[kind] = accounts.Fee{Numerator: r.rng.Uint64N(60), Denominator: 10_000}
		}
	}

	if len(params.Fees) == 0 || r.rng.IntN(2) == 0 {
		share := uint8(r.rng.UintN(101))
		params.SOLReferral = &share
	}

	return func() *operator.Plan { return r.plan(operator.SetFees(params)) }
}

// randomHandOver changes manager, staker and authorities. The roles of the test
// change with them.
func (r *planRun) randomHandOver() func() *operator.Plan {
	params := operator.HandOverParams{
		Pool:    r.pool.Address,
		Manager: r.manager.PublicKey(),
		Payer:   r.payer.PublicKey(),
		Authorities: map[instructions.StakePoolFunding]*solana.PublicKey{
			instructions.StakePoolFundingSOLDeposit: nil},
	}

	if r.rng.IntN(2) == 0 {
		params.NewManager = r.other.PublicKey()
		r.manager, r.other = r.other, r.manager
	}

	if r.rng.IntN(2) == 0 {
		r.staker = []*txn.KeySigner{r.manager, r.other, r.payer}[r.rng.IntN(3)]
		params.NewStaker = r.staker.PublicKey()
	}

	for operation := range instructions.StakePoolFunding(3) {
		key := r.other.PublicKey()
		if r.rng.IntN(4) == 0 {
			params.Authorities[operation] = &key
		}
	}

	return func() *operator.Plan { return r.plan(operator.HandOver(params)) }
}

// randomDeposit makes the first deposit of a new wallet.
func (r *planRun) randomDeposit() func() *operator.Plan {
	key, err := txn.GenerateKeySigner()
	require.NoError(r.t, err)
	r.signers[key.PublicKey()] = key
	r.batch(setAccount(accounts.Account{
		Address:  key.PublicKey(),
		Owner:    accounts.SystemProgram,
		Lamports: 50 * sol,
	}))

	params := operator.DepositParams{
		Pool:      r.pool.Address,
		Depositor: key.PublicKey(),
		Lamports:  1_000_000 + r.rng.Uint64N(30*sol),
	}

	return func() *operator.Plan { return r.plan(operator.Deposit(params)) }
}
