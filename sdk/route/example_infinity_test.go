package route_test

import (
	"fmt"
	"log"

	"github.com/sanctum-go/sanctum/accounts"
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
