package accounts_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// examplePool is the account of the Jito stake pool, as a node returns it.
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
		Address: solana.MPK("Jito4APyf642JPZPx3hGc6WWJ8zPKtRbRs4P815Awbb"),
		Owner:   accounts.StakePoolProgram,
		Data:    pool.Encode(),
	}
}

// Example decodes the result of getAccountInfo.
func Example() {
	owner, data := examplePool().Owner, examplePool().Data

	account := accounts.Account{Owner: owner, Data: data}
	pool, err := accounts.DecodeStakePool(account)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(pool.TotalLamports, "lamports")
	// Output:
	// 1144546482246437 lamports
}

func ExampleDecodeStakePool() {
	account := examplePool()
	pool, err := accounts.DecodeStakePool(account)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(pool.TotalLamports, "lamports back", pool.PoolTokenSupply, "pool tokens")
	authority, err := pool.WithdrawAuthority(account.Owner, account.Address)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("authority", authority)
	// Output:
	// 1144546482246437 lamports back 934784722219576 pool tokens
	// authority 6iQKfEyhr3bZMotVkW6beNZz5CPAkiwvgV2CTje9pVSS
}

// ExampleDecodeError decodes an account that was cut off.
func ExampleDecodeError() {
	account := examplePool()
	account.Data = account.Data[:300]

	_, err := accounts.DecodeStakePool(account)
	var broken *accounts.DecodeError
	if errors.As(err, &broken) && errors.Is(err, accounts.ErrWrongLength) {
		fmt.Println("the data ends in", broken.Field, "at offset", broken.Offset)
	}
	// Output:
	// the data ends in lockup.custodian at offset 298
}

func ExampleDecodeValidatorList() {
	data := accounts.ValidatorList{
		MaxValidators: 5_000,
		Validators: []accounts.ValidatorStakeInfo{{
			VoteAccount:         solana.MPK("J1to1yufRnoWn81KYg1XkTWzmKjnYSnmE2VY8DGUJ9Qv"),
			ActiveStakeLamports: 25_402_282_880,
			LastUpdateEpoch:     802,
		}},
	}.Encode()

	list, err := accounts.DecodeValidatorList(accounts.Account{
		Owner: accounts.StakePoolProgram,
		Data:  data,
	})
	if err != nil {
		log.Fatal(err)
	}

	for _, v := range list.Validators {
		active := v.Status == accounts.ValidatorActive
		fmt.Println(v.VoteAccount, active, v.ActiveStakeLamports, "lamports")
	}
	// Output:
	// J1to1yufRnoWn81KYg1XkTWzmKjnYSnmE2VY8DGUJ9Qv true 25402282880 lamports
}

// ExampleDecodePoolState decodes the pool of Infinity in version 1 and 2.
func ExampleDecodePoolState() {
	for _, state := range []accounts.PoolState{
		{
			Version:               accounts.PoolStateV1,
			TotalSOLValue:         1_452_469_077_000,
			TradingProtocolFeeBps: 1_000,
		},
		{
			Version:          accounts.PoolStateV2,
			TotalSOLValue:    1_516_584_077_000,
			WithheldLamports: 64_115_000_000,
		},
	} {
		pool, err := accounts.DecodePoolState(accounts.Account{
			Owner: accounts.InfinityProgram,
			Data:  state.Encode(),
		})
		if err != nil {
			log.Fatal(err)
		}

		released := pool.TotalSOLValue - pool.WithheldLamports - pool.ProtocolFeeLamports
		fmt.Printf("version %d: %d lamports\n", pool.Version, released)
	}
	// Output:
	// version 1: 1452469077000 lamports
	// version 2: 1452469077000 lamports
}

