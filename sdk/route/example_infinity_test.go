package route_test

import (
	"fmt"
	"log"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

func ExampleMarket_InfinityPool() {
	market := exampleMarket("INF", "dSOL", "JupSOL")

	pool, err := market.InfinityPool(accounts.InfinityProgram)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("1 INF =", pool.LPPrice, "SOL")
	for _, token := range pool.Tokens {
		if token.Unavailable == nil {
			fmt.Println(token.Token.Symbol, token.Token.Format(token.Reserves),
				token.Share.FloatString(3))
		}
	}
	// Output:
	// 1 INF = 1.452469077 SOL
	// SOL 13414.450670097 0.052
	// dSOL 60240.108919809 0.261
	// JupSOL 88193.063549059 0.381
}

// The fee of a pair is in billionths of the paid value.
func ExampleInfinityPool_FeeNanos() {
	pool := exampleInfinity("dSOL", "JupSOL")

	fee, err := pool.FeeNanos(exampleToken("dSOL").Mint, exampleToken("JupSOL").Mint)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(float64(fee)/100_000, "bps")
	// Output: 12 bps
}

// The difference between the fair value and the output is the fee.
func ExampleInfinityPool_SwapExactIn() {
	pool := exampleInfinity("dSOL", "JupSOL")
	in, out := exampleToken("dSOL"), exampleToken("JupSOL")

	trade, err := pool.SwapExactIn(in.Mint, out.Mint, 10_000_000_000)
	if err != nil {
		log.Fatal(err)
	}

	fair, err := pool.FairValue(in.Mint, out.Mint, trade.In)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("in", in.Format(trade.In), "out", out.Format(trade.Out), "fair", out.Format(fair))
	// Output: in 10 out 10.027503117 fair 10.039550578
}

func ExampleInfinityPool_ShareAfter() {
	pool := exampleInfinity("dSOL", "JupSOL")
	in, out := exampleToken("dSOL"), exampleToken("JupSOL")

	trade, err := pool.SwapExactIn(in.Mint, out.Mint, 1_000_000_000_000)
	if err != nil {
		log.Fatal(err)
	}

	for _, token := range pool.Tokens {
		if token.Token.Mint == in.Mint {
			fmt.Println("before", token.Share.FloatString(4))
		}
	}

	fmt.Println("after", pool.ShareAfter(trade, in.Mint).FloatString(4))
	// Output:
	// before 0.2611
	// after 0.2654
}

// exampleInfinity returns Infinity's pool in a market of the given tokens.
func exampleInfinity(symbols ...string) *route.InfinityPool {
	pool, err := exampleMarket(symbols...).InfinityPool(accounts.InfinityProgram)
	if err != nil {
		log.Fatal(err)
	}

	return pool
}

// The yield of INF follows from that of its tokens. In this market two of them
// are known, and SOL, which does not grow.
func ExampleMarket_InfinityEarnings() {
	market := exampleMarket("INF", "dSOL", "JupSOL")

	earnings, err := market.InfinityEarnings(accounts.InfinityProgram, nil)
	if err != nil {
		log.Fatal(err)
	}

	basket := earnings.Basket
	for _, part := range basket.Parts[:2] {
		fmt.Println(earnings.Token(part.Mint).Symbol, earnings.APY(part.Growth).FloatString(4),
			"drift", basket.Drift(part).FloatString(9))
	}

	fmt.Println("INF", earnings.APY(earnings.Expected).FloatString(4))
	// Output:
	// JupSOL 0.0789 drift 0.000031235
	// dSOL 0.0789 drift 0.000031210
	// INF 0.0690
}

// A rebalance takes dSOL out of the pool. This much JupSOL must come back.
func ExampleInfinityPool_Prices() {
	pool := exampleInfinity("INF", "dSOL", "JupSOL")
	dSOL, jupSOL := exampleToken("dSOL").Mint, exampleToken("JupSOL").Mint

	rebalance, err := pool.Prices().StartRebalance(dSOL, jupSOL, 100_000_000_000)
	if err != nil {
		log.Fatal(err)
	}

	required, err := rebalance.Required(nil)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("for 100 dSOL the pool wants", exampleToken("JupSOL").Format(required), "JupSOL")
	// Output: for 100 dSOL the pool wants 100.395505795 JupSOL
}

// The account of a stake pool shows the prices of two epochs.
func ExampleMarket_StakePool() {
	pool, err := exampleMarket("JupSOL").StakePool(exampleToken("JupSOL").Mint)
	if err != nil {
		log.Fatal(err)
	}

	var history quote.PriceHistory
	for _, point := range pool.PricePoints() {
		if err := history.Add(point); err != nil {
			log.Fatal(err)
		}
	}

	growth, err := history.Growth()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(growth.From, "to", growth.To, growth.Growth.FloatString(9))
	// Output: 792 to 793 0.000415883
}

func ExampleMarket_Marinade() {
	marinade, err := exampleMarket("mSOL").Marinade(accounts.MSOLMint)
	if err != nil {
		log.Fatal(err)
	}

	deposit, err := marinade.Deposit(1_000_000_000)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("1 SOL pays", exampleToken("mSOL").Format(deposit.MSOL), "mSOL")
	// Output: 1 SOL pays 0.769980271 mSOL
}
