package txn

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Sizes that suffice for most transactions. Larger tables are allocated on the
// heap.
const (
	callsOnStack   = 16
	entriesOnStack = 48
	refsOnStack    = 128
)

// Privileges and roles of an account in a transaction.
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
	// place is the index of the account in the message.
	place uint8
	// table is one more than the number of the lookup that names the account,
	// or zero if the message itself names it. index is the index in that lookup
	// table.
	table uint16
	index uint8
	// next is one more than the index of the previous entry in the same bucket.
	next uint16
}

// bucketBits is the base-2 logarithm of the number of buckets.
const bucketBits = 6

// buckets index entries by key: each element is one more than the index of the
// last entry in the bucket.
type buckets [1 << bucketBits]uint16

// bucketOf spreads keys over the buckets even if their first bytes are similar.
func bucketOf(word uint64) uint64 { return word * 0x9e3779b97f4a7c15 >> (64 - bucketBits) }

// full reports whether the message itself names the account.
func (e *entry) full() bool { return e.table == 0 }

// lookup is an address lookup table that a message uses.
type lookup struct {
	address            solana.PublicKey
	writable, readonly int
}

// table holds each account of a transaction once. One pass over the
// instructions fills it, a second pass writes the message.
//
// The accounts are ordered as in solana-go: the payer, then signers before
// others, writable before read-only, then by their bytes. The privileges of an
// account are the union of those that the instructions request. solana-go can
// swap the privileges of two accounts, so its own compiler is not used.
type table struct {
	version Version
	// entries are the payer, the accounts of the instructions in order of first
	// use, and the programs that are not among them.
	entries []entry
	// refs are the indexes of the entries for all accounts of all instructions,
	// followed by those of their programs.
	refs []uint8
	// order holds the indexes of the sorted entries.
	order [maxAccounts]uint8
	// static is the number of accounts that the message itself names.
	static int
	// header holds the numbers of signers, read-only signers, and read-only
	// accounts that do not sign.
	header [3]int
	// lookups are sorted by address.
	lookups []lookup
	// config is the configuration of version 1.
	config ComputeBudget
}

// collect appends each account of a transaction once, and the references to
// them. It reports false if there are more than a byte can index. It takes and
// returns the slices separately, because a table that points to itself would
// escape to the heap.
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

// flagsOf returns the privileges that an instruction requests for an account.
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

// note adds an account, or adds privileges to a known one, and returns its
// index, or -1 if the table is full.
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

	entries = append(entries, entry{
		key:   *key,
		flags: flags,
		next:  *bucket,
	})

	*bucket = uint16(len(entries))

	return entries, at
}

// countAccounts counts the accounts of a transaction that has too many.
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

// class returns the sort class of an account, which precedes its key in the
// order.
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

// rank sorts the accounts and assigns their indexes.
func (t *table) rank() {
	for i := range t.entries {
		t.order[i] = uint8(i)
	}
	t.rankFrom()
}

// rankFrom is like rank but starts from the current order, which may be nearly
// sorted. It sorts words that decide most comparisons: the class and the first
// bits of a key, then the index of the entry.
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

// before reports whether an entry precedes another of the same class.
func (t *table) before(one, other uint8) bool {
	return accounts.CompareKeys(t.entries[one].key, t.entries[other].key) < 0
}

// place assigns the indexes of the accounts: those that the message itself
// names, then writable ones from lookup tables, then read-only ones from lookup
// tables.
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

// signerPlace returns the index of a signer, or -1 if the key does not sign.
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

// writable returns the accounts that are locked for writing, in order of first
// use.
func (t *table) writable() []solana.PublicKey {
	var keys []solana.PublicKey
	for i := range t.entries {
		if e := &t.entries[i]; e.flags&flagWritable != 0 {
			keys = append(keys, e.key)
		}
	}
	return keys
}

// lookupTables returns the addresses of the lookup tables that the message
// uses.
func (t *table) lookupTables() []solana.PublicKey {
	var addresses []solana.PublicKey
	for _, l := range t.lookups {
		addresses = append(addresses, l.address)
	}
	return addresses
}
