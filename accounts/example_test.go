package accounts_test

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// examplePool is an account as a node would return it.
func examplePool() accounts.Account {
	pool := accounts.StakePool{
		TokenProgram:          accounts.TokenProgram,
		StakeWithdrawBumpSeed: 253,
		TotalLamports:         1_144_546_482_246_437,
		PoolTokenSupply:       934_784_722_219_576,
		LastUpdateEpoch:       802,
		SOLDepositFee:         accounts.Fee{Numerator: 8, Denominator: 10_000},
	}

	return accounts.Account{
		Address: solana.MPK("stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi"),
		Owner:   accounts.StakePoolProgram,
		Data:    pool.Encode(),
	}
}

func ExampleDecodeStakePool() {
	account := examplePool()
	pool, err := accounts.DecodeStakePool(account)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println(pool.TotalLamports, "lamports for", pool.PoolTokenSupply, "token units in epoch",
		pool.LastUpdateEpoch)
	authority, err := pool.WithdrawAuthority(account.Owner, account.Address)
	fmt.Println(authority, err)

	account.Data = account.Data[:300]
	_, err = accounts.DecodeStakePool(account)
	var broken *accounts.DecodeError
	if errors.As(err, &broken) && errors.Is(err, accounts.ErrWrongLength) {
		fmt.Println("cut within", broken.Field)
	}
	// Output:
	// 1144546482246437 lamports for 934784722219576 token units in epoch 802
	// 6WecYymEARvjG5ZyqkrVQ6YkhPfujNzWpSPwNKXHCbV2 <nil>
	// cut within lockup.custodian
}

func ExampleLoad() {
	set := accounts.NewSet(411_884_877)
	set.Put(examplePool())
	set.PutMissing(accounts.NativeMint)

	pool, err := accounts.Load(set, examplePool().Address, accounts.DecodeStakePool)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Printf("deposit fee %d/%d\n", pool.SOLDepositFee.Numerator, pool.SOLDepositFee.Denominator)
	_, err = accounts.Load(set, accounts.NativeMint, accounts.DecodeMint)
	fmt.Println(err)
	_, err = accounts.Load(set, accounts.ClockSysvar, accounts.DecodeClock)
	fmt.Println(err)
	// Output:
	// deposit fee 8/10000
	// mint So11111111111111111111111111111111111111112: account does not exist (check the address, and the cluster of the endpoint)
	// clock sysvar SysvarC1ock11111111111111111111111111111111: account was not loaded (load it first)
}

func ExampleRent_MinimumBalance() {
	// The Rent sysvar of a cluster where a byte costs 5,080 lamports and
	// nothing is put on top of that.
	rent, err := accounts.DecodeRent(accounts.Account{
		Owner: accounts.SysvarProgram,
		Data:  []byte{0xD8, 0x13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 50},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, space := range []uint64{0, accounts.TokenAccountSpace, accounts.StakeAccountSpace} {
		lamports, err := rent.MinimumBalance(space)
		fmt.Println(space, lamports, err)
	}
	// Output:
	// 0 650240 <nil>
	// 165 1488440 <nil>
	// 200 1666240 <nil>
}
