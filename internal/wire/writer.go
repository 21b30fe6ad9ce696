package wire

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"
)

// Writer appends fields. It cannot fail. It writes the bytes that a [Reader]
// has read for the same values.
type Writer struct{ data []byte }

// NewWriter returns an empty writer with space for size bytes.
func NewWriter(size int) *Writer { return &Writer{data: make([]byte, 0, size)} }

// Bytes returns the written bytes.
func (w *Writer) Bytes() []byte { return w.data }

// Len returns the number of written bytes.
func (w *Writer) Len() int { return len(w.data) }

// U8 appends one byte.
func (w *Writer) U8(v uint8) { w.data = append(w.data, v) }

// U16 appends two bytes.
func (w *Writer) U16(v uint16) { w.data = binary.LittleEndian.AppendUint16(w.data, v) }

// U32 appends four bytes.
func (w *Writer) U32(v uint32) { w.data = binary.LittleEndian.AppendUint32(w.data, v) }

// U64 appends eight bytes.
func (w *Writer) U64(v uint64) { w.data = binary.LittleEndian.AppendUint64(w.data, v) }

// I64 appends eight bytes in two's complement.
func (w *Writer) I64(v int64) { w.U64(uint64(v)) }

// Key appends a public key.
func (w *Writer) Key(k solana.PublicKey) { w.data = append(w.data, k[:]...) }

// Raw appends the given bytes.
func (w *Writer) Raw(b []byte) { w.data = append(w.data, b...) }

// Text appends the bytes of a text.
func (w *Writer) Text(s string) { w.data = append(w.data, s...) }

// Zeros appends n zero bytes.
func (w *Writer) Zeros(n int) { w.data = append(w.data, make([]byte, n)...) }

// Bool appends 0 or 1.
func (w *Writer) Bool(v bool) {
	if v {
		w.U8(1)
	} else {
		w.U8(0)
	}
}

// OptionKey appends an optional key in Borsh format.
func (w *Writer) OptionKey(k *solana.PublicKey) {
	w.Bool(k != nil)
	if k != nil {
		w.Key(*k)
	}
}

// COptionKey appends an optional key in the fixed-width format of the token
// programs. If the key is nil, the 32 bytes after the tag are zero.
func (w *Writer) COptionKey(k *solana.PublicKey) {
	if k == nil {
		w.Zeros(4 + 32)
		return
	}
	w.U32(1)
	w.Key(*k)
}

// COptionU64 appends an optional integer in the fixed-width format of the token
// programs. If the integer is nil, the eight bytes after the tag are zero.
func (w *Writer) COptionU64(v *uint64) {
	if v == nil {
		w.Zeros(4 + 8)
		return
	}
	w.U32(1)
	w.U64(*v)
}
