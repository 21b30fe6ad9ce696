package sdk_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// Stake 1.5 SOL for jitoSOL: quote, build, sign, send. The client of package
// sdktest stands for sdk.New with the URL of a node, and the key for
// txn.OpenKeySigner.
func Example() {
	ctx := context.Background()
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	opts.SlippageBps = 10 // at least 99.9 % of the quoted amount
	unsigned, quote, err := client.Stake(ctx, jitoSOL.Mint, 1_500_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	signed, err := unsigned.Sign(ctx, wallet)
	if err != nil {
		log.Fatal(err)
	}

	receipt, err := client.Send(ctx, signed)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("received", jitoSOL.Format(quote.Out), "jitoSOL in slot", receipt.Slot)
	// Output: received 1.244054262 jitoSOL in slot 342792001
}

// The options of New are the same for a real node. Here the node answers within
// the process, in place of an HTTP client.
func ExampleNew() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := sdk.New("https://rpc.example",
		sdk.WithHTTPClient(node),
		sdk.WithHeader("X-Api-Key", "secret"),
		sdk.WithTimeout(10*time.Second), // each request
		sdk.WithMaxAttempts(3),          // each read
		sdk.WithRateLimit(50, 10),       // 50 requests per second, bursts of 10
		sdk.WithBatchSize(50),           // accounts per request
	)
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarket(context.Background())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("slot", market.Slot())
	if err := client.Close(); err != nil {
		log.Fatal(err)
	}
	// Output: slot 342792000
}

// Stake with a memo and a capped priority fee.
func ExampleClient_Stake() {
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	hubSOL, err := client.Registry().Lookup("hubSOL")
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	opts.Memo = "invoice 4711"
	opts.Priority = sdk.PriorityFee{MaxLamports: 20_000}
	unsigned, quote, err := client.Stake(context.Background(), hubSOL.Mint, 2_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	fee, err := unsigned.NetworkFee()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("at least", hubSOL.Format(quote.MinOut), "hubSOL, network fee", fee, "lamports")
	// Output: at least 1.803227918 hubSOL, network fee 5000 lamports
}

// Stake all SOL of a wallet for hubSOL: fee, rent and the wallet's rent-exempt
// minimum stay.
func ExampleClient_MaxInput() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	owner := solana.PublicKey{9}
	node.Fund(2_000_000_000, owner)
	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	hubSOL, err := client.Registry().Lookup("hubSOL")
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = owner
	opts.Priority = sdk.PriorityFee{None: true}
	quote, err := client.MaxInput(context.Background(), accounts.NativeMint, hubSOL.Mint, opts)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(lst.FormatAmount(quote.In, 9), "SOL by", quote.Venue)
	// Output: 1.99706484 SOL by stake pool deposit
}

// Swap mSOL for exactly 1 INF, with a slippage of at most 0.5 %.
func ExampleClient_Swap() {
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	opts.SwapMode = route.ExactOut
	opts.SlippageBps = 50
	_, quote, err := client.Swap(context.Background(), accounts.MSOLMint, accounts.INFMint,
		1_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("at most", lst.FormatAmount(quote.MaxIn, 9), "mSOL for 1 INF")
	// Output: at most 1.130743478 mSOL for 1 INF
}

// Sell mSOL for SOL, paid to another wallet.
func ExampleClient_Unstake() {
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	opts.Recipient = solana.PublicKey{9}
	_, quote, err := client.Unstake(context.Background(), accounts.MSOLMint, 10_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("the recipient receives", lst.FormatAmount(quote.Out, 9), "SOL")
	// Output: the recipient receives 12.96121372 SOL
}

// Deposit a part of a stake account: 2.5 of its 10 SOL are split off.
func ExampleClient_DepositStake() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	node.AcceptAll()
	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	hubSOL, err := client.Registry().Lookup("hubSOL")
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = solana.PublicKey{1}
	stake := node.AddStakeAccount(opts.Owner, sdktest.DemoValidator(), 10_000_000_000, false)
	ctx := context.Background()
	_, quote, err := client.DepositStake(ctx, stake, hubSOL.Mint, 2_500_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("2.5 SOL of stake for", hubSOL.Format(quote.Out), "hubSOL")
	// Output: 2.5 SOL of stake for 2.258351524 hubSOL
}

// Redeem jitoSOL for a stake account. The seed determines its address.
func ExampleClient_WithdrawStake() {
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	opts.Seed = "2026-11-30" // never used before by this owner
	opts.Deactivate = true
	ctx := context.Background()
	_, quote, err := client.WithdrawStake(ctx, jitoSOL.Mint, 10_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	address, err := accounts.SeededStakeAccount(opts.Owner, opts.Seed)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(lst.FormatAmount(quote.Out, 9), "SOL of stake, address known:", !address.IsZero())
	fmt.Println("remaining steps:", len(quote.RemainingSteps))
	// Output:
	// 12.045294527 SOL of stake, address known: true
	// remaining steps: 1
}

// Execute in one call what the other methods do in steps.
func ExampleClient_Execute() {
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	request := route.Request{
		From:    accounts.NativeMint,
		To:      accounts.MSOLMint,
		Amount:  1_500_000_000,
		Options: route.Options{SlippageBps: 10},
	}

	opts := sdk.BuildOptions{Owner: wallet.PublicKey()}
	receipt, quote, err := client.Execute(context.Background(), request, opts, wallet)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(quote.Venue, "in slot", receipt.Slot, "for a fee of", receipt.Fee, "lamports")
	// Output: Marinade deposit in slot 342792001 for a fee of 5000 lamports
}
