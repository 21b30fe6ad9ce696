package sdk

import (
	"maps"
	"sync"

	"github.com/gagliardetto/solana-go"
)

// maxBroadcasts is the number of remembered transactions above which those
// without an open call are dropped.
const maxBroadcasts = 4096

// broadcasts remembers the transactions that this process is sending or has
// sent recently, through any client.
var broadcasts = broadcastCounter{calls: make(map[solana.Signature]*callCount)}

// broadcastCounter counts the calls that send each transaction.
type broadcastCounter struct {
	mu    sync.Mutex
	calls map[solana.Signature]*callCount
}

// callCount counts the calls that send one transaction: those that have not
// returned, and all of them.
type callCount struct {
	open, begun int
}

// begin counts a call. It reports whether the call is the first one for the
// transaction.
func (u *broadcastCounter) begin(signature solana.Signature) (first bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	calls := u.calls[signature]
	if calls == nil {
		if len(u.calls) >= maxBroadcasts {
			maps.DeleteFunc(u.calls,
				func(_ solana.Signature, c *callCount) bool { return c.open == 0 })
		}

		calls = new(callCount)
		u.calls[signature] = calls
	}

	calls.open++
	calls.begun++

	return calls.begun == 1
}

// end counts the return of a call. A call with sent false certainly sent
// nothing; it counts as if it had not been made.
func (u *broadcastCounter) end(signature solana.Signature, sent bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	calls := u.calls[signature]
	calls.open--
	if !sent {
		calls.begun--
	}
	if calls.begun == 0 {
		delete(u.calls, signature)
	}
}

// alone reports whether exactly one call has sent the transaction.
func (u *broadcastCounter) alone(signature solana.Signature) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.calls[signature].begun == 1
}
