package sdk_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Build a transaction that is not a trade: a payment with a memo.
func ExampleClient_BuildSteps() {
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	pay, err := txn.TransferSOL(wallet.PublicKey(), solana.PublicKey{1}, 25_000_000)
	if err != nil {
		log.Fatal(err)
	}

	unsigned, err := client.BuildSteps(context.Background(), []txn.Step{pay}, sdk.BuildOptions{
		Owner: wallet.PublicKey(),
		Memo:  "order 7",
	})
	if err != nil {
		log.Fatal(err)
	}

	steps := unsigned.Steps()
	fmt.Println(steps[len(steps)-1].Description)
	// Output: write the memo "order 7"
}
