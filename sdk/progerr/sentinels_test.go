package progerr

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// sentinelCodes lists the codes of each sentinel by program. The codes in again
// are retryable, those in never are not. Codes without a sentinel are listed
// only if they are retryable.
var sentinelCodes = []struct {
	sentinel     error
	program      *program
	again, never []uint32
}{
	{ErrSlippage, &stakePool, nil, []uint32{39}},
	{ErrSlippage, &infinity, nil, []uint32{21}},
	{ErrSlippage, &reserveV2, nil, []uint32{21}},

	{ErrStalePool, &stakePool, []uint32{16, 17}, nil},
	{ErrStalePool, &splCalculator, []uint32{0}, nil},
	{ErrStalePool, &lidoCalculator, []uint32{0}, nil},
	{ErrStalePool, &lido, []uint32{31}, nil},
	{ErrStalePool, &marinade, []uint32{6023, 6057, 6061}, nil},

	{ErrInsufficientFunds, &system, nil, []uint32{1}},
	{ErrInsufficientFunds, &token, nil, []uint32{0, 1}},
	{ErrInsufficientFunds, &token2022, nil, []uint32{0, 1}},
	{ErrInsufficientFunds, &marinade, nil, []uint32{2005, 6040}},
	{ErrInsufficientFunds, &reserve, nil, []uint32{2005}},

	{ErrOperationUnavailable, &stakePool, nil, []uint32{30, 31, 34}},
	{ErrOperationUnavailable, &stake, nil, []uint32{1}},
	{ErrOperationUnavailable, &token, nil, []uint32{5, 17}},
	{ErrOperationUnavailable, &token2022, []uint32{67},
		[]uint32{5, 17, 24, 25, 29, 34, 37, 41, 42, 43, 44, 45, 46, 47, 49, 56, 65}},
	{ErrOperationUnavailable, &infinity, []uint32{5, 6}, []uint32{14}},
	{ErrOperationUnavailable, &reserveV2, []uint32{5, 6}, []uint32{14}},
	{ErrOperationUnavailable, &splCalculator, []uint32{1000}, nil},
	{ErrOperationUnavailable, &marinadeCalculator, []uint32{0, 1000}, []uint32{1}},
	{ErrOperationUnavailable, &lidoCalculator, []uint32{1000}, nil},
	{ErrOperationUnavailable, &infCalculator, []uint32{6, 1000}, nil},
	{ErrOperationUnavailable, &marinade, []uint32{6074, 6077, 6088}, []uint32{5000, 6014, 6081}},
	{ErrOperationUnavailable, &lido, nil, []uint32{47}},
	{ErrOperationUnavailable, &reserve, nil, []uint32{5000, 6005}},

	{ErrProgramAmountTooSmall, &stakePool, nil, []uint32{28, 29}},
	{ErrProgramAmountTooSmall, &stake, nil, []uint32{12}},
	{ErrProgramAmountTooSmall, &infinity, nil, []uint32{31}},
	{ErrProgramAmountTooSmall, &reserveV2, nil, []uint32{31}},
	{ErrProgramAmountTooSmall, &marinade, nil, []uint32{6038, 6039, 6047, 6084}},
	{ErrProgramAmountTooSmall, &reserve, nil, []uint32{6009}},

	{ErrInsufficientLiquidity, &stakePool, nil, []uint32{23, 35, 41}},
	{ErrInsufficientLiquidity, &stake, nil, []uint32{4}},
	{ErrInsufficientLiquidity, &token2022, nil, []uint32{40}},
	{ErrInsufficientLiquidity, &infinity, nil, []uint32{22, 30}},
	{ErrInsufficientLiquidity, &reserveV2, nil, []uint32{22, 30}},
	{ErrInsufficientLiquidity, &marinade, []uint32{6053}, []uint32{6026, 6034, 6035, 6079, 6085}},
	{ErrInsufficientLiquidity, &lido, nil, []uint32{2, 23}},
	{ErrInsufficientLiquidity, &reserve, nil, []uint32{6008}},

	{ErrEpochRewards, &stakePool, []uint32{43}, nil},
	{ErrEpochRewards, &stake, []uint32{16}, nil},

	{ErrMissingSigner, &stakePool, nil, []uint32{7}},
	{ErrMissingSigner, &stake, nil, []uint32{7, 8}},
	{ErrMissingSigner, &flatSlab, nil, []uint32{4}},
	{ErrMissingSigner, &marinade, nil, []uint32{2002, 3010}},
	{ErrMissingSigner, &lido, nil, []uint32{3}},
	{ErrMissingSigner, &reserve, nil, []uint32{2002, 3010}},
	{ErrMissingSigner, &router, nil, []uint32{11}},
	{ErrMissingSigner, &interceptor, []uint32{13}, []uint32{0, 17}},

	{ErrNotInitialized, &token, nil, []uint32{9}},
	{ErrNotInitialized, &token2022, nil, []uint32{9}},
	{ErrNotInitialized, &marinade, nil, []uint32{3012}},
	{ErrNotInitialized, &reserve, nil, []uint32{3012}},

	{ErrBusy, &stakePool, []uint32{33}, nil},

	{nil, &stakePool, []uint32{12}, nil},
	{nil, &stake, []uint32{3, 5, 11, 13, 15}, nil},
	{nil, &system, []uint32{7, 8}, nil},
	{nil, &infinity, []uint32{8}, nil},
	{nil, &reserveV2, []uint32{8}, nil},
	{nil, &marinade, []uint32{6020, 6021, 6042, 6046, 6049, 6050, 6073}, nil},
	{nil, &lido, []uint32{28, 30, 37, 42, 43, 44, 53, 54, 55}, nil},
	{nil, &router, []uint32{17}, nil},
}

