package jsonrpc

import (
	"encoding/json"
	"fmt"
)

// maxList exceeds the length of all lists in real answers.
const maxList = 1 << 16

// List is a list in an answer. A JSON text of a few megabytes can hold millions
// of empty elements, each of which would use many times its length once
// decoded. A List therefore refuses more than 65,536 elements, and a second
// decode, as by a field that is repeated a million times.
type List[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	if *l != nil {
		return fmt.Errorf("%w: duplicate list", ErrBadResponse)
	}

	var count []skipped // uses no memory
	if err := json.Unmarshal(data, &count); err != nil {
		return err
	}

	if len(count) > maxList {
		return fmt.Errorf("%w: list of %d elements", ErrBadResponse, len(count))
	}

	return json.Unmarshal(data, (*[]T)(l))
}

// skipped is an ignored value.
type skipped struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (*skipped) UnmarshalJSON([]byte) error { return nil }
