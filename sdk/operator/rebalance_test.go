package operator_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestRebalance_Example has the figures of the documentation: 60 and 30 SOL
// become 45 each, in two epochs.
func TestRebalance_Example(t *testing.T) {
	c := newChain(t)
	pool := c.launch(95 * sol)
	for i, stake := range []uint64{60 * sol, 30 * sol} {
		c.run(operator.AddValidator(c.addParams(c.votes[i], stake)))
	}

	params := operator.RebalanceParams{
		Pool:   pool,
		Staker: c.payer.PublicKey(),
		Liquid: c.pool().Pool.ReserveLamports - 2_282_880,
		Weights: []operator.Weight{
			{VoteAccount: c.votes[0], Weight: 3},
			{VoteAccount: c.votes[1], Weight: 3},
		},
	}

	f := c.forecast(operator.Rebalance(params))
	require.EqualValues(t, 2, f.Epochs())
	require.Equal(t, []operator.StepKind{
		operator.StepTransaction, operator.StepWait, operator.StepPoolUpdate,
		operator.StepTransaction, operator.StepWait, operator.StepPoolUpdate,
	}, kinds(f))

	c.run(operator.Rebalance(params))
	require.EqualValues(t, 45*sol, c.stakeOf(c.votes[0]))
	require.InDelta(t, 45*sol, c.stakeOf(c.votes[1]), 5_000_000, "less the rent in transit")
	require.Empty(t, c.forecast(operator.Rebalance(params)).Steps)
}

// TestRebalance_Random rebalances random pools. No lamport is lost, the plan
// ends within a few epochs, and then each validator is within the minimum
// delegation of its share unless no other one can use what it has.
func TestRebalance_Random(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var moved int
	for range 40 {
		c := newChain(t)
		params := c.randomPool(rng)
		total := c.pool().Pool.State.TotalLamports
		f := c.forecast(operator.Rebalance(params))
		require.LessOrEqual(t, f.Epochs(), uint64(4))
		after := f.After.Pool
		require.Equal(t, total, after.Pool.State.TotalLamports, "%s", f)
		moved += f.Transactions
		requireBalanced(t, f, params)
	}

	require.NotZero(t, moved)
}

// randomPool launches a pool with random stake and returns random weights.
func (c *chain) randomPool(rng *rand.Rand) operator.RebalanceParams {
	pool := c.launch(200 * sol)
	params := operator.RebalanceParams{
		Pool:             pool,
		Staker:           c.payer.PublicKey(),
		PayTransientRent: true,
	}
	if rng.IntN(2) == 0 {
		params.Liquid = rng.Uint64N(50 * sol)
	}

	for i := range 2 + rng.IntN(3) {
		stake := rng.Uint64N(45 * sol)
		c.run(operator.AddValidator(c.addParams(c.votes[i], stake)))
		params.Weights = append(params.Weights, operator.Weight{
			VoteAccount: c.votes[i],
			Weight:      rng.Uint64N(5) + uint64(i%2),
		})
	}

	return params
}

// requireBalanced checks the end of a forecast: no move of at least 1 SOL
// brings it closer to the shares.
func requireBalanced(t *testing.T, f *operator.Forecast, params operator.RebalanceParams) {
	t.Helper()
	pool := f.After.Pool
	kept := float64(2_282_880 + params.Liquid)
	reserve := float64(pool.Pool.ReserveLamports)
	total := max(reserve-kept, 0)
	weights := make(map[solana.PublicKey]float64)
	for _, v := range pool.Validators {
		require.Zero(t, v.Entry.TransientStakeLamports)
		total += float64(v.Active.Account.Delegation.Stake)
		weights[v.Entry.VoteAccount] = 0
	}

	for _, w := range params.Weights {
		weights[w.VoteAccount] = float64(w.Weight)
	}

	shares := sharesOf(weights, total)
	var lacks, tooMuch float64
	for _, v := range pool.Validators {
		off := float64(v.Active.Account.Delegation.Stake) - shares[v.Entry.VoteAccount]
		lacks, tooMuch = max(lacks, -off), max(tooMuch, off)
	}

	const rents = 50_000_000
	require.False(t, tooMuch >= sol+rents && lacks >= sol+rents, "%s", f)
	require.False(t, tooMuch >= sol+rents && kept-reserve >= sol+rents, "%s", f)
	require.False(t, reserve-kept >= sol+rents && lacks >= sol/2+rents, "%s", f)
}

