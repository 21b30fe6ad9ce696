package lst

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// UnknownError is returned by [Registry.ByMint], [Registry.ByPool],
// [Registry.BySymbol] and [Registry.Lookup] when no entry matches. It matches
// [ErrUnknownLST].
type UnknownError struct {
	// Field is the field that was looked up: "mint", "pool" or "symbol".
	Field string
	// Input is the whole input; Error shortens it.
	Input string
	// Suggestions are entries with a similar symbol, the most similar first.
	// They are for people: do not trade one without asking.
	Suggestions []LST
	// Date is the date of the list, or empty. A newer token is not in it.
	Date string
}

// Error returns one line with the input, similar symbols and the date of the
// list.
func (e *UnknownError) Error() string {
	if e == nil {
		return "<nil>"
	}

	input := e.Input
	if e.Field == "symbol" {
		input = quote(input)
	}

	text := fmt.Sprintf("lst: %v: %s %s", ErrUnknownLST, e.Field, input)
	for i, l := range e.Suggestions {
		switch i {
		case 0:
			text += "; did you mean " + l.Symbol
		default:
			text += " or " + l.Symbol
		}
	}

	if len(e.Suggestions) > 0 {
		text += "?"
	}

	if e.Date != "" {
		text += " (the list is of " + e.Date + ")"
	}
	return text
}

// Unwrap returns [ErrUnknownLST].
func (e *UnknownError) Unwrap() error { return ErrUnknownLST }

// mostSuggestions is the number of suggestions for a symbol.
const mostSuggestions = 3

// Suggest returns up to three entries whose symbols are similar to a misspelt
// one, the most similar first: for "jitoSLO" it returns JitoSOL. Case does not
// count. The suffix SOL may be missing. The distance is the number of
// characters to insert, to remove, to replace or to swap with their neighbour:
// at most one in four characters, and at most two.
func (r *Registry) Suggest(symbol string) []LST {
	if len(symbol) == 0 || len(symbol) > maxSymbol {
		return nil
	}

	type candidate struct {
		LST
		distance int
	}

	lower, form := strings.ToLower(symbol), Skeleton(symbol)
	wanted := []rune(lower)
	most := min(2, len(wanted)/4)
	var found []candidate
	for _, l := range r.All() {
		known := strings.ToLower(l.Symbol)
		c := candidate{LST: l}
		if known != lower+"sol" && Skeleton(known) != form {
			c.distance = distance(wanted, []rune(known), most)
		}

		if c.distance <= most {
			found = append(found, c)
		}
	}

	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Compare(a.distance, b.distance)
	})

	var suggestions []LST
	for _, c := range found[:min(len(found), mostSuggestions)] {
		suggestions = append(suggestions, c.LST)
	}
	return suggestions
}

// distance returns the number of characters to insert, to remove, to replace or
// to swap with their neighbour (optimal string alignment), or a number above
// most.
func distance(a, b []rune, most int) int {
	if max(len(a)-len(b), len(b)-len(a)) > most {
		return most + 1
	}

	rows := [3][]int{}
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
	}

	for j := range rows[1] {
		rows[1][j] = j
	}

	for i := range a {
		before, above, row := rows[0], rows[1], rows[2]
		row[0] = i + 1
		for j := range b {
			change := 1
			if a[i] == b[j] {
				change = 0
			}

			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}

		rows[0], rows[1], rows[2] = above, row, before
	}
	return rows[1][len(b)]
}
