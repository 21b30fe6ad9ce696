// Package choose searches the offers of all venues for the best way to serve a
// request: by one venue, in two steps through a third token, or split over two
// venues. It compares numbers, and knows of each way whether its transaction
// fits.
package choose

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Book is what all markets of the same tokens share: the venues, and which
// pairs they serve. It does not change.
type Book struct {
	ledger *state.Ledger
	venues []venue.Venue
	// bounded are the venues as far as they bound what they pay, else nil.
	bounded []venue.Bounded
	pairs   pairIndex
}

// NewBook makes the book of a ledger.
func NewBook(l *state.Ledger) *Book { return newBook(l, venue.All(l)) }

// newBook makes the book of a list of venues.
func newBook(l *state.Ledger, venues []venue.Venue) *Book {
	b := &Book{
		ledger:  l,
		venues:  venues,
		bounded: make([]venue.Bounded, len(venues)),
		pairs:   newPairIndex(l, venues),
	}
	for i, v := range venues {
		b.bounded[i], _ = v.(venue.Bounded)
	}
	return b
}

// Market is the state of the venues at one moment. It is safe for concurrent
// use.
type Market struct {
	*Book
	snapshot *state.Snapshot
	tables   []txn.LookupTable
	layouts  layouts
}

// NewMarket makes the market of a snapshot, whose transactions may use lookup
// tables.
func (b *Book) NewMarket(s *state.Snapshot, tables []txn.LookupTable) *Market {
	return &Market{
		Book:     b,
		snapshot: s,
		tables:   tables,
		layouts:  layouts{most: maxLayouts},
	}
}

// Name is the name of a venue.
func (b *Book) Name(number uint16) string { return b.venues[number].Name() }

// mint is the mint of a token, or the address of a stake account.
func (b *Book) mint(t state.Token) solana.PublicKey { return b.ledger.Address(t) }

// price is what a token is worth, zero if that is not known; SOL and stake
// accounts are worth what they hold.
func (m *Market) price(t state.Token) quote.Price {
	first, end := m.ledger.StakeAccounts()
	if t == state.SOL || t >= first && t < end {
		return quote.Price{Lamports: 1, Tokens: 1}
	}

	if !m.ledger.Kind(t).IsStakePool() {
		return quote.Price{}
	}

	pool, err := m.snapshot.StakePool(t)
	if err != nil {
		return quote.Price{}
	}

	return pool.Prices.Price()
}

// isStake reports whether a token is a stake account.
func (m *Market) isStake(t state.Token) bool {
	first, end := m.ledger.StakeAccounts()
	return t >= first && t < end
}
