package txn

import (
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Layout is the form of a compiled transaction: which instructions share which
// accounts, the privileges of the accounts, and their order on the wire.
//
// A layout does not depend on amounts and rarely on keys, so the same one
// serves many wallets whose trades have the same steps. [Plan.CompileWith]
// creates it. A Layout is immutable and safe for concurrent use.
type Layout struct {
	version Version
	durable bool
	// entries, refs, order and lookups are copied from the compiled table.
	entries []entry
	refs    []uint8
	order   []uint8
	lookups []lookup
	// flags holds the requested privileges of each account of each instruction.
	flags []uint8
	// tables and body are the lookup tables of the plan and the size of its
	// instructions in bytes. They are set only if the layout has lookups.
	tables []LookupTable
	body   int
}

// CompileWith is like [Plan.Compile] but reuses the layout of an earlier
// transaction, which is faster if both have the same form.
//
// It returns the transaction and the layout to pass the next time: the given
// one, or a new one if the given one is nil or does not fit. The bytes of the
// transaction and the errors are the same with any layout.
func (p Plan) CompileWith(layout *Layout) (*Unsigned, *Layout, error) {
	return p.compile(layout, true)
}

// newLayout copies the layout of a table that fits in a transaction.
func newLayout(t *table, p *Plan, calls []call) *Layout {
	l := &Layout{
		version: t.version,
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

	l.lookups, l.body = slices.Clone(t.lookups), t.bodySize(calls)
	for _, table := range p.Tables {
		l.tables = append(l.tables, LookupTable{
			Address:   table.Address,
			Addresses: slices.Clone(table.Addresses),
		})
	}

	return l
}

// usable reports whether the layout exists and can be that of a format.
func (l *Layout) usable(f format) bool {
	return l != nil && l.version == f.version && !f.check && (f.tables || len(l.lookups) == 0)
}

// lay fills a table, which starts with the layout's entries, for the calls of a
// plan. It reports whether the result is the same as compiling without a
// layout. If not, the caller must discard the table.
func (l *Layout) lay(t *table, p *Plan, calls []call) bool {
	if l.durable != p.Lifetime.Durable() || len(l.refs) != len(l.flags)+len(calls) {
		return false
	}

	if !l.place(t, p.Payer, calls) || !l.distinct(t) {
		return false
	}

	body := t.bodySize(calls)
	if len(l.lookups) > 0 && (body != l.body || !l.sameTables(p.Tables)) {
		return false
	}

	t.refs, t.lookups = l.refs, l.lookups
	copy(t.order[:], l.order)
	t.rankFrom()

	return t.size(body) <= t.version.MaxSize()
}

// place writes the keys of a plan to the entries. It reports false if accounts
// that were the same now differ, or if a privilege changed.
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

// distinct reports whether all keys differ from each other, and whether no key
// that changed since the layout was made is in a lookup table.
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

// sameTables reports whether the lookup tables are those of the layout.
func (l *Layout) sameTables(tables []LookupTable) bool {
	return slices.EqualFunc(l.tables, tables, func(a, b LookupTable) bool {
		return a.Address == b.Address && slices.Equal(a.Addresses, b.Addresses)
	})
}
