package main

import (
	"fmt"
	"html"
	"io"
	"math/big"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// The picture's measures in pixels.
const (
	width, margin        = 960, 32
	headHeight, rowHight = 128, 34
	nameWidth, barWidth  = 120, 440
	barHeight            = 20
)

// draw draws the pool's composition as bars, with prices and fees beside them.
func draw(w io.Writer, p *route.Pool) error {
	c := canvas{w: w}
	height := headHeight + rowHight*len(p.Tokens) + margin
	c.line(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="Helvetica, Arial, sans-serif">`,
		width, height, width, height)
	c.line(`<rect width="%d" height="%d" fill="#ffffff"/>`, width, height)
	c.text(margin, 46, 26, "#14213d", "start", "Infinity")
	c.text(margin, 74, 14, "#5c677d", "start", fmt.Sprintf("%s SOL in %d tokens at slot %d", whole(p.State.TotalSolValue), len(p.Tokens), p.Slot))
	c.text(width-margin, 46, 20, "#14213d", "end", "1 INF = "+p.LPPrice.Rat().FloatString(6)+" SOL")
	c.text(width-margin, 74, 14, "#5c677d", "end", whole(p.LPSupply)+" INF")
	feesAt := margin + nameWidth + barWidth
	c.text(feesAt+170, headHeight-14, 12, "#5c677d", "end", "price in SOL")
	c.text(feesAt+252, headHeight-14, 12, "#5c677d", "end", "in, bps")
	c.text(width-margin, headHeight-14, 12, "#5c677d", "end", "out, bps")
	for i, t := range p.Tokens {
		c.row(headHeight+rowHight*i, t, p.Tokens[0].Share)
	}
	c.line(`</svg>`)
	return c.err
}

// row draws one token. The longest bar is that of the largest share.
func (c *canvas) row(y int, t route.PoolToken, largest *big.Rat) {
	colour, ink := "#2a9d8f", "#14213d"
	switch {
	case t.Unavailable != nil:
		colour, ink = "#ced4da", "#adb5bd"
	case t.Listed.IsInputDisabled:
		colour = "#e9c46a"
	}
	length := 0
	if largest.Sign() > 0 {
		scaled := new(big.Rat).Quo(t.Share, largest)
		scaled.Mul(scaled, big.NewRat(barWidth-90, 1))
		length = int(new(big.Int).Quo(scaled.Num(), scaled.Denom()).Int64())
	}
	base, barAt := y+barHeight-5, margin+nameWidth
	feesAt := barAt + barWidth
	c.line(`<g><title>%s: %s SOL</title>`, html.EscapeString(t.Token.Symbol), lst.FormatAmount(t.SolValue, 9))
	c.text(barAt-12, base, 14, ink, "end", t.Token.Symbol)
	c.line(`<rect x="%d" y="%d" width="%d" height="%d" rx="3" fill="%s"/>`, barAt, y, max(length, 2), barHeight, colour)
	c.text(barAt+max(length, 2)+8, base, 13, ink, "start", percent(t.Share, 2))
	if t.Unavailable == nil {
		c.text(feesAt+170, base, 13, ink, "end", t.Price.Rat().FloatString(6))
		c.text(feesAt+252, base, 13, ink, "end", inputFee(t))
		c.text(width-margin, base, 13, ink, "end", bps(t.OutFeeNanos))
	} else {
		c.text(width-margin, base, 13, ink, "end", "not tradable now")
	}
	c.line(`</g>`)
}

func inputFee(t route.PoolToken) string {
	if t.Listed.IsInputDisabled {
		return "closed"
	}
	return bps(t.InpFeeNanos)
}

// whole is an amount of nine decimals without its fraction.
func whole(amount uint64) string { return lst.FormatAmount(amount/1_000_000_000, 0) }

// canvas writes a picture and keeps the first error.
type canvas struct {
	w   io.Writer
	err error
}

func (c *canvas) line(format string, args ...any) {
	if c.err == nil {
		_, c.err = fmt.Fprintf(c.w, format+"\n", args...)
	}
}

func (c *canvas) text(x, y, size int, colour, anchor, s string) {
	c.line(`<text x="%d" y="%d" font-size="%d" fill="%s" text-anchor="%s">%s</text>`, x, y, size, colour, anchor, html.EscapeString(s))
}
