// Command infinity shows the holdings, the prices and the yield of the Infinity
// pool and of its tokens.
//
// It reads an embedded snapshot of real pools, or the node in SANCTUM_RPC.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/big"
	"os"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	client, err := connect()
	if err != nil {
		return err
	}

	// A market of all LSTs has their prices, but no routes that move stake.
	market, err := client.LoadMarketTokens(ctx, client.Registry().All()...)
	if err != nil {
		return err
	}
	earnings, err := market.InfinityEarnings(accounts.InfinityProgram, nil)
	if err != nil {
		return err
	}

	pool, basket := earnings.Pool, earnings.Basket
	fmt.Fprintf(out, "%s SOL, 1 INF = %s SOL\n",
		lst.FormatAmount(pool.State.TotalSOLValue, 9), pool.LPPrice)
	if pool.APY != nil && basket.Growth != nil {
		fmt.Fprintf(out, "APY %s, slots of %s\n", percent(pool.APY), pool.SlotTime)
		fmt.Fprintf(out, "tokens %s, from %s %s to %s %s\n", percent(earnings.APY(basket.Growth)),
			earnings.Token(basket.Worst.Mint).Symbol, percent(earnings.APY(basket.Worst.Growth)),
			earnings.Token(basket.Best.Mint).Symbol, percent(earnings.APY(basket.Best.Growth)))
	}
	for _, token := range pool.Tokens {
		if token.Share.FloatString(2) == "0.00" {
			continue
		}
		fmt.Fprintf(out, "%-9s  %7s of the pool, 1 = %s SOL\n",
			token.Token.Symbol, percent(token.Share), token.Price)
	}
	return nil
}

// percent formats a fraction: 0.0762 is "7.62 %".
func percent(fraction *big.Rat) string {
	return new(big.Rat).Mul(fraction, big.NewRat(100, 1)).FloatString(2) + " %"
}

// connect returns a client of the node in SANCTUM_RPC, or without SANCTUM_RPC
// a client of the embedded market.
func connect() (*sdk.Client, error) {
	endpoint := os.Getenv("SANCTUM_RPC")
	if endpoint == "" {
		client, _, err := sdktest.DemoClient()
		return client, err
	}
	return sdk.New(endpoint)
}
