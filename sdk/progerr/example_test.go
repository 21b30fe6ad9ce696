package progerr_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/progerr"
)

func ExampleParse() {
	programs := []solana.PublicKey{accounts.ComputeBudgetProgram, accounts.SystemProgram,
		accounts.StakePoolProgram}
	raw := json.RawMessage(`{"InstructionError":[2,{"Custom":12}]}`)
	logs := []string{
		"Program ComputeBudget111111111111111111111111111111 invoke [1]",
		"Program ComputeBudget111111111111111111111111111111 success",
		"Program 11111111111111111111111111111111 invoke [1]",
		"Program 11111111111111111111111111111111 success",
		"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy invoke [1]",
		"Program log: Instruction: WithdrawStakeWithSlippage",
		"Program Stake11111111111111111111111111111111111111 invoke [2]",
		"Program Stake11111111111111111111111111111111111111 failed: custom program error: 0xc",
		"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy failed: custom program error: 0xc",
	}

	if e := progerr.Parse(raw, programs, logs); e != nil {
		fmt.Println(e)
		fmt.Println("too small:", errors.Is(e, progerr.ErrProgramAmountTooSmall))
		fmt.Println("retryable:", e.Retryable())
	}
	// Output:
	// transaction failed: stake: InsufficientDelegation (12) in instruction 2, called by stake pool: a stake would be smaller than the cluster's minimum delegation; use a larger amount, or leave more in the source
	// too small: true
	// retryable: false
}

func ExampleFromValue() {
	// What solana-go decodes into an untyped Err field.
	value := map[string]any{
		"InsufficientFundsForRent": map[string]any{"account_index": json.Number("4")},
	}
	e := progerr.FromValue(value, nil, nil)
	fmt.Println(e)
	fmt.Println(errors.Is(e, progerr.ErrInsufficientFunds))
	// Output:
	// transaction failed: InsufficientFundsForRent (account 4): the account would be left below its rent exemption; fund it, or leave it empty
	// true
}

func ExampleLookup() {
	entry, ok := progerr.Lookup(accounts.StakePoolProgram, 39)
	fmt.Println(ok, entry.Name)
	fmt.Println(entry.Meaning)
	fmt.Println(entry.Remedy)
	// Output:
	// true ExceededSlippage
	// the pool pays less than the minimum
	// quote again or allow more slippage
}
