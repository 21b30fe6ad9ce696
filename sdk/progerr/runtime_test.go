package progerr

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// variants are error variants of the runtime with the same sentinel. Their
// names are those of anza-xyz/solana-sdk of August 2026,
// transaction-error/src/lib.rs and instruction-error/src/lib.rs. Variants with
// a value are written as nodes send them.
type variants struct {
	sentinel  error
	retryable bool
	names     string
}

var transactionVariants = []variants{
	{ErrBusy, true,
		`AccountInUse ClusterMaintenance WouldExceedMaxBlockCostLimit WouldExceedMaxAccountCostLimit
		WouldExceedAccountDataBlockLimit WouldExceedMaxVoteCostLimit WouldExceedAccountDataTotalLimit
		{"ProgramExecutionTemporarilyRestricted":{"account_index":7}} ProgramCacheHitMaxLimit`},
	{ErrBlockhashNotFound, true, `BlockhashNotFound`},
	{ErrAlreadyProcessed, false, `AlreadyProcessed`},
	{ErrInsufficientFunds, false,
		`AccountNotFound InsufficientFundsForFee InvalidRentPayingAccount {"InsufficientFundsForRent":{"account_index":7}}`},
	{ErrMissingSigner, false, `MissingSignatureForFee SignatureFailure`},
	{ErrComputeExceeded, false, `TooManyAccountLocks MaxLoadedAccountsDataSizeExceeded`},
	{nil, true, `InvalidAddressLookupTableIndex ResanitizationNeeded CommitCancelled`},
	{nil, false,
		`AccountLoadedTwice ProgramAccountNotFound InvalidAccountForFee {"InstructionError":[2,"GenericError"]} CallChainTooDeep
		InvalidAccountIndex InvalidProgramForExecution SanitizeFailure AccountBorrowOutstanding UnsupportedVersion InvalidWritableAccount
		AddressLookupTableNotFound InvalidAddressLookupTableOwner InvalidAddressLookupTableData {"DuplicateInstruction":2}
		InvalidLoadedAccountsDataSizeLimit UnbalancedTransaction`},
}

var instructionVariants = []variants{
	{ErrInsufficientFunds, false, `InsufficientFunds AccountNotRentExempt`},
	{ErrMissingSigner, false, `MissingRequiredSignature`},
	{ErrNotInitialized, false, `UninitializedAccount`},
	{ErrComputeExceeded, false,
		`ComputationalBudgetExceeded MaxAccountsDataAllocationsExceeded MaxAccountsExceeded
		MaxInstructionTraceLengthExceeded`},
	{nil, false,
		`GenericError InvalidArgument InvalidInstructionData InvalidAccountData AccountDataTooSmall IncorrectProgramId
		AccountAlreadyInitialized UnbalancedInstruction ModifiedProgramId ExternalAccountLamportSpend ExternalAccountDataModified
		ReadonlyLamportChange ReadonlyDataModified DuplicateAccountIndex ExecutableModified RentEpochModified NotEnoughAccountKeys
		AccountDataSizeChanged AccountNotExecutable AccountBorrowFailed AccountBorrowOutstanding DuplicateAccountOutOfSync {"Custom":7}
		InvalidError ExecutableDataModified ExecutableLamportChange ExecutableAccountNotRentExempt UnsupportedProgramId CallDepth
		MissingAccount ReentrancyNotAllowed MaxSeedLengthExceeded InvalidSeeds InvalidRealloc PrivilegeEscalation
		ProgramEnvironmentSetupFailure ProgramFailedToComplete ProgramFailedToCompile Immutable IncorrectAuthority BorshIoError
		{"BorshIoError":"Unknown"} InvalidAccountOwner ArithmeticOverflow UnsupportedSysvar IllegalOwner
		BuiltinProgramsMustConsumeComputeUnits`},
}

// each calls f with every variant, its JSON and its name.
func each(list []variants, f func(v variants, raw, name string)) {
	for _, v := range list {
		for _, raw := range strings.Fields(v.names) {
			name := raw
			if strings.HasPrefix(raw, "{") {
				name = strings.Split(raw, `"`)[1]
			} else {
				raw = `"` + raw + `"`
			}

			f(v, raw, name)
		}
	}
}

func requireCondition(t *testing.T, e *TransactionError, v variants, name string) {
	t.Helper()
	for _, s := range allSentinels() {
		require.Equal(t, s == v.sentinel, errors.Is(e, s), "%s is %v", name, s)
		require.Equal(t, s == v.sentinel, errors.Is(fmt.Errorf("sending: %w", e), s), name)
	}
	require.Equal(t, v.retryable, e.Retryable(), name)
	require.Contains(t, e.Error(), name)
}

func TestParse_TransactionVariants(t *testing.T) {
	seen := map[string]bool{}
	each(transactionVariants, func(v variants, raw, name string) {
		require.False(t, seen[name], name)
		seen[name] = true
		e := Parse([]byte(raw), nil, nil)
		require.Equal(t, name, e.Kind)
		require.Nil(t, e.Program)
		require.NoError(t, e.Unwrap())
		instruction, account := -1, -1
		switch name {
		case "DuplicateInstruction", "InstructionError":
			instruction = 2
		case "InsufficientFundsForRent", "ProgramExecutionTemporarilyRestricted":
			account = 7
		}

		require.Equal(t, []int{instruction, account}, []int{e.Instruction, e.Account}, name)
		if name == KindInstruction {
			require.Equal(t, "GenericError", e.Detail)
			return
		}

		require.Empty(t, e.Detail)
		requireCondition(t, e, v, name)
		entry := transactionErrors[name]
		require.True(t, strings.HasSuffix(e.Error(), ": "+entry.Meaning+"; "+entry.Remedy),
			e.Error())
	})

	require.Len(t, seen, 39)
	require.ElementsMatch(t, slices.Collect(maps.Keys(transactionErrors)),
		slices.Collect(maps.Keys(seen)))
}

