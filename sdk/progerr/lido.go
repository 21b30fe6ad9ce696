package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// lido is the Solido program, version 2.1. Many of its codes concern only its
// manager and its maintainers.
var lido = program{
	name: "lido",
	ids:  []solana.PublicKey{accounts.LidoProgram},
	errors: map[uint32]Entry{
		0: {
			Name:    "AlreadyInUse",
			Meaning: "the account to initialize is in use",
			Remedy:  "use a new account",
		},
		1: {
			Name:    "InvalidOwner",
			Meaning: "an account belongs to another program than Lido expects",
			Remedy:  remedyReload,
		},
		2: {
			Name:     "InvalidAmount",
			Meaning:  "the withdrawal exceeds the limit for a single validator",
			Remedy:   "split it into smaller withdrawals",
			Sentinel: ErrInsufficientLiquidity,
		},
		3: {
			Name:     "SignatureMissing",
			Meaning:  "a required signature is missing",
			Remedy:   remedySign,
			Sentinel: ErrMissingSigner,
			Unraised: true,
		},
		4: {
			Name:    "InvalidReserveAccount",
			Meaning: "the account given is not Lido's reserve",
			Remedy:  remedyReload,
		},
		5: {
			Name:    "CalculationFailure",
			Meaning: "the program's arithmetic failed",
			Remedy:  remedyAmount,
		},
		6: {
			Name:    "WrongStakeState",
			Meaning: "the stake account is in a state the operation does not accept",
			Remedy:  remedyReload,
		},
		7: {
			Name:     "InvalidFeeAmount",
			Meaning:  "the shares of the fee do not add up",
			Remedy:   remedyChoose,
			Unraised: true,
		},
		8: {
			Name:    "MaximumNumberOfAccountsExceeded",
			Meaning: "Lido's list of validators or maintainers is full",
			Remedy:  "remove an entry first",
		},
		9: {
			Name:     "UnexpectedMaxValidators",
			Meaning:  "the state's length does not fit its number of validators",
			Remedy:   remedyChoose,
			Unraised: true,
		},
		10: {
			Name:    "InvalidManager",
			Meaning: "the signer is not Lido's manager",
			Remedy:  "sign with the manager's key",
		},
		11: {
			Name:    "InvalidMaintainer",
			Meaning: "the signer is not a maintainer of Lido",
			Remedy:  "sign with a maintainer's key",
		},
		12: {
			Name:    "InvalidAccountInfo",
			Meaning: "an account is not the expected one, or wrongly marked writable or signer",
			Remedy:  remedyRebuild,
		},
		13: {
			Name:    "TooManyAccountKeys",
			Meaning: "the instruction lists more accounts than it takes",
			Remedy:  remedyRebuild,
		},
		14: {
			Name:     "InvalidFeeDistributionAccount",
			Meaning:  "the fee distribution account is not valid",
			Remedy:   remedyReload,
			Unraised: true,
		},
		15: {
			Name:     "InvalidValidatorCreditAccount",
			Meaning:  "the validator's credit account is not valid",
			Remedy:   remedyReload,
			Unraised: true,
		},
		16: {
			Name:     "ValidatorCreditChanged",
			Meaning:  "the validator's credit account was changed",
			Remedy:   remedyReload,
			Unraised: true,
		},
		17: {
			Name:     "InvalidFeeAccount",
			Meaning:  "the fee account is not Lido's",
			Remedy:   remedyReload,
			Unraised: true,
		},
		18: {
			Name:    "InvalidFeeRecipient",
			Meaning: "an account that fees go to is not Lido's",
			Remedy:  remedyReload,
		},
		19: {
			Name:    "DuplicatedEntry",
			Meaning: "the list already has this validator or maintainer",
			Remedy:  remedyDone,
		},
		20: {
			Name:     "ValidatorCreditNotFound",
			Meaning:  "the validator has no credit account",
			Remedy:   remedyReload,
			Unraised: true,
		},
		21: {
			Name:    "ValidatorHasUnclaimedCredit",
			Meaning: "the validator has unclaimed fees",
			Remedy:  "claim them first",
		},
		22: {
			Name:    "ReserveIsNotRentExempt",
			Meaning: "Lido's reserve holds less than its rent, and there is no exchange rate",
			Remedy:  "send SOL to the reserve",
		},
		23: {
			Name:     "AmountExceedsReserve",
			Meaning:  "Lido's reserve holds less than the amount to stake",
			Remedy:   "stake less",
			Sentinel: ErrInsufficientLiquidity,
		},
		24: {
			Name:     "DuplicatedMaintainer",
			Meaning:  "the list already has this maintainer",
			Remedy:   remedyDone,
			Unraised: true,
		},
		25: {
			Name:    "InvalidAccountMember",
			Meaning: "the list does not have this validator or maintainer",
			Remedy:  remedyReload,
		},
		26: {
			Name:    "InvalidAccountSize",
			Meaning: "an account has the wrong length",
			Remedy:  remedyReload,
		},
		27: {
			Name:    "NoActiveValidators",
			Meaning: "Lido has no validators to use",
			Remedy:  remedyOtherRoute,
		},
		28: {
			Name:      "InvalidStakeAccount",
			Meaning:   "the stake account is not the validator's next one to withdraw from",
			Remedy:    remedyReload,
			Retryable: true,
		},
		29: {
			Name:    "InvalidStSolAccount",
			Meaning: "the token account does not hold stSOL",
			Remedy:  "use a token account of stSOL",
		},
		30: {
			Name:      "ExchangeRateAlreadyUpToDate",
			Meaning:   "the exchange rate was already updated in this epoch",
			Remedy:    "omit the update",
			Retryable: true,
		},
		31: {
			Name:      "ExchangeRateNotUpdatedInThisEpoch",
			Meaning:   "the exchange rate was not updated in this epoch",
			Remedy:    remedyRate,
			Sentinel:  ErrStalePool,
			Retryable: true,
		},
		32: {
			Name:    "ValidatorBalanceDecreased",
			Meaning: "the balance of a validator's stake accounts decreased",
			Remedy:  remedyBug,
		},
		33: {
			Name:    "InvalidStakeAuthority",
			Meaning: "the stake authority given is not Lido's",
			Remedy:  remedyReload,
		},
		34: {
			Name:     "InvalidRewardsWithdrawAuthority",
			Meaning:  "the rewards authority given is not Lido's",
			Remedy:   remedyReload,
			Unraised: true,
		},
		35: {
			Name:    "InvalidVoteAccount",
			Meaning: "the vote account is not what Lido expects",
			Remedy:  "use another vote account",
		},
		36: {
			Name:    "InvalidTokenOwner",
			Meaning: "the signer does not own the stSOL",
			Remedy:  "sign with the owner's key",
		},
		37: {
			Name:      "ValidatorWithMoreStakeExists",
			Meaning:   "withdrawals must use the validator with the most stake, and this is another one",
			Remedy:    remedyReload,
			Retryable: true,
		},
		38: {
			Name:    "InvalidMint",
			Meaning: "the mint is not that of stSOL",
			Remedy:  remedyReload,
		},
		39: {
			Name:    "StakeToInactiveValidator",
			Meaning: "the validator is being removed",
			Remedy:  "stake with another validator",
		},
		40: {
			Name:    "ValidatorIsStillActive",
			Meaning: "the validator to remove is active",
			Remedy:  "deactivate it first",
		},
		41: {
			Name:    "ValidatorShouldHaveNoStakeAccounts",
			Meaning: "the validator to remove has stake accounts",
			Remedy:  "unstake them first",
		},
		42: {
			Name:      "ValidatorWithLessStakeExists",
			Meaning:   "deposits must use the validator with the least stake, and this is another one",
			Remedy:    remedyReload,
			Retryable: true,
		},
		43: {
			Name:      "ValidatorShouldHaveNoUnstakeAccounts",
			Meaning:   "the validator to remove has stake that is deactivating",
			Remedy:    "try again next epoch",
			Retryable: true,
		},
		44: {
			Name:      "MaxUnstakeAccountsReached",
			Meaning:   "the validator has the maximum number of deactivating stake accounts",
			Remedy:    "try again next epoch",
			Retryable: true,
		},
		45: {
			Name:    "ValidatorVoteAccountHasDifferentOwner",
			Meaning: "the vote account does not belong to the vote program",
			Remedy:  "use another vote account",
		},
		46: {
			Name:    "InvalidStSolAccountOwner",
			Meaning: "the stSOL account does not belong to the token program",
			Remedy:  "use a token account of stSOL",
		},
		47: {
			Name:     "InstructionIsDeprecated",
			Meaning:  "the program no longer supports this instruction",
			Remedy:   "use its newer version",
			Sentinel: ErrOperationUnavailable,
		},
		48: {
			Name:    "ValidationCommissionOutOfBounds",
			Meaning: "the commission is above 100%",
			Remedy:  "set a lower commission",
		},
		49: {
			Name:     "UnexpectedListAccountSize",
			Meaning:  "a list account has another length than expected",
			Remedy:   remedyReload,
			Unraised: true,
		},
		50: {
			Name:    "InvalidAccountType",
			Meaning: "an account of Lido is of another type",
			Remedy:  remedyReload,
		},
		51: {
			Name:    "InvalidListAccount",
			Meaning: "the validator list given is not Lido's",
			Remedy:  remedyReload,
		},
		52: {
			Name:    "LidoVersionMismatch",
			Meaning: "an account of Lido has another version than the program",
			Remedy:  remedyVersion,
		},
		53: {
			Name:      "IndexOutOfBounds",
			Meaning:   "an index is beyond the end of a list",
			Remedy:    remedyReload,
			Retryable: true,
			Unraised:  true,
		},
		54: {
			Name:      "PubkeyIndexMismatch",
			Meaning:   "the validator is not at this index of Lido's list",
			Remedy:    remedyReload,
			Retryable: true,
		},
		55: {
			Name:      "AccountListIndexOutOfBounds",
			Meaning:   "the index is beyond the end of Lido's list",
			Remedy:    remedyReload,
			Retryable: true,
		},
		56: {
			Name:    "ValidatorListNotEmpty",
			Meaning: "the validator list to fill is not empty",
			Remedy:  "use a new account",
		},
		57: {
			Name:    "ValidatorHasNoStake",
			Meaning: "the validator has no stake to withdraw",
			Remedy:  "withdraw from the validator with the most stake",
		},
		58: {
			Name:    "IncorrectReserveAddress",
			Meaning: "the reserve given is not Lido's",
			Remedy:  remedyReload,
		},
	},
}
