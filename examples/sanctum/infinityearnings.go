package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"math/big"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// poolEarnings are the yields of the pool, and the trading fees of a while.
type poolEarnings struct {
	*route.InfinityEarnings
	// fees are those between the slot from and the slot of the pool, or nil.
	fees *quote.InfinityFeesEarned
	from uint64
}

// earn computes what the pool earns. With a while, it waits and compares the
// pool with what it was before.
func (s *session) earn(
	ctx context.Context, market *route.Market, while time.Duration,
) (e poolEarnings, err error) {
	e.InfinityEarnings, err = market.InfinityEarnings(accounts.InfinityProgram, nil)
	if err != nil || while <= 0 {
		return e, err
	}

	select {
	case <-ctx.Done():
		return e, ctx.Err()
	case <-time.After(while):
	}

	later, err := s.Client.LoadMarketTokens(ctx, s.Registry.All()...)
	if err != nil {
		return e, err
	}

	before := e.Pool
	e.InfinityEarnings, err = later.InfinityEarnings(accounts.InfinityProgram, nil)
	if err != nil {
		return e, err
	}

	fees, err := quote.InfinityFees(tradable(before), tradable(e.Pool))
	e.fees, e.from = &fees, before.Slot
	return e, err
}

// tradable returns a pool with the tokens that can be valued. A token whose
// pool is not updated cannot be traded, so it earns no fees.
func tradable(pool *route.InfinityPool) quote.InfinityState {
	state := pool.Prices()
	tokens := make(map[solana.PublicKey]quote.InfinityLST, len(state.LSTs))
	for mint, token := range state.LSTs {
		if token.Value != nil {
			tokens[mint] = token
		}
	}
	state.LSTs = tokens
	return state
}

// earnings shows what the pool earns. loaded is called before anything is
// printed.
func (s *session) earnings(
	ctx context.Context, market *route.Market, while time.Duration, picture string, loaded func(),
) error {
	e, err := s.earn(ctx, market, while)
	if err != nil {
		return err
	}

	loaded()
	if picture != "" {
		if err := writeFile(picture, func(w io.Writer) error {
			return drawEarnings(w, e)
		}); err != nil {
			return err
		}
	}

	switch {
	case s.Flags.JSON:
		return s.printJSON(newEarningsJSON(e))
	case picture != "":
		return nil
	}

	if err := s.banner(); err != nil {
		return err
	}

	s.showEarnings(e)
	return nil
}

// yieldOf formats a growth per epoch as APY, or as growth if the length of an
// epoch is not known.
func (e poolEarnings) yieldOf(growth *big.Rat) string {
	if growth == nil {
		return "not known"
	}

	if a := e.APY(growth); a != nil {
		return apy(a)
	}
	return growth.FloatString(9) + " an epoch"
}

func (s *session) showEarnings(e poolEarnings) {
	s.say("What Infinity earns, at slot %d", e.Pool.Slot)
	s.field("tokens", "%s, weighted by their value", e.yieldOf(e.Basket.Growth))
	s.field("INF", "%s, after the protocol's part and before trading fees", e.yieldOf(e.Expected))
	if e.Pool.State.Version == accounts.PoolStateV2 {
		s.field("release", "%s to holders in the next %d slots, of what is withheld now: %s",
			formatSOL(e.Release.Holders), e.Release.Slots, e.yieldOf(e.Release.Growth))
	}

	if e.fees != nil {
		s.field("fees", "%s", e.feesText())
	}

	list := table{columns: []column{
		{title: "token"},
		{title: "share", right: true},
		{title: "growth", right: true},
		{title: "APY", right: true},
		{title: "drift", right: true},
		{title: "an epoch", right: true},
	}}

	for _, part := range e.shown() {
		list.add(e.Token(part.Mint).Symbol, percentOf(e.share(part)), ppm(part.Growth),
			e.yieldOf(part.Growth), ppm(e.Basket.Drift(part)), wholeSOL(part.Earns()))
	}

	fmt.Fprintln(s.out)
	list.write(s.out, s.width)
	fmt.Fprintln(s.out, "\nGrowth and drift from the average in millionths, of the last epoch.")
}

