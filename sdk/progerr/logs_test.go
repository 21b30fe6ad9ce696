package progerr

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// swapLogs are the logs of a swap through the Router from one stake pool to
// another. The token program fails to burn with code 1, InsufficientFunds. Code
// 1 is also InvalidProgramAddress of the stake pool and WrongSolBridgeOut of
// the Router.
var swapLogs = strings.Split(strings.TrimSpace(`
Program ComputeBudget111111111111111111111111111111 invoke [1]
Program ComputeBudget111111111111111111111111111111 success
Program ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL invoke [1]
Program log: CreateIdempotent
Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [2]
Program log: Instruction: GetAccountDataSize
Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA consumed 1569 of 594000 compute units
Program return: TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA pQAAAAAAAAA=
Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA success
Program 11111111111111111111111111111111 invoke [2]
Program 11111111111111111111111111111111 success
Program log: Initialize the associated token account
Program ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL consumed 19315 of 599850 compute units
Program ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL success
Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq invoke [1]
Program 11111111111111111111111111111111 invoke [2]
Program 11111111111111111111111111111111 success
Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy invoke [2]
Program log: Instruction: WithdrawStake
Program Stake11111111111111111111111111111111111111 invoke [3]
Program Stake11111111111111111111111111111111111111 success
Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [3]
Program log: Instruction: Burn
Program log: Error: insufficient funds
Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA consumed 4394 of 480214 compute units
Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x1
Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy consumed 66540 of 541002 compute units
Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy failed: custom program error: 0x1
Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq consumed 105500 of 580535 compute units
Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq failed: custom program error: 0x1`), "\n")

var (
	swapPrograms = []solana.PublicKey{accounts.ComputeBudgetProgram,
		accounts.AssociatedTokenProgram, accounts.RouterProgram}
	swapErr = []byte(`{"InstructionError":[2,{"Custom":1}]}`)
)

// requireToken checks that the code is attributed to the token program, three
// calls deep.
func requireToken(t *testing.T, e *TransactionError, why string) {
	t.Helper()
	require.Equal(t,
		[]solana.PublicKey{accounts.RouterProgram, accounts.StakePoolProgram,
			accounts.TokenProgram},
		e.Path, why)
	require.Equal(t, "token: InsufficientFunds", strings.Split(e.Program.Error(), " (")[0], why)
	require.Equal(t, accounts.RouterProgram, e.Program.InnerOf, why)
	require.False(t, e.Program.Assumed, why)
	require.ErrorIs(t, e, ErrInsufficientFunds, why)
}

// requireRouter checks that the code is assumed to be the outer program's, and
// that the error text mentions the assumption.
func requireRouter(t *testing.T, e *TransactionError, why string) {
	t.Helper()
	require.Equal(t, []solana.PublicKey{accounts.RouterProgram}, e.Path, why)
	require.Equal(t, "router: WrongSolBridgeOut", strings.Split(e.Program.Error(), " (")[0], why)
	require.True(t, e.Program.InnerOf.IsZero(), why)
	require.True(t, e.Program.Assumed, why)
	require.Contains(t, e.Error(), "(the logs do not show which program raised it)", why)
	require.NotErrorIs(t, e, ErrInsufficientFunds, why)
}

func TestParse_NestedCall(t *testing.T) {
	requireToken(t, Parse(swapErr, swapPrograms, swapLogs), "complete")
	requireToken(t, Parse(swapErr, nil, swapLogs), "without the instructions' programs")
}

// TestParse_TruncatedLogs cuts the logs at every line. The runtime may add
// short lines after the cut. The code is attributed to the token program if its
// failure is before the cut, and assumed to be the outer program's otherwise.
func TestParse_TruncatedLogs(t *testing.T) {
	raised := slices.IndexFunc(swapLogs,
		func(line string) bool { return strings.Contains(line, "failed") })
	for cut := range len(swapLogs) + 1 {
		for _, after := range [][]string{nil, swapLogs[min(cut+1, len(swapLogs)):],
			swapLogs[len(swapLogs)-1:], swapLogs[min(cut+3, len(swapLogs)):]} {
			e := Parse(swapErr, swapPrograms,
				slices.Concat(swapLogs[:cut], []string{"Log truncated"}, after))
			if cut > raised {
				requireToken(t, e, swapLogs[cut-1])
			} else {
				requireRouter(t, e, fmt.Sprint(cut))
			}
		}

		// The logs are cut without "Log truncated".
		e := Parse(swapErr, swapPrograms, swapLogs[:cut])
		if cut > raised {
			requireToken(t, e, swapLogs[cut-1])
		} else {
			requireRouter(t, e, fmt.Sprint(cut))
		}
	}
}

