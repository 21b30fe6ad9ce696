package progerr

import (
	"encoding/json"
	"maps"
	"slices"
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
	controllerNames = `InvalidPoolStateData InvalidLstStateListData InvalidDisablePoolAuthorityListData InvalidRebalanceRecordData
		MathError PoolRebalancing PoolDisabled PoolEnabled InvalidLstIndex InvalidReserves IncorrectSolValueCalculator
		FaultySolValueCalculator IncorrectLstStateList IncorrectPoolState LstInputDisabled NoSucceedingEndRebalance
		IncorrectRebalanceRecord PoolNotRebalancing PoolWouldLoseSolValue LstStillHasValue IncorrectPricingProgram
		SlippageToleranceExceeded NotEnoughLiquidity IndexTooLarge InvalidDisablePoolAuthorityIndex
		UnauthorizedDisablePoolAuthoritySigner InvalidDisablePoolAuthority UnauthorizedSetRebalanceAuthoritySigner
		IncorrectDisablePoolAuthorityList FeeTooHigh NotEnoughFees ZeroValue FaultyPricingProgram IncorrectLpMintInitialization
		DuplicateLst SwapSameLst DuplicateDisablePoolAuthority WrongPoolStateVers InvalidPoolStateDataV2 TimeWentBackwards
		UnauthorizedSetRpsAuthoritySigner`
	flatFeeNames = `InvalidProgramStateData IncorrectProgramState UnsupportedLstMint SignedFeeOutOfBound UnsignedFeeOutOfBound
		MathError`
	flatSlabNames = `CantRemoveLpMint FeeNanosOutOfRange MintNotFound MissingAdminSignature NetNegativeFees Ratio WrongSlabAcc`
	poolNames     = `UnexpectedProgramUpgrade WrongPoolAccountType StateAlreadyInitialized WrongPoolProgram WrongCalculatorStatePDA
		InvalidCalculatorStateData InvalidStakePoolProgramData MathError`
	reserveV2PricingNames = `CantRemoveRequiredMint FeeNanosOutOfRange MathOverflow MintNotFound NegativeBandDelta OverCap SameMint
		ThresholdNanosOutOfRange UnsupportedDeprecatedInstruction WsolBalanceGtPoolSolValue ZeroRetainedValue ZeroPoolSolValue`
	reserveNames = `InvalidLpTokenAccount PdaBumpNotCached InvalidFeeAuthority StakeAccountAuthorizedNotRetrievable
		StakeAccountLockupNotRetrievable StakeAccountLockupInForce InvalidFee InternalError NotEnoughLiquidity
		LiquidityToAddTooLittle DestinationNotWSol WrongProtocolFeeDestination InvalidProtocolFeeAuthority
		InvalidInstructionsSysvar NoSucceedingRepayFlashLoan`
	routerNames = `WrongWsolBridgeIn WrongSolBridgeOut WrongFeeTokenAccount WrongTokenProgram NotSystemAccount NotWsolMint
		WrongStakePoolProgram WrongBridgeStake WrongAdmin StakeAccInactive ValidatorNotPartOfStakePool NotSignedByAdmin
		NumericalError UnsupportedProgram UnreachableError`
)

