package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

var lidoProgram = program{name: nameLido, ids: []solana.PublicKey{accounts.LidoProgram}, instructions: []spec{
	{
		name: "UpdateExchangeRate", tag: "\x16", roles: []string{"state", "reserve", "stSOL mint", "validator list", "=clock", "=rent"},
		words: "update the exchange rate of {stSOL mint}",
	},
	{
		name: "Withdraw", tag: "\x17", data: []field{tokens("stSOL", "stSOL mint"), number("validator index", kindU32)},
		roles: []string{
			"state", "token authority*", "source token account+", "stSOL mint", "vote account", "stake account to split",
			"destination stake account+", "stake authority", "validator list", "=token program", "=clock", "=system program", "=stake program",
		},
		words: "withdraw stake for {stSOL} into {destination stake account}", rule: (*ledger).withdrawPoolStake,
	},
}}
