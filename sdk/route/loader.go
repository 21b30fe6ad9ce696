package route

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/internal/choose"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// errNoLoader is the error of a nil loader.
var errNoLoader = fmt.Errorf("%w loader: make one with NewLoader", accounts.ErrNil)

// Loader says which accounts the market of some tokens is made of. Ask it for the first needs, load them, ask for the second, load
// those as well, and make the market. It derives each address once: keep it to load the same tokens again.
type Loader struct {
	scope  state.Scope
	ledger *state.Ledger
	book   *choose.Book
	// rooms are of *room.
	rooms sync.Pool
}

// room is what one search works in. It is used again, so that a quote allocates
// no more than what it keeps.
type room struct {
	search choose.Search
	desk   offer.Desk
	found  choose.Found
	deed   offer.Deed
}

// enter returns a room for a search.
func (l *Loader) enter() *room {
	if w, ok := l.rooms.Get().(*room); ok {
		return w
	}
	return new(room)
}

// leave gives a room back, of which nothing may be in use any more.
func (l *Loader) leave(w *room) {
	w.search, w.deed = choose.Search{}, offer.Deed{}
	l.rooms.Put(w)
}

func newLoader(scope state.Scope) *Loader {
	ledger := state.NewLedger(scope)
	return &Loader{scope: scope, ledger: ledger, book: choose.NewBook(ledger)}
}

// NewLoader is for a market of the given tokens, with all ways there are. A token that is named twice counts once.
func NewLoader(tokens ...lst.LST) *Loader {
	return newLoader(state.Scope{
		Tokens:    slices.Clone(tokens),
		Tables:    []solana.PublicKey{accounts.RouterLookupTableAddress},
		LookAhead: DefaultLookAhead,
	})
}

// WithStakeAccounts is the loader for a market in which some stake accounts can be traded, too.
func (l *Loader) WithStakeAccounts(addresses ...solana.PublicKey) *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.StakeAccounts, scope.WithoutStake = slices.Concat(scope.StakeAccounts, addresses), false
	return newLoader(scope)
}

// WithLookupTables is the loader for a market whose transactions may use address lookup tables in addition to that of the Router, in case
// that they do not fit without. A table that cannot be used keeps the market from being made.
func (l *Loader) WithLookupTables(addresses ...solana.PublicKey) *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.Tables = slices.Concat(scope.Tables, addresses)
	return newLoader(scope)
}

// WithoutStake is the loader for a market without the ways that move stake. It loads far less: these ways take the pools' whole validator
// lists, which can have hundreds of kilobytes.
func (l *Loader) WithoutStake() *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.StakeAccounts, scope.WithoutStake = nil, true
	return newLoader(scope)
}

// First is what to load first.
func (l *Loader) First() Needs {
	if l == nil {
		return Needs{}
	}

	return l.ledger.First()
}

// Second is what to load after that, given the first accounts. The clock is loaded again: if the epoch has changed in between,
// the two rounds do not belong together.
func (l *Loader) Second(s *State) (Needs, error) {
	if l == nil {
		return Needs{}, errNoLoader
	}

	return l.ledger.Second(s)
}

// Market makes the market of what was loaded. Venues whose accounts are missing or malformed are part of it, and say why they
// cannot trade when they are asked.
func (l *Loader) Market(s *State) (*Market, error) {
	if l == nil {
		return nil, errNoLoader
	}

	snapshot, err := l.ledger.Load(s)
	if err != nil {
		return nil, err
	}
	return l.market(snapshot)
}

// market makes the market of a snapshot.
func (l *Loader) market(s *state.Snapshot) (*Market, error) {
	tables, err := l.tables(s)
	if err != nil {
		return nil, err
	}
	return &Market{loader: l, snapshot: s, tables: tables, ways: l.book.NewMarket(s, tables)}, nil
}

// tables reads the lookup tables. That of the Router is welcome, but nobody asked for it.
func (l *Loader) tables(s *state.Snapshot) ([]txn.LookupTable, error) {
	var tables []txn.LookupTable
	for i, address := range l.scope.Tables {
		table, err := loadTable(s, i, address)
		switch {
		case err == nil:
			tables = append(tables, table)
		case address != accounts.RouterLookupTableAddress:
			return nil, err
		}
	}
	return tables, nil
}

func loadTable(s *state.Snapshot, number int, address solana.PublicKey) (txn.LookupTable, error) {
	table, err := s.LookupTable(number)
	if err != nil {
		return txn.LookupTable{}, fmt.Errorf("%w: %w", txn.ErrLookupTable, err)
	}
	return txn.NewLookupTable(address, table, s.Chain().Clock.Slot)
}