// Names by code where codes leave gaps.
var (
	marinadeNames = codes{
		6011: "InvalidProgramId", 6012: "UnexpectedAccount", 6013: "CalculationFailure", 6014: "StakeAccountWithLockup",
		6020: "TicketNotDue", 6021: "TicketNotReady", 6022: "WrongBeneficiary", 6023: "StakeAccountNotUpdatedYet",
		6024: "StakeNotDelegated", 6025: "StakeAccountIsEmergencyUnstaking", 6026: "InsufficientLiquidity", 6034: "StakingIsCapped",
		6035: "LiquidityIsCapped", 6038: "WithdrawAmountIsTooLow", 6039: "DepositAmountIsTooLow", 6040: "NotEnoughUserFunds",
		6041: "WrongTokenOwnerOrDelegate", 6043: "RequiredDelegatedStake", 6044: "RequiredActiveStake",
		6046: "DepositingNotActivatedStake", 6047: "TooLowDelegationInDepositingStake", 6048: "WrongStakeBalance",
		6049: "WrongValidatorAccountOrIndex", 6050: "WrongStakeAccountOrIndex", 6063: "InvalidDelayedUnstakeTicket",
		6064: "ReusingDelayedUnstakeTicket", 6067: "RedepositingMarinadeStake", 6071: "UnregisteredMsolMinted",
		6073: "ListIndexOutOfBounds", 6074: "ListOverflow", 6077: "ProgramIsPaused", 6079: "SelectedStakeAccountHasNotEnoughFunds",
		6081: "WithdrawStakeAccountIsNotEnabled", 6084: "WithdrawStakeLamportsIsTooLow", 6085: "StakeAccountRemainderTooLow",
		6088: "DelinquentUpgraderIsNotDone", 6091: "DepositStakeAccountFeeIsTooHigh", 6092: "DepositSolFeeIsTooHigh",
	}
	lidoNames = codes{
		2: "InvalidAmount", 5: "CalculationFailure", 6: "WrongStakeState", 12: "InvalidAccountInfo", 13: "TooManyAccountKeys",
		22: "ReserveIsNotRentExempt", 27: "NoActiveValidators", 28: "InvalidStakeAccount", 29: "InvalidStSolAccount", 30: "ExchangeRateAlreadyUpToDate",
		31: "ExchangeRateNotUpdatedInThisEpoch", 33: "InvalidStakeAuthority", 36: "InvalidTokenOwner",
		37: "ValidatorWithMoreStakeExists", 46: "InvalidStSolAccountOwner", 47: "InstructionIsDeprecated", 50: "InvalidAccountType",
		51: "InvalidListAccount", 52: "LidoVersionMismatch", 54: "PubkeyIndexMismatch", 55: "AccountListIndexOutOfBounds",
		57: "ValidatorHasNoStake",
	}
	anchorNames      = codes{2001: "ConstraintHasOne", 2006: "ConstraintSeeds", 2012: "ConstraintAddress", 3012: "AccountNotInitialized"}
	lookupTableNames = codes{
		0: "PubkeyErrorMaxSeedLengthExceeded", 1: "PubkeyErrorInvalidSeeds", 2: "PubkeyErrorIllegalOwner",
		10: "ReadonlyDataModified", 11: "ReadonlyLamportsChanged",
	}
	ratioName = codes{696_969: "MathError"}
)

// codes are names by code.
type codes map[uint32]string

// from numbers names from a first code.
func from(first uint32, names string) codes {
	c := codes{}
	for i, name := range strings.Fields(names) {
		c[first+uint32(i)] = name
	}
	return c
}

// and adds other codes, which must not overlap.
func (c codes) and(t *testing.T, others ...codes) codes {
	all := maps.Clone(c)
	for _, other := range others {
		for code, name := range other {
			require.NotContains(t, all, code)
			all[code] = name
		}
	}
	return all
}

var (
	infProgram              = solana.MPK("1nf7dspGYz1CTALJbtNgjvcSYWiFz5N3c2EuUZLSWCL")
	reserveV2PricingProgram = solana.MPK("uppoVuoFZuXisHkrxCU96VvNibU6vzxkEpeH3WbmnEn")
)

func TestSanctumCodesByName(t *testing.T) {
	calculator := func(own ...string) codes {
		return from(0, strings.Join(own, " ")).and(t, from(1000, poolNames), ratioName)
	}
	for _, c := range []struct {
		program solana.PublicKey
		name    string
		codes   codes
		count   int
	}{
		{accounts.InfinityProgram, "infinity", from(0, controllerNames).and(t, ratioName), 42},
		{accounts.ReserveV2Program, "reserve v2", from(0, controllerNames).and(t, ratioName), 42},
		{accounts.FlatFeeProgram, "flat-fee pricing", from(0, flatFeeNames).and(t, ratioName), 7},
		{accounts.FlatSlabProgram, "flatslab pricing", from(1, flatSlabNames), 7},
		{reserveV2PricingProgram, "reserve v2 pricing", from(0, reserveV2PricingNames), 12},
		{accounts.SPLCalculator, "spl calculator", calculator("PoolNotUpdated"), 10},
		{accounts.SanctumSPLCalculator, "spl calculator", calculator("PoolNotUpdated"), 10},
		{accounts.SanctumSPLMultiCalculator, "spl calculator", calculator("PoolNotUpdated"), 10},
		{accounts.MarinadeCalculator, "marinade calculator", calculator("MarinadePaused", "MarinadeStakeWithdrawDisabled"), 11},
		{accounts.LidoCalculator, "lido calculator", calculator("ExchangeRateNotUpdatedInThisEpoch"), 10},
		{accounts.WrappedSOLCalculator, "wsol calculator", from(0, "IncorrectMint"), 1},
		{infProgram, "inf calculator", from(1000, poolNames).and(t, codes{6: "PoolDisabled"}), 9},
		{accounts.MarinadeProgram, "marinade", marinadeNames.and(t, anchorNames), 42},
		{accounts.LidoProgram, "lido", lidoNames, 22},
		{accounts.ReserveProgram, "reserve", from(6000, reserveNames).and(t, anchorNames), 19},
		{accounts.RouterProgram, "router", from(0, routerNames).and(t, codes{17: "SlumdogUnstakeTooSmall"}), 16},
		{accounts.LookupTableProgram, "address lookup table", lookupTableNames, 5},
	} {
		t.Run(c.name+" "+c.program.String(), func(t *testing.T) {
			p := findProgram(c.program)
			require.NotNil(t, p)
			require.Equal(t, c.name, p.name)
			require.Len(t, p.errors, c.count)
			table := codes{}
			for code := range p.errors {
				entry, ok := Lookup(c.program, code)
				require.True(t, ok)
				table[code] = entry.Name
			}
			require.Equal(t, c.codes, table)
		})
	}
}

