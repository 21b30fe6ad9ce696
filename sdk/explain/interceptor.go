package explain

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var interceptorProgram = program{
	name: nameInterceptor,
	ids:  []solana.PublicKey{accounts.InterceptorProgram},
	instructions: slices.Concat(
		poolTrade(&idl.InterceptorDepositStake, &idl.InterceptorDepositStakeWithSlippage, spec{
			wallets: []string{"payer", "base"},
			holdings: []string{"stake account", "manager fee account",
				"referrer token account"},
			words: "deposit the stake account {stake account} for {pool mint}, which {receipt owner} claims with the receipt {receipt}",
			rule:  (*ledger).depositForReceipt,
		}),
		[]spec{
			{
				table:    &idl.InterceptorClaimPoolTokens,
				wallets:  []string{"receipt owner"},
				holdings: []string{"destination token account"},
				words:    "pay the {pool mint} of the receipt {receipt}, less the fee that is left, to {destination token account}",
				rule:     (*ledger).claimReceipt,
			},
			{
				table: own("ChangeDepositReceiptOwner", "\x04",
					roles("receipt", "receipt owner", "new owner")),
				wallets: []string{"receipt owner", "new owner"},
				words:   "give the receipt {receipt} to {new owner}",
				rule:    controls("receipt owner"),
			},
		},
	),
}
