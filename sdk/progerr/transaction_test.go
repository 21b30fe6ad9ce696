package progerr_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/progerr"
)

var (
	jupiter = solana.MPK("JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4")
	// withdrawal has the outer programs of a typical stake withdrawal.
	withdrawal = []solana.PublicKey{
		accounts.ComputeBudgetProgram, accounts.ComputeBudgetProgram, accounts.SystemProgram,
		accounts.SanctumStakePoolProgram,
	}
	preamble = []string{
		"Program ComputeBudget111111111111111111111111111111 invoke [1]",
		"Program ComputeBudget111111111111111111111111111111 success",
		"Program ComputeBudget111111111111111111111111111111 invoke [1]",
		"Program ComputeBudget111111111111111111111111111111 success",
		"Program 11111111111111111111111111111111 invoke [1]",
		"Program 11111111111111111111111111111111 success",
		"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY invoke [1]",
		"Program log: Instruction: WithdrawStakeWithSlippage",
	}
	splitFails = []string{
		"Program Stake11111111111111111111111111111111111111 invoke [2]",
		"Program Stake11111111111111111111111111111111111111 success",
		"Program return: Stake11111111111111111111111111111111111111 AMqaOwAAAAA=",
		"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [2]",
		"Program log: Instruction: Burn",
		"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA consumed 4753 of 190000 compute units",
		"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA success",
		"Program Stake11111111111111111111111111111111111111 invoke [2]",
		"Program Stake11111111111111111111111111111111111111 failed: custom program error: 0xc",
		"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY consumed 70123 of 199550 compute units",
		"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: custom program error: 0xc",
	}
)

