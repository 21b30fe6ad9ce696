package quote_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// examplePool returns the bSOL pool in epoch 802. Real programs decode the
// state from its account.
func examplePool() quote.StakePoolState {
	return quote.StakePoolState{
		Program: accounts.StakePoolProgram,
		Address: solana.MPK("stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi"),
		State: accounts.StakePool{
			TotalLamports:            1_144_546_482_246_437,
			PoolTokenSupply:          934_784_722_219_576,
			LastUpdateEpoch:          802,
			LastEpochTotalLamports:   1_143_765_949_243_349,
			LastEpochPoolTokenSupply: 934_507_756_460_400,
			SOLDepositFee:            accounts.Fee{Numerator: 8, Denominator: 10_000},
			SOLReferralFee:           100,
			SOLWithdrawalFee:         accounts.Fee{Numerator: 10, Denominator: 10_000},
		},
		Clock:             accounts.Clock{Epoch: 802},
		Rent:              accounts.NewRent(6960),
		MinimumDelegation: 1_000_000_000,
		Reserve: accounts.StakeAccount{State: accounts.StakeInitialized,
			RentExemptReserve: 2_282_880},
		ReserveLamports:  4_913_030_628_404,
		FeeAccountUsable: true,
		Rounding:         quote.FeesRoundUp,
	}
}

func ExampleStakePoolState_DepositSOL() {
	deposit, err := examplePool().DepositSOL(1_000_000_000)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("tokens:", deposit.Tokens)
	fmt.Println("fee to the referrer:", deposit.ReferralFee)
	fmt.Println("fee to the manager:", deposit.ManagerFee)
	fmt.Println("exact:", deposit.Exact)
	// Output:
	// tokens: 816075981
	// fee to the referrer: 653384
	// fee to the manager: 0
	// exact: true
}

func ExampleStakePoolState_WithdrawSOL() {
	pool := examplePool()
	withdrawal, err := pool.WithdrawSOL(1_000_000_000)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("lamports:", withdrawal.Lamports)

	_, err = pool.WithdrawSOL(5_000_000_000_000)
	fmt.Println(errors.Is(err, quote.ErrInsufficientReserve))
	fmt.Println(quote.ErrInsufficientReserve)
	// Output:
	// lamports: 1223171398
	// true
	// reserve too small (trade less, or use another route)
}

func ExampleStakePoolState_WithdrawSOLExactOut() {
	withdrawal, err := examplePool().WithdrawSOLExactOut(1_000_000_000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(withdrawal.Tokens, "tokens for", withdrawal.Lamports, "lamports")
	// Output: 817546913 tokens for 1000000000 lamports
}

func ExampleStakePoolState_Prepare() {
	pool := examplePool()
	prices := pool.Prepare() // for many prices of the same state

	var refusal quote.Refusal
	for _, lamports := range []uint64{1_000_000_000, 2_000_000_000, 0} {
		deposit, ok := prices.DepositSOL(lamports, &refusal)
		if !ok {
			fmt.Println(errors.Is(refusal.Err(), quote.ErrZeroAmount))
			continue
		}

		fmt.Println(lamports, "lamports:", deposit.Tokens, "tokens")
	}
	// Output:
	// 1000000000 lamports: 816075981 tokens
	// 2000000000 lamports: 1632151963 tokens
	// true
}

func ExampleStakePoolState_EpochGrowth() {
	pool := examplePool()
	growth, err := pool.EpochGrowth()
	if err != nil {
		log.Fatal(err)
	}

	schedule := accounts.EpochSchedule{SlotsPerEpoch: 432_000}
	clock := accounts.Clock{
		Epoch:               802,
		Slot:                802*432_000 + 216_000,
		EpochStartTimestamp: 1_749_900_000,
		UnixTimestamp:       1_749_986_400,
	}

	slot := quote.ClockSlotTime(clock, schedule)
	year := quote.EpochsPerYear(slot, schedule)
	fmt.Println("price:", pool.Price())
	fmt.Println("growth of the epoch:", growth.FloatString(6))
	fmt.Println("slot time:", slot)
	fmt.Println("epochs per year:", year.FloatString(1))
	fmt.Println("APY:", quote.APY(growth, year).FloatString(4))
	// Output:
	// price: 1.224395794
	// growth of the epoch: 0.000386
	// slot time: 400.0 ms by the Clock sysvar
	// epochs per year: 182.6
	// APY: 0.0730
}
