package route

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/gagliardetto/solana-go"
)

// Limits on the lists of a portable quote.
const (
	mostLegs     = 2
	mostKeys     = 64
	mostTold     = 32
	longestVenue = 64
	longestName  = 128
)

// object is a JSON object whose fields are read one after the other. The first
// error stays; reading on returns zero values.
type object struct {
	// path is the path of the object, or empty for the outermost one.
	path   string
	values map[string]json.RawMessage
	// read has the fields that were read or may be missing.
	read map[string]bool
	err  error
}

// readObject splits a JSON object into its fields. It refuses repeated fields,
// and text after the object.
func readObject(path string, text []byte) (*object, error) {
	o := &object{
		path:   path,
		values: make(map[string]json.RawMessage),
		read:   make(map[string]bool),
	}

	decoder := json.NewDecoder(bytes.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, o.because("not a JSON object")
	}

	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, o.because("not a JSON object")
		}

		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, o.at(clip(name)).because("not JSON")
		}

		if _, twice := o.values[name]; twice {
			return nil, o.at(clip(name)).because("the field is there twice")
		}

		o.values[name] = value
	}

	if _, err := decoder.Token(); err != nil {
		return nil, o.because("the JSON is cut off")
	}

	if rest := bytes.TrimLeft(text[decoder.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, o.because("text after the JSON object")
	}

	return o, nil
}

// clip shortens a name for an error, and quotes unusual ones.
func clip(name string) string {
	for _, c := range name {
		if c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return fmt.Sprintf("%.40q", name)
		}
	}
	return name[:min(len(name), 40)]
}

// at returns the position of a field, for errors.
func (o *object) at(name string) *object {
	switch {
	case name == "":
		return o
	case o.path == "":
		return &object{path: name}
	}
	return &object{path: o.path + "." + name}
}

// because returns an error about the object.
func (o *object) because(format string, args ...any) error {
	return &PortableQuoteError{Field: o.path, Reason: fmt.Sprintf(format, args...)}
}

// keep keeps the first error.
func (o *object) keep(err error) {
	if o.err == nil {
		o.err = err
	}
}

// refuse keeps an error about a field.
func (o *object) refuse(name, format string, args ...any) {
	o.keep(o.at(name).because(format, args...))
}

// done returns the first error. It refuses fields that were not read.
func (o *object) done() error {
	if o.err != nil {
		return o.err
	}

	unknown := ""
	for name := range o.values {
		if !o.read[name] && (unknown == "" || name < unknown) {
			unknown = name
		}
	}

	if unknown == "" {
		return nil
	}

	for name := range o.read {
		if strings.EqualFold(name, unknown) {
			return o.at(clip(unknown)).because("unknown field (write it as %s)", name)
		}
	}

	return o.at(clip(unknown)).because("unknown field")
}

// has reports whether there is an optional field.
func (o *object) has(name string) bool {
	if _, ok := o.values[name]; ok {
		return true
	}
	o.read[name] = true
	return false
}

// optional returns the object if it has a field, and otherwise an object that
// reads zero values without an error.
func (o *object) optional(name string) *object {
	if o.has(name) {
		return o
	}
	return &object{err: errMissing}
}

// errMissing stops reading a field that may be missing.
var errMissing = &PortableQuoteError{Reason: "missing"}

// value returns the text of a field.
func (o *object) value(name string) (json.RawMessage, bool) {
	if o.err != nil {
		return nil, false
	}

	text, ok := o.values[name]
	if !ok {
		o.miss(name)
		return nil, false
	}

	if o.read != nil {
		o.read[name] = true
	}

	return text, true
}

// miss keeps the error of a missing field, or of one in another case.
func (o *object) miss(name string) {
	for other := range o.values {
		if strings.EqualFold(other, name) {
			o.refuse(clip(other), "unknown field (write it as %s)", name)
			return
		}
	}
	o.refuse(name, "the field is missing")
}

// number reads a whole number up to most.
func (o *object) number(name string, most uint64) uint64 {
	text, ok := o.value(name)
	if !ok {
		return 0
	}

	number, ok := digits(string(text))
	if !ok || number > most {
		o.refuse(name, "not a whole number from 0 to %d", most)
	}

	return number
}

// digits reads a decimal number without a sign and without leading zeros.
func digits(text string) (uint64, bool) {
	if len(text) > 1 && text[0] == '0' {
		return 0, false
	}
	number, err := strconv.ParseUint(text, 10, 64)
	return number, err == nil && text[0] != '+'
}

