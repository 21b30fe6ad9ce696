package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// marinade is Marinade's liquid staking program. Its codes begin at 6000; many
// concern only its administration and its bots.
var marinade = program{
	name: "marinade",
	ids:  []solana.PublicKey{accounts.MarinadeProgram},
	errors: union(anchorErrors, map[uint32]Entry{
		6000: {
			Name:    "WrongReserveOwner",
			Meaning: "Marinade's reserve is not a plain SOL account",
			Remedy:  "use a new system account",
		},
		6001: {
			Name:    "NonEmptyReserveData",
			Meaning: "Marinade's reserve holds data",
			Remedy:  "use a new system account",
		},
		6002: {
			Name:    "InvalidInitialReserveLamports",
			Meaning: "Marinade's reserve does not begin with exactly its rent",
			Remedy:  "fund it with exactly its rent",
		},
		6003: {
			Name:    "ZeroValidatorChunkSize",
			Meaning: "the size of a validator record is zero",
			Remedy:  remedyChoose,
		},
		6004: {
			Name:    "TooBigValidatorChunkSize",
			Meaning: "the size of a validator record is too large",
			Remedy:  remedyChoose,
		},
		6005: {
			Name:    "ZeroCreditChunkSize",
			Meaning: "the size of a credit record is zero",
			Remedy:  remedyChoose,
		},
		6006: {
			Name:    "TooBigCreditChunkSize",
			Meaning: "the size of a credit record is too large",
			Remedy:  remedyChoose,
		},
		6007: {
			Name:    "TooLowCreditFee",
			Meaning: "the credit fee is too low",
			Remedy:  "set a higher fee",
		},
		6008: {
			Name:    "InvalidMintAuthority",
			Meaning: "the mint's authority is not Marinade's",
			Remedy:  "use a mint with the right authority",
		},
		6009: {
			Name:    "MintHasInitialSupply",
			Meaning: "the mint already has a supply",
			Remedy:  "use a new mint",
		},
		6010: {
			Name:    "InvalidOwnerFeeState",
			Meaning: "the owner's fee account is not valid",
			Remedy:  "use another fee account",
		},
		6011: {
			Name:    "InvalidProgramId",
			Meaning: "the program does not run under its own id",
			Remedy:  "check the cluster and the program id",
		},
		6012: {
			Name:    "UnexpectedAccount",
			Meaning: "the instruction lists more accounts than it takes",
			Remedy:  remedyRebuild,
		},
		6013: {
			Name:    "CalculationFailure",
			Meaning: "the program's arithmetic failed",
			Remedy:  remedyAmount,
		},
		6014: {
			Name:     "StakeAccountWithLockup",
			Meaning:  "the stake account is locked up",
			Remedy:   "wait for the lockup to end",
			Sentinel: ErrOperationUnavailable,
		},
		6015: {
			Name:    "MinStakeIsTooLow",
			Meaning: "the minimum stake to set is too low",
			Remedy:  remedyChoose,
		},
		6016: {
			Name:    "LpMaxFeeIsTooHigh",
			Meaning: "the largest fee of the liquidity pool is above its maximum",
			Remedy:  "set a lower fee",
		},
		6017: {
			Name:    "BasisPointsOverflow",
			Meaning: "a fee is above 100%",
			Remedy:  "set a lower fee",
		},
		6018: {
			Name:    "LpFeesAreWrongWayRound",
			Meaning: "the liquidity pool's smallest fee is above its largest",
			Remedy:  remedyChoose,
		},
		6019: {
			Name:    "LiquidityTargetTooLow",
			Meaning: "the liquidity target to set is too low",
			Remedy:  remedyChoose,
		},
		6020: {
			Name:      "TicketNotDue",
			Meaning:   "the ticket can be claimed in the next epoch at the earliest",
			Remedy:    "try again next epoch",
			Retryable: true,
		},
		6021: {
			Name:      "TicketNotReady",
			Meaning:   "the epoch is less than half an hour old, or Marinade's reserve has too little SOL",
			Remedy:    "try again later",
			Retryable: true,
		},
		6022: {
			Name:    "WrongBeneficiary",
			Meaning: "the ticket belongs to another account",
			Remedy:  "claim to the ticket's beneficiary",
		},
		6023: {
			Name:      "StakeAccountNotUpdatedYet",
			Meaning:   "the chosen stake account was not updated in this epoch",
			Remedy:    "withdraw from an updated one, or try again after the next update",
			Sentinel:  ErrStalePool,
			Retryable: true,
		},
		6024: {
			Name:    "StakeNotDelegated",
			Meaning: "the stake account is not delegated",
			Remedy:  "use a delegated stake account",
		},
		6025: {
			Name:    "StakeAccountIsEmergencyUnstaking",
			Meaning: "Marinade is unstaking the chosen stake account from its validator",
			Remedy:  "withdraw from another stake account",
		},
		6026: {
			Name:     "InsufficientLiquidity",
			Meaning:  "the liquidity pool does not have enough SOL",
			Remedy:   "use a smaller amount, or unstake with a delay",
			Sentinel: ErrInsufficientLiquidity,
		},
		6027: {
			Name:     "NotUsed6027",
			Meaning:  "the program returned an unused code",
			Remedy:   remedyBug,
			Unraised: true,
		},
		6028: {
			Name:    "InvalidAdminAuthority",
			Meaning: "the signer is not Marinade's admin",
			Remedy:  "sign with the admin's key",
		},
		6029: {
			Name:    "InvalidValidatorManager",
			Meaning: "the signer is not Marinade's validator manager",
			Remedy:  "sign with the validator manager's key",
		},
		6030: {
			Name:    "InvalidStakeListDiscriminator",
			Meaning: "the account given is not a stake list",
			Remedy:  remedyReload,
		},
		6031: {
			Name:    "InvalidValidatorListDiscriminator",
			Meaning: "the account given is not a validator list",
			Remedy:  remedyReload,
		},
		6032: {
			Name:    "TreasuryCutIsTooHigh",
			Meaning: "the treasury's cut is above its maximum",
			Remedy:  "set a lower cut",
		},
		6033: {
			Name:    "RewardsFeeIsTooHigh",
			Meaning: "the fee on rewards is above its maximum",
			Remedy:  "set a lower fee",
		},
		6034: {
			Name:     "StakingIsCapped",
			Meaning:  "the deposit would exceed Marinade's cap",
			Remedy:   "deposit less",
			Sentinel: ErrInsufficientLiquidity,
		},
		6035: {
			Name:     "LiquidityIsCapped",
			Meaning:  "the liquidity would exceed the pool's cap",
			Remedy:   "add less",
			Sentinel: ErrInsufficientLiquidity,
		},
		6036: {
			Name:    "UpdateWindowIsTooLow",
			Meaning: "the window for stake moves is too short",
			Remedy:  remedyChoose,
		},
		6037: {
			Name:    "MinWithdrawIsTooHigh",
			Meaning: "the minimum withdrawal to set is too high",
			Remedy:  remedyChoose,
		},
		6038: {
			Name:     "WithdrawAmountIsTooLow",
			Meaning:  "the withdrawal is below Marinade's minimum",
			Remedy:   "withdraw more",
			Sentinel: ErrProgramAmountTooSmall,
		},
		6039: {
			Name:     "DepositAmountIsTooLow",
			Meaning:  "the deposit is below Marinade's minimum",
			Remedy:   "deposit more",
			Sentinel: ErrProgramAmountTooSmall,
		},
		6040: {
			Name:     "NotEnoughUserFunds",
			Meaning:  "the account does not hold enough SOL or tokens",
			Remedy:   "fund it, or use a smaller amount",
			Sentinel: ErrInsufficientFunds,
		},
		6041: {
			Name:    "WrongTokenOwnerOrDelegate",
			Meaning: "the signer is neither the owner nor the delegate of the token account",
			Remedy:  "sign with the owner's key",
		},
		6042: {
			Name:      "TooEarlyForStakeDelta",
			Meaning:   "Marinade moves stake only near the end of an epoch",
			Remedy:    "try again later in the epoch",
			Retryable: true,
		},
		6043: {
			Name:    "RequiredDelegatedStake",
			Meaning: "the stake account is not delegated",
			Remedy:  "use a delegated stake account",
		},
		6044: {
			Name:    "RequiredActiveStake",
			Meaning: "the stake is deactivating or inactive",
			Remedy:  "use an active stake account",
		},
		6045: {
			Name:    "RequiredDeactivatingStake",
			Meaning: "the stake is not deactivating",
			Remedy:  "use a deactivating stake account",
		},
		6046: {
			Name:      "DepositingNotActivatedStake",
			Meaning:   "the stake starts to activate in a later epoch",
			Remedy:    "try again next epoch",
			Retryable: true,
		},
		6047: {
			Name:     "TooLowDelegationInDepositingStake",
			Meaning:  "the stake is below Marinade's minimum",
			Remedy:   "deposit a larger stake",
			Sentinel: ErrProgramAmountTooSmall,
		},
		6048: {
			Name:    "WrongStakeBalance",
			Meaning: "the stake account's balance is not exactly its stake and rent",
			Remedy:  "withdraw the surplus first",
		},
		6049: {
			Name:      "WrongValidatorAccountOrIndex",
			Meaning:   "the validator is not at this index of Marinade's list",
			Remedy:    remedyReload,
			Retryable: true,
		},
		6050: {
			Name:      "WrongStakeAccountOrIndex",
			Meaning:   "the stake account is not at this index of Marinade's list",
			Remedy:    remedyReload,
			Retryable: true,
		},
		6051: {
			Name:    "UnstakingOnPositiveDelta",
			Meaning: "Marinade has to stake more, not less",
			Remedy:  "stake the reserve instead",
		},
		6052: {
			Name:    "StakingOnNegativeDelta",
			Meaning: "Marinade has to stake less, not more",
			Remedy:  "unstake instead",
		},
		6053: {
			Name:      "MovingStakeIsCapped",
			Meaning:   "the epoch's limit on moved stake is reached",
			Remedy:    "try again next epoch",
			Sentinel:  ErrInsufficientLiquidity,
			Retryable: true,
		},
		6054: {
			Name:    "StakeMustBeUninitialized",
			Meaning: "the new stake account is in use",
			Remedy:  "use a new account",
		},
		6055: {
			Name:    "DestinationStakeMustBeDelegated",
			Meaning: "the stake account to merge into is not delegated",
			Remedy:  "use a delegated stake account",
		},
		6056: {
			Name:    "DestinationStakeMustNotBeDeactivating",
			Meaning: "the stake account to merge into is deactivating",
			Remedy:  "use an active stake account",
		},
		6057: {
			Name:      "DestinationStakeMustBeUpdated",
			Meaning:   "the stake account to merge into was not updated in this epoch",
			Remedy:    "update it first, or try again after its next update",
			Sentinel:  ErrStalePool,
			Retryable: true,
		},
		6058: {
			Name:    "InvalidDestinationStakeDelegation",
			Meaning: "the stake account to merge into is with another validator",
			Remedy:  remedyReload,
		},
		6059: {
			Name:    "SourceStakeMustBeDelegated",
			Meaning: "the stake account to merge is not delegated",
			Remedy:  "use a delegated stake account",
		},
		6060: {
			Name:    "SourceStakeMustNotBeDeactivating",
			Meaning: "the stake account to merge is deactivating",
			Remedy:  "use an active stake account",
		},
		6061: {
			Name:      "SourceStakeMustBeUpdated",
			Meaning:   "the stake account to merge was not updated in this epoch",
			Remedy:    "update it first, or try again after its next update",
			Sentinel:  ErrStalePool,
			Retryable: true,
		},
		6062: {
			Name:    "InvalidSourceStakeDelegation",
			Meaning: "the stake account to merge is with another validator",
			Remedy:  remedyReload,
		},
		6063: {
			Name:    "InvalidDelayedUnstakeTicket",
			Meaning: "the ticket does not belong to this Marinade state",
			Remedy:  remedyReload,
		},
		6064: {
			Name:    "ReusingDelayedUnstakeTicket",
			Meaning: "the ticket is used up",
			Remedy:  "use a new account",
		},
		6065: {
			Name:    "EmergencyUnstakingFromNonZeroScoredValidator",
			Meaning: "Marinade removes stake only from validators with a score of zero",
			Remedy:  "set the validator's score to zero first",
		},
		6066: {
			Name:    "WrongValidatorDuplicationFlag",
			Meaning: "the validator's duplication flag is another account",
			Remedy:  remedyReload,
		},
		6067: {
			Name:    "RedepositingMarinadeStake",
			Meaning: "the stake already belongs to Marinade",
			Remedy:  remedyDone,
		},
		6068: {
			Name:    "RemovingValidatorWithBalance",
			Meaning: "the validator to remove has stake",
			Remedy:  "unstake it first",
		},
		6069: {
			Name:    "RedelegateOverTarget",
			Meaning: "the validator would get more stake than its target",
			Remedy:  "redelegate less",
		},
		6070: {
			Name:    "SourceAndDestValidatorsAreTheSame",
			Meaning: "the stake is already with this validator",
			Remedy:  "choose another validator",
		},
		6071: {
			Name:    "UnregisteredMsolMinted",
			Meaning: "the mSOL supply exceeds the supply that Marinade has recorded",
			Remedy:  remedyBug,
		},
		6072: {
			Name:    "UnregisteredLPMinted",
			Meaning: "the supply of liquidity tokens exceeds the supply that Marinade has recorded",
			Remedy:  remedyBug,
		},
		6073: {
			Name:      "ListIndexOutOfBounds",
			Meaning:   "an index is beyond the end of Marinade's list",
			Remedy:    remedyReload,
			Retryable: true,
		},
		6074: {
			Name:      "ListOverflow",
			Meaning:   "Marinade's list of stake accounts is full",
			Remedy:    remedyOtherRoute,
			Sentinel:  ErrOperationUnavailable,
			Retryable: true,
		},
		6075: {
			Name:    "AlreadyPaused",
			Meaning: "Marinade is already paused",
			Remedy:  remedyDone,
		},
		6076: {
			Name:    "NotPaused",
			Meaning: "Marinade is not paused",
			Remedy:  remedyDone,
		},
		6077: {
			Name:      "ProgramIsPaused",
			Meaning:   "Marinade is paused",
			Remedy:    remedyResume,
			Sentinel:  ErrOperationUnavailable,
			Retryable: true,
		},
		6078: {
			Name:    "InvalidPauseAuthority",
			Meaning: "the signer may not pause Marinade",
			Remedy:  "sign with the pause authority's key",
		},
		6079: {
			Name:     "SelectedStakeAccountHasNotEnoughFunds",
			Meaning:  "the chosen stake account has less stake than the withdrawal",
			Remedy:   "withdraw less or from another stake account",
			Sentinel: ErrInsufficientLiquidity,
		},
		6080: {
			Name:    "BasisPointCentsOverflow",
			Meaning: "a fee is above 100%",
			Remedy:  "set a lower fee",
		},
		6081: {
			Name:     "WithdrawStakeAccountIsNotEnabled",
			Meaning:  "Marinade does not allow stake withdrawals",
			Remedy:   remedyOtherRoute,
			Sentinel: ErrOperationUnavailable,
		},
		6082: {
			Name:    "WithdrawStakeAccountFeeIsTooHigh",
			Meaning: "the fee on stake withdrawals is above its maximum",
			Remedy:  "set a lower fee",
		},
		6083: {
			Name:    "DelayedUnstakeFeeIsTooHigh",
			Meaning: "the fee on delayed unstaking is above its maximum",
			Remedy:  "set a lower fee",
		},
		6084: {
			Name:     "WithdrawStakeLamportsIsTooLow",
			Meaning:  "the stake to withdraw is below Marinade's minimum",
			Remedy:   "withdraw more",
			Sentinel: ErrProgramAmountTooSmall,
		},
		6085: {
			Name:     "StakeAccountRemainderTooLow",
			Meaning:  "the withdrawal would leave the chosen stake account below Marinade's minimum",
			Remedy:   "withdraw less or from another stake account",
			Sentinel: ErrInsufficientLiquidity,
		},
		6086: {
			Name:    "ShrinkingListWithDeletingContents",
			Meaning: "the list would become smaller than its contents",
			Remedy:  "keep it large enough",
		},
		6087: {
			Name:    "UpgradingInvariantViolation",
			Meaning: "Marinade's records are inconsistent during its upgrade",
			Remedy:  remedyBug,
		},
		6088: {
			Name:      "DelinquentUpgraderIsNotDone",
			Meaning:   "Marinade is still upgrading its accounts",
			Remedy:    "try again later",
			Sentinel:  ErrOperationUnavailable,
			Retryable: true,
		},
		6089: {
			Name:    "CanonicalStakeAccountAlreadyCreated",
			Meaning: "the validator already has its main stake account",
			Remedy:  remedyDone,
		},
		6090: {
			Name:    "InvalidCanonicalStakeAccountAddress",
			Meaning: "the account given is not the validator's main stake account",
			Remedy:  remedyReload,
		},
		6091: {
			Name:    "DepositStakeAccountFeeIsTooHigh",
			Meaning: "the fee on stake deposits is above its maximum",
			Remedy:  "set a lower fee",
		},
		6092: {
			Name:    "DepositSolFeeIsTooHigh",
			Meaning: "the fee on SOL deposits is above its maximum",
			Remedy:  "set a lower fee",
		},
	}),
}
