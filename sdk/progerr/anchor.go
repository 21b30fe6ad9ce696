package progerr

// anchorErrors are the codes of the Anchor framework, with which Marinade and
// the Reserve are written. Most are raised for wrong accounts before the code
// of the program runs. Marinade is built with version 0.27, which does not have
// 1500 and 2021 to 2023, and the Reserve with version 0.28.
var anchorErrors = map[uint32]Entry{
	100: {
		Name:    "InstructionMissing",
		Meaning: "the instruction's data is too short to name an instruction",
		Remedy:  remedyRebuild,
	},
	101: {
		Name:    "InstructionFallbackNotFound",
		Meaning: "the program does not know this instruction",
		Remedy:  remedyVersion,
	},
	102: {
		Name:    "InstructionDidNotDeserialize",
		Meaning: "the program cannot read the instruction's arguments",
		Remedy:  remedyVersion,
	},
	103: {
		Name:    "InstructionDidNotSerialize",
		Meaning: "the program cannot write an instruction",
		Remedy:  remedyBug,
	},
	1000: {
		Name:    "IdlInstructionStub",
		Meaning: "the program does not keep its interface on chain",
		Remedy:  "use another source of the interface",
	},
	1001: {
		Name:    "IdlInstructionInvalidProgram",
		Meaning: "the program given for its interface is the wrong one",
		Remedy:  remedyRebuild,
	},
	1002: {
		Name:    "IdlAccountNotEmpty",
		Meaning: "the account of the program's interface is not empty",
		Remedy:  "use a new account",
	},
	1500: {
		Name:    "EventInstructionStub",
		Meaning: "the program does not write events",
		Remedy:  remedyVersion,
	},
	2000: {
		Name:    "ConstraintMut",
		Meaning: "an account that the program changes is read-only",
		Remedy:  "mark the account writable",
	},
	2001: {
		Name:    "ConstraintHasOne",
		Meaning: "an account is not the one named by another account",
		Remedy:  remedyReload,
	},
	2002: {
		Name:     "ConstraintSigner",
		Meaning:  "an account that must sign did not",
		Remedy:   remedySign,
		Sentinel: ErrMissingSigner,
	},
	2003: {
		Name:    "ConstraintRaw",
		Meaning: "an account does not meet a condition of the program",
		Remedy:  remedyReload,
	},
	2004: {
		Name:    "ConstraintOwner",
		Meaning: "an account belongs to another program",
		Remedy:  remedyReload,
	},
	2005: {
		Name:     "ConstraintRentExempt",
		Meaning:  "an account has less SOL than its rent exemption",
		Remedy:   "fund it first",
		Sentinel: ErrInsufficientFunds,
	},
	2006: {
		Name:    "ConstraintSeeds",
		Meaning: "an address was not derived from the expected seeds",
		Remedy:  remedyReload,
	},
	2007: {
		Name:    "ConstraintExecutable",
		Meaning: "the account given as a program is not executable",
		Remedy:  "check the program id",
	},
	2008: {
		Name:    "ConstraintState",
		Meaning: "an account's state does not meet a condition of the program",
		Remedy:  remedyReload,
	},
	2009: {
		Name:    "ConstraintAssociated",
		Meaning: "an account is not the one associated with its owner",
		Remedy:  remedyReload,
	},
	2010: {
		Name:    "ConstraintAssociatedInit",
		Meaning: "the associated account cannot be created",
		Remedy:  remedyReload,
	},
	2011: {
		Name:    "ConstraintClose",
		Meaning: "the account to close is the recipient of its own rent",
		Remedy:  "name another recipient",
	},
	2012: {
		Name:    "ConstraintAddress",
		Meaning: "an account is not the expected one",
		Remedy:  remedyReload,
	},
	2013: {
		Name:    "ConstraintZero",
		Meaning: "the account to initialize is in use",
		Remedy:  "use a new account",
	},
	2014: {
		Name:    "ConstraintTokenMint",
		Meaning: "a token account holds another mint",
		Remedy:  "use a token account of the right mint",
	},
	2015: {
		Name:    "ConstraintTokenOwner",
		Meaning: "a token account belongs to another owner",
		Remedy:  "use a token account of the right owner",
	},
	2016: {
		Name:    "ConstraintMintMintAuthority",
		Meaning: "a mint has another mint authority",
		Remedy:  remedyReload,
	},
	2017: {
		Name:    "ConstraintMintFreezeAuthority",
		Meaning: "a mint has another freeze authority",
		Remedy:  remedyReload,
	},
	2018: {
		Name:    "ConstraintMintDecimals",
		Meaning: "a mint has another number of decimals",
		Remedy:  remedyReload,
	},
	2019: {
		Name:    "ConstraintSpace",
		Meaning: "an account has another length",
		Remedy:  remedyReload,
	},
	2020: {
		Name:    "ConstraintAccountIsNone",
		Meaning: "an optional account that is needed here is missing",
		Remedy:  "add it to the accounts",
	},
	2021: {
		Name:    "ConstraintTokenTokenProgram",
		Meaning: "a token account belongs to another token program",
		Remedy:  "check which token program owns the mint",
	},
	2022: {
		Name:    "ConstraintMintTokenProgram",
		Meaning: "a mint belongs to another token program",
		Remedy:  "check which token program owns the mint",
	},
	2023: {
		Name:    "ConstraintAssociatedTokenTokenProgram",
		Meaning: "an associated token account belongs to another token program",
		Remedy:  "check which token program owns the mint",
	},
	2500: {
		Name:    "RequireViolated",
		Meaning: "a condition of the program is not met",
		Remedy:  remedyLogs,
	},
	2501: {
		Name:    "RequireEqViolated",
		Meaning: "two values that must be equal are not",
		Remedy:  remedyLogs,
	},
	2502: {
		Name:    "RequireKeysEqViolated",
		Meaning: "two addresses that must be equal are not",
		Remedy:  remedyReload,
	},
	2503: {
		Name:    "RequireNeqViolated",
		Meaning: "two values that must differ are equal",
		Remedy:  remedyLogs,
	},
	2504: {
		Name:    "RequireKeysNeqViolated",
		Meaning: "two addresses that must differ are equal",
		Remedy:  remedyReload,
	},
	2505: {
		Name:    "RequireGtViolated",
		Meaning: "a value is not above its bound",
		Remedy:  remedyLogs,
	},
	2506: {
		Name:    "RequireGteViolated",
		Meaning: "a value is below its bound",
		Remedy:  remedyLogs,
	},
	3000: {
		Name:    "AccountDiscriminatorAlreadySet",
		Meaning: "the account to initialize is in use",
		Remedy:  "use a new account",
	},
	3001: {
		Name:    "AccountDiscriminatorNotFound",
		Meaning: "an account's data is too short for an account of the program",
		Remedy:  remedyReload,
	},
	3002: {
		Name:    "AccountDiscriminatorMismatch",
		Meaning: "an account is of another type",
		Remedy:  remedyReload,
	},
	3003: {
		Name:    "AccountDidNotDeserialize",
		Meaning: "the program cannot read an account",
		Remedy:  remedyReload,
	},
	3004: {
		Name:    "AccountDidNotSerialize",
		Meaning: "the program cannot write an account",
		Remedy:  remedyBug,
	},
	3005: {
		Name:    "AccountNotEnoughKeys",
		Meaning: "the instruction lists too few accounts",
		Remedy:  remedyRebuild,
	},
	3006: {
		Name:    "AccountNotMutable",
		Meaning: "an account that the program changes is read-only",
		Remedy:  "mark the account writable",
	},
	3007: {
		Name:    "AccountOwnedByWrongProgram",
		Meaning: "an account belongs to another program",
		Remedy:  "check that the account exists and which program owns it",
	},
	3008: {
		Name:    "InvalidProgramId",
		Meaning: "the program given is not the expected one",
		Remedy:  remedyRebuild,
	},
	3009: {
		Name:    "InvalidProgramExecutable",
		Meaning: "the account given as a program is not executable",
		Remedy:  "check the program id",
	},
	3010: {
		Name:     "AccountNotSigner",
		Meaning:  "an account that must sign did not",
		Remedy:   remedySign,
		Sentinel: ErrMissingSigner,
	},
	3011: {
		Name:    "AccountNotSystemOwned",
		Meaning: "an account that must be a plain SOL account belongs to a program",
		Remedy:  "use a wallet's address",
	},
	3012: {
		Name:     "AccountNotInitialized",
		Meaning:  "an account does not exist yet",
		Remedy:   "create it first",
		Sentinel: ErrNotInitialized,
	},
	3013: {
		Name:    "AccountNotProgramData",
		Meaning: "an account is not the data of a program",
		Remedy:  remedyReload,
	},
	3014: {
		Name:    "AccountNotAssociatedTokenAccount",
		Meaning: "a token account is not the associated one",
		Remedy:  "use the associated token account",
	},
	3015: {
		Name:    "AccountSysvarMismatch",
		Meaning: "an account is not the expected sysvar",
		Remedy:  remedyRebuild,
	},
	3016: {
		Name:    "AccountReallocExceedsLimit",
		Meaning: "an account would grow by more than an instruction may add",
		Remedy:  "grow it in smaller steps",
	},
	3017: {
		Name:    "AccountDuplicateReallocs",
		Meaning: "an account would be resized twice",
		Remedy:  "do not give the same account twice",
	},
	4100: {
		Name:    "DeclaredProgramIdMismatch",
		Meaning: "the program does not run under its own id",
		Remedy:  "check the cluster and the program id",
	},
	4101: {
		Name:    "TryingToInitPayerAsProgramAccount",
		Meaning: "the account to initialize is the one that pays for it",
		Remedy:  "use a new account",
	},
	5000: {
		Name:     "Deprecated",
		Meaning:  "the program no longer supports this",
		Remedy:   remedyVersion,
		Sentinel: ErrOperationUnavailable,
	},
}
