package explain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// payments are the instructions that take tokens from an account, with the name
// of the amount. All others take unwrapped SOL, a stake account, or nothing.
var payments = map[string]string{
	"token Transfer":                       "amount",
	"token TransferChecked":                "amount",
	"token Burn":                           "amount",
	"token BurnChecked":                    "amount",
	"stake pool WithdrawSol":               "pool tokens",
	"stake pool WithdrawSolWithSlippage":   "pool tokens",
	"stake pool WithdrawStake":             "pool tokens",
	"stake pool WithdrawStakeWithSlippage": "pool tokens",
	"Infinity SwapExactIn":                 "amount",
	"Infinity SwapExactInV2":               "amount",
	"Infinity SwapExactOut":                "maximum in",
	"Infinity SwapExactOutV2":              "maximum in",
	"Infinity AddLiquidity":                "amount",
	"Infinity RemoveLiquidity":             "amount",
	"Reserve RemoveLiquidity":              "LP tokens",
	"Router StakeWrappedSol":               "lamports",
	"Router SwapViaStake":                  "pool tokens",
	"Router PrefundSwapViaStake":           "pool tokens",
	"Router PrefundWithdrawStake":          "pool tokens",
	"Router WithdrawWrappedSol":            "pool tokens",
	"Marinade LiquidUnstake":               "mSOL",
	"Marinade OrderUnstake":                "mSOL",
	"Marinade WithdrawStakeAccount":        "mSOL",
	"Lido Withdraw":                        "stSOL",
}

// TestInstruction_Payment checks every known instruction: those that take
// tokens of the owner name the account, and the others name none.
func TestInstruction_Payment(t *testing.T) {
	tried := make(map[string]bool)
	for _, r := range append(upstreamRows(), poolRows(t)...) {
		ix, err := r.build.Build()
		require.NoError(t, err, r.name)
		in := explain.Instructions(key(0), []solana.Instruction{ix}, lst.Default()).Instructions[0]
		p, ok := in.Payment()
		amount, pays := payments[r.name]
		require.Equal(t, pays, ok, r.name)
		tried[r.name] = true
		if !pays {
			require.Zero(t, p, r.name)
			continue
		}

		want, _ := in.Amount(amount)
		require.Equal(t, want, p.Amount, r.name)
		require.Equal(t, key(0), p.Owner, "%s: the owner of all rows", r.name)
		require.False(t, p.Check, r.name)

		// The account is in a role that only an account of the owner's is in.
		role := in.Accounts[slices.IndexFunc(in.Accounts, func(a explain.Account) bool {
			return a.Address == p.Account
		})].Role
		require.Regexp(t, `^(source|input|LST|LP)( token account)?$`, role, r.name)
		if !strings.HasPrefix(r.name, "token Transfer") {
			require.False(t, p.Mint.IsZero(), "%s names its mint", r.name)
		}
	}

	for name := range payments {
		require.True(t, tried[name], "%s was not tried", name)
	}

	for _, row := range explain.Rows() {
		require.True(t, tried[row], "%s was not tried", row)
	}

	_, ok := explain.Instruction{}.Payment()
	require.False(t, ok)
}

// TestInstruction_Payment_Check distinguishes a balance check from a payment.
func TestInstruction_Payment_Check(t *testing.T) {
	for _, own := range []bool{true, false} {
		transfer := instructions.TokenTransfer{
			Program:     solana.TokenProgramID,
			Source:      key(1),
			Destination: key(2),
			Owner:       key(0),
			Amount:      7,
		}
		if own {
			transfer.Destination = transfer.Source
		}

		ix, err := transfer.Build()
		require.NoError(t, err)
		e := explain.Instructions(key(0), []solana.Instruction{ix}, nil)
		p, ok := e.Instructions[0].Payment()
		require.True(t, ok)
		require.Equal(t, explain.Payment{
			Account: key(1),
			Owner:   key(0),
			Amount:  7,
			Check:   own,
		}, p, fmt.Sprint(own))
	}
}
