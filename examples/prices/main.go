// Command prices prints the prices and the yields of all LSTs: as a table, or
// with -csv, -json, or -svg for a picture of the yields.
//
// It reads an embedded snapshot of real pools, or the node in SANCTUM_RPC.
package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/big"
	"os"
	"slices"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Args[1:]...); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, args ...string) error {
	client, _, err := sdktest.DemoClient()
	if endpoint := os.Getenv("SANCTUM_RPC"); endpoint != "" {
		client, err = sdk.New(endpoint)
	}
	if err != nil {
		return err
	}
	market, err := client.LoadMarketTokens(ctx, client.Registry().All()...)
	if err != nil {
		return err
	}
	infos := market.TokenInfos()
	slices.SortStableFunc(infos, func(a, b route.TokenInfo) int { return apy(b).Cmp(apy(a)) })
	rows := [][]string{{"symbol", "mint", "price_sol", "apy"}}
	for _, i := range infos {
		rows = append(rows, []string{i.Token.Symbol, i.Token.Mint.String(), i.Price.String(),
			apy(i).FloatString(4)})
	}

	switch {
	case slices.Contains(args, "-csv"):
		return csv.NewWriter(out).WriteAll(rows)
	case slices.Contains(args, "-json"):
		return json.NewEncoder(out).Encode(rows)
	case slices.Contains(args, "-svg"):
		return draw(out, infos)
	}
	for _, row := range rows {
		fmt.Fprintf(out, "%-10s %12s %8s  %s\n", row[0], row[2], row[3], row[1])
	}
	return nil
}

// draw draws a bar for each yield: 1 % is 30 units long.
func draw(out io.Writer, infos []route.TokenInfo) error {
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 %d">`, 20*len(infos))
	for n, i := range infos {
		length := new(big.Rat).Mul(apy(i), big.NewRat(3000, 1)).FloatString(0)
		fmt.Fprintf(out, "\n<rect x='90' y='%d' width='%s' height='14'/><text y='%d'>%s</text>",
			20*n+3, length, 20*n+15, i.Token.Symbol)
	}
	_, err := fmt.Fprintln(out, "\n</svg>")
	return err
}

// apy returns the yield of an LST, or zero if it is not known.
func apy(i route.TokenInfo) *big.Rat {
	if i.APY == nil {
		return new(big.Rat)
	}
	return i.APY
}