// text reads a string of printable characters, at most longest bytes.
func (o *object) text(name string, longest int) string {
	text, ok := o.value(name)
	if !ok {
		return ""
	}

	var s string
	if len(text) == 0 || text[0] != '"' || json.Unmarshal(text, &s) != nil {
		o.refuse(name, "not a string")
		return ""
	}

	printable := !strings.ContainsFunc(s, func(c rune) bool {
		return !unicode.IsPrint(c) || c == unicode.ReplacementChar
	})
	if s == "" || len(s) > longest || !printable {
		o.refuse(name, "not a string of 1 to %d printable characters", longest)
		return ""
	}

	return s
}

// amount reads an amount, which is a string of digits.
func (o *object) amount(name string) uint64 {
	const longest = 20
	text, ok := o.value(name)
	if !ok {
		return 0
	}

	if len(text) < 3 || len(text) > longest+2 || text[0] != '"' {
		o.refuse(name, `not a whole number of base units in quotes, for example "1500000000"`)
		return 0
	}

	amount, ok := digits(string(text[1 : len(text)-1]))
	if !ok {
		o.refuse(name, `not a whole number of base units in quotes, for example "1500000000"`)
	}

	return amount
}

// decimal reads a decimal number, which is a string.
func (o *object) decimal(name string) string {
	const longest = 40
	text := o.text(name, longest)
	if o.err != nil {
		return ""
	}

	whole, fraction, point := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	areDigits := func(s string) bool {
		return s != "" && strings.Trim(s, "0123456789") == ""
	}
	if !areDigits(whole) || len(whole) > 1 && whole[0] == '0' || point && !areDigits(fraction) {
		o.refuse(name, `not a decimal number in quotes, for example "0.001"`)
	}

	return text
}

// key reads a public key in base58.
func (o *object) key(name string) (key solana.PublicKey) {
	const longest = 44
	text, ok := o.value(name)
	if !ok {
		return key
	}

	if len(text) > longest+2 || len(text) < 2 || text[0] != '"' {
		o.refuse(name, "not a public key in base58")
		return key
	}

	key, err := solana.PublicKeyFromBase58(string(text[1 : len(text)-1]))
	if err != nil || key.IsZero() {
		o.refuse(name, "not a public key in base58")
		return solana.PublicKey{}
	}

	return key
}

// word reads a word of an enumeration.
func (o *object) word(name string, into encoding.TextUnmarshaler) {
	const longest = 40
	text := o.text(name, longest)
	if o.err != nil {
		return
	}

	if err := into.UnmarshalText([]byte(text)); err != nil {
		o.keep(&PortableQuoteError{
			Field:  o.at(name).path,
			Reason: err.Error(),
			Err:    err,
		})
	}
}

// boolean reads true or false.
func (o *object) boolean(name string) bool {
	text, ok := o.value(name)
	if ok && !slices.Contains([]string{"true", "false"}, string(text)) {
		o.refuse(name, "not true or false")
	}
	return string(text) == "true"
}

// flag reads a boolean that is false if it is missing.
func (o *object) flag(name string) bool {
	return o.has(name) && o.boolean(name)
}

// object reads a field that is an object.
func (o *object) object(name string, read func(*object)) {
	if text, ok := o.value(name); ok {
		o.inner(o.at(name).path, text, read)
	}
}

// inner reads an object within this one.
func (o *object) inner(path string, text []byte, read func(*object)) {
	within, err := readObject(path, text)
	if err == nil {
		read(within)
		err = within.done()
	}

	if err != nil {
		o.keep(err)
	}
}

// list reads a field that is a list of objects.
func (o *object) list(name string, most int, read func(*object)) {
	if !o.has(name) {
		o.miss(name)
		return
	}

	o.elements(name, most, func(path string, text json.RawMessage) { o.inner(path, text, read) })
}

// optionalList is list for a field that may be missing.
func (o *object) optionalList(name string, read func(*object)) {
	o.elements(name, mostTold, func(path string, text json.RawMessage) {
		o.inner(path, text, read)
	})
}

// elements reads the elements of a list, which may be missing but not empty.
func (o *object) elements(name string, most int, read func(path string, text json.RawMessage)) {
	if o.err != nil || !o.has(name) {
		return
	}

	text, _ := o.value(name)
	var all []json.RawMessage
	if len(text) == 0 || text[0] != '[' || json.Unmarshal(text, &all) != nil || len(all) == 0 ||
		len(all) > most {
		o.refuse(name, "not a list of 1 to %d elements", most)
		return
	}

	for i := range all {
		if o.err != nil {
			return
		}

		read(fmt.Sprintf("%s[%d]", o.at(name).path, i), all[i])
	}
}
