package quote_test

import (
	"errors"
	"fmt"
	"log"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// exampleMarinade returns Marinade in epoch 797, with 12,000 SOL in its
// liquidity pool. Real programs decode the state from its account.
func exampleMarinade() quote.MarinadeState {
	m := quote.MarinadeState{
		Program: accounts.MarinadeProgram,
		Address: accounts.MarinadeStateAddress,
		State: accounts.MarinadeState{
			MSOLMint:                    accounts.MSOLMint,
			RentExemptForTokenAcc:       2_039_280,
			AvailableReserveBalance:     1_079_913_216_896_623,
			EmergencyCoolingDown:        272_852_434_502_954,
			MSOLSupply:                  3_708_024_471_418_784,
			CirculatingTicketCount:      1085,
			CirculatingTicketBalance:    757_853_719_175_662,
			MinDeposit:                  1,
			MinWithdraw:                 1,
			StakingSOLCap:               math.MaxUint64,
			DelayedUnstakeFee:           1000,
			WithdrawStakeAccountFee:     1000,
			WithdrawStakeAccountEnabled: true,
		},
		Clock:             accounts.Clock{Epoch: 797},
		Rent:              accounts.NewRent(6960),
		SOLLegLamports:    12_000*1_000_000_000 + 2_039_280,
		ReserveLamports:   1_079_913_216_896_623 + 2_039_280,
		MintSupply:        3_708_024_471_418_784,
		TreasuryUsable:    true,
		MinimumDelegation: 1_000_000_000,
		Version:           quote.MarinadeVersion20,
	}

	m.State.ValidatorSystem.TotalActiveBalance = 4_220_827_648_758_128
	m.State.StakeSystem.MinStake = 1_000_000_000
	m.State.LiqPool = accounts.MarinadeLiqPool{
		LPLiquidityTarget: 21_000_000_000_000,
		LPMaxFee:          900,
		LPMinFee:          1,
		TreasuryCut:       5000,
	}

	return m
}

func ExampleMarinadeState_Deposit() {
	deposit, err := exampleMarinade().Deposit(1_000_000_000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("mSOL:", lst.FormatAmount(deposit.MSOL, 9))
	fmt.Println("lamports to the reserve:", deposit.ToReserve)
	// Output:
	// mSOL: 0.769980271
	// lamports to the reserve: 1000000000
}

// Immediate unstaking pays the fee of the liquidity pool. Delayed unstaking,
// which pays in the next epoch, costs less.
func ExampleMarinadeState_LiquidUnstake() {
	m := exampleMarinade()
	const msol = 10_000_000_000
	now, err := m.LiquidUnstake(msol)
	if err != nil {
		log.Fatal(err)
	}

	order, err := m.OrderUnstake(msol)
	if err != nil {
		log.Fatal(err)
	}

	ticket := &accounts.MarinadeTicket{State: m.Address, Lamports: order.Lamports,
		CreatedEpoch: order.CreatedEpoch}
	due, seconds, err := m.ClaimableAt(ticket)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Printf("now: %s SOL, at %d basis points\n", lst.FormatAmount(now.Lamports, 9), now.FeeBps)
	fmt.Printf("from second %d of epoch %d: %s SOL\n", seconds, due,
		lst.FormatAmount(order.Lamports, 9))
	_, err = m.Claim(ticket, order.Rent)
	fmt.Println("too early:", errors.Is(err, quote.ErrTicketNotDue))
	// Output:
	// now: 12.484735456 SOL, at 387 basis points
	// from second 1800 of epoch 798: 12.974358391 SOL
	// too early: true
}

// Marinade accepts stake accounts that are delegated to one of its validators
// and hold only the stake and the rent.
func ExampleMarinadeState_DepositStakeAccount() {
	owner, vote := solana.PublicKey{1}, solana.PublicKey{2}
	stake := quote.StakeAccountState{
		Lamports: 5_002_282_880,
		Account: accounts.StakeAccount{
			State:             accounts.StakeDelegated,
			RentExemptReserve: 2_282_880,
			Staker:            owner,
			Withdrawer:        owner,
			Delegation: accounts.Delegation{
				Voter:             vote,
				Stake:             5_000_000_000,
				ActivationEpoch:   700,
				DeactivationEpoch: accounts.NeverEpoch,
			},
		},
	}

	validators := &accounts.MarinadeValidatorList{
		Validators: []accounts.MarinadeValidatorRecord{{VoteAccount: vote}},
	}
	deposit, err := exampleMarinade().DepositStakeAccount(stake, validators, owner)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("mSOL:", lst.FormatAmount(deposit.MSOL, 9))
	fmt.Println("lamports that count for nothing:", deposit.Kept)

	stake.Lamports += 1_000_000
	_, err = exampleMarinade().DepositStakeAccount(stake, validators, owner)
	fmt.Println("tips in it:", errors.Is(err, quote.ErrStakeSurplus))
	// Output:
	// mSOL: 3.849901358
	// lamports that count for nothing: 2282880
	// tips in it: true
}
