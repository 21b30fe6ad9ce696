package operator_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
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

// exampleToken looks up a token of the built-in registry.
func exampleToken(symbol string) lst.LST {
	token, err := lst.Default().Lookup(symbol)
	if err != nil {
		log.Fatal(err)
	}
	return token
}
