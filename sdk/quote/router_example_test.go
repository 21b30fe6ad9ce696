package quote_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/sanctum-go/sanctum/sdk/quote"
)

func ExampleStakeDeposit_RouterDepositStake() {
	pool := bsol()
	withdrawn := quote.StakeWithdrawal{Lamports: 11_845_860_920}
	// The rent in the bridge stake account counts as SOL.
	deposit, err := pool.DepositStake(withdrawn.Lamports, 2_282_880)
	if err != nil {
		log.Fatal(err)
	}

	payout, err := deposit.RouterDepositStake()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("the Router receives:", payout.Received)
	fmt.Println("and keeps:", payout.Fee)
	fmt.Println("the user receives:", payout.Out)
	// Output:
	// the Router receives: 9667050613
	// and keeps: 9667050
	// the user receives: 9657383563
}

func ExamplePrefund_Quote() {
	prefund := quote.Prefund{Reserve: mainReserve(), MinimumDelegation: 1_000_000_000,
		Prefunder: 10_000_002}
	stake, err := prefund.Quote(11_845_860_920)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("split off:", stake.Split)
	fmt.Println("left:", stake.Staked)
	fmt.Println("for the Router to keep:", stake.Gain)
	err = stake.Within(quote.PrefundSlack)
	fmt.Println("cost:", stake.Cost)
	fmt.Println(errors.Is(err, quote.ErrPrefundCost))
	fmt.Println(quote.ErrPrefundCost)
	// Output:
	// split off: 1000000000
	// left: 10845860920
	// for the Router to keep: 996704172
	// cost: 997717120
	// true
	// prefund costs too much (allow its cost with MaxPrefund)
}
