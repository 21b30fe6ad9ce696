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
// The pass is strict. A result that it refuses, for whatever reason, is decoded
// by UnmarshalJSON, which decides what is wrong with it if anything is.
type Answer interface {
	json.Unmarshaler
	// ReadJSON reads the result, but keeps it to itself: it is not known yet
	// whether the response is the one to the request.
	ReadJSON(r *Reader)
	// Accept shows what ReadJSON read, or refuses it with the error that
	// UnmarshalJSON would return.
	Accept() error
}

// Reader reads JSON in one pass over its bytes. It accepts nothing but what
// encoding/json accepts and understands in the same way, and of that only what
// nodes write: names in their own case and once, without escapes, numbers in
// digits, texts in UTF-8. It refuses everything else. After that it returns
// zero values, and there is nothing more to iterate over.
//
// This file is the only one that knows of package jsontext, which is part of
// the standard library from Go 1.27 on.
type Reader struct {
	dec  *jsontext.Decoder
	data []byte
	// room is where base64 is decoded to, all of it in one piece of memory.
	room    []byte
	lastKey struct {
		text [maxKeyText]byte
		size int
		key  solana.PublicKey
	}
	refused bool
}

// maxKeyText is how long 32 bytes can be in base58.
const maxKeyText = 44

// NewReader reads data, and returns copies of what is in it.
func NewReader(data []byte) *Reader {
	// The reader looks for names that are there twice by itself, where it
	// matters: to remember all names would take memory for hostile ones.
	dec := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	return &Reader{dec: dec, data: data}
}

// Refuse gives up.
func (r *Reader) Refuse() { r.refused = true }

// Done reports whether nothing was refused and nothing is left.
func (r *Reader) Done() bool {
	if r.refused {
		return false
	}
	_, err := r.dec.ReadToken()
	return err == io.EOF //nolint:errorlint // a decoder returns it as it is
}

// Fields reads an object. It yields each of the names that are listed, as it
// comes, for the loop to read its value; the values of other names are passed
// over. A name may be missing, and must not be there twice.
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

// index finds a name among others. encoding/json takes names in any case: one
// that differs in nothing else is unclear.
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

// List reads a list of at most so many elements as the limit says. It yields
// the index of each, for the loop to read.
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

// Null reads a null, if it is next.
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

// Uint64 reads a number without a sign, a fraction or an exponent.
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

// Key reads an address in base58. Neighbors often have the same: it is decoded
// once.
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

// AccountData reads what an account holds, which is two texts: the data and its
// encoding, which has to be base64. It is not nil unless it is refused. All
// that a Reader returns shares one piece of memory.
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

// decode decodes base64. The room for all that is left of it is at most three
// quarters of what is left of the answer.
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

// delimiter reads a token of one kind.
func (r *Reader) delimiter(kind jsontext.Kind) {
	if r.refused {
		return
	}
	token, err := r.dec.ReadToken()
	if err != nil || token.Kind() != kind {
		r.Refuse()
	}
}

// text reads a text without escapes, as it stands in the data.
func (r *Reader) text() []byte {
	text := r.value(jsontext.KindString)
	if len(text) < 2 || bytes.IndexByte(text, '\\') >= 0 {
		r.Refuse()
		return nil
	}
	return text[1 : len(text)-1]
}

// value reads a value of one kind, as it stands in the data.
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

// since returns the value that ends here and began behind an offset, without
// what separates it from its name.
func (r *Reader) since(offset int64) []byte {
	return bytes.TrimLeft(r.data[offset:r.dec.InputOffset()], ": \t\r\n")
}

// readResponse reads a response, and has the result in it read by answer, in
// one pass. It reports whether it is an answer to the request with that id; if
// not, parse finds out what it is.
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