func TestParse_InstructionVariants(t *testing.T) {
	seen := map[string]int{}
	each(instructionVariants, func(v variants, raw, name string) {
		seen[name]++
		e := Parse([]byte(`{"InstructionError":[2,`+raw+`]}`),
			[]solana.PublicKey{{}, {}, accounts.MemoProgram}, nil)
		require.Equal(t, []string{KindInstruction, name}, []string{e.Kind, e.Detail})
		require.Equal(t, []int{2, -1}, []int{e.Instruction, e.Account})
		require.Equal(t, []solana.PublicKey{accounts.MemoProgram}, e.Path)
		require.Equal(t, name == DetailCustom, e.Program != nil)
		if e.Program != nil {
			require.Equal(t, uint32(7), e.Program.Code)
			require.Contains(t, e.Error(), "custom error 7")
			return
		}

		requireCondition(t, e, v, name)
		entry := instructionErrors[name]
		require.True(t, strings.HasSuffix(e.Error(), ": "+entry.Meaning+"; "+entry.Remedy),
			e.Error())
	})

	require.Equal(t, 2, seen["BorshIoError"], "older nodes add a reason")
	require.Len(t, seen, 54)
	require.ElementsMatch(t, slices.Collect(maps.Keys(instructionErrors)),
		slices.Collect(maps.Keys(seen)))
}

// TestParse_UnknownValues checks that values that no runtime reports are kept
// as shortened text and match no sentinel.
func TestParse_UnknownValues(t *testing.T) {
	long, deep := strings.Repeat("A", 100_000), strings.Repeat("[", 20_000)
	nested := strings.Repeat(`{"a":`, 5_000) + "1" + strings.Repeat("}", 5_000)
	for _, raw := range []string{
		`1`, `-1`, `1e400`, `true`, `[]`, `{}`, `""`, `"`, `nul`, `{"a"`, `{"a":1,"b":2}`, `[1,2]`,
		"\x00", "\xff\xfe", `"\ud800`,
		`{"":1}`, `"` + long + `"`, `{"` + long + `":{}}`, long, deep, `{"Ok":null} trailing`,
		`InstructionError(3, Custom(1))`,
	} {
		e := Parse([]byte(raw), []solana.PublicKey{accounts.StakePoolProgram}, []string{"log"})
		require.Equal(t, KindUnknown, e.Kind, "%.50q", raw)
		require.LessOrEqual(t, len(e.Detail), maxText)
		require.True(t,
			strings.HasPrefix(strings.ToValidUTF8(strings.TrimSpace(raw), ""), e.Detail), "%.50q",
			raw)
		requireNothing(t, e)
	}

	for _, raw := range []string{
		`[0,"` + long + `"]`, `[0,{"` + long + `":1}]`, `[0,` + nested + `]`, `[0,1]`, `[0,null]`,
		`[0,[]]`, `[0,{}]`, `[0,{"a":1,"b":2}]`,
		`[0,{"Custom":-1}]`, `[0,{"Custom":4294967296}]`, `[0,{"Custom":18446744073709551616}]`,
		`[0,{"Custom":1e3}]`, `[0,{"Custom":"1"}]`,
		`[0,{"Custom":[1]}]`, `[0,{"Custom":true}]`, `[0,{"Custom":{"Custom":1}}]`, `[0,"Custom"]`,
		`[-1,{"Custom":1}]`, `[256,{"Custom":1}]`, `[1e0,{"Custom":1}]`, `["0",{"Custom":1}]`,
		`[0.5,{"Custom":1}]`, `[99999999999999999999,{"Custom":1}]`,
		`[]`, `[0]`, `{}`, `{"0":{"Custom":1}}`, `"x"`, `0`, `null`, `true`,
	} {
		e := Parse([]byte(`{"InstructionError":`+raw+`}`),
			[]solana.PublicKey{accounts.StakePoolProgram}, nil)
		require.Equal(t, KindInstruction, e.Kind)
		require.NotEmpty(t, e.Detail, "%.50q", raw)
		require.LessOrEqual(t, len(e.Detail), maxText)
		require.Nil(t, e.Program)
		requireNothing(t, e)
	}

	// Variants of future runtimes keep their name and their account index.
	for _, raw := range []string{
		`"NewKind"`, `{"NewKind":1}`, `{"NewKind":null}`, `{"NewKind":[1,2]}`,
		`{"NewKind":{"a":{"b":[]}}}`, `{"NewKind":{"account_index":3}}`,
		`{"NewKind":{"account_index":-3}}`, `{"NewKind":{"account_index":300}}`,
		`{"NewKind":{"account_index":"3"}}`, `{"NewKind":` + nested + `}`,
	} {
		e := Parse([]byte(raw), nil, nil)
		require.Equal(t, "NewKind", e.Kind, "%.50q", raw)
		require.Equal(t, strings.Contains(raw, `:3}`), e.Account == 3)
		require.Contains(t, e.Error(), "NewKind")
		requireNothing(t, e)
	}

	e := Parse([]byte(`"Unknown"`), nil, nil)
	require.EqualError(t, e, "transaction failed: Unknown")
}

func requireNothing(t *testing.T, e *TransactionError) {
	t.Helper()
	for _, s := range allSentinels() {
		require.NotErrorIs(t, e, s)
	}
	require.False(t, e.Retryable())
	require.NoError(t, e.Unwrap())
	require.Less(t, len(e.Error()), 500)
	require.NotContains(t, e.Error(), "\n")
}
