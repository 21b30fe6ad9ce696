package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

var reserveProgram = program{name: nameReserve, ids: []solana.PublicKey{accounts.ReserveProgram}, instructions: []spec{
	{
		name: "Unstake", tag: "\x5a\x5f\x6b\x2a\xcd\x7c\x32\xe1", roles: unstakeRoles("destination*+"), more: optionalAuthority("referrer"),
		words: "sell the stake account {stake account} for SOL to {destination}", rule: (*ledger).depositStake,
	},
	{
		name: "UnstakeWsol", tag: "\x7d\x5d\xbe\x87\x59\xae\x8e\x95",
		roles: append(unstakeRoles("destination token account+"), "=token program"), more: optionalAuthority("referrer"),
		words: "sell the stake account {stake account} for wrapped SOL to {destination token account}", rule: (*ledger).depositStake,
	},
	{
		name: "AddLiquidity", tag: "\xb5\x9d\x59\x43\x8f\xb6\x34\x48", data: []field{lamports("lamports")},
		roles: []string{
			"lamports source*", "pool", "pool SOL", "LP mint", "destination token account+", "flash account", "=token program", "=system program",
		},
		words: "give {lamports} to the Reserve for its LP token", rule: trading(trade{
			authority: "lamports source", source: "lamports source", pays: "lamports", destination: "destination token account", gets: "LP mint",
		}),
	},
	{
		name: "RemoveLiquidity", tag: "\x50\x55\xd1\x48\x18\xce\xb1\x6c", data: []field{tokens("LP tokens", "LP mint")},
		roles: []string{
			"token authority*", "destination*+", "pool", "pool SOL", "LP mint", "source token account+", "flash account", "=token program",
			"=system program",
		},
		words: "burn {LP tokens} for SOL of the Reserve to {destination}", rule: trading(trade{
			authority: "token authority", source: "source token account", pays: "LP tokens", destination: "destination",
		}),
	},
	{
		name: "DeactivateStakeAccount", tag: "\xd9\x40\x4c\x10\xd8\x4d\x7b\xe2",
		roles: []string{"stake account", "pool", "pool SOL", "=clock", "=stake program"},
		words: "deactivate the stake account {stake account} of the Reserve",
	},
	{
		name: "ReclaimStakeAccount", tag: "\x2f\x7f\x5a\xdd\x0a\xa0\xb7\x75",
		roles: []string{"stake account", "pool", "pool SOL", "stake account record", "=clock", "=stake history", "=stake program"},
		words: "take the SOL of the stake account {stake account} into the Reserve",
	},
}}

func unstakeRoles(destination string) []string {
	return []string{
		"owner*", "stake account+", destination, "pool", "pool SOL", "fee", "stake account record", "protocol fee", "protocol fee destination",
		"=clock", "=stake program", "=system program",
	}
}
