package sanctum_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// growthFile is the output of BenchmarkGrowth, the source of the table and the
// plot of docs/speed.md.
var growthFile = flag.String("growth", "",
	"write the table and the plot of docs/speed.md from this output of BenchmarkGrowth")

// growthColumns maps the metrics of the benchmark to the columns of the table.
var growthColumns = []struct{ key, title string }{
	{"load", "load"},
	{"memory", "memory"},
	{"stake/in", "stake, exact in"},
	{"swap/in", "swap, exact in"},
	{"unstake/in", "unstake, exact in"},
	{"stake/out", "stake, exact out"},
	{"swap/out", "swap, exact out"},
	{"unstake/out", "unstake, exact out"},
	{"update", "one account changes"},
}

// Location of the table in docs/speed.md.
const (
	speedDocument = "docs/speed.md"
	speedPlot     = "docs/speed.svg"
	tableBegins   = "<!-- growth: written by speed_test.go -->\n"
	tableEnds     = "<!-- end of growth -->\n"
)

// grown has the figures of one market size: microseconds, bytes of memory, and
// the time in signatures.
type grown struct {
	lsts, validators int
	figures          []figure
}

type figure struct{ value, signatures float64 }

// cell formats a figure for the table.
func (f figure) cell() string {
	if f.signatures == 0 {
		return rounded(f.value/1e6) + " MB"
	}
	return rounded(f.value) + " µs (" + rounded(f.signatures) + ")"
}

// rounded formats a number with two significant digits.
func rounded(v float64) string {
	if v == 0 {
		return "0"
	}
	unit := math.Pow10(int(math.Floor(math.Log10(v))) - 1)
	v = math.Round(v/unit) * unit
	// 9.97 has become 10, which has a digit less after the point.
	digits := max(0, 1-int(math.Floor(math.Log10(v))))
	return strconv.FormatFloat(v, 'f', digits, 64)
}

var benchmarkLine = regexp.MustCompile(`^BenchmarkGrowth/(\d+)x(\d+)/(\S+?)(?:-\d+)?\s+\d+\s(.*)$`)

// readGrowth parses the output of the benchmark.
func readGrowth(t *testing.T, output string) []grown {
	t.Helper()
	var rows []grown
	for line := range strings.Lines(output) {
		parts := benchmarkLine.FindStringSubmatch(strings.TrimSpace(line))
		if parts == nil {
			continue
		}

		lsts, _ := strconv.Atoi(parts[1])
		validators, _ := strconv.Atoi(parts[2])
		at := slices.IndexFunc(rows,
			func(g grown) bool { return g.lsts == lsts && g.validators == validators })
		if at < 0 {
			at = len(rows)
			rows = append(rows, grown{lsts, validators, make([]figure, len(growthColumns))})
		}

		for i, column := range growthColumns {
			if column.key == parts[3] {
				rows[at].figures[i] = readFigure(t, parts[4])
			}
		}
	}

	return rows
}

// readFigure parses the metrics of one benchmark.
func readFigure(t *testing.T, metrics string) (f figure) {
	t.Helper()
	fields := strings.Fields(metrics)
	for i := 0; i+1 < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		require.NoError(t, err)
		switch fields[i+1] {
		case "cpu-ns/op":
			f.value = value / 1000
		case "signatures/op":
			f.signatures = value
		case "market-bytes":
			f.value = value
		}
	}

	return f
}

// table formats figures as a table.
func table(rows []grown) string {
	text := "| LSTs | validators of each |"
	rule := "|---|---|"
	for _, column := range growthColumns {
		text += " " + column.title + " |"
		rule += "---|"
	}

	text += "\n" + rule + "\n"
	for _, row := range rows {
		text += fmt.Sprintf("| %d | %d |", row.lsts, row.validators)
		for _, f := range row.figures {
			text += " " + f.cell() + " |"
		}

		text += "\n"
	}

	return text
}

var cellPattern = regexp.MustCompile(`^([\d.]+) (?:µs \(([\d.]+)\)|MB)$`)

// readTable parses a table written by [table].
func readTable(t *testing.T, text string) []grown {
	t.Helper()
	var rows []grown
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		lsts, err := strconv.Atoi(strings.TrimSpace(cells[0]))
		if err != nil {
			continue
		}

		require.Len(t, cells, len(growthColumns)+2)
		validators, err := strconv.Atoi(strings.TrimSpace(cells[1]))
		require.NoError(t, err)
		row := grown{lsts: lsts, validators: validators}
		for _, cell := range cells[2:] {
			parts := cellPattern.FindStringSubmatch(strings.TrimSpace(cell))
			require.NotNil(t, parts, cell)
			var f figure
			f.value, err = strconv.ParseFloat(parts[1], 64)
			require.NoError(t, err)
			if parts[2] == "" {
				f.value *= 1e6
			} else {
				f.signatures, err = strconv.ParseFloat(parts[2], 64)
				require.NoError(t, err)
			}

			row.figures = append(row.figures, f)
		}

		rows = append(rows, row)
	}

	return rows
}

// curve is one line of the plot.
type curve struct{ key, title, colour string }

