package instructions_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// missingKeyCase is a case of [TestStakePool_MissingKeys].
type missingKeyCase struct {
	name string
	// limited is the name of the instruction with a minimum output.
	limited string
	fields  []map[string]string
	unused  []string
}

// missingKeyCases returns the cases of [TestStakePool_MissingKeys].
func missingKeyCases() []missingKeyCase {
	common := map[string]string{
		"Pool.Program": "program id", "Pool.Address": "stake pool",
		"Pool.WithdrawAuthority": "withdraw authority",
		"Pool.ReserveStake":      "reserve stake", "Pool.ManagerFeeAccount": "manager fee account",
		"Pool.Mint":         "pool mint",
		"Pool.TokenProgram": "mint token program",
	}

	withList := map[string]string{"Pool.ValidatorList": "validator list"}
	depositSOL := []map[string]string{common, {
		"From": "lamports source", "Destination": "destination token account",
		"Referrer": "referrer token account",
	}}

	withdrawSOL := []map[string]string{common, {
		"Authority": "token authority", "Source": "source token account",
		"Destination": "lamports destination",
	}}

	depositStake := []map[string]string{common, withList, {
		"Pool.StakeDepositAuthority": "stake deposit authority", "Stake": "stake account",
		"ValidatorStake": "validator stake account",
		"Destination":    "destination token account", "Referrer": "referrer token account",
	}}

	withdrawStake := []map[string]string{common, withList, {
		"Split": "stake account to split", "Destination": "destination stake account",
		"NewAuthority": "new stake authority",
		"Authority":    "token authority", "Source": "source token account",
	}}

	return []missingKeyCase{
		{"DepositSol", "DepositSolWithSlippage", depositSOL, nil},
		{"WithdrawSol", "WithdrawSolWithSlippage", withdrawSOL, nil},
		{"DepositStake", "DepositStakeWithSlippage", depositStake, nil},
		{"WithdrawStake", "WithdrawStakeWithSlippage", withdrawStake,
			[]string{"Pool.ReserveStake"}},
		{"UpdateValidatorListBalance", "", []map[string]string{common, withList},
			[]string{"Pool.ManagerFeeAccount", "Pool.Mint", "Pool.TokenProgram"}},
		{"UpdateStakePoolBalance", "", []map[string]string{common, withList}, nil},
		{
			"CleanupRemovedValidatorEntries", "", []map[string]string{common, withList},
			[]string{"Pool.WithdrawAuthority", "Pool.ReserveStake", "Pool.ManagerFeeAccount",
				"Pool.Mint", "Pool.TokenProgram"},
		},
	}
}

// TestStakePool_MissingKeys sets each key of each instruction to zero. Build
// reports the key as missing, or the instruction does not use it and does not
// change.
func TestStakePool_MissingKeys(t *testing.T) {
	for _, test := range missingKeyCases() {
		used := make(map[string]string)
		for _, fields := range test.fields {
			for path, field := range fields {
				used[path] = field
			}
		}

		for _, path := range test.unused {
			require.Contains(t, used, path)
			delete(used, path)
		}

		prefixes := map[string]string{test.name: ""}
		if test.limited != "" {
			prefixes[test.limited] = reflect.TypeOf(forms(stakePool(t))[test.name]).Name() + "."
		}

		for name, prefix := range prefixes {
			i := forms(stakePool(t))[name]
			intact, err := i.Build()
			require.NoError(t, err)
			found := 0
			for path, changed := range without(i) {
				field, isUsed := used[path[len(prefix):]]
				t.Run(name+"/"+path, func(t *testing.T) {
					ix, err := changed.Build()
					if isUsed {
						found++
						requireBuildError(t, err, name, field, instructions.ErrMissing)
						return
					}

					require.NoError(t, err)
					require.Equal(t, metasOf(intact), metasOf(ix))
					require.Equal(t, dataOf(t, intact), dataOf(t, ix))
				})
			}

			require.Equal(t, len(used), found, "keys of %s", name)
		}
	}
}

// buildErrorCase is a case of [TestStakePool_BuildErrors].
type buildErrorCase struct {
	name        string
	instruction builder
	field       string
	want        error
}

