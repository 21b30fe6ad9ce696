package operator_test

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// threeValidators is a pool with 60 SOL at one validator and little at two
// others.
func threeValidators(c *chain) operator.RebalanceParams {
	c.t.Helper()
	pool := c.launch(70 * sol)
	for i, stake := range []uint64{60 * sol, 0, 0} {
		c.run(operator.AddValidator(operator.AddValidatorParams{
			Pool:        pool,
			Staker:      c.payer.PublicKey(),
			VoteAccount: c.votes[i],
			Stake:       stake,
		}))
	}

	return operator.RebalanceParams{
		Pool:   pool,
		Staker: c.payer.PublicKey(),
		Weights: []operator.Weight{
			{VoteAccount: c.votes[0], Weight: 1},
			{VoteAccount: c.votes[1], Weight: 1},
			{VoteAccount: c.votes[2], Weight: 1},
		},
	}
}

// TestPlan_Run_CutEverywhere cuts a run before and after each of its
// transactions. What follows does the rest, and the number of transactions is
// that of the forecast.
func TestPlan_Run_CutEverywhere(t *testing.T) {
	for _, afterwards := range []bool{false, true} {
		c := newChain(t)
		params := threeValidators(c)
		f := c.forecast(operator.Rebalance(params))
		require.Greater(t, f.Transactions, 4)

		before := c.landed
		for runs := 0; ; runs++ {
			require.Less(t, runs, 40)
			c.connect()
			ctx, cancel := context.WithCancel(t.Context())
			opts := c.options()
			c.onSend = nil
			if afterwards {
				c.onSend = cancel
			} else if runs%2 == 0 {
				opts.Progress = func(operator.Progress) { cancel() }
			}

			plan, err := operator.Rebalance(params)
			require.NoError(t, err)
			report, err := plan.Run(ctx, c.client, opts, c.signers()...)
			cancel()
			if report.Done {
				break
			}

			if err == nil {
				c.nextEpoch()
			}
		}

		require.Equal(t, f.Transactions, c.landed-before)
		require.Equal(t, f.After.Pool.Validators, c.pool().Validators)
		require.Equal(t, f.After.Pool.Pool.ReserveLamports, c.pool().Pool.ReserveLamports)
	}
}

// TestPlan_Run_Reports checks the report, the progress and the texts of a run
// that waits.
func TestPlan_Run_Reports(t *testing.T) {
	c := newChain(t)
	params := threeValidators(c)
	plan, err := operator.Rebalance(params)
	require.NoError(t, err)

	var told []string
	opts := c.options()
	opts.Progress = func(p operator.Progress) {
		c.step = p.Step
		if p.Receipt == nil {
			told = append(told, p.Step.String())
		} else {
			require.NotZero(t, p.Receipt.Slot)
			require.NotZero(t, p.Transactions)
		}
	}

	report, err := plan.Run(t.Context(), c.client, opts, c.signers()...)
	require.NoError(t, err)
	require.False(t, report.Done)
	require.True(t, report.Waits)
	require.Equal(t, c.clock.Epoch+1, report.Epoch)
	require.Len(t, told, len(report.Steps)+1)
	require.Len(t, report.Receipts, len(report.Steps))
	require.EqualValues(t, 5_000*len(report.Receipts), report.Fee)
	require.Contains(t, report.String(), "waits for epoch 7")
	require.Contains(t, told[0], "SOL")

	done := c.run(operator.Rebalance(params))
	require.Contains(t, done.String(), "done: ")
	require.Equal(t, "no report", (*operator.Report)(nil).String())
	require.Equal(t, "done", (*operator.Step)(nil).String())
	require.Equal(t, "no plan", (*operator.Plan)(nil).String())
	require.Contains(t, plan.String(), "rebalance pool")
}

// TestPlan_Run_MissingSigner refuses to send what it cannot sign.
func TestPlan_Run_MissingSigner(t *testing.T) {
	c := newChain(t)
	plan, err := operator.Launch(c.launchParams())
	require.NoError(t, err)
	_, err = plan.Run(t.Context(), c.client, operator.Options{}, c.payer)
	require.ErrorIs(t, err, txn.ErrMissingSignature)
	require.Zero(t, c.landed)
}

// TestPlan_Run_NoProgress stops if a transaction lands without an effect.
func TestPlan_Run_NoProgress(t *testing.T) {
	c := newChain(t)
	pool := c.launch(0)
	c.nextEpoch()
	plan, err := operator.Upkeep(operator.UpkeepParams{Pool: pool, Payer: c.payer.PublicKey()})
	require.NoError(t, err)
	before, err := plan.Load(t.Context(), c.client)
	require.NoError(t, err)
	opts := operator.Options{Progress: func(operator.Progress) {
		c.step = &operator.Step{After: before}
	}}

	_, err = plan.Run(t.Context(), c.client, opts, c.payer)
	require.ErrorIs(t, err, operator.ErrNoProgress)
}

