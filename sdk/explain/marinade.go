package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var marinadeProgram = program{
	name: nameMarinade,
	ids:  []solana.PublicKey{accounts.MarinadeProgram},
	instructions: []spec{
		{
			table:    &idl.MarinadeDeposit,
			wallets:  []string{"lamports source"},
			holdings: []string{"destination token account"},
			words:    "deposit {lamports} for {mSOL mint}",
			rule: trading(trade{
				authority:   "lamports source",
				source:      "lamports source",
				pays:        "lamports",
				destination: "destination token account",
				gets:        "mSOL mint",
			}),
		},
		{
			table:    &idl.MarinadeLiquidUnstake,
			wallets:  []string{"token authority", "lamports destination"},
			holdings: []string{"source token account", "lamports destination"},
			words:    "sell {mSOL} for SOL to {lamports destination}",
			rule: trading(trade{
				authority:   "token authority",
				source:      "source token account",
				pays:        "mSOL",
				destination: "lamports destination",
			}),
		},
		{
			table:    &idl.MarinadeDepositStakeAccount,
			wallets:  []string{"owner", "rent payer"},
			holdings: []string{"stake account", "destination token account"},
			words:    "deposit the stake account {stake account} for {mSOL mint}",
			rule:     (*ledger).depositStake,
		},
		{
			table:    &idl.MarinadeWithdrawStakeAccount,
			wallets:  []string{"token authority", "rent payer"},
			holdings: []string{"source token account", "destination stake account"},
			words:    "withdraw stake for {mSOL} into {destination stake account}, of which {rent payer} pays the rent",
			rule:     (*ledger).withdrawPoolStake,
		},
		{
			table:    &idl.MarinadeOrderUnstake,
			wallets:  []string{"token authority"},
			holdings: []string{"source token account"},
			words:    "burn {mSOL} for the ticket {ticket}, which pays SOL from the next epoch on",
			rule: trading(trade{
				authority: "token authority",
				source:    "source token account",
				pays:      "mSOL",
			}),
		},
		{
			table:   &idl.MarinadeClaim,
			wallets: []string{"beneficiary"},
			words:   "pay the ticket {ticket} to {beneficiary}",
		},
	},
}
