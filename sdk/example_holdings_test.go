package sdk_test

import (
	"context"
	"fmt"
	"log"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Find what a wallet has, and withdraw and deposit all of its stake.
func ExampleClient_Act() {
	ctx := context.Background()
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	node.AcceptAll()
	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	wallet, err := txn.GenerateKeySigner()
	if err != nil {
		log.Fatal(err)
	}

	owner := wallet.PublicKey()
	node.Fund(1_000_000_000, owner)
	node.AddStakeAccount(owner, sdktest.DemoValidator(), 2_500_000_000, true)
	holdings, err := client.Holdings(ctx, owner, sdk.HoldingsOptions{})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("worth", lst.FormatAmount(holdings.Value(), 9), "SOL")
	actions := holdings.Actions()
	policy := sdk.PermitActions(owner, actions)
	fmt.Println("stake accounts in the policy:", len(policy.MaxStake))

	var opts sdk.ActOptions
	opts.Owner, opts.Priority.None = owner, true
	report, err := client.Act(ctx, actions, opts, wallet)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(report.Count(sdk.ActionDone), "done:", report)
	// Output:
	// worth 3.50228288 SOL
	// stake accounts in the policy: 1
	// 1 done: 1 of 1 actions in 1 transaction, fees 0.000005 SOL
}
