package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

var systemProgram = program{name: nameSystem, ids: []solana.PublicKey{accounts.SystemProgram}, instructions: []spec{
	{
		name: "CreateAccount", tag: "\x00\x00\x00\x00",
		data:  []field{lamports("lamports"), {name: "space", kind: kindU64, unit: UnitBytes}, value("owner program", kindKey)},
		roles: []string{"funder*", "new account"},
		words: "create the account {new account} of the program {owner program} with {lamports} of {funder}", rule: (*ledger).createAccount,
	},
	{
		name: "Assign", tag: "\x01\x00\x00\x00", data: []field{value("owner program", kindKey)}, roles: []string{"account*"},
		words: "hand the account {account} over to the program {owner program}", rule: controls("account"),
	},
	{
		name: "Transfer", tag: "\x02\x00\x00\x00", data: []field{lamports("lamports")}, roles: []string{"source*", "destination*+"},
		words: "transfer {lamports} from {source} to {destination}", rule: (*ledger).transferSOL,
	},
	{
		name: "CreateAccountWithSeed", tag: "\x03\x00\x00\x00",
		data: []field{
			value("base", kindKey), value("seed", kindText), lamports("lamports"), {name: "space", kind: kindU64, unit: UnitBytes},
			value("owner program", kindKey),
		},
		roles: []string{"funder*", "new account+"}, more: baseAccount,
		words: "create the account {new account} of {base} for the program {owner program} with {lamports} of {funder}",
		rule:  (*ledger).createSeeded,
	},
	{
		name: "AdvanceNonceAccount", tag: "\x04\x00\x00\x00", roles: []string{"nonce account", "=recent blockhashes", "authority*"},
		words: "use up the nonce of {nonce account}", rule: (*ledger).advanceNonce,
	},
	{
		name: "Allocate", tag: "\x08\x00\x00\x00", data: []field{{name: "space", kind: kindU64, unit: UnitBytes}}, roles: []string{"account*"},
		words: "make {space} of room in the account {account}", rule: controls("account"),
	},
	{
		name: "AllocateWithSeed", tag: "\x09\x00\x00\x00",
		data: []field{
			value("base", kindKey), value("seed", kindText), {name: "space", kind: kindU64, unit: UnitBytes}, value("owner program", kindKey),
		},
		roles: []string{"account+", "base account*"},
		words: "make the account {account} of {base} one of the program {owner program}, with {space} of room", rule: (*ledger).allocateSeeded,
	},
	{
		name: "AssignWithSeed", tag: "\x0a\x00\x00\x00",
		data:  []field{value("base", kindKey), value("seed", kindText), value("owner program", kindKey)},
		roles: []string{"account", "base account*"},
		words: "hand the account {account} of {base} over to the program {owner program}", rule: controls("base account"),
	},
	{
		name: "TransferWithSeed", tag: "\x0b\x00\x00\x00",
		data:  []field{lamports("lamports"), value("seed", kindText), value("owner program", kindKey)},
		roles: []string{"source+", "base account*", "destination*+"},
		words: "transfer {lamports} from the account {source} of {base account} to {destination}", rule: (*ledger).transferSOL,
	},
}}

// baseAccount is there unless it is the funder.
func baseAccount(in *Instruction, rest []Account) ([]string, bool) {
	base := in.value("base").Key
	if len(rest) > 0 && rest[0].Address == base {
		return []string{"base account*"}, true
	}
	return nil, in.key("funder") == base
}
