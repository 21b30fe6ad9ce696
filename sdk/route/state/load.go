package state

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// loading is a snapshot that is being loaded.
type loading struct {
	reader
	loaded []*accounts.Account
	values pages[prepared]
	made   bitSet
	links  pages[links]
	ends   []int
}

// newLoading looks up the accounts of the ledger in a snapshot of accounts.
func (l *Ledger) newLoading(s *AccountSnapshot) *loading {
	n := &loading{
		loaded: make([]*accounts.Account, len(l.addresses), len(l.addresses)*3/2+16),
		values: makePages[prepared](len(l.makers)),
		made:   newBits(len(l.makers)),
	}

	n.reader = reader{
		ledger: l,
		given:  s,
		set:    s.Accounts,
		extra: &extra{
			base:  Index(len(l.addresses)),
			index: make(map[solana.PublicKey]Index, 2*len(l.tokens)),
		},
		accounts: n.account,
		parts:    n.part,
	}
	if n.set == nil {
		n.set = accounts.NewSet(0)
	}

	for i, address := range l.addresses {
		n.loaded[i] = n.lookup(address)
	}

	return n
}

// lookup returns an account of the set: nil if it was not loaded, missing if it
// does not exist.
func (n *loading) lookup(address solana.PublicKey) *accounts.Account {
	a, loaded := n.set.Lookup(address)
	if loaded && a == nil {
		return missing
	}
	return a
}

// account returns a loaded account. Addresses that other accounts contain are
// looked up on first use.
func (n *loading) account(i Index) *accounts.Account {
	for len(n.loaded) <= int(i) {
		address := n.addresses[len(n.loaded)-int(n.base)]
		n.loaded = append(n.loaded, n.lookup(address))
	}
	return n.loaded[i]
}

// part returns a part and prepares it on first use.
func (n *loading) part(id PartID) *prepared {
	p := n.values.at(int(id))
	if !n.made.has(int(id)) {
		n.made.set(int(id))
		p.value, p.err = n.ledger.makers[id].prepare(&n.reader)
	}
	return p
}

// Second returns the accounts of the second round, given those of the first.
// The Clock is loaded again: if the epoch has changed, the accounts of the two
// rounds do not match.
//
// It returns an error if a sysvar is missing or malformed.
func (l *Ledger) Second(state *AccountSnapshot) (LoadPlan, error) {
	switch {
	case l.isZero():
		return LoadPlan{}, errNoLedger
	case state == nil:
		return LoadPlan{}, fmt.Errorf("%w account snapshot", accounts.ErrNil)
	}

	n := l.newLoading(state)
	if _, err := n.chain(); err != nil {
		return LoadPlan{}, err
	}

	w := wants{reader: &n.reader, seen: make(map[solana.PublicKey]bool, 2*len(l.tokens)+8)}
	w.add(accounts.ClockSysvar)
	for t := range l.tokens {
		w.token(Token(t))
	}

	for _, c := range l.controllers {
		c.more(&w)
	}

	if !l.scope.WithoutStake {
		w.stake()
	}

	return w.needs, nil
}

// token adds the accounts that the pool of a token contains.
func (w *wants) token(t Token) {
	entry := &w.ledger.tokens[t]
	switch {
	case t >= w.ledger.stakes:
		w.reserveRecord(t)
	case entry.lst.Kind.IsStakePool():
		w.stakePool(t)
	case entry.poolPart != noPart:
		w.marinade(t)
	}
}

// Load prepares a snapshot from the accounts of both rounds. The parts of
// missing or malformed accounts have an error. Load itself returns an error if
// a sysvar is missing or malformed.
//
// The snapshot keeps the accounts and their data. Do not write to them
// afterwards.
func (l *Ledger) Load(set *AccountSnapshot) (*Snapshot, error) {
	switch {
	case l.isZero():
		return nil, errNoLedger
	case set == nil:
		return nil, fmt.Errorf("%w account snapshot", accounts.ErrNil)
	}

	var known *votes
	if !l.scope.WithoutStake {
		known = votesOf(set.Accounts)
	}

	return l.load(set, known)
}

// load is Load with given vote accounts.
func (l *Ledger) load(s *AccountSnapshot, known *votes) (*Snapshot, error) {
	n := l.newLoading(s)
	n.votes = known
	n.notes = make([]note, 0, 5*len(l.makers))
	n.ends = make([]int, len(l.makers))
	for id := range l.makers {
		n.part(PartID(id))
		n.ends[id] = len(n.notes)
		if PartID(id) == l.sysvars.chain && n.values.at(id).err != nil {
			return nil, n.values.at(id).err
		}
	}

	return n.snapshot(), nil
}

// snapshot puts the loaded accounts and parts into pages.
func (n *loading) snapshot() *Snapshot {
	last := int(n.base) + len(n.addresses)
	n.account(Index(last - 1))
	given := *n.given
	given.Accounts = nil
	s := &Snapshot{
		ledger:   n.ledger,
		given:    &given,
		extra:    n.extra,
		votes:    n.votes,
		slot:     n.set.Slot(),
		loaded:   n.set.Slot(),
		lockups:  n.lockups,
		accounts: newPages(n.loaded),
	}

	s.readers = n.readersOf(last)
	s.parts, s.links = n.values, n.links

	return s
}

// readersOf inverts the notes of all parts: it returns the parts that read each
// account, and sets the parts that read each part. It also splits the notes by
// part.
func (n *loading) readersOf(size int) pages[readers] {
	makers := len(n.ledger.makers)
	counts := make([]int32, 2*size+makers)
	whole, pieces, parts := counts[:size], counts[size:2*size], counts[2*size:]
	n.links = makePages[links](makers)
	var sum struct{ whole, pieces, parts int }
	for _, note := range n.notes {
		switch note.kind {
		case ofAccount:
			whole[note.id]++
			sum.whole++
		case ofPiece:
			pieces[note.id]++
			sum.pieces++
		case ofPart:
			parts[note.id]++
			sum.parts++
		}
	}

	list := makePages[readers](size)
	ids := make([]PartID, sum.whole+sum.parts)
	piecesOf := make([]pieceReader, sum.pieces)
	for i := range size {
		r := list.at(i)
		r.whole, ids = ids[:0:whole[i]], ids[whole[i]:]
		r.pieces, piecesOf = piecesOf[:0:pieces[i]], piecesOf[pieces[i]:]
	}

	for i := range makers {
		l := n.links.at(i)
		l.readers, ids = ids[:0:parts[i]], ids[parts[i]:]
	}

	begin := 0
	for id, end := range n.ends {
		reader := PartID(id)
		l := n.links.at(id)
		l.notes = n.notes[begin:end:end]
		begin = end
		for _, note := range l.notes {
			switch note.kind {
			case ofAccount:
				r := list.at(int(note.id))
				r.whole = append(r.whole, reader)
			case ofPiece:
				r := list.at(int(note.id))
				r.pieces = append(r.pieces, pieceReader{
					part: reader,
					at:   note.at,
					size: note.size,
				})

			case ofPart:
				read := n.links.at(int(note.id))
				read.readers = append(read.readers, reader)
			}
		}
	}

	return list
}
