package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// lookupTable is the address lookup table program. Most of its failures are
// instruction errors of the runtime. These codes are the others.
var lookupTable = program{
	name: "address lookup table",
	ids:  []solana.PublicKey{accounts.LookupTableProgram},
	errors: map[uint32]Entry{
		0: {
			Name:     "PubkeyErrorMaxSeedLengthExceeded",
			Meaning:  "a seed is too long",
			Remedy:   "use a shorter seed",
			Unraised: true,
		},
		1: {
			Name:    "PubkeyErrorInvalidSeeds",
			Meaning: "the table's address cannot be derived from this authority, slot and bump",
			Remedy:  "derive it again",
		},
		2: {
			Name:     "PubkeyErrorIllegalOwner",
			Meaning:  "the owner is not allowed",
			Remedy:   "use another owner",
			Unraised: true,
		},
		10: {
			Name:    "ReadonlyDataModified",
			Meaning: "the table to change is read-only in the transaction",
			Remedy:  "mark the table writable",
		},
		11: {
			Name:    "ReadonlyLamportsChanged",
			Meaning: "the recipient of the table's rent is read-only in the transaction",
			Remedy:  "mark the recipient writable",
		},
	},
}
