package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// associatedToken is the associated token account program. Most of its failures
// are those of the programs it calls.
var associatedToken = program{
	name: "associated token",
	ids:  []solana.PublicKey{accounts.AssociatedTokenProgram},
	errors: map[uint32]Entry{
		0: {
			Name:    "InvalidOwner",
			Meaning: "the account at the derived address belongs to another owner",
			Remedy:  "use another token account",
		},
	},
}
