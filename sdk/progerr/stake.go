package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// stake is the native stake program. It no longer redeems credits or
// redelegates, and never returns the codes for these operations.
var stake = program{
	name: "stake",
	ids:  []solana.PublicKey{accounts.StakeProgram},
	errors: map[uint32]Entry{
		0: {
			Name:     "NoCreditsToRedeem",
			Meaning:  "there are no credits to redeem",
			Remedy:   remedyDone,
			Unraised: true,
		},
		1: {
			Name:     "LockupInForce",
			Meaning:  "the stake account is locked up",
			Remedy:   "wait for the lockup to end, or let its custodian sign",
			Sentinel: ErrOperationUnavailable,
		},
		2: {
			Name:    "AlreadyDeactivated",
			Meaning: "the stake is already deactivated or deactivating",
			Remedy:  remedyDone,
		},
		3: {
			Name:      "TooSoonToRedelegate",
			Meaning:   "the stake was delegated again too soon",
			Remedy:    "try again next epoch",
			Retryable: true,
		},
		4: {
			Name:     "InsufficientStake",
			Meaning:  "the amount exceeds the stake of the account",
			Remedy:   "use a smaller amount",
			Sentinel: ErrInsufficientLiquidity,
		},
		5: {
			Name:      "MergeTransientStake",
			Meaning:   "a stake that is partly activating or deactivating cannot be merged",
			Remedy:    "try again next epoch",
			Retryable: true,
		},
		6: {
			Name:    "MergeMismatch",
			Meaning: "the stake accounts differ in authorities, lockup, validator or state",
			Remedy:  "merge only accounts that agree in all of them",
		},
		7: {
			Name:     "CustodianMissing",
			Meaning:  "the stake is locked up and the lockup's custodian is not among the accounts",
			Remedy:   "wait for the lockup to end, or add the custodian as a signer",
			Sentinel: ErrMissingSigner,
		},
		8: {
			Name:     "CustodianSignatureMissing",
			Meaning:  "the lockup's custodian did not sign",
			Remedy:   "let the custodian sign",
			Sentinel: ErrMissingSigner,
		},
		9: {
			Name:    "InsufficientReferenceVotes",
			Meaning: "the reference validator has not voted enough",
			Remedy:  "use another reference validator",
		},
		10: {
			Name:    "VoteAddressMismatch",
			Meaning: "the stake is not delegated to the given validator",
			Remedy:  remedyReload,
		},
		11: {
			Name:      "MinimumDelinquentEpochsForDeactivationNotMet",
			Meaning:   "the validator has not been delinquent for long enough",
			Remedy:    "try again in a later epoch",
			Retryable: true,
		},
		12: {
			Name:     "InsufficientDelegation",
			Meaning:  "a stake would be smaller than the cluster's minimum delegation",
			Remedy:   "use a larger amount, or leave more in the source",
			Sentinel: ErrProgramAmountTooSmall,
		},
		13: {
			Name:      "RedelegateTransientOrInactiveStake",
			Meaning:   "only fully active stake can be redelegated",
			Remedy:    "wait until the stake is active",
			Retryable: true,
			Unraised:  true,
		},
		14: {
			Name:     "RedelegateToSameVoteAccount",
			Meaning:  "the stake is already with this validator",
			Remedy:   "choose another validator",
			Unraised: true,
		},
		15: {
			Name:      "RedelegatedStakeMustFullyActivateBeforeDeactivationIsPermitted",
			Meaning:   "a redelegated stake must be active before it can be deactivated",
			Remedy:    "try again next epoch",
			Retryable: true,
			Unraised:  true,
		},
		16: {
			Name:      "EpochRewardsActive",
			Meaning:   "the stake program is paused while epoch rewards are distributed",
			Remedy:    remedyRewards,
			Sentinel:  ErrEpochRewards,
			Retryable: true,
		},
	},
}
