package instructions_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// The addresses of the examples: a wallet, its token accounts and its stake
// account, and the bSOL stake pool.
var (
	wallet       = solana.MPK("Bu1aMATbqpbPrNJ5jjFY2qFLbonZBqhH7WVhChxJpcbY")
	walletTokens = solana.MPK("HEBGMxji1LQvU7ptbAKXJccaKsjD3LJ56GYH3tK7CmHq")
	walletWSOL   = solana.MPK("EFMp4AxGDwpTgkigfXE9avXWPeT5MNvEDEEJJC37n6CS")
	walletStake  = solana.MPK("6LR3NR73NKWpT3GqY35D6G9EZHhXU1Be45UCRahWRmvh")
	bSOLPool     = solana.MPK("stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi")
)

// bSOL is the state of the bSOL pool, as accounts.DecodeStakePool returns it.
var bSOL = &accounts.StakePool{
	StakeWithdrawBumpSeed: 253,
	ValidatorList:         solana.MPK("1istpXjy8BM7Vd5vPfA485frrV7SRJhgq5vs3sskWmc"),
	ReserveStake:          solana.MPK("rsrxDvYUXjH1RQj2Ke36LNZEVqGztATxFkqNukERqFT"),
	PoolMint:              solana.MPK("bSo13r4TkiE4KumL71LsHTPpL2euBYLFx6h9HP3piy1"),
	ManagerFeeAccount:     solana.MPK("Dpo148tVGewDPyh2FkGV18gouWctbdX2fHJopJGe9xv1"),
	TokenProgram:          accounts.TokenProgram,
}

// show prints an instruction.
func show(ix solana.Instruction) {
	data, err := ix.Data()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("program:", ix.ProgramID())
	fmt.Printf("%d accounts, data %x\n", len(ix.Accounts()), data)
}

// withdraw returns the instruction that burns one token of the stake pool at
// address for at least 1.22 SOL.
func withdraw(
	address solana.PublicKey,
	state *accounts.StakePool, // see accounts.DecodeStakePool
	owner, tokens solana.PublicKey,
) (solana.Instruction, error) {
	program := accounts.StakePoolProgram
	pool, err := instructions.NewStakePool(program, address, state)
	if err != nil {
		return nil, err
	}

	return instructions.StakePoolWithdrawSOLWithSlippage{
		StakePoolWithdrawSOL: instructions.StakePoolWithdrawSOL{
			Pool:        pool,
			Authority:   owner,
			Source:      tokens,
			Destination: owner,
			PoolTokens:  1_000_000_000,
		},
		MinimumLamportsOut: 1_220_000_000,
	}.Build()
}

func Example() {
	ix, err := withdraw(bSOLPool, bSOL, wallet, walletTokens)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(ix.Accounts()), "accounts")
	// Output: 12 accounts
}

func ExampleNewStakePool() {
	pool, err := instructions.NewStakePool(accounts.StakePoolProgram, bSOLPool, bSOL)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(pool.Mint)
	fmt.Println(pool.WithdrawAuthority)
	// Output:
	// bSo13r4TkiE4KumL71LsHTPpL2euBYLFx6h9HP3piy1
	// 6WecYymEARvjG5ZyqkrVQ6YkhPfujNzWpSPwNKXHCbV2
}

