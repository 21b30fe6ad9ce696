package golden_test

import (
	"errors"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/quote"
)

// errLimit is the error of a quote that misses the limit of the case.
var errLimit = errors.New("the limit is not met")

// refusals maps the errors of a quote to the messages of the programs and of
// the official SDK, as regular expressions. If a case has two faults, a program
// may report the other one.
var refusals = map[error]string{
	// Version 1 of the controller checks the limit before it checks whether the
	// output is zero.
	errLimit: `ExceededSlippage|5ocnV1\w+: custom error 21 `,
	quote.ErrAmountTooSmall: `DepositTooSmall|WithdrawalTooSmall|(DepositAmount|WithdrawAmount|WithdrawStakeLamports)IsTooLow|LiquidityToAddTooLittle|InsufficientFundsForRent|` +
		` InsufficientFunds in instruction 1 \(stake, called by lido\)|5ocnV1\w+: custom error (21|31) |^"ZeroValue"`,
	quote.ErrAmountTooLarge: `lido: (CalculationFailure|InvalidAmount)|StakingIsCapped|SelectedStakeAccountHasNotEnoughFunds|ProgramFailedToComplete|` +
		`reserve: InternalError|(ResultWithNegativeLamports|token: InsufficientFunds) .* called by reserve|Calc\.\w+\.Ratio"`,
	quote.ErrInsufficientReserve: `SolWithdrawalTooLarge|ReserveIsNotRentExempt|InsufficientLiquidity|TicketNotReady|reserve: NotEnoughLiquidity|` +
		`InsufficientFundsForRent|ResultWithNegativeLamports .* called by reserve|token: InsufficientFunds .* called by 5ocnV1|` +
		`5ocnV1\w+: custom error 22 |^"NotEnoughLiquidity"`,
	quote.ErrInvalidState:           `UnregisteredMsolMinted|ProgramFailedToComplete|reserve: InternalError`,
	quote.ErrBelowMinimumDelegation: `stake: InsufficientDelegation`,

	quote.ErrStalePool:     `StakeListAndPoolOutOfDate|ExchangeRateNotUpdatedInThisEpoch|StakeAccountNotUpdatedYet`,
	quote.ErrUpToDate:      `ExchangeRateAlreadyUpToDate`,
	quote.ErrTicketNotDue:  `TicketNotDue`,
	quote.ErrEpochRewards:  `EpochRewardsActive|SelectedStakeAccountHasNotEnoughFunds|ResultWithNegativeLamports .* called by reserve`,
	quote.ErrDisabled:      `NotEnoughAccountKeys|InvalidSol(Deposit|Withdraw)Authority|ProgramIsPaused|WithdrawStakeAccountIsNotEnabled|mare3S\w+: custom error 1 `,
	quote.ErrInputDisabled: `5ocnV1\w+: custom error 14 |^"InpDisabled"`,
	quote.ErrNoProfit:      `5ocnV1\w+: custom error 18 |^"PoolLoss"`,
	quote.ErrNoFee:         `s1b6NR\w+: custom error 3 `,
	quote.ErrFeeRange:      `s1b6NR\w+: custom error 5 |NetNegativeFees"`,
	quote.ErrFeeAccount:    `AccountFrozen|InvalidAccountData`,
	quote.ErrPermissioned:  `InvalidStakeDepositAuthority|NotEnoughAccountKeys`,
	quote.ErrRouterFunds:   `ResultWithNegativeLamports .* called by router`,
	quote.ErrPrefundUnpaid: `SlumdogUnstakeTooSmall`,

	quote.ErrValidator: `ValidatorNotFound|StakeLamportsNotEqualToMinimum|lido: InvalidAmount|StakeAccountIsEmergencyUnstaking|` +
		`WrongValidatorAccountOrIndex|stake: (MergeMismatch|InsufficientDelegation)|` +
		`ResultWithNegativeLamports .* called by router`,
	quote.ErrBuildDependent:     `StakeLamportsNotEqualToMinimum|ResultWithNegativeLamports .* called by router`,
	quote.ErrNotPreferred:       `IncorrectDepositVoteAddress|ValidatorWithMoreStakeExists`,
	quote.ErrStakeAccount:       ` InsufficientFunds in instruction 2 \(stake, called by stake pool, called by router\)`,
	quote.ErrStakeUninitialized: `StakeAccountLockupNotRetrievable`,
	quote.ErrStakeUndelegated:   `RequiredDelegatedStake`,
	quote.ErrStakeLocked:        `StakeAccountWithLockup|StakeAccountLockupInForce|CustodianMissing|stake: LockupInForce`,
	quote.ErrStakeActivating:    `DepositingNotActivatedStake|stake: MergeMismatch`,
	quote.ErrStakeDeactivating:  `RequiredActiveStake|stake: MergeTransientStake`,
	quote.ErrStakeOwner:         `MissingRequiredSignature|EpochRewardsActive|ResultWithNegativeLamports .* called by reserve`,
	quote.ErrStakeTooSmall:      `TooLowDelegationInDepositingStake`,
	quote.ErrStakeSurplus:       `WrongStakeBalance`,
	quote.ErrStakeMarinades:     `RedepositingMarinadeStake`,
}

// requireRefusal checks that a quote has the same reason as the refusal of the
// program or of the official SDK.
func requireRefusal(t *testing.T, refusal string, err error) {
	t.Helper()
	require.Error(t, err, "refused: %s", refusal)
	for reason, words := range refusals {
		if errors.Is(err, reason) && regexp.MustCompile(words).MatchString(refusal) {
			return
		}
	}
	require.Fail(t, "other words", "%v, refused: %q", err, refusal)
}
