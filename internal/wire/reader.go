// Package wire reads and writes the little-endian layouts of Solana accounts
// and instructions.
//
// A [Reader] and a [Writer] need no error check after each field, so that a
// layout is a list of its fields. The reader keeps the first error, with the
// field and its offset. It copies the data that it returns, and accepts only
// the tags and booleans that the decoders of the programs (Borsh, Bincode,
// Pack) accept.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
)

// Errors of a [Reader]. Every [Error] wraps one of them.
var (
	// ErrShort is returned when the data ends before the field does.
	ErrShort = errors.New("data too short")
	// ErrTag is returned when a discriminator, option, enum or boolean has a
	// value that the program does not accept.
	ErrTag = errors.New("invalid tag")
)

// Error is the error of a field that cannot be read.
type Error struct {
	Field  string
	Offset int
	Reason error
}

// Error returns one line with the field, the offset and the reason.
func (e *Error) Error() string {
	return fmt.Sprintf("field %s at offset %d: %v", e.Field, e.Offset, e.Reason)
}

// Unwrap returns Reason.
func (e *Error) Unwrap() error { return e.Reason }

// Reader reads one field after the other. After the first error every read
// returns zero.
type Reader struct {
	data  []byte
	off   int
	group string
	err   *Error
}

// NewReader returns a reader of data. Except for [Reader.View] and
// [Reader.Records], the returned values do not refer to data.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// Err returns the first error, an *Error, or nil.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// Offset returns the position of the next field.
func (r *Reader) Offset() int { return r.off }

// Remaining returns the number of unread bytes.
func (r *Reader) Remaining() int { return len(r.data) - r.off }

// Group sets the name of the structure to which the next fields belong. Errors
// put it before the field name, with a dot. An empty name ends the group. The
// names are joined only in an error, so that reading a valid account allocates
// no text.
func (r *Reader) Group(name string) { r.group = name }

// Fail records an error of a field that was read but has an invalid value. Only
// the first error is kept.
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

// FailTag records [ErrTag] with the invalid value.
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
		r.Fail(field, r.off, fmt.Errorf("%w: needs %d bytes, %d left", ErrShort, n, r.Remaining()))
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

// I64 reads eight bytes in two's complement.
func (r *Reader) I64(field string) int64 { return int64(r.U64(field)) }

// Key reads a public key.
func (r *Reader) Key(field string) (k solana.PublicKey) {
	copy(k[:], r.take(field, len(k)))
	return k
}

// Fill reads len(dst) bytes into dst.
func (r *Reader) Fill(field string, dst []byte) { copy(dst, r.take(field, len(dst))) }

// Bytes reads n bytes and returns a copy. It allocates only after it has
// checked the length.
func (r *Reader) Bytes(field string, n int) []byte {
	b := r.take(field, n)
	if b == nil {
		return nil
	}
	return append(make([]byte, 0, n), b...)
}

// Records reads n records of size bytes, and returns the bytes without copying
// them. If the data is too short, the error names the field at the given
// offset, which held the number of records. The total size is computed in 64
// bits, and does not wrap around.
func (r *Reader) Records(field string, at int, n uint32, size int) []byte {
	if uint64(n)*uint64(size) > uint64(r.Remaining()) {
		r.Fail(field, at, ErrShort)
		return nil
	}
	return r.take(field, int(n)*size)
}

// View reads n bytes, and returns them without copying them, or nil if the data
// is too short.
func (r *Reader) View(field string, n int) []byte { return r.take(field, n) }

// Skip skips n bytes.
func (r *Reader) Skip(field string, n int) { r.take(field, n) }

// Bool reads one byte, which must be 0 or 1.
func (r *Reader) Bool(field string) bool { return r.Tag(field, 1) == 1 }

// Tag reads one byte, which must not exceed highest.
func (r *Reader) Tag(field string, highest uint8) uint8 {
	at := r.off
	t := r.U8(field)
	if r.err == nil && t > highest {
		r.FailTag(field, at, uint64(t))
		return 0
	}
	return t
}

// Tag32 reads an enum tag of four bytes, which must not exceed highest.
func (r *Reader) Tag32(field string, highest uint32) uint32 {
	at := r.off
	t := r.U32(field)
	if r.err == nil && t > highest {
		r.FailTag(field, at, uint64(t))
		return 0
	}
	return t
}

// OptionKey reads an optional key in Borsh format: a tag of one byte, followed
// by the key if the tag is 1.
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

// COptionKey reads an optional key in the fixed-width format of the token
// programs: a tag of four bytes and 32 more bytes, which have no meaning if the
// tag is 0.
func (r *Reader) COptionKey(field string) *solana.PublicKey {
	some := r.Tag32(field, 1) == 1
	k := r.Key(field)
	if r.err != nil || !some {
		return nil
	}
	return &k
}

// COptionU64 reads an optional integer in the format of [Reader.COptionKey].
func (r *Reader) COptionU64(field string) *uint64 {
	some := r.Tag32(field, 1) == 1
	v := r.U64(field)
	if r.err != nil || !some {
		return nil
	}
	return &v
}
