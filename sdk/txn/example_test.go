package txn_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// fixedSigner returns the same key on every run, so that the outputs below do
// not change. Never use such a key outside a test.
func fixedSigner(n byte) *txn.KeySigner {
	signer, err := txn.NewKeySigner(ed25519.NewKeyFromSeed(append(make([]byte, 31), n)))
	if err != nil {
		log.Fatal(err)
	}
	return signer
}

// transferPlan moves 1 SOL from one wallet to another, and the payer pays the
// network fee.
func transferPlan(payer, from, to solana.PublicKey) txn.Plan {
	step, err := txn.TransferSOL(from, to, 1_000_000_000)
	if err != nil {
		log.Fatal(err)
	}
	return txn.Plan{
		Payer:    payer,
		Steps:    []txn.Step{step},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 250_000_150},
	}
}

// compiled returns the transaction of transferPlan.
func compiled(payer, from, to solana.PublicKey) *txn.Unsigned {
	unsigned, err := transferPlan(payer, from, to).Compile()
	if err != nil {
		log.Fatal(err)
	}
	return unsigned
}

func Example() {
	alice, bob := fixedSigner(1), fixedSigner(2)
	transfer, err := txn.TransferSOL(alice.PublicKey(), bob.PublicKey(), 1_000_000_000)
	if err != nil {
		log.Fatal(err)
	}

	unsigned, err := txn.Plan{
		Payer:    alice.PublicKey(),
		Steps:    []txn.Step{transfer},
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 450, ComputeUnitPrice: 10_000},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 250_000_150},
	}.Compile()
	if err != nil {
		log.Fatal(err)
	}

	signed, err := unsigned.Sign(context.Background(), alice)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(len(signed.Raw()), "bytes to broadcast")
	// Output: 269 bytes to broadcast
}

func ExamplePlan_Compile() {
	alice, bob := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	plan := transferPlan(alice, alice, bob)
	plan.Budget = txn.ComputeBudget{ComputeUnitLimit: 450, ComputeUnitPrice: 10_000}

	unsigned, err := plan.Compile()
	if err != nil {
		log.Fatal(err)
	}

	describe(unsigned.Steps()...)
	fee, err := unsigned.NetworkFee()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(unsigned.Size(), "bytes,", fee, "lamports")
	// Output:
	// limit the transaction to 450 compute units
	// pay a priority fee of 10000 micro-lamports per compute unit
	// transfer 1000000000 lamports from 6ASf… to 8pM1…
	// 269 bytes, 5005 lamports
}

// A layout of one wallet's transaction speeds up that of another wallet.
func ExamplePlan_CompileWith() {
	alice, bob, carol := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey(),
		fixedSigner(3).PublicKey()
	var layout *txn.Layout
	for _, from := range []solana.PublicKey{alice, carol} {
		unsigned, next, err := transferPlan(from, from, bob).CompileWith(layout)
		if err != nil {
			log.Fatal(err)
		}

		fmt.Println(unsigned.Size(), "bytes, layout reused:", next == layout)
		layout = next
	}
	// Output:
	// 217 bytes, layout reused: false
	// 217 bytes, layout reused: true
}

func ExamplePlan_ComputeUnits() {
	alice, bob := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	plan := transferPlan(alice, alice, bob)

	// Each instruction of the compute budget program costs 150 compute units.
	plan.Budget.ComputeUnitLimit = uint32(plan.ComputeUnits()) + 150
	fmt.Println(plan.ComputeUnits(), "and with the compute budget", plan.Budget.ComputeUnitLimit)
	// Output: 500 and with the compute budget 650
}

func ExampleComputeUnitPriceFor() {
	budget := txn.ComputeBudget{ComputeUnitLimit: 90_300}
	budget.ComputeUnitPrice = txn.ComputeUnitPriceFor(100_000, budget.ComputeUnitLimit)

	fee, err := budget.PriorityFee()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(budget.ComputeUnitPrice, "micro-lamports per compute unit cost", fee, "lamports")
	// Output: 1107419 micro-lamports per compute unit cost 100000 lamports
}

// A long memo does not fit in a transaction.
func ExampleSizeError() {
	memo, err := txn.Memo(strings.Repeat("a", 1_100))
	if err != nil {
		log.Fatal(err)
	}

	alice, bob := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	plan := transferPlan(alice, alice, bob)
	plan.Steps = append(plan.Steps, memo)

	_, err = plan.Compile()
	var size *txn.SizeError
	if errors.As(err, &size) {
		fmt.Println(size.Size, "bytes,", size.Over(), "over", txn.Version0.MaxSize())
	}
	// Output: 1353 bytes, 121 over 1232
}

func ExampleStep_Described() {
	alice := fixedSigner(1).PublicKey()
	step := txn.Step{Describe: func() string { return "send SOL of " + alice.String() }}
	fmt.Printf("%q\n%q\n", step.Description, step.Described().Description)
	// Output:
	// ""
	// "send SOL of 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt"
}

func ExampleMemo() {
	memo, err := txn.Memo("invoice 4711")
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(memo, "-", memo.ComputeUnits, "compute units at most")

	_, err = txn.Memo("")
	fmt.Println(err)
	// Output:
	// write the memo "invoice 4711" - 7800 compute units at most
	// not a memo (pass a text in UTF-8): it is empty
}

func ExampleNonceLifetime() {
	alice, bob := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()

	// Normally accounts.DecodeNonce returns this.
	account := &accounts.Nonce{
		Version:   accounts.NonceCurrent,
		State:     accounts.NonceInitialized,
		Authority: alice,
		Value:     solana.Hash{7},
	}

	var err error
	plan := transferPlan(alice, alice, bob)
	plan.Lifetime, err = txn.NonceLifetime(bob, account, 250_000_000)
	if err != nil {
		log.Fatal(err)
	}

	unsigned, err := plan.Compile()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(unsigned.Lifetime().Durable(), unsigned.Steps()[0])
	// Output: true advance the nonce of account 8pM1DN3RiT8vbom5u1sNryaNT1nyL8CTTW3b5PwWXRBH
}

// A lookup table shortens a transaction that is too large without it. The
// addresses must come from the chain, not from the sender of the transaction.
func ExampleNewLookupTable() {
	alice, bob := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	plan, list := transferPlan(alice, alice, bob), accounts.LookupTable{
		DeactivationSlot: accounts.NeverEpoch,
		LastExtendedSlot: 250_000_000,
	}

	for n := range byte(40) {
		to := fixedSigner(10 + n).PublicKey()
		list.Addresses = append(list.Addresses, to)
		plan.Steps = append(plan.Steps, transferPlan(alice, alice, to).Steps...)
	}

	table, err := txn.NewLookupTable(bob, &list, 250_000_001)
	if err != nil {
		log.Fatal(err)
	}

	plan.Tables = []txn.LookupTable{table}
	unsigned, err := plan.Compile()
	if err != nil {
		log.Fatal(err)
	}

	partial, err := txn.ParseVouched(unsigned.Base64(), unsigned.Lifetime(), table)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(partial.Unsigned().LookupTables(), len(table.Addresses))
	// Output: [8pM1DN3RiT8vbom5u1sNryaNT1nyL8CTTW3b5PwWXRBH] 40
}
