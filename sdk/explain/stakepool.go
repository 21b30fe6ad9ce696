package explain

import (
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var stakePoolProgram = program{
	name: nameStakePool,
	ids:  accounts.StakePoolPrograms(),
	instructions: slices.Concat(
		stakePoolManagement,
		stakePoolValidators,
		[]spec{
			{
				table: &idl.StakePoolUpdateValidatorListBalance,
				words: "record the balances of validators of the stake pool {stake pool}, from position {start} on",
			},
			{
				table:    &idl.StakePoolUpdateStakePoolBalance,
				holdings: []string{"manager fee account"},
				words:    "update the price of {pool mint}",
			},
			{
				table: &idl.StakePoolCleanupRemovedValidatorEntries,
				words: "remove validators without stake from the list of the stake pool {stake pool}",
			},
		},
		poolTrade(&idl.StakePoolDepositStake, &idl.StakePoolDepositStakeWithSlippage, spec{
			wallets: []string{"stake deposit authority"},
			holdings: []string{"stake account", "destination token account", "manager fee account",
				"referrer token account"},
			words: "deposit the stake account {stake account} for {pool mint}",
			rule:  (*ledger).depositStake,
		}),
		poolTrade(&idl.StakePoolWithdrawStake, &idl.StakePoolWithdrawStakeWithSlippage, spec{
			wallets: []string{"new stake authority", "token authority"},
			holdings: []string{"destination stake account", "source token account",
				"manager fee account"},
			words: "withdraw stake for {pool tokens}",
			rule:  (*ledger).withdrawPoolStake,
		}),
		poolTrade(&idl.StakePoolDepositSOL, &idl.StakePoolDepositSOLWithSlippage, spec{
			wallets: []string{"lamports source", "SOL deposit authority"},
			holdings: []string{"destination token account", "manager fee account",
				"referrer token account"},
			words: "deposit {lamports} for {pool mint}",
			rule: trading(trade{
				authority:   "lamports source",
				source:      "lamports source",
				pays:        "lamports",
				destination: "destination token account",
				gets:        "pool mint",
				atLeast:     "minimum tokens out",
			}),
		}),
		poolTrade(&idl.StakePoolWithdrawSOL, &idl.StakePoolWithdrawSOLWithSlippage, spec{
			wallets: []string{"token authority", "lamports destination", "SOL withdraw authority"},
			holdings: []string{"source token account", "lamports destination",
				"manager fee account"},
			words: "withdraw SOL for {pool tokens}",
			rule: trading(trade{
				authority:   "token authority",
				source:      "source token account",
				pays:        "pool tokens",
				destination: "lamports destination",
				atLeast:     "minimum lamports out",
			}),
		}),
	),
}

// poolTrade returns the rows of both forms of a trade, without and with a
// minimum output.
func poolTrade(plain, limited *idl.Instruction, s spec) []spec {
	with := s
	s.table, with.table = plain, limited
	limit := limited.Fields[len(limited.Fields)-1]
	with.words += ", at least {" + limit.Name + "}"
	return []spec{s, with}
}
