package state

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Snapshot has the accounts of a market and the parts prepared from them. It
// never changes. [Ledger.Load] returns the first snapshot, [Snapshot.Updated]
// the next one.
type Snapshot struct {
	ledger *Ledger
	given  *AccountSnapshot
	extra  *extra
	votes  *votes
	// slot is the slot of the newest account, loaded the slot of the load.
	slot, loaded uint64
	// lockups are the end times of the lockups that parts have read.
	lockups []int64

	accounts pages[*accounts.Account]
	readers  pages[readers]
	parts    pages[prepared]
	links    pages[links]
}

// readers are the parts that read an account.
type readers struct {
	whole  []PartID
	pieces []pieceReader
}

// pieceReader is a part that read a piece of an account's data.
type pieceReader struct {
	part     PartID
	at, size int32
}

// isZero reports whether the snapshot was not made by this package.
func (s *Snapshot) isZero() bool { return s == nil || s.ledger == nil }

// Ledger returns the ledger of the snapshot.
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

// LoadedSlot returns the slot of the load. No account is older.
func (s *Snapshot) LoadedSlot() uint64 {
	if s.isZero() {
		return 0
	}

	return s.loaded
}

// Account returns a loaded account, or nil if it does not exist or was not
// loaded. Do not write to it or to its data.
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

// Builds returns the hashes of the deployed builds of some programs, as far as
// they are known.
func (s *Snapshot) Builds(programs ...solana.PublicKey) map[solana.PublicKey]string {
	known := make(map[solana.PublicKey]string)
	if s.isZero() || s.given == nil {
		return known
	}

	for _, program := range programs {
		if hash, ok := s.given.Builds[program]; ok {
			known[program] = hash
		}
	}

	return known
}

// Index returns the index of an address, and whether prices can depend on its
// account.
func (s *Snapshot) Index(address solana.PublicKey) (Index, bool) {
	if s.isZero() {
		return NoIndex, false
	}

	i := find(s.ledger, s.extra, address)
	return i, i != NoIndex
}

// Addresses returns the addresses of all accounts that prices depend on, in the
// order of their indices.
func (s *Snapshot) Addresses() []solana.PublicKey {
	if s.isZero() {
		return nil
	}

	all := make([]solana.PublicKey, 0, len(s.ledger.addresses)+len(s.extra.addresses))
	all = append(all, s.ledger.addresses...)
	return append(all, s.extra.addresses...)
}

// Requests returns the accounts of [Snapshot.Addresses] with the lengths that
// prices depend on.
func (s *Snapshot) Requests() []AccountRequest {
	addresses := s.Addresses()
	all := make([]AccountRequest, len(addresses))
	for i, address := range addresses {
		all[i] = AccountRequest{Address: address, Length: s.ledger.lengthOf(Index(i))}
	}
	return all
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

// tokenOf returns the ledger's record of a token, or nil.
func (s *Snapshot) tokenOf(t Token) *token {
	if s.isZero() || t < 0 || int(t) >= len(s.ledger.tokens) {
		return nil
	}
	return &s.ledger.tokens[t]
}
