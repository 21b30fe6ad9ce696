package quote_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// exampleReserve returns the Reserve in June 2025. Real programs decode the
// state from its accounts.
func exampleReserve() quote.ReserveState {
	return quote.ReserveState{
		Address: accounts.ReservePoolAddress,
		Pool:    accounts.ReservePool{IncomingStake: 54_144_272_894, RecordRent: 199_445_760},
		Fee: accounts.ReserveFee{
			Kind:             accounts.ReserveFeeLiquidityLinear,
			MaxLiqRemaining:  accounts.Ratio{Numerator: 1, Denominator: 1000},
			ZeroLiqRemaining: accounts.Ratio{Numerator: 8, Denominator: 100},
		},
		ProtocolFee: accounts.ReserveProtocolFee{
			FeeRatio:         accounts.Ratio{Numerator: 1, Denominator: 2},
			ReferrerFeeRatio: accounts.Ratio{Numerator: 1, Denominator: 2},
		},
		Lamports: 409_374_014_407_718,
		LPSupply: 300_000_000_000_000,
		Rent:     accounts.NewRent(6960),
		Clock:    accounts.Clock{Epoch: 802},
	}
}

func ExampleReserveState_Unstake() {
	reserve := exampleReserve()
	sale, err := reserve.Unstake(10_002_282_880, 0, false) // 10 SOL of stake and the rent
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("lamports for the owner:", sale.Out)
	fmt.Println("fee:", sale.Fee)

	_, err = reserve.Unstake(500_000_000_000_000, 0, false)
	fmt.Println(errors.Is(err, quote.ErrInsufficientReserve))
	// Output:
	// lamports for the owner: 9992156816
	// fee: 10126064
	// true
}

func ExampleReserveState_UnstakeExactOut() {
	sale, err := exampleReserve().UnstakeExactOut(10_000_000_000, 0, false)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("stake account with", sale.In, "lamports pays", sale.Out)
	// Output:
	// stake account with 10010134028 lamports pays 10000000000
}
