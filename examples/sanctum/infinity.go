package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// infinity shows the holdings, the value and the fees of the Infinity pool.
func infinity(ctx context.Context, args []string, c *console) error {
	var f flags
	set := flagSet("infinity")
	f.registerNode(set)
	matrix := set.Bool("matrix", false, "show the fees of all pairs")
	earns := set.Bool("earnings", false, "show what the pool and its tokens earn")
	while := set.Duration("fees", 0, "with -earnings: wait, and show the trading fees meanwhile")
	picture := set.String("svg", "", "`file` to draw composition and fees, or the earnings, to")
	if done, err := c.parse(set, args); done {
		return err
	}

	s, err := start(f, c)
	if err != nil {
		return err
	}

	step := s.begin("Loading the pool")
	defer step.end()
	market, err := s.Client.LoadMarketTokens(ctx, s.Registry.All()...)
	if err != nil {
		return err
	}

	if *earns || *while > 0 {
		return s.earnings(ctx, market, *while, *picture, step.end)
	}

	pool, err := market.InfinityPool(accounts.InfinityProgram)
	if err != nil {
		return err
	}

	step.end()

	slices.SortStableFunc(pool.Tokens, func(a, b route.InfinityToken) int {
		return cmp.Compare(b.SOLValue, a.SOLValue)
	})
	if *picture != "" {
		if err := writeFile(*picture, func(w io.Writer) error {
			return drawPool(w, pool)
		}); err != nil {
			return err
		}
	}

	switch {
	case f.JSON:
		return s.printJSON(newPoolJSON(pool, *matrix))
	case *picture != "":
		return nil
	}

	if err := s.banner(); err != nil {
		return err
	}

	if *matrix {
		s.showMatrix(pool)
		return nil
	}

	s.showPool(pool)

	return nil
}

// writeFile creates a file. If writing fails, the partial file stays.
func writeFile(path string, to func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(to(file), file.Close())
}

// dust is the share of the pool below which a token has no row of its own.
var dust = big.NewRat(1, 10_000)

// notable splits the tokens of a pool into those with a row of their own, and
// the rest, which the pool hardly holds.
func notable(p *route.InfinityPool) (rows, rest []route.InfinityToken) {
	for _, t := range p.Tokens {
		if t.Share != nil && t.Share.Cmp(dust) >= 0 {
			rows = append(rows, t)
		} else {
			rest = append(rest, t)
		}
	}
	return rows, rest
}

// status describes the trades of a token that the pool refuses, or is empty.
func status(t route.InfinityToken) string {
	switch {
	case t.Unavailable != nil:
		return "not tradable now"
	case t.Listed.IsInputDisabled:
		return "paid out only"
	}
	return ""
}

func (s *session) showPool(p *route.InfinityPool) {
	s.say("Infinity at slot %d, version %d, %d tokens", p.Slot, p.State.Version, len(p.Tokens))
	s.field("worth", "%s", formatSOL(p.State.TotalSOLValue))
	s.field("supply", "%s INF", lst.FormatAmount(p.LPSupply, 9))
	s.field("price", "1 INF = %s SOL", p.LPPrice)
	if p.APY != nil {
		s.field("APY", "%s, from the yield that the pool releases now, at %s", apy(p.APY),
			p.SlotTime)
	}

	if p.State.Version == accounts.PoolStateV2 {
		s.field("withheld", "%s of yield, released over time", formatSOL(p.State.WithheldLamports))
		s.field("protocol", "%s of fees, not yet collected", formatSOL(p.State.ProtocolFeeLamports))
	}

	rows, rest := notable(p)
	list := table{columns: []column{
		{title: "token"},
		{title: "share", right: true},
		{title: "worth", right: true},
		{title: "price", right: true},
		{title: "fee in", right: true},
		{title: "fee out", right: true},
		{title: "note"},
	}}

	for _, t := range rows {
		list.add(t.Token.Symbol, percentOf(t.Share), sol(t.SOLValue, 2), price(t.Price.Rat()),
			basisPoints(nanosRate(t.InputFeeNanos)), basisPoints(nanosRate(t.OutputFeeNanos)),
			status(t))
	}

	fmt.Fprintln(s.out)
	list.write(s.out, s.width)
	s.showRest(rest)
}

