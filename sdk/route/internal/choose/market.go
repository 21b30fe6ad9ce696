// Package choose searches the offers of all venues for the best route of a
// request: one venue, two hops through an intermediate token, or a split over
// two venues. It works with numbers only, and checks that the transaction of
// each route can be built.
package choose

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Book lists the venues of all markets of the same tokens, and the pairs they
// serve. It is immutable.
type Book struct {
	ledger *state.Ledger
	venues []venue.Venue
	// bounded has the venues that bound their output, and nil for the others.
	bounded []venue.Bounded
	pairs   pairIndex
	// addresses are those of the placeholder accounts.
	addresses *accounts.Addresses
}

// mostAddresses is the number of derived addresses that a book keeps.
const mostAddresses = 8192

// NewBook returns the book of a ledger with all venues.
func NewBook(l *state.Ledger) *Book { return newBook(l, venue.All(l)) }

// newBook returns the book of a ledger with the given venues.
func newBook(l *state.Ledger, venues []venue.Venue) *Book {
	b := &Book{
		ledger:    l,
		venues:    venues,
		bounded:   make([]venue.Bounded, len(venues)),
		pairs:     newPairIndex(l, venues),
		addresses: accounts.NewAddresses(mostAddresses),
	}
	for i, v := range venues {
		b.bounded[i], _ = v.(venue.Bounded)
	}
	return b
}

// Market is a book with the state of its venues at one slot. It is safe for
// concurrent use.
type Market struct {
	*Book
	snapshot *state.Snapshot
	tables   []txn.LookupTable
	layouts  layouts
}

// NewMarket returns the market of a snapshot, whose transactions may use the
// lookup tables.
func (b *Book) NewMarket(s *state.Snapshot, tables []txn.LookupTable) *Market {
	return &Market{
		Book:     b,
		snapshot: s,
		tables:   tables,
		layouts:  layouts{most: maxLayouts},
	}
}

// Name returns the name of a venue.
func (b *Book) Name(number uint16) string { return b.venues[number].Name() }

// Exclude returns the venues whose names are refused, by number, or nil if all
// are allowed.
func (b *Book) Exclude(refused func(name string) bool) []bool {
	var excluded []bool
	for i, v := range b.venues {
		if !refused(v.Name()) {
			continue
		}

		if excluded == nil {
			excluded = make([]bool, len(b.venues))
		}

		excluded[i] = true
	}

	return excluded
}

// between appends the venues that serve a pair and that a search allows to
// list.
func (b *Book) between(s *Search, from, to state.Token, list []uint16) []uint16 {
	all := b.pairs.between(from, to, list)
	if s.Excluded == nil {
		return all
	}

	kept := list
	for _, v := range all[len(list):] {
		if !s.Excluded[v] {
			kept = append(kept, v)
		}
	}

	return kept
}

// mint returns the mint of a token, or the address of a stake account.
func (b *Book) mint(t state.Token) solana.PublicKey { return b.ledger.Address(t) }

// price returns the price of a token, or zero if it is not known. SOL and the
// lamports of stake accounts have a price of 1.
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
