package operator_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestRetire_ReturnsAllStake retires the only validator. All stake is in the
// reserve one epoch later.
func TestRetire_ReturnsAllStake(t *testing.T) {
	c := newChain(t)
	pool := c.launch(9 * sol)
	c.run(operator.AddValidator(c.addParams(c.votes[0], 9*sol)))
	total := c.pool().Pool.State.TotalLamports

	f := c.forecast(c.retire(), nil)
	require.EqualValues(t, 1, f.Epochs())
	require.Equal(t, 2, f.Transactions)

	c.run(c.retire(), nil)
	require.Empty(t, c.pool().Validators)
	require.Equal(t, total+2_282_880, c.pool().Pool.ReserveLamports)
	require.Empty(t, c.forecast(c.retire(), nil).Steps, "nothing is left to do")

	c.run(operator.AddValidator(c.addParams(c.votes[0], 0)))
	plan, err := operator.Retire(operator.RetireParams{
		Pool:        pool,
		Staker:      c.other.PublicKey(),
		VoteAccount: c.votes[0],
	})

	require.ErrorIs(t, c.refused(plan, err), operator.ErrNotStaker)

	_, err = operator.Retire(operator.RetireParams{Pool: pool, Staker: c.other.PublicKey()})
	require.ErrorIs(t, err, operator.ErrParams)
}

// TestRetire_EndedOutside retires a validator whose stake was deactivated from
// outside while an increase was in transit: its balances are recorded first,
// without merging the stake, because no pool update would be possible.
func TestRetire_EndedOutside(t *testing.T) {
	c := newChain(t)
	pool := c.launch(20 * sol)
	c.nextEpoch()
	upkeep := operator.UpkeepParams{Pool: pool, Payer: c.payer.PublicKey()}
	c.run(operator.Upkeep(upkeep))
	plan, err := operator.AddValidator(c.addParams(c.votes[0], 10*sol))
	require.NoError(t, err)
	_, err = plan.Run(t.Context(), c.client, c.options(), c.payer)
	require.NoError(t, err)

	const deactivationEpoch = 172
	stake, ok := c.node.Account(c.stakes[0])
	require.True(t, ok)
	binary.LittleEndian.PutUint64(stake.Data[deactivationEpoch:], c.clock.Epoch)
	c.node.Put(stake)
	c.nextEpoch()
	total := c.pool().Pool.State.TotalLamports

	err = c.refused(operator.Upkeep(upkeep))
	require.ErrorIs(t, err, quote.ErrUpdateFails)
	require.ErrorContains(t, err, "retire it")
	f := c.forecast(c.retire(), nil)
	require.Equal(t, []operator.StepKind{operator.StepTransaction, operator.StepPoolUpdate,
		operator.StepTransaction, operator.StepWait, operator.StepPoolUpdate}, kinds(f))
	c.run(c.retire(), nil)
	require.Empty(t, c.pool().Validators)
	require.Equal(t, total, c.pool().Pool.State.TotalLamports)
}

// TestRetire_MissingTransient refuses to retire a validator whose stake in
// transit a node does not show, while another one makes the update impossible.
func TestRetire_MissingTransient(t *testing.T) {
	c := newChain(t)
	c.launch(40 * sol)
	for _, vote := range c.votes[:2] {
		c.run(operator.AddValidator(c.addParams(vote, 3*sol)))
	}

	for _, vote := range c.votes[:2] {
		plan, err := operator.AddValidator(c.addParams(vote, 9*sol))
		require.NoError(t, err)
		_, err = plan.Run(t.Context(), c.client, c.options(), c.payer)
		require.NoError(t, err)
	}

	const deactivationEpoch = 172
	for _, active := range []int{0, 2} {
		stake, ok := c.node.Account(c.stakes[active])
		require.True(t, ok)
		binary.LittleEndian.PutUint64(stake.Data[deactivationEpoch:], c.clock.Epoch)
		c.node.Put(stake)
	}

	c.node.Remove(c.stakes[1])
	c.nextEpoch()
	require.ErrorIs(t, c.refused(c.retire(), nil), quote.ErrUpdateFails)
}
