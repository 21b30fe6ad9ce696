package wire_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/internal/wire"
)

// field is a kind of field with functions that draw, write and read a value.
// Optional fields are drawn with and without a value.
type field struct {
	name  string
	draw  func(*rapid.T) any
	write func(*wire.Writer, any)
	read  func(*wire.Reader, string) any
}

func newField[T any](
	name string,
	values *rapid.Generator[T],
	write func(*wire.Writer, T),
	read func(*wire.Reader, string) T,
) field {
	return field{
		name:  name,
		draw:  func(t *rapid.T) any { return values.Draw(t, name) },
		write: func(w *wire.Writer, v any) { write(w, v.(T)) },
		read:  func(r *wire.Reader, name string) any { return read(r, name) },
	}
}

func keys() *rapid.Generator[solana.PublicKey] {
	return rapid.Custom(func(t *rapid.T) (k solana.PublicKey) {
		copy(k[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		return k
	})
}

// fields are all kinds of fields. The highest tag is 4, the length of plain
// bytes is 5.
func fields() []field {
	five := rapid.SliceOfN(rapid.Byte(), 5, 5)
	return []field{
		newField("u8", rapid.Uint8(), (*wire.Writer).U8, (*wire.Reader).U8),
		newField("u16", rapid.Uint16(), (*wire.Writer).U16, (*wire.Reader).U16),
		newField("u32", rapid.Uint32(), (*wire.Writer).U32, (*wire.Reader).U32),
		newField("u64", rapid.Uint64(), (*wire.Writer).U64, (*wire.Reader).U64),
		newField("i64", rapid.Int64(), (*wire.Writer).I64, (*wire.Reader).I64),
		newField("bool", rapid.Bool(), (*wire.Writer).Bool, (*wire.Reader).Bool),
		newField("key", keys(), (*wire.Writer).Key, (*wire.Reader).Key),
		newField("option key", rapid.Ptr(keys(), true), (*wire.Writer).OptionKey,
			(*wire.Reader).OptionKey),
		newField("coption key", rapid.Ptr(keys(), true), (*wire.Writer).COptionKey,
			(*wire.Reader).COptionKey),
		newField("coption u64", rapid.Ptr(rapid.Uint64(), true), (*wire.Writer).COptionU64,
			(*wire.Reader).COptionU64),
		newField("tag", rapid.Uint8Range(0, 4), (*wire.Writer).U8,
			func(r *wire.Reader, name string) uint8 { return r.Tag(name, 4) }),
		newField("tag32", rapid.Uint32Range(0, 4), (*wire.Writer).U32,
			func(r *wire.Reader, name string) uint32 { return r.Tag32(name, 4) }),
		newField("bytes", five, (*wire.Writer).Raw,
			func(r *wire.Reader, name string) []byte { return r.Bytes(name, 5) }),
		newField("fill", five, (*wire.Writer).Raw, func(r *wire.Reader, name string) []byte {
			b := make([]byte, 5)
			r.Fill(name, b)
			return b
		}),
		newField("skip", rapid.Just(3), (*wire.Writer).Zeros,
			func(r *wire.Reader, name string) int {
				r.Skip(name, 3)
				return 3
			}),
	}
}

// TestReader_RoundTrip writes and reads rows of fields of all kinds, and then
// cuts the row within a field. The fields before it are read, the error names
// it with its offset, and all later fields are zero.
func TestReader_RoundTrip(t *testing.T) {
	all := fields()
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SliceOfN(rapid.IntRange(0, len(all)-1), 1, 12).Draw(t, "kinds")
		values, offsets := make([]any, len(kinds)), make([]int, len(kinds))
		w := wire.NewWriter(rapid.IntRange(0, 50).Draw(t, "room"))
		for i, kind := range kinds {
			offsets[i] = w.Len()
			values[i] = all[kind].draw(t)
			all[kind].write(w, values[i])
		}

		data := w.Bytes()
		require.Len(t, data, w.Len())

		r := wire.NewReader(data)
		for i, kind := range kinds {
			require.Equal(t, offsets[i], r.Offset())
			require.Equal(t, len(data)-offsets[i], r.Remaining())
			require.Equal(t, values[i], all[kind].read(r, all[kind].name))
			require.NoError(t, r.Err())
		}

		require.Zero(t, r.Remaining())

		cut := rapid.IntRange(0, len(data)-1).Draw(t, "cut")
		r = wire.NewReader(data[:cut])
		for i, kind := range kinds {
			name := fmt.Sprintf("field %d", i)
			got := all[kind].read(r, name)
			if i+1 < len(kinds) && offsets[i+1] <= cut {
				require.Equal(t, values[i], got)
				require.NoError(t, r.Err())
				continue
			}

			var e *wire.Error
			require.ErrorAs(t, r.Err(), &e)
			require.ErrorIs(t, e, wire.ErrShort)
			require.LessOrEqual(t, e.Offset, cut)
			if offsets[i] <= cut {
				require.Equal(t, name, e.Field)
				require.GreaterOrEqual(t, e.Offset, offsets[i])
			} else {
				require.NotEqual(t, name, e.Field, "an earlier field failed first")
			}
		}
	})
}

