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

// Heights of the parts of the picture.
const (
	poolHead   = 112
	poolLegend = 30
	poolRow    = 50
)

// drawPool draws the composition of Infinity as bars, with prices and fees.
// Tokens that the pool hardly holds are named below the bars.
func drawPool(w io.Writer, p *route.InfinityPool) error {
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

func (c *canvas) poolHead(p *route.InfinityPool) {
	right := svgWidth - svgMargin
	c.text(svgMargin, 34, "ink big", "start", "Infinity")
	if p.APY != nil {
		c.text(right, 34, "ink big", "end", "APY "+apy(p.APY))
	}
	c.text(svgMargin, 58, "ink head", "start", "1 INF = "+p.LPPrice.Rat().FloatString(6)+" SOL")
	c.text(svgMargin, 77, "quiet note", "start", fmt.Sprintf("%s SOL in %d tokens, %s INF",
		whole(p.State.TotalSOLValue), len(p.Tokens), whole(p.LPSupply)))
	c.text(svgMargin, 92, "quiet note", "start", fmt.Sprintf("at slot %d", p.Slot))
	c.rule(104)
}

// poolClass returns the colour of a token and its meaning.
func poolClass(t route.InfinityToken) (class, meaning string) {
	switch {
	case t.Unavailable != nil:
		return "quiet", "not tradable now"
	case t.Listed.IsInputDisabled:
		return "out", "paid out only"
	}
	return "open", "traded both ways"
}

// poolLegend explains each colour in use.
func (c *canvas) poolLegend(y int, rows []route.InfinityToken) {
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

func (c *canvas) poolRow(y int, t route.InfinityToken, largest *big.Rat) {
	class, _ := poolClass(t)
	c.line(`<g><title>%s: %s SOL</title>`,
		html.EscapeString(t.Token.Symbol), lst.FormatAmount(t.SOLValue, 9))
	c.text(svgMargin, y+10, "ink name", "start", t.Token.Symbol)
	c.text(svgWidth-svgMargin, y+10, "ink name", "end", percentOf(t.Share))
	c.text(svgMargin, y+24, "quiet note", "start", poolTerms(t))
	c.bar(y+30, class, t.Share, largest)
	c.line("</g>")
}

// poolTerms returns the price and the fees of a token as text.
func poolTerms(t route.InfinityToken) string {
	if t.Unavailable != nil {
		return "not tradable now"
	}
	in := "not taken"
	if !t.Listed.IsInputDisabled {
		in = "fee in " + basisPoints(nanosRate(t.InputFeeNanos))
	}
	return fmt.Sprintf("%s, %s, fee out %s",
		price(t.Price.Rat()), in, basisPoints(nanosRate(t.OutputFeeNanos)))
}

// restNotes lists the tokens without a bar.
func restNotes(rest []route.InfinityToken) (notes []string) {
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

// whole formats an amount of nine decimals without its fraction, in groups of
// three digits: "257 446".
func whole(amount uint64) string {
	digits := lst.FormatAmount(amount/1_000_000_000, 0)
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, groups...), "\u2009")
}
