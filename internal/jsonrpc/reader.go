package jsonrpc

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"iter"
	"math"

	"github.com/gagliardetto/solana-go"
	"github.com/go-json-experiment/json/jsontext"
)

// Answer is a decode target that reads its result in one pass, together with
// the response around it.
//
// The pass is strict. A result that it refuses is decoded by UnmarshalJSON,
// which decides whether the result is wrong.
type Answer interface {
	json.Unmarshaler
	// ReadJSON reads the result without making it visible: the response may
	// turn out to answer another request.
	ReadJSON(r *Reader)
	// Accept makes the result of ReadJSON visible, or refuses it with the same
	// error as UnmarshalJSON.
	Accept() error
}

// Reader reads JSON in one pass over its bytes. It accepts only input that
// encoding/json accepts with the same meaning, and of that only the subset that
// nodes write: names in exact case, once and without escapes, numbers in
// digits, texts in UTF-8. After it has refused its input, it returns zero
// values and empty iterations.
//
// Only this file uses package jsontext, which is part of the standard library
// from Go 1.27 on.
type Reader struct {
	dec  *jsontext.Decoder
	data []byte
	// room is one piece of memory for all decoded base64.
	room    []byte
	lastKey struct {
		text [maxKeyText]byte
		size int
		key  solana.PublicKey
	}
	refused bool
}

// maxKeyText is the longest base58 text of 32 bytes, in characters.
const maxKeyText = 44

// NewReader returns a reader of data. All values it returns are copies.
func NewReader(data []byte) *Reader {
	// The reader detects duplicate names itself where it matters: the memory
	// for all names would be unbounded for hostile input.
	dec := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	return &Reader{dec: dec, data: data}
}

// Refuse rejects the input.
func (r *Reader) Refuse() { r.refused = true }

// Done reports whether the input was accepted and read to its end.
func (r *Reader) Done() bool {
	if r.refused {
		return false
	}
	_, err := r.dec.ReadToken()
	return err == io.EOF //nolint:errorlint // decoders return io.EOF unwrapped
}

// Fields reads an object. It yields those of names that occur, in the order of
// the input, and the loop must read the value of each. Values of other names
// are skipped. A name may be missing but must not repeat.
func (r *Reader) Fields(names ...string) iter.Seq[string] {
	return func(yield func(string) bool) {
		r.delimiter(jsontext.KindBeginObject)
		seen := 0
		for !r.refused && r.dec.PeekKind() == jsontext.KindString {
			i := index(r.text(), names)
			switch {
			case i == other:
				r.skip()
				continue
			case i == unclear || seen&(1<<i) != 0:
				r.Refuse()
				return
			}

			seen |= 1 << i
			if !yield(names[i]) {
				r.Refuse()
				return
			}
		}

		r.delimiter(jsontext.KindEndObject)
	}
}

const (
	other   = -1
	unclear = -2
)

// index returns the position of name in names. encoding/json ignores case, so a
// name that differs only in case is unclear.
func index(name []byte, names []string) int {
	for i := range names {
		if string(name) == names[i] {
			return i
		}
	}

	for i := range names {
		if bytes.EqualFold(name, []byte(names[i])) {
			return unclear
		}
	}

	return other
}

// List reads a list of at most limit elements. It yields the index of each
// element, and the loop must read the element.
func (r *Reader) List(limit int) iter.Seq[int] {
	return func(yield func(int) bool) {
		r.delimiter(jsontext.KindBeginArray)
		for i := 0; !r.refused; i++ {
			switch r.dec.PeekKind() {
			case jsontext.KindEndArray:
				r.delimiter(jsontext.KindEndArray)
				return
			case jsontext.KindInvalid:
				r.Refuse()
				return
			}

			if i == limit || !yield(i) {
				r.Refuse()
			}
		}
	}
}

// Null reads a null if it is the next value, and reports whether it did.
func (r *Reader) Null() bool {
	if r.refused || r.dec.PeekKind() != jsontext.KindNull {
		return false
	}
	r.delimiter(jsontext.KindNull)
	return !r.refused
}

// Bool reads a boolean.
func (r *Reader) Bool() bool {
	if !r.refused && r.dec.PeekKind() == jsontext.KindTrue {
		r.delimiter(jsontext.KindTrue)
		return !r.refused
	}
	r.delimiter(jsontext.KindFalse)
	return false
}