func TestReader_Invalid(t *testing.T) {
	key := bytes.Repeat([]byte{7}, 32)
	for _, test := range []struct {
		name string
		data []byte
		read func(*wire.Reader) any
		want any
		fail string
	}{
		{"bool", []byte{2}, func(r *wire.Reader) any { return r.Bool("f") }, false,
			"invalid tag 2"},
		{"bool, largest", []byte{255}, func(r *wire.Reader) any { return r.Bool("f") }, false,
			"invalid tag 255"},
		{"tag", []byte{5}, func(r *wire.Reader) any { return r.Tag("f", 4) }, uint8(0),
			"invalid tag 5"},
		{"tag32", []byte{5, 0, 0, 0}, func(r *wire.Reader) any { return r.Tag32("f", 4) },
			uint32(0), "invalid tag 5"},
		{"tag32, high byte", []byte{0, 0, 0, 1},
			func(r *wire.Reader) any { return r.Tag32("f", 4) }, uint32(0), "invalid tag 16777216"},
		{
			"option key", append([]byte{2}, key...),
			func(r *wire.Reader) any { return r.OptionKey("f") }, (*solana.PublicKey)(nil),
			"invalid tag 2",
		},
		{
			"option key, cut", append([]byte{1}, key[:31]...),
			func(r *wire.Reader) any { return r.OptionKey("f") }, (*solana.PublicKey)(nil),
			"data too short: needs 32 bytes, 31 left",
		},
		{
			"coption key", append([]byte{2, 0, 0, 0}, key...),
			func(r *wire.Reader) any { return r.COptionKey("f") }, (*solana.PublicKey)(nil),
			"invalid tag 2",
		},
		{
			"coption key, cut without a key", make([]byte, 35),
			func(r *wire.Reader) any { return r.COptionKey("f") }, (*solana.PublicKey)(nil),
			"data too short: needs 32 bytes, 31 left",
		},
		{
			"coption u64", append([]byte{0, 1, 0, 0}, key...),
			func(r *wire.Reader) any { return r.COptionU64("f") }, (*uint64)(nil),
			"invalid tag 256",
		},
		{
			"negative length", key,
			func(r *wire.Reader) any { return r.Bytes("f", -1) }, []byte(nil),
			"data too short: needs -1 bytes, 32 left",
		},
		{
			"huge length", key, func(r *wire.Reader) any { return r.Bytes("f", 1<<31-1) },
			[]byte(nil),
			"data too short: needs 2147483647 bytes, 32 left",
		},
		{"no data", nil, func(r *wire.Reader) any { return r.U8("f") }, uint8(0),
			"data too short: needs 1 bytes, 0 left"},
	} {
		t.Run(test.name, func(t *testing.T) {
			// The first byte makes the offset differ from that of an unset
			// field.
			r := wire.NewReader(append([]byte{9}, test.data...))
			r.Skip("before", 1)
			require.Equal(t, test.want, test.read(r))
			var e *wire.Error
			require.ErrorAs(t, r.Err(), &e)
			require.Equal(t, "f", e.Field)
			require.GreaterOrEqual(t, e.Offset, 1)
			require.EqualError(t, r.Err(),
				fmt.Sprintf("field f at offset %d: %s", e.Offset, test.fail))
		})
	}
}

