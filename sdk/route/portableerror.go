package route

import (
	"errors"
	"fmt"
)

// ErrPortableQuote is wrapped by every [*PortableQuoteError]: a portable quote
// is malformed or contradicts itself. Request a new quote.
var ErrPortableQuote = errors.New("portable quote is not valid (request a new one)")

// PortableQuoteError is returned by [PortableQuote.UnmarshalJSON] and
// [Market.Requote] for a portable quote that is malformed or contradicts
// itself. It wraps [ErrPortableQuote].
type PortableQuoteError struct {
	// Field is the path of the field in JSON, for example "legs[1].minOut". It
	// is empty if the text as a whole is wrong.
	Field string
	// Reason tells what is wrong with it.
	Reason string
	// Err is a further error that it wraps, or nil.
	Err error
}

// Error returns one line with the field.
func (e *PortableQuoteError) Error() string {
	switch {
	case e == nil:
		return "<nil>"
	case e.Field == "":
		return fmt.Sprintf("%v: %s", ErrPortableQuote, e.Reason)
	}
	return fmt.Sprintf("%v: %s: %s", ErrPortableQuote, e.Field, e.Reason)
}

// Unwrap returns [ErrPortableQuote] and the further error.
func (e *PortableQuoteError) Unwrap() []error {
	switch {
	case e == nil:
		return nil
	case e.Err == nil:
		return []error{ErrPortableQuote}
	}
	return []error{ErrPortableQuote, e.Err}
}
