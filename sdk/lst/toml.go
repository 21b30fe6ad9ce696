package lst

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// listHeader begins each entry of Sanctum's list in TOML.
const listHeader = "[[sanctum_lst_list]]"

// maxEntryTOML is the maximum size of an entry in TOML, in bytes. Those of the
// published list have about 500. The time and the memory of a TOML reader can
// grow with the square of its input, so each entry is read alone.
const maxEntryTOML = 4 << 10

// isTOML reports whether a list is TOML. No JSON text has such a line.
func isTOML(data []byte) bool {
	for line := range bytes.Lines(data) {
		if isListHeader(line) {
			return true
		}
	}
	return false
}

func isListHeader(line []byte) bool {
	rest, ok := strings.CutPrefix(strings.TrimSpace(string(line)), listHeader)
	rest = strings.TrimSpace(rest)
	return ok && (rest == "" || rest[0] == '#')
}

// readTOML reads a list in TOML. Before the first entry there may only be
// comments.
func readTOML(data []byte) ([]LST, error) {
	var all []LST
	var chunk []byte
	first := 0
	flush := func() error {
		if chunk == nil {
			return nil
		}

		l, err := readEntryTOML(chunk, first, len(all))
		if err != nil {
			return err
		}

		all = append(all, l)
		return nil
	}

	number := 0
	for line := range bytes.Lines(data) {
		number++
		switch {
		case isListHeader(line):
			if err := flush(); err != nil {
				return nil, err
			}

			chunk, first = []byte{}, number

		case chunk == nil && !isBlankTOML(line):
			return nil, fmt.Errorf("lst: %w: line %d is before the first entry and no comment",
				ErrInvalidRegistry, number)
		}

		if chunk == nil {
			continue
		}

		if chunk = append(chunk, line...); len(chunk) > maxEntryTOML {
			return nil, &EntryError{
				Index: len(all),
				Err:   fmt.Errorf("line %d: more than %d bytes", first, maxEntryTOML),
			}
		}
	}

	if err := flush(); err != nil {
		return nil, err
	}
	return all, nil
}

// isBlankTOML reports whether a line of TOML is empty or a comment.
func isBlankTOML(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#'
}

// readEntryTOML reads one entry, whose header is in a line of the list.
func readEntryTOML(chunk []byte, line, index int) (LST, error) {
	var list struct {
		Entries []entry `toml:"sanctum_lst_list"`
	}

	if err := toml.Unmarshal(chunk, &list); err != nil {
		return LST{}, &EntryError{Index: index, Err: tomlError(err, line)}
	}

	if len(list.Entries) != 1 {
		return LST{}, &EntryError{
			Index: index,
			Err:   fmt.Errorf("line %d: not one entry", line),
		}
	}

	e := &list.Entries[0]
	l, err := e.lst()
	if err != nil {
		return LST{}, &EntryError{
			Index:  index,
			Symbol: e.Symbol,
			Err:    err,
		}
	}
	return l, nil
}

// tomlError returns the line of an error of the TOML reader, and its reason
// unless that repeats a text longer than a mint or names a Go type.
func tomlError(err error, line int) error {
	reason := err.Error()
	var at *toml.DecodeError
	if errors.As(err, &at) {
		row, _ := at.Position()
		line += row - 1
	}

	isLong := func(word string) bool { return len(word) > maxKey }
	switch {
	case strings.Contains(reason, "cannot decode TOML") && at != nil && len(at.Key()) > 0:
		key := at.Key()
		reason = key[len(key)-1] + " cannot be this value"
	case !isText(reason), len(reason) > maxReason,
		slices.ContainsFunc(strings.Fields(reason), isLong):
		reason = "not valid TOML"
	}

	return fmt.Errorf("line %d: %s", line, reason)
}

// maxReason is the length of the longest reason of the TOML reader that an
// error repeats.
const maxReason = 200
