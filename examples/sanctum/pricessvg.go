package main

import (
	"fmt"
	"html"
	"io"
	"math/big"
)

// Heights of the parts of the picture.
const (
	pricesHead = 92
	pricesRow  = 38
)

// drawPrices draws the yields of all LSTs as bars, with their prices. LSTs with
// unknown yield are listed below the bars.
func drawPrices(w io.Writer, list *priceList) error {
	var rows []lstPrice
	note := ""
	for _, p := range list.LSTs {
		if p.apy != nil && p.apy.Sign() > 0 {
			rows = append(rows, p)
			continue
		}

		if note != "" {
			note += ", "
		}

		note += p.Symbol + " (" + p.price.FloatString(4) + " SOL)"
	}

	if note != "" {
		note = "Yield not known: " + note + "."
	}

	height := pricesHead + pricesRow*len(rows) + svgMargin
	if note != "" {
		height += notesHeight(note) + svgMargin
	}

	c := canvas{w: w}
	c.open(height, "Yields of liquid staking tokens")
	c.text(svgMargin, 34, "ink big", "start", "Liquid staking")
	c.text(svgMargin, 53, "quiet note", "start",
		fmt.Sprintf("%d LSTs in epoch %d, slot %d", len(list.LSTs), list.Epoch, list.Slot))
	c.key(svgMargin, 76, "open", "APY, from the growth of the last epoch")

	y := pricesHead
	for _, p := range rows {
		c.priceRow(y, p, rows[0].apy)
		y += pricesRow
	}

	if note != "" {
		c.rule(y)
		c.notes(y+svgMargin+4, note)
	}

	return c.close()
}

func (c *canvas) priceRow(y int, p lstPrice, largest *big.Rat) {
	c.line("<g><title>%s: 1 token is %s SOL</title>", html.EscapeString(p.Symbol), p.Price)
	c.text(svgMargin, y+10, "ink name", "start", p.Symbol)
	c.text(svgMargin+100, y+10, "quiet note", "start", p.price.FloatString(6)+" SOL")
	c.text(svgWidth-svgMargin, y+10, "ink name", "end", apy(p.apy))
	c.bar(y+16, "open", p.apy, largest)
	c.line("</g>")
}
