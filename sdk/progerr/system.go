package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// system is the system program. Codes 0 and 2 have two meanings each. When the
// program derives an address from a seed, it returns the code of the derivation
// error: 0 for a seed that is too long, and 2 for an owner that is not allowed.
// It never returns 4.
var system = program{
	name: "system",
	ids:  []solana.PublicKey{accounts.SystemProgram},
	errors: map[uint32]Entry{
		0: {
			Name:    "AccountAlreadyInUse",
			Meaning: "an account already exists at this address, or the seed is longer than 32 bytes",
			Remedy:  "use a new key, or another seed",
		},
		1: {
			Name:     "ResultWithNegativeLamports",
			Meaning:  "the paying account does not have enough SOL",
			Remedy:   "fund it, or send less",
			Sentinel: ErrInsufficientFunds,
		},
		2: {
			Name:    "InvalidProgramId",
			Meaning: "the account cannot be assigned to this program, or derived for it",
			Remedy:  "check the owner to assign",
		},
		3: {
			Name:    "InvalidAccountDataLength",
			Meaning: "an account cannot have data of this length",
			Remedy:  "ask for at most 10 MiB",
		},
		4: {
			Name:     "MaxSeedLengthExceeded",
			Meaning:  "the seed is longer than 32 bytes",
			Remedy:   "use a shorter seed",
			Unraised: true,
		},
		5: {
			Name:    "AddressWithSeedMismatch",
			Meaning: "the address was not derived from this base, seed and owner",
			Remedy:  "derive it again",
		},
		6: {
			Name:    "NonceNoRecentBlockhashes",
			Meaning: "the recent blockhashes sysvar is empty",
			Remedy:  remedyAgain,
		},
		7: {
			Name:      "NonceBlockhashNotExpired",
			Meaning:   "the nonce can be advanced only once per block",
			Remedy:    "try again in the next block",
			Retryable: true,
		},
		8: {
			Name:      "NonceUnexpectedBlockhashValue",
			Meaning:   "the nonce is not the stored one",
			Remedy:    "read the nonce account again",
			Retryable: true,
		},
	},
}
