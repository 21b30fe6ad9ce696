package operator_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// feeParams are parameters of the payer's pool.
func (c *chain) feeParams(fees map[accounts.StakePoolFeeKind]accounts.Fee) operator.SetFeesParams {
	return operator.SetFeesParams{
		Pool:    c.keys[0].PublicKey(),
		Manager: c.payer.PublicKey(),
		Fees:    fees,
	}
}

// TestSetFees_Steps raises a withdrawal fee from 0.1 % to 0.3 %, which takes
// three steps of two epochs, together with fees that need one.
func TestSetFees_Steps(t *testing.T) {
	c := newChain(t)
	launch := c.launchParams()
	launch.WithdrawalFee = accounts.Fee{Numerator: 1, Denominator: 1000}
	c.run(operator.Launch(launch))
	want := accounts.Fee{Numerator: 3, Denominator: 1000}
	share := uint8(7)
	params := c.feeParams(map[accounts.StakePoolFeeKind]accounts.Fee{
		accounts.StakePoolSOLWithdrawalFee: want,
		accounts.StakePoolEpochFee:         {Numerator: 5, Denominator: 100},
		accounts.StakePoolSOLDepositFee:    {Numerator: 1, Denominator: 100},
	})

	params.SOLReferral = &share

	f := c.forecast(operator.SetFees(params))
	require.EqualValues(t, 6, f.Epochs())
	require.Equal(t, 3+6, f.Transactions, "three changes and six pool updates")
	c.run(operator.SetFees(params))
	state := c.pool().Pool.State
	require.Equal(t, want, state.SOLWithdrawalFee)
	require.Equal(t, accounts.Fee{Numerator: 5, Denominator: 100}, state.EpochFee)
	require.Equal(t, accounts.Fee{Numerator: 1, Denominator: 100}, state.SOLDepositFee)
	require.EqualValues(t, 7, state.SOLReferralFee)
	require.Zero(t, state.NextSOLWithdrawalFee)
	require.Empty(t, c.forecast(operator.SetFees(params)).Steps)

	// The same fraction in other words is no change.
	params.Fees[accounts.StakePoolEpochFee] = accounts.Fee{Numerator: 1, Denominator: 20}
	require.Empty(t, c.forecast(operator.SetFees(params)).Steps)
}

// TestSetFees_FromNothing raises a withdrawal fee from nothing: to 0.15 %, then
// by half each time.
func TestSetFees_FromNothing(t *testing.T) {
	c := newChain(t)
	c.launch(0)
	f := c.forecast(operator.SetFees(c.feeParams(map[accounts.StakePoolFeeKind]accounts.Fee{
		accounts.StakePoolStakeWithdrawalFee: {Numerator: 3, Denominator: 1000}})))
	var set []string
	for _, s := range f.Steps {
		if s.Kind == operator.StepTransaction {
			set = append(set, s.Description)
		}
	}

	require.Equal(t, []string{"set fee 3 to 1500000/1000000000", "set fee 3 to 2250000/1000000000",
		"set fee 3 to 3/1000"}, set)
}

// TestSetFees_ReplacesScheduled replaces a fee that is scheduled, and takes
// back a change.
func TestSetFees_ReplacesScheduled(t *testing.T) {
	c := newChain(t)
	c.launch(0)
	set := func(n uint64) *operator.Plan {
		plan, err := operator.SetFees(c.feeParams(map[accounts.StakePoolFeeKind]accounts.Fee{
			accounts.StakePoolEpochFee: {Numerator: n, Denominator: 100}}))
		require.NoError(t, err)
		return plan
	}

	for _, n := range []uint64{5, 6} {
		report, err := set(n).Run(t.Context(), c.client, c.options(), c.payer)
		require.NoError(t, err)
		require.True(t, report.Waits)
		require.Len(t, report.Steps, 1)
		require.Equal(t, accounts.Fee{Numerator: n, Denominator: 100},
			c.pool().Pool.State.NextEpochFee.Fee)
	}

	c.run(set(0), nil)
	require.True(t, c.pool().Pool.State.EpochFee.IsZero())
	require.Zero(t, c.pool().Pool.State.NextEpochFee)
}

// TestSetFees_Random reaches random withdrawal fees from random ones, and each
// step is as high as the program allows.
func TestSetFees_Random(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 30 {
		c := newChain(t)
		launch := c.launchParams()
		launch.WithdrawalFee = accounts.Fee{Numerator: rng.Uint64N(50), Denominator: 10_000}
		c.run(operator.Launch(launch))
		want := accounts.Fee{Numerator: rng.Uint64N(300), Denominator: 10_000}
		params := c.feeParams(map[accounts.StakePoolFeeKind]accounts.Fee{
			accounts.StakePoolStakeWithdrawalFee: want})
		f := c.forecast(operator.SetFees(params))
		got := f.After.Pool.Pool.State.StakeWithdrawalFee
		require.Equal(t, got.Numerator*want.Denominator, want.Numerator*got.Denominator,
			"%v to %v: %v", launch.WithdrawalFee, want, got)

		// From nothing to 0.15 %, then by half each.
		highest, steps := max(launch.WithdrawalFee.Numerator, 10), uint64(1)
		for at := float64(highest) * 1.5; at < float64(want.Numerator); at += min(at/2, 50) {
			steps++
		}

		if want.Numerator > launch.WithdrawalFee.Numerator && launch.WithdrawalFee.Numerator >= 10 {
			require.LessOrEqual(t, f.Epochs(), 2*(steps+1))
		}
	}
}

// TestSetFees_Refused lists what is foreseen before anything is sent.
func TestSetFees_Refused(t *testing.T) {
	c := newChain(t)
	c.launch(0)
	epoch := map[accounts.StakePoolFeeKind]accounts.Fee{
		accounts.StakePoolEpochFee: {Numerator: 1, Denominator: 10}}
	params := c.feeParams(epoch)
	params.Payer, params.Manager = params.Manager, c.other.PublicKey()
	require.ErrorIs(t, c.refused(operator.SetFees(params)), operator.ErrNotManager)

	share := uint8(101)
	for _, fees := range []map[accounts.StakePoolFeeKind]accounts.Fee{
		nil,
		{accounts.StakePoolEpochFee: {Numerator: 2, Denominator: 1}},
		{1: {Numerator: 1, Denominator: 2}},
		{7: {Numerator: 1, Denominator: 2}},
	} {
		_, err := operator.SetFees(c.feeParams(fees))
		require.ErrorIs(t, err, operator.ErrParams)
	}

	params = c.feeParams(epoch)
	params.StakeReferral = &share
	_, err := operator.SetFees(params)
	require.ErrorIs(t, err, operator.ErrParams)
}

// TestSetFees_NeverRaisesToLower refuses a lower fee whose fraction is beyond
// the arithmetic of the program. A step towards a higher one would be wrong.
func TestSetFees_NeverRaisesToLower(t *testing.T) {
	c := newChain(t)
	launch := c.launchParams()
	launch.WithdrawalFee = accounts.Fee{Numerator: 9e18, Denominator: 1e19}
	c.run(operator.Launch(launch))
	plan, err := operator.SetFees(c.feeParams(map[accounts.StakePoolFeeKind]accounts.Fee{
		accounts.StakePoolSOLWithdrawalFee: {Numerator: 1e19, Denominator: 18e18}}))
	require.ErrorIs(t, c.refused(plan, err), quote.ErrFeeRise)
}
