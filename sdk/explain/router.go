package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var routerProgram = program{
	name: nameRouter,
	ids:  []solana.PublicKey{accounts.RouterProgram},
	instructions: []spec{
		{
			table:   &idl.RouterStakeWrappedSOL,
			wallets: []string{"user"},
			holdings: []string{
				"source token account",
				"destination token account",
				"manager fee account",
			},
			words: "deposit {lamports} for {pool mint}",
			rule: trading(trade{
				authority:   "user",
				source:      "source token account",
				pays:        "lamports",
				destination: "destination token account",
				gets:        "pool mint",
			}),
		},
		{
			table:    &idl.RouterSwapViaStake,
			wallets:  []string{"user"},
			holdings: routerSwapHoldings,
			words:    "swap {pool tokens} for {destination mint} through stake",
			rule:     trading(routerSwap),
		},
		{
			table:   &idl.RouterCreateFeeTokenAccount,
			wallets: []string{"payer"},
			words:   "create the Router's fee account for {mint}",
			rule:    (*ledger).funding,
		},
		{
			table:   &idl.RouterDepositStake,
			wallets: []string{"user"},
			holdings: []string{
				"stake account",
				"destination token account",
				"destination manager fee account",
			},
			words: "deposit the stake account {stake account} for {destination mint}",
			rule:  (*ledger).depositStake,
		},
		{
			table:   &idl.RouterPrefundWithdrawStake,
			wallets: []string{"user"},
			holdings: []string{
				"source token account",
				"bridge stake account",
				"source manager fee account",
			},
			words: "withdraw stake for {pool tokens}, with the rent lent by the Router",
			rule:  (*ledger).withdrawPoolStake,
		},
		{
			table:    &idl.RouterPrefundSwapViaStake,
			wallets:  []string{"user"},
			holdings: routerSwapHoldings,
			words:    "swap {pool tokens} for {destination mint} through stake, with the rent lent by the Router",
			rule:     trading(routerSwap),
		},
		{
			table:   &idl.RouterWithdrawWrappedSOL,
			wallets: []string{"user"},
			holdings: []string{
				"source token account",
				"destination token account",
				"manager fee account",
			},
			words: "withdraw wrapped SOL for {pool tokens}",
			rule: trading(trade{
				authority:   "user",
				source:      "source token account",
				pays:        "pool tokens",
				destination: "destination token account",
				gets:        "wrapped SOL mint",
			}),
		},
	},
}

// routerSwapHoldings are the accounts of SwapViaStake that hold tokens or
// stake.
var routerSwapHoldings = []string{
	"source token account",
	"destination token account",
	"bridge stake account",
	"source manager fee account",
	"destination manager fee account",
}

var routerSwap = trade{
	authority:   "user",
	source:      "source token account",
	pays:        "pool tokens",
	destination: "destination token account",
	gets:        "destination mint",
	uses:        "bridge stake account",
}