// showRest lists the tokens without a row, grouped by status.
func (s *session) showRest(rest []route.InfinityToken) {
	if len(rest) == 0 {
		return
	}

	fmt.Fprintln(s.out, "\nLess than 0.01 % each")
	for _, group := range []struct{ name, status string }{
		{"traded", ""},
		{"paid out", "paid out only"},
	} {
		if names := symbols(rest, group.status); len(names) > 0 {
			s.field(group.name, "%s", strings.Join(names, ", "))
		}
	}

	for _, t := range rest {
		if t.Unavailable != nil {
			s.field("closed", "%s: %s", t.Token.Symbol, s.readable(t.Unavailable.Error()))
		}
	}
}

// symbols returns the symbols of the tokens with a status.
func symbols(tokens []route.InfinityToken, of string) (names []string) {
	for _, t := range tokens {
		if status(t) == of {
			names = append(names, t.Token.Symbol)
		}
	}
	return names
}

// sol formats lamports as SOL, rounded to the nearest value with the given
// number of decimals.
func sol(lamports uint64, places int) string {
	return new(big.Rat).SetFrac(
		new(big.Int).SetUint64(lamports), big.NewInt(1_000_000_000),
	).FloatString(places) + " SOL"
}

// price formats a price in SOL with six decimals.
func price(r *big.Rat) string { return r.FloatString(6) + " SOL" }

// percentOf formats a share in percent with two decimals.
func percentOf(r *big.Rat) string {
	return new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(2) + " %"
}

// showMatrix shows the fees of all pairs. It puts as many tables next to each
// other as fit the width.
func (s *session) showMatrix(p *route.InfinityPool) {
	s.say("%s", "Fees in bps (1 bps = 0.01 %), from the token of a row to that of a column.")

	const corner = "from \\ to"
	var open []route.InfinityToken
	for _, t := range p.Tokens {
		if t.Unavailable == nil {
			open = append(open, t)
		}
	}

	if closed := symbols(p.Tokens, "not tradable now"); len(closed) > 0 {
		s.field("closed", "%s", strings.Join(closed, ", "))
	}

	if out := symbols(p.Tokens, "paid out only"); len(out) > 0 {
		s.field("paid out", "%s (not taken, so without a row)", strings.Join(out, ", "))
	}

	first := len(corner)
	for _, t := range open {
		first = max(first, utf8.RuneCountInString(t.Token.Symbol))
	}

	for len(open) > 0 {
		block, used := 0, indent+first
		for block < len(open) {
			used += gap + max(len("x"), utf8.RuneCountInString(open[block].Token.Symbol))
			if block > 0 && used > s.width {
				break
			}

			block++
		}

		fmt.Fprintln(s.out)
		s.matrixBlock(p, corner, open[:block])
		open = open[block:]
	}
}

// matrixBlock shows the fees from all tokens to some tokens.
func (s *session) matrixBlock(p *route.InfinityPool, corner string, to []route.InfinityToken) {
	block := table{columns: []column{{title: corner}}}
	for _, t := range to {
		block.columns = append(block.columns, column{title: t.Token.Symbol, right: true})
	}

	for _, from := range p.Tokens {
		if status(from) != "" {
			continue
		}

		row := []string{from.Token.Symbol}
		for _, t := range to {
			row = append(row, pairFee(p, from, t))
		}

		block.add(row...)
	}

	block.write(s.out, s.width)
}

// pairFee returns the fee of a pair in basis points, or "x" if the pair cannot
// be traded.
func pairFee(p *route.InfinityPool, from, to route.InfinityToken) string {
	nanos, err := p.FeeNanos(from.Token.Mint, to.Token.Mint)
	switch {
	case from.Token.Mint == to.Token.Mint:
		return "-"
	case err != nil || from.Unavailable != nil || to.Unavailable != nil ||
		from.Listed.IsInputDisabled:
		return "x"
	}
	return strings.TrimSuffix(basisPoints(nanosRate(nanos)), " bps")
}