// All sentinels and retryable codes are listed, so that none is there by accident.
func TestSanctumSentinels(t *testing.T) {
	type groups map[error][]uint32
	controller := groups{
		ErrSlippage: {21}, ErrDisabled: {5, 6, 14}, ErrTooLarge: {22, 30}, ErrTooSmall: {31},
	}
	for _, c := range []struct {
		program   solana.PublicKey
		sentinels groups
		retryable []uint32
		unraised  []uint32
	}{
		{accounts.InfinityProgram, controller, []uint32{5, 6, 8}, nil},
		{accounts.ReserveV2Program, controller, []uint32{5, 6, 8}, nil},
		{accounts.FlatFeeProgram, groups{}, nil, nil},
		{accounts.FlatSlabProgram, groups{ErrMissingSigner: {4}}, nil, nil},
		{reserveV2PricingProgram, groups{}, nil, nil},
		{accounts.SanctumSPLCalculator, groups{ErrStalePool: {0}, ErrDisabled: {1000}}, []uint32{0, 1000}, nil},
		{accounts.MarinadeCalculator, groups{ErrDisabled: {0, 1, 1000}}, []uint32{0, 1000}, nil},
		{accounts.LidoCalculator, groups{ErrStalePool: {0}, ErrDisabled: {1000}}, []uint32{0, 1000}, nil},
		{accounts.WrappedSOLCalculator, groups{}, nil, []uint32{0}},
		{infProgram, groups{ErrDisabled: {6, 1000}}, []uint32{6, 1000}, nil},
		{
			accounts.MarinadeProgram,
			groups{
				ErrStalePool:         {6023},
				ErrInsufficientFunds: {6040},
				ErrDisabled:          {6014, 6074, 6077, 6081, 6088},
				ErrTooSmall:          {6038, 6039, 6047, 6084},
				ErrTooLarge:          {6026, 6034, 6035, 6079, 6085},
			},
			[]uint32{6020, 6021, 6023, 6046, 6049, 6050, 6073, 6074, 6077, 6088}, nil,
		},
		{
			accounts.LidoProgram, groups{ErrStalePool: {31}, ErrDisabled: {47}, ErrTooLarge: {2}},
			[]uint32{28, 30, 31, 37, 54, 55}, nil,
		},
		{accounts.ReserveProgram, groups{ErrDisabled: {6005}, ErrTooLarge: {6008}, ErrTooSmall: {6009}}, nil, nil},
		{accounts.RouterProgram, groups{ErrMissingSigner: {11}}, []uint32{17}, nil},
		{accounts.LookupTableProgram, groups{}, nil, []uint32{0, 2}},
	} {
		p := findProgram(c.program)
		t.Run(p.name, func(t *testing.T) {
			got := groups{}
			var retryable, unraised []uint32
			for _, code := range slices.Sorted(maps.Keys(p.errors)) {
				e := p.errors[code]
				if e.Sentinel != nil {
					got[e.Sentinel] = append(got[e.Sentinel], code)
				}
				if e.Retryable {
					retryable = append(retryable, code)
				}
				if e.Unraised {
					unraised = append(unraised, code)
				}
			}
			require.Equal(t, c.sentinels, got)
			require.Equal(t, c.retryable, retryable)
			require.Equal(t, c.unraised, unraised)
		})
	}
}

func TestGuessedNamesAreMarked(t *testing.T) {
	for _, p := range programs {
		for _, e := range p.errors {
			require.Equal(t, p == &reserveV2Pricing, strings.HasSuffix(e.Meaning, guessed), "%s %s", p.name, e.Name)
		}
	}
}

func customError(code string) json.RawMessage {
	return json.RawMessage(`{"InstructionError":[1,{"Custom":` + code + `}]}`)
}

