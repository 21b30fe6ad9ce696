// Package lst knows which mint is which liquid staking token (LST), and writes and reads amounts of them.
//
// [Default] is the list of Sanctum that ships with the module; [Open] and [Read] take a newer one, [Registry.With] adds
// tokens of your own. A list says where a token's pool lives. It says nothing about the state of the pool: whether it
// holds any SOL, and whether its accounts still agree with the list, has to be read from the chain.
//
// The mint is the only name of a token that is unique. Symbols are not, and looking up one that several tokens share
// fails with an [AmbiguousError] instead of choosing.
//
// Amounts are integers in the token's smallest unit, as everywhere in this module: lamports for SOL.
//
// Nothing here touches the network, and everything is safe for concurrent use.
package lst

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// The conditions a caller may want to tell apart; see [AmountError] for those of amounts.
var (
	ErrUnknown   = errors.New("unknown LST (check the spelling, or add it with Registry.With)") // no entry answers to that mint, symbol or pool
	ErrAmbiguous = errors.New("several LSTs of one name (name the mint)")                       // see AmbiguousError
	ErrInvalid   = errors.New("invalid LST data")                                               // a list or an entry breaks the rules; see EntryError
)

// LST is one entry of a [Registry]. In a registry every field is set but those that say otherwise.
type LST struct {
	Symbol       string // not unique
	Name         string
	Mint         solana.PublicKey
	Decimals     uint8
	TokenProgram solana.PublicKey // owner of Mint: the Token or the Token-2022 program
	Kind         Kind
	Program      solana.PublicKey // owner of Pool
	Pool         solana.PublicKey // the state account that sets the price; for SOL the pool of the Reserve

	ValidatorList solana.PublicKey // always set if Kind.IsStakePool(), zero otherwise unless the list has one
	VoteAccount   solana.PublicKey // the validator of a pool of one; zero when the list has none
}

// String is the symbol and the mint, for example "mSOL
// (mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So)".
func (l LST) String() string { return l.Symbol + " (" + l.Mint.String() + ")" }

// Format writes amount, in units of 10^-Decimals, as a decimal number of tokens without a symbol; see [FormatAmount].
func (l LST) Format(amount uint64) string { return FormatAmount(amount, l.Decimals) }

// Parse reads a decimal number of tokens as an amount in units of 10^-Decimals; see [ParseAmount] for what it accepts
// and for its errors.
func (l LST) Parse(text string) (uint64, error) { return ParseAmount(text, l.Decimals) }

// complete fills in what follows from the kind and checks the rest.
func (l LST) complete() (LST, error) {
	if !l.Kind.valid() {
		return LST{}, fmt.Errorf("%v is not a kind", l.Kind)
	}
	known := kinds[l.Kind]
	if l.Program.IsZero() {
		l.Program = known.program
	}
	if l.Pool.IsZero() && !l.Program.IsZero() {
		switch {
		case l.Kind == KindInfinity:
			pool, err := infinityPool(l.Program)
			if err != nil {
				return LST{}, fmt.Errorf("pool of program %s: %w", l.Program, err)
			}
			l.Pool = pool
		case l.Program == known.program:
			l.Pool = known.pool
		}
	}
	switch {
	case !isText(l.Symbol) || strings.Contains(l.Symbol, " ") || len(l.Symbol) > maxSymbol:
		return LST{}, fmt.Errorf("symbol is not 1 to %d bytes of printable text without spaces", maxSymbol)
	case !isText(l.Name) || len(l.Name) > maxName:
		return LST{}, fmt.Errorf("name is not 1 to %d bytes of printable text", maxName)
	case l.Mint.IsZero():
		return LST{}, errors.New("mint is missing")
	case l.TokenProgram != accounts.TokenProgram && l.TokenProgram != accounts.Token2022Program:
		return LST{}, errors.New("token program is neither Token nor Token-2022")
	case l.Program.IsZero():
		return LST{}, errors.New("program is missing")
	case l.Pool.IsZero():
		return LST{}, errors.New("pool is missing")
	case l.Kind.IsStakePool() && l.ValidatorList.IsZero():
		return LST{}, errors.New("validator list is missing")
	}
	return l, nil
}

const (
	maxBytes  = 8 << 20
	minKey    = 32 // a key of 32 bytes has 32 to 44 base58 digits
	maxKey    = 44
	maxSymbol = minKey - 1 // a symbol can never pass for a mint
	maxName   = 128
)

// Registry is a set of LSTs in a fixed order. Mints are unique in it, and so are pools. It never changes.
// The zero Registry is empty.
type Registry struct {
	all    []LST
	byMint map[solana.PublicKey]int
	byPool map[solana.PublicKey]int
}

//go:embed lsts.json
var embedded []byte

