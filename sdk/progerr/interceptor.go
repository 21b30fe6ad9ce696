package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// interceptor is Jito's stake deposit interceptor. Its codes overlap with those
// of the stake pool and the stake program, which it calls.
var interceptor = program{
	name: "interceptor",
	ids:  []solana.PublicKey{accounts.InterceptorProgram},
	errors: map[uint32]Entry{
		0: {
			Name:     "SignatureMissing",
			Meaning:  "the signature of the base or of an authority is missing",
			Remedy:   remedySign,
			Sentinel: ErrMissingSigner,
		},
		1: {
			Name:    "InvalidSeeds",
			Meaning: "the receipt or the deposit authority is not at its derived address",
			Remedy:  remedyReload,
		},
		2: {
			Name:     "AlreadyInUse",
			Meaning:  "the account to initialize is in use",
			Remedy:   "use a new account",
			Unraised: true,
		},
		3: {
			Name:    "InvalidStakePool",
			Meaning: "the stake pool does not match the deposit authority",
			Remedy:  remedyReload,
		},
		4: {
			Name:     "InvalidStakePoolManager",
			Meaning:  "the signer is not the manager of the stake pool",
			Remedy:   "sign with the manager's key",
			Unraised: true,
		},
		5: {
			Name:    "InvalidAuthority",
			Meaning: "the signer is not the authority over the terms",
			Remedy:  "sign with the authority's key",
		},
		6: {
			Name:    "InvalidStakePoolDepositStakeAuthority",
			Meaning: "the deposit authority is not that of the receipt or of the stake pool",
			Remedy:  remedyReload,
		},
		7: {
			Name:    "InvalidVault",
			Meaning: "the vault is not that of the deposit authority",
			Remedy:  remedyReload,
		},
		8: {
			Name:    "InvalidTokenProgram",
			Meaning: "the token program is not that of the mint",
			Remedy:  remedyReload,
		},
		9: {
			Name:    "InvalidDepositReceipt",
			Meaning: "the receipt is not at its derived address",
			Remedy:  remedyReload,
		},
		10: {
			Name:    "InvalidDepositReceiptOwner",
			Meaning: "the receipt belongs to another owner",
			Remedy:  "claim for the owner of the receipt",
		},
		11: {
			Name:    "InvalidFeeTokenAccount",
			Meaning: "the fee account does not belong to the fee wallet",
			Remedy:  remedyReload,
		},
		12: {
			Name:    "InvalidDestinationTokenAccount",
			Meaning: "the destination does not belong to the owner of the receipt",
			Remedy:  "use a token account of the owner",
		},
		13: {
			Name:      "ActiveCooldown",
			Meaning:   "before the end of the cool-down only the owner can claim",
			Remedy:    "sign with the owner's key, or try again after the cool-down",
			Sentinel:  ErrMissingSigner,
			Retryable: true,
		},
		14: {
			Name:    "InitialFeeRateMaxExceeded",
			Meaning: "the initial fee is above 100%",
			Remedy:  "set a lower fee",
		},
		15: {
			Name:    "InvalidPoolMint",
			Meaning: "the mint is not that of the stake pool",
			Remedy:  remedyReload,
		},
		16: {
			Name:    "InvalidStakePoolProgram",
			Meaning: "the stake pool program is not that of the deposit authority",
			Remedy:  remedyReload,
		},
		17: {
			Name:     "InvalidWhitelistedSigner",
			Meaning:  "the signer is not on the whitelist",
			Remedy:   "deposit for a receipt",
			Sentinel: ErrMissingSigner,
		},
		18: {
			Name:    "CalculationFailure",
			Meaning: "an amount overflows",
			Remedy:  remedyAmount,
		},
		19: {
			Name:     "ArithmeticError",
			Meaning:  "an amount overflows",
			Remedy:   remedyAmount,
			Unraised: true,
		},
		20: {
			Name:    "InvalidFeeAccount",
			Meaning: "the manager fee account is not usable",
			Remedy:  remedyReload,
		},
		21: {
			Name:    "UnsupportedFeeAccountExtension",
			Meaning: "the manager fee account has an extension that the program does not support",
			Remedy:  remedyOtherRoute,
		},
	},
}
