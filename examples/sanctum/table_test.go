package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTable_Write writes a table at three widths: unchanged, with the last
// column wrapped, and as a list.
func TestTable_Write(t *testing.T) {
	for width, want := range map[int]string{
		80: "" +
			"  name   amount  what it is\n" +
			"  first   1 SOL  a text of more than twenty-four columns\n" +
			"  two    22 SOL  short\n",
		44: "" +
			"  name   amount  what it is\n" +
			"  first   1 SOL  a text of more than\n" +
			"                 twenty-four columns\n" +
			"  two    22 SOL  short\n",
		36: "" +
			"  first\n" +
			"    amount     1 SOL\n" +
			"    what it is a text of more than\n" +
			"               twenty-four columns\n" +
			"  two\n" +
			"    amount     22 SOL\n" +
			"    what it is short\n",
	} {
		list := table{columns: []column{
			{title: "name"},
			{title: "amount", right: true},
			{title: "nothing"},
			{title: "what it is", folds: true},
		}}

		list.add("first", "1 SOL", "", "a text of more than twenty-four columns")
		list.add("two", "22 SOL", "", "short")
		var out strings.Builder
		list.write(&out, width)
		require.Equal(t, want, out.String(), "%d", width)
	}
}

func TestWrap_Words(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 100, []string{"one two three"}},
		{"much-too-long a b", 5, []string{"much-too-long", "a b"}},
		{"äöü äöü", 7, []string{"äöü äöü"}},
	} {
		require.Equal(t, c.want, wrap(c.text, c.width))
	}
}
