package progerr

import (
	"maps"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// token is the classic SPL Token program.
var token = program{
	name:   "token",
	ids:    []solana.PublicKey{accounts.TokenProgram},
	errors: tokenErrors,
}

// token2022 is the Token-2022 program. It has the codes of the classic program
// and its own.
var token2022 = program{
	name:   "token-2022",
	ids:    []solana.PublicKey{accounts.Token2022Program},
	errors: union(tokenErrors, tokenExtensionErrors),
}

var tokenErrors = map[uint32]Entry{
	0: {
		Name:     "NotRentExempt",
		Meaning:  "the account has less SOL than its rent exemption",
		Remedy:   "fund it first",
		Sentinel: ErrInsufficientFunds,
	},
	1: {
		Name:     "InsufficientFunds",
		Meaning:  "the account does not hold enough tokens",
		Remedy:   "use a smaller amount",
		Sentinel: ErrInsufficientFunds,
	},
	2: {
		Name:    "InvalidMint",
		Meaning: "the mint account is not a mint",
		Remedy:  remedyReload,
	},
	3: {
		Name:    "MintMismatch",
		Meaning: "a token account holds another mint",
		Remedy:  "use a token account of this mint",
	},
	4: {
		Name:    "OwnerMismatch",
		Meaning: "the signer is neither owner nor delegate of the account",
		Remedy:  "sign with the owner's key, and check that the account is this owner's",
	},
	5: {
		Name:     "FixedSupply",
		Meaning:  "the mint's supply is fixed",
		Remedy:   "mint no more of this token",
		Sentinel: ErrOperationUnavailable,
	},
	6: {
		Name:    "AlreadyInUse",
		Meaning: "the account is already initialized",
		Remedy:  "use a new account",
	},
	7: {
		Name:    "InvalidNumberOfProvidedSigners",
		Meaning: "the number of multisig signers given is not valid",
		Remedy:  "give 1 to 11 signers",
	},
	8: {
		Name:    "InvalidNumberOfRequiredSigners",
		Meaning: "the number of multisig signers required is not valid",
		Remedy:  "require 1 to 11 signers",
	},
	9: {
		Name:     "UninitializedState",
		Meaning:  "the token account or mint is not initialized",
		Remedy:   "create it first",
		Sentinel: ErrNotInitialized,
		Unraised: true,
	},
	10: {
		Name:    "NativeNotSupported",
		Meaning: "wrapped SOL does not support this operation",
		Remedy:  "unwrap it by closing the account",
	},
	11: {
		Name:    "NonNativeHasBalance",
		Meaning: "the token account to close is not empty",
		Remedy:  "move its tokens first",
	},
	12: {
		Name:    "InvalidInstruction",
		Meaning: "the program does not know this instruction",
		Remedy:  "check which token program owns the mint",
	},
	13: {
		Name:    "InvalidState",
		Meaning: "the account's state does not allow this operation",
		Remedy:  "check whether the account is initialized and frozen",
	},
	14: {
		Name:    "Overflow",
		Meaning: "the amount overflows",
		Remedy:  "use a smaller amount",
	},
	15: {
		Name:    "AuthorityTypeNotSupported",
		Meaning: "the account has no authority of this type",
		Remedy:  "choose another authority type",
	},
	16: {
		Name:    "MintCannotFreeze",
		Meaning: "the mint cannot freeze accounts",
		Remedy:  "choose a mint with a freeze authority",
	},
	17: {
		Name:     "AccountFrozen",
		Meaning:  "the token account is frozen",
		Remedy:   "ask the mint's freeze authority",
		Sentinel: ErrOperationUnavailable,
	},
	18: {
		Name:    "MintDecimalsMismatch",
		Meaning: "the decimals given are not the mint's",
		Remedy:  "read the mint again",
	},
	19: {
		Name:    "NonNativeNotSupported",
		Meaning: "only wrapped SOL supports this operation",
		Remedy:  "use a token account of wrapped SOL",
	},
}

// tokenExtensionErrors are the codes that only Token-2022 has.
var tokenExtensionErrors = map[uint32]Entry{
	20: {
		Name:    "ExtensionTypeMismatch",
		Meaning: "the extension does not match those the account has",
		Remedy:  remedyReload,
	},
	21: {
		Name:    "ExtensionBaseMismatch",
		Meaning: "the extension does not fit this kind of account",
		Remedy:  "choose an extension for this kind of account",
	},
	22: {
		Name:    "ExtensionAlreadyInitialized",
		Meaning: "the account already has this extension",
		Remedy:  remedyDone,
	},
	23: {
		Name:    "ConfidentialTransferAccountHasBalance",
		Meaning: "the account to close holds a confidential balance",
		Remedy:  "withdraw it first",
	},
	24: {
		Name:     "ConfidentialTransferAccountNotApproved",
		Meaning:  "the account is not approved for confidential transfers",
		Remedy:   "ask the mint's authority to approve it",
		Sentinel: ErrOperationUnavailable,
	},
	25: {
		Name:     "ConfidentialTransferDepositsAndTransfersDisabled",
		Meaning:  "the account does not accept confidential deposits or transfers",
		Remedy:   "use another token account",
		Sentinel: ErrOperationUnavailable,
	},
	26: {
		Name:    "ConfidentialTransferElGamalPubkeyMismatch",
		Meaning: "a proof is for another encryption key",
		Remedy:  "make a new proof",
	},
	27: {
		Name:    "ConfidentialTransferBalanceMismatch",
		Meaning: "a proof is for another balance",
		Remedy:  "make a new proof from the current balance",
	},
	28: {
		Name:    "MintHasSupply",
		Meaning: "the mint to close has a supply",
		Remedy:  "burn all tokens first",
	},
	29: {
		Name:     "NoAuthorityExists",
		Meaning:  "the mint has no authority for this operation",
		Remedy:   "choose an operation that needs no authority",
		Sentinel: ErrOperationUnavailable,
	},
	30: {
		Name:    "TransferFeeExceedsMaximum",
		Meaning: "the transfer fee is above 100%",
		Remedy:  "set a lower fee",
	},
	31: {
		Name:    "MintRequiredForTransfer",
		Meaning: "transfers of this token must name the mint",
		Remedy:  "use a checked transfer",
	},
	32: {
		Name:    "FeeMismatch",
		Meaning: "the transfer fee is not the expected one",
		Remedy:  "read the mint again",
	},
	33: {
		Name:    "FeeParametersMismatch",
		Meaning: "a proof is for another transfer fee than the mint's",
		Remedy:  "read the mint again and make a new proof",
	},
	34: {
		Name:     "ImmutableOwner",
		Meaning:  "the owner of this account cannot be changed",
		Remedy:   "use another token account",
		Sentinel: ErrOperationUnavailable,
	},
	35: {
		Name:    "AccountHasWithheldTransferFees",
		Meaning: "the account to close holds withheld transfer fees",
		Remedy:  "harvest them to the mint first",
	},
	36: {
		Name:    "NoMemo",
		Meaning: "the recipient requires a memo",
		Remedy:  "put a memo instruction before the transfer",
	},
	37: {
		Name:     "NonTransferable",
		Meaning:  "the token cannot be transferred",
		Remedy:   remedyOtherLST,
		Sentinel: ErrOperationUnavailable,
	},
	38: {
		Name:    "NonTransferableNeedsImmutableOwnership",
		Meaning: "a non-transferable token needs an account with an immutable owner",
		Remedy:  "use an associated token account",
	},
	39: {
		Name:    "MaximumPendingBalanceCreditCounterExceeded",
		Meaning: "the account has too many pending transfers",
		Remedy:  "let the owner apply the pending balance",
	},
	40: {
		Name:     "MaximumDepositAmountExceeded",
		Meaning:  "the deposit is above the confidential maximum",
		Remedy:   "split it into smaller deposits",
		Sentinel: ErrInsufficientLiquidity,
	},
	41: {
		Name:     "CpiGuardSettingsLocked",
		Meaning:  "the CPI guard cannot be changed by a program",
		Remedy:   "change it in a separate instruction",
		Sentinel: ErrOperationUnavailable,
	},
	42: {
		Name:     "CpiGuardTransferBlocked",
		Meaning:  "the account's CPI guard blocks transfers by programs",
		Remedy:   remedyCPIGuard,
		Sentinel: ErrOperationUnavailable,
	},
	43: {
		Name:     "CpiGuardBurnBlocked",
		Meaning:  "the account's CPI guard blocks burns by programs",
		Remedy:   remedyCPIGuard,
		Sentinel: ErrOperationUnavailable,
	},
	44: {
		Name:     "CpiGuardCloseAccountBlocked",
		Meaning:  "the account's CPI guard blocks programs from closing it",
		Remedy:   remedyCPIGuard,
		Sentinel: ErrOperationUnavailable,
	},
	45: {
		Name:     "CpiGuardApproveBlocked",
		Meaning:  "the account's CPI guard blocks programs from approving a delegate",
		Remedy:   remedyCPIGuard,
		Sentinel: ErrOperationUnavailable,
	},
	46: {
		Name:     "CpiGuardSetAuthorityBlocked",
		Meaning:  "the account's CPI guard blocks programs from setting an authority",
		Remedy:   remedyCPIGuard,
		Sentinel: ErrOperationUnavailable,
	},
	47: {
		Name:     "CpiGuardOwnerChangeBlocked",
		Meaning:  "the account's CPI guard blocks changes of its owner",
		Remedy:   remedyCPIGuard,
		Sentinel: ErrOperationUnavailable,
	},
	48: {
		Name:    "ExtensionNotFound",
		Meaning: "the account does not have the extension",
		Remedy:  remedyReload,
	},
	49: {
		Name:     "NonConfidentialTransfersDisabled",
		Meaning:  "the account accepts only confidential transfers",
		Remedy:   "use another token account",
		Sentinel: ErrOperationUnavailable,
	},
	50: {
		Name:    "ConfidentialTransferFeeAccountHasWithheldFee",
		Meaning: "the account to close holds withheld confidential fees",
		Remedy:  "harvest them to the mint first",
	},
	51: {
		Name:    "InvalidExtensionCombination",
		Meaning: "the account's extensions cannot be combined",
		Remedy:  "choose other extensions",
	},
	52: {
		Name:    "InvalidLengthForAlloc",
		Meaning: "an extension can be overwritten only at the same length",
		Remedy:  "keep the length",
	},
	53: {
		Name:     "AccountDecryption",
		Meaning:  "an encrypted balance cannot be read",
		Remedy:   "check the decryption key",
		Unraised: true,
	},
	54: {
		Name:     "ProofGeneration",
		Meaning:  "a proof could not be made",
		Remedy:   "check the keys and the amount",
		Unraised: true,
	},
	55: {
		Name:    "InvalidProofInstructionOffset",
		Meaning: "the instruction does not point at its proof",
		Remedy:  remedyRebuild,
	},
	56: {
		Name:     "HarvestToMintDisabled",
		Meaning:  "withheld fees cannot be harvested to the mint",
		Remedy:   "withdraw them from the accounts instead",
		Sentinel: ErrOperationUnavailable,
	},
	57: {
		Name:    "SplitProofContextStateAccountsNotSupported",
		Meaning: "the instruction does not take its proof in several accounts",
		Remedy:  "give the proof in one account",
	},
	58: {
		Name:    "NotEnoughProofContextStateAccounts",
		Meaning: "the instruction lists too few proof accounts",
		Remedy:  remedyRebuild,
	},
	59: {
		Name:    "MalformedCiphertext",
		Meaning: "an encrypted amount cannot be read",
		Remedy:  "encrypt it again",
	},
	60: {
		Name:    "CiphertextArithmeticFailed",
		Meaning: "the arithmetic on encrypted amounts failed",
		Remedy:  "read the account again and make a new proof",
	},
	61: {
		Name:    "PedersenCommitmentMismatch",
		Meaning: "the parts of a proof do not belong together",
		Remedy:  "make a new proof",
	},
	62: {
		Name:    "RangeProofLengthMismatch",
		Meaning: "a range proof has the wrong length",
		Remedy:  "make a new proof",
	},
	63: {
		Name:    "IllegalBitLength",
		Meaning: "a proof is for amounts of another length",
		Remedy:  "make a new proof",
	},
	64: {
		Name:    "FeeCalculation",
		Meaning: "the transfer fee cannot be computed",
		Remedy:  "use another amount",
	},
	65: {
		Name:     "IllegalMintBurnConversion",
		Meaning:  "tokens of this mint cannot change between public and confidential",
		Remedy:   "mint, transfer and burn them confidentially",
		Sentinel: ErrOperationUnavailable,
	},
	66: {
		Name:    "InvalidScale",
		Meaning: "the multiplier of displayed amounts is not valid",
		Remedy:  "set a positive multiplier",
	},
	67: {
		Name:      "MintPaused",
		Meaning:   "the mint is paused",
		Remedy:    remedyResume,
		Sentinel:  ErrOperationUnavailable,
		Retryable: true,
	},
	68: {
		Name:    "PendingBalanceNonZero",
		Meaning: "the encryption key cannot change while a balance is pending",
		Remedy:  "apply the pending balance first",
	},
}

func union(tables ...map[uint32]Entry) map[uint32]Entry {
	all := make(map[uint32]Entry)
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}
