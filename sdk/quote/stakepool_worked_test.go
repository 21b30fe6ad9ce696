package quote_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// stakePoolWorkedCase is a case of [TestStakePoolState_Worked].
type stakePoolWorkedCase struct {
	name string
	pool func() quote.StakePoolState
	ask  operation
	want any
}

// stakePoolWorkedCases returns the cases of [TestStakePoolState_Worked].
func stakePoolWorkedCases() []stakePoolWorkedCase {
	byOldBuild := func() quote.StakePoolState {
		s := pico()
		s.Rounding = quote.FeesRoundDown
		return s
	}

	withReferral := func() quote.StakePoolState {
		s := pico()
		s.State.StakeReferralFee = 50
		return s
	}

	return []stakePoolWorkedCase{
		{
			"deposit of 1 SOL, executed", pico, depositSOL(sol),
			quote.SOLDeposit{Lamports: sol, Tokens: 749_844_220, ManagerFee: 149_999, Exact: true},
		},
		{
			"the same, executed by the build of June 2025, which rounds fees down", byOldBuild,
			depositSOL(sol),
			quote.SOLDeposit{Lamports: sol, Tokens: 749_844_221, ManagerFee: 149_998, Exact: true},
		},
		{
			"deposit whose fee is a thousandth of a token unit, executed", pico, depositSOL(7),
			quote.SOLDeposit{Lamports: 7, Tokens: 4, ManagerFee: 1, Exact: true},
		},
		{
			"deposit of 1.234567891 SOL, executed", pico, depositSOL(1_234_567_891),
			quote.SOLDeposit{
				Lamports:   1_234_567_891,
				Tokens:     925_733_597,
				ManagerFee: 185_184,
				Exact:      true,
			},
		},
		{
			"deposit whose whole fee is for the referrer, executed", bsol, depositSOL(sol),
			quote.SOLDeposit{Lamports: sol, Tokens: 816_075_981, ReferralFee: 653_384, Exact: true},
		},
		{
			"deposit of 100 SOL of stake with its rent, executed", pico,
			depositStake(100*sol, stakeRent),
			quote.StakeDeposit{
				Staked:     100 * sol,
				Unstaked:   stakeRent,
				Tokens:     74_993_633_765,
				ManagerFee: 7_500_286,
				Exact:      true,
			},
		},
		{
			"the same with 123,456 lamports more, executed", pico,
			depositStake(100*sol, stakeRent+123_456),
			quote.StakeDeposit{
				Staked:     100 * sol,
				Unstaked:   stakeRent + 123_456,
				Tokens:     74_993_726_338,
				ManagerFee: 7_500_304,
				Exact:      true,
			},
		},
		{
			"the same with half of the fee for the referrer, executed", withReferral,
			depositStake(100*sol, stakeRent),
			quote.StakeDeposit{
				Staked:      100 * sol,
				Unstaked:    stakeRent,
				Tokens:      74_993_633_765,
				ReferralFee: 3_750_143,
				ManagerFee:  3_750_143,
				Exact:       true,
			},
		},
		{
			"deposit of 50 SOL of stake, executed", bsol, depositStake(50*sol, stakeRent),
			quote.StakeDeposit{
				Staked:     50 * sol,
				Unstaked:   stakeRent,
				Tokens:     40_797_494_808,
				ManagerFee: 40_837_961,
				Exact:      true,
			},
		},
		{
			"withdrawal of stake for 10 tokens, executed", pico, withdrawStake(10*sol, picoStake()),
			quote.StakeWithdrawal{
				Tokens:     10 * sol,
				Lamports:   13_320_102_670,
				ManagerFee: 10_000_000,
				Vote:       key(1),
				Exact:      true,
			},
		},
		{
			"withdrawal of stake for 100 tokens, executed", bsol,
			withdrawStake(100*sol, bsolStake()),
			quote.StakeWithdrawal{
				Tokens:     100 * sol,
				Lamports:   122_317_139_827,
				ManagerFee: 100_000_000,
				Vote:       key(1),
				Exact:      true,
			},
		},
		{
			"withdrawal of stake for 1 token, by hand", jupsol, withdrawStake(sol, picoStake()),
			quote.StakeWithdrawal{
				Tokens:     sol,
				Lamports:   1_113_306_651,
				ManagerFee: 1_000_000,
				Vote:       key(1),
				Exact:      true,
			},
		},
		{
			"withdrawal of SOL for a thousandth of a token, executed", pico, withdrawSOL(1_000_000),
			quote.SOLWithdrawal{
				Tokens:     1_000_000,
				Lamports:   1_332_010,
				ManagerFee: 1000,
				Exact:      true,
			},
		},
		{
			"withdrawal of SOL for 1 token, executed", bsol, withdrawSOL(sol),
			quote.SOLWithdrawal{
				Tokens:     sol,
				Lamports:   1_223_171_398,
				ManagerFee: 1_000_000,
				Exact:      true,
			},
		},
		{
			"fewest tokens for 1 SOL of stake, by hand", pico,
			withdrawStakeExactOut(sol, picoStake()),
			quote.StakeWithdrawal{
				Tokens:     750_744_965,
				Lamports:   1_000_000_001,
				ManagerFee: 750_745,
				Vote:       key(1),
				Exact:      true,
			},
		},
		{
			"one token unit fewer misses the target, by hand", pico,
			withdrawStake(750_744_964, picoStake()),
			quote.StakeWithdrawal{
				Tokens:     750_744_964,
				Lamports:   999_999_999,
				ManagerFee: 750_745,
				Vote:       key(1),
				Exact:      true,
			},
		},
		{
			"nearly all stake of the validator, executed", pico,
			withdrawStake(750_740_000_000, picoStake()),
			quote.StakeWithdrawal{
				Tokens:     750_740_000_000,
				Lamports:   999_993_387_888,
				ManagerFee: 750_740_000,
				Vote:       key(1),
				Exact:      true,
			},
		},
	}
}

