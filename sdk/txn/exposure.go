package txn

import "sync/atomic"

// exposure records whether signed bytes of a transaction may be known outside
// this process. A nil exposure belongs to no transaction.
type exposure struct{ known atomic.Bool }

// mark records that signed bytes have left this process or came from outside.
func (e *exposure) mark() {
	if e != nil {
		e.known.Store(true)
	}
}

// marked reports whether signed bytes may be known outside this process.
func (e *exposure) marked() bool { return e != nil && e.known.Load() }
