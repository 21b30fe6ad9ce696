package operator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/operator"
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