func ExampleDecodeLSTStateList() {
	data := accounts.NewLSTStateList(
		accounts.LSTState{Mint: accounts.NativeMint, SOLValue: 5_000_000_000},
		accounts.LSTState{
			Mint:       accounts.MSOLMint,
			SOLValue:   2_614_300_000_000,
			Calculator: accounts.MarinadeCalculator,
		},
	).Encode()

	list, err := accounts.DecodeLSTStateList(accounts.Account{
		Owner: accounts.InfinityProgram,
		Data:  data,
	})
	if err != nil {
		log.Fatal(err)
	}

	index, mSOL, found := list.Find(accounts.MSOLMint)
	fmt.Println(found, "index", index, "of", list.Len(), "worth", mSOL.SOLValue, "lamports")
	// Output:
	// true index 1 of 2 worth 2614300000000 lamports
}

func ExampleDecodeReservePool() {
	data := accounts.ReservePool{IncomingStake: 1_250_000_000_000}.Encode()

	pool, err := accounts.DecodeReservePool(accounts.Account{
		Address: accounts.ReservePoolAddress,
		Owner:   accounts.ReserveProgram,
		Data:    data,
	})
	if err != nil {
		log.Fatal(err)
	}

	sol, err := accounts.ReserveSOL(accounts.ReserveProgram, accounts.ReservePoolAddress)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(pool.IncomingStake, "lamports of stake, SOL in", sol)
	// Output:
	// 1250000000000 lamports of stake, SOL in 3rBnnH9TTgd3xwu48rnzGsaQkSr1hR64nY71DrDt6VrQ
}

// ExampleDecodeInterceptorReceipt reads what a deposit of stake through Jito's
// interceptor is worth once its cool-down is over.
func ExampleDecodeInterceptorReceipt() {
	data := accounts.InterceptorReceipt{
		DepositTime:     1_788_000_000,
		PoolTokens:      76_994_668_253,
		CoolDownSeconds: 36_000,
		InitialFeeBPS:   1_000,
	}.Encode()

	receipt, err := accounts.DecodeInterceptorReceipt(
		accounts.Account{Owner: accounts.InterceptorProgram, Data: data})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(receipt.PoolTokens, "pool tokens, without a fee after",
		receipt.DepositTime+receipt.CoolDownSeconds)
	// Output:
	// 76994668253 pool tokens, without a fee after 1788036000
}

func ExampleDecodeMarinadeState() {
	data := accounts.MarinadeState{
		MSOLMint:                accounts.MSOLMint,
		MSOLSupply:              2_000_000_000_000_000,
		MSOLPrice:               5_669_356_830,
		AvailableReserveBalance: 30_000_000_000_000,
	}.Encode()

	state, err := accounts.DecodeMarinadeState(accounts.Account{
		Address: accounts.MarinadeStateAddress,
		Owner:   accounts.MarinadeProgram,
		Data:    data,
	})
	if err != nil {
		log.Fatal(err)
	}

	price := float64(state.MSOLPrice) / (1 << 32)
	fmt.Printf("1 mSOL is about %.4f SOL, supply %d\n", price, state.MSOLSupply)
	// Output:
	// 1 mSOL is about 1.3200 SOL, supply 2000000000000000
}

func ExampleDecodeLidoState() {
	data := accounts.LidoState{
		StSOLMint: accounts.StSOLMint,
		ExchangeRate: accounts.LidoExchangeRate{
			ComputedInEpoch: 802,
			StSOLSupply:     40_000_000_000_000,
			SOLBalance:      50_000_000_000_000,
		},
	}.Encode()

	state, err := accounts.DecodeLidoState(accounts.Account{
		Address: accounts.LidoStateAddress,
		Owner:   accounts.LidoProgram,
		Data:    data,
	})
	if err != nil {
		log.Fatal(err)
	}

	rate := state.ExchangeRate
	fmt.Printf("%d lamports for %d stSOL units in epoch %d\n",
		rate.SOLBalance, rate.StSOLSupply, rate.ComputedInEpoch)
	// Output:
	// 50000000000000 lamports for 40000000000000 stSOL units in epoch 802
}

