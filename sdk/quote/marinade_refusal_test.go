package quote_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// marinadeOperation asks Marinade for a quote.
type marinadeOperation func(quote.MarinadeState) (any, error)

func marinadeDeposit(n uint64) marinadeOperation {
	return func(m quote.MarinadeState) (any, error) { return m.Deposit(n) }
}

func marinadeDepositExactOut(n uint64) marinadeOperation {
	return func(m quote.MarinadeState) (any, error) { return m.DepositExactOut(n) }
}

func liquidUnstake(n uint64) marinadeOperation {
	return func(m quote.MarinadeState) (any, error) { return m.LiquidUnstake(n) }
}

func liquidUnstakeExactOut(n uint64) marinadeOperation {
	return func(m quote.MarinadeState) (any, error) { return m.LiquidUnstakeExactOut(n) }
}

func orderUnstake(n uint64) marinadeOperation {
	return func(m quote.MarinadeState) (any, error) { return m.OrderUnstake(n) }
}

func orderUnstakeExactOut(n uint64) marinadeOperation {
	return func(m quote.MarinadeState) (any, error) { return m.OrderUnstakeExactOut(n) }
}

func claim(change func(*accounts.MarinadeTicket)) marinadeOperation {
	return func(m quote.MarinadeState) (any, error) {
		ticket := accounts.MarinadeTicket{State: m.Address, Lamports: sol, CreatedEpoch: 700}
		change(&ticket)
		return m.Claim(&ticket, 1_503_360)
	}
}

func dueTicket(*accounts.MarinadeTicket) {}

func depositStakeOf(change func(*quote.StakeAccountState)) marinadeOperation {
	return func(m quote.MarinadeState) (any, error) {
		stake := marinadeStake()
		change(&stake)
		return m.DepositStakeAccount(stake, marinadeValidators(), marinadeOwner)
	}
}

func goodStake(*quote.StakeAccountState) {}

func withdrawFrom(msol uint64, change func(*quote.MarinadeStakeSource)) marinadeOperation {
	return func(m quote.MarinadeState) (any, error) {
		source := marinadeSource()
		change(&source)
		return m.WithdrawStakeAccount(msol, source)
	}
}

func goodSource(*quote.MarinadeStakeSource) {}

// marinadeRefusalCase is a case of [TestMarinadeState_Refusals].
type marinadeRefusalCase struct {
	name   string
	change func(*quote.MarinadeState)
	do     marinadeOperation
	want   error
}

