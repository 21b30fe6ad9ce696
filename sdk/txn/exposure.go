package txn

import "sync/atomic"

// exposure remembers whether signed bytes of a transaction may be known outside
// of this process. A nil one belongs to no transaction.
type exposure struct{ known atomic.Bool }

// mark notes that signed bytes have left, or have come from elsewhere.
func (e *exposure) mark() {
	if e != nil {
		e.known.Store(true)
	}
}

// marked reports whether signed bytes may be known elsewhere.
func (e *exposure) marked() bool { return e != nil && e.known.Load() }
