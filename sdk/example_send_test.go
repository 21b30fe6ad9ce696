package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// signedStake returns a signed transaction that stakes 1 SOL for mSOL.
func signedStake(client *sdk.Client) *txn.Signed {
	wallet, err := txn.GenerateKeySigner()
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	ctx := context.Background()
	unsigned, _, err := client.Stake(ctx, accounts.MSOLMint, 1_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	signed, err := unsigned.Sign(ctx, wallet)
	if err != nil {
		log.Fatal(err)
	}

	return signed
}

// The error of Send tells whether it is safe to sign again. Here the node
// refuses the transaction, because the fee payer has no account.
func ExampleClient_Send() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	node.AcceptAll()
	node.OnSend(func([]byte) *sdktest.Error { return sdktest.Preflight(`"AccountNotFound"`) })
	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	signed := signedStake(client)
	receipt, err := client.Send(context.Background(), signed)
	switch {
	case err == nil:
		fmt.Println("landed in slot", receipt.Slot)
	case errors.Is(err, sdk.ErrNotSent), errors.Is(err, sdk.ErrExpired):
		fmt.Println("safe to sign again")
		var refused *progerr.TransactionError
		if errors.As(err, &refused) {
			fmt.Println(refused.Kind)
		}
	case errors.Is(err, sdk.ErrUncertain):
		fmt.Println("may still land, call Resume:", err)
	default:
		fmt.Println("landed and failed:", receipt.Err)
	}
	// Output:
	// safe to sign again
	// AccountNotFound
}

// Follow a transaction while Send waits.
func ExampleWithProgress() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	signed := signedStake(client)
	_, err = client.Send(context.Background(), signed,
		sdk.WithProgress(func(p sdk.Progress) { fmt.Println(p.Kind, p.Sends) }))
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// sent 1
	// seen 1
}

// Resume after an interruption. A program that may be restarted stores the
// bytes and the lifetime of a transaction before it sends it.
func ExampleClient_Resume() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	signed := signedStake(client)
	bytes, lifetime := signed.Base64(), signed.Unsigned().Lifetime()

	interrupted, cancel := context.WithCancel(context.Background())
	_, err = client.Send(interrupted, signed, sdk.WithProgress(func(sdk.Progress) { cancel() }))
	fmt.Println("uncertain:", errors.Is(err, sdk.ErrUncertain))

	partial, err := txn.Parse(bytes, lifetime)
	if err != nil {
		log.Fatal(err)
	}

	stored, err := partial.Signed()
	if err != nil {
		log.Fatal(err)
	}

	receipt, err := client.Resume(context.Background(), stored)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("landed in slot", receipt.Slot)
	// Output:
	// uncertain: true
	// landed in slot 342792001
}

// Wait until a transaction has expired, and replace its blockhash. The clock of
// package sdktest lets the slots of the node pass without waiting.
func ExampleClient_RefreshBlockhash() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	node.AcceptAll()
	clock := sdktest.NewClock(time.Unix(1_750_000_000, 0), func(wait time.Duration) {
		node.Advance(uint64(wait/(400*time.Millisecond)) + 1)
	})
	client, err := node.Client(sdk.WithClock(clock))
	if err != nil {
		log.Fatal(err)
	}

	signed := signedStake(client) // it is lost on its way to the node
	renewed, receipt, err := client.RefreshBlockhash(context.Background(), signed)
	if err != nil {
		log.Fatal(err)
	}

	old, latest := signed.Unsigned().Lifetime(), renewed.Lifetime()
	fmt.Println("landed:", receipt != nil)
	fmt.Println("another blockhash:", latest.Blockhash != old.Blockhash)
	// Output:
	// landed: false
	// another blockhash: true
}

// A wallet returned the signed transaction without sending it, so a refusal of
// the node is final.
func ExampleWithNeverSent() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	node.AcceptAll()
	node.OnSend(func([]byte) *sdktest.Error { return sdktest.Preflight(`"AccountNotFound"`) })
	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	signed := signedStake(client)
	fmt.Println("copies may exist:", signed.Base64() != "" && signed.Exposed())
	_, err = client.Send(context.Background(), signed, sdk.WithNeverSent())
	fmt.Println("safe to sign again:", errors.Is(err, sdk.ErrNotSent))
	// Output:
	// copies may exist: true
	// safe to sign again: true
}

// Broadcast without the node's preflight simulation.
func ExampleWithSkipPreflight() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	signed := signedStake(client)
	receipt, err := client.Send(context.Background(), signed, sdk.WithSkipPreflight())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("landed in slot", receipt.Slot)
	// Output: landed in slot 342792001
}

// Require that two endpoints confirm the transaction.
func ExampleWithQuorum() {
	first, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	second, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	first.AcceptAll()
	second.AcceptAll()

	client, err := first.Client(
		sdk.WithFallback("https://second.example", sdk.WithHTTPClient(second)),
		sdk.WithQuorum(2))
	if err != nil {
		log.Fatal(err)
	}

	receipt, err := client.Send(context.Background(), signedStake(client))
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("confirmed by", receipt.ConfirmedBy, "endpoints")
	// Output: confirmed by 2 endpoints
}

// deliveryService is a Sender that delivers transactions to block producers.
type deliveryService struct{}

func (deliveryService) Send(_ context.Context, signed *txn.Signed) error {
	fmt.Println("deliver", len(signed.Raw()), "bytes")
	return nil
}

// Broadcast through the client's nodes and through a delivery service.
func ExampleWithSender() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	signed := signedStake(client)
	receipt, err := client.Send(context.Background(), signed,
		sdk.WithSender(sdk.Senders{client.Sender(), deliveryService{}}))
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("landed in slot", receipt.Slot)
	// Output:
	// deliver 615 bytes
	// landed in slot 342792001
}

// Move the time in a test: a pause of the client ends immediately.
func ExampleWithClock() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	node.AcceptAll()
	node.OnSend(func([]byte) *sdktest.Error { return nil }) // accepted, and never lands
	start := time.Unix(1_750_000_000, 0)
	clock := sdktest.NewClock(start, func(wait time.Duration) {
		node.Advance(uint64(wait/(400*time.Millisecond)) + 1)
	})
	client, err := node.Client(sdk.WithClock(clock))
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.Send(context.Background(), signedStake(client))
	fmt.Println("expired:", errors.Is(err, sdk.ErrExpired))
	fmt.Println("after a minute:", clock.Now().Sub(start) >= time.Minute)
	// Output:
	// expired: true
	// after a minute: true
}
