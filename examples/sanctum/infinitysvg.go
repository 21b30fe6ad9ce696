package main

import (
	"fmt"
	"html"
	"io"
	"math/big"
	"strings"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// The heights of the parts of the picture.
const (
	poolHead   = 112
	poolLegend = 30
	poolRow    = 50
)

// drawPool draws the composition of Infinity as bars, with prices and fees.
// Tokens of which the pool holds next to nothing are named below.
func drawPool(w io.Writer, p *route.Pool) error {
	rows, rest := notable(p)
	notes := restNotes(rest)

	height := poolHead + poolLegend + poolRow*len(rows) + 2*svgMargin
	for _, note := range notes {
		height += notesHeight(note)
	}

	c := canvas{w: w}
	c.open(height, "Composition of the Infinity pool")
	c.poolHead(p)
	c.poolLegend(poolHead, rows)

	y := poolHead + poolLegend
	for _, t := range rows {
		c.poolRow(y, t, rows[0].Share)
		y += poolRow
	}
	if len(notes) > 0 {
		c.rule(y)
		y += svgMargin + 4
	}
	for _, note := range notes {
		y = c.notes(y, note)
	}
	return c.close()
}

func (c *canvas) poolHead(p *route.Pool) {
	right := svgWidth - svgMargin
	c.text(svgMargin, 34, "ink big", "start", "Infinity")
	if p.APY != nil {
		c.text(right, 34, "ink big", "end", "APY "+apy(p.APY))
	}
	c.text(svgMargin, 58, "ink head", "start", "1 INF = "+p.LPPrice.Rat().FloatString(6)+" SOL")
	c.text(svgMargin, 77, "quiet note", "start", fmt.Sprintf("%s SOL in %d tokens, %s INF",
		whole(p.State.TotalSolValue), len(p.Tokens), whole(p.LPSupply)))
	c.text(svgMargin, 92, "quiet note", "start", fmt.Sprintf("at slot %d", p.Slot))
	c.rule(104)
}

// poolClass is the colour of a token, and what it means.
func poolClass(t route.PoolToken) (class, meaning string) {
	switch {
	case t.Unavailable != nil:
		return "quiet", "not tradable now"
	case t.Listed.IsInputDisabled:
		return "out", "paid out only"
	}
	return "open", "traded both ways"
}

// poolLegend explains each colour that the rows have.
func (c *canvas) poolLegend(y int, rows []route.PoolToken) {
	x, seen := svgMargin, make(map[string]bool)
	for _, t := range rows {
		class, meaning := poolClass(t)
		if seen[class] {
			continue
		}
		seen[class] = true
		c.key(x, y+12, class, meaning)
		x += 100
	}
}

func (c *canvas) poolRow(y int, t route.PoolToken, largest *big.Rat) {
	class, _ := poolClass(t)
	c.line(`<g><title>%s: %s SOL</title>`,
		html.EscapeString(t.Token.Symbol), lst.FormatAmount(t.SolValue, 9))
	c.text(svgMargin, y+10, "ink name", "start", t.Token.Symbol)
	c.text(svgWidth-svgMargin, y+10, "ink name", "end", percentOf(t.Share))
	c.text(svgMargin, y+24, "quiet note", "start", poolTerms(t))
	c.bar(y+30, class, t.Share, largest)
	c.line("</g>")
}

// poolTerms are price and fees of a token.
func poolTerms(t route.PoolToken) string {
	if t.Unavailable != nil {
		return "not tradable now"
	}
	in := "not taken"
	if !t.Listed.IsInputDisabled {
		in = "fee in " + basisPoints(nanosRate(t.InpFeeNanos))
	}
	return fmt.Sprintf("%s, %s, fee out %s",
		price(t.Price.Rat()), in, basisPoints(nanosRate(t.OutFeeNanos)))
}

// restNotes name the tokens without a bar.
func restNotes(rest []route.PoolToken) (notes []string) {
	for _, group := range []struct{ before, status string }{
		{"Less than 0.01 % each: ", ""},
		{"Paid out only, less than 0.01 % each: ", "paid out only"},
		{"Not tradable now, less than 0.01 % each: ", "not tradable now"},
	} {
		if names := symbols(rest, group.status); len(names) > 0 {
			notes = append(notes, group.before+strings.Join(names, ", ")+".")
		}
	}
	return notes
}

// whole is an amount of nine decimals without its fraction, in groups of three
// digits: "257 446".
func whole(amount uint64) string {
	digits := lst.FormatAmount(amount/1_000_000_000, 0)
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, groups...), "\u2009")
}