// feesText describes the trading fees.
func (e poolEarnings) feesText() string {
	text := wholeSOL(e.fees.Least)
	if e.fees.Least.Cmp(e.fees.Most) != 0 {
		text += " to " + wholeSOL(e.fees.Most)
	}
	return fmt.Sprintf("%s since slot %d", text, e.from)
}

// shown are the tokens with a row: those that the pool holds more than dust of.
func (e poolEarnings) shown() (parts []quote.InfinityPart) {
	for _, part := range e.Basket.Parts {
		if e.share(part).Cmp(dust) >= 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// share returns the share of a token in the basket.
func (e poolEarnings) share(part quote.InfinityPart) *big.Rat {
	if e.Basket.Value == 0 {
		return new(big.Rat)
	}
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(part.Value),
		new(big.Int).SetUint64(e.Basket.Value))
}

// ppm formats a fraction in millionths, or "?" if it is not known.
func ppm(r *big.Rat) string {
	if r == nil {
		return "?"
	}
	return new(big.Rat).Mul(r, big.NewRat(1_000_000, 1)).FloatString(1)
}

// wholeSOL formats lamports, which may be negative, with two decimals.
func wholeSOL(lamports *big.Int) string {
	return new(big.Rat).SetFrac(lamports, big.NewInt(1_000_000_000)).FloatString(2) + " SOL"
}

// Heights of the parts of the picture of earnings.
const (
	earningsHead = 118
	earningsRow  = 38
)

// drawEarnings draws the growth of each token as a bar, with a mark at the
// weighted average.
func drawEarnings(w io.Writer, e poolEarnings) error {
	rows := e.shown()
	c := canvas{w: w}
	c.open(earningsHead+earningsRow*len(rows)+svgMargin, "Yields of the tokens of Infinity")
	right := svgWidth - svgMargin
	c.text(svgMargin, 34, "ink big", "start", "Infinity earns")
	c.text(right, 34, "ink big", "end", e.yieldOf(e.Expected))
	c.text(svgMargin, 58, "ink head", "start",
		"its tokens "+e.yieldOf(e.Basket.Growth)+", weighted by value")
	c.text(svgMargin, 77, "quiet note", "start", fmt.Sprintf("best %s, worst %s, at slot %d",
		e.Token(e.Basket.Best.Mint).Symbol, e.Token(e.Basket.Worst.Mint).Symbol, e.Pool.Slot))
	c.key(svgMargin, 98, "open", "at least the average")
	c.key(svgMargin+130, 98, "out", "below it")

	y := earningsHead
	for _, part := range rows {
		c.earningsRow(y, e, part)
		y += earningsRow
	}
	return c.close()
}

func (c *canvas) earningsRow(y int, e poolEarnings, part quote.InfinityPart) {
	symbol := e.Token(part.Mint).Symbol
	c.line(`<g><title>%s: %s millionths an epoch</title>`, html.EscapeString(symbol),
		ppm(part.Growth))
	c.text(svgMargin, y+10, "ink name", "start", symbol)
	c.text(svgMargin+100, y+10, "quiet note", "start", percentOf(e.share(part))+" of the pool")
	c.text(svgWidth-svgMargin, y+10, "ink name", "end", e.yieldOf(part.Growth))
	if part.Growth != nil && e.Basket.Best.Growth.Sign() > 0 {
		class := "open"
		if e.Basket.Drift(part).Sign() < 0 {
			class = "out"
		}

		c.bar(y+16, class, part.Growth, e.Basket.Best.Growth)
		x := svgMargin + barLength(e.Basket.Growth, e.Basket.Best.Growth)
		c.line(`<line class="mark" x1="%d" y1="%d" x2="%d" y2="%d"/>`, x, y+13, x, y+26)
	}

	c.line("</g>")
}
