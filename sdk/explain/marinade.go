package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

var marinadeProgram = program{name: nameMarinade, ids: []solana.PublicKey{accounts.MarinadeProgram}, instructions: []spec{
	{
		name: "Deposit", tag: "\xf2\x23\xc6\x89\x52\xe1\xf2\xb6", data: []field{lamports("lamports")},
		roles: []string{
			"state", "mSOL mint", "SOL leg", "mSOL leg", "mSOL leg authority", "reserve", "lamports source*", "destination token account+",
			"mSOL mint authority", "=system program", "=token program",
		},
		words: "deposit {lamports} for {mSOL mint}", rule: trading(trade{
			authority: "lamports source", source: "lamports source", pays: "lamports", destination: "destination token account", gets: "mSOL mint",
		}),
	},
	{
		name: "LiquidUnstake", tag: "\x1e\x1e\x77\xf0\xbf\xe3\x0c\x10", data: []field{tokens("mSOL", "mSOL mint")},
		roles: []string{
			"state", "mSOL mint", "SOL leg", "mSOL leg", "treasury", "source token account+", "token authority*", "lamports destination*+",
			"=system program", "=token program",
		},
		words: "sell {mSOL} for SOL to {lamports destination}", rule: trading(trade{
			authority: "token authority", source: "source token account", pays: "mSOL", destination: "lamports destination",
		}),
	},
	{
		name: "DepositStakeAccount", tag: "\x6e\x82\x73\x29\xa4\x66\x02\x3b", data: []field{number("validator index", kindU32)},
		roles: []string{
			"state", "validator list", "stake list", "stake account+", "owner*", "duplication flag", "rent payer*", "mSOL mint",
			"destination token account+", "mSOL mint authority", "=clock", "=rent", "=system program", "=token program", "=stake program",
		},
		words: "deposit the stake account {stake account} for {mSOL mint}", rule: (*ledger).depositStake,
	},
	{
		name: "WithdrawStakeAccount", tag: "\xd3\x55\xb8\x41\xb7\xb1\xe9\xd9",
		data: []field{
			number("stake index", kindU32), number("validator index", kindU32), tokens("mSOL", "mSOL mint"), value("beneficiary", kindKey),
		},
		roles: []string{
			"state", "mSOL mint", "source token account+", "token authority*", "treasury", "validator list", "stake list",
			"stake withdraw authority", "stake deposit authority", "stake account to split", "destination stake account+", "rent payer*",
			"=clock", "=system program", "=token program", "=stake program",
		},
		words: "withdraw stake for {mSOL} into {destination stake account}, of which {rent payer} pays the rent",
		rule:  (*ledger).withdrawPoolStake,
	},
	{
		name: "OrderUnstake", tag: "\x61\xa7\x90\x6b\x75\xbe\x80\x24", data: []field{tokens("mSOL", "mSOL mint")},
		roles: []string{"state", "mSOL mint", "source token account+", "token authority*", "ticket", "=clock", "=rent", "=token program"},
		words: "burn {mSOL} for the ticket {ticket}, which is paid in SOL from the next epoch on", rule: trading(trade{
			authority: "token authority", source: "source token account", pays: "mSOL",
		}),
	},
	{
		name: "Claim", tag: "\x3e\xc6\xd6\xc1\xd5\x9f\x6c\xd2",
		roles: []string{"state", "reserve", "ticket", "beneficiary*", "=clock", "=system program"},
		words: "pay the ticket {ticket} to {beneficiary}",
	},
}}
