package main

import (
	"fmt"
	"html"
	"io"
	"math/big"
)

const (
	// svgWidth is the width of a picture in its own units. A phone shows it in
	// as many pixels, so letters keep their size there.
	svgWidth = 320
	// svgMargin is the margin on all sides.
	svgMargin = 14
	// svgInner is the width between the margins.
	svgInner = svgWidth - 2*svgMargin
	// svgLetter is the approximate width of a letter of a note.
	svgLetter = 6
)

// svgStyle sets the colour of each class, for light and for dark pages.
const svgStyle = `<style>
svg{max-width:100%;height:auto;font-family:system-ui,Helvetica,Arial,sans-serif}
.page{fill:#fff}.ink{fill:#14213d}.quiet{fill:#5a6478}.rail{fill:#e9edf3}
.open{fill:#16877a}.out{fill:#c8860a}.line{stroke:#d5dbe5}.mark{stroke:#14213d}
.big{font-size:22px;font-weight:700}.head{font-size:14px;font-weight:600}
.name{font-size:12px;font-weight:600}.note{font-size:10.5px}
@media (prefers-color-scheme:dark){
.page{fill:#10151f}.ink{fill:#eef2f8}.quiet{fill:#a3afc2}.rail{fill:#222b3a}
.open{fill:#3cc4b2}.out{fill:#f0b849}.line{stroke:#333e50}.mark{stroke:#eef2f8}}
</style>`

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

// open begins a picture of a height, with a title for screen readers.
func (c *canvas) open(height int, title string) {
	c.line(
		`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`,
		2*svgWidth,
		2*height,
		svgWidth,
		height,
	)
	c.line("<title>%s</title>", html.EscapeString(title))
	c.line("%s", svgStyle)
	c.line(`<rect class="page" width="%d" height="%d"/>`, svgWidth, height)
}

func (c *canvas) close() error {
	c.line("</svg>")
	return c.err
}

// text writes text to the right of a position, or to its left for the class
// "end".
func (c *canvas) text(x, y int, class, anchor, text string) {
	c.line(`<text x="%d" y="%d" class="%s" text-anchor="%s">%s</text>`,
		x, y, class, anchor, html.EscapeString(text))
}

// bar draws a bar on a rail. Its length is its part of the largest value.
func (c *canvas) bar(y int, class string, part, largest *big.Rat) {
	const height = 7

	c.line(`<rect class="rail" x="%d" y="%d" width="%d" height="%d" rx="2"/>`,
		svgMargin, y, svgInner, height)
	c.line(`<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="2"/>`,
		class, svgMargin, y, max(barLength(part, largest), 1), height)
}

// barLength returns the length of a bar, rounded down.
func barLength(part, largest *big.Rat) int {
	if largest.Sign() <= 0 {
		return 0
	}
	scaled := new(big.Rat).Quo(part, largest)
	scaled.Mul(scaled, big.NewRat(svgInner, 1))
	return int(new(big.Int).Quo(scaled.Num(), scaled.Denom()).Int64())
}

// rule draws a line across the picture.
func (c *canvas) rule(y int) {
	c.line(`<line class="line" x1="%d" y1="%d" x2="%d" y2="%d"/>`,
		svgMargin, y, svgWidth-svgMargin, y)
}

// key explains a colour.
func (c *canvas) key(x, y int, class, text string) {
	c.line(`<rect class="%s" x="%d" y="%d" width="10" height="10" rx="2"/>`, class, x, y-9)
	c.text(x+15, y, "quiet note", "start", text)
}

// notes writes a wrapped text and returns the position of the next line.
func (c *canvas) notes(y int, text string) int {
	for _, line := range wrap(text, svgInner/svgLetter) {
		c.text(svgMargin, y, "quiet note", "start", line)
		y += noteHeight
	}
	return y
}

// noteHeight is the line height of notes.
const noteHeight = 14

// notesHeight returns the height of a wrapped text.
func notesHeight(text string) int {
	return noteHeight * len(wrap(text, svgInner/svgLetter))
}
