package instructions_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

func ExampleStakePoolDepositSOLWithSlippage() {
	// Decoded from the account of the bSOL pool.
	state := &accounts.StakePool{
		StakeWithdrawBumpSeed: 253,
		ValidatorList:         solana.MPK("1istpXjy8BM7Vd5vPfA485frrV7SRJhgq5vs3sskWmc"),
		ReserveStake:          solana.MPK("rsrxDvYUXjH1RQj2Ke36LNZEVqGztATxFkqNukERqFT"),
		PoolMint:              solana.MPK("bSo13r4TkiE4KumL71LsHTPpL2euBYLFx6h9HP3piy1"),
		ManagerFeeAccount:     solana.MPK("Dpo148tVGewDPyh2FkGV18gouWctbdX2fHJopJGe9xv1"),
		TokenProgram:          accounts.TokenProgram,
	}

	pool, err := instructions.NewStakePool(accounts.StakePoolProgram,
		solana.MPK("stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi"), state)
	if err != nil {
		log.Fatal(err)
	}

	deposit := instructions.StakePoolDepositSOLWithSlippage{
		StakePoolDepositSOL: instructions.StakePoolDepositSOL{
			Pool:        pool,
			From:        user,
			Destination: userTokens,
			Referrer:    state.ManagerFeeAccount,
			Lamports:    1_000_000_000,
		},
		MinimumTokensOut: 815_000_000,
	}

	ix, err := deposit.Build()
	if err != nil {
		log.Fatal(err)
	}

	data, err := ix.Data()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("program:", ix.ProgramID())
	fmt.Println("accounts:", len(ix.Accounts()))
	fmt.Printf("data: %x\n", data)

	deposit.Lamports = 0
	_, err = deposit.Build()
	fmt.Println(err)
	fmt.Println(errors.Is(err, instructions.ErrZeroAmount))
	// Output:
	// program: SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy
	// accounts: 10
	// data: 1900ca9a3b00000000c0e9933000000000
	// build DepositSolWithSlippage: lamports: amount is zero
	// true
}
