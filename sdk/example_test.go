package sdk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// exampleNode stands for a real node: it has the embedded market and lets every transaction land.
func exampleNode() (*sdktest.Node, error) {
	node, err := sdktest.Demo()
	if err != nil {
		return nil, err
	}
	node.OnSimulate(func([]byte) sdktest.Simulation { return sdktest.Simulation{Units: 60_000} })
	node.OnSend(func(raw []byte) *sdktest.Error {
		signature := solana.SignatureFromBytes(raw[1:65])
		node.SetStatus(signature, sdktest.Status{Slot: 342792002, Confirmation: "confirmed", Units: 60_000, Fee: 5_000})
		return nil
	})
	return node, nil
}

// exampleClient is in place of sdk.New("https://…").
func exampleClient() (*sdk.Client, error) {
	node, err := exampleNode()
	if err != nil {
		return nil, err
	}
	return node.Client()
}

func Example() {
	ctx := context.Background()
	client, err := exampleClient() // sdk.New("https://…")
	if err != nil {
		fmt.Println(err)
		return
	}
	me, err := txn.GenerateKeySigner() // txn.OpenKeySigner("id.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		fmt.Println(err)
		return
	}
	request := route.Request{
		From:    accounts.NativeMint,
		To:      jitoSOL.Mint,
		Amount:  1_500_000_000,
		Options: route.Options{SlippageBps: 10},
	}
	receipt, q, err := client.Execute(ctx, request, sdk.BuildOptions{Owner: me.PublicKey()}, me)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("received", jitoSOL.Format(q.Out), "JitoSOL in slot", receipt.Slot, "for", receipt.Fee, "lamports")
	// Output: received 1.244054262 JitoSOL in slot 342792002 for 5000 lamports
}

// A transaction can be looked at before anybody signs it.
func ExampleClient_Stake() {
	client, err := exampleClient()
	if err != nil {
		fmt.Println(err)
		return
	}
	hubSOL, err := client.Registry().Lookup("hubSOL")
	if err != nil {
		fmt.Println(err)
		return
	}
	unsigned, q, err := client.Stake(context.Background(), hubSOL.Mint, 2_000_000_000, sdk.TradeOptions{
		BuildOptions: sdk.BuildOptions{Owner: solana.PublicKey{1}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fee, err := unsigned.NetworkFee()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, told := unsigned.BaseFee()
	fmt.Println("at least", hubSOL.Format(q.MinOut), "hubSOL for a fee of", fee, "lamports, told by the node:", told)
	// Output: at least 1.80503295 hubSOL for a fee of 5000 lamports, told by the node: true
}

// The reason why there is no quote can be told apart by its kind.
func ExampleClient_Market() {
	client, err := exampleClient()
	if err != nil {
		fmt.Println(err)
		return
	}
	phaseSOL, err := client.Registry().Lookup("phaseSOL")
	if err != nil {
		fmt.Println(err)
		return
	}
	market, err := client.Market(context.Background(), phaseSOL.Mint)
	if err != nil {
		fmt.Println(err)
		return
	}
	request := route.Request{From: accounts.NativeMint, To: phaseSOL.Mint, Amount: 1_000_000_000}
	_, err = market.Quote(request)
	fmt.Println("stale:", errors.Is(err, quote.ErrStale))
	request.Crank = true
	q, err := market.Quote(request)
	fmt.Println(q.Conditions, err)
	// Output:
	// stale: true
	// [the pool is updated for this epoch in the same transaction] <nil>
}

// The error says whether it is safe to sign again. Here the node refuses.
func ExampleClient_Send() {
	ctx := context.Background()
	node, err := exampleNode()
	if err != nil {
		fmt.Println(err)
		return
	}
	node.OnSend(func([]byte) *sdktest.Error { return sdktest.Preflight(`"AccountNotFound"`) })
	client, err := node.Client()
	if err != nil {
		fmt.Println(err)
		return
	}
	me, err := txn.GenerateKeySigner()
	if err != nil {
		fmt.Println(err)
		return
	}
	hubSOL, err := client.Registry().Lookup("hubSOL")
	if err != nil {
		fmt.Println(err)
		return
	}
	unsigned, _, err := client.Stake(ctx, hubSOL.Mint, 1_000_000_000, sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: me.PublicKey()}})
	if err != nil {
		fmt.Println(err)
		return
	}
	signed, err := unsigned.Sign(ctx, me)
	if err != nil {
		fmt.Println(err)
		return
	}
	receipt, err := client.Send(ctx, signed)
	fmt.Println(receipt.Signature == signed.Signature())
	switch {
	case errors.Is(err, sdk.ErrNotSent), errors.Is(err, sdk.ErrExpired):
		fmt.Println("may be signed again:", err)
	case errors.Is(err, sdk.ErrUncertain):
		fmt.Println("may still land, so wait on with Resume:", err)
	}
	// Output:
	// true
	// may be signed again: transaction was not sent (it may be changed and signed again): transaction failed: AccountNotFound: the fee payer has no account on chain; fund it with SOL
}