// Uint64 reads a number without sign, fraction and exponent.
func (r *Reader) Uint64() (n uint64) {
	for _, c := range r.value(jsontext.KindNumber) {
		digit := uint64(c - '0')
		if digit > 9 || n > (math.MaxUint64-digit)/10 {
			r.Refuse()
			return 0
		}
		n = n*10 + digit
	}
	return n
}

// Key reads an address in base58. Neighbors often repeat it, so the last one is
// cached.
func (r *Reader) Key() solana.PublicKey {
	text := r.text()
	last := &r.lastKey
	switch {
	case r.refused:
		return solana.PublicKey{}
	case len(text) > maxKeyText:
		r.Refuse()
		return solana.PublicKey{}
	case last.size > 0 && bytes.Equal(text, last.text[:last.size]):
		return last.key
	}

	key, err := solana.PublicKeyFromBase58(string(text))
	if err != nil {
		r.Refuse()
		return solana.PublicKey{}
	}

	last.size, last.key = copy(last.text[:], text), key

	return key
}

// AccountData reads the data of an account: a list of the data and its
// encoding, which must be base64. The result is nil only if the input is
// refused. All results of a Reader share one piece of memory.
func (r *Reader) AccountData() []byte {
	r.delimiter(jsontext.KindBeginArray)
	data := r.decode(r.text())
	if string(r.text()) != "base64" {
		r.Refuse()
	}
	r.delimiter(jsontext.KindEndArray)
	if r.refused {
		return nil
	}
	return data
}

// decode decodes base64. The room is sized for the rest of the input, so it is
// at most three quarters of its length.
func (r *Reader) decode(text []byte) []byte {
	if r.refused {
		return nil
	}

	if r.room == nil {
		left := len(r.data) - int(r.dec.InputOffset()) + len(text)
		r.room = make([]byte, 0, base64.StdEncoding.DecodedLen(left))
	}

	start := len(r.room)
	room, err := base64.StdEncoding.AppendDecode(r.room, text)
	if err != nil {
		r.Refuse()
		return nil
	}

	r.room = room

	return room[start:len(room):len(room)]
}

// OneOf reads a text that must be one of words, and returns its position.
func (r *Reader) OneOf(words ...string) int {
	text := r.text()
	for i := range words {
		if !r.refused && string(text) == words[i] {
			return i
		}
	}
	r.Refuse()
	return other
}

// delimiter reads a token of the given kind.
func (r *Reader) delimiter(kind jsontext.Kind) {
	if r.refused {
		return
	}
	token, err := r.dec.ReadToken()
	if err != nil || token.Kind() != kind {
		r.Refuse()
	}
}

// text returns the raw bytes of a text without escapes.
func (r *Reader) text() []byte {
	text := r.value(jsontext.KindString)
	if len(text) < 2 || bytes.IndexByte(text, '\\') >= 0 {
		r.Refuse()
		return nil
	}
	return text[1 : len(text)-1]
}

// value returns the raw bytes of a value of the given kind.
func (r *Reader) value(kind jsontext.Kind) []byte {
	if r.refused || r.dec.PeekKind() != kind {
		r.Refuse()
		return nil
	}
	value, err := r.dec.ReadValue()
	if err != nil {
		r.Refuse()
		return nil
	}
	return value
}

func (r *Reader) skip() {
	if r.refused || r.dec.SkipValue() != nil {
		r.Refuse()
	}
}

// since returns the raw value from offset to the current position, without the
// separator after its name.
func (r *Reader) since(offset int64) []byte {
	return bytes.TrimLeft(r.data[offset:r.dec.InputOffset()], ": \t\r\n")
}

// readResponse reads a response in one pass, its result by answer. It reports
// whether the response is a result for the request with the given id. If not,
// parse finds the reason.
func readResponse(body []byte, id string, answer Answer) (result json.RawMessage, ok bool) {
	r := NewReader(body)
	var named []byte
	for name := range r.Fields("id", "result", "error") {
		offset := r.dec.InputOffset()
		switch name {
		case "id":
			r.skip()
			named = r.since(offset)
		case "error":
			if !r.Null() {
				r.Refuse()
			}

		case "result":
			answer.ReadJSON(r)
			result = r.since(offset)
		}
	}

	return result, r.Done() && len(result) > 0 && unquote(named) == id
}

// readResult reads a result without the response around it.
func readResult(result json.RawMessage, answer Answer) bool {
	r := NewReader(result)
	answer.ReadJSON(r)
	return r.Done()
}
