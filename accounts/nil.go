package accounts

import "errors"

// ErrNil is returned by functions and methods of this module when a pointer, an
// interface or a context is nil but must not be, or when a value was not made
// by its constructor. It is an error in the calling code, and does not depend
// on the state of the chain.
var ErrNil = errors.New("nil")
