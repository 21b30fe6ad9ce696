package accounts

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Account is an account as returned by a node. Its data is not trusted.
type Account struct {
	// Address is the address of the account. It is used in errors only, and may
	// be zero.
	Address solana.PublicKey
	// Owner is the program that owns the account.
	Owner solana.PublicKey
	// Lamports is the balance of the account.
	Lamports uint64
	// Data is the data of the account, or the beginning of it if only a slice
	// was requested.
	Data []byte
	// Executable reports whether the account is a program.
	Executable bool
}

// Errors of [Set.Get] and [Load].
var (
	// ErrNotLoaded is returned when the set has no information about the
	// account. Load the account first.
	ErrNotLoaded = errors.New("account was not loaded (load it first)")
	// ErrNotFound is returned when the account was loaded and does not exist.
	// Check the address, and the cluster of the endpoint.
	ErrNotFound = errors.New("account does not exist")
)

// Set holds the accounts of one slot: accounts that exist, and addresses that
// have no account. The zero value is an empty set. Concurrent reading is safe,
// concurrent writing is not.
type Set struct {
	slot     uint64
	accounts map[solana.PublicKey]*Account
}

// NewSet returns an empty set for a slot.
func NewSet(slot uint64) *Set { return &Set{slot: slot} }

// Slot returns the slot of the accounts.
func (s *Set) Slot() uint64 {
	if s == nil {
		return 0
	}

	return s.slot
}

// SetSlot changes the slot of the set, for example after more accounts were
// loaded. It does nothing on a nil set.
func (s *Set) SetSlot(slot uint64) {
	if s != nil {
		s.slot = slot
	}
}

// Put stores an account under its address. It does nothing on a nil set.
func (s *Set) Put(account Account) { s.put(account.Address, &account) }

// PutMissing records that no account exists at the address. It does nothing on
// a nil set.
func (s *Set) PutMissing(address solana.PublicKey) { s.put(address, nil) }

func (s *Set) put(address solana.PublicKey, a *Account) {
	if s == nil {
		return
	}
	if s.accounts == nil {
		s.accounts = make(map[solana.PublicKey]*Account)
	}
	s.accounts[address] = a
}

// Get returns the account at the address. The error wraps [ErrNotLoaded] or
// [ErrNotFound], and contains the address.
func (s *Set) Get(address solana.PublicKey) (Account, error) {
	if s == nil {
		return Account{}, fmt.Errorf("%w: %s", ErrNotLoaded, address)
	}

	a, ok := s.accounts[address]
	if !ok {
		return Account{}, fmt.Errorf("%w: %s", ErrNotLoaded, address)
	}

	if a == nil {
		return Account{}, fmt.Errorf("%w: %s", ErrNotFound, address)
	}

	return *a, nil
}

// Lookup returns the account at the address, or nil if it does not exist.
// loaded reports whether the set knows the address. Unlike [Set.Get], it does
// not allocate an error. The caller must not modify the account.
func (s *Set) Lookup(address solana.PublicKey) (a *Account, loaded bool) {
	if s == nil {
		return nil, false
	}

	a, loaded = s.accounts[address]
	return a, loaded
}

// All iterates over the existing accounts, in no particular order. The caller
// must not modify them.
func (s *Set) All() iter.Seq[*Account] {
	return func(yield func(*Account) bool) {
		if s == nil || yield == nil {
			return
		}
		for _, a := range s.accounts {
			if a != nil && !yield(a) {
				return
			}
		}
	}
}

// Has reports whether the set knows the address, no matter whether an account
// exists there.
func (s *Set) Has(address solana.PublicKey) bool {
	if s == nil {
		return false
	}

	_, ok := s.accounts[address]
	return ok
}

// Len returns the number of known addresses, including those without an
// account.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}

	return len(s.accounts)
}

// Addresses returns all known addresses, sorted by their bytes.
func (s *Set) Addresses() []solana.PublicKey {
	if s == nil {
		return nil
	}

	return slices.SortedFunc(maps.Keys(s.accounts), CompareKeys)
}

// named returns a [*DecodeError] with the kind of the account that the set does
// not have.
func named[T any](address solana.PublicKey, err error) error {
	kind, ok := any(new(T)).(layout)
	if !ok {
		return err
	}

	reason := ErrNotLoaded
	if errors.Is(err, ErrNotFound) {
		reason = ErrNotFound
	}

	return &DecodeError{
		Account: kind.name(),
		Address: address,
		Reason:  reason,
	}
}

// Load reads an account from a set and decodes it:
//
//	pool, err := accounts.Load(set, address, accounts.DecodeStakePool)
//
// The error is a [*DecodeError]. It wraps [ErrNotLoaded] or [ErrNotFound] if
// the set does not have the account.
func Load[T any](set *Set, address solana.PublicKey, decode func(Account) (*T, error)) (*T, error) {
	if decode == nil {
		return nil, fmt.Errorf("%w decoder of account %s", ErrNil, address)
	}

	a, err := set.Get(address)
	if err != nil {
		return nil, named[T](address, err)
	}
	return decode(a)
}
