package operator_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// The pool shall hold JupSOL and dSOL at three to one. It has too much dSOL, so
// more of it pays 20 bps, and the opposite trade nothing.
func ExamplePlanInfinityFees() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarketTokens(context.Background(), client.Registry().All()...)
	if err != nil {
		log.Fatal(err)
	}

	pool, err := market.InfinityPool(accounts.InfinityProgram)
	if err != nil {
		log.Fatal(err)
	}

	jupSOL, dSOL := exampleToken("JupSOL").Mint, exampleToken("dSOL").Mint
	side := quote.FeeRange{BaseNanos: 500_000, MaxNanos: 1_000_000} // 0, 5 and 10 bps
	fees, err := operator.PlanInfinityFees(pool, quote.InfinityFeePolicy{
		Targets:       map[solana.PublicKey]uint64{jupSOL: 3, dSOL: 1},
		Input:         side,
		Output:        side,
		FullAtPercent: 1,
		UnitNanos:     1,
	})
	if err != nil {
		log.Fatal(err)
	}

	dear, cheap := fees.Plan.Pair(dSOL, jupSOL), fees.Plan.Pair(jupSOL, dSOL)
	fmt.Println("dSOL to JupSOL", dear.BeforeNanos, "to", dear.AfterNanos, "billionths")
	fmt.Println("JupSOL to dSOL", cheap.BeforeNanos, "to", cheap.AfterNanos, "billionths")

	transactions, err := fees.Transactions(fees.Authority)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(len(fees.Changes()), "tokens in", len(transactions), "transactions")
	// Output:
	// dSOL to JupSOL 1200000 to 2000000 billionths
	// JupSOL to dSOL 1200000 to 0 billionths
	// 18 tokens in 2 transactions
}

// 100 JupSOL become hSOL in one transaction. The Reserve's fee and the
// withdrawal fee of hSOL are missing; the rebalance authority adds them.
func ExamplePlanInfinityRebalance() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	jupSOL, hSOL := exampleToken("JupSOL"), exampleToken("hSOL")
	market, err := client.LoadMarket(context.Background(), jupSOL.Mint, hSOL.Mint)
	if err != nil {
		log.Fatal(err)
	}

	params := operator.InfinityRebalanceParams{
		Out:    jupSOL.Mint,
		Inp:    hSOL.Mint,
		Amount: 100_000_000_000,
	}

	_, err = operator.PlanInfinityRebalance(market, params)
	var loss *operator.InfinityLossError
	if !errors.As(err, &loss) {
		log.Fatal(err)
	}

	fmt.Println("missing", hSOL.Format(loss.TopUp), "hSOL")
	params.MaxTopUp = loss.TopUp
	plan, err := operator.PlanInfinityRebalance(market, params)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(plan.Unstake.Venue, "pays", lst.FormatAmount(plan.SOL, 9), "SOL")
	fmt.Println(plan.Stake.Venue, "pays", hSOL.Format(plan.Received), "hSOL")
	fmt.Println("the pool gains", plan.End.Gain, "lamports")
	// Output:
	// missing 0.206218407 hSOL
	// stake withdrawal and Reserve pays 111.034571572 SOL
	// stake pool deposit pays 101.336119037 hSOL
	// the pool gains 0 lamports
}

// The transaction of a rebalance has the program's own guard at its end. It is
// larger than version 0 allows.
func ExampleInfinityRebalance_Build() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	picoSOL := exampleToken("picoSOL")
	ctx := context.Background()
	market, err := client.LoadMarket(ctx, picoSOL.Mint)
	if err != nil {
		log.Fatal(err)
	}

	plan, err := operator.PlanInfinityRebalance(market, operator.InfinityRebalanceParams{
		Out:      picoSOL.Mint,
		Inp:      accounts.NativeMint,
		Amount:   100_000_000_000,
		MaxTopUp: 1_000_000_000,
	})
	if err != nil {
		log.Fatal(err)
	}

	unsigned, err := plan.Build(ctx, client, sdk.BuildOptions{
		Versions:       []txn.Version{txn.Version0, txn.Version1},
		SkipSimulation: true, // the embedded market executes nothing
		SkipPayerCheck: true,
	})
	if err != nil {
		log.Fatal(err)
	}

	steps := unsigned.Steps()
	fmt.Println("version 1:", unsigned.Version() == txn.Version1)
	fmt.Println(steps[len(steps)-1].Description)
	// Output:
	// version 1: true
	// end the rebalance: fail unless the pool is worth 257446.350494525 SOL again
}

// The steps of a rebalance fit into a transaction with others.
func ExampleInfinityRebalance_Steps() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	picoSOL := exampleToken("picoSOL")
	market, err := client.LoadMarket(context.Background(), picoSOL.Mint)
	if err != nil {
		log.Fatal(err)
	}

	plan, err := operator.PlanInfinityRebalance(market, operator.InfinityRebalanceParams{
		Out:      accounts.NativeMint,
		Inp:      picoSOL.Mint,
		Amount:   100_000_000_000,
		MaxTopUp: 1_000_000_000,
	})
	if err != nil {
		log.Fatal(err)
	}

	with := operator.InfinityRebalanceAccounts{Seed: "october"}
	if plan.NeedsStakeKeypair() {
		with.NewAccount = solana.PublicKey{} // the address of a new key
	}

	steps, err := plan.Steps(with)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(steps[2].Description)
	fmt.Println(len(steps), "steps,", len(plan.Tables()), "lookup tables")
	// Output:
	// take 100 SOL out of the pool, for picoSOL that comes back
	// 8 steps, 1 lookup tables
}

// exampleToken looks up a token of the built-in registry.
func exampleToken(symbol string) lst.LST {
	token, err := lst.Default().Lookup(symbol)
	if err != nil {
		log.Fatal(err)
	}
	return token
}
