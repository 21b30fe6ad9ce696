package serve

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route"
)

// mostParameters is the highest number of parameters of a query, and mostQuery
// its greatest length.
const (
	mostParameters = 64
	mostQuery      = 4 << 10
)

// query holds the parameters of a URL in their order. It is reused.
type query struct {
	all []parameter
}

type parameter struct{ name, value string }

// emptied returns the query without parameters.
func (q query) emptied() query {
	clear(q.all)
	return query{all: q.all[:0]}
}

// parse reads the query of a URL.
func (q *query) parse(raw string) error {
	if len(raw) > mostQuery {
		return invalid("the query is too long")
	}

	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}

		if len(q.all) == mostParameters {
			return invalid("the query has too many parameters")
		}

		name, value, _ := strings.Cut(pair, "=")
		var err error
		if name, err = unescape(name); err != nil {
			return invalid("the query has an invalid escape")
		}

		if value, err = unescape(value); err != nil {
			return invalid("the query has an invalid escape")
		}

		q.all = append(q.all, parameter{name, value})
	}
	return nil
}

func unescape(text string) (string, error) {
	if strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, '+') < 0 {
		return text, nil
	}
	return url.QueryUnescape(text)
}

// get returns the value of a parameter that may occur once.
func (q *query) get(name string) (value string, ok bool, err error) {
	for _, p := range q.all {
		if p.name != name {
			continue
		}

		if ok {
			return "", false, invalid("%s occurs more than once", name)
		}

		value, ok = p.value, true
	}
	return value, ok, nil
}

// list returns the values of a parameter that may occur several times.
func (q *query) list(name string) (values []string) {
	for _, p := range q.all {
		if p.name == name {
			values = append(values, p.value)
		}
	}
	return values
}

// reader reads parameters into fields and keeps the first error.
type reader struct {
	query *query
	err   error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// read calls set with the value of a parameter if it has one.
func (r *reader) read(name string, required bool, set func(string) error) {
	text, ok, err := r.query.get(name)
	switch {
	case err != nil:
		r.fail(err)
	case !ok && required:
		r.fail(invalid("%s is missing", name))
	case ok:
		if err := set(text); err != nil {
			r.fail(invalid("%s: %v", name, err))
		}
	}
}

func (r *reader) amount(name string, required bool, into *uint64) {
	r.read(name, required, func(text string) (err error) {
		*into, err = parseAmount(text)
		return err
	})
}

func (r *reader) address(name string, required bool, into *solana.PublicKey) {
	r.read(name, required, func(text string) (err error) {
		*into, err = address(text)
		return err
	})
}

func (r *reader) boolean(name string, into *bool) {
	r.read(name, false, func(text string) error {
		switch text {
		case "true":
			*into = true
		case "false":
			*into = false
		default:
			return errBoolean
		}

		return nil
	})
}

// bps reads basis points of at most most.
func (r *reader) bps(name string, most uint16, into *uint16) {
	r.read(name, false, func(text string) error {
		value, err := strconv.ParseUint(text, 10, 16)
		if err != nil || value > uint64(most) {
			return errors.New("it must be a number from 0 to " + strconv.Itoa(int(most)))
		}
		*into = uint16(value)
		return nil
	})
}

// only refuses parameters that are not in the list.
func (r *reader) only(names ...string) {
	for _, p := range r.query.all {
		known := false
		for _, name := range names {
			known = known || p.name == name
		}

		if !known {
			r.fail(invalid("there is no parameter %s", strconv.Quote(shorten(p.name))))
		}
	}
}

// shorten cuts a text of a client that an error repeats.
func shorten(text string) string {
	const most = 64
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

var (
	errBoolean = errors.New("it must be true or false")
	errAmount  = errors.New("it must be an integer in base units, such as 1500000000")
	errAddress = errors.New("it must be a public key in base58")
)

// parseAmount reads a decimal integer without signs, spaces or leading zeros.
func parseAmount(text string) (uint64, error) {
	if text == "" || len(text) > 20 || text[0] == '0' && len(text) > 1 {
		return 0, errAmount
	}

	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, errAmount
		}
	}

	value, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, errAmount
	}
	return value, nil
}

// address reads a public key. It refuses long texts first, since decoding takes
// time that grows with their square.
func address(text string) (solana.PublicKey, error) {
	if len(text) < 32 || len(text) > 44 {
		return solana.PublicKey{}, errAddress
	}

	key, err := solana.PublicKeyFromBase58(text)
	if err != nil {
		return solana.PublicKey{}, errAddress
	}
	return key, nil
}

// swapModes are the modes by their words: ours, and those of Jupiter.
var swapModes = map[string]route.SwapMode{
	"exactIn":  route.ExactIn,
	"exactOut": route.ExactOut,
	"ExactIn":  route.ExactIn,
	"ExactOut": route.ExactOut,
}

func (r *reader) swapMode(name string, into *route.SwapMode) {
	r.read(name, false, func(text string) error {
		mode, ok := swapModes[text]
		if !ok {
			return errors.New("it must be ExactIn or ExactOut")
		}
		*into = mode
		return nil
	})
}
