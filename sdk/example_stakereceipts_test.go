package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// receiptOwner owns the receipt of the examples.
var receiptOwner = solana.MPK("9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM")

// exampleReceiptClient returns a client of a node that has a receipt of
// receiptOwner, five hours after the deposit.
func exampleReceiptClient() (*sdk.Client, error) {
	node, err := sdktest.Demo()
	if err != nil {
		return nil, err
	}

	clock, _ := node.Account(accounts.ClockSysvar)
	now, err := accounts.DecodeClock(clock)
	if err != nil {
		return nil, err
	}

	receipt := accounts.InterceptorReceipt{
		Owner:           receiptOwner,
		DepositTime:     uint64(now.UnixTimestamp) - 18_000,
		PoolTokens:      76_994_668_253,
		CoolDownSeconds: 36_000,
		InitialFeeBPS:   1_000,
	}

	node.Put(accounts.Account{
		Address:  solana.MPK("AG5RtP6gpxuBww6R6f2hp1GMAdPD3LS1vtjLxPzCTUjn"),
		Owner:    accounts.InterceptorProgram,
		Lamports: 3_821_040,
		Data:     receipt.Encode(),
	})

	return node.Client()
}

// Find the receipts of stake deposits again, and show what they pay.
func ExampleClient_StakeReceipts() {
	client, err := exampleReceiptClient()
	if err != nil {
		log.Fatal(err)
	}

	receipts, err := client.StakeReceipts(context.Background(), receiptOwner)
	if err != nil {
		log.Fatal(err)
	}

	for _, r := range receipts {
		deposited := int64(r.Receipt.DepositTime)
		for _, hours := range []int64{5, 10} {
			claim, err := quote.ClaimReceipt(&r.Receipt, deposited+3_600*hours)
			if err != nil {
				log.Fatal(err)
			}

			fmt.Printf("%d hours after the deposit: %s, fee %s\n", hours,
				lst.FormatAmount(claim.Tokens, 9), lst.FormatAmount(claim.Fee, 9))
		}
	}
	// Output:
	// 5 hours after the deposit: 73.14493484, fee 3.849733413
	// 10 hours after the deposit: 76.994668253, fee 0
}

// A receipt that is gone was claimed, perhaps by another account for its owner.
func ExampleClient_ClaimStakeReceipt() {
	client, err := exampleReceiptClient()
	if err != nil {
		log.Fatal(err)
	}

	claimed := solana.MPK("4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM")
	unsigned, claim, err := client.ClaimStakeReceipt(context.Background(), claimed,
		sdk.BuildOptions{Owner: receiptOwner})
	if errors.Is(err, sdk.ErrNoStakeReceipt) {
		fmt.Println("look at the token account:", unsigned == nil, claim.Tokens)
	}
	// Output: look at the token account: true 0
}
