package quote

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// LiquidityMisses counts the brackets of searches that were wrong.
func LiquidityMisses() uint64 { return liquidityMisses.Load() + fixed.ReplaysMissed() }

// TestLiquiditySearch_Bracket: the input of a usual trade is known without a
// search; only where output and protocol's part come near the reserves is there
// something left to search, and little.
func TestLiquiditySearch_Bracket(t *testing.T) {
	const reserves = 1_000_000_000_000
	lp, mint := solana.PublicKey{1}, solana.PublicKey{2}
	pool := Infinity{
		Pool: accounts.PoolState{
			Version:          accounts.PoolStateV1,
			TotalSolValue:    3 * reserves,
			LPProtocolFeeBps: 1000,
			LPTokenMint:      lp,
		},
		LSTs: map[solana.PublicKey]InfinityLST{mint: {
			State:    accounts.LSTState{Mint: mint, SolValue: reserves},
			Reserves: reserves,
			Value:    StakePoolValue{11, 10, accounts.Fee{Numerator: 1, Denominator: 1000}},
		}},
		LPSupply: 2 * reserves,
		Pricing:  FlatFee{LPMint: lp, State: accounts.FlatFeeState{LPWithdrawalFeeBps: 20}},
	}
	p := pool.Prepare()
	for _, test := range []struct {
		name     string
		from, to *InfinityEntry
		amount   uint64
		known    bool
		width    uint64
	}{
		{"add one", p.entry(0), nil, 1, true, 0},
		{"add", p.entry(0), nil, 777_777_777, true, 0},
		{"add beyond 64 bits", p.entry(0), nil, 1<<64 - 1, false, 0},
		{"remove one", nil, p.entry(0), 1, true, 0},
		{"remove", nil, p.entry(0), 777_777_777, true, 0},
		{"remove half", nil, p.entry(0), reserves / 2, true, 0},
		// The protocol has up to a tenth of 0.2 %.
		{"remove all", nil, p.entry(0), reserves, true, reserves / 5000},
		{"remove more", nil, p.entry(0), 1 << 63, true, reserves / 5000},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := liquiditySearch{
				deal:   deal{head: &p.infinityHead, from: test.from, to: test.to},
				amount: test.amount,
			}
			lo, hi, known := s.bracket()
			require.Equal(t, test.known, known)
			require.LessOrEqual(t, hi-lo, test.width)
			if test.width > 0 {
				require.Less(t, lo, hi)
			}
		})
	}
}
