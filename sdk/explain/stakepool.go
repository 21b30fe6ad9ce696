package explain

import (
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
)

var stakePoolProgram = program{name: nameStakePool, ids: accounts.StakePoolPrograms(), instructions: slices.Concat(
	[]spec{
		{
			name: "UpdateValidatorListBalance", tag: "\x06", data: []field{number("start", kindU32), value("no merge", kindBool)},
			roles: []string{
				"stake pool", "withdraw authority", "validator list", "reserve stake", "=clock", "=stake history", "=stake program",
			},
			more:  validatorStakes,
			words: "record the balances of validators of the stake pool {stake pool}, from position {start} on",
		},
		{
			name: "UpdateStakePoolBalance", tag: "\x07",
			roles: []string{
				"stake pool", "withdraw authority", "validator list", "reserve stake", "manager fee account+", "pool mint",
				"mint token program",
			},
			words: "update the price of {pool mint}",
		},
		{
			name: "CleanupRemovedValidatorEntries", tag: "\x08", roles: []string{"stake pool", "validator list"},
			words: "remove validators without stake from the list of the stake pool {stake pool}",
		},
	},
	poolTrade("DepositStake", "\x09", "\x17", "minimum tokens out", spec{
		roles: []string{
			"stake pool", "validator list", "stake deposit authority*", "withdraw authority", "stake account+", "validator stake account",
			"reserve stake", "destination token account+", "manager fee account+", "referrer token account+", "pool mint", "=clock",
			"=stake history", "mint token program", "=stake program",
		},
		words: "deposit the stake account {stake account} for {pool mint}", rule: (*ledger).depositStake,
	}, tokens("minimum tokens out", "pool mint")),
	poolTrade("WithdrawStake", "\x0a", "\x18", "minimum lamports out", spec{
		data: []field{tokens("pool tokens", "pool mint")},
		roles: []string{
			"stake pool", "validator list", "withdraw authority", "stake account to split", "destination stake account+", "new stake authority*",
			"token authority*", "source token account+", "manager fee account+", "pool mint", "=clock", "mint token program", "=stake program",
		},
		words: "withdraw stake for {pool tokens}", rule: (*ledger).withdrawPoolStake,
	}, lamports("minimum lamports out")),
	poolTrade("DepositSol", "\x0e", "\x19", "minimum tokens out", spec{
		data: []field{lamports("lamports")},
		roles: []string{
			"stake pool", "withdraw authority", "reserve stake", "lamports source*", "destination token account+", "manager fee account+",
			"referrer token account+", "pool mint", "=system program", "mint token program",
		},
		more:  optionalAuthority("SOL deposit authority*"),
		words: "deposit {lamports} for {pool mint}", rule: trading(trade{
			authority: "lamports source", source: "lamports source", pays: "lamports", destination: "destination token account",
			gets: "pool mint", atLeast: "minimum tokens out",
		}),
	}, tokens("minimum tokens out", "pool mint")),
	poolTrade("WithdrawSol", "\x10", "\x1a", "minimum lamports out", spec{
		data: []field{tokens("pool tokens", "pool mint")},
		roles: []string{
			"stake pool", "withdraw authority", "token authority*", "source token account+", "reserve stake", "lamports destination*+",
			"manager fee account+", "pool mint", "=clock", "=stake history", "=stake program", "mint token program",
		},
		more:  optionalAuthority("SOL withdraw authority*"),
		words: "withdraw SOL for {pool tokens}", rule: trading(trade{
			authority: "token authority", source: "source token account", pays: "pool tokens", destination: "lamports destination",
			atLeast: "minimum lamports out",
		}),
	}, lamports("minimum lamports out")),
)}

// poolTrade are the two forms of a trade, plain and with a limit.
func poolTrade(name, tag, limitedTag, limit string, plain spec, limited field) []spec {
	s := plain
	plain.name, plain.tag = name, tag
	s.name, s.tag, s.data = name+"WithSlippage", limitedTag, append(slices.Clone(s.data), limited)
	s.words += ", at least {" + limit + "}"
	return []spec{plain, s}
}

// optionalAuthority is one that some pools want to sign.
func optionalAuthority(role string) func(*Instruction, []Account) ([]string, bool) {
	return func(_ *Instruction, rest []Account) ([]string, bool) {
		if len(rest) == 0 {
			return nil, true
		}
		return []string{role}, true
	}
}

func validatorStakes(_ *Instruction, rest []Account) ([]string, bool) {
	var roles []string
	for range len(rest) / 2 {
		roles = append(roles, "validator stake account", "transient stake account")
	}
	return roles, len(rest)%2 == 0
}
