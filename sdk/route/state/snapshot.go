package state

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Snapshot is the accounts of a market and what was prepared from them. It
// never changes. [Ledger.Load] makes the first, [Snapshot.Updated] the next.
type Snapshot struct {
	ledger *Ledger
	given  *AccountSnapshot
	extra  *extra
	votes  *votes
	// slot is that of the newest account, loaded that of the load.
	slot, loaded uint64
	// lockups are the times at which lockups end that parts have met.
	lockups []int64

	accounts pages[*accounts.Account]
	readers  pages[readers]
	parts    pages[prepared]
	links    pages[links]
}

// readers are the parts that were made of an account.
type readers struct {
	whole  []PartID
	pieces []pieceReader
}

// pieceReader is a part that was made of a piece of an account's data.
type pieceReader struct {
	part     PartID
	at, size int32
}

// isZero reports whether the snapshot was not made by this package.
func (s *Snapshot) isZero() bool { return s == nil || s.ledger == nil }

// Ledger returns the ledger that the snapshot was made with.
func (s *Snapshot) Ledger() *Ledger {
	if s.isZero() {
		return nil
	}

	return s.ledger
}

// Slot returns the slot of the newest account.
func (s *Snapshot) Slot() uint64 {
	if s.isZero() {
		return 0
	}

	return s.slot
}

// LoadedSlot returns the slot of the load that the snapshot comes from. No
// account is older.
func (s *Snapshot) LoadedSlot() uint64 {
	if s.isZero() {
		return 0
	}

	return s.loaded
}

// Account returns an account that was loaded, or nil if it does not exist or
// was not loaded. Neither it nor its data may be written.
func (s *Snapshot) Account(address solana.PublicKey) *accounts.Account {
	if s.isZero() {
		return nil
	}

	i := find(s.ledger, s.extra, address)
	if i == NoIndex {
		return nil
	}

	a := *s.accounts.at(int(i))
	if a == missing {
		return nil
	}

	return a
}

// Index returns the number of an address, and whether prices may depend on it.
func (s *Snapshot) Index(address solana.PublicKey) (Index, bool) {
	if s.isZero() {
		return NoIndex, false
	}

	i := find(s.ledger, s.extra, address)
	return i, i != NoIndex
}

// Addresses returns the addresses of all accounts that prices depend on, by
// their index.
func (s *Snapshot) Addresses() []solana.PublicKey {
	if s.isZero() {
		return nil
	}

	all := make([]solana.PublicKey, 0, len(s.ledger.addresses)+len(s.extra.addresses))
	all = append(all, s.ledger.addresses...)
	return append(all, s.extra.addresses...)
}

// partOf returns a part of a snapshot.
func partOf[T any](s *Snapshot, id PartID) (T, error) {
	var none T
	if id == noPart {
		return none, errNoPart
	}

	p := s.parts.at(int(id))
	if p.err != nil {
		return none, p.err
	}
	return p.value.(T), nil
}

// tokenOf returns what the ledger knows about a token, or nil.
func (s *Snapshot) tokenOf(t Token) *token {
	if s.isZero() || t < 0 || int(t) >= len(s.ledger.tokens) {
		return nil
	}
	return &s.ledger.tokens[t]
}
