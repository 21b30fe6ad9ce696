package lst

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Open reads a list from the file at path; see [Read] for the format. Besides
// the errors of [Read], it returns the errors of os.Open, wrapped.
func Open(path string) (*Registry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("lst: %w", err)
	}
	defer f.Close()
	r, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// entry is the form of an LST in a list.
type entry struct {
	Symbol       string `json:"symbol" toml:"symbol"`
	Name         string `json:"name" toml:"name"`
	Mint         string `json:"mint" toml:"mint"`
	Decimals     *uint8 `json:"decimals" toml:"decimals"`
	TokenProgram string `json:"token_program" toml:"token_program"`
	Pool         struct {
		Program       string `json:"program" toml:"program"` // the kind
		ProgramID     string `json:"program_id,omitempty" toml:"program_id"`
		Pool          string `json:"pool,omitempty" toml:"pool"`
		ValidatorList string `json:"validator_list,omitempty" toml:"validator_list"`
		VoteAccount   string `json:"vote_account,omitempty" toml:"vote_account"`
	} `json:"pool" toml:"pool"`
	Unverified bool `json:"unverified,omitempty" toml:"unverified"`
}

func (e *entry) lst() (LST, error) {
	if e.Decimals == nil { // missing decimals are not zero decimals
		return LST{}, errors.New("decimals are missing")
	}

	kind, ok := kindNamed(e.Pool.Program)
	if !ok {
		return LST{}, fmt.Errorf("unknown kind %s", quote(e.Pool.Program))
	}

	l := LST{
		Symbol:   e.Symbol,
		Name:     e.Name,
		Decimals: *e.Decimals,
		Kind:     kind,

		Unverified: e.Unverified,
	}

	for _, field := range []struct {
		name, text string
		key        *solana.PublicKey
	}{
		{"mint", e.Mint, &l.Mint},
		{"token_program", e.TokenProgram, &l.TokenProgram},
		{"program_id", e.Pool.ProgramID, &l.Program},
		{"pool", e.Pool.Pool, &l.Pool},
		{"validator_list", e.Pool.ValidatorList, &l.ValidatorList},
		{"vote_account", e.Pool.VoteAccount, &l.VoteAccount},
	} {
		if field.text == "" {
			continue
		}

		key, ok := parseKey(field.text)
		if !ok {
			return LST{}, fmt.Errorf("%s is not 32 bytes of base58: %s", field.name,
				quote(field.text))
		}

		*field.key = key
	}
	return l, nil
}

// Read reads a list: the TOML that Sanctum publishes, or a JSON array of
// objects
//
//	{"symbol", "name", "mint", "decimals", "token_program", "unverified",
//	  "pool": {"program", "program_id", "pool", "validator_list",
//	    "vote_account"}}
//
// where pool.program is the name of a [Kind] and keys are base58. In TOML, each
// entry is a [[sanctum_lst_list]] with the same fields and a table
// [sanctum_lst_list.pool]. Fields of other names are ignored. An SPL kind needs
// pool.pool and pool.validator_list. "SPool" needs pool.program_id; the address
// of the Infinity pool is derived from it. Other missing addresses are set to
// the program and the pool of the kind on mainnet.
//
// [ErrInvalidRegistry] is returned when the list is longer than 8 MiB or is
// neither of both, or when an entry is incomplete, is malformed, or repeats the
// mint or the pool of another entry; an [EntryError] then names the entry. An
// error of the reader is returned wrapped.
func Read(reader io.Reader) (*Registry, error) {
	if reader == nil {
		return nil, fmt.Errorf("lst: read list: %w reader", accounts.ErrNil)
	}

	data, err := io.ReadAll(io.LimitReader(reader, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("lst: read list: %w", err)
	}

	if len(data) > maxBytes {
		return nil, fmt.Errorf("lst: %w: list of more than %d bytes", ErrInvalidRegistry, maxBytes)
	}

	read := readJSON
	if isTOML(data) {
		read = readTOML
	}

	all, err := read(data)
	if err != nil {
		return nil, err
	}
	return newRegistry(all)
}

func readJSON(data []byte) ([]LST, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return nil, fmt.Errorf("lst: %w: list is not a JSON array", ErrInvalidRegistry)
	}

	var all []LST
	for d.More() {
		var e entry
		if err := d.Decode(&e); err != nil {
			return nil, &EntryError{Index: len(all), Err: jsonError(err)}
		}

		l, err := e.lst()
		if err != nil {
			return nil, &EntryError{
				Index:  len(all),
				Symbol: e.Symbol,
				Err:    err,
			}
		}

		all = append(all, l)
	}

	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("lst: %w: list has no closing bracket", ErrInvalidRegistry)
	}

	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("lst: %w: data after the closing bracket of the list",
			ErrInvalidRegistry)
	}
	return all, nil
}

// jsonError returns an error of the JSON reader without the value that did not
// fit and without the Go type that it should fit.
func jsonError(err error) error {
	var unfit *json.UnmarshalTypeError
	if !errors.As(err, &unfit) {
		return err
	}

	value, _, _ := strings.Cut(unfit.Value, " ") // a number is followed by its digits
	if unfit.Field == "" {
		return fmt.Errorf("a %s is no entry", value)
	}
	return fmt.Errorf("%s cannot be this %s", unfit.Field, value)
}

// Write writes the list as JSON, in the form that [Read] reads.
func (r *Registry) Write(writer io.Writer) error {
	if writer == nil {
		return fmt.Errorf("lst: write list: %w writer", accounts.ErrNil)
	}

	all := make([]entry, 0, r.Len())
	for _, l := range r.All() {
		all = append(all, newEntry(l))
	}

	e := json.NewEncoder(writer)
	e.SetIndent("", " ")
	if err := e.Encode(all); err != nil {
		return fmt.Errorf("lst: write list: %w", err)
	}
	return nil
}

func newEntry(l LST) entry {
	text := func(key solana.PublicKey) string {
		if key.IsZero() {
			return ""
		}
		return key.String()
	}

	e := entry{
		Symbol:       l.Symbol,
		Name:         l.Name,
		Mint:         text(l.Mint),
		Decimals:     &l.Decimals,
		TokenProgram: text(l.TokenProgram),
		Unverified:   l.Unverified,
	}

	e.Pool.Program = l.Kind.String()
	e.Pool.ProgramID = text(l.Program)
	e.Pool.Pool = text(l.Pool)
	e.Pool.ValidatorList = text(l.ValidatorList)
	e.Pool.VoteAccount = text(l.VoteAccount)
	return e
}