// buildErrorCases returns the cases of [TestStakePool_BuildErrors].
func buildErrorCases(t *testing.T) []buildErrorCase {
	t.Helper()

	p := stakePool(t)
	off := p
	system := accounts.SystemProgram
	off.SOLDepositAuthority, off.SOLWithdrawAuthority = &system, &system
	all := forms(p)
	depositSOL := all["DepositSol"].(instructions.StakePoolDepositSOL)
	withdrawSOL := all["WithdrawSol"].(instructions.StakePoolWithdrawSOL)
	depositStake := all["DepositStake"].(instructions.StakePoolDepositStake)
	withdrawStake := all["WithdrawStake"].(instructions.StakePoolWithdrawStake)
	noLamports, noTokens, noStakeTokens := depositSOL, withdrawSOL, withdrawStake
	noLamports.Lamports, noTokens.PoolTokens, noStakeTokens.PoolTokens = 0, 0, 0
	ownDeposit, ownSplit := depositStake, withdrawStake
	ownDeposit.Stake, ownSplit.Destination = ownDeposit.ValidatorStake, ownSplit.Split

	return []buildErrorCase{
		{"DepositSol", noLamports, "lamports", instructions.ErrZeroAmount},
		{"DepositSolWithSlippage",
			instructions.StakePoolDepositSOLWithSlippage{StakePoolDepositSOL: noLamports,
				MinimumTokensOut: 1},
			"lamports", instructions.ErrZeroAmount},
		{"WithdrawSol", noTokens, "pool tokens", instructions.ErrZeroAmount},
		{"WithdrawSolWithSlippage",
			instructions.StakePoolWithdrawSOLWithSlippage{StakePoolWithdrawSOL: noTokens},
			"pool tokens", instructions.ErrZeroAmount},
		{"WithdrawStake", noStakeTokens, "pool tokens", instructions.ErrZeroAmount},
		{"WithdrawStakeWithSlippage",
			instructions.StakePoolWithdrawStakeWithSlippage{StakePoolWithdrawStake: noStakeTokens},
			"pool tokens", instructions.ErrZeroAmount},
		{"DepositStake", ownDeposit, "stake account", instructions.ErrConflictingInput},
		{"DepositStakeWithSlippage",
			instructions.StakePoolDepositStakeWithSlippage{StakePoolDepositStake: ownDeposit},
			"stake account", instructions.ErrConflictingInput},
		{"WithdrawStake", ownSplit, "destination stake account", instructions.ErrConflictingInput},
		{"WithdrawStakeWithSlippage",
			instructions.StakePoolWithdrawStakeWithSlippage{StakePoolWithdrawStake: ownSplit},
			"destination stake account", instructions.ErrConflictingInput},
		{"DepositSol", forms(off)["DepositSol"], "SOL deposit authority",
			instructions.ErrOperationDisabled},
		{"DepositSolWithSlippage", forms(off)["DepositSolWithSlippage"], "SOL deposit authority",
			instructions.ErrOperationDisabled},
		{"WithdrawSol", forms(off)["WithdrawSol"], "SOL withdraw authority",
			instructions.ErrOperationDisabled},
		{"WithdrawSolWithSlippage", forms(off)["WithdrawSolWithSlippage"], "SOL withdraw authority",
			instructions.ErrOperationDisabled},
	}
}

func TestStakePool_BuildErrors(t *testing.T) {
	p := stakePool(t)
	off := p
	system := accounts.SystemProgram
	off.SOLDepositAuthority, off.SOLWithdrawAuthority = &system, &system
	for _, test := range buildErrorCases(t) {
		t.Run(test.name+"/"+test.field, func(t *testing.T) {
			_, err := test.instruction.Build()
			requireBuildError(t, err, test.name, test.field, test.want)
		})
	}

	// Only deposits and withdrawals of SOL are disabled.
	for _, name := range []string{"DepositStake", "WithdrawStake", "UpdateStakePoolBalance"} {
		_, err := forms(off)[name].Build()
		require.NoError(t, err, name)
	}
}

// TestStakePoolDepositSOLWithSlippage_ZeroLimit checks that a minimum output of
// zero is permitted.
func TestStakePoolDepositSOLWithSlippage_ZeroLimit(t *testing.T) {
	plain := forms(stakePool(t))["DepositSol"].(instructions.StakePoolDepositSOL)
	ix, err := instructions.StakePoolDepositSOLWithSlippage{StakePoolDepositSOL: plain}.Build()
	require.NoError(t, err)
	require.Len(t, dataOf(t, ix), 17)
}
