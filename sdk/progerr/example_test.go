package progerr_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/progerr"
)

// report prints the failure of a transaction. rawErr is the err value of a
// simulation or a signature status, programs are the programs of its
// instructions.
func report(rawErr []byte, programs []solana.PublicKey, logs []string) {
	failure := progerr.Parse(rawErr, programs, logs)
	switch {
	case failure == nil:
		fmt.Println("landed")
	case errors.Is(failure, progerr.ErrSlippage):
		fmt.Println("the price moved; quote again")
	case failure.Retryable():
		fmt.Println("build and send again:", failure.Kind)
	default:
		fmt.Println(failure)
	}
}

func Example() {
	report([]byte(`null`), nil, nil)
	report([]byte(`"BlockhashNotFound"`), nil, nil)

	programs := []solana.PublicKey{accounts.ComputeBudgetProgram, accounts.StakePoolProgram}
	logs := []string{
		"Program ComputeBudget111111111111111111111111111111 invoke [1]",
		"Program ComputeBudget111111111111111111111111111111 success",
		"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy invoke [1]",
		"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy failed: custom program error: 0x27",
	}
	report([]byte(`{"InstructionError":[1,{"Custom":39}]}`), programs, logs)
	// Output:
	// landed
	// build and send again: BlockhashNotFound
	// the price moved; quote again
}

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
		fmt.Println(e.Program.ProgramName, e.Program.Code, e.Program.Name)
		fmt.Println(e.Program.Meaning)
		fmt.Println(e.Program.Remedy)
		fmt.Println("too small:", errors.Is(e, progerr.ErrProgramAmountTooSmall))
		fmt.Println("retryable:", e.Retryable())
	}
	// Output:
	// stake 12 InsufficientDelegation
	// a stake would be smaller than the cluster's minimum delegation
	// use a larger amount, or leave more in the source
	// too small: true
	// retryable: false
}

func ExampleTransactionError() {
	raw := json.RawMessage(`{"InstructionError":[0,"NotEnoughAccountKeys"]}`)
	programs := []solana.PublicKey{accounts.StakePoolProgram}
	failure := progerr.Parse(raw, programs, nil)
	fmt.Println(failure.Kind, failure.Detail)
	fmt.Println("instruction", failure.Instruction)
	fmt.Println("custom error:", failure.Program != nil)
	// Output:
	// InstructionError NotEnoughAccountKeys
	// instruction 0
	// custom error: false
}

func ExampleTransactionError_Retryable() {
	for _, raw := range []string{`"BlockhashNotFound"`, `"AlreadyProcessed"`, `"AccountInUse"`} {
		failure := progerr.Parse(json.RawMessage(raw), nil, nil)
		fmt.Println(failure.Kind, failure.Retryable())
	}
	// Output:
	// BlockhashNotFound true
	// AlreadyProcessed false
	// AccountInUse true
}

func ExampleTransactionError_Is() {
	failure := progerr.Parse(json.RawMessage(`"InsufficientFundsForFee"`), nil, nil)
	fmt.Println(errors.Is(failure, progerr.ErrInsufficientFunds))
	fmt.Println(errors.Is(failure, progerr.ErrSlippage))
	// Output:
	// true
	// false
}

func ExampleTransactionError_Unwrap() {
	programs := []solana.PublicKey{accounts.InfinityProgram}
	failure := progerr.Parse(json.RawMessage(`{"InstructionError":[0,{"Custom":21}]}`), programs,
		nil)
	var code *progerr.ProgramError
	if errors.As(failure, &code) {
		fmt.Println(code.ProgramName, code.Code, code.Name)
		fmt.Println("assumed:", code.Assumed)
	}
	// Output:
	// infinity 21 SlippageToleranceExceeded
	// assumed: true
}

func ExampleProgramError_Error() {
	programs := []solana.PublicKey{accounts.InfinityProgram}
	logs := []string{
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx invoke [1]",
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx failed: custom program error: 0x5",
	}
	failure := progerr.Parse(json.RawMessage(`{"InstructionError":[0,{"Custom":5}]}`), programs,
		logs)
	fmt.Println(failure.Program)
	// Output:
	// infinity: PoolRebalancing (5) in instruction 0: the pool is being rebalanced; try again
}

func ExampleProgramError_Is() {
	programs := []solana.PublicKey{accounts.StakePoolProgram}
	failure := progerr.Parse(json.RawMessage(`{"InstructionError":[0,{"Custom":17}]}`), programs,
		nil)
	fmt.Println(errors.Is(failure.Program, progerr.ErrStalePool))
	// Output: true
}

func ExampleProgramError_Retryable() {
	programs := []solana.PublicKey{accounts.StakeProgram}
	failure := progerr.Parse(json.RawMessage(`{"InstructionError":[0,{"Custom":16}]}`), programs,
		nil)
	fmt.Println(failure.Program.Name, failure.Program.Retryable())
	// Output: EpochRewardsActive true
}

func ExampleFromValue() {
	// The untyped Err field of a response of solana-go.
	value := map[string]any{
		"InsufficientFundsForRent": map[string]any{"account_index": json.Number("4")},
	}
	e := progerr.FromValue(value, nil, nil)
	fmt.Println(e.Kind, "of account", e.Account)
	fmt.Println(errors.Is(e, progerr.ErrInsufficientFunds))
	// Output:
	// InsufficientFundsForRent of account 4
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
