package quote_test

import (
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// ExampleClaimReceipt shows how the fee of a claim falls with time.
func ExampleClaimReceipt() {
	authority := solana.MPK("6hg6RMfjn3QSW6MdjH2Dg3dhF9XsVEE8CQXhjYwkRCiK")
	pool := examplePool()
	pool.State.StakeDepositAuthority = authority
	pool.State.TokenProgram = accounts.TokenProgram
	pool.Clock.UnixTimestamp = 1_788_000_000
	deposit, err := quote.InterceptedPool{
		Pool: pool,
		Authority: accounts.InterceptorAuthority{
			StakePool:        pool.Address,
			StakePoolProgram: pool.Program,
			PoolMint:         pool.State.PoolMint,
			CoolDownSeconds:  36_000,
			InitialFeeBPS:    1_000,
		},
	}.DepositStake(10_000_000_000, 2_282_880)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("receipt:", lst.FormatAmount(deposit.Tokens, 9))
	for _, hours := range []int64{0, 1, 5, 10} {
		claim, err := quote.ClaimReceipt(&deposit.Receipt, pool.Clock.UnixTimestamp+hours*3_600)
		if err != nil {
			log.Fatal(err)
		}

		fmt.Printf("after %d h: %s, fee %s\n", hours, lst.FormatAmount(claim.Tokens, 9),
			lst.FormatAmount(claim.Fee, 9))
	}
	// Output:
	// receipt: 8.169156658
	// after 0 h: 7.352240992, fee 0.816915666
	// after 1 h: 7.433932558, fee 0.7352241
	// after 5 h: 7.760698825, fee 0.408457833
	// after 10 h: 8.169156658, fee 0
}