func ExampleStakePoolDepositSOLWithSlippage() {
	pool, err := instructions.NewStakePool(accounts.StakePoolProgram, bSOLPool, bSOL)
	if err != nil {
		log.Fatal(err)
	}

	ix, err := instructions.StakePoolDepositSOLWithSlippage{
		StakePoolDepositSOL: instructions.StakePoolDepositSOL{
			Pool:        pool,
			From:        wallet,
			Destination: walletTokens,
			Referrer:    pool.ManagerFeeAccount,
			Lamports:    1_000_000_000,
		},
		MinimumTokensOut: 815_000_000,
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy
	// 10 accounts, data 1900ca9a3b00000000c0e9933000000000
}

func ExampleStakePoolUpdate() {
	pool, err := instructions.NewStakePool(accounts.StakePoolProgram, bSOLPool, bSOL)
	if err != nil {
		log.Fatal(err)
	}

	list := &accounts.ValidatorList{Validators: []accounts.ValidatorStakeInfo{{
		VoteAccount:     solana.MPK("8jxSHbS4qAnh5yueFp4D9ABXubKqMwXqF3HtdzQGuphp"),
		LastUpdateEpoch: 850,
	}}}

	update, err := instructions.StakePoolUpdate(pool, list, 851)
	if err != nil {
		log.Fatal(err)
	}

	for _, ix := range update {
		fmt.Println(len(ix.Accounts()), "accounts")
	}
	// Output:
	// 9 accounts
	// 7 accounts
	// 2 accounts
}

func ExampleInfinityTrade() {
	// The state of the Infinity pool, as accounts.DecodePoolState returns it.
	state := &accounts.PoolState{
		Version:        accounts.PoolStateV2,
		PricingProgram: accounts.FlatSlabProgram,
		LPTokenMint:    solana.MPK("5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm"),
	}

	inf, err := instructions.NewInfinity(accounts.InfinityProgram, state, accounts.TokenProgram)
	if err != nil {
		log.Fatal(err)
	}

	calculator, err := instructions.CalculatorAccounts(accounts.SPLCalculator, bSOLPool)
	if err != nil {
		log.Fatal(err)
	}

	ix, err := instructions.InfinityTrade{
		Pool: state,
		InfinitySwap: instructions.InfinitySwap{
			Controller: inf,
			Signer:     wallet,
			Inp: instructions.InfinityToken{
				Index:        5,
				Mint:         bSOL.PoolMint,
				TokenProgram: accounts.TokenProgram,
				Account:      walletTokens,
				Calculator:   calculator,
			},
			Out: instructions.InfinityToken{
				Index:        instructions.LPIndex,
				Mint:         state.LPTokenMint,
				TokenProgram: accounts.TokenProgram,
				Account:      solana.MPK("GwEVBmBh5nvVJuH122RCrPKQGKJ6JRYz2AVvBk9tHEvo"),
			},
			Limit:  880_000_000,
			Amount: 1_000_000_000,
		},
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: 5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx
	// 19 accounts, data 17050105000000ffffffff00bc73340000000000ca9a3b00000000
}

// exampleMarinade returns the addresses of Marinade. The state is decoded by
// accounts.DecodeMarinadeState in real programs.
func exampleMarinade() (instructions.Marinade, error) {
	state := &accounts.MarinadeState{
		MSOLMint:            accounts.MSOLMint,
		TreasuryMSOLAccount: solana.MPK("B1aLzaNMeFVAyQ6f3XbbUyKcH2YPHu2fqiEagmiF23VR"),
	}
	state.LiqPool.MSOLLeg = solana.MPK("7GgPYjS5Dza89wV6FpZ23kUJRG5vbQ1GM25ezspYFSoE")
	return instructions.NewMarinade(accounts.MarinadeProgram, accounts.MarinadeStateAddress, state)
}

func ExampleMarinadeDeposit() {
	marinade, err := exampleMarinade() // NewMarinade with the decoded state
	if err != nil {
		log.Fatal(err)
	}

	ix, err := instructions.MarinadeDeposit{
		Marinade:    marinade,
		From:        wallet,
		Destination: walletTokens,
		Lamports:    1_000_000_000,
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD
	// 11 accounts, data f223c68952e1f2b600ca9a3b00000000
}

func ExampleMarinadeClaim() {
	marinade, err := exampleMarinade() // NewMarinade with the decoded state
	if err != nil {
		log.Fatal(err)
	}

	ix, err := instructions.MarinadeClaim{
		Marinade:    marinade,
		Ticket:      solana.MPK("4WJYJ1xafAiKwJCm2RiRqUrrqRPg6xunfS8fctG6t9ux"),
		Beneficiary: wallet,
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD
	// 6 accounts, data 3ec6d6c1d59f6cd2
}

func ExampleLidoUpdateExchangeRate() {
	// The state of Lido, as accounts.DecodeLidoState returns it.
	state := &accounts.LidoState{
		StSOLMint:     accounts.StSOLMint,
		ValidatorList: solana.MPK("GL9kqRNUTUosW3RsDoXHCuXUZn73SgQQmBvtp1ng2co4"),
	}

	lido, err := instructions.NewLido(accounts.LidoProgram, accounts.LidoStateAddress, state)
	if err != nil {
		log.Fatal(err)
	}

	ix, err := instructions.LidoUpdateExchangeRate{Lido: lido}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: CrX7kMhLC3cSsXJdT7JDgqrRVWGnUpX3gfEfxxU2NVLi
	// 6 accounts, data 16
}

// exampleReserve returns the addresses of the Reserve. The states are decoded
// by accounts.DecodeReservePool and accounts.DecodeReserveProtocolFee in real
// programs.
func exampleReserve() (instructions.Reserve, error) {
	return instructions.NewReserve(accounts.ReserveProgram, accounts.ReservePoolAddress,
		&accounts.ReservePool{
			LPMint: solana.MPK("Mint111111111111111111111111111111111111111"),
		},
		&accounts.ReserveProtocolFee{
			Destination: solana.MPK("Fee1111111111111111111111111111111111111111"),
		})
}

func ExampleReserveUnstake() {
	reserve, err := exampleReserve() // NewReserve with the decoded states
	if err != nil {
		log.Fatal(err)
	}

	ix, err := instructions.ReserveUnstake{
		Reserve:     reserve,
		Owner:       wallet,
		Stake:       walletStake,
		Destination: wallet,
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: unpXTU2Ndrc7WWNyEhQWe4udTzSibLPi25SXv2xbCHQ
	// 12 accounts, data 5a5f6b2acd7c32e1
}

func ExampleRouterStakeWrappedSOL() {
	pool, err := instructions.NewStakePool(accounts.StakePoolProgram, bSOLPool, bSOL)
	if err != nil {
		log.Fatal(err)
	}

	ix, err := instructions.RouterStakeWrappedSOL{
		Program:     accounts.RouterProgram,
		User:        wallet,
		Source:      walletWSOL,
		Destination: walletTokens,
		Pool:        instructions.RouterStakePoolDepositSOL(pool),
		Lamports:    1_000_000_000,
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq
	// 15 accounts, data 0000ca9a3b00000000
}

func ExampleRouterDepositStake() {
	reserve, err := exampleReserve() // NewReserve with the decoded states
	if err != nil {
		log.Fatal(err)
	}

	ix, err := instructions.RouterDepositStake{
		Program:     accounts.RouterProgram,
		User:        wallet,
		Stake:       walletStake,
		Destination: walletWSOL,
		To:          instructions.RouterReserveDepositStake(reserve, walletStake),
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq
	// 16 accounts, data 05
}

func ExampleFlatSlabSetLSTFee() {
	ix, err := instructions.FlatSlabSetLSTFee{
		Program:     accounts.FlatSlabProgram,
		Admin:       wallet,
		Payer:       wallet,
		Mint:        bSOL.PoolMint,
		InpFeeNanos: 400_000, // 0.04 %
		OutFeeNanos: -100_000,
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: s1b6NRXj6ygNu1QMKXh2H9LUR2aPApAAm1UQ2DjdhNV
	// 5 accounts, data fd801a06006079feff
}

func ExampleTokenTransfer() {
	ix, err := instructions.TokenTransfer{
		Program:     accounts.TokenProgram,
		Source:      walletTokens,
		Destination: solana.MPK("GwEVBmBh5nvVJuH122RCrPKQGKJ6JRYz2AVvBk9tHEvo"),
		Owner:       wallet,
		Amount:      2_500_000_000,
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA
	// 3 accounts, data 0300f9029500000000
}

func ExampleTokenTransferChecked() {
	ix, err := instructions.TokenTransferChecked{
		Program:     accounts.TokenProgram,
		Source:      walletTokens,
		Mint:        accounts.MSOLMint,
		Destination: solana.MPK("GwEVBmBh5nvVJuH122RCrPKQGKJ6JRYz2AVvBk9tHEvo"),
		Owner:       wallet,
		Amount:      2_500_000_000,
		Decimals:    9,
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	show(ix)
	// Output:
	// program: TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA
	// 4 accounts, data 0c00f902950000000009
}

func ExampleBuildError() {
	_, err := instructions.TokenTransfer{
		Program:     accounts.TokenProgram,
		Source:      walletTokens,
		Destination: walletWSOL,
		Owner:       wallet,
	}.Build()

	fmt.Println(err)

	var build *instructions.BuildError
	if errors.As(err, &build) {
		fmt.Println(build.Instruction, build.Field)
	}

	fmt.Println(errors.Is(err, instructions.ErrZeroAmount))
	// Output:
	// build Transfer: amount: amount is zero
	// Transfer amount
	// true
}

func ExampleInterceptorDepositStakeWithSlippage() {
	pool, err := instructions.NewStakePool(accounts.StakePoolProgram, bSOLPool, bSOL)
	if err != nil {
		log.Fatal(err)
	}

	// The stake deposit authority is an account of the interceptor.
	address := solana.MPK("6hg6RMfjn3QSW6MdjH2Dg3dhF9XsVEE8CQXhjYwkRCiK")
	pool.StakeDepositAuthority = address
	authority := &accounts.InterceptorAuthority{
		StakePool:        pool.Address,
		StakePoolProgram: pool.Program,
		PoolMint:         pool.Mint,
		Vault:            solana.MPK("5oedMYsdGbJtudf7cmKLaJKkWhpM1qkhhdB4Q9ypkgs1"),
		FeeWallet:        solana.MPK("5eosrve6LktMZgVNszYzebgmmC7BjLK8NoWyRQtcmGTF"),
	}

	interceptor, err := instructions.NewInterceptor(accounts.InterceptorProgram, pool, authority)
	if err != nil {
		log.Fatal(err)
	}

	ix, err := instructions.InterceptorDepositStakeWithSlippage{
		InterceptorDepositStake: instructions.InterceptorDepositStake{
			Interceptor:    interceptor,
			Pool:           pool,
			Payer:          wallet,
			Owner:          wallet,
			Base:           wallet,
			Stake:          solana.MPK("AG5RtP6gpxuBww6R6f2hp1GMAdPD3LS1vtjLxPzCTUjn"),
			ValidatorStake: solana.MPK("sQ9nuiNhaAZy28vissiPBAg86RGAQyX1KRb9x17nnTo"),
			Referrer:       pool.ManagerFeeAccount,
		},
		MinimumTokensOut: 815_000_000,
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(ix.ProgramID(), len(ix.Accounts()), "accounts")
	// Output:
	// 5TAiuAh3YGDbwjEruC1ZpXTJWdNDS7Ur7VeqNNiHMmGV 20 accounts
}