// runtimeOnly are the sentinels that only errors of the runtime match.
var runtimeOnly = []error{ErrBlockhashNotFound, ErrAlreadyProcessed, ErrComputeExceeded}

func allSentinels() []error {
	return []error{
		ErrSlippage, ErrStalePool, ErrInsufficientFunds, ErrOperationUnavailable,
		ErrProgramAmountTooSmall, ErrInsufficientLiquidity, ErrBlockhashNotFound,
		ErrAlreadyProcessed,
		ErrEpochRewards, ErrComputeExceeded, ErrMissingSigner, ErrNotInitialized, ErrBusy,
	}
}

// TestEntry_Sentinels compares the tables with sentinelCodes, and checks that
// every sentinel has a code.
func TestEntry_Sentinels(t *testing.T) {
	type key struct {
		program string
		code    uint32
	}

	type condition struct {
		sentinel  error
		retryable bool
	}

	want, got := map[key]condition{}, map[key]condition{}
	has := map[error]int{}
	for _, c := range sentinelCodes {
		for i, codes := range [][]uint32{c.again, c.never} {
			require.True(t, slices.IsSorted(codes))
			for _, code := range codes {
				k := key{c.program.name, code}
				require.NotContains(t, want, k)
				want[k] = condition{c.sentinel, i == 0}
				has[c.sentinel]++
			}
		}
	}

	for _, p := range programs {
		for code, e := range p.errors {
			if e.Sentinel != nil || e.Retryable {
				got[key{p.name, code}] = condition{e.Sentinel, e.Retryable}
			}
		}
	}

	require.Equal(t, want, got)
	for _, s := range allSentinels() {
		require.Equal(t, slices.Contains(runtimeOnly, s), has[s] == 0, s)
	}

	t.Logf("%d codes have a condition or are retryable: %v", len(want), has)
}

