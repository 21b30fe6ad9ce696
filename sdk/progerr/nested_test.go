package progerr

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func customError(code string) json.RawMessage {
	return json.RawMessage(`{"InstructionError":[1,{"Custom":` + code + `}]}`)
}

// A swap whose output is an LST with a pool that nobody updated this epoch.
func TestCalculatorErrorInSwap(t *testing.T) {
	programs := []solana.PublicKey{accounts.ComputeBudgetProgram, accounts.InfinityProgram}
	logs := []string{
		"Program ComputeBudget111111111111111111111111111111 invoke [1]",
		"Program ComputeBudget111111111111111111111111111111 success",
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx invoke [1]",
		"Program wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE invoke [2]",
		"Program log: LstToSol(LstToSolIxArgs { amount: 1000000 })",
		"Program wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE consumed 1412 of 386120 compute units",
		"Program return: wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE QEIPAAAAAABAQg8AAAAAAA==",
		"Program wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE success",
		"Program sspUE1vrh7xRoXxGsg7vR1zde2WdGtJRbyK9uRumBDy invoke [2]",
		"Program log: LstToSol(LstToSolIxArgs { amount: 1000000 })",
		"Program log: SPL stake pool not yet updated for this epoch",
		"Program sspUE1vrh7xRoXxGsg7vR1zde2WdGtJRbyK9uRumBDy consumed 9876 of 380011 compute units",
		"Program sspUE1vrh7xRoXxGsg7vR1zde2WdGtJRbyK9uRumBDy failed: custom program error: 0x0",
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx consumed 23456 of 399850 compute units",
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx failed: custom program error: 0x0",
	}

	e := Parse(customError("0"), programs, logs)
	require.ErrorIs(t, e, ErrStalePool)
	require.True(t, e.Retryable())
	require.Equal(t, []solana.PublicKey{accounts.InfinityProgram, accounts.SanctumSPLCalculator},
		e.Path)
	require.Equal(t, accounts.InfinityProgram, e.Program.InnerOf)
	require.False(t, e.Program.Assumed)
	require.EqualError(
		t,
		e,
		"transaction failed: spl calculator: PoolNotUpdated (0) in instruction 1, called by infinity: "+
			"the token's stake pool was not updated this epoch; update the pool in the same transaction, or try again once someone has",
	)

	// Without logs the controller's own error is only an assumption, and nobody
	// is told that the pool is stale.
	e = Parse(customError("0"), programs, nil)
	require.Equal(t, "InvalidPoolStateData", e.Program.Name)
	require.True(t, e.Program.Assumed)
	require.NotErrorIs(t, e, ErrStalePool)

	// What the controller refuses by itself is its own.
	logs = append(slices.Clone(logs[:8]),
		"Program log: SlippageToleranceExceeded",
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx failed: custom program error: 0x15")
	e = Parse(customError("21"), programs, logs)
	require.ErrorIs(t, e, ErrSlippage)
	require.Equal(t, "infinity", e.Program.ProgramName)
}

// A withdrawal through the Router of less than the cluster's minimum
// delegation.
func TestStakeErrorInRouter(t *testing.T) {
	programs := []solana.PublicKey{accounts.ComputeBudgetProgram, accounts.RouterProgram}
	logs := []string{
		"Program ComputeBudget111111111111111111111111111111 invoke [1]",
		"Program ComputeBudget111111111111111111111111111111 success",
		"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq invoke [1]",
		"Program 11111111111111111111111111111111 invoke [2]",
		"Program 11111111111111111111111111111111 success",
		"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy invoke [2]",
		"Program log: Instruction: WithdrawStake",
		"Program Stake11111111111111111111111111111111111111 invoke [3]",
		"Program Stake11111111111111111111111111111111111111 consumed 5042 of 312004 compute units",
		"Program Stake11111111111111111111111111111111111111 failed: custom program error: 0xc",
		"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy consumed 61234 of 370001 compute units",
		"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy failed: custom program error: 0xc",
		"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq consumed 88123 of 399850 compute units",
		"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq failed: custom program error: 0xc",
	}

	e := Parse(customError("12"), programs, logs)
	require.ErrorIs(t, e, ErrProgramAmountTooSmall)
	require.Equal(t,
		[]solana.PublicKey{accounts.RouterProgram, accounts.StakePoolProgram,
			accounts.StakeProgram},
		e.Path)

	require.Equal(t, accounts.RouterProgram, e.Program.InnerOf)
	require.EqualError(
		t,
		e,
		"transaction failed: stake: InsufficientDelegation (12) in instruction 1, called by router: "+
			"a stake would be smaller than the cluster's minimum delegation; use a larger amount, or leave more in the source",
	)

	// The same code from the Router itself is another error.
	e = Parse(customError("12"), programs, append(slices.Clone(logs[:5]), logs[13]))
	require.Equal(t, "router", e.Program.ProgramName)
	require.Equal(t, "NumericalError", e.Program.Name)
	require.NotErrorIs(t, e, ErrProgramAmountTooSmall)
}
