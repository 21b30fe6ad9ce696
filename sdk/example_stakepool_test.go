package sdk_test

import (
	"context"
	"fmt"
	"log"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// An operator loads a pool by its address: it need not be in the registry.
func ExampleClient_LoadStakePool() {
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
	ctx := context.Background()
	pool, err := client.LoadStakePool(ctx, phaseSOL.Pool)
	if err != nil {
		log.Fatal(err)
	}

	steps, err := pool.UpdateSteps(wallet.PublicKey())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("out of date:", pool.Outdated())
	fmt.Println("validators:", len(pool.List().Validators), "of", pool.MaxValidators)
	fmt.Println("transactions:", len(steps))
	report, err := client.UpdateStakePool(ctx, pool, sdk.PoolUpdateOptions{}, wallet)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("result:", report.Result)
	// Output:
	// out of date: true
	// validators: 5 of 5
	// transactions: 1
	// result: updated
}

// Accounts are read together with the minimum delegation.
func ExampleClient_LoadAccounts() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	read, err := client.LoadAccounts(context.Background(), accounts.ClockSysvar)
	if err != nil {
		log.Fatal(err)
	}

	clock, err := accounts.Load(read.Accounts, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("epoch:", clock.Epoch)
	fmt.Println("minimum delegation:", lst.FormatAmount(read.MinimumDelegation, 9), "SOL")
	// Output:
	// epoch: 793
	// minimum delegation: 1 SOL
}
