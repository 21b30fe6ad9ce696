package quote_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestSOLDeposit_PoolAfter counts the tokens of all three receivers: of 90 new
// tokens 2 are the fee, of which the referrer gets 1.
func TestSOLDeposit_PoolAfter(t *testing.T) {
	before := accounts.StakePool{TotalLamports: 1000, PoolTokenSupply: 900}
	deposit := quote.SOLDeposit{
		Lamports:    100,
		Tokens:      88,
		ReferralFee: 1,
		ManagerFee:  1,
		Exact:       true,
	}
	after, err := deposit.PoolAfter(before)
	require.NoError(t, err)
	require.Equal(t, accounts.StakePool{TotalLamports: 1100, PoolTokenSupply: 990}, after)

	deposit.Exact = false
	_, err = deposit.PoolAfter(before)
	require.ErrorIs(t, err, quote.ErrBuildDependent)

	deposit.Exact, before.TotalLamports = true, math.MaxUint64
	_, err = deposit.PoolAfter(before)
	require.ErrorIs(t, err, quote.ErrAmountTooLarge)
}

// TestMarinadeDeposit_StateAfter leaves out what the liquidity pool sold: it is
// neither new mSOL nor SOL of Marinade's.
func TestMarinadeDeposit_StateAfter(t *testing.T) {
	before := accounts.MarinadeState{AvailableReserveBalance: 500, MSOLSupply: 400}
	deposit := quote.MarinadeDeposit{
		Lamports:  100,
		MSOL:      80,
		FromLeg:   16,
		Minted:    64,
		ToLeg:     20,
		ToReserve: 80,
	}
	after, err := deposit.StateAfter(before)
	require.NoError(t, err)
	require.Equal(t, accounts.MarinadeState{AvailableReserveBalance: 580, MSOLSupply: 464}, after)

	before.MSOLSupply = math.MaxUint64
	_, err = deposit.StateAfter(before)
	require.ErrorIs(t, err, quote.ErrAmountTooLarge)
}
