package txn

import (
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Layout is the form of a compiled transaction: which accounts of which
// instructions are the same, what they may, and their order. It does not depend
// on amounts, and hardly on keys, so that one layout serves the trades of all
// wallets that take the same steps. [Plan.CompileWith] makes it. It does not
// change, and may be used by several goroutines.
type Layout struct {
	legacy  bool
	durable bool
	// entries, refs, order and lookups are those of the table it was made from.
	entries []entry
	refs    []uint8
	order   []uint8
	lookups []lookup
	// flags are what is asked for each account of each instruction.
	flags []uint8
	// tables and body are the lookup tables of the plan and the size of its
	// instructions, if the layout has lookups.
	tables []LookupTable
	body   int
}

// CompileWith is [Plan.Compile] with the help of a layout of an earlier
// transaction, which makes it faster if both have the same form. It returns the
// transaction and the layout that fits it: the one it was given, or a new one
// if that is nil or of another form. The transaction is the same with any
// layout, to the byte, and so are the errors.
func (p Plan) CompileWith(layout *Layout) (*Unsigned, *Layout, error) {
	return p.compile(layout, true)
}

// newLayout keeps what a table that fits in a transaction found out.
func newLayout(t *table, p *Plan, calls []call) *Layout {
	l := &Layout{
		legacy:  p.Legacy,
		durable: p.Lifetime.Durable(),
		entries: slices.Clone(t.entries),
		refs:    slices.Clone(t.refs),
		order:   slices.Clone(t.order[:len(t.entries)]),
		flags:   make([]uint8, 0, len(t.refs)),
	}

	for i := range calls {
		for _, m := range calls[i].metas {
			l.flags = append(l.flags, flagsOf(m))
		}
	}

	if len(t.lookups) == 0 {
		return l
	}

	l.lookups, l.body = slices.Clone(t.lookups), bodySize(calls)
	for _, table := range p.Tables {
		l.tables = append(l.tables, LookupTable{
			Address:   table.Address,
			Addresses: slices.Clone(table.Addresses),
		})
	}

	return l
}

// lay fills a table, which has the layout's entries, for the calls of a plan,
// and reports whether it is the one that compiling in full would have filled.
// If not, the table is of no use.
func (l *Layout) lay(t *table, p *Plan, calls []call) bool {
	if l.legacy != p.Legacy || l.durable != p.Lifetime.Durable() ||
		len(l.refs) != len(l.flags)+len(calls) {
		return false
	}

	t.legacy = l.legacy
	if !l.place(t, p.Payer, calls) || !l.distinct(t) {
		return false
	}

	body := bodySize(calls)
	if len(l.lookups) > 0 && (body != l.body || !l.sameTables(p.Tables)) {
		return false
	}

	t.refs, t.lookups = l.refs, l.lookups
	copy(t.order[:], l.order)
	t.rankFrom()

	return t.size(body) <= MaxSize
}

// place puts the keys of a plan into the entries. It reports false if accounts
// that were the same are not, or may something else.
func (l *Layout) place(t *table, payer solana.PublicKey, calls []call) bool {
	var placed [maxAccounts]bool
	t.entries[0].key, placed[0] = payer, true
	put := func(at uint8, key *solana.PublicKey) bool {
		e := &t.entries[at]
		if placed[at] {
			return e.key == *key
		}

		e.key, placed[at] = *key, true
		return true
	}

	next := 0
	for i := range calls {
		for _, m := range calls[i].metas {
			if next == len(l.flags) || flagsOf(m) != l.flags[next] ||
				!put(l.refs[next], &m.PublicKey) {
				return false
			}

			next++
		}
	}

	if next != len(l.flags) {
		return false
	}

	for i := range calls {
		if !put(l.refs[next+i], &calls[i].program) {
			return false
		}
	}

	return true
}

// distinct reports whether all keys differ, and those that are not the same as
// when the layout was made have nothing to do with lookup tables.
func (l *Layout) distinct(t *table) bool {
	for i := range t.entries {
		key, before := &t.entries[i].key, &l.entries[i].key
		if *key == *before {
			continue
		}

		for other := range t.entries {
			if other != i && t.entries[other].key == *key {
				return false
			}
		}

		for _, table := range l.tables {
			if slices.Contains(table.Addresses, *key) || slices.Contains(table.Addresses, *before) {
				return false
			}
		}
	}

	return true
}

// sameTables reports whether lookup tables are those of the layout.
func (l *Layout) sameTables(tables []LookupTable) bool {
	return slices.EqualFunc(l.tables, tables, func(a, b LookupTable) bool {
		return a.Address == b.Address && slices.Equal(a.Addresses, b.Addresses)
	})
}
