package txn

import (
	"sync/atomic"

	"github.com/gagliardetto/solana-go"
)

// buffer holds a compiled transaction whose signatures are zero. Signing writes
// into it and saves a copy of the message. It can be used for one set of
// signatures only: the first that asks for it.
type buffer struct {
	raw []byte
	// signatures is the index of the first signature.
	signatures int
	taken      atomic.Bool
}

// take returns the bytes with the given signatures filled in, or nil if the
// buffer was used before. The transaction shares the message in these bytes;
// callers must not change it.
func (b *buffer) take(signatures []*solana.Signature) []byte {
	if b == nil || !b.taken.CompareAndSwap(false, true) {
		return nil
	}

	for i, s := range signatures {
		if s != nil {
			copy(b.raw[b.signatures+i*solana.SignatureLength:], s[:])
		}
	}
	return b.raw
}
