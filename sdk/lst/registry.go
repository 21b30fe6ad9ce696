package lst

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// The errors of registries. Those of amounts are listed with [ErrAmount].
var (
	// ErrUnknownLST is returned by [Registry.ByMint], [Registry.ByPool],
	// [Registry.BySymbol] and [Registry.Lookup] when no entry matches. Check
	// the spelling, or add the token with [Registry.With].
	ErrUnknownLST = errors.New("unknown LST (check the spelling, or add it with Registry.With)")

	// ErrAmbiguous is returned by [Registry.BySymbol] and [Registry.Lookup]
	// when two or more LSTs have the symbol. Look the token up by its mint
	// instead; [AmbiguousError] lists the mints.
	ErrAmbiguous = errors.New("several LSTs have this symbol (name the mint)")

	// ErrInvalidRegistry is returned by [Read], [Open] and [Registry.With] when
	// a list or an entry is malformed, incomplete or repeated; [EntryError]
	// names the entry. [Kind.MarshalText] and [Kind.UnmarshalText] return it
	// for unknown kinds.
	ErrInvalidRegistry = errors.New("invalid LST data")
)

// LST is one entry of a [Registry]. In a registry, all fields are set except
// ValidatorList and VoteAccount, which some entries do not have.
type LST struct {
	// Symbol is the ticker, for example "JitoSOL". It is not unique.
	Symbol string

	// Name is the full name, for example "Jito Staked SOL".
	Name string

	// Mint is the address of the token's mint. It is unique in a registry.
	Mint solana.PublicKey

	// Decimals is the number of decimals of the mint: 9 for SOL.
	Decimals uint8

	// TokenProgram is the owner of Mint: the Token or the Token-2022 program.
	TokenProgram solana.PublicKey

	// Kind is the protocol of the token's pool.
	Kind Kind

	// Program is the owner of Pool.
	Program solana.PublicKey

	// Pool is the state account that sets the price. For SOL it is the pool
	// account of the Reserve.
	Pool solana.PublicKey

	// ValidatorList is the validator list of an SPL stake pool. It is set if
	// Kind.IsStakePool() is true, and usually zero otherwise.
	ValidatorList solana.PublicKey

	// VoteAccount is the vote account of the validator of a pool with a single
	// validator. It is zero when the list does not name one.
	VoteAccount solana.PublicKey

	// Unverified marks an entry that was not compared with the chain, for
	// example those of [Additions]. The client trades it only after it has
	// found the same pool on chain, see sdk.WithDiscovery.
	Unverified bool
}

// String returns the symbol and the mint, for example "mSOL
// (mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So)".
func (l LST) String() string { return l.Symbol + " (" + l.Mint.String() + ")" }

// Format returns amount, in units of 10^-Decimals tokens, as a decimal number
// of tokens without a symbol. With 9 decimals, Format(1500000000) is "1.5"; see
// [FormatAmount].
func (l LST) Format(amount uint64) string { return FormatAmount(amount, l.Decimals) }

// Parse converts a decimal number of tokens to an amount in units of
// 10^-Decimals tokens. With 9 decimals, Parse("1.5") is 1500000000; see
// [ParseAmount] for the syntax and the errors.
func (l LST) Parse(text string) (uint64, error) { return ParseAmount(text, l.Decimals) }

// complete sets the missing fields that the kind determines, and checks the
// others.
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
		return LST{}, fmt.Errorf("symbol is not 1 to %d bytes of printable text without spaces",
			maxSymbol)
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
	minKey    = 32 // 32 bytes have 32 to 44 base58 digits
	maxKey    = 44
	maxSymbol = minKey - 1 // too short to be mistaken for a mint
	maxName   = 128
)

// Registry is an immutable, ordered set of LSTs with unique mints and unique
// pools. The zero Registry is empty and ready to use; so is a nil *Registry.
type Registry struct {
	// date is the date of the list, for example "2025-09-18", or empty.
	date   string
	all    []LST
	byMint map[solana.PublicKey]int
	byPool map[solana.PublicKey]int
}

//go:embed lsts.json
var embedded []byte

var defaultRegistry = sync.OnceValue(func() *Registry {
	r, err := Read(bytes.NewReader(embedded))
	if err != nil {
		panic(err) // impossible: the embedded file is tested
	}

	r.date = "2025-09-18"

	return r
})

// Default returns the registry that ships with the module: Sanctum's list of
// 2025-09-18, with 240 entries. It is parsed on first use and shared by all
// callers.
func Default() *Registry { return defaultRegistry() }

// Date returns the date of the list, for example "2025-09-18", or an empty text
// if it is not known. Tokens that are newer than the list are not in it: see
// sdk.Client.Discover.
func (r *Registry) Date() string {
	if r == nil {
		return ""
	}

	return r.date
}

// WithDate returns a copy of r with the date of the list. The date is told when
// a token is not in the list; use the form "2025-09-18".
func (r *Registry) WithDate(date string) *Registry {
	dated := new(Registry)
	if r != nil {
		*dated = *r
	}

	dated.date = date

	return dated
}

// newRegistry completes the entries in place. The registry keeps the slice.
func newRegistry(all []LST) (*Registry, error) {
	r := &Registry{
		all:    all,
		byMint: make(map[solana.PublicKey]int, len(all)),
		byPool: make(map[solana.PublicKey]int, len(all)),
	}

	for i, l := range all {
		l, err := l.complete()
		if err != nil {
			return nil, &EntryError{
				Index:  i,
				Symbol: all[i].Symbol,
				Err:    err,
			}
		}

		if j, ok := r.byMint[l.Mint]; ok {
			return nil, &EntryError{
				Index:  i,
				Symbol: l.Symbol,
				Err:    fmt.Errorf("mint %s is already the mint of entry %d", l.Mint, j),
			}
		}

		if j, ok := r.byPool[l.Pool]; ok {
			return nil, &EntryError{
				Index:  i,
				Symbol: l.Symbol,
				Err:    fmt.Errorf("pool %s is already the pool of entry %d", l.Pool, j),
			}
		}

		r.byMint[l.Mint], r.byPool[l.Pool] = i, i
		all[i] = l
	}

	return r, nil
}

