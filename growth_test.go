package sanctum_test

import (
	"cmp"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Location of the growth table and plot in docs/why-not-one-to-one.md.
const (
	growthDocument = "docs/why-not-one-to-one.md"
	growthPlot     = "docs/growth.svg"
	growthBegins   = "<!-- pools: written by growth_test.go -->\n"
	growthEnds     = "<!-- end of pools -->\n"
)

// Epochs of the plot. The embedded market is of growthEpoch; its pools also
// record their totals before the update of that epoch.
const (
	growthEpoch = 793
	lastEpoch   = 802
)

// pricePoint is the price of a pool's token after the update of an epoch.
type pricePoint struct {
	epoch int
	price quote.Price
}

// grownPool has the known prices of a pool over time.
type grownPool struct {
	symbol string
	points []pricePoint
}

// laterBSOL are the totals of the bSOL pool after the updates of epochs 801 and
// 802, as its account had them in epoch 802:
// stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi, the test input
// router/bsol-stake-pool.json of Sanctum's Router SDK, June 2025.
var laterBSOL = []pricePoint{
	{801, quote.Price{Lamports: 1143765949243349, Tokens: 934507756460400}},
	{802, quote.Price{Lamports: 1144546482246437, Tokens: 934784722219576}},
}

// growthPools returns the pools of the embedded market that were updated in its
// epoch, highest price first.
func growthPools(t *testing.T) []grownPool {
	t.Helper()
	market, err := demo.Load()
	require.NoError(t, err)

	var pools []grownPool
	for _, p := range market.StakePools {
		if p.State.LastUpdateEpoch != growthEpoch {
			continue
		}

		before := quote.Price{
			Lamports: p.State.LastEpochTotalLamports,
			Tokens:   p.State.LastEpochPoolTokenSupply,
		}

		now := quote.Price{
			Lamports: p.State.TotalLamports,
			Tokens:   p.State.PoolTokenSupply,
		}

		pool := grownPool{p.Symbol, []pricePoint{{growthEpoch - 1, before}, {growthEpoch, now}}}
		if p.Symbol == "bSOL" {
			pool.points = append(pool.points, laterBSOL...)
		}

		pools = append(pools, pool)
	}

	slices.SortFunc(pools, func(a, b grownPool) int {
		return cmp.Or(b.points[1].price.Rat().Cmp(a.points[1].price.Rat()),
			cmp.Compare(a.symbol, b.symbol))
	})

	return pools
}

// growth returns the growth of the price since the first point, in basis
// points.
func (p grownPool) growth(point int) *big.Rat {
	r := new(big.Rat).Quo(p.points[point].price.Rat(), p.points[0].price.Rat())
	r.Sub(r, big.NewRat(1, 1))
	return r.Mul(r, big.NewRat(10_000, 1))
}

// growthTable formats the pools as a table.
func growthTable(pools []grownPool) string {
	var b strings.Builder
	b.WriteString(
		"| LST | 1 LST in epoch 792 | in epoch 793 | growth in one epoch |\n|---|---|---|---|\n",
	)
	for _, p := range pools {
		fmt.Fprintf(&b, "| %s | %s SOL | %s SOL | %s bps |\n",
			p.symbol, p.points[0].price, p.points[1].price, p.growth(1).FloatString(2))
	}
	return b.String()
}

// growthStyle is legible on light and dark pages.
const growthStyle = `<style>
text { fill: #374151 } .line { stroke: #3b82f6; fill: none } .dot, .bar { fill: #3b82f6 }
.one { stroke: #d97706; stroke-dasharray: 4 3 } .grid { stroke: #9ca3af; stroke-opacity: .4 }
@media (prefers-color-scheme: dark) { text { fill: #d1d5db } .line { stroke: #60a5fa } .dot, .bar { fill: #60a5fa } }
</style>
`

// growthDrawing draws the prices as bars, and their growth over the epochs.
func growthDrawing(pools []grownPool) string {
	height := 70 + 22*len(pools)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 %d" `, height)
	b.WriteString(
		`font-family="system-ui, sans-serif" font-size="12" role="img" aria-labelledby="title">` +
			"\n",
	)

	b.WriteString(
		`<title id="title">The price of 15 LSTs in SOL, and its growth over epochs</title>` +
			"\n",
	)

	b.WriteString(growthStyle)
	drawPrices(&b, pools)
	drawGrowth(&b, pools, height)
	b.WriteString("</svg>\n")

	return b.String()
}

// drawPrices draws a bar for each pool from 1 SOL to its price.
func drawPrices(b *strings.Builder, pools []grownPool) {
	const left, scale = 80, 1300 // pixels for 1 SOL
	b.WriteString(`<text x="10" y="22" font-size="14">1 LST in SOL, epoch 793</text>` + "\n")
	for i, p := range pools {
		y := 44 + 22*i
		price, _ := p.points[1].price.Rat().Float64() // for pixels only
		width := (price - 1) * scale
		fmt.Fprintf(
			b,
			`<text x="10" y="%d">%s</text><rect class="bar" x="%d" y="%d" width="%.1f" height="13"/>`,
			y+11,
			p.symbol,
			left,
			y,
			width,
		)

		fmt.Fprintf(b, `<text x="%.1f" y="%d">%s</text>`+"\n",
			left+width+5, y+11, p.points[1].price.Rat().FloatString(4))
	}

	bottom := 44 + 22*len(pools)
	fmt.Fprintf(
		b,
		`<path class="one" d="M%d 36V%d"/><text x="%d" y="%d" text-anchor="middle">1 LST = 1 SOL</text>`+
			"\n",
		left,
		bottom,
		left+8,
		bottom+14,
	)
}

// drawGrowth draws a line for each pool through all its points.
func drawGrowth(b *strings.Builder, pools []grownPool, height int) {
	const left, right, top = 510, 850, 44
	bottom := height - 40
	x := func(epoch int) float64 {
		first := growthEpoch - 1
		return left + float64(epoch-first)/float64(lastEpoch-first)*(right-left)
	}

	y := func(bps float64) float64 { return float64(bottom) - bps/40*float64(bottom-top) }

	fmt.Fprintf(b, `<text x="%d" y="22" font-size="14">growth since epoch 792, bps</text>`+"\n",
		left-30)
	for bps := 0; bps <= 40; bps += 10 {
		class := "grid"
		if bps == 0 {
			class = "one"
		}

		fmt.Fprintf(b,
			`<path class="%s" d="M%d %.1fH%d"/><text x="%d" y="%.1f" text-anchor="end">%d</text>`+
				"\n",
			class, left, y(float64(bps)), right, left-6, y(float64(bps))+4, bps)
	}

	for epoch := growthEpoch - 1; epoch <= lastEpoch; epoch += 2 {
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%d</text>`+"\n", x(epoch),
			bottom+18, epoch)
	}

	for _, p := range pools {
		var line, dots strings.Builder
		for i, point := range p.points {
			bps, _ := p.growth(i).Float64() // for pixels only
			fmt.Fprintf(&line, "%.1f,%.1f ", x(point.epoch), y(bps))
			fmt.Fprintf(&dots, `<circle class="dot" cx="%.1f" cy="%.1f" r="3"/>`, x(point.epoch),
				y(bps))
		}

		fmt.Fprintf(b, `<polyline class="line" points="%s"/>%s`+"\n",
			strings.TrimSpace(line.String()), dots.String())
	}

	fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end">bSOL</text>`+"\n", right-42, y(36.5))
	fmt.Fprintf(b, `<text x="%d" y="%.1f">15 pools: 3.3 to 4.2 bps</text>`+"\n", left+52, y(2.5))
}

// TestGrowth_Document compares the table and the plot of the growth of pools
// with the embedded market. With -update it writes them anew.
func TestGrowth_Document(t *testing.T) {
	pools := growthPools(t)
	require.Len(t, pools, 15)
	require.Equal(t, []string{"0.00", "3.85", "34.65", "38.52"}, growths(pools[0]), "bSOL")
	read, err := os.ReadFile(growthDocument)
	require.NoError(t, err)
	text := string(read)
	before, rest, found := strings.Cut(text, growthBegins)
	require.True(t, found)
	_, after, found := strings.Cut(rest, growthEnds)
	require.True(t, found)

	text = before + growthBegins + "\n" + growthTable(pools) + "\n" + growthEnds + after
	drawing := growthDrawing(pools)
	if *updateSurface {
		require.NoError(t, os.WriteFile(growthDocument, []byte(text), 0o600))
		require.NoError(t, os.WriteFile(growthPlot, []byte(drawing), 0o600))
		return
	}

	require.Equal(t, text, string(read), "write %s anew with -update", growthDocument)
	plot, err := os.ReadFile(growthPlot)
	require.NoError(t, err)
	require.Equal(t, drawing, string(plot), "write %s anew with -update", growthPlot)
}

// growths formats the growths of a pool at its points.
func growths(p grownPool) (all []string) {
	for i := range p.points {
		all = append(all, p.growth(i).FloatString(2))
	}
	return all
}
