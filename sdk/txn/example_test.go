package txn_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// fixedSigner is a signer that is the same on every run. Do not use such a key
// for anything.
func fixedSigner(n byte) *txn.KeySigner {
	signer, err := txn.NewKeySigner(ed25519.NewKeyFromSeed(append(make([]byte, 31), n)))
	if err != nil {
		panic(err)
	}
	return signer
}

func ExamplePlan() {
	alice, bob := fixedSigner(1), fixedSigner(2)
	plan := txn.Plan{
		Payer: alice.PublicKey(),
		Steps: []txn.Step{{
			Description: "send 1 SOL to Bob",
			Instruction: system.NewTransferInstruction(1_000_000_000, alice.PublicKey(),
				bob.PublicKey()).Build(),
		}},
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 450, ComputeUnitPrice: 10_000},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 150},
	}

	unsigned, err := plan.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, step := range unsigned.Steps() {
		fmt.Println(step.Description)
	}

	fee, _ := unsigned.NetworkFee()
	fmt.Println(unsigned.Size(), "bytes,", fee, "lamports")

	signed, err := unsigned.Sign(context.Background(), alice)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println(len(signed.Raw()), "bytes signed")
	// Output:
	// limit the transaction to 450 compute units
	// pay a priority fee of 10000 micro-lamports per compute unit
	// send 1 SOL to Bob
	// 269 bytes, 5005 lamports
	// 269 bytes signed
}

func ExampleNewStakeAccount() {
	owner, rent := fixedSigner(1).PublicKey(), uint64(2_282_880)
	stake := solana.MPK("HB4Cjyg12VATooVMWLvMszzk5yD562a4aQcfQCoQrtwF")
	address, create, err := txn.NewStakeAccount(owner, owner, rent, "unstake 1")
	if err != nil {
		fmt.Println(err)
		return
	}

	split, err := txn.SplitStake(stake, address, owner, 5_000_000_000)
	if err != nil {
		fmt.Println(err)
		return
	}

	deactivate, err := txn.DeactivateStake(address, owner)
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, step := range []txn.Step{create, split, deactivate} {
		fmt.Println(step.Description)
	}
	// Output:
	// create the stake account 76vmPzuGMTjt7Ee5hdiZiMmmF7g43idjhGDqUJJ8z6WD
	// split 5000000000 lamports off the stake account HB4Cjyg12VATooVMWLvMszzk5yD562a4aQcfQCoQrtwF
	// deactivate the stake account 76vmPzuGMTjt7Ee5hdiZiMmmF7g43idjhGDqUJJ8z6WD
}

func ExampleUnsigned_Sign() {
	alice, bob := fixedSigner(1), fixedSigner(2)
	unsigned, err := txn.Plan{
		Payer: alice.PublicKey(),
		Steps: []txn.Step{{Instruction: system.NewTransferInstruction(5, bob.PublicKey(),
			alice.PublicKey()).Build()}},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}},
	}.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}

	_, err = unsigned.Sign(context.Background(), alice)
	var missing *txn.MissingError
	fmt.Println(errors.As(err, &missing), missing.Keys[0] == bob.PublicKey())
	fmt.Println(err)
	// Output:
	// true true
	// signature missing: 8pM1DN3RiT8vbom5u1sNryaNT1nyL8CTTW3b5PwWXRBH (pass their signers, or collect them with Unsigned.Partial)
}

// A wallet signs its part elsewhere and returns the transaction in base64.
func ExamplePartial() {
	alice, bob := fixedSigner(1), fixedSigner(2)
	ctx := context.Background()
	unsigned, err := txn.Plan{
		Payer: alice.PublicKey(),
		Steps: []txn.Step{{Instruction: system.NewTransferInstruction(5, bob.PublicKey(),
			alice.PublicKey()).Build()}},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 150},
	}.Compile()
	if err != nil {
		fmt.Println(err)
		return
	}

	wallet := func(text string) string {
		p, err := txn.Parse(text, unsigned.Lifetime())
		if err != nil {
			return err.Error()
		}

		p, err = p.Sign(ctx, bob)
		if err != nil {
			return err.Error()
		}

		return p.Base64()
	}

	partial, err := unsigned.Partial().Merge(wallet(unsigned.Base64()))
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("missing:", partial.MissingSigners())
	partial, err = partial.Sign(ctx, alice)
	if err != nil {
		fmt.Println(err)
		return
	}

	signed, err := partial.Signed()
	fmt.Println(len(signed.Raw()), "bytes signed,", err)
	// Output:
	// missing: [6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt]
	// 281 bytes signed, <nil>
}

func ExampleComputeUnitPriceFor() {
	budget := txn.ComputeBudget{ComputeUnitLimit: 90_300}
	budget.ComputeUnitPrice = txn.ComputeUnitPriceFor(100_000, budget.ComputeUnitLimit)
	fee, _ := budget.PriorityFee()
	fmt.Println(budget.ComputeUnitPrice, "micro-lamports a unit cost", fee, "lamports")
	// Output: 1107419 micro-lamports a unit cost 100000 lamports
}

// A key prints as its public key, whatever the verb.
func ExampleKeySigner() {
	signer := fixedSigner(1)
	fmt.Printf("%v\n%+v\n%#v\n", signer, *signer, signer)
	// Output:
	// 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt
	// 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt
	// 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt
}