// With returns a copy of r with the given entries. An entry replaces the one
// with the same mint, or is appended if there is no such entry.
//
// As in [Read], missing addresses are set by kind. [ErrInvalidRegistry] is
// returned when an entry breaks the rules of [Read]. The date stays.
func (r *Registry) With(entries ...LST) (*Registry, error) {
	all := r.All()
	for _, e := range entries {
		if i := slices.IndexFunc(all, func(l LST) bool { return l.Mint == e.Mint }); i >= 0 {
			all[i] = e
		} else {
			all = append(all, e)
		}
	}

	extended, err := newRegistry(all)
	if err != nil {
		return nil, err
	}

	return extended.WithDate(r.Date()), nil
}

// ByMint returns the LST with the given mint, or [ErrUnknownLST].
func (r *Registry) ByMint(mint solana.PublicKey) (LST, error) {
	if r != nil {
		if i, ok := r.byMint[mint]; ok {
			return r.all[i], nil
		}
	}
	return LST{}, &UnknownError{
		Field: "mint",
		Input: mint.String(),
		Date:  r.Date(),
	}
}

// ByPool returns the LST with the given pool account, or [ErrUnknownLST].
func (r *Registry) ByPool(pool solana.PublicKey) (LST, error) {
	if r != nil {
		if i, ok := r.byPool[pool]; ok {
			return r.all[i], nil
		}
	}
	return LST{}, &UnknownError{
		Field: "pool",
		Input: pool.String(),
		Date:  r.Date(),
	}
}

// BySymbol returns the LST with the given symbol. Symbols that match exactly
// are preferred; without an exact match, case is ignored. "jitosol" finds
// JitoSOL.
//
// An [*UnknownError] with similar symbols is returned when no symbol matches,
// and an [*AmbiguousError] when several match equally well.
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
		return LST{}, &UnknownError{
			Field:       "symbol",
			Input:       symbol,
			Suggestions: r.Suggest(symbol),
			Date:        r.Date(),
		}

	case 1:
		return matches[0], nil
	}

	ambiguous := &AmbiguousError{Symbol: symbol}
	for _, l := range matches {
		ambiguous.Mints = append(ambiguous.Mints, l.Mint)
	}

	return LST{}, ambiguous
}

// Lookup returns an LST by its mint in base58 or by its symbol; see
// [Registry.ByMint] and [Registry.BySymbol] for the errors. "SOL" and "wSOL",
// in any case, always mean the entry of the wrapped SOL mint.
func (r *Registry) Lookup(symbolOrMint string) (LST, error) {
	if strings.EqualFold(symbolOrMint, "SOL") || strings.EqualFold(symbolOrMint, "wSOL") {
		return r.ByMint(accounts.NativeMint)
	}
	if mint, ok := parseKey(symbolOrMint); ok {
		return r.ByMint(mint)
	}
	return r.BySymbol(symbolOrMint)
}

// All returns a copy of the entries, in the order of the list.
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

// AmbiguousError is returned by [Registry.BySymbol] and [Registry.Lookup] when
// several LSTs have the symbol. It matches [ErrAmbiguous]. Look the token up by
// one of the mints.
type AmbiguousError struct {
	Symbol string             // the symbol as looked up
	Mints  []solana.PublicKey // at least two, in the order of the list
}

// Error returns one line with the symbol and the mints.
func (e *AmbiguousError) Error() string {
	if e == nil {
		return "<nil>"
	}

	mints := make([]string, len(e.Mints))
	for i, mint := range e.Mints {
		mints[i] = mint.String()
	}
	return fmt.Sprintf("lst: %v: %s is the symbol of %s", ErrAmbiguous, quote(e.Symbol),
		strings.Join(mints, ", "))
}

// Unwrap returns [ErrAmbiguous].
func (e *AmbiguousError) Unwrap() error { return ErrAmbiguous }

// EntryError is returned by [Read], [Open] and [Registry.With] when an entry is
// invalid. It matches [ErrInvalidRegistry].
type EntryError struct {
	Index  int    // position in the list, from 0
	Symbol string // empty when it could not be read
	Err    error  // the reason
}

// Error returns one line with the position, the symbol and the reason.
func (e *EntryError) Error() string {
	if e == nil {
		return "<nil>"
	}

	return fmt.Sprintf("lst: entry %d (symbol %s): %v", e.Index, quote(e.Symbol), e.Err)
}

// Unwrap makes the error match [ErrInvalidRegistry] and Err.
func (e *EntryError) Unwrap() []error {
	if e == nil {
		return nil
	}

	return []error{ErrInvalidRegistry, e.Err}
}

func parseKey(s string) (solana.PublicKey, bool) {
	if len(s) < minKey || len(s) > maxKey { // decoding takes quadratic time
		return solana.PublicKey{}, false
	}
	key, err := solana.PublicKeyFromBase58(s)
	return key, err == nil
}

// quote quotes input for an error. An input longer than a mint may be a secret
// key or a seed phrase pasted by mistake; only its length is given.
func quote(s string) string {
	if len(s) > maxKey {
		return fmt.Sprintf("(%d bytes)", len(s))
	}
	return fmt.Sprintf("%q", s)
}

func isText(s string) bool {
	return s != "" && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
