package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// tokenProgram is the table of both token programs, whose listed instructions
// have the same form.
var tokenProgram = program{
	name: nameToken,
	ids:  []solana.PublicKey{accounts.TokenProgram, accounts.Token2022Program},
	instructions: []spec{
		{
			table:    &idl.TokenTransfer,
			wallets:  []string{"owner"},
			holdings: []string{"source", "destination"},
			words:    "transfer {amount} from the token account {source} to {destination}",
			rule:     (*ledger).transferTokens,
		},
		{
			table: own(
				"Approve",
				"\x04",
				roles("source", "delegate", "owner"),
				idl.Tokens("amount", ""),
			),
			wallets: []string{"owner"},
			words:   "let {delegate} spend {amount} from the token account {source}",
			rule:    controls("owner"),
		},
		{
			table:    own("Revoke", "\x05", roles("source", "owner")),
			wallets:  []string{"owner"},
			holdings: []string{"source"},
			words:    "revoke the delegate of the token account {source}",
		},
		{
			table: own(
				"SetAuthority",
				"\x06",
				roles("account", "authority"),
				idl.Number("authority type", idl.KindU8),
				idl.Value("new authority", idl.KindOptionalKey),
			),
			wallets: []string{"authority"},
			words:   "set the authority of type {authority type} of {account} to {new authority}",
			rule:    controls("authority"),
		},
		{
			table: own(
				"MintTo",
				"\x07",
				roles("mint", "destination", "authority"),
				idl.Tokens("amount", "mint"),
			),
			wallets: []string{"authority"},
			words:   "mint {amount} to the token account {destination}",
			rule:    controls("authority"),
		},
		{
			table: own("Burn", "\x08", roles("source", "mint", "owner"),
				idl.Tokens("amount", "mint")),
			wallets:  []string{"owner"},
			holdings: []string{"source"},
			words:    "burn {amount} from the token account {source}",
			rule:     (*ledger).burn,
		},
		{
			table:    &idl.TokenCloseAccount,
			wallets:  []string{"destination", "owner"},
			holdings: []string{"account", "destination"},
			words:    "close the token account {account}, whose SOL goes to {destination}",
			rule:     (*ledger).closeToken,
		},
		{
			table:    &idl.TokenTransferChecked,
			wallets:  []string{"owner"},
			holdings: []string{"source", "destination"},
			words:    "transfer {amount} from the token account {source} to {destination}",
			rule:     (*ledger).transferTokens,
		},
		{
			table: own(
				"ApproveChecked",
				"\x0d",
				roles("source", "mint", "delegate", "owner"),
				idl.Tokens("amount", "mint"),
				idl.Number("decimals", idl.KindU8),
			),
			wallets: []string{"owner"},
			words:   "let {delegate} spend {amount} from the token account {source}",
			rule:    controls("owner"),
		},
		{
			table: own(
				"MintToChecked",
				"\x0e",
				roles("mint", "destination", "authority"),
				idl.Tokens("amount", "mint"),
				idl.Number("decimals", idl.KindU8),
			),
			wallets: []string{"authority"},
			words:   "mint {amount} to the token account {destination}",
			rule:    controls("authority"),
		},
		{
			table: own(
				"BurnChecked",
				"\x0f",
				roles("source", "mint", "owner"),
				idl.Tokens("amount", "mint"),
				idl.Number("decimals", idl.KindU8),
			),
			wallets:  []string{"owner"},
			holdings: []string{"source"},
			words:    "burn {amount} from the token account {source}",
			rule:     (*ledger).burn,
		},
		{
			table:    &idl.TokenSyncNative,
			holdings: []string{"account"},
			words:    "update the wrapped SOL balance of the token account {account}",
		},
		{
			table:    &idl.TokenInitializeAccount3,
			holdings: []string{"token account"},
			words:    "initialize {token account} as a token account of {owner} for {mint}",
			rule:     (*ledger).initializeToken,
		},
	},
}

var associatedTokenProgram = program{
	name: nameAssociatedToken,
	ids:  []solana.PublicKey{accounts.AssociatedTokenProgram},
	instructions: []spec{
		createAssociated("Create", "",
			"create the token account {token account} of {wallet} for {mint}"),
		createAssociated("Create", "\x00",
			"create the token account {token account} of {wallet} for {mint}"),
		createAssociated("CreateIdempotent", "\x01",
			"create the token account {token account} of {wallet} for {mint}, unless it exists"),
	},
}

func createAssociated(name, tag, words string) spec {
	return spec{
		table: own(name, tag, roles(
			"funder", "token account", "wallet", "mint", "=system program", "mint token program",
		)),
		wallets:  []string{"funder", "wallet"},
		holdings: []string{"token account"},
		words:    words,
		rule:     (*ledger).createAssociated,
	}
}
