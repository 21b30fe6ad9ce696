// Package wire reads and writes the little-endian layouts of Solana accounts
// and instructions.
//
// Both ends carry a sticky error, so that a layout reads as a list of its
// fields and is checked once at the end. The reader copies what it returns,
// accepts only the tags and booleans that the on-chain (Borsh, Bincode, Pack)
// decoders accept, and remembers the field and the offset at which the input
// stopped making sense.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
)

// Reasons for which a read fails; every [Error] wraps one of them.
var (
	// ErrShort says that the input ends before the field does.
	ErrShort = errors.New("data too short")
	// ErrTag says that a discriminator, option, enum or boolean has a value the
	// program would not accept.
	ErrTag = errors.New("invalid tag")
)

// Error says which field could not be read, at which byte offset, and why.
type Error struct {
	Field  string
	Offset int
	Reason error
}

// Error is one line naming field, offset and reason.
func (e *Error) Error() string {
	return fmt.Sprintf("field %s at offset %d: %v", e.Field, e.Offset, e.Reason)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Reason }

// Reader reads fields one after the other. After the first failure every read
// returns zero and Err tells what it was.
type Reader struct {
	data  []byte
	off   int
	group string
	err   *Error
}

// NewReader reads from data, which it does not keep any reference to in what it
// returns.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// Err is nil or the first failure, an *Error.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// Offset is the position of the next field.
func (r *Reader) Offset() int { return r.off }

// Remaining is the number of bytes behind the current position.
func (r *Reader) Remaining() int { return len(r.data) - r.off }

// Group names the structure that the next fields belong to: an error calls
// them by its name, a dot and theirs. An empty name ends the group. Names are
// put together only when a read fails, so that a good account costs no text.
func (r *Reader) Group(name string) { r.group = name }

// Fail records a failure of a field that was read but makes no sense. Only the
// first failure is kept.
func (r *Reader) Fail(field string, offset int, reason error) {
	if r.err != nil {
		return
	}

	if r.group != "" {
		field = r.group + "." + field
	}

	r.err = &Error{
		Field:  field,
		Offset: offset,
		Reason: reason,
	}
}

// FailTag is Fail for a tag value that no program writes.
func (r *Reader) FailTag(field string, offset int, value uint64) {
	r.Fail(field, offset, fmt.Errorf("%w %d", ErrTag, value))
}

// take returns the next n bytes, or nil.
func (r *Reader) take(field string, n int) []byte {
	if r.err != nil || n < 0 || len(r.data)-r.off < n {
		r.failShort(field, n)
		return nil
	}
	r.off += n
	return r.data[r.off-n : r.off]
}

func (r *Reader) failShort(field string, n int) {
	if r.err == nil {
		r.Fail(field, r.off,
			fmt.Errorf("%w: needs %d bytes, %d are left", ErrShort, n, r.Remaining()))
	}
}

// U8 reads one byte.
func (r *Reader) U8(field string) uint8 {
	if b := r.take(field, 1); b != nil {
		return b[0]
	}
	return 0
}

// U16 reads two bytes.
func (r *Reader) U16(field string) uint16 {
	if b := r.take(field, 2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// U32 reads four bytes.
func (r *Reader) U32(field string) uint32 {
	if b := r.take(field, 4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// U64 reads eight bytes.
func (r *Reader) U64(field string) uint64 {
	if b := r.take(field, 8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// I64 reads eight bytes, two's complement.
func (r *Reader) I64(field string) int64 { return int64(r.U64(field)) }

// Key reads a public key.
func (r *Reader) Key(field string) (k solana.PublicKey) {
	copy(k[:], r.take(field, len(k)))
	return k
}

// Fill reads exactly len(dst) bytes into dst.
func (r *Reader) Fill(field string, dst []byte) { copy(dst, r.take(field, len(dst))) }

// Bytes reads n bytes into a slice of their own. It allocates only after it has
// seen that they are there.
func (r *Reader) Bytes(field string, n int) []byte {
	b := r.take(field, n)
	if b == nil {
		return nil
	}
	return append(make([]byte, 0, n), b...)
}

// Records reads n records of size bytes each. It returns them as they stand in
// the data, for the caller to copy out of. If they are not all there, the field
// at the given offset, which told their number, is the one that failed. The
// product is taken in 64 bits, so that no number wraps around.
func (r *Reader) Records(field string, at int, n uint32, size int) []byte {
	if uint64(n)*uint64(size) > uint64(r.Remaining()) {
		r.Fail(field, at, ErrShort)
		return nil
	}
	return r.take(field, int(n)*size)
}

// View reads n bytes and returns them as they stand in the data, for the caller
// to copy out of; nil if they are not all there.
func (r *Reader) View(field string, n int) []byte { return r.take(field, n) }

// Skip passes over n bytes.
func (r *Reader) Skip(field string, n int) { r.take(field, n) }

// Bool reads one byte that must be 0 or 1.
func (r *Reader) Bool(field string) bool { return r.Tag(field, 1) == 1 }

// Tag reads one byte that must not exceed highest.
func (r *Reader) Tag(field string, highest uint8) uint8 {
	at := r.off
	t := r.U8(field)
	if r.err == nil && t > highest {
		r.FailTag(field, at, uint64(t))
		return 0
	}
	return t
}

// Tag32 reads a four-byte enum tag that must not exceed highest.
func (r *Reader) Tag32(field string, highest uint32) uint32 {
	at := r.off
	t := r.U32(field)
	if r.err == nil && t > highest {
		r.FailTag(field, at, uint64(t))
		return 0
	}
	return t
}

// OptionKey reads a Borsh option of a key: one tag byte, and the key only if
// there is one.
func (r *Reader) OptionKey(field string) *solana.PublicKey {
	if r.Tag(field, 1) == 0 {
		return nil
	}
	k := r.Key(field)
	if r.err != nil {
		return nil
	}
	return &k
}

// COptionKey reads a fixed-width option of a key as the token programs store
// it: four tag bytes and always 32 more, which mean nothing when there is no
// key.
func (r *Reader) COptionKey(field string) *solana.PublicKey {
	some := r.Tag32(field, 1) == 1
	k := r.Key(field)
	if r.err != nil || !some {
		return nil
	}
	return &k
}

// COptionU64 is COptionKey for an integer.
func (r *Reader) COptionU64(field string) *uint64 {
	some := r.Tag32(field, 1) == 1
	v := r.U64(field)
	if r.err != nil || !some {
		return nil
	}
	return &v
}
