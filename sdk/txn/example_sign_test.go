package txn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

func ExampleUnsigned() {
	alice, bob := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	unsigned := compiled(alice, alice, bob)

	lamports, reported := unsigned.BaseFee()
	fmt.Println("base fee:", lamports, "lamports, reported by a node:", reported)
	fmt.Println("version:", unsigned.Version(), "budget:", unsigned.Budget())
	fmt.Println("programs:", unsigned.Programs())
	fmt.Println("writable:", len(unsigned.WritableAccounts()), "accounts")
	fmt.Println("tables:", len(unsigned.LookupTables()))
	fmt.Println("signers:", len(unsigned.RequiredSigners()))
	// Output:
	// base fee: 5000 lamports, reported by a node: false
	// version: 0 budget: no limit of compute units
	// programs: [11111111111111111111111111111111]
	// writable: 2 accounts
	// tables: 0
	// signers: 1
}

func ExampleUnsigned_Sign() {
	alice, bob := fixedSigner(1), fixedSigner(2)
	unsigned := compiled(alice.PublicKey(), bob.PublicKey(), alice.PublicKey())

	_, err := unsigned.Sign(context.Background(), alice)
	var missing *txn.MissingError
	if errors.As(err, &missing) {
		fmt.Println(missing.Keys)
	}

	signed, err := unsigned.Sign(context.Background(), alice, bob)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(signed.Signature().String()[:16])
	// Output:
	// [8pM1DN3RiT8vbom5u1sNryaNT1nyL8CTTW3b5PwWXRBH]
	// 4SDjeRbCrNgxfwrZ
}

// Renew replaces an expired blockhash. Do so only once the first transaction
// can no longer land: otherwise both may land.
func ExampleUnsigned_Renew() {
	alice, bob := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	unsigned := compiled(alice, alice, bob)

	renewed, err := unsigned.Renew(txn.Lifetime{
		Blockhash:            solana.Hash{2},
		LastValidBlockHeight: 250_000_400,
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(renewed.Lifetime().LastValidBlockHeight, renewed.Size() == unsigned.Size())
	// Output: 250000400 true
}

// A wallet signs a transaction in base64 and returns it in base64.
func ExamplePartial_Merge() {
	alice, bob := fixedSigner(1), fixedSigner(2)
	unsigned := compiled(alice.PublicKey(), bob.PublicKey(), alice.PublicKey())

	// This is the part of the wallet.
	atWallet, err := txn.Parse(unsigned.Base64(), unsigned.Lifetime())
	if err != nil {
		log.Fatal(err)
	}

	atWallet, err = atWallet.Sign(context.Background(), bob)
	if err != nil {
		log.Fatal(err)
	}

	partial, err := unsigned.Partial().Merge(atWallet.Base64())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("missing:", partial.MissingSigners())
	// Output: missing: [6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt]
}

// A hardware wallet returns a signature of the message.
func ExamplePartial_Add() {
	alice, bob := fixedSigner(1), fixedSigner(2)
	ctx := context.Background()
	unsigned := compiled(alice.PublicKey(), alice.PublicKey(), bob.PublicKey())
	fmt.Println("to sign:", unsigned.Signers())

	signature, err := alice.Sign(ctx, unsigned.Message())
	if err != nil {
		log.Fatal(err)
	}

	partial, err := unsigned.Partial().Add(alice.PublicKey(), signature)
	if err != nil {
		log.Fatal(err)
	}

	signed, err := partial.Signed()
	if err != nil {
		log.Fatal(err)
	}

	same, _ := partial.Signature(alice.PublicKey())
	fmt.Println(same == signed.Signature(), signed.Exposed())
	// Output:
	// to sign: [6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt]
	// true true
}

func ExampleSigned() {
	alice, bob := fixedSigner(1), fixedSigner(2)
	unsigned := compiled(alice.PublicKey(), alice.PublicKey(), bob.PublicKey())
	signed, err := unsigned.Sign(context.Background(), alice)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("exposed:", signed.Exposed(), "original:", signed.Unsigned() == unsigned)
	fmt.Println(len(signed.Base64()), "characters")
	fmt.Println("exposed:", signed.Exposed())
	// Output:
	// exposed: false original: true
	// 292 characters
	// exposed: true
}

func ExampleReadEnvelope() {
	alice, bob := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	envelope, err := txn.ReadEnvelope(compiled(alice, alice, bob).Base64())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("version", envelope.Version, "lookup tables", len(envelope.LookupTables))
	// Output: version 0 lookup tables 0
}

func ExampleVersion_MaxSize() {
	for _, version := range []txn.Version{txn.VersionLegacy, txn.Version0, txn.Version1} {
		fmt.Println(version, version.MaxSize())
	}
	// Output:
	// legacy 1232
	// 0 1232
	// 1 4096
}

// A KeySigner prints and logs as its public key, whatever the verb.
func ExampleKeySigner() {
	signer := fixedSigner(1)
	fmt.Printf("%v\n%#v\n%x\n", signer, *signer, signer)
	fmt.Println(signer.LogValue())
	// Output:
	// 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt
	// 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt
	// 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt
	// 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt
}

// The fmt package calls Format.
func ExampleKeySigner_Format() {
	var state printer
	fixedSigner(1).Format(&state, 'x')
	fmt.Println(state.String())
	// Output: 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt
}

// printer is a fmt.State without flags.
type printer struct{ bytes.Buffer }

func (p *printer) Width() (int, bool)     { return 0, false }
func (p *printer) Precision() (int, bool) { return 0, false }
func (p *printer) Flag(int) bool          { return false }

func ExampleNewKeySigner() {
	_, err := txn.NewKeySigner(make([]byte, 32))
	fmt.Println(err)
	// Output: not a valid private key: 32 bytes, not 64
}

func ExampleGenerateKeySigner() {
	signer, err := txn.GenerateKeySigner()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(signer.PublicKey().IsZero())
	// Output: false
}

func ExampleOpenKeySigner() {
	// Normally solana-keygen writes this file.
	dir, err := os.MkdirTemp("", "keys")
	if err != nil {
		log.Fatal(err)
	}

	defer os.RemoveAll(dir)
	text, err := json.Marshal(keyNumbers())
	if err != nil {
		log.Fatal(err)
	}

	path := filepath.Join(dir, "id.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		log.Fatal(err)
	}

	signer, err := txn.OpenKeySigner(path)
	fmt.Println(signer, err)
	// Output: 6ASf5EcmmEHTgDJ4X4ZT5vT6iHVJBXPg5AN5YoTCpGWt <nil>
}
