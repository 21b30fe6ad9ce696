package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var lidoProgram = program{name: nameLido, ids: []solana.PublicKey{accounts.LidoProgram}, instructions: []spec{
	{
		table: &idl.LidoUpdateExchangeRate,
		words: "update the exchange rate of {stSOL mint}",
	},
	{
		table:    &idl.LidoWithdraw,
		wallets:  []string{"token authority"},
		holdings: []string{"source token account", "destination stake account"},
		words:    "withdraw stake for {stSOL} into {destination stake account}",
		rule:     (*ledger).withdrawPoolStake,
	},
}}
