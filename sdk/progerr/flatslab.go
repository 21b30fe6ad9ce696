package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// flatSlab is the current pricing program of Infinity. Its codes start at 1.
// Before version 1.1 of the program, WrongSlabAcc was 6.
var flatSlab = program{
	name: "flatslab pricing",
	ids:  []solana.PublicKey{accounts.FlatSlabProgram},
	errors: map[uint32]Entry{
		1: {
			Name:    "CantRemoveLpMint",
			Meaning: "the price of the pool's own token cannot be removed",
			Remedy:  "leave it in the fee table",
		},
		2: {
			Name:    "FeeNanosOutOfRange",
			Meaning: "a fee is not between -5% and 100%",
			Remedy:  "set a fee within the bounds",
		},
		3: {
			Name:    "MintNotFound",
			Meaning: "the pool has no price for this token",
			Remedy:  remedyOtherLST,
		},
		4: {
			Name:     "MissingAdminSignature",
			Meaning:  "the pricing program's admin did not sign",
			Remedy:   "sign with the admin's key",
			Sentinel: ErrMissingSigner,
		},
		5: {
			Name:    "NetNegativeFees",
			Meaning: "the sum of the fees of the two tokens is negative",
			Remedy:  "trade another pair",
		},
		6: {
			Name:    "Ratio",
			Meaning: "the fee is above 100% or the arithmetic overflowed",
			Remedy:  remedyAmount,
		},
		7: {
			Name:    "WrongSlabAcc",
			Meaning: "the fee table given is not the pricing program's",
			Remedy:  remedyReload,
		},
	},
}
