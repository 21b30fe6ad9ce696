package e2e

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestInfinity_Fees plans fees for random pools with both pricing programs and
// random policies, and sets them with the real programs, one transaction at a
// time. After each of them the plan that is made again has the rest left. In
// the end every pair must pay the planned fee, and a trade what the plan's
// prices say.
func TestInfinity_Fees(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.InfinityProgram) == "" {
		t.Skip("Infinity is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))/4 + 1
	for name, pricing := range map[string]solana.PublicKey{"FlatFee": accounts.FlatFeeProgram,
		"FlatSlab": accounts.FlatSlabProgram} {
		t.Run(name, func(t *testing.T) {
			l.t = t
			r := feesRun{infinityRun: newInfinityRun(l, l.chain(), pricing)}
			for i := range cases {
				r.one(rand.New(rand.NewPCG(seed, uint64(i))), i)
			}

			t.Logf("seed %d: %d plans, %d fees set, %d pairs, %d trades, at most %d bytes and "+
				"%d compute units a fee", seed, cases, r.set, r.pairs, r.trades, r.size, r.units)
			require.Positive(t, r.set)
			require.Positive(t, r.trades)
		})
	}
}

type feesRun struct {
	*infinityRun
	set, pairs, trades, size int
	units                    uint64
}

// policy returns a random policy for the pool.
func (r *feesRun) policy(rng *rand.Rand) quote.InfinityFeePolicy {
	unit := int64(100_000)
	if r.pricing == accounts.FlatSlabProgram {
		unit = 1 + rng.Int64N(100_000)
	}

	side := func() quote.FeeRange {
		least := rng.Int64N(10)
		base := least + rng.Int64N(20)
		return quote.FeeRange{
			MinNanos:  least * unit,
			BaseNanos: base * unit,
			MaxNanos:  (base + rng.Int64N(20)) * unit,
		}
	}

	policy := quote.InfinityFeePolicy{
		Targets:       make(map[solana.PublicKey]uint64),
		Input:         side(),
		Output:        side(),
		FullAtPercent: 1 + rng.Uint64N(100),
		UnitNanos:     unit,
	}

	for _, h := range r.market.Infinity.Holdings {
		policy.Targets[h.Entry.Mint] = rng.Uint64N(100)
	}

	return policy
}

func (r *feesRun) one(rng *rand.Rand, i int) {
	t := r.t
	ctx := context.Background()
	r.newMarket(rng)
	f := &r.market.Infinity
	if f.FlatFee != nil {
		f.FlatFee.State.Manager = r.user.PublicKey()
	} else {
		f.FlatSlab.Admin = r.user.PublicKey()
	}

	if len(f.Holdings) > f.List().Len() || r.incomplete() {
		return
	}

	registry := r.openMarket(rng)
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry), sdk.WithClock(hurried{}))
	require.NoError(t, err)
	load := func() *route.InfinityPool {
		market, err := client.LoadMarketTokens(ctx, registry.All()...)
		require.NoError(t, err)
		pool, err := market.InfinityPool(accounts.InfinityProgram)
		require.NoError(t, err)
		return pool
	}

	policy := r.policy(rng)
	first, err := operator.PlanInfinityFees(load(), policy)
	require.NoError(t, err, "case %d", i)
	left := len(first.Changes())
	for left > 0 {
		plan, err := operator.PlanInfinityFees(load(), policy)
		require.NoError(t, err)
		require.Len(t, plan.Changes(), left)
		left -= r.setOnce(client, plan)
	}

	done, err := operator.PlanInfinityFees(load(), policy)
	require.NoError(t, err)
	require.Empty(t, done.Changes())
	r.compare(load(), first.Plan)
}

// incomplete reports whether a fee is missing in the pricing program.
func (r *feesRun) incomplete() bool {
	f := &r.market.Infinity
	if f.FlatFee != nil {
		return len(f.FlatFee.Fees) <= len(f.Holdings)
	}
	return len(f.FlatSlab.Entries) <= len(f.Holdings)
}

// setOnce executes the first transaction of a plan and returns the number of
// its steps. Only the authority can.
func (r *feesRun) setOnce(client *sdk.Client, plan *operator.InfinityFees) int {
	t := r.t
	ctx := context.Background()
	require.Equal(t, r.user.PublicKey(), plan.Authority)
	transactions, err := plan.Transactions(r.payer.PublicKey())
	require.NoError(t, err)
	steps := transactions[0]
	unsigned, err := client.BuildSteps(ctx, steps, sdk.BuildOptions{
		Owner: plan.Authority,
		Payer: r.payer.PublicKey(),
	})

	require.NoError(t, err)
	signed, err := unsigned.Sign(ctx, r.user, r.payer)
	require.NoError(t, err)
	receipt, err := client.Send(ctx, signed)
	require.NoError(t, err)
	r.set += len(steps)
	r.size = max(r.size, unsigned.Size())
	r.units = max(r.units, receipt.UnitsConsumed/uint64(len(steps)))

	return len(steps)
}

// compare checks the fees of all pairs and the price of a trade of each.
func (r *feesRun) compare(pool *route.InfinityPool, plan quote.InfinityFeePlan) {
	t := r.t
	for _, pair := range plan.Pairs() {
		nanos, err := pool.FeeNanos(pair.Inp, pair.Out)
		require.Equal(t, pair.AfterErr, err)
		require.Equal(t, pair.AfterNanos, nanos)
		r.pairs++
		want, wantErr := plan.After().Swap(pair.Inp, pair.Out, sol)
		got, err := pool.SwapExactIn(pair.Inp, pair.Out, sol)
		if wantErr != nil {
			require.Error(t, err)
			continue
		}

		require.NoError(t, err)
		require.Equal(t, want.Out, got.Out)
		r.trades++
	}
}