// marinadeRefusalCases returns the cases of [TestMarinadeState_Refusals].
func marinadeRefusalCases() []marinadeRefusalCase {
	const ten = 10 * sol
	pause := func(m *quote.MarinadeState) { m.State.Paused = true }
	same := func(*quote.MarinadeState) {}
	overflow := func(m *quote.MarinadeState) { m.State.EmergencyCoolingDown = math.MaxUint64 }
	rewards := func(m *quote.MarinadeState) { m.EpochRewardsActive = true }
	overminted := func(m *quote.MarinadeState) { m.MintSupply = m.State.MSOLSupply + 1 }
	full := func(m *quote.MarinadeState) { m.StakeListSpace = 8 + 56*166 - 1 }
	delegation := func(change func(*accounts.Delegation)) func(*quote.StakeAccountState) {
		return func(s *quote.StakeAccountState) { change(&s.Account.Delegation) }
	}
	account := func(change func(*accounts.StakeAccount)) func(*quote.StakeAccountState) {
		return func(s *quote.StakeAccountState) { change(&s.Account) }
	}
	record := func(change func(*accounts.MarinadeStakeRecord)) func(*quote.MarinadeStakeSource) {
		return func(s *quote.MarinadeStakeSource) { change(&s.Record) }
	}
	const controlled = 4_578_928_761_554_965 + 34_088_096_648_831

	return []marinadeRefusalCase{
		{"deposit, paused", pause, marinadeDeposit(sol), quote.ErrDisabled},
		{"deposit exact out, paused", pause, marinadeDepositExactOut(sol), quote.ErrDisabled},
		{"deposit nothing", same, marinadeDeposit(0), quote.ErrZeroAmount},
		{"deposit for nothing", same, marinadeDepositExactOut(0), quote.ErrZeroAmount},
		{"deposit a lamport, worth no mSOL", same, marinadeDeposit(1), quote.ErrAmountTooSmall},
		{"deposit one below the least",
			func(m *quote.MarinadeState) { m.State.MinDeposit = sol + 1 }, marinadeDeposit(sol),
			quote.ErrAmountTooSmall},
		{
			"deposit one above the cap",
			func(m *quote.MarinadeState) { m.State.StakingSOLCap = controlled + sol - 1 },
			marinadeDeposit(sol), quote.ErrAmountTooLarge,
		},
		{"deposit with more mSOL than minted", overminted, marinadeDeposit(sol),
			quote.ErrInvalidState},
		{"deposit with counters that overflow", overflow, marinadeDeposit(sol),
			quote.ErrInvalidState},
		{"deposit everything there can be", same, marinadeDeposit(math.MaxUint64),
			quote.ErrAmountTooLarge},
		{"deposit for more mSOL than can be counted", func(m *quote.MarinadeState) {
			// An mSOL unit is worth 1/18 of a lamport: the lamports fit in 64
			// bits, the mSOL does not.
			m.State.ValidatorSystem.TotalActiveBalance = 1e18
			m.State.MSOLSupply = math.MaxUint64 - 10*sol
		}, marinadeDeposit(sol), quote.ErrAmountTooLarge},
		{"deposit for all mSOL there can be", same, marinadeDepositExactOut(math.MaxUint64),
			quote.ErrAmountTooLarge},
		{
			"deposit with a fee of more than all",
			func(m *quote.MarinadeState) {
				m.Version, m.State.DepositSOLFee = quote.MarinadeVersionUnknown, 1_000_001
			},
			marinadeDeposit(sol), quote.ErrInvalidState,
		},
		{
			"deposit exact out with a fee of all",
			func(m *quote.MarinadeState) {
				m.Version, m.State.DepositSOLFee = quote.MarinadeVersionUnknown, 1_000_000
			},
			marinadeDepositExactOut(sol), quote.ErrAmountTooLarge,
		},
		{
			"deposit exact out with a fee of more than all",
			func(m *quote.MarinadeState) {
				m.Version, m.State.DepositSOLFee = quote.MarinadeVersionUnknown, 1_000_001
			},
			marinadeDepositExactOut(sol), quote.ErrAmountTooLarge,
		},
		{
			"deposit into a reserve without rent",
			func(m *quote.MarinadeState) { m.ReserveLamports = 0 },
			marinadeDeposit(890_879), quote.ErrInsufficientReserve,
		},
		{"deposit with an unknown rent", func(m *quote.MarinadeState) { m.Rent.ThresholdBits = 5 },
			marinadeDeposit(sol), accounts.ErrUnknownRent},

		{"liquid unstake, paused", pause, liquidUnstake(ten), quote.ErrDisabled},
		{"liquid unstake exact out, paused", pause, liquidUnstakeExactOut(ten), quote.ErrDisabled},
		{"liquid unstake nothing", same, liquidUnstake(0), quote.ErrZeroAmount},
		{"liquid unstake for nothing", same, liquidUnstakeExactOut(0), quote.ErrZeroAmount},
		{
			"liquid unstake less than the least",
			func(m *quote.MarinadeState) { m.State.MinWithdraw = 12_349_906_814 },
			liquidUnstake(ten), quote.ErrAmountTooSmall,
		},
		{"liquid unstake for one more than there is", same, liquidUnstakeExactOut(12_000*sol + 1),
			quote.ErrInsufficientReserve},
		{
			"liquid unstake for a lamport, without any",
			func(m *quote.MarinadeState) { m.SOLLegLamports = 2_039_280 },
			liquidUnstakeExactOut(1), quote.ErrInsufficientReserve,
		},
		{"liquid unstake all mSOL there can be", same, liquidUnstake(math.MaxUint64),
			quote.ErrAmountTooLarge},
		{"liquid unstake for all SOL there can be", same, liquidUnstakeExactOut(math.MaxUint64),
			quote.ErrAmountTooLarge},
		{
			"liquid unstake with a fee that falls",
			func(m *quote.MarinadeState) { m.State.LiqPool.LPMinFee = 901 },
			liquidUnstake(ten), quote.ErrInvalidState,
		},
		{
			"liquid unstake exact out with a fee that falls",
			func(m *quote.MarinadeState) { m.State.LiqPool.LPMinFee = 901 },
			liquidUnstakeExactOut(ten), quote.ErrInvalidState,
		},
		{
			"liquid unstake with a fee of more than all",
			func(m *quote.MarinadeState) {
				m.State.LiqPool.LPMaxFee, m.State.LiqPool.LPMinFee = 10_001, 10_001
			},
			liquidUnstake(ten), quote.ErrInvalidState,
		},
		{
			"liquid unstake with a cut of more than all",
			func(m *quote.MarinadeState) { m.State.LiqPool.TreasuryCut = 10_001 },
			liquidUnstake(ten), quote.ErrInvalidState,
		},
		{
			"liquid unstake into a leg that overflows",
			func(m *quote.MarinadeState) { m.MSOLLegAmount = math.MaxUint64 },
			liquidUnstake(ten), quote.ErrAmountTooLarge,
		},
		{
			"liquid unstake that leaves less than rent",
			func(m *quote.MarinadeState) {
				m.State.RentExemptForTokenAcc, m.SOLLegLamports = 1, 12_000*sol
			},
			func(m quote.MarinadeState) (any, error) {
				return m.LiquidUnstakeExactOut(12_000*sol - 890_879)
			},
			quote.ErrInsufficientReserve,
		},

		{"order, paused", pause, orderUnstake(ten), quote.ErrDisabled},
		{"order exact out, paused", pause, orderUnstakeExactOut(ten), quote.ErrDisabled},
		{"order nothing", same, orderUnstake(0), quote.ErrZeroAmount},
		{"order for nothing", same, orderUnstakeExactOut(0), quote.ErrZeroAmount},
		{"order less than the least",
			func(m *quote.MarinadeState) { m.State.MinWithdraw = 12_847_089_165 },
			orderUnstake(ten), quote.ErrAmountTooSmall},
		{
			"order a ticket over nothing",
			func(m *quote.MarinadeState) {
				m.State.CirculatingTicketBalance, m.State.MinWithdraw = math.MaxUint64, 0
			},
			orderUnstake(ten), quote.ErrAmountTooSmall,
		},
		{"order with more mSOL than there is", same, orderUnstake(3_553_519_924_015_155),
			quote.ErrAmountTooLarge},
		{
			"order with more mSOL than Marinade counts",
			func(m *quote.MarinadeState) { m.MintSupply = math.MaxUint64 },
			orderUnstake(3_564_176_058_141_122), quote.ErrAmountTooLarge,
		},
		{"order for all SOL there can be", same, orderUnstakeExactOut(math.MaxUint64),
			quote.ErrAmountTooLarge},
		{
			"order with a fee of more than all",
			func(m *quote.MarinadeState) { m.State.DelayedUnstakeFee = 1_000_001 },
			orderUnstake(ten), quote.ErrInvalidState,
		},
		{"order with an unknown rent", func(m *quote.MarinadeState) { m.Rent.ThresholdBits = 5 },
			orderUnstake(ten), accounts.ErrUnknownRent},

		{"claim, paused", pause, claim(dueTicket), quote.ErrDisabled},
		{"claim another state's ticket", same,
			claim(func(t *accounts.MarinadeTicket) { t.State = key(1) }), quote.ErrInvalidState},
		{"claim a paid ticket", same, claim(func(t *accounts.MarinadeTicket) { t.Lamports = 0 }),
			quote.ErrZeroAmount},
		{"claim in the ticket's epoch", same,
			claim(func(t *accounts.MarinadeTicket) { t.CreatedEpoch = 772 }),
			quote.ErrTicketNotDue},
		{
			"claim a ticket without end", same,
			claim(func(t *accounts.MarinadeTicket) { t.CreatedEpoch = math.MaxUint64 }),
			quote.ErrInvalidState,
		},
		{
			"claim one more than the reserve has",
			func(m *quote.MarinadeState) { m.ReserveLamports = 2_039_280 + sol - 1 },
			claim(dueTicket), quote.ErrInsufficientReserve,
		},
		{
			"claim one more than is owed",
			func(m *quote.MarinadeState) { m.State.CirculatingTicketBalance = sol - 1 },
			claim(dueTicket), quote.ErrInvalidState,
		},
		{
			"claim when no ticket is out",
			func(m *quote.MarinadeState) { m.State.CirculatingTicketCount = 0 },
			claim(dueTicket), quote.ErrInvalidState,
		},
		{
			"claim one more than the reserve counts",
			func(m *quote.MarinadeState) { m.State.AvailableReserveBalance = sol - 1 },
			claim(dueTicket), quote.ErrInvalidState,
		},
		{
			"claim that leaves less than rent",
			func(m *quote.MarinadeState) {
				m.State.RentExemptForTokenAcc, m.ReserveLamports = 890_879, sol+890_879
			},
			claim(dueTicket), quote.ErrInsufficientReserve,
		},

		{"deposit stake, paused", pause, depositStakeOf(goodStake), quote.ErrDisabled},
		{"deposit stake with more mSOL than minted", overminted, depositStakeOf(goodStake),
			quote.ErrInvalidState},
		{"deposit stake while rewards are distributed", rewards, depositStakeOf(goodStake),
			quote.ErrEpochRewards},
		{"deposit stake into a full list", full, depositStakeOf(goodStake), quote.ErrDisabled},
		{
			"deposit stake one above the cap",
			func(m *quote.MarinadeState) { m.State.StakingSOLCap = controlled + 6_666_963_148_179 },
			depositStakeOf(goodStake), quote.ErrAmountTooLarge,
		},
		{"deposit stake for more mSOL than can be counted", func(m *quote.MarinadeState) {
			m.State.ValidatorSystem.TotalActiveBalance = 1e18
			m.State.MSOLSupply = math.MaxUint64 - 10*sol
		}, depositStakeOf(goodStake), quote.ErrAmountTooLarge},
		{"deposit more stake than the validator can have", same,
			func(m quote.MarinadeState) (any, error) {
				full := marinadeValidators()
				full.Validators[1].ActiveBalance = math.MaxUint64 - 6_666_963_148_179
				return m.DepositStakeAccount(marinadeStake(), full, marinadeOwner)
			}, quote.ErrAmountTooLarge},
		{
			"deposit stake worth no mSOL",
			func(m *quote.MarinadeState) { m.State.MSOLSupply, m.MintSupply = 1, 0 },
			depositStakeOf(goodStake), quote.ErrAmountTooSmall,
		},
		{
			"deposit stake with a fee of more than all",
			func(m *quote.MarinadeState) {
				m.Version, m.State.DepositStakeAccountFee = quote.MarinadeVersionUnknown, 1_000_001
			},
			depositStakeOf(goodStake), quote.ErrInvalidState,
		},
		{
			"deposit initialized stake", same,
			depositStakeOf(account(func(a *accounts.StakeAccount) {
				a.State = accounts.StakeInitialized
			})),
			quote.ErrStakeUndelegated,
		},
		{
			"deposit deactivating stake", same,
			depositStakeOf(delegation(func(d *accounts.Delegation) { d.DeactivationEpoch = 772 })),
			quote.ErrStakeDeactivating,
		},
		{
			"deposit stake of tomorrow", same,
			depositStakeOf(delegation(func(d *accounts.Delegation) { d.ActivationEpoch = 773 })),
			quote.ErrStakeActivating,
		},
		{
			"deposit one lamport less than the least",
			func(m *quote.MarinadeState) { m.State.StakeSystem.MinStake = 6_666_963_148_181 },
			depositStakeOf(goodStake), quote.ErrStakeTooSmall,
		},
		{"deposit stake and a lamport", same,
			depositStakeOf(func(s *quote.StakeAccountState) { s.Lamports++ }),
			quote.ErrStakeSurplus},
		{"deposit stake that lacks a lamport", same,
			depositStakeOf(func(s *quote.StakeAccountState) { s.Lamports-- }),
			quote.ErrStakeSurplus},
		{
			"deposit stake that cannot be", same,
			depositStakeOf(delegation(func(d *accounts.Delegation) { d.Stake = math.MaxUint64 })),
			quote.ErrStakeSurplus,
		},
		{
			"deposit stake locked up to an epoch", same,
			depositStakeOf(account(func(a *accounts.StakeAccount) { a.Lockup.Epoch = 773 })),
			quote.ErrStakeLocked,
		},
		{
			"deposit stake locked up to a time, by its custodian", same,
			depositStakeOf(account(func(a *accounts.StakeAccount) {
				a.Lockup = accounts.Lockup{UnixTimestamp: 1, Custodian: marinadeOwner}
			})),
			quote.ErrStakeLocked,
		},
		{
			"deposit stake of another owner", same,
			depositStakeOf(account(func(a *accounts.StakeAccount) { a.Withdrawer = key(3) })),
			quote.ErrStakeOwner,
		},
		{"deposit stake that Marinade stakes", same,
			depositStakeOf(account(func(a *accounts.StakeAccount) {
				a.Staker = marinadeStaker
			})), quote.ErrStakeMarinades},
		{"deposit stake of Marinade", same, depositStakeOf(account(func(a *accounts.StakeAccount) {
			a.Withdrawer = marinadeWithdrawer
		})), quote.ErrStakeMarinades},
		{
			"deposit stake of a stranger's validator", same,
			depositStakeOf(delegation(func(d *accounts.Delegation) { d.Voter = key(4) })),
			quote.ErrValidator,
		},

		{"withdraw stake, paused", pause, withdrawFrom(ten, goodSource), quote.ErrDisabled},
		{
			"withdraw stake, not enabled",
			func(m *quote.MarinadeState) { m.State.WithdrawStakeAccountEnabled = false },
			withdrawFrom(ten, goodSource), quote.ErrDisabled,
		},
		{"withdraw stake while rewards are distributed", rewards, withdrawFrom(ten, goodSource),
			quote.ErrEpochRewards},
		{"withdraw no stake", same, withdrawFrom(0, goodSource), quote.ErrZeroAmount},
		{"withdraw stake for more mSOL than there is", same,
			withdrawFrom(3_600_000*sol, goodSource), quote.ErrAmountTooLarge},
		{
			"withdraw stake for more mSOL than there is to burn",
			func(m *quote.MarinadeState) { m.MintSupply = 9_984_999_999 },
			withdrawFrom(ten, goodSource), quote.ErrAmountTooLarge,
		},
		{
			"withdraw stake worth less than the least",
			func(m *quote.MarinadeState) { m.State.MinWithdraw = 12_847_089_165 },
			withdrawFrom(ten, goodSource), quote.ErrAmountTooSmall,
		},
		{
			"withdraw one lamport less than the least stake",
			func(m *quote.MarinadeState) { m.State.StakeSystem.MinStake = 12_827_818_532 },
			withdrawFrom(ten, goodSource), quote.ErrAmountTooSmall,
		},
		{
			"withdraw one lamport less than can be delegated",
			func(m *quote.MarinadeState) { m.MinimumDelegation = 12_827_818_532 },
			withdrawFrom(ten, goodSource), quote.ErrBelowMinimumDelegation,
		},
		{
			"withdraw stake with a fee of more than all",
			func(m *quote.MarinadeState) { m.State.WithdrawStakeAccountFee = 1_000_001 },
			withdrawFrom(ten, goodSource), quote.ErrInvalidState,
		},
		{
			"withdraw stake with an unknown rent",
			func(m *quote.MarinadeState) { m.Rent.ThresholdBits = 5 },
			withdrawFrom(ten, goodSource), accounts.ErrUnknownRent,
		},
		{
			"withdraw stake that is pulled", same,
			withdrawFrom(ten,
				record(func(r *accounts.MarinadeStakeRecord) { r.IsEmergencyUnstaking = 1 })),
			quote.ErrValidator,
		},
		{"withdraw stake that was found deactivating", same,
			withdrawFrom(ten, record(func(r *accounts.MarinadeStakeRecord) {
				r.LastUpdateStatus = accounts.MarinadeStakeDeactivating
			})), quote.ErrValidator},
		{"withdraw stake and leave too little", same,
			withdrawFrom(ten, record(func(r *accounts.MarinadeStakeRecord) {
				r.LastUpdateDelegatedLamports = 13_827_818_530
			})), quote.ErrValidator},
		{
			"withdraw stake and leave less than Marinade's least",
			func(m *quote.MarinadeState) { m.MinimumDelegation = 1 },
			withdrawFrom(ten,
				record(func(r *accounts.MarinadeStakeRecord) {
					r.LastUpdateDelegatedLamports = 13_827_818_530
				})),
			quote.ErrValidator,
		},
		{
			"withdraw stake and leave less than can be delegated",
			func(m *quote.MarinadeState) { m.State.StakeSystem.MinStake = 1 },
			withdrawFrom(ten,
				record(func(r *accounts.MarinadeStakeRecord) {
					r.LastUpdateDelegatedLamports = 13_827_818_530
				})),
			quote.ErrValidator,
		},
		{
			"withdraw more than the stake", same,
			withdrawFrom(ten,
				record(func(r *accounts.MarinadeStakeRecord) {
					r.LastUpdateDelegatedLamports = sol
				})),
			quote.ErrValidator,
		},
		{
			"withdraw stake that is not as recorded", same,
			withdrawFrom(ten,
				func(s *quote.MarinadeStakeSource) { s.Stake.Account.Delegation.Stake++ }),
			quote.ErrStalePool,
		},
		{
			"withdraw deactivated stake", same,
			withdrawFrom(ten,
				func(s *quote.MarinadeStakeSource) {
					s.Stake.Account.Delegation.DeactivationEpoch = 700
				}),
			quote.ErrValidator,
		},
		{
			"withdraw from an account without stake", same,
			withdrawFrom(ten,
				func(s *quote.MarinadeStakeSource) {
					s.Stake.Account.State = accounts.StakeInitialized
				}),
			quote.ErrValidator,
		},
		{
			"withdraw stake of another validator", same,
			withdrawFrom(ten,
				func(s *quote.MarinadeStakeSource) { s.Validator.VoteAccount = key(4) }),
			quote.ErrValidator,
		},
		{
			"withdraw more than the validator has", same,
			withdrawFrom(ten,
				func(s *quote.MarinadeStakeSource) { s.Validator.ActiveBalance = sol }),
			quote.ErrInvalidState,
		},
		{"withdraw more than Marinade counts", func(m *quote.MarinadeState) {
			// The value is then paid from the reserve.
			m.State.AvailableReserveBalance += m.State.ValidatorSystem.TotalActiveBalance
			m.State.ValidatorSystem.TotalActiveBalance = sol
		}, withdrawFrom(ten, goodSource), quote.ErrAmountTooLarge},
		{
			"withdraw stake exact out, paused", pause,
			func(m quote.MarinadeState) (any, error) {
				return m.WithdrawStakeAccountExactOut(sol, marinadeSource())
			},
			quote.ErrDisabled,
		},
		{
			"withdraw no stake exact out", same,
			func(m quote.MarinadeState) (any, error) {
				return m.WithdrawStakeAccountExactOut(0, marinadeSource())
			},
			quote.ErrZeroAmount,
		},

		{"price of counters that overflow", overflow,
			func(m quote.MarinadeState) (any, error) { return m.Price() }, quote.ErrInvalidState},
		{"time of a ticket without end", same, func(m quote.MarinadeState) (any, error) {
			_, _, err := m.ClaimableAt(&accounts.MarinadeTicket{CreatedEpoch: math.MaxUint64})
			return uint64(0), err
		}, quote.ErrInvalidState},
	}
}

