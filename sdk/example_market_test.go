package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// Compare all routes of a request. The pool of phaseSOL was not updated in this
// epoch, which a trade can do in the same transaction.
func ExampleClient_LoadMarket() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	phaseSOL, err := client.Registry().Lookup("phaseSOL")
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarket(context.Background(), phaseSOL.Mint)
	if err != nil {
		log.Fatal(err)
	}

	request := route.Request{From: accounts.NativeMint, To: phaseSOL.Mint, Amount: 1_000_000_000}
	_, err = market.Quote(request)
	fmt.Println("stale:", errors.Is(err, quote.ErrStalePool))

	request.AllowPoolUpdate = true
	quotes, _ := market.Quotes(request)
	for _, q := range quotes {
		fmt.Println(q.Venue, phaseSOL.Format(q.Out))
	}
	// Output:
	// stale: true
	// stake pool deposit 0.988884412
	// Router deposit 0.988884412
}

// Load the market of tokens from another list than the client's.
func ExampleClient_LoadMarketTokens() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := lst.Default().Lookup("jitoSOL") // or lst.Open
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarketTokens(context.Background(), jitoSOL)
	if err != nil {
		log.Fatal(err)
	}

	for _, token := range market.Tokens() {
		fmt.Println(token.Symbol)
	}
	// Output: JitoSOL
}

// Load a market without the routes that move stake, which need fewer accounts.
func ExampleClient_LoadMarketWith() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	loader := route.NewLoader(jitoSOL).WithoutStake()
	market, err := client.LoadMarketWith(context.Background(), loader)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("slot", market.Slot(), "epoch", market.Clock().Epoch)
	// Output: slot 342792000 epoch 793
}

// Load the market for a request with an intermediate token.
func ExampleClient_LoadMarketForRequest() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	request := route.Request{From: jitoSOL.Mint, To: accounts.NativeMint, Amount: 10_000_000_000}
	request.Intermediates = append(request.Intermediates, accounts.MSOLMint)
	market, err := client.LoadMarketForRequest(context.Background(), request)
	if err != nil {
		log.Fatal(err)
	}

	q, err := market.Quote(request)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(q.Venue, lst.FormatAmount(q.Out, 9), "SOL")
	// Output: stake pool withdrawal 12.045294527 SOL
}

// Build the transaction of a chosen quote, with a fee payer that is not the
// owner.
func ExampleClient_Build() {
	ctx := context.Background()
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	request := route.Request{From: accounts.NativeMint, To: accounts.MSOLMint,
		Amount: 1_000_000_000}
	market, err := client.LoadMarketForRequest(ctx, request)
	if err != nil {
		log.Fatal(err)
	}

	q, err := market.Quote(request)
	if err != nil {
		log.Fatal(err)
	}

	opts := sdk.BuildOptions{Owner: wallet.PublicKey(), Payer: solana.PublicKey{9}}
	unsigned, err := client.Build(ctx, q, opts)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(q.Venue, "signers:", len(unsigned.Signers()))
	// Output: Marinade deposit signers: 2
}

// putNonce adds a nonce account to a node and returns its address.
func putNonce(node *sdktest.Node) solana.PublicKey {
	nonce := accounts.Nonce{
		Version:   accounts.NonceCurrent,
		State:     accounts.NonceInitialized,
		Authority: solana.PublicKey{2},
		Value:     solana.Hash{3},
	}

	address := solana.PublicKey{4}
	node.Put(accounts.Account{
		Address:  address,
		Owner:    accounts.SystemProgram,
		Lamports: 1_447_680,
		Data:     nonce.Encode(),
	})

	return address
}

// Build a transaction with a durable nonce. It does not expire while it waits
// for the signatures of the owner and of the nonce authority.
func ExampleBuildOptions_nonce() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	node.AcceptAll()
	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = solana.PublicKey{1}
	opts.Nonce = putNonce(node)
	ctx := context.Background()
	unsigned, _, err := client.Stake(ctx, accounts.MSOLMint, 1_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("signers:", len(unsigned.Signers()), "durable:", unsigned.Lifetime().Durable())
	// Output: signers: 2 durable: true
}

// Find out which account lacks tokens. The wallet holds SOL, but no jitoSOL.
func ExampleFundsError() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = solana.PublicKey{1}
	opts.SkipSimulation = true
	node.Fund(1_000_000_000, opts.Owner)
	_, _, err = client.Unstake(context.Background(), jitoSOL.Mint, 1_000_000_000, opts)
	var funds *sdk.FundsError
	if errors.As(err, &funds) {
		fmt.Println("missing account:", funds.Missing, "needs:", jitoSOL.Format(funds.Needs))
	}
	// Output: missing account: true needs: 1
}

// The slot time is an assumption until the client has loaded markets.
func ExampleClient_SlotTime() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(client.SlotTime())

	if _, err := client.LoadMarket(context.Background()); err != nil {
		log.Fatal(err)
	}

	fmt.Println(client.SlotTime().Source)
	// Output:
	// 400.0 ms by an assumption
	// the Clock sysvar
}

// Call a method of the node that this package does not cover.
func ExampleClient_RPC() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	slot, err := client.RPC().GetSlot(context.Background(), rpc.CommitmentConfirmed)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("slot", slot)
	// Output: slot 342792000
}

// Declare the build of a program. With an unknown build the quote is not exact,
// because the fee may be rounded in another direction.
func ExampleWithProgramBuild() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client(sdk.WithProgramBuild(accounts.StakePoolProgram, "unknown"))
	if err != nil {
		log.Fatal(err)
	}

	bSOL, err := client.Registry().Lookup("bSOL")
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarket(context.Background(), bSOL.Mint)
	if err != nil {
		log.Fatal(err)
	}

	request := route.Request{From: accounts.NativeMint, To: bSOL.Mint, Amount: 1_234_567_891}
	q, err := market.Quote(request)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("exact:", q.Exact)
	// Output: exact: false
}

// Add a token to the list of LSTs.
func ExampleWithRegistry() {
	token, err := lst.Default().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	token.Symbol = "mySOL"
	token.Mint[0]++
	token.Pool[0]++
	registry, err := lst.Default().With(token)
	if err != nil {
		log.Fatal(err)
	}

	client, err := sdk.New("https://rpc.example", sdk.WithRegistry(registry))
	if err != nil {
		log.Fatal(err)
	}

	mine, err := client.Registry().Lookup("mySOL")
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(mine.Format(1_500_000_000), mine.Symbol)
	// Output: 1.5 mySOL
}
