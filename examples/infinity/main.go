// Command infinity shows the holdings, the APY and the prices of the Infinity
// pool.
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
	pool, err := market.InfinityPool(accounts.InfinityProgram)
	if err != nil {
		return err
	}

	fmt.Fprintf(out, "%s SOL, 1 INF = %s SOL\n",
		lst.FormatAmount(pool.State.TotalSOLValue, 9), pool.LPPrice)
	if pool.APY != nil {
		fmt.Fprintf(out, "APY %s, slots of %s\n", percent(pool.APY), pool.SlotTime)
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