// TestParse_MissingLogLines removes each line. Without a line of the runtime
// the calls do not match, and the outer program is assumed, unless the missing
// line is irrelevant.
func TestParse_MissingLogLines(t *testing.T) {
	for i, line := range swapLogs {
		logs := slices.Delete(slices.Clone(swapLogs), i, i+1)
		e := Parse(swapErr, swapPrograms, logs)
		_, event, ok := runtimeLine(line)
		switch failed := strings.HasPrefix(event, "failed"); {
		case !ok || strings.HasPrefix(event, "consumed"):
			requireToken(t, e, line)
		case failed && strings.Contains(line, "Tokenkeg"):
			require.False(t, e.Program.Program == accounts.TokenProgram && !e.Program.Assumed, line)
		case failed && strings.Contains(line, "stkitr"):
			requireToken(t, e, line)
		default:
			requireRouter(t, e, line)
		}
	}
}

func TestParse_LogsWithoutFailure(t *testing.T) {
	for name, logs := range map[string][]string{
		"none":               nil,
		"empty":              {},
		"empty lines":        {"", "", ""},
		"other instructions": swapLogs[:14],
		"another failure": {
			"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq invoke [1]",
			"Program 11111111111111111111111111111111 invoke [2]",
			"Program 11111111111111111111111111111111 failed: custom program error: 0x2",
			"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq failed: custom program error: 0x2",
		},
		"another program's failure": {
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [1]",
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x1",
		},
		"malformed codes": {
			"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq invoke [1]",
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [2]",
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x100000001",
			"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq failed: custom program error: 1",
		},
		"only output of programs": {
			"Program log: Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [1]",
			"Program log: Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x1",
			"Program log: AnchorError thrown in src/lib.rs:1. Error Code: InsufficientFunds. Error Number: 1. Error Message: no.",
			"Program data: UHJvZ3JhbSBUb2tlbg==",
			"Program return: TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA AQ==",
		},
	} {
		t.Run(name,
			func(t *testing.T) { requireRouter(t, Parse(swapErr, swapPrograms, logs), name) })
	}
}

// TestParse_HandledFailures checks failures that the caller handles. Native
// programs can handle the failure of a program that they call, and future
// runtimes may permit it to all programs. Only the last chain of failures
// counts.
func TestParse_HandledFailures(t *testing.T) {
	failing := func(program string) []string {
		return []string{"Program " + program + " invoke [2]",
			"Program " + program + " failed: custom program error: 0x1"}
	}

	const (
		token  = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
		pool   = "SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy"
		system = "11111111111111111111111111111111"
	)
	start, end := swapLogs[:15], swapLogs[len(swapLogs)-1:]
	survived := slices.Concat(failing(token), failing(pool), failing(system))
	success := []string{"Program " + system + " invoke [2]", "Program " + system + " success"}

	e := Parse(swapErr, swapPrograms, slices.Concat(start, survived, success, end))
	require.Equal(t, []solana.PublicKey{accounts.RouterProgram}, e.Path)
	require.Equal(t, []any{"WrongSolBridgeOut", false}, []any{e.Program.Name, e.Program.Assumed},
		"the Router raised the code")

	e = Parse(swapErr, swapPrograms, slices.Concat(start, survived, failing(token), end))
	require.Equal(t, []solana.PublicKey{accounts.RouterProgram, accounts.TokenProgram}, e.Path,
		"the last failure counts")
	require.False(t, e.Program.Assumed)

	// The stake pool handles a failure and succeeds.
	nested := []string{
		"Program " + pool + " invoke [2]", "Program " + token + " invoke [3]",
		"Program " + token + " failed: custom program error: 0x1",
		"Program " + pool + " success",
	}

	e = Parse(swapErr, swapPrograms, slices.Concat(start, nested, end))
	require.Equal(t, []solana.PublicKey{accounts.RouterProgram}, e.Path)
	require.False(t, e.Program.Assumed)

	// A transaction never continues after a failed instruction, so such logs
	// prove nothing.
	e = Parse(swapErr, swapPrograms, slices.Concat(failing(token), swapLogs))
	requireRouter(t, e, "calls that do not begin with the outer instruction")
}

// TestParse_SameCodeInBothTables checks codes in the tables of both the outer
// and the called program. The logs decide; without logs the code is assumed to
// be the outer program's.
func TestParse_SameCodeInBothTables(t *testing.T) {
	pairs := 0
	for _, outer := range programs {
		for _, inner := range programs {
			for code, entry := range inner.errors {
				own, both := outer.errors[code]
				if !both {
					continue
				}

				pairs++
				failed := func(p *program) string {
					return fmt.Sprintf("Program %s failed: custom program error: %#x", p.ids[0],
						code)
				}

				start := fmt.Sprintf("Program %s invoke [1]", outer.ids[0])
				called := fmt.Sprintf("Program %s invoke [2]", inner.ids[0])
				raw := fmt.Appendf(nil, `{"InstructionError":[0,{"Custom":%d}]}`, code)

				e := Parse(raw, outer.ids[:1],
					[]string{start, called, failed(inner), failed(outer)}).Program
				require.Equal(t, []any{inner.ids[0], inner.name, entry.Name, false},
					[]any{e.Program, e.ProgramName, e.Name, e.Assumed})
				require.Equal(t, outer.ids[0], e.InnerOf)

				done := fmt.Sprintf("Program %s success", inner.ids[0])
				e = Parse(raw, outer.ids[:1], []string{start, called, done, failed(outer)}).Program
				require.Equal(t, []any{outer.ids[0], outer.name, own.Name, false},
					[]any{e.Program, e.ProgramName, e.Name, e.Assumed})
				require.True(t, e.InnerOf.IsZero())

				e = Parse(raw, outer.ids[:1], nil).Program
				require.True(t, e.Assumed)
				require.Equal(t, own.Unraised, e.Name == "")
			}
		}
	}

	require.Greater(t, pairs, 2_500)
}