// curves lists the lines of the plot from the top.
var curves = []curve{
	{"load", "load", "#444444"},
	{"swap/out", "best swap, exact out", "#c0392b"},
	{"swap/in", "best swap, exact in", "#2471a3"},
	{"update", "one account changes", "#1e8449"},
}

// Dimensions of the plot, in pixels.
const (
	plotWidth  = 300
	plotHeight = 260
	plotLeft   = 60
	plotTop    = 40
	plotGap    = 90
	decades    = 5 // from a tenth of a signature up
	lowest     = -1
)

// plot draws the time by the number of LSTs and of validators.
func plot(rows []grown) string {
	var b strings.Builder
	width, height := plotLeft+2*plotWidth+plotGap+20, plotTop+plotHeight+100
	fmt.Fprintf(
		&b,
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+
			"\n",
		width,
		height,
	)

	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	panel(&b, plotLeft, "LSTs, of 10 validators each", rows, func(g grown) (x int, ok bool) {
		return g.lsts, g.validators == 10
	})
	panel(&b, plotLeft+plotWidth+plotGap, "validators of each of 10 LSTs", rows,
		func(g grown) (x int, ok bool) {
			return g.validators, g.lsts == 10
		})

	for i, c := range curves {
		x, y := plotLeft+i*170, plotTop+plotHeight+70
		fmt.Fprintf(&b,
			`<rect x="%d" y="%d" width="20" height="3" fill="%s"/><text x="%d" y="%d">%s</text>`+
				"\n",
			x, y, c.colour, x+26, y+5, c.title)
	}

	b.WriteString("</svg>\n")

	return b.String()
}

// panel draws one half of the plot with logarithmic axes.
func panel(
	b *strings.Builder,
	left int,
	title string,
	rows []grown,
	of func(grown) (x int, ok bool),
) {
	fmt.Fprintf(b, `<text x="%d" y="%d" font-size="14">%s</text>`+"\n", left, plotTop-14, title)
	for decade := range decades + 1 {
		y := plotTop + plotHeight - decade*plotHeight/decades
		fmt.Fprintf(b,
			`<path d="M%d %dh%d" stroke="#dddddd"/><text x="%d" y="%d" text-anchor="end">%s</text>`+
				"\n",
			left, y, plotWidth, left-6, y+4, rounded(math.Pow10(decade+lowest)))
	}

	fmt.Fprintf(
		b,
		`<text transform="translate(%d %d) rotate(-90)" text-anchor="middle">signatures</text>`+"\n",
		left-44,
		plotTop+plotHeight/2,
	)

	var xs []int
	for _, row := range rows {
		if x, ok := of(row); ok {
			xs = append(xs, x)
		}
	}

	if len(xs) < 2 {
		return
	}

	across := func(x int) float64 {
		first, last := math.Log10(float64(slices.Min(xs))), math.Log10(float64(slices.Max(xs)))
		return float64(left) + (math.Log10(float64(x))-first)/(last-first)*plotWidth
	}

	for _, x := range xs {
		fmt.Fprintf(b, `<text x="%.0f" y="%d" text-anchor="middle">%d</text>`+"\n", across(x),
			plotTop+plotHeight+20, x)
	}

	for _, c := range curves {
		column := slices.IndexFunc(growthColumns,
			func(g struct{ key, title string }) bool { return g.key == c.key })
		var points, marks string
		for _, row := range rows {
			x, ok := of(row)
			if !ok {
				continue
			}

			log := math.Log10(max(row.figures[column].signatures, 0.1))
			up := (log - lowest) / decades * plotHeight
			y := float64(plotTop+plotHeight) - up
			points += fmt.Sprintf("%.1f,%.1f ", across(x), y)
			marks += fmt.Sprintf(`<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, across(x), y,
				c.colour)
		}

		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>%s`+"\n",
			strings.TrimSpace(points), c.colour, marks)
	}
}

// TestSpeed_PlotShowsTable checks that the plot shows the figures of the table.
func TestSpeed_PlotShowsTable(t *testing.T) {
	document, err := os.ReadFile(filepath.FromSlash(speedDocument))
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(document), tableBegins)
	require.True(t, ok)
	now, after, ok := strings.Cut(rest, tableEnds)
	require.True(t, ok)

	if *growthFile != "" {
		output, err := os.ReadFile(*growthFile)
		require.NoError(t, err)
		now = "\n" + table(readGrowth(t, string(output))) + "\n"
		whole := before + tableBegins + now + tableEnds + after
		require.NoError(t, os.WriteFile(filepath.FromSlash(speedDocument), []byte(whole), 0o600))
		require.NoError(t,
			os.WriteFile(filepath.FromSlash(speedPlot), []byte(plot(readTable(t, now))), 0o600))
	}

	rows := readTable(t, now)
	require.Len(t, rows, 6)
	require.Equal(t, "\n"+table(rows)+"\n", now)
	drawn, err := os.ReadFile(filepath.FromSlash(speedPlot))
	require.NoError(t, err)
	require.Equal(t, plot(rows), string(drawn), "draw it anew, see %s", speedDocument)
}