// sharesOf divides stake by weight. Those below 1 SOL get 1 SOL.
func sharesOf(weights map[solana.PublicKey]float64, total float64) map[solana.PublicKey]float64 {
	shares := make(map[solana.PublicKey]float64)
	for {
		var sum float64
		for vote, w := range weights {
			if shares[vote] == 0 {
				sum += w
			}
		}

		var least solana.PublicKey
		for vote, w := range weights {
			if shares[vote] == 0 && total*w < sol*sum || sum == 0 && shares[vote] == 0 {
				least = vote
			}
		}

		if least.IsZero() {
			for vote, w := range weights {
				if shares[vote] == 0 {
					shares[vote] = total * w / sum
				}
			}

			return shares
		}

		shares[least] = sol
		total = max(total-sol, 0)
	}
}

// TestRebalance_ReserveAtRent decreases stake although the reserve cannot lend
// the rent, if the payer may give it.
func TestRebalance_ReserveAtRent(t *testing.T) {
	c := newChain(t)
	pool := c.launch(40 * sol)
	c.run(operator.AddValidator(c.addParams(c.votes[1], 0)))
	free := c.pool().Pool.MaxIncrease()
	c.run(operator.AddValidator(c.addParams(c.votes[0], free+sol)))

	// The next update returns the rent of the increase, so spend it.
	c.emptyReserve()
	params := operator.RebalanceParams{
		Pool:   pool,
		Staker: c.payer.PublicKey(),
		Weights: []operator.Weight{
			{VoteAccount: c.votes[0], Weight: 1},
			{VoteAccount: c.votes[1], Weight: 1},
		},
	}

	require.ErrorIs(t, c.refused(operator.Rebalance(params)), quote.ErrInsufficientReserve)

	params.PayTransientRent = true
	f := c.forecast(operator.Rebalance(params))
	require.EqualValues(t, 2_282_880, f.Cost.Gift)
	require.Contains(t, f.String(), "gift to the pool 0.00228288 SOL")
	c.run(operator.Rebalance(params))
	require.InDelta(t, c.stakeOf(c.votes[0]), c.stakeOf(c.votes[1]), 10_000_000)
}

// emptyReserve leaves the reserve its rent, as a withdrawal of a user does.
func (c *chain) emptyReserve() {
	pool := c.pool()
	address := pool.Pool.State.ReserveStake
	reserve, ok := c.node.Account(address)
	require.True(c.t, ok)
	pool.Pool.State.TotalLamports -= reserve.Lamports - 2_282_880
	reserve.Lamports = 2_282_880
	c.node.Put(reserve)
	account, ok := c.node.Account(pool.Pool.Address)
	require.True(c.t, ok)
	account.Data = append(pool.Pool.State.Encode(),
		make([]byte, accounts.StakePoolSpace-len(pool.Pool.State.Encode()))...)
	c.node.Put(account)
}

// TestRebalance_Refused lists what is foreseen before anything is sent.
func TestRebalance_Refused(t *testing.T) {
	c := newChain(t)
	params := operator.RebalanceParams{
		Pool:    c.launch(0),
		Staker:  c.payer.PublicKey(),
		Weights: []operator.Weight{{VoteAccount: c.votes[3], Weight: 1}},
	}

	require.ErrorIs(t, c.refused(operator.Rebalance(params)), operator.ErrUnlisted)
	params.Payer, params.Staker = c.payer.PublicKey(), c.other.PublicKey()
	require.ErrorIs(t, c.refused(operator.Rebalance(params)), operator.ErrNotStaker)

	weight := operator.Weight{VoteAccount: c.votes[0], Weight: math.MaxUint64}
	for _, weights := range [][]operator.Weight{
		nil,
		{{VoteAccount: c.votes[0]}},
		{weight, weight},
		{weight, {VoteAccount: c.votes[1], Weight: 1}},
	} {
		params.Weights = weights
		_, err := operator.Rebalance(params)
		require.ErrorIs(t, err, operator.ErrParams)
	}
}