// TestParse_AnchorLogs checks the logs of a program written with Anchor. Its
// own output is ignored; the runtime's line has the code.
func TestParse_AnchorLogs(t *testing.T) {
	logs := strings.Split(strings.TrimSpace(`
Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq invoke [1]
Program unpXTU2Ndrc7WWNyEhQWe4udTzSibLPi25SXv2xbCHQ invoke [2]
Program log: Instruction: Unstake
Program log: AnchorError thrown in programs/unstake/src/instructions/unstake_instructions.rs:105. Error Code: NotEnoughLiquidity. Error Number: 6008. Error Message: Not enough liquidity to service this unstake.
Program unpXTU2Ndrc7WWNyEhQWe4udTzSibLPi25SXv2xbCHQ consumed 30000 of 200000 compute units
Program unpXTU2Ndrc7WWNyEhQWe4udTzSibLPi25SXv2xbCHQ failed: custom program error: 0x1778
Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq failed: custom program error: 0x1778`), "\n")

	raw := []byte(`{"InstructionError":[0,{"Custom":6008}]}`)
	e := Parse(raw, []solana.PublicKey{accounts.RouterProgram}, logs)
	require.EqualError(
		t,
		e,
		"transaction failed: reserve: NotEnoughLiquidity (6008) in instruction 0, called by router: "+
			"the Reserve does not have enough SOL to pay for the stake; sell less stake, or wait for its deactivation instead",
	)

	require.ErrorIs(t, e, ErrInsufficientLiquidity)

	// The output of Anchor alone proves nothing: any program could print it.
	e = Parse(raw, []solana.PublicKey{accounts.RouterProgram}, logs[:4])
	require.True(t, e.Program.Assumed)
	require.Equal(t, unknownProgram, e.Program.ProgramName)
	require.NotErrorIs(t, e, ErrInsufficientLiquidity)
}

// TestParse_DeepLogs checks that calls deeper than the runtime's limit are
// ignored and do not make the error text long.
func TestParse_DeepLogs(t *testing.T) {
	for _, depth := range []int{1, 9, maxCallDepth, maxCallDepth + 1, 1000} {
		var logs []string
		for i := range depth {
			logs = append(logs, fmt.Sprintf("Program %s invoke [%d]", accounts.RouterProgram, i+1))
		}

		for range depth {
			logs = append(logs,
				fmt.Sprintf("Program %s failed: invalid account data for instruction",
					accounts.RouterProgram))
		}

		e := Parse([]byte(`{"InstructionError":[0,"InvalidAccountData"]}`),
			[]solana.PublicKey{accounts.RouterProgram}, logs)
		if depth > maxCallDepth {
			depth = 1
		}

		require.Len(t, e.Path, depth)
		require.Less(t, len(e.Error()), 1500)
	}
}

func customError(code string) json.RawMessage {
	return json.RawMessage(`{"InstructionError":[1,{"Custom":` + code + `}]}`)
}

// TestParse_CalculatorErrorInSwap checks a swap to an LST with a pool that was
// not updated in the current epoch.
func TestParse_CalculatorErrorInSwap(t *testing.T) {
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
			"the token's stake pool was not updated in this epoch; update the pool in the same transaction, or try again after the next pool update",
	)

	// Without logs the code is assumed to be the controller's, and the error
	// does not match ErrStalePool.
	e = Parse(customError("0"), programs, nil)
	require.Equal(t, "InvalidPoolStateData", e.Program.Name)
	require.True(t, e.Program.Assumed)
	require.NotErrorIs(t, e, ErrStalePool)

	// The controller raises the code.
	logs = append(slices.Clone(logs[:8]),
		"Program log: SlippageToleranceExceeded",
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx failed: custom program error: 0x15")
	e = Parse(customError("21"), programs, logs)
	require.ErrorIs(t, e, ErrSlippage)
	require.Equal(t, "infinity", e.Program.ProgramName)
}

// TestParse_StakeErrorInRouter checks a withdrawal through the Router of less
// than the cluster's minimum delegation.
func TestParse_StakeErrorInRouter(t *testing.T) {
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
