package wire_test

import (
	"bytes"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// TestWriter_Bytes checks the bytes of each kind of field.
func TestWriter_Bytes(t *testing.T) {
	key := solana.PublicKey(bytes.Repeat([]byte{7}, 32))
	number := uint64(0x0102)
	for _, test := range []struct {
		name  string
		write func(*wire.Writer)
		want  []byte
	}{
		{"u8", func(w *wire.Writer) { w.U8(0xFE) }, []byte{0xFE}},
		{"u16", func(w *wire.Writer) { w.U16(0x0102) }, []byte{2, 1}},
		{"u32", func(w *wire.Writer) { w.U32(0x01020304) }, []byte{4, 3, 2, 1}},
		{"u64", func(w *wire.Writer) { w.U64(0x0102030405060708) }, []byte{8, 7, 6, 5, 4, 3, 2, 1}},
		{"i64", func(w *wire.Writer) { w.I64(-2) },
			[]byte{0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
		{"bool", func(w *wire.Writer) { w.Bool(true); w.Bool(false) }, []byte{1, 0}},
		{"zeros", func(w *wire.Writer) { w.Zeros(3); w.Zeros(0) }, []byte{0, 0, 0}},
		{"raw", func(w *wire.Writer) { w.Raw([]byte{9, 8}); w.Raw(nil) }, []byte{9, 8}},
		{"key", func(w *wire.Writer) { w.Key(key) }, key.Bytes()},
		{"option", func(w *wire.Writer) { w.OptionKey(&key) }, append([]byte{1}, key[:]...)},
		{"no option", func(w *wire.Writer) { w.OptionKey(nil) }, []byte{0}},
		{"coption", func(w *wire.Writer) { w.COptionKey(&key) },
			append([]byte{1, 0, 0, 0}, key[:]...)},
		{"no coption", func(w *wire.Writer) { w.COptionKey(nil) }, make([]byte, 36)},
		{"coption u64", func(w *wire.Writer) { w.COptionU64(&number) },
			[]byte{1, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0}},
		{"no coption u64", func(w *wire.Writer) { w.COptionU64(nil) }, make([]byte, 12)},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := wire.NewWriter(1)
			test.write(w)
			require.Equal(t, test.want, w.Bytes())
			require.Equal(t, len(test.want), w.Len())
		})
	}
}
