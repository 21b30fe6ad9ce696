package jsonrpc

import (
	"encoding/json"
	"fmt"
)

// maxList is more than any list has that an answer is decoded into.
const maxList = 1 << 16

// List is a list in an answer. A JSON text of some megabytes can hold millions
// of empty elements, each of which would take up many times its length once it
// is decoded: a List refuses to grow beyond 65,536, and to be decoded twice, as
// by a field that is there a million times.
type List[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	if *l != nil {
		return fmt.Errorf("%w: a list twice", ErrBadResponse)
	}

	var count []skipped // which takes up nothing
	if err := json.Unmarshal(data, &count); err != nil {
		return err
	}

	if len(count) > maxList {
		return fmt.Errorf("%w: a list of %d elements", ErrBadResponse, len(count))
	}

	return json.Unmarshal(data, (*[]T)(l))
}

// skipped is a value of no interest.
type skipped struct{}

// UnmarshalJSON implements json.Unmarshaler.
func (*skipped) UnmarshalJSON([]byte) error { return nil }
