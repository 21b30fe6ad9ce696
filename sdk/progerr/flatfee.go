package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// flatFee is the first pricing program of Infinity.
var flatFee = program{
	name: "flat-fee pricing",
	ids:  []solana.PublicKey{accounts.FlatFeeProgram},
	errors: map[uint32]Entry{
		0: {
			Name:    "InvalidProgramStateData",
			Meaning: "the pricing program's state is malformed",
			Remedy:  remedyReload,
		},
		1: {
			Name:    "IncorrectProgramState",
			Meaning: "the state given is not the pricing program's",
			Remedy:  remedyReload,
		},
		2: {
			Name:    "UnsupportedLstMint",
			Meaning: "the pool has no price for this token",
			Remedy:  remedyOtherLST,
		},
		3: {
			Name:    "SignedFeeOutOfBound",
			Meaning: "a fee is not between -100% and 100%",
			Remedy:  "set a fee within the bounds",
		},
		4: {
			Name:    "UnsignedFeeOutOfBound",
			Meaning: "the fee for withdrawals is above 100%",
			Remedy:  "set a lower fee",
		},
		5: {
			Name:    "MathError",
			Meaning: "the fee is above 100% or the arithmetic overflowed",
			Remedy:  remedyAmount,
		},
		ratioMathError: {
			Name:    "MathError",
			Meaning: "the ratio library's arithmetic overflowed",
			Remedy:  remedyAmount,
		},
	},
}
