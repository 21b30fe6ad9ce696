package quote

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestBrackets_AreNarrow checks that searches for the prices of ordinary pools
// need few steps.
func TestBrackets_AreNarrow(t *testing.T) {
	const sol = 1_000_000_000
	pool := StakePoolState{Rounding: FeesUnknown, Rent: accounts.NewRent(6960),
		FeeAccountUsable: true}
	pool.State.TotalLamports = 1_144_546_482_246_437
	pool.State.PoolTokenSupply = 934_784_722_219_576
	pool.State.StakeDepositFee = accounts.Fee{Numerator: 10, Denominator: 10_000}
	pool.State.SOLDepositFee = accounts.Fee{Numerator: 8, Denominator: 10_000}
	reserve := ReserveState{
		Rent:     accounts.NewRent(6960),
		Lamports: 200_000 * sol,
		Pool:     accounts.ReservePool{IncomingStake: 9_000 * sol},
		ProtocolFee: accounts.ReserveProtocolFee{
			FeeRatio:         accounts.Ratio{Numerator: 1, Denominator: 10},
			ReferrerFeeRatio: accounts.Ratio{Numerator: 1, Denominator: 2},
		},
		Fee: accounts.ReserveFee{
			Kind:             accounts.ReserveFeeLiquidityLinear,
			MaxLiqRemaining:  accounts.Ratio{Numerator: 3, Denominator: 10_000},
			ZeroLiqRemaining: accounts.Ratio{Numerator: 8, Denominator: 100},
		},
	}

	poolPrices, reservePrices := pool.Prepare(), reserve.Prepare()
	flat := reserve
	flat.Fee = accounts.ReserveFee{
		Kind: accounts.ReserveFeeFlat,
		Flat: accounts.Ratio{Numerator: 3, Denominator: 1000},
	}

	flatPrices := flat.Prepare()

	for _, amount := range []uint64{1, 1000, sol / 100, sol, 100 * sol, 150_000 * sol} {
		lo, hi := poolPrices.stakeDepositBracket(amount, 2_282_880)
		require.LessOrEqual(t, lo, hi, "delegation for %d", amount)
		require.Less(t, hi-lo, uint64(20), "delegation for %d", amount)

		lo, hi, top := reservePrices.bracket(&reservePrices.usual, amount, false)
		require.LessOrEqual(t, lo, hi, "balance for %d", amount)
		require.Less(t, hi, top)
		require.Less(t, hi-lo, 12+amount/(20*sol), "balance for %d", amount)

		lo, hi, top = flatPrices.bracket(&flatPrices.usual, amount, true)
		require.Equal(t, lo, hi, "balance for %d at a flat fee", amount)
		require.Less(t, hi, top)
	}

	// There is no bracket where the curve does not apply.
	lo, hi, _ := reservePrices.bracket(&reservePrices.usual, 210_000*sol, false)
	require.Greater(t, lo, hi, "more than there is")
	pool.FeeAccountUsable = false
	lo, hi = pool.Prepare().stakeDepositBracket(sol, 0)
	require.Greater(t, lo, hi, "a fee without a usable fee account")
	pool.FeeAccountUsable = true
	pool.State.StakeDepositFee.Numerator = 10_000
	lo, hi = pool.Prepare().stakeDepositBracket(sol, 0)
	require.Greater(t, lo, hi, "a fee of 100 %")
}
