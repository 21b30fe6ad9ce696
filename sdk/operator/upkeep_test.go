package operator_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/operator"
)

// TestUpkeep_OncePerEpoch updates a pool in a new epoch, and finds nothing to
// do in the same one.
func TestUpkeep_OncePerEpoch(t *testing.T) {
	c := newChain(t)
	pool := c.launch(5 * sol)
	params := operator.UpkeepParams{Pool: pool, Payer: c.other.PublicKey()}
	require.Empty(t, c.forecast(operator.Upkeep(params)).Steps)

	c.nextEpoch()
	f := c.forecast(operator.Upkeep(params))
	require.Equal(t, []operator.StepKind{operator.StepPoolUpdate}, kinds(f))
	require.Equal(t, operator.Cost{NetworkFee: 5_000}, f.Cost)
	require.Contains(t, f.String(), "1. update the pool for epoch 794")

	plan, err := operator.Upkeep(params)
	require.NoError(t, err)
	_, err = plan.Run(t.Context(), c.client, c.options(), c.other)
	require.NoError(t, err)
	require.Equal(t, c.clock.Epoch, c.pool().Pool.State.LastUpdateEpoch)
	require.Empty(t, c.forecast(operator.Upkeep(params)).Steps)

	_, err = operator.Upkeep(operator.UpkeepParams{Pool: pool})
	require.ErrorIs(t, err, operator.ErrParams)
	params.Pool = solana.PublicKey{55}
	plan, err = operator.Upkeep(params)
	require.NoError(t, err)
	_, err = plan.DryRun(t.Context(), c.client)
	require.Error(t, err)
	require.NotErrorIs(t, err, sdk.ErrNoStakePool)
}
