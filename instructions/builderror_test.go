package instructions_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// TestMissingKeys leaves each key of each instruction zero in turn: either it is named as missing, or the instruction has no use
// for it and stays as it is.
func TestMissingKeys(t *testing.T) {
	common := map[string]string{
		"Pool.Program": "program id", "Pool.Address": "stake pool", "Pool.WithdrawAuthority": "withdraw authority",
		"Pool.ReserveStake": "reserve stake", "Pool.ManagerFeeAccount": "manager fee account", "Pool.Mint": "pool mint",
		"Pool.TokenProgram": "mint token program",
	}
	withList := map[string]string{"Pool.ValidatorList": "validator list"}
	depositSol := []map[string]string{common, {
		"From": "lamports source", "Destination": "destination token account", "Referrer": "referrer token account",
	}}
	withdrawSol := []map[string]string{common, {
		"Authority": "token authority", "Source": "source token account", "Destination": "lamports destination",
	}}
	depositStake := []map[string]string{common, withList, {
		"Pool.StakeDepositAuthority": "stake deposit authority", "Stake": "stake account", "ValidatorStake": "validator stake account",
		"Destination": "destination token account", "Referrer": "referrer token account",
	}}
	withdrawStake := []map[string]string{common, withList, {
		"Split": "stake account to split", "Destination": "destination stake account", "NewAuthority": "new stake authority",
		"Authority": "token authority", "Source": "source token account",
	}}
	for _, test := range []struct {
		name string
		// limited is the name of the form with a limit, which holds the plain one.
		limited string
		fields  []map[string]string
		unused  []string
	}{
		{"DepositSol", "DepositSolWithSlippage", depositSol, nil},
		{"WithdrawSol", "WithdrawSolWithSlippage", withdrawSol, nil},
		{"DepositStake", "DepositStakeWithSlippage", depositStake, nil},
		{"WithdrawStake", "WithdrawStakeWithSlippage", withdrawStake, []string{"Pool.ReserveStake"}},
		{"UpdateValidatorListBalance", "", []map[string]string{common, withList}, []string{"Pool.ManagerFeeAccount", "Pool.Mint", "Pool.TokenProgram"}},
		{"UpdateStakePoolBalance", "", []map[string]string{common, withList}, nil},
		{
			"CleanupRemovedValidatorEntries", "", []map[string]string{common, withList},
			[]string{"Pool.WithdrawAuthority", "Pool.ReserveStake", "Pool.ManagerFeeAccount", "Pool.Mint", "Pool.TokenProgram"},
		},
	} {
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
			prefixes[test.limited] = test.name + "."
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

func TestBuildErrors(t *testing.T) {
	p := stakePool(t)
	off := p
	system := accounts.SystemProgram
	off.SolDepositAuthority, off.SolWithdrawAuthority = &system, &system
	all := forms(p)
	depositSol, withdrawSol := all["DepositSol"].(instructions.DepositSol), all["WithdrawSol"].(instructions.WithdrawSol)
	depositStake, withdrawStake := all["DepositStake"].(instructions.DepositStake), all["WithdrawStake"].(instructions.WithdrawStake)
	noLamports, noTokens, noStakeTokens := depositSol, withdrawSol, withdrawStake
	noLamports.Lamports, noTokens.PoolTokens, noStakeTokens.PoolTokens = 0, 0, 0
	ownDeposit, ownSplit := depositStake, withdrawStake
	ownDeposit.Stake, ownSplit.Destination = ownDeposit.ValidatorStake, ownSplit.Split
	for _, test := range []struct {
		name        string
		instruction builder
		field       string
		want        error
	}{
		{"DepositSol", noLamports, "lamports", instructions.ErrZeroAmount},
		{"DepositSolWithSlippage", instructions.DepositSolWithSlippage{DepositSol: noLamports, MinimumTokensOut: 1}, "lamports", instructions.ErrZeroAmount},
		{"WithdrawSol", noTokens, "pool tokens", instructions.ErrZeroAmount},
		{"WithdrawSolWithSlippage", instructions.WithdrawSolWithSlippage{WithdrawSol: noTokens}, "pool tokens", instructions.ErrZeroAmount},
		{"WithdrawStake", noStakeTokens, "pool tokens", instructions.ErrZeroAmount},
		{"WithdrawStakeWithSlippage", instructions.WithdrawStakeWithSlippage{WithdrawStake: noStakeTokens}, "pool tokens", instructions.ErrZeroAmount},
		{"DepositStake", ownDeposit, "stake account", instructions.ErrContradiction},
		{"DepositStakeWithSlippage", instructions.DepositStakeWithSlippage{DepositStake: ownDeposit}, "stake account", instructions.ErrContradiction},
		{"WithdrawStake", ownSplit, "destination stake account", instructions.ErrContradiction},
		{"WithdrawStakeWithSlippage", instructions.WithdrawStakeWithSlippage{WithdrawStake: ownSplit}, "destination stake account", instructions.ErrContradiction},
		{"DepositSol", forms(off)["DepositSol"], "SOL deposit authority", instructions.ErrDisabled},
		{"DepositSolWithSlippage", forms(off)["DepositSolWithSlippage"], "SOL deposit authority", instructions.ErrDisabled},
		{"WithdrawSol", forms(off)["WithdrawSol"], "SOL withdraw authority", instructions.ErrDisabled},
		{"WithdrawSolWithSlippage", forms(off)["WithdrawSolWithSlippage"], "SOL withdraw authority", instructions.ErrDisabled},
	} {
		t.Run(test.name+"/"+test.field, func(t *testing.T) {
			_, err := test.instruction.Build()
			requireBuildError(t, err, test.name, test.field, test.want)
		})
	}
	// Switched off are deposits and withdrawals of SOL, nothing else.
	for _, name := range []string{"DepositStake", "WithdrawStake", "UpdateStakePoolBalance"} {
		_, err := forms(off)[name].Build()
		require.NoError(t, err, name)
	}
}

// TestNoLimit: a limit of zero is the caller's choice.
func TestNoLimit(t *testing.T) {
	plain := forms(stakePool(t))["DepositSol"].(instructions.DepositSol)
	ix, err := instructions.DepositSolWithSlippage{DepositSol: plain}.Build()
	require.NoError(t, err)
	require.Len(t, dataOf(t, ix), 17)
}
