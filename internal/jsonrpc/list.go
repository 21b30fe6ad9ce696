package jsonrpc

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// maxList is more than any list has that an answer is decoded into.
const maxList = 1 << 16

// List is a list in an answer. A JSON text of some megabytes can hold millions
// of empty elements, each of which would take up many times its length once it
// is decoded: a List refuses to grow beyond 65,536.
type List[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	*l = nil
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if open, err := dec.Token(); err != nil || open != json.Delim('[') {
		return fmt.Errorf("%w: not a list", ErrBadResponse)
	}
	list := List[T]{}
	for dec.More() {
		if len(list) == maxList {
			return fmt.Errorf("%w: a list of more than %d elements", ErrBadResponse, maxList)
		}
		var element T
		if err := dec.Decode(&element); err != nil {
			return err
		}
		list = append(list, element)
	}
	*l = list
	return nil
}
