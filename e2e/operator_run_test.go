package e2e

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestOperator_Run runs a pool of several validators with Plan.Run alone, which
// sends and confirms, from its launch until its last validator is retired. A
// context that ends at a random step cuts the runs.
func TestOperator_Run(t *testing.T) {
	seed := envUint(t, seedVariable, rand.Uint64())
	forStakePools(t, func(l *localnet, program solana.PublicKey) {
		count := newPlanCount()
		r := newPlanRun(l, program, seed, count)
		params := r.randomLaunch()
		params.MaxValidators, params.VoteAccount, params.Deposit = 4, r.votes[0], 60*sol
		r.runAll(func() *operator.Plan { return r.plan(operator.Launch(params)) })
		for i, stake := range []uint64{0, 30 * sol, 5 * sol} {
			r.runAll(func() *operator.Plan {
				return r.plan(operator.AddValidator(operator.AddValidatorParams{
					Pool:        r.pool.Address,
					Staker:      r.staker.PublicKey(),
					VoteAccount: r.votes[i],
					Stake:       stake,
				}))
			})
		}

		r.runAll(r.randomRebalance())
		r.runAll(r.randomFees())
		r.runAll(r.randomDeposit())
		for i := range 3 {
			r.runAll(func() *operator.Plan {
				return r.plan(operator.Retire(operator.RetireParams{
					Pool:        r.pool.Address,
					Staker:      r.staker.PublicKey(),
					VoteAccount: r.votes[i],
				}))
			})
		}

		require.Empty(l.t, r.list().Validators)
		l.t.Logf("seed %d: %d plans done, cuts %v", seed, count.done, count.cuts)
	})
}

// runAll runs a plan over all its epochs, cut at random. The transactions that
// landed are those of its forecast.
func (r *planRun) runAll(remake func() *operator.Plan) {
	t := r.t
	t.Helper()
	forecast, err := remake().DryRun(r.ctx, r.client)
	require.NoError(t, err)
	var signers []txn.Signer
	for _, key := range r.signers {
		signers = append(signers, key)
	}

	for range 60 {
		report, cut := r.runOnce(remake(), signers)
		if report.Done {
			r.count.done++
			r.compareState(forecast.After, forecast.Plan)
			return
		}

		if !cut {
			require.True(t, report.Waits, "%s", report)
			r.nextPlanEpoch()
		}
	}

	require.Fail(t, "the plan does not end", "%s", remake())
}

// runOnce runs a plan once. It reports whether the run was cut.
func (r *planRun) runOnce(
	plan *operator.Plan, signers []txn.Signer,
) (report *operator.Report, cut bool) {
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	calls, at := 0, r.rng.IntN(5)
	opts := operator.Options{Progress: func(operator.Progress) {
		if calls == at {
			cancel()
		}

		calls++
	}}

	report, err := plan.Run(ctx, r.client, opts, signers...)
	if ctx.Err() != nil {
		r.count.cuts["context ended"]++
		return report, !report.Waits
	}

	require.NoError(r.t, err)

	return report, false
}

// TestOperator_EndedOutside retires a validator whose stake was deactivated
// from outside while an increase was in transit, after which no pool update is
// possible. No lamport is lost.
func TestOperator_EndedOutside(t *testing.T) {
	seed := envUint(t, seedVariable, rand.Uint64())
	forStakePools(t, func(l *localnet, program solana.PublicKey) {
		t := l.t
		r := newPlanRun(l, program, seed, newPlanCount())
		if !quote.StakePoolUpdateKnown(r.hash) {
			t.Logf("build %.8s: its update of such stake is not known", r.hash)
			return
		}

		params := r.randomLaunch()
		params.MaxValidators, params.VoteAccount, params.Deposit = 2, r.votes[0], 40*sol
		r.runAll(func() *operator.Plan { return r.plan(operator.Launch(params)) })
		r.nextPlanEpoch()
		_, err := r.carryOut(r.upkeep)
		require.NoError(t, err)
		add := func() *operator.Plan {
			return r.plan(operator.AddValidator(operator.AddValidatorParams{
				Pool:        r.pool.Address,
				Staker:      r.staker.PublicKey(),
				VoteAccount: r.votes[0],
				Stake:       10 * sol,
			}))
		}

		_, err = r.carryOut(add)
		require.NoError(t, err)
		r.endOutside(r.votes[0])
		r.nextPlanEpoch()
		_, err = r.next(r.upkeep())
		require.ErrorIs(t, err, quote.ErrUpdateFails)
		require.ErrorContains(t, err, "retire it")
		total := r.state().TotalLamports
		r.runAll(func() *operator.Plan {
			return r.plan(operator.Retire(operator.RetireParams{
				Pool:        r.pool.Address,
				Staker:      r.staker.PublicKey(),
				VoteAccount: r.votes[0],
			}))
		})

		require.Empty(t, r.list().Validators)
		require.Equal(t, total, r.state().TotalLamports)
	})
}

// endOutside deactivates the stake of a validator in the current epoch.
func (r *planRun) endOutside(vote solana.PublicKey) {
	r.t.Helper()
	const deactivationEpoch = 172
	active, _ := r.addresses(r.entry(vote))
	a, err := r.get(active).Get(active)
	require.NoError(r.t, err)
	binary.LittleEndian.PutUint64(a.Data[deactivationEpoch:], r.chain().Clock.Epoch)
	r.batch(setAccount(a))
}

// TestOperator_UpkeepLarge updates pools of up to 400 validators by a plan, in
// several transactions.
func TestOperator_UpkeepLarge(t *testing.T) {
	cases := max(int(envUint(t, casesVariable, defaultCases))/50, 1)
	eachPoolUpdateRun(t, func(r *poolUpdateRun, seed uint64) {
		for i := range cases {
			seed := seed + uint64(i)
			rng := rand.New(rand.NewPCG(seed, 6))
			pool, client, want, refusal := r.unsettledPool(rng, 20+rng.IntN(60), false)
			if refusal != nil {
				continue
			}

			plan, err := operator.Upkeep(operator.UpkeepParams{
				Pool:  pool.Address,
				Payer: r.payer.PublicKey(),
			})

			require.NoError(r.t, err)
			next, err := plan.Next(r.t.Context(), client.Client, operator.Options{})
			require.NoError(r.t, err, "seed %d", seed)
			require.Equal(r.t, next.Transactions > 1, next.Unsigned == nil, "seed %d", seed)

			report, err := plan.Run(r.t.Context(), client.Client, operator.Options{}, r.payer)
			require.NoError(r.t, err, "seed %d", seed)
			require.True(r.t, report.Done)
			require.Len(r.t, report.Receipts, next.Transactions)
			require.Equal(r.t, want.Pool.State.TotalLamports,
				next.After.Pool.Pool.State.TotalLamports)
			r.compareUpdate(seed, pool, &want)
			r.executed++
		}
	})
}
