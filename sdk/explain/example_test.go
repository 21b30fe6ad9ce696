package explain_test

import (
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

func Example() {
	// A dapp asks the wallet to sign this transaction in base64. If the wallet
	// has a client, Review reads and verifies it in one step.
	wallet := solana.MPK("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
	text, lifetime := received(wallet)

	partial, err := txn.Parse(text, lifetime)
	if err != nil {
		log.Fatal(err)
	}

	e := explain.Transaction(partial.Unsigned(), lst.Default())
	for _, in := range e.Instructions {
		fmt.Println(in.ProgramName+":", in.Name)
	}

	// fmt.Print(e) prints one such line for each instruction.
	fmt.Println(e.Instructions[2])
	fmt.Println("network fee:", e.NetworkFee, "lamports")

	policy := explain.Policy{
		Owner:       wallet,
		MaxLamports: 1_000_000_000,
		MinTokens: map[solana.PublicKey]uint64{
			solana.MPK("bSo13r4TkiE4KumL71LsHTPpL2euBYLFx6h9HP3piy1"): 815_000_000,
		},

		// The transaction may create one token account, at the rent on chain.
		MaxNewAccounts:   1,
		MaxRent:          1_488_440,
		TokenAccountRent: 1_488_440,
	}

	fmt.Println(explain.Verify(e, policy))

	policy.MaxLamports--
	err = explain.Verify(e, policy)
	fmt.Println(errors.Is(err, explain.ErrSpendLimit), explain.ErrSpendLimit)

	// Output:
	// compute budget: SetComputeUnitLimit
	// associated token account: CreateIdempotent
	// stake pool: DepositSolWithSlippage
	// stake pool: deposit 1 SOL for bSOL, at least 0.815 bSOL
	// network fee: 5000 lamports
	// <nil>
	// true may spend more than allowed (see Policy.MaxLamports, MaxTokens and MaxStake)
}

// received returns a deposit of 1 SOL for bSOL.
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

func ExampleVerify() {
	wallet := solana.MPK("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
	e := explain.Instructions(wallet, []solana.Instruction{tip(wallet)}, nil)

	// The policy permits a tip of at most 0.0001 SOL to the collector.
	policy := explain.Policy{
		Owner:     wallet,
		Transfers: map[solana.PublicKey]uint64{collector: 100_000},
	}
	err := explain.Verify(e, policy)

	var refusal *explain.VerifyError
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Reason)
		fmt.Println(strings.ReplaceAll(refusal.Detail, collector.String(), "the collector"))
	}
	// Output:
	// may spend more than allowed (see Policy.MaxLamports, MaxTokens and MaxStake)
	// 1000000 lamports are transferred to the collector, at most 100000
}

// A sponsor pays the network fee and nothing else.
func ExampleVerifySponsor() {
	wallet := solana.MPK("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
	sponsor := solana.MPK("HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk")
	policy := explain.SponsorPolicy{Sponsor: sponsor, MaxNetworkFee: 20_000}

	e := explain.Instructions(sponsor, []solana.Instruction{tip(wallet)}, nil)
	fmt.Println(explain.VerifySponsor(e, policy))

	e = explain.Instructions(sponsor, []solana.Instruction{tip(sponsor)}, nil)
	err := explain.VerifySponsor(e, policy)

	var refusal *explain.VerifyError
	if errors.As(err, &refusal) {
		fmt.Println(errors.Is(err, explain.ErrSpendLimit), refusal.Detail)
	}
	// Output:
	// <nil>
	// true 1000000 lamports are advanced, at most 0
}

// A node simulated a tip. Afterwards the wallet holds 1 SOL less than expected.
func ExampleVerifyOutcome() {
	wallet := solana.MPK("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
	e := explain.Instructions(wallet, []solana.Instruction{tip(wallet)}, nil)
	policy := explain.Policy{
		Owner:     wallet,
		Transfers: map[solana.PublicKey]uint64{collector: 1_000_000},
	}

	before, after := accounts.NewSet(250_000_000), accounts.NewSet(250_000_001)
	for _, s := range []struct {
		set                *accounts.Set
		wallet, collectors uint64
	}{{before, 5_000_000_000, 900_000_000}, {after, 3_998_995_000, 901_000_000}} {
		system := accounts.SystemProgram
		s.set.Put(accounts.Account{Address: wallet, Owner: system, Lamports: s.wallet})
		s.set.Put(accounts.Account{Address: collector, Owner: system, Lamports: s.collectors})
	}

	outcome := explain.Outcome{Before: before, After: after, Fee: 5_000}
	err := explain.VerifyOutcome(e, policy, outcome)

	var refusal *explain.VerifyError
	if errors.As(err, &refusal) {
		fmt.Println(errors.Is(err, explain.ErrSpendLimit), refusal.Detail)
	}
	// Output: true 1000000000 of SOL, in lamports, at most 0
}

func ExampleInstruction() {
	wallet := solana.MPK("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
	e := explain.Instructions(wallet, []solana.Instruction{tip(wallet)}, nil)
	in := e.Instructions[0]

	lamports, _ := in.Amount("lamports")
	to, _ := in.Account("destination")
	fmt.Println(in.Known(), lamports, to)
	fmt.Println(in.ProgramName, in.Name)
	for _, amount := range in.Amounts {
		fmt.Println(amount)
	}
	// Output:
	// true 1000000 96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5
	// system Transfer
	// lamports: 0.001 SOL
}

// A balance check is a transfer of the account to itself.
func ExampleInstruction_Payment() {
	wallet := solana.MPK("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
	check, err := txn.RequireBalance(accounts.TokenProgram, collector, wallet, 1_200_000)
	if err != nil {
		log.Fatal(err)
	}

	e := explain.Instructions(wallet, []solana.Instruction{check.Instruction}, nil)
	payment, ok := e.Instructions[0].Payment()
	fmt.Println(ok, payment.Check)
	fmt.Println(payment)
	// Output:
	// true true
	// check of 1200000 base units in token account 96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5
}

// An instruction that is in no table must not be signed.
func ExampleExplanation_Unknown() {
	wallet := solana.MPK("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
	other := solana.NewInstruction(collector, nil, []byte{1, 2, 3})
	e := explain.Instructions(wallet, []solana.Instruction{tip(wallet), other}, nil)
	fmt.Println(e.Unknown(), "of", len(e.Instructions))

	in := e.Instructions[1]
	fmt.Println(in.ProgramName, "program", in.Program)
	fmt.Println(in.DataLength, "bytes of data,", len(in.Accounts), "accounts")
	// Output:
	// [1] of 2
	// unknown program 96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5
	// 3 bytes of data, 0 accounts
}

// A node reports the base fee, so that the network fee is no estimate.
func ExampleExplanation_WithNetworkFee() {
	wallet := solana.MPK("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
	e := explain.Instructions(wallet, []solana.Instruction{tip(wallet)}, nil)
	fmt.Println(e.NetworkFee, e.FeeKnown)

	e = e.WithNetworkFee(5_000)
	fmt.Println(e.NetworkFee, e.FeeKnown)
	// Output:
	// 5000 false
	// 5000 true
}

// A program pays SOL to a temporary account. Its address must be vacant.
func ExampleExplanation_NeedVacant() {
	wallet := solana.MPK("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
	account, err := txn.NewTempSOLAccount(wallet, wallet, 2_039_280, "unstake 1")
	if err != nil {
		log.Fatal(err)
	}

	closing, err := account.CloseWith(900_000_000)
	if err != nil {
		log.Fatal(err)
	}

	var ixs []solana.Instruction
	for _, step := range append(account.Open, closing...) {
		ixs = append(ixs, step.Instruction)
	}

	e := explain.Instructions(wallet, ixs, nil)
	fmt.Println(e.NeedVacant(wallet)[0] == account.Address)
	// Output: true
}

func ExampleDefaultPrograms() {
	fmt.Println(slices.Contains(explain.DefaultPrograms(), accounts.StakePoolProgram))
	// Output: true
}

// collector receives tips.
var collector = solana.MPK("96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5")

// tip transfers 0.001 SOL to the collector.
func tip(from solana.PublicKey) solana.Instruction {
	step, err := txn.TransferSOL(from, collector, 1_000_000)
	if err != nil {
		log.Fatal(err)
	}
	return step.Instruction
}