// TestMarinadeState_Refusals checks every reason for which there is no quote.
func TestMarinadeState_Refusals(t *testing.T) {
	for _, test := range marinadeRefusalCases() {
		t.Run(test.name, func(t *testing.T) {
			m := marinade()
			test.change(&m)
			got, err := test.do(m)
			requireRefusal(t, err, test.want, m.Address)
			require.Zero(t, got)
			if errors.Is(err, quote.ErrInvalidState) {
				require.NotErrorIs(t, err, quote.ErrAmountTooLarge, "no other amount is sufficient")
			}
		})
	}
}

// TestMarinadeState_StakeErrors checks that the reasons of refused stake
// accounts differ, and that all match the error of other pools.
func TestMarinadeState_StakeErrors(t *testing.T) {
	all := []error{
		quote.ErrStakeUndelegated, quote.ErrStakeDeactivating, quote.ErrStakeActivating,
		quote.ErrStakeTooSmall, quote.ErrStakeSurplus,
		quote.ErrStakeLocked, quote.ErrStakeOwner, quote.ErrStakeMarinades,
	}

	for i, err := range all {
		require.ErrorIs(t, err, quote.ErrStakeAccount)
		for j, other := range all {
			if i != j {
				require.NotErrorIs(t, err, other)
			}
		}
	}

	_, err := depositStakeOf(func(s *quote.StakeAccountState) { s.Lamports += 17 })(marinade())
	require.ErrorContains(t, err, "17 lamports too many")
	_, err = depositStakeOf(func(s *quote.StakeAccountState) { s.Lamports -= 17 })(marinade())
	require.ErrorContains(t, err, "17 lamports are missing")
	worthless := marinade()
	worthless.State.CirculatingTicketBalance, worthless.State.MinWithdraw = math.MaxUint64, 0
	_, err = worthless.OrderUnstake(sol)
	require.ErrorContains(t, err, "the payout is 0 lamports, Marinade pays at least 1")
}

