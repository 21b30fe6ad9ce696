package explain_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

func Example() {
	// A dapp gives the wallet this transaction in base64 to sign. With a client
	// at hand, Review reads and verifies it in one step.
	wallet := solana.MPK("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
	text, lifetime := received(wallet)

	partial, err := txn.Parse(text, lifetime)
	if err != nil {
		log.Fatal(err)
	}

	e := explain.Transaction(partial.Unsigned(), lst.Default())
	fmt.Print(e)

	policy := explain.Policy{
		Owner:       wallet,
		MaxLamports: 1_000_000_000,
		MinTokens: map[solana.PublicKey]uint64{
			solana.MPK("bSo13r4TkiE4KumL71LsHTPpL2euBYLFx6h9HP3piy1"): 815_000_000,
		},

		// One token account may be made, at the rent that the chain asks for.
		MaxNewAccounts:   1,
		MaxRent:          1_488_440,
		TokenAccountRent: 1_488_440,
	}

	fmt.Println(explain.Verify(e, policy))

	policy.MaxLamports--
	err = explain.Verify(e, policy)
	fmt.Println(errors.Is(err, explain.ErrSpendLimit), err)

	// Output:
	// 1. compute budget: limit the transaction to 60000 compute units
	// 2. associated token account: create the token account 5ozQrYnk3fuYX54JgtHr1ooSKYPWrq3UVF3iydKcpBn of 9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin for bSOL, unless it exists
	// 3. stake pool: deposit 1 SOL for bSOL, at least 0.815 bSOL
	// network fee: at most an estimated 0.000005 SOL, paid by 9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin
	// <nil>
	// true transaction refused: may spend more than allowed (see Policy.MaxLamports, MaxTokens and MaxStake): 1000000000 of SOL, in lamports, at most 999999999
}

// received is a deposit of 1 SOL for bSOL.
func received(wallet solana.PublicKey) (string, txn.Lifetime) {
	pool := instructions.StakePool{
		Program:           accounts.StakePoolProgram,
		Address:           solana.MPK("stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi"),
		WithdrawAuthority: solana.MPK("6WecYymEARvjG5ZyqkrVQ6YkhPfujNzWpSPwNKXHCbV2"),
		ReserveStake:      solana.MPK("rsrxDvYUXjH1RQj2Ke36LNZEVqGztATxFkqNukERqFT"),
		Mint:              solana.MPK("bSo13r4TkiE4KumL71LsHTPpL2euBYLFx6h9HP3piy1"),
		ManagerFeeAccount: solana.MPK("Dpo148tVGewDPyh2FkGV18gouWctbdX2fHJopJGe9xv1"),
		TokenProgram:      accounts.TokenProgram,
	}

	tokens, err := accounts.AssociatedTokenAddress(wallet, pool.TokenProgram, pool.Mint)
	if err != nil {
		log.Fatal(err)
	}

	deposit, err := instructions.StakePoolDepositSOLWithSlippage{
		StakePoolDepositSOL: instructions.StakePoolDepositSOL{
			Pool:        pool,
			From:        wallet,
			Destination: tokens,
			Referrer:    tokens,
			Lamports:    1_000_000_000,
		},
		MinimumTokensOut: 815_000_000,
	}.Build()
	if err != nil {
		log.Fatal(err)
	}

	lifetime := txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1}
	unsigned, err := txn.Plan{
		Payer: wallet,
		Steps: []txn.Step{txn.CreateTokenAccount(wallet, wallet, pool.Mint, pool.TokenProgram),
			{Instruction: deposit}},
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 60_000},
		Lifetime: lifetime,
	}.Compile()
	if err != nil {
		log.Fatal(err)
	}

	return unsigned.Base64(), lifetime
}
