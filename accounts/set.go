package accounts

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Account is one account as a node returned it: untrusted bytes with an owner.
type Account struct {
	// Address is where the account lives. It only names the account in errors and may be zero.
	Address solana.PublicKey
	// Owner is the program that may change the data.
	Owner solana.PublicKey
	// Lamports is the balance.
	Lamports uint64
	// Data is the content, or its beginning if only that was asked for.
	Data []byte
	// Executable marks a program.
	Executable bool
}

// Conditions under which a [Set] has no account to give.
var (
	// ErrNotLoaded says that the account was never asked for.
	ErrNotLoaded = errors.New("account was not loaded (load it first)")
	// ErrNotFound says that the account was asked for and does not exist.
	ErrNotFound = errors.New("account does not exist")
)

// Set is the state of some accounts at one slot: those that exist, and those known not to. The zero value is empty and ready
// to use. It is safe for concurrent reading, not for concurrent writing.
type Set struct {
	slot     uint64
	accounts map[solana.PublicKey]*Account
}

// NewSet returns an empty set for a slot.
func NewSet(slot uint64) *Set { return &Set{slot: slot} }

// Slot is the slot the accounts were read at.
func (s *Set) Slot() uint64 {
	if s == nil {
		return 0
	}

	return s.slot
}

// SetSlot moves the set to another slot, after more accounts were read. A nil
// set has none.
func (s *Set) SetSlot(slot uint64) {
	if s != nil {
		s.slot = slot
	}
}

// Put stores an account under its address. A nil set keeps nothing, so that
// what is read from it is [ErrNotLoaded].
func (s *Set) Put(account Account) { s.put(account.Address, &account) }

// PutMissing records that there is no account at the address. A nil set keeps
// nothing.
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

// Get returns the account at the address. The error wraps [ErrNotLoaded] or [ErrNotFound] and names the address.
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

// Lookup returns the account at the address, or nil if it does not exist, and
// whether the address was asked for. It says the same as [Set.Get] without
// making an error. The account must not be written to.
func (s *Set) Lookup(address solana.PublicKey) (a *Account, loaded bool) {
	if s == nil {
		return nil, false
	}

	a, loaded = s.accounts[address]
	return a, loaded
}

// All iterates over the accounts that exist, in no particular order. They must
// not be written to.
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

// Has says whether the address was asked for, whether or not it exists.
func (s *Set) Has(address solana.PublicKey) bool {
	if s == nil {
		return false
	}

	_, ok := s.accounts[address]
	return ok
}

// Len is the number of addresses the set knows about.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}

	return len(s.accounts)
}

// Addresses returns all addresses the set knows about, in a stable order.
func (s *Set) Addresses() []solana.PublicKey {
	if s == nil {
		return nil
	}

	return slices.SortedFunc(maps.Keys(s.accounts), CompareKeys)
}

// named says what kind of account it is that a set does not have.
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

// Load takes an account from a set and decodes it:
//
//	pool, err := accounts.Load(set, address, accounts.DecodeStakePool)
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
