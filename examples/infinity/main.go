// Command infinity shows the Infinity pool at a glance: what it holds, what that is worth, and what it charges.
//
//	go run ./examples/infinity
//	go run ./examples/infinity -matrix
//	go run ./examples/infinity -svg infinity.svg
//
// It shows the pool of the embedded market, or with -rpc the real one.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/examples/internal/cli"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

func main() { cli.Main(run) }

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	var f cli.Flags
	flags := flag.NewFlagSet("infinity", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.StringVar(&f.RPC, "rpc", "", "HTTP address of a Solana node; without it the embedded market is used")
	flags.StringVar(&f.List, "lsts", "", "JSON file with a newer list of LSTs than the built-in one")
	flags.BoolVar(&f.JSON, "json", false, "print one JSON object")
	matrix := flags.Bool("matrix", false, "print the fees of all pairs")
	picture := flags.String("svg", "", "file to draw composition and fees to")
	if done, err := cli.Parse(flags, args); done {
		return err
	}
	s, err := cli.Start(f, out, errOut)
	if err != nil {
		return err
	}
	market, err := s.Client.MarketOf(ctx, s.Registry.All()...)
	if err != nil {
		return err
	}
	pool, err := market.Pool(accounts.InfinityProgram)
	if err != nil {
		return err
	}
	slices.SortStableFunc(pool.Tokens, func(a, b route.PoolToken) int { return cmp.Compare(b.SolValue, a.SolValue) })
	if *picture != "" {
		return write(*picture, func(w io.Writer) error { return draw(w, pool) })
	}
	switch {
	case *matrix:
		return printMatrix(out, pool)
	case f.JSON:
		return printJSON(out, pool)
	}
	return printTable(out, pool)
}

func write(path string, to func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(to(file), file.Close())
}

// sol is lamports as SOL.
func sol(lamports uint64) string { return lst.FormatAmount(lamports, 9) }

// percent is a fraction in percent with so many decimals.
func percent(r *big.Rat, decimals int) string {
	return new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(decimals) + " %"
}

// bps is a fee in basis points.
func bps(nanos int64) string { return big.NewRat(nanos, 100_000).FloatString(2) }

// status says whether the pool takes and gives a token.
func status(t route.PoolToken) string {
	switch {
	case t.Unavailable != nil:
		return t.Unavailable.Error()
	case t.Listed.IsInputDisabled:
		return "gives only"
	}
	return ""
}

func printTable(out io.Writer, p *route.Pool) error {
	fmt.Fprintf(out, "Infinity at slot %d, version %d, %d tokens\n", p.Slot, p.State.Version, len(p.Tokens))
	fmt.Fprintf(out, "  worth      %s SOL\n", sol(p.State.TotalSolValue))
	fmt.Fprintf(out, "  INF        %s, each %s SOL\n", lst.FormatAmount(p.LPSupply, 9), p.LPPrice)
	if p.State.Version == accounts.PoolStateV2 {
		fmt.Fprintf(out, "  withheld   %s SOL, released over time: INF gains %s a slot now\n", sol(p.State.WithheldLamports), p.Growth.FloatString(12))
		fmt.Fprintf(out, "  protocol   %s SOL\n", sol(p.State.ProtocolFeeLamports))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "token\tshare\treserves\tworth (SOL)\tprice (SOL)\tin (bps)\tout (bps)\t\t")
	for _, t := range p.Tokens {
		price := "-"
		if t.Price.Tokens != 0 {
			price = t.Price.String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", t.Token.Symbol, percent(t.Share, 2), lst.FormatAmount(t.Reserves, 9), sol(t.SolValue),
			price, bps(t.InpFeeNanos), bps(t.OutFeeNanos), status(t))
	}
	return w.Flush()
}

func printMatrix(out io.Writer, p *route.Pool) error {
	w := tabwriter.NewWriter(out, 0, 0, 1, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "bps, from \\ to\t")
	for _, t := range p.Tokens {
		fmt.Fprintf(w, "%s\t", t.Token.Symbol)
	}
	fmt.Fprintln(w)
	for _, from := range p.Tokens {
		fmt.Fprintf(w, "%s\t", from.Token.Symbol)
		for _, to := range p.Tokens {
			fmt.Fprintf(w, "%s\t", pairFee(p, from, to))
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// pairFee is the fee of a pair in basis points, or nothing if it cannot be traded.
func pairFee(p *route.Pool, from, to route.PoolToken) string {
	nanos, err := p.FeeNanos(from.Token.Mint, to.Token.Mint)
	switch {
	case from.Token.Mint == to.Token.Mint:
		return "-"
	case err != nil || from.Unavailable != nil || to.Unavailable != nil || from.Listed.IsInputDisabled:
		return "x"
	}
	return bps(nanos)
}

// poolJSON is the pool as one object. Amounts are base units, prices and shares exact decimal text.
type poolJSON struct {
	Slot                uint64 `json:"slot"`
	Version             uint8  `json:"version"`
	TotalSolValue       uint64 `json:"total_sol_value"`
	LPSupply            uint64 `json:"inf_supply"`
	LPPrice             string `json:"inf_price"`
	WithheldLamports    uint64 `json:"withheld_lamports"`
	ProtocolFeeLamports uint64 `json:"protocol_fee_lamports"`
	GrowthPerSlot       string `json:"growth_per_slot"`
	// APY and SlotTime are left out while the slot time is not known.
	APY      string      `json:"apy,omitempty"`
	SlotTime string      `json:"slot_time,omitempty"`
	Tokens   []tokenJSON `json:"tokens"`
}

type tokenJSON struct {
	Symbol       string `json:"symbol"`
	Mint         string `json:"mint"`
	Index        int    `json:"index"`
	Reserves     uint64 `json:"reserves"`
	SolValue     uint64 `json:"sol_value"`
	Share        string `json:"share"`
	Price        string `json:"price"`
	InpFeeNanos  int64  `json:"inp_fee_nanos"`
	OutFeeNanos  int64  `json:"out_fee_nanos"`
	InputEnabled bool   `json:"input_enabled"`
	Unavailable  string `json:"unavailable,omitempty"`
}

func printJSON(out io.Writer, p *route.Pool) error {
	j := poolJSON{
		Slot: p.Slot, Version: p.State.Version, TotalSolValue: p.State.TotalSolValue, LPSupply: p.LPSupply, LPPrice: p.LPPrice.String(),
		WithheldLamports: p.State.WithheldLamports, ProtocolFeeLamports: p.State.ProtocolFeeLamports,
		GrowthPerSlot: p.Growth.FloatString(15),
	}
	if p.APY != nil {
		j.APY, j.SlotTime = p.APY.FloatString(6), p.SlotTime.String()
	}
	for _, t := range p.Tokens {
		token := tokenJSON{
			Symbol: t.Token.Symbol, Mint: t.Token.Mint.String(), Index: t.Index, Reserves: t.Reserves, SolValue: t.SolValue, Share: t.Share.FloatString(9),
			Price: t.Price.String(), InpFeeNanos: t.InpFeeNanos, OutFeeNanos: t.OutFeeNanos, InputEnabled: !t.Listed.IsInputDisabled,
		}
		if t.Unavailable != nil {
			token.Unavailable = t.Unavailable.Error()
		}
		j.Tokens = append(j.Tokens, token)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(j)
}
