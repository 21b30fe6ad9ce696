package terms_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

func TestFee_String(t *testing.T) {
	fee := terms.Fee{
		Name:   "SOL withdrawal fee",
		Amount: 1_500_000,
		Mint:   accounts.NativeMint,
		Rate:   "1/1000",
	}

	require.Equal(t, "SOL withdrawal fee: 0.0015 SOL (1/1000)", fee.String())

	fee.Mint, fee.Rate = accounts.MSOLMint, ""
	require.Equal(t, "SOL withdrawal fee: 1500000 base units of "+accounts.MSOLMint.String(),
		fee.String())
}

func TestCost_String(t *testing.T) {
	cost := terms.Cost{
		Name:        "rent of the stake account",
		Lamports:    2_282_880,
		Recoverable: true,
	}
	require.Equal(t, "rent of the stake account: 0.00228288 SOL, recoverable", cost.String())

	cost.Recoverable = false
	require.Equal(t, "rent of the stake account: 0.00228288 SOL", cost.String())
}