// A swap whose output is an LST with a pool that nobody updated this epoch.
func TestCalculatorErrorInSwap(t *testing.T) {
	programs := []solana.PublicKey{accounts.ComputeBudgetProgram, accounts.InfinityProgram}
	logs := []string{
		"Program ComputeBudget111111111111111111111111111111 invoke [1]",
		"Program ComputeBudget111111111111111111111111111111 success",
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx invoke [1]",
		"Program wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE invoke [2]",
		"Program log: LstToSol(LstToSolIxArgs { amount: 1000000 })",
		"Program wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE consumed 1412 of 386120 compute units",
		"Program return: wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE QEIPAAAAAABAQg8AAAAAAA==",
		"Program wsoGmxQLSvwWpuaidCApxN5kEowLe2HLQLJhCQnj4bE success",
		"Program sspUE1vrh7xRoXxGsg7vR1zde2WdGtJRbyK9uRumBDy invoke [2]",
		"Program log: LstToSol(LstToSolIxArgs { amount: 1000000 })",
		"Program log: SPL stake pool not yet updated for this epoch",
		"Program sspUE1vrh7xRoXxGsg7vR1zde2WdGtJRbyK9uRumBDy consumed 9876 of 380011 compute units",
		"Program sspUE1vrh7xRoXxGsg7vR1zde2WdGtJRbyK9uRumBDy failed: custom program error: 0x0",
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx consumed 23456 of 399850 compute units",
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx failed: custom program error: 0x0",
	}
	e := Parse(customError("0"), programs, logs)
	require.ErrorIs(t, e, ErrStalePool)
	require.True(t, e.Retryable())
	require.Equal(t, []solana.PublicKey{accounts.InfinityProgram, accounts.SanctumSPLCalculator}, e.Path)
	require.Equal(t, accounts.InfinityProgram, e.Program.InnerOf)
	require.False(t, e.Program.Assumed)
	require.EqualError(t, e, "transaction failed: spl calculator: PoolNotUpdated (0) in instruction 1, called by infinity: "+
		"the token's stake pool was not updated this epoch; update the pool in the same transaction, or try again once someone has")

	// Without logs the controller's own error is only an assumption, and nobody is told that the pool is stale.
	e = Parse(customError("0"), programs, nil)
	require.Equal(t, "InvalidPoolStateData", e.Program.Name)
	require.True(t, e.Program.Assumed)
	require.NotErrorIs(t, e, ErrStalePool)

	// What the controller refuses by itself is its own.
	logs = append(slices.Clone(logs[:8]),
		"Program log: SlippageToleranceExceeded",
		"Program 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx failed: custom program error: 0x15")
	e = Parse(customError("21"), programs, logs)
	require.ErrorIs(t, e, ErrSlippage)
	require.Equal(t, "infinity", e.Program.ProgramName)
}

// A withdrawal through the Router of less than the cluster's minimum delegation.
func TestStakeErrorInRouter(t *testing.T) {
	programs := []solana.PublicKey{accounts.ComputeBudgetProgram, accounts.RouterProgram}
	logs := []string{
		"Program ComputeBudget111111111111111111111111111111 invoke [1]",
		"Program ComputeBudget111111111111111111111111111111 success",
		"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq invoke [1]",
		"Program 11111111111111111111111111111111 invoke [2]",
		"Program 11111111111111111111111111111111 success",
		"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy invoke [2]",
		"Program log: Instruction: WithdrawStake",
		"Program Stake11111111111111111111111111111111111111 invoke [3]",
		"Program Stake11111111111111111111111111111111111111 consumed 5042 of 312004 compute units",
		"Program Stake11111111111111111111111111111111111111 failed: custom program error: 0xc",
		"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy consumed 61234 of 370001 compute units",
		"Program SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy failed: custom program error: 0xc",
		"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq consumed 88123 of 399850 compute units",
		"Program stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq failed: custom program error: 0xc",
	}
	e := Parse(customError("12"), programs, logs)
	require.ErrorIs(t, e, ErrTooSmall)
	require.Equal(t, []solana.PublicKey{accounts.RouterProgram, accounts.StakePoolProgram, accounts.StakeProgram}, e.Path)
	require.Equal(t, accounts.RouterProgram, e.Program.InnerOf)
	require.EqualError(t, e, "transaction failed: stake: InsufficientDelegation (12) in instruction 1, called by router: "+
		"a stake would be smaller than the cluster's minimum delegation; use a larger amount, or leave more in the source")

	// The same code from the Router itself is another error.
	e = Parse(customError("12"), programs, append(slices.Clone(logs[:5]), logs[13]))
	require.Equal(t, "router", e.Program.ProgramName)
	require.Equal(t, "NumericalError", e.Program.Name)
	require.NotErrorIs(t, e, ErrTooSmall)
}

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
