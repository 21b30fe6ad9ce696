package accounts

import "errors"

// ErrNil is returned by the functions and methods of this module for a
// pointer, an interface or a context that is nil where one is needed, and for a
// value that was not made by its constructor. It is a mistake in the calling
// code: no state of the chain leads to it.
var ErrNil = errors.New("nil")