// TestStakePoolState_Worked checks cases that the deployed program executed, or
// that follow from its source, with dumps of picoSOL (June 2025, edited by its
// authors), bSOL (epoch 802) and jupSOL. Cases marked "executed" ran in the
// program of October 2025, unless stated otherwise.
func TestStakePoolState_Worked(t *testing.T) {
	for _, test := range stakePoolWorkedCases() {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.ask(test.pool())
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

// TestStakePoolState_WorkedRefusals checks cases that the deployed program
// refused, with the same pool.
func TestStakePoolState_WorkedRefusals(t *testing.T) {
	for _, test := range []struct {
		name              string
		minimumDelegation uint64
		ask               operation
		want              error
	}{
		{"deposit of which the fee leaves nothing, program error 29", 1, depositSOL(2),
			quote.ErrAmountTooSmall},
		{
			"932,407,186 lamports of stake while 1 SOL is the least, stake program error 12", sol,
			withdrawStake(700_000_000, picoStake()),
			quote.ErrBelowMinimumDelegation,
		},
		{"nearly all stake while 1 SOL must stay, program error 23", sol,
			withdrawStake(750_740_000_000, picoStake()), quote.ErrValidator},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := pico()
			s.MinimumDelegation = test.minimumDelegation
			_, err := test.ask(s)
			requireRefusal(t, err, test.want, s.Address)
		})
	}
}

// TestStakePoolState_FirstDeposit checks that a pool without lamports or
// without tokens mints one token unit per lamport and pays nothing.
func TestStakePoolState_FirstDeposit(t *testing.T) {
	for _, counters := range [][2]uint64{{0, 0}, {5, 0}, {0, 5}} {
		s := plain()
		s.State.TotalLamports, s.State.PoolTokenSupply = counters[0], counters[1]
		s.State.SOLDepositFee = accounts.Fee{Numerator: 1, Denominator: 1000}
		want := quote.SOLDeposit{Lamports: 10_010, Tokens: 9999, ManagerFee: 11, Exact: true}
		got, err := s.DepositSOL(10_010)
		require.NoError(t, err)
		require.Equal(t, want, got)
		got, err = s.DepositSOLExactOut(9999)
		require.NoError(t, err)
		require.Equal(t, want.Tokens, got.Tokens)
		require.LessOrEqual(t, got.Lamports, want.Lamports)
		_, err = s.WithdrawSOLExactOut(1)
		requireRefusal(t, err, quote.ErrAmountTooLarge, s.Address)
	}
}

func TestStakePoolFeeRounding_KnownBuilds(t *testing.T) {
	// SHA-256 of the dumped builds without trailing zeros, and the rounding of
	// each when executed.
	for hash, want := range map[string]quote.FeeRounding{
		"3a9383372a36d55816d6f47a5707ec8abc8c099dea9f9dd7636b96a9eeaf5169": quote.FeesRoundUp,
		"68e9ad8a6fb9b812dcf62af728a6ae06df7744831c66196997a183c98c082733": quote.FeesRoundUp,
		"ef6cacb43ad5a4853f37c1254eb5ff9983bfdb77dfa9452a9dde375c5d762a37": quote.FeesRoundDown,
		"ed4698ae324150be401830cd302ed46824a3d630f7561f5d6d0d0f8bab286bcc": quote.FeesUnknown,
		"": quote.FeesUnknown,
	} {
		require.Equal(t, want, quote.StakePoolFeeRounding(hash), hash)
	}
}
