package txn

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Sizes of the tables that most transactions get by with. What does not fit is
// allocated.
const (
	callsOnStack   = 24
	entriesOnStack = 64
	refsOnStack    = 160
)

// What an account of a transaction may or is.
const (
	flagSigner uint8 = 1 << iota
	flagWritable
	flagInvoked
	flagPayer
)

// entry is an account of a transaction.
type entry struct {
	key solana.PublicKey
	// word is the class and the first bits of the key: what decides most
	// comparisons.
	word  uint64
	flags uint8
	// place is its index on the wire.
	place uint8
	// table is the lookup that names it, one more than its number, and index
	// its index there; zero if it is named in full.
	table uint16
	index uint8
}

// full reports whether the account is named in full.
func (e *entry) full() bool { return e.table == 0 }

// lookup is an address lookup table that a message uses.
type lookup struct {
	address            solana.PublicKey
	writable, readonly int
}

// table has each account of a transaction once. It is filled by going over the
// instructions once, and the message is written by going over them again.
//
// The order of the accounts on the wire is that of solana-go: the payer, then
// signers before others, writable before read-only, and by their bytes. What
// each account may is the union of what the instructions ask for; solana-go by
// itself can swap the privileges of two accounts.
type table struct {
	legacy bool
	// entries are the payer, the accounts of instructions in the order of their
	// first use, and the programs that are not among them.
	entries []entry
	// refs are the entries of all accounts of all instructions, and behind them
	// those of their programs.
	refs []uint8
	// order are the entries as they are sorted.
	order [maxAccounts]uint8
	// static is how many accounts are named in full.
	static int
	// header counts signers, read-only signers and read-only others of them.
	header [3]int
	// lookups are in the order of their addresses.
	lookups []lookup
}

// collect appends the accounts of a transaction, each once, and the references
// to them. It reports false if there are more than can be indexed. The slices
// are passed and returned, for a table that pointed to itself could not be on
// the stack.
func collect(
	entries []entry, refs []uint8, payer solana.PublicKey, calls []call,
) ([]entry, []uint8, bool) {
	entries = append(entries, entry{
		key:   payer,
		flags: flagPayer | flagSigner | flagWritable,
	})
	for i := range calls {
		for _, m := range calls[i].metas {
			var at int
			if entries, at = note(entries, &m.PublicKey, flagsOf(m)); at < 0 {
				return entries, refs, false
			}
			refs = append(refs, uint8(at))
		}
	}
	for i := range calls {
		var at int
		if entries, at = note(entries, &calls[i].program, flagInvoked); at < 0 {
			return entries, refs, false
		}
		refs = append(refs, uint8(at))
	}
	return entries, refs, true
}

// flagsOf is what an instruction asks for an account.
func flagsOf(m *solana.AccountMeta) uint8 {
	var flags uint8
	if m.IsSigner {
		flags |= flagSigner
	}
	if m.IsWritable {
		flags |= flagWritable
	}
	return flags
}

// note adds an account, or what it may, and returns its place, -1 if there is
// none left.
func note(entries []entry, key *solana.PublicKey, flags uint8) ([]entry, int) {
	word := binary.LittleEndian.Uint64(key[:])
	for i := range entries {
		e := &entries[i]
		if binary.LittleEndian.Uint64(e.key[:]) == word && e.key == *key {
			e.flags |= flags
			return entries, i
		}
	}
	if len(entries) == maxAccounts {
		return entries, -1
	}
	return append(entries, entry{key: *key, flags: flags}), len(entries)
}

// countAccounts counts those of a transaction that has too many.
func countAccounts(payer solana.PublicKey, calls []call) int {
	seen := map[solana.PublicKey]bool{payer: true}
	for i := range calls {
		seen[calls[i].program] = true
		for _, m := range calls[i].metas {
			seen[m.PublicKey] = true
		}
	}
	return len(seen)
}

// class orders accounts before their keys do.
func (e *entry) class() uint64 {
	switch {
	case e.flags&flagPayer != 0:
		return 0
	case e.flags&flagSigner != 0 && e.flags&flagWritable != 0:
		return 1
	case e.flags&flagSigner != 0:
		return 2
	case e.flags&flagWritable != 0:
		return 3
	}
	return 4
}

// rank sorts the accounts, and places them.
func (t *table) rank() {
	for i := range t.entries {
		t.order[i] = uint8(i)
	}
	t.rankFrom()
}

// rankFrom is rank from an order that may be nearly right.
func (t *table) rankFrom() {
	for i := range t.entries {
		e := &t.entries[i]
		e.word = e.class()<<61 | binary.BigEndian.Uint64(e.key[:])>>3
	}
	order := t.order[:len(t.entries)]
	for i := 1; i < len(order); i++ {
		moving := order[i]
		at := i
		for at > 0 && t.before(moving, order[at-1]) {
			order[at] = order[at-1]
			at--
		}
		order[at] = moving
	}
	t.place()
}

// before reports whether one entry comes before another.
func (t *table) before(one, other uint8) bool {
	a, b := &t.entries[one], &t.entries[other]
	if a.word != b.word {
		return a.word < b.word
	}
	return accounts.CompareKeys(a.key, b.key) < 0
}

// place gives each account its index: those that are named in full, then those
// that lookups write, then those that lookups read.
func (t *table) place() {
	t.static, t.header = 0, [3]int{}
	for _, i := range t.order[:len(t.entries)] {
		e := &t.entries[i]
		if !e.full() {
			continue
		}
		e.place = uint8(t.static)
		t.static++
		signer, writable := e.flags&flagSigner != 0, e.flags&flagWritable != 0
		if signer {
			t.header[0]++
		}
		if signer && !writable {
			t.header[1]++
		}
		if !signer && !writable {
			t.header[2]++
		}
	}
	if len(t.lookups) == 0 {
		return
	}
	next := t.static
	for _, wanted := range [2]uint8{flagWritable, 0} {
		for number := range t.lookups {
			for _, i := range t.order[:len(t.entries)] {
				e := &t.entries[i]
				if int(e.table) == number+1 && e.flags&flagWritable == wanted {
					e.place = uint8(next)
					next++
				}
			}
		}
	}
}

// signerPlace is the place of a key among the signers, -1 if it is none.
func (t *table) signerPlace(key solana.PublicKey) int {
	for i := range t.entries {
		if e := &t.entries[i]; e.flags&flagSigner != 0 && e.key == key {
			return int(e.place)
		}
	}
	return -1
}

// signers appends the keys that sign, in the order of their signatures.
func (t *table) signers(keys []solana.PublicKey) []solana.PublicKey {
	for _, i := range t.order[:t.header[0]] {
		keys = append(keys, t.entries[i].key)
	}
	return keys
}

// writable are the accounts that are locked for writing, in the order of their
// first use.
func (t *table) writable() []solana.PublicKey {
	var keys []solana.PublicKey
	for i := range t.entries {
		if e := &t.entries[i]; e.flags&flagWritable != 0 {
			keys = append(keys, e.key)
		}
	}
	return keys
}

// writablePlaces appends where on the wire the accounts of writable are.
func (t *table) writablePlaces(places []uint8) []uint8 {
	for i := range t.entries {
		if e := &t.entries[i]; e.flags&flagWritable != 0 {
			places = append(places, e.place)
		}
	}
	return places
}

// lookupTables are the tables that the message uses.
func (t *table) lookupTables() []solana.PublicKey {
	var addresses []solana.PublicKey
	for _, l := range t.lookups {
		addresses = append(addresses, l.address)
	}
	return addresses
}
