package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var systemProgram = program{
	name: nameSystem,
	ids:  []solana.PublicKey{accounts.SystemProgram},
	instructions: []spec{
		{
			table: own(
				"CreateAccount",
				"\x00\x00\x00\x00",
				roles("funder", "new account"),
				idl.Lamports("lamports"),
				idl.Field{
					Name: "space",
					Kind: idl.KindU64,
					Unit: idl.UnitBytes,
				},
				idl.Value("owner program", idl.KindKey),
			),
			wallets: []string{"funder"},
			words:   "create the account {new account} of the program {owner program} with {lamports} of {funder}",
			rule:    (*ledger).createAccount,
		},
		{
			table: own(
				"Assign",
				"\x01\x00\x00\x00",
				roles("account"),
				idl.Value("owner program", idl.KindKey),
			),
			wallets: []string{"account"},
			words:   "assign the account {account} to the program {owner program}",
			rule:    controls("account"),
		},
		{
			table: own(
				"Transfer",
				"\x02\x00\x00\x00",
				roles("source", "destination"),
				idl.Lamports("lamports"),
			),
			wallets:  []string{"source", "destination"},
			holdings: []string{"destination"},
			words:    "transfer {lamports} from {source} to {destination}",
			rule:     (*ledger).transferSOL,
		},
		{
			table: own(
				"CreateAccountWithSeed",
				"\x03\x00\x00\x00",
				roles("funder", "new account"),
				idl.Value("base", idl.KindKey),
				idl.Value("seed", idl.KindText),
				idl.Lamports("lamports"),
				idl.Field{
					Name: "space",
					Kind: idl.KindU64,
					Unit: idl.UnitBytes,
				},
				idl.Value("owner program", idl.KindKey),
			),
			wallets:  []string{"funder", "base account"},
			holdings: []string{"new account"},
			more:     baseAccount,
			words:    "create the account {new account} of {base} for the program {owner program} with {lamports} of {funder}",
			rule:     (*ledger).createSeeded,
		},
		{
			table: own(
				"AdvanceNonceAccount",
				"\x04\x00\x00\x00",
				roles("nonce account", "=recent blockhashes", "authority"),
			),
			wallets: []string{"authority"},
			words:   "advance the nonce of {nonce account}",
			rule:    (*ledger).advanceNonce,
		},
		{
			table: own(
				"Allocate",
				"\x08\x00\x00\x00",
				roles("account"),
				idl.Field{
					Name: "space",
					Kind: idl.KindU64,
					Unit: idl.UnitBytes,
				},
			),
			wallets: []string{"account"},
			words:   "allocate {space} in the account {account}",
			rule:    controls("account"),
		},
		{
			table: own(
				"AllocateWithSeed",
				"\x09\x00\x00\x00",
				roles("account", "base account"),
				idl.Value("base", idl.KindKey),
				idl.Value("seed", idl.KindText),
				idl.Field{
					Name: "space",
					Kind: idl.KindU64,
					Unit: idl.UnitBytes,
				},
				idl.Value("owner program", idl.KindKey),
			),
			wallets:  []string{"base account"},
			holdings: []string{"account"},
			words:    "allocate {space} in the account {account} of {base} and assign it to the program {owner program}",
			rule:     (*ledger).allocateSeeded,
		},
		{
			table: own(
				"AssignWithSeed",
				"\x0a\x00\x00\x00",
				roles("account", "base account"),
				idl.Value("base", idl.KindKey),
				idl.Value("seed", idl.KindText),
				idl.Value("owner program", idl.KindKey),
			),
			wallets: []string{"base account"},
			words:   "assign the account {account} of {base} to the program {owner program}",
			rule:    controls("base account"),
		},
		{
			table: own(
				"TransferWithSeed",
				"\x0b\x00\x00\x00",
				roles("source", "base account", "destination"),
				idl.Lamports("lamports"),
				idl.Value("seed", idl.KindText),
				idl.Value("owner program", idl.KindKey),
			),
			wallets:  []string{"base account", "destination"},
			holdings: []string{"source", "destination"},
			words:    "transfer {lamports} from the account {source} of {base account} to {destination}",
			rule:     (*ledger).transferSOL,
		},
	},
}

// baseAccount names the base account, which is present unless it is the funder.
func baseAccount(in *Instruction, rest []Account) ([]idl.Account, bool) {
	base := in.value("base").Key
	if len(rest) > 0 && rest[0].Address == base {
		return roles("base account"), true
	}
	return nil, in.key("funder") == base
}