// marinadeAcceptedCase is a case of [TestMarinadeState_Accepted].
type marinadeAcceptedCase struct {
	name   string
	change func(*quote.MarinadeState)
	do     marinadeOperation
}

// marinadeAcceptedCases returns the cases of [TestMarinadeState_Accepted].
func marinadeAcceptedCases() []marinadeAcceptedCase {
	const controlled = 4_578_928_761_554_965 + 34_088_096_648_831
	same := func(*quote.MarinadeState) {}

	return []marinadeAcceptedCase{
		{"deposit the least", func(m *quote.MarinadeState) { m.State.MinDeposit = sol },
			marinadeDeposit(sol)},
		{"deposit two lamports, worth a unit", same, marinadeDeposit(2)},
		{"deposit up to the cap",
			func(m *quote.MarinadeState) { m.State.StakingSOLCap = controlled + sol },
			marinadeDeposit(sol)},
		{"deposit above the cap what the leg serves",
			func(m *quote.MarinadeState) { m.State.StakingSOLCap, m.MSOLLegAmount = 0, sol },
			marinadeDeposit(sol)},
		{"deposit into a new reserve", func(m *quote.MarinadeState) { m.ReserveLamports = 0 },
			marinadeDeposit(890_880)},
		{"deposit while rewards are distributed",
			func(m *quote.MarinadeState) { m.EpochRewardsActive = true }, marinadeDeposit(sol)},
		{"all there is", same, liquidUnstakeExactOut(12_000 * sol)},
		{"liquid unstake at the same fee whatever is left",
			func(m *quote.MarinadeState) { m.State.LiqPool.LPMinFee = 900 },
			liquidUnstake(10 * sol)},
		{"liquid unstake with the whole fee for the treasury",
			func(m *quote.MarinadeState) { m.State.LiqPool.TreasuryCut = 10_000 },
			liquidUnstake(10 * sol)},
		{"order all mSOL", same, orderUnstake(3_553_519_924_015_154)},
		{"claim all there is", func(m *quote.MarinadeState) { m.ReserveLamports = 2_039_280 + sol },
			claim(dueTicket)},
		{"claim all that is counted", func(m *quote.MarinadeState) {
			m.State.CirculatingTicketBalance = sol
			m.State.CirculatingTicketCount = 1
			m.State.AvailableReserveBalance = sol
		}, claim(dueTicket)},
		{"deposit the last stake of the list",
			func(m *quote.MarinadeState) { m.StakeListSpace = 8 + 56*166 },
			depositStakeOf(goodStake)},
		{"deposit the least stake",
			func(m *quote.MarinadeState) { m.State.StakeSystem.MinStake = 6_666_963_148_180 },
			depositStakeOf(goodStake)},
		{"deposit stake up to the cap",
			func(m *quote.MarinadeState) { m.State.StakingSOLCap = controlled + 6_666_963_148_180 },
			depositStakeOf(goodStake)},
		{"deposit stake of today", same,
			depositStakeOf(func(s *quote.StakeAccountState) {
				s.Account.Delegation.ActivationEpoch = 772
			})},
		{"deposit stake whose lockup is over",
			func(m *quote.MarinadeState) { m.Clock.UnixTimestamp = 5 },
			depositStakeOf(func(s *quote.StakeAccountState) {
				s.Account.Lockup = accounts.Lockup{Epoch: 772, UnixTimestamp: 5, Custodian: key(1)}
			})},
		{"deposit stake with another's rent", same,
			depositStakeOf(func(s *quote.StakeAccountState) {
				s.Lamports += 5
				s.Account.RentExemptReserve += 5
			})},
		{"deposit stake of another staker", same,
			depositStakeOf(func(s *quote.StakeAccountState) { s.Account.Staker = key(1) })},
		{"withdraw stake and leave the least", same,
			withdrawFrom(10*sol, func(s *quote.MarinadeStakeSource) {
				s.Record.LastUpdateDelegatedLamports = 13_827_818_531
				s.Stake.Account.Delegation.Stake = 13_827_818_531
			})},
		{"withdraw stake that was not updated in this epoch", same,
			withdrawFrom(10*sol,
				func(s *quote.MarinadeStakeSource) { s.Record.LastUpdateEpoch = 5 })},
		{"withdraw exactly the minimum delegation",
			func(m *quote.MarinadeState) { m.MinimumDelegation = 12_827_818_531 },
			withdrawFrom(10*sol, goodSource)},
		{"withdraw all that is left to burn",
			func(m *quote.MarinadeState) { m.MintSupply = 9_985_000_000 },
			withdrawFrom(10*sol, goodSource)},
		{"withdraw all that the validator has", same,
			withdrawFrom(10*sol,
				func(s *quote.MarinadeStakeSource) { s.Validator.ActiveBalance = 12_827_818_531 })},
		{"withdraw the least stake",
			func(m *quote.MarinadeState) { m.State.StakeSystem.MinStake = 12_827_818_531 },
			withdrawFrom(10*sol, goodSource)},
	}
}

// TestMarinadeState_Accepted checks inputs at the limits that are not refused.
func TestMarinadeState_Accepted(t *testing.T) {
	for _, test := range marinadeAcceptedCases() {
		t.Run(test.name, func(t *testing.T) {
			m := marinade()
			test.change(&m)
			_, err := test.do(m)
			require.NoError(t, err)
		})
	}
}

// TestMarinadeState_Overflow checks the errors of values that do not fit.
func TestMarinadeState_Overflow(t *testing.T) {
	m := marinade()
	_, err := m.OrderUnstake(math.MaxUint64)
	require.ErrorIs(t, err, fixed.ErrOverflow)
	require.ErrorIs(t, err, quote.ErrAmountTooLarge)
}
