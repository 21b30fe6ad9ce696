package progerr

import (
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// Names in the order of their codes, from 0.
const (
	stakePoolNames = `AlreadyInUse InvalidProgramAddress InvalidState CalculationFailure FeeTooHigh WrongAccountMint WrongManager
		SignatureMissing InvalidValidatorStakeList InvalidFeeAccount WrongPoolMint WrongStakeStake UserStakeNotActive
		ValidatorAlreadyAdded ValidatorNotFound InvalidStakeAccountAddress StakeListOutOfDate StakeListAndPoolOutOfDate
		UnknownValidatorStakeAccount WrongMintingAuthority UnexpectedValidatorListAccountSize WrongStaker NonZeroPoolTokenSupply
		StakeLamportsNotEqualToMinimum IncorrectDepositVoteAddress IncorrectWithdrawVoteAddress InvalidMintFreezeAuthority
		FeeIncreaseTooHigh WithdrawalTooSmall DepositTooSmall InvalidStakeDepositAuthority InvalidSolDepositAuthority
		InvalidPreferredValidator TransientAccountInUse InvalidSolWithdrawAuthority SolWithdrawalTooLarge InvalidMetadataAccount
		UnsupportedMintExtension UnsupportedFeeAccountExtension ExceededSlippage IncorrectMintDecimals ReserveDepleted
		MissingRequiredSysvar EpochRewardDistributionInProgress TooManyValidatorsInPool`
	stakeNames = `NoCreditsToRedeem LockupInForce AlreadyDeactivated TooSoonToRedelegate InsufficientStake MergeTransientStake
		MergeMismatch CustodianMissing CustodianSignatureMissing InsufficientReferenceVotes VoteAddressMismatch
		MinimumDelinquentEpochsForDeactivationNotMet InsufficientDelegation RedelegateTransientOrInactiveStake
		RedelegateToSameVoteAccount RedelegatedStakeMustFullyActivateBeforeDeactivationIsPermitted EpochRewardsActive`
	systemNames = `AccountAlreadyInUse ResultWithNegativeLamports InvalidProgramId InvalidAccountDataLength MaxSeedLengthExceeded
		AddressWithSeedMismatch NonceNoRecentBlockhashes NonceBlockhashNotExpired NonceUnexpectedBlockhashValue`
	tokenNames = `NotRentExempt InsufficientFunds InvalidMint MintMismatch OwnerMismatch FixedSupply AlreadyInUse
		InvalidNumberOfProvidedSigners InvalidNumberOfRequiredSigners UninitializedState NativeNotSupported NonNativeHasBalance
		InvalidInstruction InvalidState Overflow AuthorityTypeNotSupported MintCannotFreeze AccountFrozen MintDecimalsMismatch
		NonNativeNotSupported`
)

func TestCodesByName(t *testing.T) {
	for _, c := range []struct {
		program solana.PublicKey
		names   string
		more    uint32 // codes beyond names
	}{
		{accounts.StakePoolProgram, stakePoolNames, 0},
		{accounts.SanctumStakePoolProgram, stakePoolNames, 0},
		{accounts.SanctumMultiStakePoolProgram, stakePoolNames, 0},
		{accounts.StakeProgram, stakeNames, 0},
		{accounts.SystemProgram, systemNames, 0},
		{accounts.TokenProgram, tokenNames, 0},
		{accounts.Token2022Program, tokenNames, 25},
		{accounts.AssociatedTokenProgram, "InvalidOwner", 0},
		{accounts.ComputeBudgetProgram, "", 0},
	} {
		names := strings.Fields(c.names)
		for code, name := range names {
			entry, ok := Lookup(c.program, uint32(code))
			require.True(t, ok, "%s %d", c.program, code)
			require.Equal(t, name, entry.Name, "%s %d", c.program, code)
		}
		require.Len(t, findProgram(c.program).errors, len(names)+int(c.more), "%s", c.program)
	}
	// Spot checks where Token-2022 leaves gaps.
	for code, name := range map[uint32]string{
		28: "MintHasSupply", 31: "MintRequiredForTransfer", 37: "NonTransferable", 42: "CpiGuardTransferBlocked",
		49: "NonConfidentialTransfersDisabled", 67: "MintPaused",
	} {
		entry, ok := Lookup(accounts.Token2022Program, code)
		require.True(t, ok)
		require.Equal(t, name, entry.Name)
		_, ok = Lookup(accounts.TokenProgram, code)
		require.False(t, ok)
	}
}

func TestLookupUnknown(t *testing.T) {
	_, ok := Lookup(accounts.StakePoolProgram, 45)
	require.False(t, ok)
	_, ok = Lookup(solana.MPK("JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4"), 0)
	require.False(t, ok)
}

func TestTablesAreWellFormed(t *testing.T) {
	check := func(where string, e Entry) {
		require.NotEmpty(t, e.Meaning, where)
		for _, text := range []string{e.Meaning, e.Remedy} {
			require.Equal(t, oneLine(text), text, where)
			require.False(t, strings.HasSuffix(text, "."), where)
		}
	}
	names := map[string]bool{unknownProgram: true}
	ids := map[solana.PublicKey]bool{}
	for _, p := range programs {
		require.False(t, names[p.name], p.name)
		names[p.name] = true
		require.NotEmpty(t, p.ids, p.name)
		for _, id := range p.ids {
			require.False(t, ids[id], "%s listed twice", id)
			ids[id] = true
		}
		for code, e := range p.errors {
			require.NotEmpty(t, e.Name, "%s %d", p.name, code)
			check(p.name+" "+e.Name, e)
		}
	}
	for name, e := range transactionErrors {
		check(name, e)
	}
	for name, e := range instructionErrors {
		check(name, e)
	}
}

func TestRuntimeVariants(t *testing.T) {
	require.Len(t, transactionErrors, 39)
	require.Len(t, instructionErrors, 54)
	for _, name := range strings.Fields(`AccountInUse AccountLoadedTwice AccountNotFound ProgramAccountNotFound InsufficientFundsForFee
		InvalidAccountForFee AlreadyProcessed BlockhashNotFound InstructionError CallChainTooDeep MissingSignatureForFee
		InvalidAccountIndex SignatureFailure InvalidProgramForExecution SanitizeFailure ClusterMaintenance AccountBorrowOutstanding
		WouldExceedMaxBlockCostLimit UnsupportedVersion InvalidWritableAccount WouldExceedMaxAccountCostLimit
		WouldExceedAccountDataBlockLimit TooManyAccountLocks AddressLookupTableNotFound InvalidAddressLookupTableOwner
		InvalidAddressLookupTableData InvalidAddressLookupTableIndex InvalidRentPayingAccount WouldExceedMaxVoteCostLimit
		WouldExceedAccountDataTotalLimit DuplicateInstruction InsufficientFundsForRent MaxLoadedAccountsDataSizeExceeded
		InvalidLoadedAccountsDataSizeLimit ResanitizationNeeded ProgramExecutionTemporarilyRestricted UnbalancedTransaction
		ProgramCacheHitMaxLimit CommitCancelled`) {
		require.Contains(t, transactionErrors, name)
	}
}
