package sdk

import (
	"maps"
	"sync"

	"github.com/gagliardetto/solana-go"
)

// maxBroadcasts is how many transactions are remembered after their end.
const maxBroadcasts = 4096

// broadcasts knows the transactions that this process is sending or has sent
// lately, whichever client did. A signature is the identity of a transaction
// everywhere.
var broadcasts = underWay{calls: make(map[solana.Signature]*callsOfOne)}

// underWay counts the calls that send a transaction.
type underWay struct {
	mu    sync.Mutex
	calls map[solana.Signature]*callsOfOne
}

// callsOfOne are the calls that send one transaction.
type callsOfOne struct {
	open, begun int
}

// begin notes a call, and reports whether it is the only one.
func (u *underWay) begin(signature solana.Signature) (first bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	calls := u.calls[signature]
	if calls == nil {
		if len(u.calls) >= maxBroadcasts {
			maps.DeleteFunc(u.calls,
				func(_ solana.Signature, c *callsOfOne) bool { return c.open == 0 })
		}

		calls = new(callsOfOne)
		u.calls[signature] = calls
	}

	calls.open++
	calls.begun++

	return calls.begun == 1
}

// end notes that a call has come to its end. If it is certain that it sent
// nothing, the transaction is as if there had been none.
func (u *underWay) end(signature solana.Signature, sent bool) {
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

// alone reports whether there was no other call.
func (u *underWay) alone(signature solana.Signature) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.calls[signature].begun == 1
}
