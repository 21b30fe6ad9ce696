package quote_test

import (
	"fmt"
	"log"

	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Move 5 SOL of a validator back to the reserve, which lends the rent of the
// stake account that is in transit.
func ExampleStakePoolState_DecreaseStake() {
	pool, validator := operatedPool(100_000_000_000, 21_002_282_880)
	fmt.Println("at most:", pool.MaxDecrease(validator))

	change, err := pool.DecreaseStake(quote.StakeMove{
		Validator: validator, // the entry of the list with its stake accounts
		Lamports:  5_000_000_000,
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("reserve now:", change.ReserveLamports)
	fmt.Println("in transit:", change.Validator.Transient.Lamports)
	fmt.Println("in the reserve after the update of epoch", change.Epoch)
	// Output:
	// at most: 20000000000
	// reserve now: 99997717120
	// in transit: 5002282880
	// in the reserve after the update of epoch 802
}
