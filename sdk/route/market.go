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

var errNoMarket = fmt.Errorf("%w market: load one with Loader.Build or package sdk",
	accounts.ErrNil)

// origin is shared by all markets of the same tokens.
type origin struct {
	scope state.Scope

	// ledger and book are made on first use.
	once   sync.Once
	ledger *state.Ledger
	book   *choose.Book

	// workspaces are idle workspaces.
	workspaces sync.Pool
}

// workspace is the memory of one search. It is reused, so that a quote
// allocates only what it returns.
type workspace struct {
	search  choose.Search
	scratch offer.Scratch
	found   choose.Found
	details offer.Details
}

// acquire returns an idle workspace, or a new one.
func (o *origin) acquire() *workspace {
	if w, ok := o.workspaces.Get().(*workspace); ok {
		return w
	}
	return new(workspace)
}

// release makes a workspace available to other searches. The caller must not
// use it or its contents any more.
func (o *origin) release(w *workspace) {
	w.search, w.details = choose.Search{}, offer.Details{}
	o.workspaces.Put(w)
}

func (o *origin) ledgerAndBook() (*state.Ledger, *choose.Book) {
	o.once.Do(func() {
		o.ledger = state.NewLedger(o.scope)
		o.book = choose.NewBook(o.ledger)
	})
	return o.ledger, o.book
}

// market returns the market of a snapshot.
func (o *origin) market(s *state.Snapshot) (*Market, error) {
	tables, err := o.tables(s)
	if err != nil {
		return nil, err
	}

	_, book := o.ledgerAndBook()
	return &Market{
		origin:   o,
		snapshot: s,
		tables:   tables,
		routes:   book.NewMarket(s, tables),
	}, nil
}

// tables reads the lookup tables. The Router's table is optional, since the
// user did not ask for it.
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

// Market quotes trades among its tokens at one slot. It never changes;
// [Market.Updated] returns a new one. It is safe for concurrent use.
type Market struct {
	origin   *origin
	snapshot *state.Snapshot
	tables   []txn.LookupTable
	routes   *choose.Market
}

// ledger numbers the tokens. It is nil for the zero Market, which has no
// tokens.
func (m *Market) ledger() *state.Ledger {
	if m.origin == nil {
		return nil
	}
	ledger, _ := m.origin.ledgerAndBook()
	return ledger
}

// Updated returns the market as of slot with the changed accounts. The receiver
// stays as it is. Accounts that no price depends on are ignored.
//
// The market keeps the validators whose stake it was loaded with. A load
// chooses them by their stake, so that after large trades a new load may choose
// others.
//
// [ErrReload] is returned when a change affects accounts that were not loaded,
// for example a new reserve of a pool or the pools of another epoch. Load the
// market again.
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

// Dependencies returns the accounts that the market's quotes depend on, with
// the length of their data. It is what to watch for [Market.Updated].
func (m *Market) Dependencies() []AccountRequest {
	if m == nil {
		return nil
	}

	return m.snapshot.Requests()
}

// Account returns an account that the market's quotes depend on, as the market
// knows it. Do not write to its data. The error wraps [accounts.ErrNotFound] if
// the account does not exist, and [accounts.ErrNotLoaded] if quotes do not
// depend on it.
func (m *Market) Account(address solana.PublicKey) (accounts.Account, error) {
	if m == nil {
		return accounts.Account{}, fmt.Errorf("%w: %s", accounts.ErrNotLoaded, address)
	}

	if _, ok := m.snapshot.Index(address); !ok {
		return accounts.Account{}, fmt.Errorf("%w: %s", accounts.ErrNotLoaded, address)
	}

	account := m.snapshot.Account(address)
	if account == nil {
		return accounts.Account{}, fmt.Errorf("%w: %s", accounts.ErrNotFound, address)
	}

	return *account, nil
}

// Spread returns the number of slots by which the oldest account of the market
// may lag behind [Market.Slot]. It is zero for a market that was not updated.
func (m *Market) Spread() uint64 {
	if m == nil {
		return 0
	}

	return m.snapshot.Slot() - min(m.snapshot.LoadedSlot(), m.snapshot.Slot())
}

// Slot returns the slot of the market's accounts; after an update, that of the
// newest account.
func (m *Market) Slot() uint64 {
	if m == nil {
		return 0
	}

	return m.snapshot.Slot()
}

// Clock returns the Clock sysvar as of [Market.Slot].
func (m *Market) Clock() accounts.Clock {
	if m == nil {
		return accounts.Clock{}
	}

	return m.snapshot.Chain().Clock
}

// EpochSchedule returns the EpochSchedule sysvar.
func (m *Market) EpochSchedule() accounts.EpochSchedule {
	if m == nil {
		return accounts.EpochSchedule{}
	}

	return m.snapshot.Chain().Schedule
}

// SlotTime returns the average duration of a slot and its source: the Clock
// sysvar once enough of the epoch has passed, before that
// [AccountSnapshot.SlotTime]. It is the zero value if neither is known.
func (m *Market) SlotTime() quote.SlotTime {
	if m == nil {
		return quote.SlotTime{}
	}

	return m.snapshot.Chain().SlotTime
}

// Rent returns the Rent sysvar.
func (m *Market) Rent() accounts.Rent {
	if m == nil {
		return accounts.Rent{}
	}

	return m.snapshot.Chain().Rent
}

// Tokens returns the tokens that the market was loaded with.
func (m *Market) Tokens() []lst.LST {
	if m == nil {
		return nil
	}

	return slices.Clone(m.ledger().Scope().Tokens)
}

// isStake reports whether a token is one of the market's stake accounts.
func (m *Market) isStake(t state.Token) bool {
	first, end := m.ledger().StakeAccounts()
	return t >= first && t < end
}

// StakeAccounts returns the addresses of the stake accounts that the market was
// loaded with.
func (m *Market) StakeAccounts() []solana.PublicKey {
	if m == nil {
		return nil
	}

	return slices.Clone(m.ledger().Scope().StakeAccounts)
}

// StakeAccount returns the state of a stake account that the market was loaded
// with. accounts.ErrNotLoaded is returned for another address; other errors
// tell why the account cannot be traded.
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