var defaultRegistry = sync.OnceValue(func() *Registry {
	r, err := Read(bytes.NewReader(embedded))
	if err != nil {
		panic(err) // the file is part of the package, and a test reads it
	}
	return r
})

// Default returns the list that ships with the module, Sanctum's of 2025-09-18 with 240 entries. It is parsed once and cannot fail.
func Default() *Registry { return defaultRegistry() }

// Open reads a list from a file; see [Read].
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

// entry is an LST in a list.
type entry struct {
	Symbol       string `json:"symbol"`
	Name         string `json:"name"`
	Mint         string `json:"mint"`
	Decimals     *uint8 `json:"decimals"`
	TokenProgram string `json:"token_program"`
	Pool         struct {
		Program       string `json:"program"` // the kind
		ProgramID     string `json:"program_id"`
		Pool          string `json:"pool"`
		ValidatorList string `json:"validator_list"`
		VoteAccount   string `json:"vote_account"`
	} `json:"pool"`
}

func (e *entry) lst() (LST, error) {
	if e.Decimals == nil { // not to be taken for zero
		return LST{}, errors.New("decimals are missing")
	}
	kind, ok := kindNamed(e.Pool.Program)
	if !ok {
		return LST{}, fmt.Errorf("unknown kind %s", quote(e.Pool.Program))
	}
	l := LST{Symbol: e.Symbol, Name: e.Name, Decimals: *e.Decimals, Kind: kind}
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
			return LST{}, fmt.Errorf("%s is not 32 bytes of base58: %s", field.name, quote(field.text))
		}
		*field.key = key
	}
	return l, nil
}

