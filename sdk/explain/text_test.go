package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

func TestAmount_String(t *testing.T) {
	mint := accounts.MSOLMint
	for _, c := range []struct {
		amount explain.Amount
		want   string
	}{
		{
			explain.Amount{Name: "lamports in", Value: 1_500_000_000, Unit: explain.UnitLamports},
			"lamports in: 1.5 SOL",
		},
		{
			explain.Amount{Name: "in", Value: 15, Unit: explain.UnitTokens, Mint: mint},
			"in: 15 base units of " + mint.String(),
		},
		{
			explain.Amount{
				Name:  "in",
				Value: 15,
				Unit:  explain.UnitTokens,
				Mint:  accounts.NativeMint,
			},
			"in: 0.000000015 wSOL",
		},
		{explain.Amount{Name: "in", Value: 15, Unit: explain.UnitTokens}, "in: 15 base units"},
		{
			explain.Amount{Name: "limit", Value: 200_000, Unit: explain.UnitCompute},
			"limit: 200000 compute units",
		},
		{explain.Amount{Name: "index", Value: 3, Unit: explain.UnitNumber}, "index: 3"},
	} {
		require.Equal(t, c.want, c.amount.String())
	}
}

func TestPayment_String(t *testing.T) {
	payment := explain.Payment{
		Account: solana.PublicKey{1},
		Mint:    accounts.MSOLMint,
		Amount:  15,
	}

	amount := "15 base units of " + accounts.MSOLMint.String()
	require.Equal(t, amount+" from token account "+payment.Account.String(), payment.String())

	payment.Check = true
	require.Equal(t, "check of "+amount+" in token account "+payment.Account.String(),
		payment.String())
}

func TestInstruction_String(t *testing.T) {
	in := explain.Instruction{ProgramName: "Infinity", Summary: "swap 1.5 SOL"}
	require.Equal(t, "Infinity: swap 1.5 SOL", in.String())
	require.Equal(t, "pool: x", explain.Value{Name: "pool", Text: "x"}.String())
}
