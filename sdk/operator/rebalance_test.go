package operator_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
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
	require.Equal(t, uint64(45*sol), c.stakeOf(c.votes[0]))
	require.InDelta(t, uint64(45*sol), c.stakeOf(c.votes[1]), 5_000_000, "less the rent in transit")
	require.Empty(t, c.forecast(operator.Rebalance(params)).Steps)
}

// staked launches a pool whose validators have the given stakes, in tenths of a
// SOL, and returns the parameters for a reserve that has nothing to give.
func (c *chain) staked(tenths ...uint64) operator.RebalanceParams {
	c.t.Helper()
	pool := c.launch(300 * sol)
	for i, n := range tenths {
		c.run(operator.AddValidator(c.addParams(c.votes[i], n*sol/10)))
		require.Equal(c.t, n*sol/10, c.stakeOf(c.votes[i]))
	}

	return operator.RebalanceParams{
		Pool:   pool,
		Staker: c.payer.PublicKey(),
		Liquid: c.pool().Pool.ReserveLamports - 2_282_880,
	}
}

// weighted sets the weights of the validators.
func (c *chain) weighted(
	params operator.RebalanceParams, weights ...uint64,
) operator.RebalanceParams {
	params.Weights = nil
	for i, weight := range weights {
		params.Weights = append(params.Weights,
			operator.Weight{VoteAccount: c.votes[i], Weight: weight})
	}
	return params
}

// moves returns the moves of stake in a forecast, for example "decrease 0 by
// 15" for the first validator. A wait is "wait".
func (c *chain) moves(f *operator.Forecast) (moves []string) {
	for _, s := range f.Steps {
		words := strings.Fields(s.Description)
		switch s.Kind {
		case operator.StepWait:
			moves = append(moves, "wait")
		case operator.StepTransaction:
			at := slices.IndexFunc(c.votes, func(vote solana.PublicKey) bool {
				return words[5] == vote.String()
			})
			moves = append(moves, fmt.Sprintf("%s %d by %s", words[0], at, words[7]))
		}
	}

	return moves
}

// TestRebalance_Moves lists the moves for stakes in tenths of a SOL. The
// figures follow from the rules of the documentation; a stake account in
// transit takes 0.00228288 SOL from what arrives.
func TestRebalance_Moves(t *testing.T) {
	for name, test := range map[string]struct {
		stakes, weights []uint64
		want            []string
	}{
		"half each": {[]uint64{600, 300}, []uint64{1, 1},
			[]string{"decrease 0 by 15", "wait", "increase 1 by 14.99771712", "wait"}},
		"less than 1 SOL too much": {[]uint64{319, 301}, []uint64{1, 1}, nil},
		"none lacks half a SOL":    {[]uint64{112, 96, 96, 96}, []uint64{1, 1, 1, 1}, nil},
		"at least 1 SOL": {[]uint64{112, 94, 94}, []uint64{1, 1, 1},
			[]string{"decrease 0 by 1.2", "wait", "increase 1 by 1", "wait"}},
		"only what others use": {[]uint64{140, 96, 96, 68}, []uint64{1, 1, 1, 1},
			[]string{"decrease 0 by 3.2", "wait", "increase 3 by 3.19771712", "wait"}},
		"least stake without a weight": {[]uint64{50, 50}, []uint64{1, 0},
			[]string{"decrease 1 by 4", "wait", "increase 0 by 3.99771712", "wait"}},
		"least stake with a low weight": {[]uint64{500, 500}, []uint64{100, 1},
			[]string{"decrease 1 by 49", "wait", "increase 0 by 48.99771712", "wait"}},
	} {
		c := newChain(t)
		params := c.weighted(c.staked(test.stakes...), test.weights...)
		require.Equal(t, test.want, c.moves(c.forecast(operator.Rebalance(params))), name)
	}
}

// TestRebalance_InTransit leaves validators alone whose stake is in transit.
func TestRebalance_InTransit(t *testing.T) {
	c := newChain(t)
	params := c.staked(300, 50)
	plan, err := operator.AddValidator(c.addParams(c.votes[1], 10*sol))
	require.NoError(t, err)
	_, err = plan.Run(t.Context(), c.client, c.options(), c.payer)
	require.NoError(t, err)
	params.Liquid = c.pool().Pool.ReserveLamports - 2_282_880

	f := c.forecast(operator.Rebalance(c.weighted(params, 1, 1)))
	require.Equal(t, []string{"decrease 0 by 10", "wait"}, c.moves(f)[:2])
	f = c.forecast(operator.Rebalance(c.weighted(params, 1, 0)))
	require.Equal(t, []string{"wait", "decrease 1 by 9"}, c.moves(f)[:2])

	// What arrives with the next update is not taken twice.
	plan, err = operator.Rebalance(c.weighted(params, 1, 1))
	require.NoError(t, err)
	_, err = plan.Run(t.Context(), c.client, c.options(), c.payer)
	require.NoError(t, err)
	params.Liquid -= 2_282_880
	f = c.forecast(operator.Rebalance(c.weighted(params, 1, 1)))
	require.Equal(t, "wait", c.moves(f)[0])
}

// TestRebalance_FillsReserve takes stake for the reserve, and gives what it has
// too much.
func TestRebalance_FillsReserve(t *testing.T) {
	c := newChain(t)
	params := c.weighted(c.staked(200, 200), 1, 1)
	params.Liquid += 6 * sol
	f := c.forecast(operator.Rebalance(params))
	require.Equal(t, []string{"decrease 0 by 3", "decrease 1 by 3", "wait"}, c.moves(f))

	params.Liquid -= 12 * sol
	f = c.forecast(operator.Rebalance(params))
	require.Equal(t, []string{"increase 0 by 3", "increase 1 by 2.99543424", "wait"}, c.moves(f))
}

// TestRebalance_Random rebalances random pools. No lamport is lost, the plan
// ends within a few epochs, and then each validator is within the minimum
// delegation of its share unless no other one can use what it has.
func TestRebalance_Random(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var moved int
	for range 20 {
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
	total := reserve - kept
	weights := make(map[solana.PublicKey]float64)
	for _, v := range pool.Validators {
		require.Zero(t, v.Entry.TransientStakeLamports)
		total += float64(v.Active.Account.Delegation.Stake)
		weights[v.Entry.VoteAccount] = 0
	}

	for _, w := range params.Weights {
		weights[w.VoteAccount] = float64(w.Weight)
	}

	shares := sharesOf(weights, max(total, 0))
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