// Read reads a list: a JSON array of objects
//
//	{"symbol", "name", "mint", "decimals", "token_program",
//	 "pool": {"program", "program_id", "pool", "validator_list", "vote_account"}}
//
// where pool.program is the name of a [Kind] and keys are base58. Fields of other names are ignored. Of pool, an SPL
// kind needs pool and validator_list, and "SPool" needs program_id; the pool of the Infinity program follows from it.
// What else is left out is set to the program and pool of that kind on mainnet.
//
// A list that is longer than 8 MiB, not such an array, or has an entry that is incomplete or malformed or repeats
// another's mint or pool, is refused as a whole with [ErrInvalid], naming the entry by an [EntryError].
// Errors of the reader are returned wrapped.
func Read(reader io.Reader) (*Registry, error) {
	if reader == nil {
		return nil, fmt.Errorf("lst: read list: %w reader", accounts.ErrNil)
	}

	data, err := io.ReadAll(io.LimitReader(reader, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("lst: read list: %w", err)
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("lst: %w: list of more than %d bytes", ErrInvalid, maxBytes)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return nil, fmt.Errorf("lst: %w: list is not a JSON array", ErrInvalid)
	}
	var all []LST
	for d.More() {
		var e entry
		if err := d.Decode(&e); err != nil {
			return nil, &EntryError{Index: len(all), Err: err}
		}
		l, err := e.lst()
		if err != nil {
			return nil, &EntryError{Index: len(all), Symbol: e.Symbol, Err: err}
		}
		all = append(all, l)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("lst: %w: list does not end", ErrInvalid)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("lst: %w: list goes on after its end", ErrInvalid)
	}
	return newRegistry(all)
}

// newRegistry completes the entries in place and takes them over.
func newRegistry(all []LST) (*Registry, error) {
	r := &Registry{
		all:    all,
		byMint: make(map[solana.PublicKey]int, len(all)),
		byPool: make(map[solana.PublicKey]int, len(all)),
	}
	for i, l := range all {
		l, err := l.complete()
		if err != nil {
			return nil, &EntryError{Index: i, Symbol: all[i].Symbol, Err: err}
		}
		if j, ok := r.byMint[l.Mint]; ok {
			return nil, &EntryError{Index: i, Symbol: l.Symbol, Err: fmt.Errorf("mint %s is that of entry %d", l.Mint, j)}
		}
		if j, ok := r.byPool[l.Pool]; ok {
			return nil, &EntryError{Index: i, Symbol: l.Symbol, Err: fmt.Errorf("pool %s is that of entry %d", l.Pool, j)}
		}
		r.byMint[l.Mint], r.byPool[l.Pool] = i, i
		all[i] = l
	}
	return r, nil
}

// With returns a registry in which the given entries replace those of the same mint and stand at the end otherwise;
// the registry itself stays as it is. Entries are completed and checked by the rules of [Read].
func (r *Registry) With(entries ...LST) (*Registry, error) {
	all := r.All()
	for _, e := range entries {
		if i := slices.IndexFunc(all, func(l LST) bool { return l.Mint == e.Mint }); i >= 0 {
			all[i] = e
		} else {
			all = append(all, e)
		}
	}
	return newRegistry(all)
}

// ByMint returns the LST of that mint, or [ErrUnknown].
func (r *Registry) ByMint(mint solana.PublicKey) (LST, error) {
	if r != nil {
		if i, ok := r.byMint[mint]; ok {
			return r.all[i], nil
		}
	}
	return LST{}, fmt.Errorf("lst: %w: mint %s", ErrUnknown, mint)
}

// ByPool returns the LST whose Pool is at that address, or [ErrUnknown].
func (r *Registry) ByPool(pool solana.PublicKey) (LST, error) {
	if r != nil {
		if i, ok := r.byPool[pool]; ok {
			return r.all[i], nil
		}
	}
	return LST{}, fmt.Errorf("lst: %w: pool %s", ErrUnknown, pool)
}

// BySymbol returns the LST of that symbol. Case decides if it can: only when no symbol is written exactly so is case
// ignored. It fails with [ErrUnknown], or with an [*AmbiguousError] when several LSTs match equally well.
func (r *Registry) BySymbol(symbol string) (LST, error) {
	var exact, folded []LST
	for _, l := range r.All() {
		if l.Symbol == symbol {
			exact = append(exact, l)
		} else if strings.EqualFold(l.Symbol, symbol) {
			folded = append(folded, l)
		}
	}
	matches := exact
	if len(exact) == 0 {
		matches = folded
	}
	switch len(matches) {
	case 0:
		return LST{}, fmt.Errorf("lst: %w: symbol %s", ErrUnknown, quote(symbol))
	case 1:
		return matches[0], nil
	}
	ambiguous := &AmbiguousError{Symbol: symbol}
	for _, l := range matches {
		ambiguous.Mints = append(ambiguous.Mints, l.Mint)
	}
	return LST{}, ambiguous
}

// Lookup returns an LST by its mint in base58 or else by its symbol, as
// [Registry.ByMint] and [Registry.BySymbol] do. "SOL" and "wSOL", in any case,
// always mean the entry of the wrapped SOL mint.
func (r *Registry) Lookup(symbolOrMint string) (LST, error) {
	if strings.EqualFold(symbolOrMint, "SOL") || strings.EqualFold(symbolOrMint, "wSOL") {
		return r.ByMint(accounts.NativeMint)
	}
	if mint, ok := parseKey(symbolOrMint); ok {
		return r.ByMint(mint)
	}
	return r.BySymbol(symbolOrMint)
}

// All returns a copy of the entries in the order of the list.
func (r *Registry) All() []LST {
	if r == nil {
		return nil
	}

	return slices.Clone(r.all)
}

// Len returns the number of entries.
func (r *Registry) Len() int {
	if r == nil {
		return 0
	}

	return len(r.all)
}

// AmbiguousError says that several LSTs have the symbol that was looked up. It matches [ErrAmbiguous].
type AmbiguousError struct {
	Symbol string             // as looked up
	Mints  []solana.PublicKey // at least two, in the order of the list
}

// Error names the mints to choose from, in one line.
func (e *AmbiguousError) Error() string {
	if e == nil {
		return "<nil>"
	}

	mints := make([]string, len(e.Mints))
	for i, mint := range e.Mints {
		mints[i] = mint.String()
	}
	return fmt.Sprintf("lst: %v: %s is any of the mints %s", ErrAmbiguous, quote(e.Symbol), strings.Join(mints, ", "))
}

// Unwrap returns [ErrAmbiguous].
func (e *AmbiguousError) Unwrap() error { return ErrAmbiguous }

// EntryError says which entry of a list is at fault. It matches [ErrInvalid].
type EntryError struct {
	Index  int    // position in the list, from 0
	Symbol string // empty when it could not be read
	Err    error  // what is wrong
}

// Error names the entry and what is wrong with it, in one line.
func (e *EntryError) Error() string {
	if e == nil {
		return "<nil>"
	}

	return fmt.Sprintf("lst: entry %d (symbol %s): %v", e.Index, quote(e.Symbol), e.Err)
}

// Unwrap makes the error match [ErrInvalid] and Err.
func (e *EntryError) Unwrap() []error {
	if e == nil {
		return nil
	}

	return []error{ErrInvalid, e.Err}
}

func parseKey(s string) (solana.PublicKey, bool) {
	if len(s) < minKey || len(s) > maxKey { // decoding takes quadratic time
		return solana.PublicKey{}, false
	}
	key, err := solana.PublicKeyFromBase58(s)
	return key, err == nil
}

// quote quotes input for an error. What is longer than any mint may be a secret key or a seed phrase pasted by mistake,
// and is not repeated.
func quote(s string) string {
	if len(s) > maxKey {
		return fmt.Sprintf("(%d bytes)", len(s))
	}
	return fmt.Sprintf("%q", s)
}

func isText(s string) bool {
	return s != "" && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
