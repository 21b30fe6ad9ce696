package txn

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Sizes of the tables that most transactions get by with. What does not fit is
// allocated.
const (
	callsOnStack   = 16
	entriesOnStack = 48
	refsOnStack    = 128
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
	key   solana.PublicKey
	flags uint8
	// place is its index on the wire.
	place uint8
	// table is the lookup that names it, one more than its number, and index
	// its index there; zero if it is named in full.
	table uint16
	index uint8
	// next is one more than the entry before with the same bucket.
	next uint16
}

// buckets are how many groups of entries there are by their keys, a power of two.
const bucketBits = 6

// buckets find entries by their keys: one more than the last entry of each.
type buckets [1 << bucketBits]uint16

// bucketOf spreads keys, whatever their first bytes have in common.
func bucketOf(word uint64) uint64 { return word * 0x9e3779b97f4a7c15 >> (64 - bucketBits) }

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
	var known buckets
	entries, _ = note(entries, &known, &payer, flagPayer|flagSigner|flagWritable)
	for i := range calls {
		for _, m := range calls[i].metas {
			var at int
			if entries, at = note(entries, &known, &m.PublicKey, flagsOf(m)); at < 0 {
				return entries, refs, false
			}
			refs = append(refs, uint8(at))
		}
	}
	for i := range calls {
		var at int
		if entries, at = note(entries, &known, &calls[i].program, flagInvoked); at < 0 {
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
func note(entries []entry, known *buckets, key *solana.PublicKey, flags uint8) ([]entry, int) {
	bucket := &known[bucketOf(binary.LittleEndian.Uint64(key[:]))]
	for next := *bucket; next > 0; {
		e := &entries[next-1]
		if e.key == *key {
			e.flags |= flags
			return entries, int(next - 1)
		}
		next = e.next
	}

	at := len(entries)
	if at == maxAccounts {
		return entries, -1
	}
	entries = append(entries, entry{key: *key, flags: flags, next: *bucket})
	*bucket = uint16(len(entries))
	return entries, at
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

// rankFrom is rank from an order that may be nearly right. What decides most
// comparisons is sorted beside the order: the class and the first bits of a key,
// and the entry.
func (t *table) rankFrom() {
	const entryBits = 8
	var room [entriesOnStack]uint64
	words, order := room[:0], t.order[:len(t.entries)]
	for _, i := range order {
		e := &t.entries[i]
		word := e.class()<<61 | binary.BigEndian.Uint64(e.key[:])>>3
		words = append(words, word&^(1<<entryBits-1)|uint64(i))
	}

	for i := 1; i < len(words); i++ {
		moving := words[i]
		at := i
		for ; at > 0; at-- {
			other := words[at-1]
			if other>>entryBits < moving>>entryBits ||
				other>>entryBits == moving>>entryBits && !t.before(uint8(moving), uint8(other)) {
				break
			}
			words[at] = other
		}
		words[at] = moving
	}
	for i, word := range words {
		order[i] = uint8(word)
	}
	t.place()
}

// before reports whether one entry of a class comes before another.
func (t *table) before(one, other uint8) bool {
	return accounts.CompareKeys(t.entries[one].key, t.entries[other].key) < 0
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

// lookupTables are the tables that the message uses.
func (t *table) lookupTables() []solana.PublicKey {
	var addresses []solana.PublicKey
	for _, l := range t.lookups {
		addresses = append(addresses, l.address)
	}
	return addresses
}