// TestEntry_SentinelsFollowNames checks that codes with similar names match the
// same sentinel, also in tables that are added later. The exceptions concern
// other things than the caller's amount, account or time.
func TestEntry_SentinelsFollowNames(t *testing.T) {
	for _, c := range []struct {
		names    string
		sentinel error
		except   []string
	}{
		{`(?i)slippage`, ErrSlippage, nil},
		{`(?i)(not|be)updated|outofdate|NotUpdatedInThis`, ErrStalePool, nil},
		{`InsufficientFunds|NegativeLamports|NotEnoughUserFunds|(^|Constraint)(Not)?RentExempt`,
			ErrInsufficientFunds, nil},
		{
			`(?i)liquidity|reserve$|TooLarge|Capped|InsufficientStake|HasNotEnough|NotEnoughFees|ReserveDepleted|^InvalidAmount$`,
			ErrInsufficientLiquidity,
			[]string{
				"IndexTooLarge",           // an index
				"LiquidityTargetTooLow",   // a setting
				"LiquidityToAddTooLittle", // too small
			},
		},
		{
			`TooSmall|TooLittle|TooLow$|ZeroValue|InsufficientDelegation`, ErrProgramAmountTooSmall,
			[]string{
				"MinStakeIsTooLow", "LiquidityTargetTooLow", "UpdateWindowIsTooLow", // settings
				"StakeAccountRemainderTooLow", // the amount is too large
				"SlumdogUnstakeTooSmall",      // depends on rent, not on the amount
			},
		},
		{
			`(?i)(paused|disabled|frozen|blocked|deprecated|lockup)`, ErrOperationUnavailable,
			[]string{
				"AlreadyPaused", "NotPaused", // raised for the pause authority
				"UnsupportedDeprecatedInstruction", // a guess
				"StakeAccountLockupNotRetrievable", // not a lockup
			},
		},
		{`(Signature|Signer)Missing|Missing\w*Signature|NotSigne(r|dByAdmin)$|ConstraintSigner|CustodianMissing`,
			ErrMissingSigner, nil},
		{`EpochReward`, ErrEpochRewards, nil},
		{`UninitializedState|AccountNotInitialized`, ErrNotInitialized, nil},
	} {
		t.Run(c.names, func(t *testing.T) {
			matching, unused := regexp.MustCompile(c.names), map[string]bool{}
			for _, name := range c.except {
				unused[name] = true
			}

			found := 0
			for _, p := range programs {
				for _, code := range slices.Sorted(maps.Keys(p.errors)) {
					e := p.errors[code]
					if !matching.MatchString(e.Name) {
						continue
					}

					if slices.Contains(c.except, e.Name) {
						require.NotEqual(t, c.sentinel, e.Sentinel, "%s %s is not an exception",
							p.name,
							e.Name)
						delete(unused, e.Name)
						continue
					}

					require.Equal(t, c.sentinel, e.Sentinel, "%s %d %s", p.name, code, e.Name)
					found++
				}
			}

			require.Positive(t, found)
			require.Empty(t, unused, "unused exceptions")
		})
	}
}

// TestProgramError_SentinelOfEveryCode checks the sentinel of every code, both
// proven by logs and assumed.
func TestProgramError_SentinelOfEveryCode(t *testing.T) {
	for _, p := range programs {
		for code, entry := range p.errors {
			logs := []string{
				fmt.Sprintf("Program %s invoke [1]", p.ids[0]),
				fmt.Sprintf("Program %s failed: custom program error: %#x", p.ids[0], code),
			}

			raw := fmt.Appendf(nil, `{"InstructionError":[0,{"Custom":%d}]}`, code)
			proven := Parse(raw, p.ids[:1], logs)
			require.False(t, proven.Program.Assumed)
			require.Equal(t, entry.Name, proven.Program.Name)
			assumed := Parse(raw, p.ids[:1], nil)
			require.True(t, assumed.Program.Assumed)
			require.Equal(t, entry.Unraised, assumed.Program.Name == "")
			for _, s := range allSentinels() {
				require.Equal(t, s == entry.Sentinel, errors.Is(proven, s), "%s %s", p.name,
					entry.Name)
				require.Equal(t, s == entry.Sentinel && !entry.Unraised, errors.Is(assumed, s),
					"%s %s", p.name, entry.Name)
			}

			require.Equal(t, entry.Retryable, proven.Retryable())
			require.Equal(t, entry.Retryable && !entry.Unraised, assumed.Retryable())
			require.Less(t, len(proven.Error()), 500)
		}
	}
}
