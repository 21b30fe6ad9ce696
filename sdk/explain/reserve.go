package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var reserveProgram = program{
	name: nameReserve,
	ids:  []solana.PublicKey{accounts.ReserveProgram},
	instructions: []spec{
		{
			table:    &idl.ReserveUnstake,
			wallets:  []string{"owner", "destination"},
			holdings: []string{"stake account", "destination"},
			words:    "sell the stake account {stake account} for SOL to {destination}",
			rule:     (*ledger).depositStake,
		},
		{
			table:    &idl.ReserveUnstakeWsol,
			wallets:  []string{"owner"},
			holdings: []string{"stake account", "destination token account"},
			words:    "sell the stake account {stake account} for wrapped SOL to {destination token account}",
			rule:     (*ledger).depositStake,
		},
		{
			table:    &idl.ReserveAddLiquidity,
			wallets:  []string{"lamports source"},
			holdings: []string{"destination token account"},
			words:    "deposit {lamports} in the Reserve for its LP token",
			rule: trading(trade{
				authority:   "lamports source",
				source:      "lamports source",
				pays:        "lamports",
				destination: "destination token account",
				gets:        "LP mint",
			}),
		},
		{
			table:    &idl.ReserveRemoveLiquidity,
			wallets:  []string{"token authority", "destination"},
			holdings: []string{"destination", "source token account"},
			words:    "burn {LP tokens} for SOL of the Reserve to {destination}",
			rule: trading(trade{
				authority:   "token authority",
				source:      "source token account",
				pays:        "LP tokens",
				destination: "destination",
			}),
		},
		{
			table: &idl.ReserveDeactivateStakeAccount,
			words: "deactivate the stake account {stake account} of the Reserve",
		},
		{
			table: &idl.ReserveReclaimStakeAccount,
			words: "withdraw the SOL of the stake account {stake account} to the Reserve",
		},
	},
}
