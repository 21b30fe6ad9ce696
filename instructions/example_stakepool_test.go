package instructions_test

import (
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// lidomax is the vote account of a validator of bSOL, and bSOLStaker an
// arbitrary staker.
var (
	lidomax    = solana.MPK("8jxSHbS4qAnh5yueFp4D9ABXubKqMwXqF3HtdzQGuphp")
	bSOLStaker = solana.MPK("Bu1aMATbqpbPrNJ5jjFY2qFLbonZBqhH7WVhChxJpcbY")
)

// Delegate 5 SOL of the reserve to a validator. With the additional form, it
// does not matter whether stake is in transit already.
func ExampleStakePoolIncreaseAdditionalValidatorStake() {
	pool, err := instructions.NewStakePool(accounts.StakePoolProgram, bSOLPool, bSOL)
	if err != nil {
		log.Fatal(err)
	}

	// The entry of the validator list, see accounts.ValidatorList.Find.
	entry := accounts.ValidatorStakeInfo{VoteAccount: lidomax}
	ix, err := instructions.StakePoolIncreaseAdditionalValidatorStake{
		StakePoolIncreaseValidatorStake: instructions.StakePoolIncreaseValidatorStake{
			StakePoolValidator: instructions.StakePoolValidator{
				Pool:      pool,
				Staker:    bSOLStaker,
				Validator: entry,
			},
			Lamports:      5_000_000_000,
			TransientSeed: entry.TransientSeedSuffix,
		},
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy
	// 14 accounts, data 1300f2052a0100000000000000000000000000000000000000
}

// Set the epoch fee to 5 %. It takes effect at the second epoch update.
func ExampleStakePoolSetFee() {
	pool, err := instructions.NewStakePool(accounts.StakePoolProgram, bSOLPool, bSOL)
	if err != nil {
		log.Fatal(err)
	}

	ix, err := instructions.StakePoolSetFee{
		Pool:    pool,
		Manager: bSOLStaker,
		Kind:    accounts.StakePoolEpochFee,
		Fee:     accounts.Fee{Numerator: 5, Denominator: 100},
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy
	// 2 accounts, data 0c0264000000000000000500000000000000
}
