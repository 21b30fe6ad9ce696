package progerr

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// swapLogs are those of a swap of one stake pool's token for another's through
// the Router, in which the token program refuses to burn: code 1 is
// InsufficientFunds of the token program, but also InvalidProgramAddress of the
// stake pool and WrongSolBridgeOut of the Router.
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

// requireToken requires that the token program was found, three calls deep.
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

// requireRouter requires that nothing better than the outer program was found,
// and that the error says so.
func requireRouter(t *testing.T, e *TransactionError, why string) {
	t.Helper()
	require.Equal(t, []solana.PublicKey{accounts.RouterProgram}, e.Path, why)
	require.Equal(t, "router: WrongSolBridgeOut", strings.Split(e.Program.Error(), " (")[0], why)
	require.True(t, e.Program.InnerOf.IsZero(), why)
	require.True(t, e.Program.Assumed, why)
	require.Contains(t, e.Error(), "(the logs do not show who raised it)", why)
	require.NotErrorIs(t, e, ErrInsufficientFunds, why)
}

func TestNestedCall(t *testing.T) {
	requireToken(t, Parse(swapErr, swapPrograms, swapLogs), "complete")
	requireToken(t, Parse(swapErr, nil, swapLogs), "without the instructions' programs")
}

// Logs may be cut anywhere, and the runtime still adds lines that fit after the
// cut. The raiser is named if its failure is there, and assumed otherwise; it
// is never another one.
func TestTruncatedLogs(t *testing.T) {
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

		// Cut without a word.
		e := Parse(swapErr, swapPrograms, swapLogs[:cut])
		if cut > raised {
			requireToken(t, e, swapLogs[cut-1])
		} else {
			requireRouter(t, e, fmt.Sprint(cut))
		}
	}
}

// Without any one of the runtime's lines of the failing instruction the calls
// no longer fit together, and nothing is made of them, unless what is missing
// does not matter.
func TestMissingLines(t *testing.T) {
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

func TestLogsWithoutTheFailure(t *testing.T) {
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
		"a code that is none": {
			"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq invoke [1]",
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [2]",
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x100000001",
			"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq failed: custom program error: 1",
		},
		"only what programs print": {
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

// Native programs can survive that a program they call fails, and a runtime to
// come may let all. Whoever failed and was survived raised nothing; the last
// chain of failures counts.
func TestSurvivedFailures(t *testing.T) {
	failing := func(program string) []string {
		return []string{"Program " + program + " invoke [2]",
			"Program " + program + " failed: custom program error: 0x1"}
	}

	const token, pool, system = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", "SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy", "11111111111111111111111111111111"
	start, end := swapLogs[:15], swapLogs[len(swapLogs)-1:]
	survived := slices.Concat(failing(token), failing(pool), failing(system))
	success := []string{"Program " + system + " invoke [2]", "Program " + system + " success"}

	e := Parse(swapErr, swapPrograms, slices.Concat(start, survived, success, end))
	require.Equal(t, []solana.PublicKey{accounts.RouterProgram}, e.Path)
	require.Equal(t, []any{"WrongSolBridgeOut", false}, []any{e.Program.Name, e.Program.Assumed},
		"the Router failed by itself")

	e = Parse(swapErr, swapPrograms, slices.Concat(start, survived, failing(token), end))
	require.Equal(t, []solana.PublicKey{accounts.RouterProgram, accounts.TokenProgram}, e.Path,
		"the last of them")
	require.False(t, e.Program.Assumed)

	// Whoever survives a failure and then succeeds has raised nothing either.
	nested := []string{
		"Program " + pool + " invoke [2]", "Program " + token + " invoke [3]",
		"Program " + token + " failed: custom program error: 0x1",
		"Program " + pool + " success",
	}

	e = Parse(swapErr, swapPrograms, slices.Concat(start, nested, end))
	require.Equal(t, []solana.PublicKey{accounts.RouterProgram}, e.Path)
	require.False(t, e.Program.Assumed)

	// An instruction that failed before, and was survived, cannot be in the
	// logs of a transaction; it would count for nothing.
	e = Parse(swapErr, swapPrograms, slices.Concat(failing(token), swapLogs))
	requireRouter(t, e, "calls that do not begin with the outer instruction")
}

// Where the tables of the outer and the called program both have the code, the
// logs decide, and without logs it is the outer one's, marked as assumed.
func TestSameCodeInBothTables(t *testing.T) {
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

// A program written with Anchor says a lot, none of which is needed: the
// runtime's line has the same number.
func TestAnchorLogs(t *testing.T) {
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

	// What Anchor prints does not name a program, and could be printed by any.
	e = Parse(raw, []solana.PublicKey{accounts.RouterProgram}, logs[:4])
	require.True(t, e.Program.Assumed)
	require.Equal(t, unknownProgram, e.Program.ProgramName)
	require.NotErrorIs(t, e, ErrInsufficientLiquidity)
}

// Calls deeper than any runtime allows are not made anything of, and cannot
// make the text of an error long.
func TestDeepLogs(t *testing.T) {
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
