package route

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/choose"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// errNoMarket is the error of a nil market.
var errNoMarket = fmt.Errorf("%w market: load one first", accounts.ErrNil)

// origin is what all markets of the same tokens share.
type origin struct {
	scope state.Scope

	// The ledger and the book are made when they are first needed.
	once   sync.Once
	ledger *state.Ledger
	book   *choose.Book

	// rooms are of *room.
	rooms sync.Pool
}

// room is what one search works in. It is used again, so that a quote allocates
// no more than what it keeps.
type room struct {
	search choose.Search
	desk   offer.Scratch
	found  choose.Found
	deed   offer.Details
}

// enter returns a room for a search.
func (o *origin) enter() *room {
	if w, ok := o.rooms.Get().(*room); ok {
		return w
	}
	return new(room)
}

// leave gives a room back, of which nothing may be in use any more.
func (o *origin) leave(w *room) {
	w.search, w.deed = choose.Search{}, offer.Details{}
	o.rooms.Put(w)
}

// made returns the ledger and the book.
func (o *origin) made() (*state.Ledger, *choose.Book) {
	o.once.Do(func() {
		o.ledger = state.NewLedger(o.scope)
		o.book = choose.NewBook(o.ledger)
	})
	return o.ledger, o.book
}

// market makes the market of a snapshot.
func (o *origin) market(s *state.Snapshot) (*Market, error) {
	tables, err := o.tables(s)
	if err != nil {
		return nil, err
	}

	_, book := o.made()
	return &Market{
		origin:   o,
		snapshot: s,
		tables:   tables,
		ways:     book.NewMarket(s, tables),
	}, nil
}

// tables reads the lookup tables. That of the Router is welcome, but nobody
// asked for it.
func (o *origin) tables(s *state.Snapshot) ([]txn.LookupTable, error) {
	var tables []txn.LookupTable
	for i, address := range o.scope.Tables {
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

// Market is every way to trade some tokens at one slot. It does not change and
// is safe for concurrent use.
type Market struct {
	origin   *origin
	snapshot *state.Snapshot
	tables   []txn.LookupTable
	ways     *choose.Market
}

// ledger numbers the tokens. It is nil for the zero market, which knows none.
func (m *Market) ledger() *state.Ledger {
	if m.origin == nil {
		return nil
	}
	ledger, _ := m.origin.made()
	return ledger
}

// Updated returns the market after some accounts changed, as of a slot. The old
// one stays as it is, for whoever holds it. Accounts that no price depends on
// are ignored. The error wraps [ErrReload] if the change reaches beyond what
// was loaded: another reserve of a pool, the pools of another epoch. Then load
// the market anew.
func (m *Market) Updated(slot uint64, changed ...accounts.Account) (*Market, error) {
	if m == nil {
		return nil, errNoMarket
	}

	snapshot, err := m.snapshot.Updated(slot, changed...)
	if err != nil {
		return nil, err
	}
	return m.origin.market(snapshot)
}

// Spread returns by how many slots the oldest account of the market may lag
// behind [Market.Slot]. It is zero for a market that was loaded at once.
func (m *Market) Spread() uint64 {
	if m == nil {
		return 0
	}

	return m.snapshot.Slot() - min(m.snapshot.LoadedSlot(), m.snapshot.Slot())
}

// Slot is the slot of the market's accounts: of the newest, if the market was
// updated.
func (m *Market) Slot() uint64 {
	if m == nil {
		return 0
	}

	return m.snapshot.Slot()
}

// Clock is the chain's clock at that slot.
func (m *Market) Clock() accounts.Clock {
	if m == nil {
		return accounts.Clock{}
	}

	return m.snapshot.Chain().Clock
}

// EpochSchedule is the length of epochs.
func (m *Market) EpochSchedule() accounts.EpochSchedule {
	if m == nil {
		return accounts.EpochSchedule{}
	}

	return m.snapshot.Chain().Schedule
}

// SlotTime is how long a slot takes, and how that is known: by the Clock once
// enough of the epoch has passed, else by [AccountSnapshot.SlotTime]. It is the
// zero value if neither tells.
func (m *Market) SlotTime() quote.SlotTime {
	if m == nil {
		return quote.SlotTime{}
	}

	return m.snapshot.Chain().SlotTime
}

// Rent is the price of account storage at that slot.
func (m *Market) Rent() accounts.Rent {
	if m == nil {
		return accounts.Rent{}
	}

	return m.snapshot.Chain().Rent
}

// Tokens are those the market was loaded for.
func (m *Market) Tokens() []lst.LST {
	if m == nil {
		return nil
	}

	return slices.Clone(m.ledger().Scope().Tokens)
}

// isStake says whether a token is one of the market's stake accounts.
func (m *Market) isStake(t state.Token) bool {
	first, end := m.ledger().StakeAccounts()
	return t >= first && t < end
}

// StakeAccounts are those the market was loaded for.
func (m *Market) StakeAccounts() []solana.PublicKey {
	if m == nil {
		return nil
	}

	return slices.Clone(m.ledger().Scope().StakeAccounts)
}

// StakeAccount is one of the stake accounts the market was loaded for, as it
// was then. The error says why it is none.
func (m *Market) StakeAccount(address solana.PublicKey) (quote.StakeAccountState, error) {
	if m == nil {
		return quote.StakeAccountState{}, fmt.Errorf("%w: %s", accounts.ErrNotLoaded, address)
	}

	t, ok := m.ledger().Token(address)
	if !ok || !m.isStake(t) {
		return quote.StakeAccountState{}, fmt.Errorf("%w: %s", accounts.ErrNotLoaded, address)
	}

	known, err := m.snapshot.StakeAccount(t)
	if err != nil {
		return quote.StakeAccountState{}, err
	}

	return known.Stake, nil
}