func ExampleDecodeStakeAccount() {
	data := accounts.StakeAccount{
		State:             accounts.StakeDelegated,
		RentExemptReserve: 2_282_880,
		Delegation: accounts.Delegation{
			Voter:             solana.MPK("J1to1yufRnoWn81KYg1XkTWzmKjnYSnmE2VY8DGUJ9Qv"),
			Stake:             1_500_000_000,
			ActivationEpoch:   790,
			DeactivationEpoch: accounts.NeverEpoch,
		},
	}.Encode()

	stake, err := accounts.DecodeStakeAccount(accounts.Account{
		Owner: accounts.StakeProgram,
		Data:  data,
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(stake.Delegation.Stake, "lamports, active in epoch 802:", stake.IsActive(802))
	// Output:
	// 1500000000 lamports, active in epoch 802: true
}

func ExampleDecodeMint() {
	data := accounts.Mint{Supply: 1_034_021_700_000_000, Decimals: 9}.Encode()

	mint, err := accounts.DecodeMint(accounts.Account{
		Address: accounts.INFMint,
		Owner:   accounts.TokenProgram,
		Data:    data,
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(mint.Supply, "base units,", mint.Decimals, "decimals")
	// Output:
	// 1034021700000000 base units, 9 decimals
}

func ExampleDecodeTokenAccount() {
	owner := solana.MPK("9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM")
	data := accounts.TokenAccount{
		Mint:   accounts.MSOLMint,
		Owner:  owner,
		Amount: 1_250_000_000,
		State:  accounts.TokenInitialized,
	}.Encode()

	address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, accounts.MSOLMint)
	if err != nil {
		log.Fatal(err)
	}

	account, err := accounts.DecodeTokenAccount(accounts.Account{
		Address: address,
		Owner:   accounts.TokenProgram,
		Data:    data,
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(account.Amount, "base units of mSOL in", address)
	// Output:
	// 1250000000 base units of mSOL in CRYd2miDXf7fS6xLFYCh1zTc5yeuMzsGSAZfRFKVyug
}

func ExampleLoad() {
	set := accounts.NewSet(411_884_877)
	set.Put(examplePool())
	set.PutMissing(accounts.NativeMint)

	pool, err := accounts.Load(set, examplePool().Address, accounts.DecodeStakePool)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Printf("deposit fee %d/%d\n", pool.SOLDepositFee.Numerator, pool.SOLDepositFee.Denominator)
	_, err = accounts.Load(set, accounts.NativeMint, accounts.DecodeMint)
	fmt.Println(errors.Is(err, accounts.ErrNotFound), accounts.ErrNotFound)
	_, err = accounts.Load(set, accounts.ClockSysvar, accounts.DecodeClock)
	fmt.Println(errors.Is(err, accounts.ErrNotLoaded), accounts.ErrNotLoaded)
	// Output:
	// deposit fee 8/10000
	// true account does not exist
	// true account was not loaded (load it first)
}

func ExampleAddresses() {
	cache := accounts.NewAddresses(1_000)
	for range 2 { // the second call takes the address from the cache
		slab, err := cache.FlatSlab(accounts.FlatSlabProgram)
		if err != nil {
			log.Fatal(err)
		}

		fmt.Println(slab)
	}
	// Output:
	// 4T9YzXnmQFMyYi2nrxyXjhtUANavmCkxGCsU3GKaNjwT
	// 4T9YzXnmQFMyYi2nrxyXjhtUANavmCkxGCsU3GKaNjwT
}

func ExampleRent_MinimumBalance() {
	rent := accounts.NewRent(5_080)
	for _, space := range []uint64{0, accounts.TokenAccountSpace, accounts.StakeAccountSpace} {
		lamports, err := rent.MinimumBalance(space)
		if err != nil {
			log.Fatal(err)
		}

		fmt.Println(space, "bytes:", lamports, "lamports")
	}
	// Output:
	// 0 bytes: 650240 lamports
	// 165 bytes: 1488440 lamports
	// 200 bytes: 1666240 lamports
}
