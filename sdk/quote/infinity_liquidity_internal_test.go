package quote

import (
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// LiquidityMisses counts wrong brackets of searches.
func LiquidityMisses() uint64 { return liquidityMisses.Load() + fixed.ReplaysMissed() }

// TestLiquiditySearch_Bracket checks that the input of a usual trade is known
// without a search. Only if the output and the protocol's share are near the
// reserves, a short search remains.
func TestLiquiditySearch_Bracket(t *testing.T) {
	const reserves = 1_000_000_000_000
	lp, mint := solana.PublicKey{1}, solana.PublicKey{2}
	pool := InfinityState{
		Pool: accounts.PoolState{
			Version:          accounts.PoolStateV1,
			TotalSOLValue:    3 * reserves,
			LPProtocolFeeBps: 1000,
			LPTokenMint:      lp,
		},
		LSTs: map[solana.PublicKey]InfinityLST{mint: {
			State:    accounts.LSTState{Mint: mint, SOLValue: reserves},
			Reserves: reserves,
			Value:    StakePoolValue{11, 10, accounts.Fee{Numerator: 1, Denominator: 1000}},
		}},
		LPSupply: 2 * reserves,
		Pricing:  FlatFee{LPMint: lp, State: accounts.FlatFeeState{LPWithdrawalFeeBps: 20}},
	}

	p := pool.Prepare()
	full, short := *p, *p
	full.supply, short.totals.all = math.MaxUint64-5, reserves+10
	for _, test := range []struct {
		name     string
		pool     *InfinityPrices
		from, to *InfinityEntry
		amount   uint64
		known    bool
		width    uint64
	}{
		{"add one", p, p.entry(0), nil, 1, true, 0},
		{"add", p, p.entry(0), nil, 777_777_777, true, 0},
		{"add beyond 64 bits", p, p.entry(0), nil, 1<<64 - 1, false, 0},
		{"remove one", p, nil, p.entry(0), 1, true, 0},
		{"remove", p, nil, p.entry(0), 777_777_777, true, 0},
		{"remove half", p, nil, p.entry(0), reserves / 2, true, 0},
		{"the supply fits", &full, p.entry(0), nil, 5, true, 0},
		{"the supply does not fit", &full, p.entry(0), nil, 6, false, 0},
		{"remove more than the supply", &short, nil, p.entry(0), reserves, true, 0},
		// The protocol's share is at most a tenth of 0.2 %.
		{"remove all", p, nil, p.entry(0), reserves, true, reserves / 5000},
		{"remove more", p, nil, p.entry(0), 1 << 63, true, reserves / 5000},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := liquiditySearch{
				deal:   deal{head: &test.pool.infinityHead, from: test.from, to: test.to},
				amount: test.amount,
			}

			lo, hi, known := s.bracket()
			require.Equal(t, test.known, known)
			require.LessOrEqual(t, hi-lo, test.width)
			if test.to != nil {
				require.LessOrEqual(t, hi, test.pool.supply+1, "a larger amount is refused")
			}

			if test.width > 0 {
				require.Less(t, lo, hi)
			}
		})
	}
}