func concat(parts ...[]string) []string {
	var all []string
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func parse(raw string, programs []solana.PublicKey, logs []string) *progerr.TransactionError {
	return progerr.Parse(json.RawMessage(raw), programs, logs)
}

// attributionCase is a case of [TestParse_Attribution].
type attributionCase struct {
	name     string
	err      string
	programs []solana.PublicKey
	logs     []string
	want     progerr.ProgramError // Meaning and Remedy are not compared
	is       error
}

var attributionCases = []attributionCase{
	{
		name:     "raised by the stake pool",
		err:      `{"InstructionError":[3,{"Custom":39}]}`,
		programs: withdrawal,
		logs: concat(preamble, []string{
			"Program log: Error: Instruction exceeds desired slippage limit",
			"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY consumed 20000 of 199550 compute units",
			"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: custom program error: 0x27",
		}),
		want: progerr.ProgramError{
			Program:     accounts.SanctumStakePoolProgram,
			ProgramName: "stake pool",
			Code:        39,
			Name:        "ExceededSlippage",
			Instruction: 3,
		},
		is: progerr.ErrSlippage,
	},
	{
		name:     "12 is raised by the stake program if the split fails",
		err:      `{"InstructionError":[3,{"Custom":12}]}`,
		programs: withdrawal,
		logs:     concat(preamble, splitFails),
		want: progerr.ProgramError{
			Program:     accounts.StakeProgram,
			ProgramName: "stake",
			Code:        12,
			Name:        "InsufficientDelegation",
			Instruction: 3,
			InnerOf:     accounts.SanctumStakePoolProgram,
		},
		is: progerr.ErrProgramAmountTooSmall,
	},
	{
		name:     "12 is not attributed without logs, because the stake pool never raises it",
		err:      `{"InstructionError":[3,{"Custom":12}]}`,
		programs: withdrawal,
		want: progerr.ProgramError{
			Program:     accounts.SanctumStakePoolProgram,
			ProgramName: "unknown",
			Code:        12,
			Instruction: 3,
			Assumed:     true,
		},
	},
	{
		name: "logs without programs",
		err:  `{"InstructionError":[3,{"Custom":12}]}`,
		logs: concat(preamble, splitFails),
		want: progerr.ProgramError{
			Program:     accounts.StakeProgram,
			ProgramName: "stake",
			Code:        12,
			Name:        "InsufficientDelegation",
			Instruction: 3,
			InnerOf:     accounts.SanctumStakePoolProgram,
		},
		is: progerr.ErrProgramAmountTooSmall,
	},
	{
		name:     "without logs the outer program is assumed",
		err:      `{"InstructionError":[3,{"Custom":17}]}`,
		programs: withdrawal,
		want: progerr.ProgramError{
			Program:     accounts.SanctumStakePoolProgram,
			ProgramName: "stake pool",
			Code:        17,
			Name:        "StakeListAndPoolOutOfDate",
			Instruction: 3,
			Assumed:     true,
		},
		is: progerr.ErrStalePool,
	},
	{
		name:     "logs of another transaction",
		err:      `{"InstructionError":[0,{"Custom":12}]}`,
		programs: []solana.PublicKey{accounts.StakeProgram},
		logs:     concat(preamble, splitFails),
		want: progerr.ProgramError{
			Program:     accounts.StakeProgram,
			ProgramName: "stake",
			Code:        12,
			Name:        "InsufficientDelegation",
			Assumed:     true,
		},
		is: progerr.ErrProgramAmountTooSmall,
	},
	{
		name:     "system program, with an address of zeros",
		err:      `{"InstructionError":[2,{"Custom":1}]}`,
		programs: withdrawal,
		logs: concat(preamble[:5], []string{
			"Transfer: insufficient lamports 387955720, need 12258504000000000",
			"Program 11111111111111111111111111111111 failed: custom program error: 0x1",
		}),
		want: progerr.ProgramError{
			ProgramName: "system",
			Code:        1,
			Name:        "ResultWithNegativeLamports",
			Instruction: 2,
		},
		is: progerr.ErrInsufficientFunds,
	},
	{
		name: "neither programs nor logs: not the system program",
		err:  `{"InstructionError":[2,{"Custom":1}]}`,
		want: progerr.ProgramError{
			ProgramName: "unknown",
			Code:        1,
			Instruction: 2,
			Assumed:     true,
		},
	},
	{
		name:     "index beyond the programs",
		err:      `{"InstructionError":[9,{"Custom":1}]}`,
		programs: withdrawal,
		want: progerr.ProgramError{
			ProgramName: "unknown",
			Code:        1,
			Instruction: 9,
			Assumed:     true,
		},
	},
	{
		name:     "three levels deep",
		err:      `{"InstructionError":[0,{"Custom":1}]}`,
		programs: []solana.PublicKey{jupiter},
		logs: []string{
			"Program JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4 invoke [1]",
			"Program ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL invoke [2]",
			"Program 11111111111111111111111111111111 invoke [3]",
			"Program 11111111111111111111111111111111 failed: custom program error: 0x1",
			"Program ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL failed: custom program error: 0x1",
			"Program JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4 failed: custom program error: 0x1",
		},
		want: progerr.ProgramError{
			ProgramName: "system",
			Code:        1,
			Name:        "ResultWithNegativeLamports",
			InnerOf:     jupiter,
		},
		is: progerr.ErrInsufficientFunds,
	},
	{
		name:     "program without a table",
		err:      `{"InstructionError":[0,{"Custom":6001}]}`,
		programs: []solana.PublicKey{jupiter},
		logs: []string{
			"Program JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4 invoke [1]",
			"Program JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4 failed: custom program error: 0x1771",
		},
		want: progerr.ProgramError{Program: jupiter, ProgramName: "unknown", Code: 6001},
	},
	{
		name:     "code without an entry",
		err:      `{"InstructionError":[0,{"Custom":99}]}`,
		programs: []solana.PublicKey{accounts.StakeProgram},
		logs: []string{
			"Program Stake11111111111111111111111111111111111111 invoke [1]",
			"Program Stake11111111111111111111111111111111111111 failed: custom program error: 0x63",
		},
		want: progerr.ProgramError{Program: accounts.StakeProgram, ProgramName: "stake",
			Code: 99},
	},
	{
		name:     "largest code",
		err:      `{"InstructionError":[0,{"Custom":4294967295}]}`,
		programs: []solana.PublicKey{accounts.StakeProgram},
		logs: []string{
			"Program Stake11111111111111111111111111111111111111 invoke [1]",
			"Program Stake11111111111111111111111111111111111111 failed: custom program error: 0xffffffff",
		},
		want: progerr.ProgramError{Program: accounts.StakeProgram, ProgramName: "stake",
			Code: math.MaxUint32},
	},
	{
		name:     "truncated before the failure",
		err:      `{"InstructionError":[3,{"Custom":1}]}`,
		programs: withdrawal,
		logs: concat(preamble, []string{
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [2]",
			"Log truncated",
			"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: custom program error: 0x1",
		}),
		want: progerr.ProgramError{
			Program:     accounts.SanctumStakePoolProgram,
			ProgramName: "stake pool",
			Code:        1,
			Name:        "InvalidProgramAddress",
			Instruction: 3,
			Assumed:     true,
		},
	},
	{
		name:     "truncated after the failure",
		err:      `{"InstructionError":[3,{"Custom":12}]}`,
		programs: withdrawal,
		logs:     concat(preamble, splitFails[:9], []string{"Log truncated"}),
		want: progerr.ProgramError{
			Program:     accounts.StakeProgram,
			ProgramName: "stake",
			Code:        12,
			Name:        "InsufficientDelegation",
			Instruction: 3,
			InnerOf:     accounts.SanctumStakePoolProgram,
		},
		is: progerr.ErrProgramAmountTooSmall,
	},
	{
		name:     "a program prints the runtime's lines",
		err:      `{"InstructionError":[3,{"Custom":39}]}`,
		programs: withdrawal,
		logs: concat(preamble, []string{
			"Program log: Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [2]",
			"Program log: Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x27",
			"Program log: \nProgram TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x27",
			"Program log: Log truncated",
			"Program data: TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
			"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: custom program error: 0x27",
		}),
		want: progerr.ProgramError{
			Program:     accounts.SanctumStakePoolProgram,
			ProgramName: "stake pool",
			Code:        39,
			Name:        "ExceededSlippage",
			Instruction: 3,
		},
		is: progerr.ErrSlippage,
	},
	{
		name:     "failed line does not match the call stack",
		err:      `{"InstructionError":[3,{"Custom":1}]}`,
		programs: withdrawal,
		logs: concat(preamble, []string{
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x1",
			"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: custom program error: 0x1",
		}),
		want: progerr.ProgramError{
			Program:     accounts.SanctumStakePoolProgram,
			ProgramName: "stake pool",
			Code:        1,
			Name:        "InvalidProgramAddress",
			Instruction: 3,
			Assumed:     true,
		},
	},
	{
		name:     "the caller handles a failure",
		err:      `{"InstructionError":[3,{"Custom":1}]}`,
		programs: withdrawal,
		logs: concat(preamble, []string{
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [2]",
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x1",
			"Program 11111111111111111111111111111111 invoke [2]",
			"Program 11111111111111111111111111111111 failed: custom program error: 0x1",
			"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: custom program error: 0x1",
		}),
		want: progerr.ProgramError{
			ProgramName: "system",
			Code:        1,
			Name:        "ResultWithNegativeLamports",
			Instruction: 3,
			InnerOf:     accounts.SanctumStakePoolProgram,
		},
		is: progerr.ErrInsufficientFunds,
	},
	{
		name:     "the caller changes the code",
		err:      `{"InstructionError":[3,{"Custom":39}]}`,
		programs: withdrawal,
		logs: concat(preamble, []string{
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [2]",
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x1",
			"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: custom program error: 0x27",
		}),
		want: progerr.ProgramError{
			Program:     accounts.SanctumStakePoolProgram,
			ProgramName: "stake pool",
			Code:        39,
			Name:        "ExceededSlippage",
			Instruction: 3,
		},
		is: progerr.ErrSlippage,
	},
}

func TestParse_Attribution(t *testing.T) {
	for _, c := range attributionCases {
		t.Run(c.name, func(t *testing.T) {
			e := parse(c.err, c.programs, c.logs)
			require.Equal(t, progerr.KindInstruction, e.Kind)
			require.Equal(t, progerr.DetailCustom, e.Detail)
			require.Equal(t, c.want.Instruction, e.Instruction)
			require.Equal(t, -1, e.Account)
			require.Equal(t, c.logs, e.Logs)

			var got *progerr.ProgramError
			require.ErrorAs(t, e, &got)
			short := *got
			short.Meaning, short.Remedy = "", ""
			require.Equal(t, c.want, short)
			require.Equal(t, c.want.Name != "", got.Meaning != "")
			requireSentinel(t, e, c.is)
			requireSentinel(t, got, c.is)
		})
	}
}

func sentinels() []error {
	return []error{
		progerr.ErrSlippage, progerr.ErrStalePool, progerr.ErrInsufficientFunds,
		progerr.ErrOperationUnavailable, progerr.ErrProgramAmountTooSmall,
		progerr.ErrInsufficientLiquidity, progerr.ErrBlockhashNotFound, progerr.ErrAlreadyProcessed,
		progerr.ErrEpochRewards, progerr.ErrComputeExceeded,
		progerr.ErrMissingSigner, progerr.ErrNotInitialized, progerr.ErrBusy,
	}
}

// requireSentinel requires that err matches want, which may be nil, and no
// other sentinel.
func requireSentinel(t *testing.T, err, want error) {
	t.Helper()
	for _, s := range sentinels() {
		require.Equal(t, s == want, errors.Is(err, s), "%v is %v", err, s)
	}
}

func TestTransactionError_SentinelsAndRetryable(t *testing.T) {
	pool, stake, system := accounts.StakePoolProgram, accounts.StakeProgram, accounts.SystemProgram
	token, token2022 := accounts.TokenProgram, accounts.Token2022Program
	custom := func(code int) string {
		return fmt.Sprintf(`{"InstructionError":[0,{"Custom":%d}]}`, code)
	}
	builtin := func(name string) string { return fmt.Sprintf(`{"InstructionError":[0,%q]}`, name) }
	for _, c := range []struct {
		err     string
		program solana.PublicKey
		is      error
		retry   bool
	}{
		{custom(39), pool, progerr.ErrSlippage, false},
		{custom(16), pool, progerr.ErrStalePool, true},
		{custom(17), pool, progerr.ErrStalePool, true},
		{custom(43), pool, progerr.ErrEpochRewards, true},
		{custom(16), stake, progerr.ErrEpochRewards, true},
		{custom(28), pool, progerr.ErrProgramAmountTooSmall, false},
		{custom(29), pool, progerr.ErrProgramAmountTooSmall, false},
		{custom(12), stake, progerr.ErrProgramAmountTooSmall, false},
		{custom(23), pool, progerr.ErrInsufficientLiquidity, false},
		{custom(35), pool, progerr.ErrInsufficientLiquidity, false},
		{custom(30), pool, progerr.ErrOperationUnavailable, false},
		{custom(31), pool, progerr.ErrOperationUnavailable, false},
		{custom(34), pool, progerr.ErrOperationUnavailable, false},
		{custom(7), pool, progerr.ErrMissingSigner, false},
		{custom(1), system, progerr.ErrInsufficientFunds, false},
		{custom(0), system, nil, false},
		{custom(1), token, progerr.ErrInsufficientFunds, false},
		{custom(17), token, progerr.ErrOperationUnavailable, false},
		{custom(1), token2022, progerr.ErrInsufficientFunds, false},
		{custom(67), token2022, progerr.ErrOperationUnavailable, true},
		{builtin("InsufficientFunds"), stake, progerr.ErrInsufficientFunds, false},
		{builtin("AccountNotRentExempt"), stake, progerr.ErrInsufficientFunds, false},
		{builtin("MissingRequiredSignature"), stake, progerr.ErrMissingSigner, false},
		{builtin("ComputationalBudgetExceeded"), pool, progerr.ErrComputeExceeded, false},
		{builtin("ProgramFailedToComplete"), pool, nil, false},
		{builtin("NotEnoughAccountKeys"), pool, nil, false},
		{`"BlockhashNotFound"`, pool, progerr.ErrBlockhashNotFound, true},
		{`"AlreadyProcessed"`, pool, progerr.ErrAlreadyProcessed, false},
		{`"AccountNotFound"`, pool, progerr.ErrInsufficientFunds, false},
		{`"InsufficientFundsForFee"`, pool, progerr.ErrInsufficientFunds, false},
		{`{"InsufficientFundsForRent":{"account_index":1}}`, pool, progerr.ErrInsufficientFunds,
			false},
		{`"SignatureFailure"`, pool, progerr.ErrMissingSigner, false},
		{`"AccountInUse"`, pool, progerr.ErrBusy, true},
		{`"WouldExceedMaxBlockCostLimit"`, pool, progerr.ErrBusy, true},
		{`"SanitizeFailure"`, pool, nil, false},
		{`"SomethingNew"`, pool, nil, false},
	} {
		t.Run(c.err+" "+c.program.String(), func(t *testing.T) {
			e := parse(c.err, []solana.PublicKey{c.program}, nil)
			requireSentinel(t, e, c.is)
			requireSentinel(t, fmt.Errorf("sending: %w", e), c.is)
			require.Equal(t, c.retry, e.Retryable())
			if e.Program == nil {
				require.NoError(t, e.Unwrap())
			} else {
				require.Equal(t, c.retry, e.Program.Retryable())
			}
		})
	}
}

// shapeCase is a case of [TestParse_Shapes].
type shapeCase struct {
	err                  string
	kind, detail         string
	instruction, account int
	text                 string
}

var shapeCases = []shapeCase{
	{`"BlockhashNotFound"`, "BlockhashNotFound", "", -1, -1,
		"transaction failed: BlockhashNotFound: the blockhash is unknown to the node or too old; build and sign again with a fresh blockhash"},
	{` {"InsufficientFundsForRent":{"account_index":1}} `, "InsufficientFundsForRent", "", -1,
		1, "transaction failed: InsufficientFundsForRent (account 1): the account would be left below its rent exemption; fund it, or leave it empty"},
	{`{"ProgramExecutionTemporarilyRestricted":{"account_index":255}}`,
		"ProgramExecutionTemporarilyRestricted", "", -1, 255,
		"transaction failed: ProgramExecutionTemporarilyRestricted (account 255): the program's execution is temporarily restricted; try again"},
	{`{"DuplicateInstruction":3}`, "DuplicateInstruction", "", 3, -1,
		"transaction failed: DuplicateInstruction in instruction 3: an instruction that may occur only once is repeated; keep one of each compute budget instruction"},
	{`{"InstructionError":[3,"NotEnoughAccountKeys"]}`, "InstructionError",
		"NotEnoughAccountKeys", 3, -1,
		"transaction failed: NotEnoughAccountKeys in instruction 3 (stake pool): the instruction lists too few accounts; reload the accounts, because an authority may have been added"},
	{`{"InstructionError":[3,{"BorshIoError":"Unknown"}]}`, "InstructionError", "BorshIoError",
		3, -1,
		"transaction failed: BorshIoError in instruction 3 (stake pool): the program could not read or write its data; check that the program's version knows this instruction"},
	{`{"InstructionError":[3,"Immutable",7]}`, "InstructionError", "Immutable", 3, -1,
		"transaction failed: Immutable in instruction 3 (stake pool): the account is immutable; use another account"},
	// Variants of future nodes keep their names.
	{`"SomethingNew"`, "SomethingNew", "", -1, -1, "transaction failed: SomethingNew"},
	{`{"SomethingNew":{"a":[1]}}`, "SomethingNew", "", -1, -1,
		"transaction failed: SomethingNew"},
	{`{"SomethingNew":{"account_index":4}}`, "SomethingNew", "", -1, 4,
		"transaction failed: SomethingNew (account 4)"},
	{`{"InstructionError":[3,"NewDetail"]}`, "InstructionError", "NewDetail", 3, -1,
		"transaction failed: NewDetail in instruction 3 (stake pool)"},
	{`{"InstructionError":[3,{"NewDetail":{}}]}`, "InstructionError", "NewDetail", 3, -1,
		"transaction failed: NewDetail in instruction 3 (stake pool)"},
	// Malformed values are kept as text.
	{`{"InstructionError":[3,{"Custom":4294967296}]}`, "InstructionError",
		`{"Custom":4294967296}`, 3, -1,
		`transaction failed: {"Custom":4294967296} in instruction 3 (stake pool)`},
	{`{"InstructionError":[3,{"Custom":-1}]}`, "InstructionError", `{"Custom":-1}`, 3, -1,
		`transaction failed: {"Custom":-1} in instruction 3 (stake pool)`},
	{`{"InstructionError":[3,{"Custom":1.5}]}`, "InstructionError", `{"Custom":1.5}`, 3, -1,
		`transaction failed: {"Custom":1.5} in instruction 3 (stake pool)`},
	{`{"InstructionError":[3,{"Custom":null}]}`, "InstructionError", `{"Custom":null}`, 3, -1,
		`transaction failed: {"Custom":null} in instruction 3 (stake pool)`},
	{`{"InstructionError":[3,"Custom"]}`, "InstructionError", `"Custom"`, 3, -1,
		`transaction failed: "Custom" in instruction 3 (stake pool)`},
	{`{"InstructionError":[256,{"Custom":1}]}`, "InstructionError", `[256,{"Custom":1}]`, -1,
		-1, `transaction failed: [256,{"Custom":1}]`},
	{`{"InstructionError":[null,{"Custom":1}]}`, "InstructionError", `[null,{"Custom":1}]`, -1,
		-1, `transaction failed: [null,{"Custom":1}]`},
	{`{"InstructionError":[1]}`, "InstructionError", "[1]", -1, -1, "transaction failed: [1]"},
	{`{"InstructionError":null}`, "InstructionError", "null", -1, -1,
		"transaction failed: null"},
	{`"InstructionError"`, "InstructionError", "", -1, -1,
		"transaction failed: InstructionError"},
	{`{"InsufficientFundsForRent":{"account_index":-1}}`, "InsufficientFundsForRent", "", -1,
		-1, "transaction failed: InsufficientFundsForRent: the account would be left below its rent exemption; fund it, or leave it empty"},
	{`{"DuplicateInstruction":"x"}`, "DuplicateInstruction", "", -1, -1,
		"transaction failed: DuplicateInstruction: an instruction that may occur only once is repeated; keep one of each compute budget instruction"},
	{`{"A":1,"B":2}`, "Unknown", `{"A":1,"B":2}`, -1, -1,
		`transaction failed: Unknown error {"A":1,"B":2}`},
	{`{`, "Unknown", "{", -1, -1, "transaction failed: Unknown error {"},
	{`[]`, "Unknown", "[]", -1, -1, "transaction failed: Unknown error []"},
	{`""`, "Unknown", `""`, -1, -1, `transaction failed: Unknown error ""`},
	{`17`, "Unknown", "17", -1, -1, "transaction failed: Unknown error 17"},
	// Control characters of the node's text are replaced.
	{`"a\nb\u001b[31m\u202e"`, "a\nb\x1b[31m\u202e", "", -1, -1,
		"transaction failed: a?b?[31m?"},
}

func TestParse_Shapes(t *testing.T) {
	for _, c := range shapeCases {
		t.Run(c.err, func(t *testing.T) {
			e := parse(c.err, withdrawal, nil)
			require.Equal(t, c.kind, e.Kind)
			require.Equal(t, c.detail, e.Detail)
			require.Equal(t, c.instruction, e.Instruction)
			require.Equal(t, c.account, e.Account)
			require.Nil(t, e.Program)
			require.EqualError(t, e, c.text)
		})
	}

	require.Less(t, len(parse(`"`+strings.Repeat("é", 10_000)+`"`, nil, nil).Error()), 300)
	require.Less(t, len(parse(`{`+strings.Repeat("x", 10_000), nil, nil).Error()), 300)
}

func TestParse_NoError(t *testing.T) {
	for _, raw := range []string{"", " ", "null", "\nnull "} {
		require.Nil(t, parse(raw, withdrawal, preamble), "%q", raw)
	}
	require.Nil(t, progerr.Parse(nil, nil, nil))
	require.Nil(t, progerr.FromValue(nil, nil, nil))
	require.Nil(t, progerr.FromValue((*string)(nil), nil, nil))
}

func TestFromValue_DecodedValues(t *testing.T) {
	for _, value := range []any{
		map[string]any{"InstructionError": []any{json.Number("3"),
			map[string]any{"Custom": json.Number("39")}}},
		map[string]any{"InstructionError": []any{float64(3),
			map[string]any{"Custom": float64(39)}}},
		json.RawMessage(`{"InstructionError":[3,{"Custom":39}]}`),
	} {
		e := progerr.FromValue(value, withdrawal, nil)
		require.ErrorIs(t, e, progerr.ErrSlippage)
		require.Equal(t, 3, e.Instruction)
	}

	require.ErrorIs(t, progerr.FromValue("BlockhashNotFound", nil, nil),
		progerr.ErrBlockhashNotFound)

	for _, value := range []any{
		math.NaN(),
		make(chan int),
		json.RawMessage("{"),
		json.Number("x"),
	} {
		e := progerr.FromValue(value, nil, []string{"log"})
		require.Equal(t, progerr.KindUnknown, e.Kind)
		require.Equal(t, []string{"log"}, e.Logs)
		require.NotEmpty(t, e.Error())
	}
}

func TestTransactionError_PathOfBuiltinErrors(t *testing.T) {
	logs := concat(preamble, []string{
		"Program Stake11111111111111111111111111111111111111 invoke [2]",
		"Program Stake11111111111111111111111111111111111111 failed: missing required signature for instruction",
		"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: missing required signature for instruction",
	})

	e := parse(`{"InstructionError":[3,"MissingRequiredSignature"]}`, withdrawal, logs)
	require.Equal(t, []solana.PublicKey{accounts.SanctumStakePoolProgram, accounts.StakeProgram},
		e.Path)
	require.EqualError(
		t,
		e,
		"transaction failed: MissingRequiredSignature in instruction 3 (stake, called by stake pool): "+
			"a required signature is missing; sign with every authority the instruction names",
	)
}

func TestTransactionError_ComputeExceededFromLogs(t *testing.T) {
	stopped := func(reason string) []string {
		return concat(preamble, []string{
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [2]",
			"Program log: exceeded CUs meter",
			"Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: " + reason,
			"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: Program failed to complete",
		})
	}

	const raw = `{"InstructionError":[3,"ProgramFailedToComplete"]}`
	e := parse(raw, withdrawal, stopped("exceeded CUs meter at BPF instruction"))
	requireSentinel(t, e, progerr.ErrComputeExceeded)
	require.Contains(t, e.Error(), "raise the compute unit limit")
	require.Equal(t, "ProgramFailedToComplete", e.Detail)
	requireSentinel(t, parse(raw, withdrawal, stopped("Access violation in heap section")), nil)
}

func TestTransactionError_Text(t *testing.T) {
	for _, c := range []struct {
		code     int
		programs []solana.PublicKey
		logs     []string
		text     string
	}{
		{
			39, withdrawal,
			concat(preamble,
				[]string{"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: custom program error: 0x27"}),
			"stake pool: ExceededSlippage (39) in instruction 3: the pool pays less than the minimum; quote again or allow more slippage",
		},
		{12, withdrawal, concat(preamble, splitFails),
			"stake: InsufficientDelegation (12) in instruction 3, called by stake pool: a stake would be smaller than the cluster's minimum delegation; use a larger amount, or leave more in the source"},
		{17, withdrawal, nil,
			"stake pool: StakeListAndPoolOutOfDate (17) in instruction 3 (the logs do not show which program raised it): the pool was not updated in this epoch; update the pool in the same transaction, or try again after the next pool update"},
		{12, withdrawal, nil,
			"unknown program: custom error 12 in instruction 3 (the logs do not show which program raised it)"},
		{12, nil, nil,
			"unknown program: custom error 12 in instruction 3 (the logs do not show which program raised it)"},
		{6001, nil, []string{
			"Program JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4 invoke [1]",
			"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY invoke [2]",
			"Program SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY failed: custom program error: 0x1771",
			"Program JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4 failed: custom program error: 0x1771",
		}, "stake pool: custom error 6001 in instruction 3, called by JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4"},
		{6001, nil, []string{
			"Program JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4 invoke [1]",
			"Program JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4 failed: custom program error: 0x1771",
		}, "unknown program JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4: custom error 6001 in instruction 3"},
	} {
		e := parse(fmt.Sprintf(`{"InstructionError":[3,{"Custom":%d}]}`, c.code), c.programs,
			c.logs)
		require.EqualError(t, e.Program, c.text)
		require.EqualError(t, e, "transaction failed: "+c.text)
	}
}

func TestParse_CopiesLogs(t *testing.T) {
	logs := []string{"Program log: a"}
	e := parse(`"AccountInUse"`, nil, logs)
	logs[0] = "changed"
	require.Equal(t, []string{"Program log: a"}, e.Logs)
}

// TestParse_AttributesToInnermostProgram checks with random calls and output of
// programs that a code is attributed to the innermost failed program.
func TestParse_AttributesToInnermostProgram(t *testing.T) {
	known := []solana.PublicKey{
		accounts.StakePoolProgram, accounts.StakeProgram, accounts.SystemProgram,
		accounts.TokenProgram,
		accounts.AssociatedTokenProgram, jupiter,
	}

	rapid.Check(t, func(t *rapid.T) {
		code := rapid.Uint32Range(0, 50).Draw(t, "code")
		pick := rapid.SampledFrom(known)
		var logs []string
		noise := func() {
			for range rapid.IntRange(0, 2).Draw(t, "noise") {
				logs = append(logs,
					fmt.Sprintf("Program log: Program %s failed: custom program error: %#x",
						pick.Draw(t, "liar"), code))
			}
		}

		var succeed func(depth int) solana.PublicKey
		succeed = func(depth int) solana.PublicKey {
			id := pick.Draw(t, "program")
			logs = append(logs, fmt.Sprintf("Program %s invoke [%d]", id, depth))
			noise()
			if depth < 4 && rapid.Bool().Draw(t, "nested") {
				succeed(depth + 1)
			}

			logs = append(logs, fmt.Sprintf("Program %s success", id))

			return id
		}

		var programs []solana.PublicKey
		for range rapid.IntRange(0, 3).Draw(t, "before") {
			programs = append(programs, succeed(1))
		}

		var path []solana.PublicKey
		for depth := range rapid.IntRange(1, 5).Draw(t, "depth") {
			id := pick.Draw(t, "failing")
			path = append(path, id)
			logs = append(logs, fmt.Sprintf("Program %s invoke [%d]", id, depth+1))
			noise()
			if depth < 4 && rapid.Bool().Draw(t, "sibling") {
				succeed(depth + 2)
			}
		}

		for i := len(path) - 1; i >= 0; i-- {
			logs = append(logs, fmt.Sprintf("Program %s consumed 1 of 2 compute units", path[i]),
				fmt.Sprintf("Program %s failed: custom program error: %#x", path[i], code))
		}

		programs = append(programs, path[0])

		e := parse(fmt.Sprintf(`{"InstructionError":[%d,{"Custom":%d}]}`, len(programs)-1, code),
			programs, logs)
		require.Equal(t, path, e.Path)
		require.Equal(t, path[len(path)-1], e.Program.Program)
		require.False(t, e.Program.Assumed)
		require.Equal(t, len(path) > 1 && path[0] != solana.PublicKey{},
			!e.Program.InnerOf.IsZero())
	})
}
