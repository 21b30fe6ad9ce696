package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// marinade is Marinade's liquid staking program. Errors that only its administration and its crank meet are left out.
var marinade = program{
	name: "marinade",
	ids:  []solana.PublicKey{accounts.MarinadeProgram},
	errors: union(anchorErrors, map[uint32]Entry{
		6011: {Name: "InvalidProgramId", Meaning: "the program does not run under its own id", Remedy: "check the cluster and the program id"},
		6012: {Name: "UnexpectedAccount", Meaning: "the instruction lists more accounts than it takes", Remedy: remedyRebuild},
		6013: {Name: "CalculationFailure", Meaning: "the program's arithmetic failed", Remedy: remedyAmount},
		6014: {Name: "StakeAccountWithLockup", Meaning: "the stake account is locked up", Remedy: "wait for the lockup to end", Sentinel: ErrDisabled},
		6020: {Name: "TicketNotDue", Meaning: "the ticket can be claimed in the next epoch at the earliest", Remedy: "try again next epoch", Retryable: true},
		6021: {Name: "TicketNotReady", Meaning: "the epoch is less than half an hour old or Marinade's reserve is short", Remedy: "try again later", Retryable: true},
		6022: {Name: "WrongBeneficiary", Meaning: "the ticket belongs to another account", Remedy: "claim to the ticket's beneficiary"},
		6023: {Name: "StakeAccountNotUpdatedYet", Meaning: "the chosen stake account was not updated this epoch", Remedy: "withdraw from one that was, or try again once it is", Sentinel: ErrStalePool, Retryable: true},
		6024: {Name: "StakeNotDelegated", Meaning: "the stake account is not delegated", Remedy: "use a delegated stake account"},
		6025: {Name: "StakeAccountIsEmergencyUnstaking", Meaning: "Marinade is pulling the chosen stake account from its validator", Remedy: "withdraw from another stake account"},
		6026: {Name: "InsufficientLiquidity", Meaning: "the liquidity pool does not have enough SOL", Remedy: "use a smaller amount, or unstake with a delay", Sentinel: ErrTooLarge},
		6034: {Name: "StakingIsCapped", Meaning: "the deposit would exceed Marinade's cap", Remedy: "deposit less", Sentinel: ErrTooLarge},
		6035: {Name: "LiquidityIsCapped", Meaning: "the liquidity would exceed the pool's cap", Remedy: "add less", Sentinel: ErrTooLarge},
		6038: {Name: "WithdrawAmountIsTooLow", Meaning: "the withdrawal is below Marinade's minimum", Remedy: "withdraw more", Sentinel: ErrTooSmall},
		6039: {Name: "DepositAmountIsTooLow", Meaning: "the deposit is below Marinade's minimum", Remedy: "deposit more", Sentinel: ErrTooSmall},
		6040: {Name: "NotEnoughUserFunds", Meaning: "the account does not hold enough SOL or tokens", Remedy: "fund it, or use a smaller amount", Sentinel: ErrInsufficientFunds},
		6041: {Name: "WrongTokenOwnerOrDelegate", Meaning: "the signer is neither owner nor delegate of the token account", Remedy: "sign with the owner's key"},
		6043: {Name: "RequiredDelegatedStake", Meaning: "the stake account is not delegated", Remedy: "use a delegated stake account"},
		6044: {Name: "RequiredActiveStake", Meaning: "the stake is deactivating or inactive", Remedy: "use an active stake account"},
		6046: {Name: "DepositingNotActivatedStake", Meaning: "the stake does not begin to activate before a later epoch", Remedy: "try again next epoch", Retryable: true},
		6047: {Name: "TooLowDelegationInDepositingStake", Meaning: "the stake is below Marinade's minimum", Remedy: "deposit a larger stake", Sentinel: ErrTooSmall},
		6048: {Name: "WrongStakeBalance", Meaning: "the stake account's balance is not exactly its stake and rent", Remedy: "withdraw the surplus first"},
		6049: {Name: "WrongValidatorAccountOrIndex", Meaning: "the validator is not at this index of Marinade's list", Remedy: remedyReload, Retryable: true},
		6050: {Name: "WrongStakeAccountOrIndex", Meaning: "the stake account is not at this index of Marinade's list", Remedy: remedyReload, Retryable: true},
		6063: {Name: "InvalidDelayedUnstakeTicket", Meaning: "the ticket does not belong to this Marinade state", Remedy: remedyReload},
		6064: {Name: "ReusingDelayedUnstakeTicket", Meaning: "the ticket is used up"},
		6067: {Name: "RedepositingMarinadeStake", Meaning: "the stake belongs to Marinade already"},
		6071: {Name: "UnregisteredMsolMinted", Meaning: "there is more mSOL than Marinade has booked"},
		6073: {Name: "ListIndexOutOfBounds", Meaning: "an index is beyond the end of Marinade's list", Remedy: remedyReload, Retryable: true},
		6074: {Name: "ListOverflow", Meaning: "Marinade's list of stake accounts is full", Remedy: remedyOtherWay, Sentinel: ErrDisabled, Retryable: true},
		6077: {Name: "ProgramIsPaused", Meaning: "Marinade is paused", Remedy: remedyResume, Sentinel: ErrDisabled, Retryable: true},
		6079: {Name: "SelectedStakeAccountHasNotEnoughFunds", Meaning: "the chosen stake account has less stake than is to be withdrawn", Remedy: "withdraw less or from another stake account", Sentinel: ErrTooLarge},
		6081: {Name: "WithdrawStakeAccountIsNotEnabled", Meaning: "Marinade does not allow stake withdrawals", Remedy: remedyOtherWay, Sentinel: ErrDisabled},
		6084: {Name: "WithdrawStakeLamportsIsTooLow", Meaning: "the stake to withdraw is below Marinade's minimum", Remedy: "withdraw more", Sentinel: ErrTooSmall},
		6085: {Name: "StakeAccountRemainderTooLow", Meaning: "the withdrawal would leave the chosen stake account below Marinade's minimum", Remedy: "withdraw less or from another stake account", Sentinel: ErrTooLarge},
		6088: {Name: "DelinquentUpgraderIsNotDone", Meaning: "Marinade is still upgrading its accounts", Remedy: "try again later", Sentinel: ErrDisabled, Retryable: true},
		6091: {Name: "DepositStakeAccountFeeIsTooHigh", Meaning: "the fee on stake deposits is above its maximum", Remedy: "set a lower fee"},
		6092: {Name: "DepositSolFeeIsTooHigh", Meaning: "the fee on SOL deposits is above its maximum", Remedy: "set a lower fee"},
	}),
}

// anchorErrors are codes of the framework that Marinade and the Reserve are written in, raised for wrong accounts.
var anchorErrors = map[uint32]Entry{
	2001: {Name: "ConstraintHasOne", Meaning: "an account is not the one that another account names", Remedy: remedyReload},
	2006: {Name: "ConstraintSeeds", Meaning: "an address was not derived from the expected seeds", Remedy: remedyReload},
	2012: {Name: "ConstraintAddress", Meaning: "an account is not the expected one", Remedy: remedyReload},
	3012: {Name: "AccountNotInitialized", Meaning: "an account does not exist yet", Remedy: "create it first"},
}
