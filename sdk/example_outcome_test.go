package sdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// walletTrade returns a node on which a wallet has sent a trade itself, its
// client, the quote of the trade and its transaction.
func walletTrade() (*sdktest.Node, *sdk.Client, route.Quote, *txn.Signed) {
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

	ctx := context.Background()
	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	unsigned, quote, err := client.Stake(ctx, accounts.MSOLMint, 1_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	signed, err := unsigned.Sign(ctx, wallet)
	if err != nil {
		log.Fatal(err)
	}

	if err := client.Sender().Send(ctx, signed); err != nil {
		log.Fatal(err)
	}

	node.SetStatus(signed.Signature(), asQuoted(signed, quote, wallet.PublicKey()))

	return node, client, quote, signed
}

// asQuoted returns the status of a trade that landed as quoted, with the
// balances before and after.
func asQuoted(s *txn.Signed, quote route.Quote, owner solana.PublicKey) sdktest.Status {
	_, keys, err := txn.ParseLanded(s.Base64(), nil, nil)
	if err != nil {
		log.Fatal(err)
	}

	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, quote.Request.To)
	if err != nil {
		log.Fatal(err)
	}

	const fee, rent = 5_000, 2_039_280
	status := sdktest.Status{
		Slot:         342792001,
		Confirmation: "confirmed",
		Units:        60_000,
		Fee:          fee,
		PreBalances:  make([]uint64, len(keys)),
		PostBalances: make([]uint64, len(keys)),
	}

	pool, at := len(keys)-1, slices.Index(keys, account)
	status.PreBalances[0] = 5_000_000_000
	status.PostBalances[0] = 5_000_000_000 - fee - rent - quote.In
	status.PostBalances[at], status.PostBalances[pool] = rent, quote.In
	status.PostTokens = []sdktest.TokenBalance{{
		Account: at,
		Mint:    quote.Request.To,
		Owner:   owner,
		Amount:  quote.Out,
	}}

	return status
}

// Await the transaction of a wallet that sent it itself, and compare what it
// did with the quote.
func ExampleClient_Await() {
	_, client, quote, sent := walletTrade()
	ctx, owner := context.Background(), sent.Unsigned().RequiredSigners()[0]

	// The wallet returned only the signature. It kept the blockhash.
	receipt, err := client.Await(ctx, sent.Signature(),
		sdk.WithLifetime(sent.Unsigned().Lifetime()))
	if err != nil {
		log.Fatal(err)
	}

	compared, err := receipt.Outcome.Compare(quote, owner)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("within the limits:", compared.WithinLimits())
	fmt.Println("paid:", compared.Paid)
	fmt.Println("difference:", compared.Received.Difference())

	wallet := receipt.Outcome.Wallet(owner)
	fmt.Println("rent:", wallet.RentPaid, "network fee:", wallet.NetworkFee)
	fmt.Println("mSOL:", wallet.Token(accounts.MSOLMint).Gain() == quote.Out)
	fmt.Println("SOL in all:", wallet.Lamports.Loss())
	// Output:
	// within the limits: true
	// paid: 1 SOL, as promised
	// difference: 0
	// rent: 2039280 network fee: 5000
	// mSOL: true
	// SOL in all: 1002044280
}

// Raise the price of a transaction while it does not land.
func ExampleClient_SendWithPriceSteps() {
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	opts.Priority.ComputeUnitPrice = 10_000
	unsigned, _, err := client.Stake(ctx, accounts.MSOLMint, 1_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	// At most 10,000, 15,000, 22,500 and 33,750 micro-lamports per unit.
	receipt, err := client.SendWithPriceSteps(ctx, unsigned, sdk.PriceSteps{Percent: 150},
		[]txn.Signer{wallet})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("landed:", receipt.Slot > 0)
	// Output: landed: true
}

// exampleEngine stands for a block engine in examples.
type exampleEngine struct{}

// Do implements sdk.Doer.
func (exampleEngine) Do(r *http.Request) (*http.Response, error) {
	var request struct {
		ID     json.RawMessage
		Method string
	}

	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		return nil, err
	}

	results := map[string]any{
		"getTipAccounts": []string{"96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5"},
		"sendBundle":     "892b79ed49138bfb",
		"getBundleStatuses": map[string]any{"value": []any{map[string]any{
			"bundle_id": "892b79ed49138bfb", "slot": 342792001,
			"confirmation_status": "confirmed"}}},
	}

	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": request.ID,
		"result": results[request.Method]})

	return &http.Response{StatusCode: http.StatusOK, Header: make(http.Header),
		Body: io.NopCloser(bytes.NewReader(body))}, err
}

// Send a transaction to a block engine and to another node. Without a tip, the
// block engine refuses it before anything is sent.
func ExampleNewBlockEngine() {
	engine, err := sdk.NewBlockEngine(
		[]string{"https://frankfurt.mainnet.block-engine.jito.wtf"},
		sdk.BlockEngineOptions{HTTPClient: exampleEngine{}})
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	tips, err := engine.TipAccounts(ctx)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("tip to:", tips[0])
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	untipped := signedStake(client)
	fmt.Println("without a tip:", errors.Is(engine.Send(ctx, untipped), sdk.ErrNoTip))
	_, err = engine.SendBundle(ctx, untipped)
	fmt.Println("nor in a bundle:", errors.Is(err, sdk.ErrNoTip))
	statuses, err := engine.BundleStatuses(ctx, "892b79ed49138bfb")
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("a bundle:", statuses[0].Slot, statuses[0].Commitment)

	fast, err := sdk.NewRPCSender("https://fast.example.com", sdk.WithSkipPreflight())
	if err != nil {
		log.Fatal(err)
	}

	all := sdk.Senders{engine, fast, client.Sender()}
	fmt.Println("senders:", len(all))
	// Output:
	// tip to: 96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5
	// without a tip: true
	// nor in a bundle: true
	// a bundle: 342792001 confirmed
	// senders: 3
}
