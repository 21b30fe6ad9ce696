package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// Verify a transaction that another program built before signing it.
func ExampleClient_Review() {
	ctx := context.Background()
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	foreign, _, err := client.Stake(ctx, accounts.MSOLMint, 1_500_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	// Pay at most 1.5 SOL for at least 1.15 mSOL, which may be in a new
	// token account.
	policy := explain.Policy{
		Owner:          wallet.PublicKey(),
		MaxLamports:    1_500_000_000,
		MinTokens:      map[solana.PublicKey]uint64{accounts.MSOLMint: 1_150_000_000},
		MaxNewAccounts: 1,
		MaxRent:        2_039_280,
	}

	review, err := client.Review(ctx, foreign.Base64(), policy)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("network fee:", review.Explanation.NetworkFee, "lamports")

	policy.MaxLamports = 1_400_000_000
	_, err = client.Review(ctx, foreign.Base64(), policy)
	fmt.Println("refused:", errors.Is(err, explain.ErrSpendLimit))
	// Output:
	// network fee: 5000 lamports
	// refused: true
}

// Send a transaction that another process built and its owner signed.
func ExampleClient_Parse() {
	ctx := context.Background()
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	built, _, err := client.Stake(ctx, accounts.MSOLMint, 1_500_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	signedElsewhere, err := built.Sign(ctx, wallet)
	if err != nil {
		log.Fatal(err)
	}

	partial, err := client.Parse(ctx, signedElsewhere.Base64(), built.Lifetime())
	if err != nil {
		log.Fatal(err)
	}

	signed, err := partial.Signed()
	if err != nil {
		log.Fatal(err)
	}

	receipt, err := client.Send(ctx, signed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt.Signature == signedElsewhere.Signature())
	// Output: true
}

// Simulate a reviewed transaction on the client's own node. The node of package
// sdktest runs no programs, so that no tokens arrive and Witness refuses.
func ExampleClient_Witness() {
	ctx := context.Background()
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	opts.Seed = "witness"
	foreign, quote, err := client.Stake(ctx, accounts.MSOLMint, 1_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	policy, err := client.Policy(ctx, quote, opts.BuildOptions)
	if err != nil {
		log.Fatal(err)
	}

	review, err := client.Review(ctx, foreign.Base64(), policy)
	if err != nil {
		log.Fatal(err)
	}

	err = client.Witness(ctx, review)
	fmt.Println("refused:", errors.Is(err, explain.ErrMinimumNotEnforced))
	// Output: refused: true
}

// Make the tightest policy for a quote, for a wallet to verify against.
func ExampleClient_Policy() {
	ctx := context.Background()
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	opts.Seed = "policy"
	unsigned, quote, err := client.Stake(ctx, accounts.MSOLMint, 1_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	policy, err := client.Policy(ctx, quote, opts.BuildOptions)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("spend at most", policy.MaxLamports, "lamports")
	fmt.Println("receive at least", policy.MinTokens[accounts.MSOLMint], "base units of mSOL")
	fmt.Println(explain.Verify(explain.Transaction(unsigned, nil), policy))
	// Output:
	// spend at most 1000000000 lamports
	// receive at least 769210291 base units of mSOL
	// <nil>
}

// A sponsor pays the fee and verifies that it pays nothing else.
func ExampleClient_SponsorPolicy() {
	ctx := context.Background()
	client, wallet, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	var opts sdk.TradeOptions
	opts.Owner = wallet.PublicKey()
	opts.Payer = solana.PublicKey{9}
	unsigned, quote, err := client.Stake(ctx, accounts.MSOLMint, 1_000_000_000, opts)
	if err != nil {
		log.Fatal(err)
	}

	policy, err := client.SponsorPolicy(ctx, quote, opts.BuildOptions)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("rent for", policy.MaxNewAccounts, "account:", policy.MaxRent, "lamports")
	fmt.Println(explain.VerifySponsor(explain.Transaction(unsigned, nil), policy))
	// Output:
	// rent for 1 account: 2039280 lamports
	// <nil>
}
