package quote_test

import (
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

var (
	bsolMint   = solana.MPK("bSo13r4TkiE4KumL71LsHTPpL2euBYLFx6h9HP3piy1")
	scnsolMint = accounts.INFMint // scnSOL became INF; the test has another LP token
)

// bps is one basis point in billionths.
const bps = 100_000

// publishedPool returns the pool of Sanctum's example, "Rebalancing Infinity"
// in the documentation of 2024, with the fees of "Fee mechanism of Infinity":
// 100 bSOL of 1.1073 SOL and 100 scnSOL of 1.1758 SOL, after 90 bSOL were
// swapped for scnSOL.
func publishedPool(t *testing.T, pricing solana.PublicKey) quote.InfinityState {
	t.Helper()
	i := quote.InfinityState{
		Pool: accounts.PoolState{
			Version:        accounts.PoolStateV1,
			PricingProgram: pricing,
			LPTokenMint:    solana.PublicKey{1},
		},
		LSTs: map[solana.PublicKey]quote.InfinityLST{
			bsolMint: {
				State:    accounts.LSTState{Mint: bsolMint, SOLValue: 110_730_000_000},
				Reserves: 100 * sol,
				Value:    quote.StakePoolValue{TotalLamports: 11_073, PoolTokenSupply: 10_000},
			},
			scnsolMint: {
				Index:    1,
				State:    accounts.LSTState{Mint: scnsolMint, SOLValue: 117_580_000_000},
				Reserves: 100 * sol,
				Value:    quote.StakePoolValue{TotalLamports: 11_758, PoolTokenSupply: 10_000},
			},
		},
	}

	i.Pool.TotalSOLValue = 110_730_000_000 + 117_580_000_000
	i.Pricing = quote.FlatFee{
		LPMint: i.Pool.LPTokenMint,
		Fees: map[solana.PublicKey]accounts.FlatFeeAccount{
			bsolMint:   {InputFeeBps: 2, OutputFeeBps: 5},
			scnsolMint: {InputFeeBps: 3, OutputFeeBps: 4},
		},
	}
	if pricing == accounts.FlatSlabProgram {
		i.Pricing = quote.FlatSlab{LPMint: i.Pool.LPTokenMint, Slab: slabOf(
			accounts.FlatSlabEntry{Mint: i.Pool.LPTokenMint},
			accounts.FlatSlabEntry{Mint: bsolMint, InpFeeNanos: 2 * bps, OutFeeNanos: 5 * bps},
			accounts.FlatSlabEntry{Mint: scnsolMint, InpFeeNanos: 3 * bps, OutFeeNanos: 4 * bps},
		)}
	}

	trade, err := i.Swap(bsolMint, scnsolMint, 90*sol)
	require.NoError(t, err)

	return after(i, bsolMint, scnsolMint, trade)
}

// publishedPolicy keeps half of the value in each token, with fees from 0 to 10
// bps on each side.
func publishedPolicy() quote.InfinityFeePolicy {
	side := quote.FeeRange{BaseNanos: 3 * bps, MaxNanos: 10 * bps}
	return quote.InfinityFeePolicy{
		Targets:       map[solana.PublicKey]uint64{bsolMint: 1, scnsolMint: 1},
		Input:         side,
		Output:        side,
		FullAtPercent: 50,
		UnitNanos:     bps,
	}
}

// TestInfinityState_PlanFees_Published reproduces the published example. After
// the swap the pool has too much bSOL and too little scnSOL. (The page calls
// them the other way around in its text; its fees and rates are these.) More of
// the same trade costs 20 bps, and the opposite one nothing. The rates are
// those of the page: 0.9417 scnSOL for a bSOL without a fee, 0.9412 with the
// regular fees, 0.9399 with the high ones, and 1.0619 bSOL for a scnSOL.
func TestInfinityState_PlanFees_Published(t *testing.T) {
	for _, pricing := range []solana.PublicKey{accounts.FlatFeeProgram, accounts.FlatSlabProgram} {
		i := publishedPool(t, pricing)
		plan, err := i.PlanFees(publishedPolicy())
		require.NoError(t, err)
		require.Equal(t, quote.SideFees{InputNanos: 10 * bps}, plan.Tokens[0].After)
		require.Equal(t, quote.SideFees{OutputNanos: 10 * bps}, plan.Tokens[1].After)

		dear, cheap := plan.Pair(bsolMint, scnsolMint), plan.Pair(scnsolMint, bsolMint)
		require.Equal(t, quote.PairFee{Inp: bsolMint, Out: scnsolMint,
			BeforeNanos: 6 * bps, AfterNanos: 20 * bps}, dear)
		require.Equal(t, quote.PairFee{Inp: scnsolMint, Out: bsolMint,
			BeforeNanos: 8 * bps, AfterNanos: 0}, cheap)

		rate := func(i quote.InfinityState, inp, out solana.PublicKey) uint64 {
			trade, err := i.Swap(inp, out, sol)
			require.NoError(t, err)
			return (trade.Out + 50_000) / 100_000
		}

		require.Equal(t, uint64(9412), rate(i, bsolMint, scnsolMint))
		require.Equal(t, uint64(9399), rate(plan.After(), bsolMint, scnsolMint))
		require.Equal(t, uint64(10_619), rate(plan.After(), scnsolMint, bsolMint))
	}
}

// TestInfinityFeePlan_Moves checks what rebalancing pays in the published
// example. 96.36 SOL of scnSOL are missing: bringing them costs 8 bps before
// and nothing after, the way back 6 bps before and 20 bps after.
func TestInfinityFeePlan_Moves(t *testing.T) {
	plan, err := publishedPool(t, accounts.FlatSlabProgram).PlanFees(publishedPolicy())
	require.NoError(t, err)
	moves, err := plan.Moves()
	require.NoError(t, err)
	scnsol := plan.Tokens[1]
	value := scnsol.Target - scnsol.Value
	require.Equal(t, []quote.RebalancingMove{{
		Inp:           scnsolMint,
		Out:           bsolMint,
		Value:         value,
		FeeBefore:     (value*8 + 9_999) / 10_000,
		ReverseBefore: (value*6 + 9_999) / 10_000,
		ReverseAfter:  (value*20 + 9_999) / 10_000,
	}}, moves)

	require.Equal(t, uint64(96), value/sol)
	require.Equal(t, int64(moves[0].FeeBefore), moves[0].Saves())

	i := publishedPool(t, accounts.FlatSlabProgram)
	lst := i.LSTs[scnsolMint]
	lst.State.IsInputDisabled = true
	i.LSTs[scnsolMint] = lst
	plan, err = i.PlanFees(publishedPolicy())
	require.NoError(t, err)
	moves, err = plan.Moves()
	require.NoError(t, err)
	require.Empty(t, moves, "the pool does not take the token that is missing")
}

// TestInfinityFeePlan_Moves_Several splits what is missing in a pool of 10, 20
// and 0 SOL. No surplus is counted twice, and no more moves than is missing.
func TestInfinityFeePlan_Moves_Several(t *testing.T) {
	i := publishedPool(t, accounts.FlatSlabProgram)
	for n, mint := range []solana.PublicKey{bsolMint, scnsolMint, wsolMint} {
		i.LSTs[mint] = quote.InfinityLST{
			Index:    uint32(n),
			State:    accounts.LSTState{Mint: mint},
			Reserves: []uint64{10 * sol, 20 * sol, 0}[n],
			Value:    quote.WrappedSOLValue{},
		}
	}

	slab := i.Pricing.(quote.FlatSlab).Slab
	i.Pricing = quote.FlatSlab{Slab: slabOf(append(slab.Entries,
		accounts.FlatSlabEntry{Mint: wsolMint})...)}
	policy := publishedPolicy()
	policy.Targets = map[solana.PublicKey]uint64{wsolMint: 3, bsolMint: 2, scnsolMint: 1}
	plan, err := i.PlanFees(policy)
	require.NoError(t, err)
	moves, err := plan.Moves()
	require.NoError(t, err)
	require.Len(t, moves, 1)
	require.Equal(t, uint64(15*sol), moves[0].Value, "all of scnSOL's surplus, and no more")

	policy.Targets = map[solana.PublicKey]uint64{wsolMint: 1, bsolMint: 1}
	plan, err = i.PlanFees(policy)
	require.NoError(t, err)
	moves, err = plan.Moves()
	require.NoError(t, err)
	total := uint64(0)
	for _, move := range moves {
		require.Equal(t, scnsolMint, move.Out)
		total += move.Value
	}

	require.Equal(t, uint64(20*sol), total, "each token gets its part once")
	require.Len(t, moves, 2)
}

// TestInfinityState_PlanFees_Fixed keeps the fees of a token that is fixed. The
// others are those without it.
func TestInfinityState_PlanFees_Fixed(t *testing.T) {
	pool := publishedPool(t, accounts.FlatFeeProgram)
	policy := publishedPolicy()
	policy.Input.BaseNanos, policy.Input.MaxNanos = 20*bps, 30*bps
	free, err := pool.PlanFees(policy)
	require.NoError(t, err)
	policy.Fixed = []solana.PublicKey{scnsolMint}
	plan, err := pool.PlanFees(policy)
	require.NoError(t, err)
	for n, token := range plan.Tokens {
		require.True(t, free.Tokens[n].Changes(), "the policy changes all fees")
		if token.Mint == scnsolMint {
			require.Equal(t, token.Before, token.After)
		} else {
			require.Equal(t, free.Tokens[n], token)
		}
	}
}

func TestInfinityState_PlanFees_Refusals(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*quote.InfinityFeePolicy)
		want   string
	}{
		"an unlisted target": {func(p *quote.InfinityFeePolicy) {
			p.Targets[solana.PublicKey{9}] = 1
		}, "Targets has"},
		"an unlisted token that is fixed": {func(p *quote.InfinityFeePolicy) {
			p.Fixed = []solana.PublicKey{scnsolMint, {9}}
		}, "Fixed has"},
		"no deviation": {func(p *quote.InfinityFeePolicy) { p.FullAtPercent = 0 },
			"FullAtPercent"},
		"too far": {func(p *quote.InfinityFeePolicy) { p.FullAtPercent = 101 },
			"FullAtPercent"},
		"no unit":       {func(p *quote.InfinityFeePolicy) { p.UnitNanos = 0 }, "UnitNanos"},
		"not whole bps": {func(p *quote.InfinityFeePolicy) { p.UnitNanos = 1 }, "UnitNanos"},
		"base below minimum": {func(p *quote.InfinityFeePolicy) {
			p.Input.MinNanos = 4 * bps
		}, "Input must have"},
		"maximum below base": {func(p *quote.InfinityFeePolicy) {
			p.Output.MaxNanos = 2 * bps
		}, "Output must have"},
		"over 100 %": {func(p *quote.InfinityFeePolicy) {
			p.Output.MaxNanos = 10_001 * bps
		}, "Output is beyond"},
		"both over 100 %": {func(p *quote.InfinityFeePolicy) {
			p.Input.MaxNanos, p.Output.MaxNanos = 5_000*bps, 5_001*bps
		}, "more than 100 %"},
		"a rebate": {func(p *quote.InfinityFeePolicy) {
			p.Input.MinNanos = -1 * bps
		}, "rebate"},
		"not of the unit": {func(p *quote.InfinityFeePolicy) {
			p.Input.BaseNanos++
		}, "multiples"},
	} {
		t.Run(name, func(t *testing.T) {
			policy := publishedPolicy()
			test.change(&policy)
			_, err := publishedPool(t, accounts.FlatFeeProgram).PlanFees(policy)
			require.ErrorIs(t, err, quote.ErrInvalidFeePolicy)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// TestInfinityState_PlanFees_Unknown takes the recorded value of a token that
// cannot be valued, and refuses a pool whose fees are not known.
func TestInfinityState_PlanFees_Unknown(t *testing.T) {
	i := publishedPool(t, accounts.FlatSlabProgram)
	lst := i.LSTs[bsolMint]
	lst.Value, lst.Unavailable = nil, quote.ErrStalePool
	i.LSTs[bsolMint] = lst
	plan, err := i.PlanFees(publishedPolicy())
	require.NoError(t, err)
	require.Equal(t, lst.State.SOLValue, plan.Tokens[0].Value)

	i = publishedPool(t, accounts.FlatSlabProgram)
	i.Pricing = quote.FlatSlab{}
	_, err = i.PlanFees(publishedPolicy())
	require.ErrorIs(t, err, quote.ErrNoFee)

	i.Pricing, i.PricingErr = nil, quote.ErrUnknownPricing
	_, err = i.PlanFees(publishedPolicy())
	require.ErrorIs(t, err, quote.ErrUnknownPricing)

	require.Empty(t, quote.InfinityFeePlan{}.Pairs())
}

// TestInfinityState_PlanFees_Properties plans fees of random pools with random
// policies. A fee lies within its bounds, is a multiple of the unit, and is at
// most one unit above the exact one, interpolated in floating point. The
// planned fees price every pair.
func TestInfinityState_PlanFees_Properties(t *testing.T) {
	forInfinities(t, func(t *rapid.T, i quote.InfinityState, _, _ solana.PublicKey, count func()) {
		policy := drawPolicy(t, i)
		plan, err := i.PlanFees(policy)
		require.NoError(t, err)
		for _, token := range plan.Tokens {
			d := deviation(policy, plan, token)
			for _, side := range []struct {
				fees quote.FeeRange
				at   float64
				fee  int64
			}{
				{policy.Input, d, token.After.InputNanos},
				{policy.Output, -d, token.After.OutputNanos},
			} {
				require.Zero(t, side.fee%policy.UnitNanos)
				require.GreaterOrEqual(t, side.fee, side.fees.MinNanos)
				require.LessOrEqual(t, side.fee, side.fees.MaxNanos)
				above := float64(side.fee) - exactFee(side.fees, side.at)
				require.Greater(t, above, -1e-3)
				require.Less(t, above, float64(policy.UnitNanos)+1e-3)
			}
		}

		for _, pair := range plan.Pairs() {
			lp := i.Pool.LPTokenMint
			if pair.Inp != lp && pair.Out != lp {
				require.NoError(t, pair.AfterErr)
			}
		}

		require.Len(t, plan.Pairs(), len(i.LSTs)*(len(i.LSTs)+1))
		count()
	})
}

// drawPolicy returns a random policy for a pool.
func drawPolicy(t *rapid.T, i quote.InfinityState) quote.InfinityFeePolicy {
	unit := int64(bps)
	if _, ok := i.Pricing.(quote.FlatSlab); ok {
		unit = rapid.Int64Range(1, bps).Draw(t, "unit")
	}

	side := func(name string) quote.FeeRange {
		least := rapid.Int64Range(0, 20).Draw(t, name+" min")
		base := least + rapid.Int64Range(0, 40).Draw(t, name+" base")
		most := base + rapid.Int64Range(0, 40).Draw(t, name+" max")
		return quote.FeeRange{MinNanos: least * unit, BaseNanos: base * unit, MaxNanos: most * unit}
	}

	policy := quote.InfinityFeePolicy{
		Targets:       make(map[solana.PublicKey]uint64),
		Input:         side("input"),
		Output:        side("output"),
		FullAtPercent: rapid.Uint64Range(1, 100).Draw(t, "full"),
		UnitNanos:     unit,
	}

	for _, mint := range sortedMints(i) {
		if weight := rapid.Uint64Range(0, math.MaxUint64).Draw(t, "weight"); weight%4 > 0 {
			policy.Targets[mint] = weight
		}
	}

	return policy
}

// deviation returns the deviation of a token in parts of that at which its fees
// reach their bounds, in floating point.
func deviation(
	policy quote.InfinityFeePolicy, plan quote.InfinityFeePlan, token quote.TokenFees,
) float64 {
	var total, weights float64
	for _, other := range plan.Tokens {
		total += float64(other.Value)
		weights += float64(policy.Targets[other.Mint])
	}

	target := total * float64(policy.Targets[token.Mint]) / weights
	if weights == 0 || target == 0 {
		return 1
	}

	d := (float64(token.Value) - target) / target * 100 / float64(policy.FullAtPercent)

	return max(-1, min(1, d))
}

// exactFee interpolates a fee in floating point.
func exactFee(fees quote.FeeRange, at float64) float64 {
	if at < 0 {
		return float64(fees.BaseNanos) + at*float64(fees.BaseNanos-fees.MinNanos)
	}
	return float64(fees.BaseNanos) + at*float64(fees.MaxNanos-fees.BaseNanos)
}
