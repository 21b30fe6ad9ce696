package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// router is the Sanctum Router. Its codes overlap with those of the programs it
// calls; 15 and 16 are not used.
var router = program{
	name: "router",
	ids:  []solana.PublicKey{accounts.RouterProgram},
	errors: map[uint32]Entry{
		0: {
			Name:    "WrongWsolBridgeIn",
			Meaning: "the account given for wrapped SOL in transit is not the Router's",
			Remedy:  remedyRebuild,
		},
		1: {
			Name:    "WrongSolBridgeOut",
			Meaning: "the account given for SOL in transit is not the Router's",
			Remedy:  remedyRebuild,
		},
		2: {
			Name:    "WrongFeeTokenAccount",
			Meaning: "the fee account given is not the Router's for this token",
			Remedy:  remedyRebuild,
		},
		3: {
			Name:    "WrongTokenProgram",
			Meaning: "the token program given is not the token's",
			Remedy:  remedyRebuild,
		},
		4: {
			Name:    "NotSystemAccount",
			Meaning: "an account that must be a plain SOL account belongs to a program",
			Remedy:  "use a wallet's address",
		},
		5: {
			Name:    "NotWsolMint",
			Meaning: "the mint given is not that of wrapped SOL",
			Remedy:  remedyRebuild,
		},
		6: {
			Name:    "WrongStakePoolProgram",
			Meaning: "the program given is not the stake pool's",
			Remedy:  remedyRebuild,
		},
		7: {
			Name:    "WrongBridgeStake",
			Meaning: "the stake account in transit does not belong to this user and seed",
			Remedy:  remedyRebuild,
		},
		8: {
			Name:    "WrongAdmin",
			Meaning: "the signer is not the Router's admin",
			Remedy:  "sign with the admin's key",
		},
		9: {
			Name:    "StakeAccInactive",
			Meaning: "the stake account is not delegated",
			Remedy:  "use a delegated stake account",
		},
		10: {
			Name:    "ValidatorNotPartOfStakePool",
			Meaning: "the stake's validator is not in the pool",
			Remedy:  "use a stake of one of the pool's validators, or another pool",
		},
		11: {
			Name:     "NotSignedByAdmin",
			Meaning:  "the Router's admin did not sign",
			Remedy:   "sign with the admin's key",
			Sentinel: ErrMissingSigner,
		},
		12: {
			Name:    "NumericalError",
			Meaning: "the program's arithmetic failed",
			Remedy:  remedyAmount,
		},
		13: {
			Name:    "UnsupportedProgram",
			Meaning: "the Router does not work with this stake pool program",
			Remedy:  "use another pool",
		},
		14: {
			Name:    "UnreachableError",
			Meaning: "the Router has a bug",
			Remedy:  remedyBug,
		},
		17: {
			Name:      "SlumdogUnstakeTooSmall",
			Meaning:   "the stake sold to the Reserve did not pay for the rent",
			Remedy:    "try again later, or pay the rent of the stake account instead",
			Retryable: true,
		},
	},
}