// TestReader_KeepsFirstError fails in different ways and continues to read:
// every value is zero, the offset does not change, and the first error remains.
func TestReader_KeepsFirstError(t *testing.T) {
	data := bytes.Repeat([]byte{3}, 100)
	for _, test := range []struct {
		name   string
		fail   func(*wire.Reader)
		offset int
		want   error
		text   string
	}{
		{"short", func(r *wire.Reader) { r.Skip("first", 97) }, 4, wire.ErrShort,
			"data too short: needs 97 bytes, 96 left"},
		{"tag", func(r *wire.Reader) { r.Tag("first", 2) }, 4, wire.ErrTag, "invalid tag 3"},
		{"bool", func(r *wire.Reader) { r.Bool("first") }, 4, wire.ErrTag, "invalid tag 3"},
		{"caller", func(r *wire.Reader) { r.Fail("first", 2, wire.ErrShort) }, 2, wire.ErrShort,
			"data too short"},
		{"caller's tag", func(r *wire.Reader) { r.FailTag("first", 1, 1<<40) }, 1, wire.ErrTag,
			"invalid tag 1099511627776"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := wire.NewReader(data)
			require.Equal(t, uint32(0x03030303), r.U32("before"))
			require.NoError(t, r.Err())
			test.fail(r)
			at := r.Offset()

			into := []byte{1, 2}
			r.Fill("later", into)
			require.Equal(t, []byte{1, 2}, into)
			r.Skip("later", 1)
			require.Zero(t, r.U8("later"))
			require.Zero(t, r.U16("later"))
			require.Zero(t, r.U32("later"))
			require.Zero(t, r.U64("later"))
			require.Zero(t, r.I64("later"))
			require.Zero(t, r.Key("later"))
			require.Nil(t, r.Bytes("later", 1))
			require.False(t, r.Bool("later"))
			require.Zero(t, r.Tag("later", 9))
			require.Zero(t, r.Tag32("later", 9))
			require.Nil(t, r.OptionKey("later"))
			require.Nil(t, r.COptionKey("later"))
			require.Nil(t, r.COptionU64("later"))
			r.Fail("later", 50, wire.ErrTag)
			r.FailTag("later", 50, 8)

			require.Equal(t, at, r.Offset())
			var e *wire.Error
			require.ErrorAs(t, r.Err(), &e)
			require.Equal(t, "first", e.Field)
			require.Equal(t, test.offset, e.Offset)
			require.ErrorIs(t, r.Err(), test.want)
			require.EqualError(t, r.Err(),
				fmt.Sprintf("field first at offset %d: %s", test.offset, test.text))
		})
	}
}

// TestReader_NoError checks that Err does not return an error interface that
// holds a nil pointer.
func TestReader_NoError(t *testing.T) {
	require.NoError(t, wire.NewReader(nil).Err())
}

func TestReader_Copies(t *testing.T) {
	w := wire.NewWriter(0)
	key := solana.PublicKey{1, 31: 2}
	number := uint64(5)
	w.Raw([]byte{1, 2, 3})
	w.Key(key)
	w.OptionKey(&key)
	w.COptionKey(&key)
	w.COptionU64(&number)
	w.Raw([]byte{4, 5})
	data := w.Bytes()

	r := wire.NewReader(data)
	plain := r.Bytes("b", 3)

	k := r.Key("k")
	option := r.OptionKey("o")
	coption := r.COptionKey("c")
	n := r.COptionU64("n")

	filled := make([]byte, 2)
	r.Fill("f", filled)
	require.NoError(t, r.Err())
	clear(data)
	require.Equal(t, []byte{1, 2, 3}, plain)
	require.Equal(t, 3, cap(plain), "an append must not write to the input")
	require.Equal(t, key, k)
	require.Equal(t, key, *option)
	require.Equal(t, key, *coption)
	require.Equal(t, uint64(5), *n)
	require.Equal(t, []byte{4, 5}, filled)
}

// TestReader_Records reads lists that contain their length. Some lengths,
// multiplied by the size of a record, would wrap around to a small number in 31
// or 32 bits.
func TestReader_Records(t *testing.T) {
	data := []byte{1, 2, 3, 4, 5, 6}
	for _, test := range []struct {
		n    uint32
		size int
		want []byte
		ok   bool
	}{
		{n: 2, size: 2, want: []byte{2, 3, 4, 5}, ok: true},
		{n: 1, size: 5, want: []byte{2, 3, 4, 5, 6}, ok: true},
		{n: 0, size: 7, want: []byte{}, ok: true},
		{n: 3, size: 2},
		{n: 1, size: 6},
		{n: 1 << 31, size: 2},
		{n: 1 << 30, size: 4},
		{n: 1<<32 - 1, size: 73},
		{n: 1<<31 + 1, size: 2},
	} {
		r := wire.NewReader(data)
		require.Equal(t, uint8(1), r.U8("n"))
		got := r.Records("n", 0, test.n, test.size)
		if test.ok {
			require.NoError(t, r.Err())
			require.Equal(t, test.want, got)
			continue
		}

		require.Nil(t, got)
		require.EqualError(t, r.Err(), "field n at offset 0: data too short")
		require.Equal(t, 1, r.Offset())
	}
}

// TestReader_Group checks the names of the fields of a structure.
func TestReader_Group(t *testing.T) {
	r := wire.NewReader([]byte{1})
	r.Group("lockup")
	r.U8("kind")
	r.Group("")
	require.NoError(t, r.Err())
	r.U8("next")
	require.EqualError(t, r.Err(), "field next at offset 1: data too short: needs 1 bytes, 0 left")

	r = wire.NewReader(nil)
	r.Group("lockup")
	r.U64("epoch")
	require.EqualError(t, r.Err(),
		"field lockup.epoch at offset 0: data too short: needs 8 bytes, 0 left")
}
