package txn_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Reprice changes what a transaction pays for its place in a block. Send the
// new one only if the first can no longer land.
func ExampleUnsigned_Reprice() {
	alice := fixedSigner(1).PublicKey()
	transfer, err := txn.TransferSOL(alice, fixedSigner(2).PublicKey(), 1_000)
	if err != nil {
		log.Fatal(err)
	}

	unsigned, err := txn.Plan{
		Payer:    alice,
		Steps:    []txn.Step{transfer},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 250_000_150},
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 1_000, ComputeUnitPrice: 5_000_000},
	}.Compile()
	if err != nil {
		log.Fatal(err)
	}

	dearer, err := unsigned.Reprice(2 * unsigned.Budget().ComputeUnitPrice)
	if err != nil {
		log.Fatal(err)
	}

	before, err := unsigned.NetworkFee()
	if err != nil {
		log.Fatal(err)
	}

	after, err := dearer.NetworkFee()
	fmt.Println(before, after, err)
	// Output: 10000 15000 <nil>
}

// ParseLanded reads a transaction that a node returned from the ledger.
func ExampleParseLanded() {
	alice, bob := fixedSigner(1), fixedSigner(2)
	unsigned := compiled(alice.PublicKey(), bob.PublicKey(), alice.PublicKey())
	sent, err := unsigned.Sign(context.Background(), alice, bob)
	if err != nil {
		log.Fatal(err)
	}

	landed, keys, err := txn.ParseLanded(sent.Base64(), nil, nil)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(landed.Signature() == sent.Signature(), len(keys), "accounts")
	// Output: true 3 accounts
}

// A key file must be open to its owner only, unless the option permits more.
// Destroy overwrites the key when it is no longer needed.
func ExampleKeySigner_Destroy() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}

	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "id.json")
	if err := os.WriteFile(path, []byte(numbers(pair("alice"))), 0o600); err != nil {
		log.Fatal(err)
	}

	signer, err := txn.OpenKeySigner(path, txn.WithExposedKeyFile())
	if err != nil {
		log.Fatal(err)
	}

	signer.Destroy()
	_, err = signer.Sign(context.Background(), []byte("message"))
	fmt.Println(errors.Is(err, txn.ErrKeyDestroyed))
	// Output: true
}
