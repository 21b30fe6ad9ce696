package txn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrLookupTable says that an address lookup table cannot be used, and why.
var ErrLookupTable = errors.New("lookup table not usable (leave it out)")

// LookupTable is an address lookup table that a version 0 transaction may name accounts by.
type LookupTable struct {
	Address   solana.PublicKey
	Addresses []solana.PublicKey
}

// NewLookupTable takes the addresses of a table that can be used in a slot. It refuses a table that was deactivated, and leaves out
// addresses that were added in the slot itself, for the network does so, too.
func NewLookupTable(address solana.PublicKey, table *accounts.LookupTable, slot uint64) (LookupTable, error) {
	if table == nil {
		return LookupTable{}, fmt.Errorf("%w: %s: %w table", ErrLookupTable, address, accounts.ErrNil)
	}

	if table.DeactivationSlot != accounts.NeverEpoch {
		return LookupTable{}, fmt.Errorf("%w: %s was deactivated in slot %d", ErrLookupTable, address, table.DeactivationSlot)
	}
	usable := table.Addresses
	if table.LastExtendedSlot >= slot {
		usable = usable[:min(int(table.LastExtendedStart), len(usable))]
	}
	if len(usable) == 0 {
		return LookupTable{}, fmt.Errorf("%w: %s has no addresses yet", ErrLookupTable, address)
	}
	return LookupTable{Address: address, Addresses: slices.Clone(usable)}, nil
}

// fit compiles a plan that is too large with as few of its tables as it takes, each time the one that saves most.
func (p Plan) fit(smallest *Unsigned) (*Unsigned, error) {
	rest := slices.Clone(p.Tables)
	var used []LookupTable
	for smallest.Size() > MaxSize && len(rest) > 0 {
		best := -1
		for i, table := range rest {
			u, err := p.compile(append(slices.Clone(used), table))
			if err != nil {
				return nil, err
			}
			if u.Size() < smallest.Size() {
				smallest, best = u, i
			}
		}
		if best < 0 {
			break
		}
		used = append(used, rest[best])
		rest = slices.Delete(rest, best, best+1)
	}
	if size := smallest.Size(); size > MaxSize {
		return nil, &SizeError{Size: size, Limit: MaxSize}
	}
	return smallest, nil
}
