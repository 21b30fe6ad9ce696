package txn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrLookupTable is returned by [NewLookupTable] if an address lookup table
// cannot be used, and by [ParseVouched] if a table is missing or too short.
var ErrLookupTable = errors.New("lookup table not usable (leave it out)")

// LookupTable is an address lookup table that a transaction of version 0 may
// use to name accounts.
type LookupTable struct {
	Address   solana.PublicKey
	Addresses []solana.PublicKey
}

// NewLookupTable returns the addresses of a table that can be used in a slot.
// It leaves out addresses that were added in that slot, as the network does. It
// returns [ErrLookupTable] if the table was deactivated or has no usable
// address.
func NewLookupTable(
	address solana.PublicKey,
	table *accounts.LookupTable,
	slot uint64,
) (LookupTable, error) {
	if table == nil {
		return LookupTable{}, fmt.Errorf("%w: %s: %w table", ErrLookupTable, address,
			accounts.ErrNil)
	}

	if table.DeactivationSlot != accounts.NeverEpoch {
		return LookupTable{}, fmt.Errorf("%w: %s was deactivated in slot %d", ErrLookupTable,
			address, table.DeactivationSlot)
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

// fit returns a [*SizeError] if the transaction exceeds the limit of its
// version. With tables, it makes a transaction of version 0 fit with as few
// lookup tables of the plan as possible. In each round it adds the table that
// saves the most bytes. body is the size of the instructions in bytes.
func (p *Plan) fit(t *table, body int, tables bool) error {
	size, limit := t.size(body), t.version.MaxSize()
	if size <= limit {
		return nil
	}

	if tables && len(p.Tables) > 0 {
		smallest, err := p.useTables(t, body, size)
		if err != nil {
			return err
		}

		size = smallest
	}

	if size > limit {
		return &SizeError{Size: size, Limit: limit}
	}

	return nil
}

// useTables chooses lookup tables and returns the size of the transaction with
// them.
func (p *Plan) useTables(t *table, body, smallest int) (int, error) {
	indexes := make([][]int16, len(p.Tables))
	rest := make([]int, len(p.Tables))
	nameable := t.nameable(p.Lifetime)
	for i, table := range p.Tables {
		if len(table.Addresses) > maxAccounts {
			return 0, fmt.Errorf(
				"compile transaction: max lookup table index exceeded for %s table",
				table.Address,
			)
		}

		indexes[i], rest[i] = t.find(table.Addresses, nameable), i
	}

	var used []int
	for smallest > MaxSize && len(rest) > 0 {
		best := -1
		for i, number := range rest {
			t.look(p.Tables, indexes, append(slices.Clone(used), number))
			if size := t.size(body); size < smallest {
				smallest, best = size, i
			}
		}

		if best < 0 {
			break
		}

		used = append(used, rest[best])
		rest = slices.Delete(rest, best, best+1)
	}

	t.look(p.Tables, indexes, used)

	return smallest, nil
}

// nameable returns the entries that lookup tables may name, indexed by key.
// Signers, programs and the nonce account are excluded, because the network
// requires them in the message itself.
func (t *table) nameable(l Lifetime) *buckets {
	known := new(buckets)
	for i := range t.entries {
		e := &t.entries[i]
		if e.flags&(flagSigner|flagInvoked) != 0 || l.Durable() && e.key == l.Nonce.Account {
			continue
		}

		bucket := &known[bucketOf(binary.LittleEndian.Uint64(e.key[:]))]
		e.next = *bucket
		*bucket = uint16(i + 1)
	}

	return known
}

// find returns the first index of each nameable account in a lookup table, and
// -1 for all other accounts.
func (t *table) find(addresses []solana.PublicKey, nameable *buckets) []int16 {
	indexes := make([]int16, len(t.entries))
	for i := range indexes {
		indexes[i] = -1
	}

	for index := range addresses {
		address := &addresses[index]
		next := nameable[bucketOf(binary.LittleEndian.Uint64(address[:]))]
		for next > 0 && t.entries[next-1].key != *address {
			next = t.entries[next-1].next
		}

		if next > 0 && indexes[next-1] < 0 {
			indexes[next-1] = int16(index)
		}
	}

	return indexes
}

// look names accounts through the lookup tables with the given numbers. If two
// tables have the same address, the last one is used. If several tables hold an
// account, the one with the lowest address is used.
func (t *table) look(tables []LookupTable, indexes [][]int16, numbers []int) {
	var chosen []int
	for _, number := range numbers {
		chosen = slices.DeleteFunc(chosen, func(c int) bool {
			return tables[c].Address == tables[number].Address
		})
		chosen = append(chosen, number)
	}

	slices.SortFunc(chosen, func(a, b int) int {
		return accounts.CompareKeys(tables[a].Address, tables[b].Address)
	})

	lookups := make([]lookup, 0, len(chosen))
	for i := range t.entries {
		t.entries[i].table = 0
	}

	for _, number := range chosen {
		l := lookup{address: tables[number].Address}
		for i := range t.entries {
			e := &t.entries[i]
			if !e.full() || indexes[number][i] < 0 {
				continue
			}

			e.table, e.index = uint16(len(lookups)+1), uint8(indexes[number][i])
			if e.flags&flagWritable != 0 {
				l.writable++
			} else {
				l.readonly++
			}
		}

		if l.writable+l.readonly > 0 {
			lookups = append(lookups, l)
		}
	}

	t.lookups = lookups
	t.place()
}
