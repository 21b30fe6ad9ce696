package explain

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

var routerProgram = program{name: nameRouter, ids: []solana.PublicKey{accounts.RouterProgram}, instructions: []spec{
	{
		name: "StakeWrappedSol", tag: "\x00", data: []field{tokens("lamports", "wrapped SOL mint")},
		roles: []string{
			"user*", "source token account+", "destination token account+", "wSOL bridge", "SOL bridge", "fee token account", "pool mint",
			"=wrapped SOL mint", "=token program", "=system program",
		},
		more: suffixes(depositSolSuffix), words: "deposit {lamports} for {pool mint}", rule: trading(trade{
			authority: "user", source: "source token account", pays: "lamports", destination: "destination token account", gets: "pool mint",
		}),
	},
	{
		name: "SwapViaStake", tag: "\x01", data: []field{tokens("pool tokens", "source mint"), number("bridge seed", kindU32)},
		roles: swapViaStake, more: suffixes(withdrawStakeSuffix, depositStakeSuffix),
		words: "swap {pool tokens} for {destination mint} through stake", rule: trading(routerSwap),
	},
	{
		name: "CreateFeeTokenAccount", tag: "\x02", roles: []string{"payer*", "fee token account", "mint", "=token program", "=system program"},
		words: "create the Router's fee account for {mint}", rule: (*ledger).funding,
	},
	{
		name: "DepositStake", tag: "\x05",
		roles: []string{"user*", "stake account+", "destination token account+", "fee token account", "destination mint"},
		more:  suffixes(depositStakeSuffix), words: "deposit the stake account {stake account} for {destination mint}",
		rule: (*ledger).depositStake,
	},
	{
		name: "PrefundWithdrawStake", tag: "\x06", data: []field{tokens("pool tokens", "source mint"), number("bridge seed", kindU32)},
		roles: slices.Concat([]string{"user*", "source token account+", "bridge stake account+", "source mint"}, prefundRoles),
		more:  suffixes(withdrawStakeSuffix), words: "withdraw stake for {pool tokens}, with the rent lent by the Router",
		rule: (*ledger).withdrawPoolStake,
	},
	{
		name: "PrefundSwapViaStake", tag: "\x07", data: []field{tokens("pool tokens", "source mint"), number("bridge seed", kindU32)},
		roles: slices.Concat(swapViaStake, prefundRoles), more: suffixes(withdrawStakeSuffix, depositStakeSuffix),
		words: "swap {pool tokens} for {destination mint} through stake, with the rent lent by the Router", rule: trading(routerSwap),
	},
	{
		name: "WithdrawWrappedSol", tag: "\x08", data: []field{tokens("pool tokens", "pool mint")},
		roles: []string{
			"user*", "source token account+", "destination token account+", "fee token account", "pool mint", "=wrapped SOL mint", "=token program",
		},
		more: suffixes(withdrawSolSuffix), words: "withdraw wrapped SOL for {pool tokens}", rule: trading(trade{
			authority: "user", source: "source token account", pays: "pool tokens", destination: "destination token account",
			gets: "wrapped SOL mint",
		}),
	},
}}

var routerSwap = trade{
	authority: "user", source: "source token account", pays: "pool tokens", destination: "destination token account", gets: "destination mint",
	uses: "bridge stake account",
}

var (
	swapViaStake = []string{
		"user*", "source token account+", "destination token account+", "bridge stake account+", "fee token account", "source mint",
		"destination mint",
	}
	prefundRoles = []string{
		"prefunder", "slumdog stake account", "Reserve program", "Reserve pool", "Reserve pool SOL", "Reserve fee",
		"slumdog stake account record", "Reserve protocol fee", "Reserve protocol fee destination", "=clock", "=stake program",
		"=system program",
	}
)

// suffix are the accounts of a pool in one role, by the kind of the pool. They begin with its program.
type suffix struct{ stakePool, marinade, lido, reserve []string }

var (
	depositSolSuffix = suffix{
		stakePool: []string{"pool program", "stake pool", "withdraw authority", "reserve stake", "manager fee account+"},
		marinade: []string{
			"pool program", "state", "SOL leg", "mSOL leg", "mSOL leg authority", "reserve", "mSOL mint authority",
		},
	}
	withdrawSolSuffix = suffix{stakePool: []string{
		"pool program", "stake pool", "withdraw authority", "reserve stake", "manager fee account+", "=clock", "=stake history", "=stake program",
		"=token program",
	}}
	withdrawStakeSuffix = suffix{
		stakePool: []string{
			"source program", "source stake pool", "source validator list", "source withdraw authority", "source validator stake account",
			"source manager fee account+", "=clock", "=token program", "=stake program", "=system program",
		},
		lido: []string{
			"source program", "source state", "vote account", "source validator stake account", "source stake authority",
			"source validator list", "=clock", "=token program", "=stake program", "=system program",
		},
	}
	depositStakeSuffix = suffix{
		stakePool: []string{
			"destination program", "destination stake pool", "destination validator list", "destination stake deposit authority",
			"destination withdraw authority", "destination validator stake account", "destination reserve stake",
			"destination manager fee account+", "=clock", "=stake history", "=token program", "=stake program",
		},
		marinade: []string{
			"destination program", "destination state", "destination validator list", "destination stake list", "duplication flag",
			"destination mint authority", "=clock", "=rent", "=system program", "=token program", "=stake program",
		},
		reserve: []string{
			"destination program", "destination pool", "destination pool SOL", "destination fee", "stake account record",
			"destination protocol fee", "destination protocol fee destination", "=clock", "=stake program", "=system program",
			"=token program",
		},
	}
)

// of are the roles for a pool of a program; none if it has no such pools.
func (s suffix) of(program solana.PublicKey) []string {
	switch {
	case slices.Contains(accounts.StakePoolPrograms(), program):
		return s.stakePool
	case program == accounts.MarinadeProgram:
		return s.marinade
	case program == accounts.LidoProgram:
		return s.lido
	case program == accounts.ReserveProgram:
		return s.reserve
	}
	return nil
}

// suffixes are the accounts of pools, one after the other.
func suffixes(kinds ...suffix) func(*Instruction, []Account) ([]string, bool) {
	return func(_ *Instruction, rest []Account) ([]string, bool) {
		var roles []string
		for _, kind := range kinds {
			if len(roles) >= len(rest) {
				return nil, false
			}
			more := kind.of(rest[len(roles)].Address)
			if len(more) == 0 {
				return nil, false
			}
			roles = append(roles, more...)
		}
		return roles, len(roles) <= len(rest)
	}
}
