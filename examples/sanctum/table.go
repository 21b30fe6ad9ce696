package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// gap is the space between two columns of a table.
	gap = 2
	// indent is the space before each line below a heading.
	indent = 2
	// labelWidth is the width of the names in a list of fields.
	labelWidth = 13
	// leastFolded is the minimum width of the folded column of a table.
	leastFolded = 24
)

// column is a column of a table.
type column struct {
	title string
	// right aligns the cells to the right, as for numbers.
	right bool
	// folds wraps the cells if the table is too wide.
	folds bool
}

// table is a table of text. The first column names the row.
type table struct {
	columns []column
	rows    [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write writes the table within a width. It omits empty columns. A table that
// is too wide is folded: the column that folds is wrapped, or if that does not
// suffice, each row becomes a list of fields.
func (t *table) write(w io.Writer, width int) {
	t.dropEmpty()
	widths := t.widths()

	total := indent + gap*(len(widths)-1)
	for _, w := range widths {
		total += w
	}

	folding := slices.IndexFunc(t.columns, func(c column) bool { return c.folds })
	if total > width && folding >= 0 {
		if left := widths[folding] - (total - width); left >= leastFolded {
			widths[folding], total = left, width
		}
	}

	if total > width {
		t.stack(w, width)
		return
	}

	titles := make([]string, len(t.columns))
	for i, c := range t.columns {
		titles[i] = c.title
	}

	for _, row := range append([][]string{titles}, t.rows...) {
		t.line(w, row, widths, folding)
	}
}

// dropEmpty removes the columns without any text.
func (t *table) dropEmpty() {
	for i := len(t.columns) - 1; i > 0; i-- {
		if slices.ContainsFunc(t.rows, func(row []string) bool { return row[i] != "" }) {
			continue
		}
		t.columns = slices.Delete(t.columns, i, i+1)
		for r := range t.rows {
			t.rows[r] = slices.Delete(t.rows[r], i, i+1)
		}
	}
}

func (t *table) widths() []int {
	widths := make([]int, len(t.columns))
	for i, c := range t.columns {
		widths[i] = utf8.RuneCountInString(c.title)
		for _, row := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	return widths
}

// line writes a row, on several lines if a cell is wrapped.
func (t *table) line(w io.Writer, row []string, widths []int, folding int) {
	var folded []string
	if folding >= 0 {
		folded = wrap(row[folding], widths[folding])
	}

	for n := 0; n == 0 || n < len(folded); n++ {
		var line strings.Builder
		line.WriteString(strings.Repeat(" ", indent))
		for i, cell := range row {
			switch {
			case i == folding && n < len(folded):
				cell = folded[n]
			case i == folding || n > 0:
				cell = ""
			}

			if i > 0 {
				line.WriteString(strings.Repeat(" ", gap))
			}

			space := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell)))
			if t.columns[i].right {
				line.WriteString(space + cell)
			} else {
				line.WriteString(cell + space)
			}
		}

		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// stack writes each row as a list of fields below its name.
func (t *table) stack(w io.Writer, width int) {
	for _, row := range t.rows {
		fmt.Fprintf(w, "  %s\n", row[0])
		for i, cell := range row {
			if i == 0 || cell == "" {
				continue
			}
			writeField(w, width, "  "+t.columns[i].title, cell)
		}
	}
}

// writeField writes a name with its value, and wraps the value.
func writeField(w io.Writer, width int, name, value string) {
	at := indent + max(labelWidth, utf8.RuneCountInString(name)+1)
	for i, line := range wrap(value, width-at) {
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(w, "%s%-*s%s\n", strings.Repeat(" ", indent), at-indent, name, line)
	}
}

// writeItem writes a line after a mark such as "1. ", and wraps it.
func writeItem(w io.Writer, width int, mark, text string) {
	space := strings.Repeat(" ", utf8.RuneCountInString(mark))
	for i, line := range wrap(text, width-indent-len(space)) {
		if i > 0 {
			mark = space
		}
		fmt.Fprintf(w, "%s%s%s\n", strings.Repeat(" ", indent), mark, line)
	}
}

// wrap breaks a text into lines of a width. A longer word, such as an address,
// has a line of its own and is not broken.
func wrap(text string, width int) []string {
	var lines []string
	line, length := "", 0
	for _, word := range strings.Split(text, " ") {
		long := utf8.RuneCountInString(word)
		switch {
		case length == 0 && len(lines) == 0 && line == "":
			line, length = word, long
		case length+1+long <= width:
			line, length = line+" "+word, length+1+long
		default:
			lines = append(lines, line)
			line, length = word, long
		}
	}

	return append(lines, line)
}
