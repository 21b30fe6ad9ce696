package txn

import (
	"sync/atomic"

	"github.com/gagliardetto/solana-go"
)

// buffer is a compiled transaction with zeros for its signatures. The message is
// written straight into it, so that signing need not copy the message. It serves
// one set of signatures only: the first that is asked for.
type buffer struct {
	raw   []byte
	taken atomic.Bool
}

// take returns the bytes with the signatures that are there, for the others to
// be added, or nil if they were taken before. The message in them is shared with
// the transaction and does not change.
func (b *buffer) take(signatures []*solana.Signature) []byte {
	if b == nil || !b.taken.CompareAndSwap(false, true) {
		return nil
	}

	for i, s := range signatures {
		if s != nil {
			copy(b.raw[1+i*solana.SignatureLength:], s[:])
		}
	}
	return b.raw
}
