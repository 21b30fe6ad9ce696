package progerr

import "github.com/sanctum-go/sanctum/accounts"

// stakePool is the SPL stake pool program. All its deployments run the same
// code.
var stakePool = program{
	name: "stake pool",
	ids:  accounts.StakePoolPrograms(),
	errors: map[uint32]Entry{
		0: {
			Name:    "AlreadyInUse",
			Meaning: "the account to initialize is in use",
			Remedy:  "use a new account",
		},
		1: {
			Name:    "InvalidProgramAddress",
			Meaning: "an authority or reserve address does not belong to this pool",
			Remedy:  remedyReload,
		},
		2: {
			Name:    "InvalidState",
			Meaning: "the pool or its validator list is not initialized or is of another type",
			Remedy:  remedyReload,
		},
		3: {
			Name:    "CalculationFailure",
			Meaning: "the program's arithmetic overflowed or underflowed",
			Remedy:  remedyAmount,
		},
		4: {
			Name:    "FeeTooHigh",
			Meaning: "the fee is above 100%",
			Remedy:  "set a lower fee",
		},
		5: {
			Name:     "WrongAccountMint",
			Meaning:  "a token account holds another mint than the pool's",
			Remedy:   "use a token account of the pool's mint",
			Unraised: true,
		},
		6: {
			Name:    "WrongManager",
			Meaning: "the signer is not the pool's manager",
			Remedy:  "sign with the manager's key",
		},
		7: {
			Name:     "SignatureMissing",
			Meaning:  "a required signature is missing",
			Remedy:   remedySign,
			Sentinel: ErrMissingSigner,
		},
		8: {
			Name:    "InvalidValidatorStakeList",
			Meaning: "the validator list account is not this pool's",
			Remedy:  remedyReload,
		},
		9: {
			Name:    "InvalidFeeAccount",
			Meaning: "the manager fee account is wrong or unusable",
			Remedy:  remedyReload,
		},
		10: {
			Name:    "WrongPoolMint",
			Meaning: "the mint is not this pool's",
			Remedy:  remedyReload,
		},
		11: {
			Name:    "WrongStakeStake",
			Meaning: "the stake account is in a state the operation does not accept",
			Remedy:  "use a delegated, fully active stake account",
		},
		12: {
			Name:      "UserStakeNotActive",
			Meaning:   "the stake is not active",
			Remedy:    "wait until the stake is active",
			Retryable: true,
			Unraised:  true,
		},
		13: {
			Name:    "ValidatorAlreadyAdded",
			Meaning: "the validator is already in the pool",
			Remedy:  remedyDone,
		},
		14: {
			Name:    "ValidatorNotFound",
			Meaning: "the validator is not in the pool or is being removed from it",
			Remedy:  "choose an active validator of this pool",
		},
		15: {
			Name:    "InvalidStakeAccountAddress",
			Meaning: "the stake account is not the pool's account for this validator",
			Remedy:  remedyReload,
		},
		16: {
			Name:      "StakeListOutOfDate",
			Meaning:   "a validator of the pool was not updated in this epoch",
			Remedy:    remedyUpdate,
			Sentinel:  ErrStalePool,
			Retryable: true,
		},
		17: {
			Name:      "StakeListAndPoolOutOfDate",
			Meaning:   "the pool was not updated in this epoch",
			Remedy:    remedyUpdate,
			Sentinel:  ErrStalePool,
			Retryable: true,
		},
		18: {
			Name:     "UnknownValidatorStakeAccount",
			Meaning:  "the stake account is not in the validator list",
			Remedy:   remedyReload,
			Unraised: true,
		},
		19: {
			Name:    "WrongMintingAuthority",
			Meaning: "the mint's authority is not the pool's withdraw authority",
			Remedy:  "give the mint the right authority",
		},
		20: {
			Name:    "UnexpectedValidatorListAccountSize",
			Meaning: "the validator list has the wrong size, or stake accounts were not given in pairs",
			Remedy:  remedyReload,
		},
		21: {
			Name:    "WrongStaker",
			Meaning: "the signer is not the pool's staker",
			Remedy:  "sign with the staker's key",
		},
		22: {
			Name:    "NonZeroPoolTokenSupply",
			Meaning: "the mint had a supply before the pool was initialized",
			Remedy:  "use a new mint",
		},
		23: {
			Name:     "StakeLamportsNotEqualToMinimum",
			Meaning:  "the validator stake account cannot pay this amount: it must keep its minimum, be withdrawn whole, or come after others",
			Remedy:   "withdraw less or from another stake account of the pool",
			Sentinel: ErrInsufficientLiquidity,
		},
		24: {
			Name:    "IncorrectDepositVoteAddress",
			Meaning: "the pool accepts deposits only for its preferred validator",
			Remedy:  "deposit a stake delegated to the preferred validator",
		},
		25: {
			Name:    "IncorrectWithdrawVoteAddress",
			Meaning: "the pool pays from its preferred validator first",
			Remedy:  "withdraw from the preferred validator",
		},
		26: {
			Name:    "InvalidMintFreezeAuthority",
			Meaning: "the mint has a freeze authority",
			Remedy:  "use a mint without one",
		},
		27: {
			Name:    "FeeIncreaseTooHigh",
			Meaning: "the withdrawal fee is raised too fast",
			Remedy:  "raise it in smaller steps",
		},
		28: {
			Name:     "WithdrawalTooSmall",
			Meaning:  "the pool tokens are worth less than one lamport after fees",
			Remedy:   "withdraw more",
			Sentinel: ErrProgramAmountTooSmall,
		},
		29: {
			Name:     "DepositTooSmall",
			Meaning:  "the deposit is worth less than one pool token unit",
			Remedy:   "deposit more",
			Sentinel: ErrProgramAmountTooSmall,
		},
		30: {
			Name:     "InvalidStakeDepositAuthority",
			Meaning:  "stake deposits are reserved for the pool's deposit authority",
			Remedy:   remedyOtherRoute,
			Sentinel: ErrOperationUnavailable,
		},
		31: {
			Name:     "InvalidSolDepositAuthority",
			Meaning:  "SOL deposits are reserved for the pool's deposit authority",
			Remedy:   remedyOtherRoute,
			Sentinel: ErrOperationUnavailable,
		},
		32: {
			Name:    "InvalidPreferredValidator",
			Meaning: "the preferred validator is not active",
			Remedy:  "choose an active validator of this pool",
		},
		33: {
			Name:      "TransientAccountInUse",
			Meaning:   "the validator's stake is already being moved",
			Remedy:    "try again next epoch",
			Sentinel:  ErrBusy,
			Retryable: true,
		},
		34: {
			Name:     "InvalidSolWithdrawAuthority",
			Meaning:  "SOL withdrawals are reserved for the pool's withdraw authority",
			Remedy:   remedyOtherRoute,
			Sentinel: ErrOperationUnavailable,
		},
		35: {
			Name:     "SolWithdrawalTooLarge",
			Meaning:  "the pool's reserve cannot cover the withdrawal",
			Remedy:   "withdraw less, withdraw stake instead, or swap",
			Sentinel: ErrInsufficientLiquidity,
		},
		36: {
			Name:    "InvalidMetadataAccount",
			Meaning: "the metadata account is not the mint's",
			Remedy:  remedyReload,
		},
		37: {
			Name:    "UnsupportedMintExtension",
			Meaning: "the mint has an extension the program does not allow",
			Remedy:  "use a mint without it",
		},
		38: {
			Name:    "UnsupportedFeeAccountExtension",
			Meaning: "the fee account has an extension the program does not allow",
			Remedy:  "use a fee account without it",
		},
		39: {
			Name:     "ExceededSlippage",
			Meaning:  "the pool pays less than the minimum",
			Remedy:   remedyQuote,
			Sentinel: ErrSlippage,
		},
		40: {
			Name:    "IncorrectMintDecimals",
			Meaning: "the mint does not have 9 decimals",
			Remedy:  "use a mint with 9 decimals",
		},
		41: {
			Name:     "ReserveDepleted",
			Meaning:  "the pool's reserve cannot fund the rent of a new stake account",
			Remedy:   "fund the reserve or the new account first",
			Sentinel: ErrInsufficientLiquidity,
		},
		42: {
			Name:    "MissingRequiredSysvar",
			Meaning: "a sysvar account is missing from the instruction",
			Remedy:  "add it to the accounts",
		},
		43: {
			Name:      "EpochRewardDistributionInProgress",
			Meaning:   "the pool cannot be updated while epoch rewards are distributed",
			Remedy:    remedyRewards,
			Sentinel:  ErrEpochRewards,
			Retryable: true,
		},
		44: {
			Name:    "TooManyValidatorsInPool",
			Meaning: "the pool has more than 20,000 validators",
			Remedy:  "remove validators",
		},
	},
}
