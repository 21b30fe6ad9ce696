package sdk_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// landsUpdated lets transactions land on a node. Each updates the pool, as the
// program does in a pool of a few validators.
func landsUpdated(node *sdktest.Node, token lst.LST, epoch uint64) {
	node.AcceptAll()
	node.OnSend(func(raw []byte) *sdktest.Error {
		account, _ := node.Account(token.Pool)
		pool, err := accounts.DecodeStakePool(account)
		if err != nil {
			log.Fatal(err)
		}

		pool.LastUpdateEpoch = epoch
		copy(account.Data, pool.Encode())
		node.Put(account)
		node.Advance(1)
		node.SetStatus(solana.SignatureFromBytes(raw[1:65]),
			sdktest.Status{Slot: 342_792_001, Confirmation: "confirmed", Fee: 5_000})

		return nil
	})
}

// phaseSOL was last updated many epochs ago. Its update needs one transaction;
// that of a pool of 3,000 validators needs 273.
func ExampleClient_UpdatePool() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	phaseSOL, err := client.Registry().Lookup("phaseSOL")
	if err != nil {
		log.Fatal(err)
	}

	wallet, err := txn.GenerateKeySigner()
	if err != nil {
		log.Fatal(err)
	}

	node.Fund(1_000_000_000, wallet.PublicKey())
	landsUpdated(node, phaseSOL, 793)
	opts := sdk.PoolUpdateOptions{
		Progress: func(p sdk.PoolUpdateProgress) { fmt.Println(p) },
	}

	for range 2 {
		report, err := client.UpdatePool(context.Background(), phaseSOL.Mint, opts, wallet)
		if err != nil {
			log.Fatal(err)
		}

		fmt.Println(report)
		fmt.Println("signatures:", len(report.Signatures()))
	}
	// Output:
	// 0 of 1 transactions, 0 of 5 validators
	// 1 of 1 transactions, 5 of 5 validators
	// phaseSOL for epoch 793: updated, 1 transaction, 5 validators, fees 0.000005 SOL
	// signatures: 1
	// phaseSOL for epoch 793: already up to date, 0 transactions, 0 validators, fees 0 SOL
	// signatures: 0
}
