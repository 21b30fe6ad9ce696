// Command dashboard prints what LSTs are worth, what they yield and what a sale
// pays now, on an embedded snapshot of real pools.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/big"
	"os"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		return err
	}
	var tokens []lst.LST
	for _, symbol := range []string{"jitoSOL", "hubSOL", "jupSOL"} {
		token, err := client.Registry().Lookup(symbol)
		if err != nil {
			return err
		}
		tokens = append(tokens, token)
	}
	market, err := client.LoadMarketTokens(ctx, tokens...)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		info, err := market.TokenInfo(token.Mint)
		if err != nil {
			return err
		}
		request := route.Request{From: token.Mint, To: accounts.NativeMint, Amount: 10_000_000_000}
		sale, err := market.Quote(request)
		if err != nil {
			return err
		}
		impact, err := sale.PriceImpact()
		if err != nil {
			return err
		}
		fmt.Fprintln(out, info)
		fmt.Fprintf(out, "  10 sell for %s SOL by %s, %s below the fair price\n",
			lst.FormatAmount(sale.Out, 9), sale.Venue, percent(impact))
	}
	return nil
}

// percent formats a fraction: 0.0012 is "0.12 %".
func percent(fraction *big.Rat) string {
	return new(big.Rat).Mul(fraction, big.NewRat(100, 1)).FloatString(2) + " %"
}