// TestPlan_WaitsForRewards waits while rewards are being distributed.
func TestPlan_WaitsForRewards(t *testing.T) {
	c := newChain(t)
	pool := c.launch(5 * sol)
	c.nextEpoch()
	c.rewards(true)
	plan, err := operator.Upkeep(operator.UpkeepParams{Pool: pool, Payer: c.payer.PublicKey()})
	require.NoError(t, err)
	next, err := plan.Next(t.Context(), c.client, operator.Options{})
	require.NoError(t, err)
	require.Equal(t, operator.StepWait, next.Kind)
	require.Equal(t, c.clock.Epoch, next.Epoch)
	require.Equal(t, "wait: staking rewards are being distributed", next.String())
	require.Equal(t, 1, c.forecast(plan, nil).Transactions)

	c.rewards(false)
	c.run(plan, nil)

	// A pool that is up to date, but whose stake cannot be moved.
	c.rewards(true)
	report, err := c.retire().Run(t.Context(), c.client, c.options(), c.signers()...)
	require.NoError(t, err)
	require.True(t, report.Waits)
	require.Equal(t, c.clock.Epoch, report.Epoch)
}

// TestPlan_Unusable checks missing arguments.
func TestPlan_Unusable(t *testing.T) {
	c := newChain(t)
	plan, err := operator.Launch(c.launchParams())
	require.NoError(t, err)
	for _, p := range []*operator.Plan{nil, {}} {
		_, err := p.DryRun(t.Context(), c.client)
		require.ErrorIs(t, err, accounts.ErrNil)
	}

	_, err = plan.Next(t.Context(), nil, operator.Options{})
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = plan.Next(nil, c.client, operator.Options{}) //nolint:staticcheck // It must not panic.
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = plan.Load(t.Context(), nil)
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = plan.Run(t.Context(), nil, operator.Options{})
	require.ErrorIs(t, err, accounts.ErrNil)

	upkeep, err := operator.Upkeep(operator.UpkeepParams{
		Pool:  c.other.PublicKey(),
		Payer: c.payer.PublicKey(),
	})

	require.NoError(t, err)
	_, err = upkeep.Next(t.Context(), c.client, operator.Options{})
	require.ErrorIs(t, err, sdk.ErrNoStakePool)
}

// TestPlan_Run_MaxCost sends nothing that costs more than the limit, over all
// steps of a call: also if a node reports another rent than that of the chain.
func TestPlan_Run_MaxCost(t *testing.T) {
	c := newChain(t)
	f := c.forecast(operator.Launch(c.launchParams()))
	plan, err := operator.Launch(c.launchParams())
	require.NoError(t, err)
	opts := c.options()
	opts.MaxCost = f.Cost.Total()

	c.node.Put(figures.Chain{Rent: accounts.NewRent(6_960_000)}.Accounts()[1])
	_, err = plan.Run(t.Context(), c.client, opts, c.signers()...)
	require.ErrorIs(t, err, operator.ErrMaxCost)
	_, err = plan.Next(t.Context(), c.client, opts)
	require.ErrorIs(t, err, operator.ErrMaxCost)
	require.Zero(t, c.landed)

	c.node.Put(figures.Chain{Rent: c.rent}.Accounts()[1])
	opts.MaxCost--
	_, err = plan.Run(t.Context(), c.client, opts, c.signers()...)
	require.ErrorIs(t, err, operator.ErrMaxCost)
	require.Equal(t, 1, c.landed, "the second transaction costs a lamport too much")

	opts.MaxCost = f.Steps[1].Cost.Total()
	report, err := plan.Run(t.Context(), c.client, opts, c.signers()...)
	require.NoError(t, err)
	require.True(t, report.Done)
}

// TestPlan_DryRun_Endless ends a forecast of stake that never arrives, as no
// honest node shows it.
func TestPlan_DryRun_Endless(t *testing.T) {
	c := newChain(t)
	c.launch(20 * sol)
	plan, err := operator.AddValidator(c.addParams(c.votes[0], 9*sol))
	require.NoError(t, err)
	_, err = plan.Run(t.Context(), c.client, c.options(), c.payer)
	require.NoError(t, err)

	const activationEpoch = 164
	stake, ok := c.node.Account(c.stakes[1])
	require.True(t, ok)
	binary.LittleEndian.PutUint64(stake.Data[activationEpoch:], accounts.NeverEpoch-1)
	c.node.Put(stake)

	f := c.forecast(plan, nil)
	require.True(t, f.Partial)
	require.EqualValues(t, 1_000, f.Epochs())
	require.Contains(t, f.String(), "no end is in sight after 1000 epochs")
}
