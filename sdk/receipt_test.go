package sdk_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
)

func TestReceipt_String(t *testing.T) {
	signature := solana.Signature{1}
	receipt := sdk.Receipt{Signature: signature, Sends: 3}
	require.Equal(t,
		fmt.Sprintf("not known to have landed, sent 3 times: %s", signature), fmt.Sprint(&receipt))

	receipt = sdk.Receipt{
		Signature:     signature,
		Slot:          250_000_000,
		Commitment:    "confirmed",
		UnitsConsumed: 50_000,
		Fee:           5_000,
	}
	require.Equal(t, fmt.Sprintf("landed in slot 250000000, confirmed, 50000 compute units, "+
		"fee 0.000005 SOL: %s", signature), receipt.String())

	receipt.Err = errors.New("slippage")
	require.Equal(t, fmt.Sprintf("failed in slot 250000000, confirmed, 50000 compute units, "+
		"fee 0.000005 SOL: %s (slippage)", signature), receipt.String())
}
