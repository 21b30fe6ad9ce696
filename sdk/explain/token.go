package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// tokenProgram is the table of both token programs, which agree on these.
var tokenProgram = program{name: nameToken, ids: []solana.PublicKey{accounts.TokenProgram, accounts.Token2022Program}, instructions: []spec{
	{
		name: "Transfer", tag: "\x03", data: []field{tokens("amount", "")}, roles: []string{"source+", "destination+", "owner*"},
		words: "transfer {amount} from the token account {source} to {destination}", rule: (*ledger).transferTokens,
	},
	{
		name: "Approve", tag: "\x04", data: []field{tokens("amount", "")}, roles: []string{"source", "delegate", "owner*"},
		words: "let {delegate} spend {amount} of the token account {source}", rule: controls("owner"),
	},
	{
		name: "Revoke", tag: "\x05", roles: []string{"source+", "owner*"}, words: "let nobody but its owner spend from the token account {source}",
	},
	{
		name: "SetAuthority", tag: "\x06", data: []field{number("authority type", kindU8), value("new authority", kindOptionalKey)},
		roles: []string{"account", "authority*"},
		words: "make {new authority} the authority of kind {authority type} of {account}", rule: controls("authority"),
	},
	{
		name: "MintTo", tag: "\x07", data: []field{tokens("amount", "mint")}, roles: []string{"mint", "destination", "authority*"},
		words: "mint {amount} to the token account {destination}", rule: controls("authority"),
	},
	{
		name: "Burn", tag: "\x08", data: []field{tokens("amount", "mint")}, roles: []string{"source+", "mint", "owner*"},
		words: "burn {amount} of the token account {source}", rule: (*ledger).burn,
	},
	{
		name: "CloseAccount", tag: "\x09", roles: []string{"account+", "destination*+", "owner*"},
		words: "close the token account {account}, whose SOL goes to {destination}", rule: (*ledger).closeToken,
	},
	{
		name: "TransferChecked", tag: "\x0c", data: []field{tokens("amount", "mint"), number("decimals", kindU8)},
		roles: []string{"source+", "mint", "destination+", "owner*"},
		words: "transfer {amount} from the token account {source} to {destination}", rule: (*ledger).transferTokens,
	},
	{
		name: "ApproveChecked", tag: "\x0d", data: []field{tokens("amount", "mint"), number("decimals", kindU8)},
		roles: []string{"source", "mint", "delegate", "owner*"},
		words: "let {delegate} spend {amount} of the token account {source}", rule: controls("owner"),
	},
	{
		name: "MintToChecked", tag: "\x0e", data: []field{tokens("amount", "mint"), number("decimals", kindU8)},
		roles: []string{"mint", "destination", "authority*"},
		words: "mint {amount} to the token account {destination}", rule: controls("authority"),
	},
	{
		name: "BurnChecked", tag: "\x0f", data: []field{tokens("amount", "mint"), number("decimals", kindU8)},
		roles: []string{"source+", "mint", "owner*"},
		words: "burn {amount} of the token account {source}", rule: (*ledger).burn,
	},
	{name: "SyncNative", tag: "\x11", roles: []string{"account+"}, words: "count the SOL in the token account {account} as wrapped SOL"},
	{
		name: "InitializeAccount3", tag: "\x12", data: []field{value("owner", kindKey)}, roles: []string{"token account+", "mint"},
		words: "make {token account} a token account for {mint} of {owner}", rule: (*ledger).initializeToken,
	},
}}

var associatedTokenProgram = program{
	name: nameAssociatedToken, ids: []solana.PublicKey{accounts.AssociatedTokenProgram}, instructions: []spec{
		createAssociated("Create", "", "create the token account {token account} of {wallet} for {mint}"),
		createAssociated("Create", "\x00", "create the token account {token account} of {wallet} for {mint}"),
		createAssociated("CreateIdempotent", "\x01", "create the token account {token account} of {wallet} for {mint}, unless it exists"),
	},
}

func createAssociated(name, tag, words string) spec {
	return spec{
		name: name, tag: tag, roles: []string{"funder*", "token account+", "wallet*", "mint", "=system program", "mint token program"},
		words: words, rule: (*ledger).createAssociated,
	}
}
