package state

import (
	"bytes"
	"math/bits"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
)

// Updated returns the snapshot after some accounts changed, as of a slot. Parts
// that were made of what changed are made anew, in order. The snapshot itself
// stays as it is, for whoever holds it.
//
// An account without lamports does not exist. Accounts that prices do not
// depend on are ignored; of those that were loaded in part, the rest is. The
// data of changed accounts are kept, and must not be written afterwards.
//
// The error is a [*ReloadError] if a part needs an account now that was not
// loaded, as with another reserve of a pool, or pools to be updated in a new
// epoch. Else it is that of a sysvar which does not decode.
func (s *Snapshot) Updated(slot uint64, changed ...accounts.Account) (*Snapshot, error) {
	if s.isZero() {
		return nil, errNoSnapshot
	}

	u := s.newUpdate(slot)
	for i := range changed {
		u.put(&changed[i])
	}

	if err := u.makeParts(); err != nil {
		return nil, err
	}

	if u.isOutdated() {
		// A lockup that came with this update has ended since the clock that
		// parts are made with.
		u.dirty.set(int(s.ledger.sysvars.epoch))
		if err := u.makeParts(); err != nil {
			return nil, err
		}
	}

	u.next.accounts, u.next.readers = u.accounts.pages, u.readers.pages
	u.next.parts, u.next.links = u.parts.pages, u.links.pages
	if len(u.reader.lockups) > len(s.lockups) {
		u.next.lockups = slices.Compact(slices.Sorted(slices.Values(u.reader.lockups)))
	}

	return u.next, nil
}

// isOutdated reports whether the parts must be made with another clock.
func (u *update) isOutdated() bool {
	if len(u.reader.lockups) == len(u.before.lockups) {
		return false
	}
	v := &u.next.ledger.sysvars
	made, _ := u.parts.at(int(v.epoch)).value.(*Chain)
	now, _ := u.parts.at(int(v.chain)).value.(*Chain)
	return made != nil && now != nil && !u.reader.sameEpoch(made, now)
}

// update is a snapshot that is being made of another one.
type update struct {
	reader   reader
	before   *Snapshot
	next     *Snapshot
	accounts drafts[*accounts.Account]
	readers  drafts[readers]
	parts    drafts[prepared]
	links    drafts[links]
	// dirty are the parts to be made.
	dirty bitSet
	// fed are the parts that changed and that another part collects.
	fed bitSet
}

func (s *Snapshot) newUpdate(slot uint64) *update {
	next := *s
	next.slot = max(slot, s.slot)
	u := &update{
		before:   s,
		next:     &next,
		accounts: s.accounts.draft(),
		readers:  s.readers.draft(),
		parts:    s.parts.draft(),
		links:    s.links.draft(),
		dirty:    newBits(len(s.ledger.makers)),
		fed:      newBits(len(s.ledger.makers)),
	}

	u.reader = reader{
		ledger:   s.ledger,
		given:    s.given,
		extra:    s.extra,
		votes:    s.votes,
		lockups:  s.lockups[:len(s.lockups):len(s.lockups)],
		accounts: func(i Index) *accounts.Account { return *u.accounts.at(int(i)) },
		parts:    func(id PartID) *prepared { return u.parts.at(int(id)) },
		fed:      u.fed,
	}

	return u
}

// put replaces an account and marks the parts that were made of it.
func (u *update) put(a *accounts.Account) {
	i := find(u.next.ledger, u.next.extra, a.Address)
	if i == NoIndex {
		return
	}

	old, now := *u.accounts.at(int(i)), missing
	if a.Lamports > 0 {
		kept := *a
		if length := u.next.ledger.lengthOf(i); length > 0 && length < len(kept.Data) {
			kept.Data = kept.Data[:length]
		}

		now = &kept
	}

	if old == now {
		return
	}

	c := change{account: i}
	c.begin, c.end = differ(dataOf(old), dataOf(now))
	if old != nil && c.begin == c.end && sameHead(old, now) {
		return
	}

	u.reader.changes = append(u.reader.changes, c)
	*u.accounts.edit(int(i)) = now
	r := u.readers.at(int(i))
	for _, id := range r.whole {
		u.dirty.set(int(id))
	}

	u.markPieces(r.pieces, c, dataOf(old), dataOf(now))
}

// lengthOf returns how many bytes of an account are needed; zero for all.
func (l *Ledger) lengthOf(i Index) int {
	if int(i) < len(l.lengths) && l.lengths[i] > 0 {
		return int(l.lengths[i])
	}
	return 0
}

func dataOf(a *accounts.Account) []byte {
	if a == nil {
		return nil
	}
	return a.Data
}

// sameHead reports whether two accounts are equal apart from their data.
func sameHead(a, b *accounts.Account) bool {
	return a != missing && b != missing && a.Lamports == b.Lamports && a.Owner == b.Owner &&
		a.Executable == b.Executable
}

// blockSize is how many bytes of a list are compared at a time.
const blockSize = 256

// differ tells where two data differ, by blocks. Nothing differs if both ends
// are the same.
func differ(old, now []byte) (begin, end int) {
	if len(old) != len(now) {
		return 0, max(len(old), len(now))
	}

	end = len(old)
	for begin < end {
		next := min(begin+blockSize, end)
		if !bytes.Equal(old[begin:next], now[begin:next]) {
			break
		}

		begin = next
	}

	for end-begin > blockSize && bytes.Equal(old[end-blockSize:end], now[end-blockSize:end]) {
		end -= blockSize
	}

	return begin, end
}

// markPieces marks the parts that were made of pieces which differ.
func (u *update) markPieces(pieces []pieceReader, c change, old, now []byte) {
	for _, p := range pieces {
		at, size := int(p.at), int(p.size)
		if at+size <= c.begin || at >= c.end {
			continue
		}
		if !bytes.Equal(cut(old, at, size), cut(now, at, size)) || len(now) < at+size {
			u.dirty.set(int(p.part))
		}
	}
}

// makeParts makes the marked parts. Parts only read parts that come before
// them, so that one pass is enough.
func (u *update) makeParts() error {
	for word := range u.dirty {
		for u.dirty[word] != 0 {
			bit := bits.TrailingZeros64(u.dirty[word])
			u.dirty[word] &^= 1 << bit
			id := PartID(word*64 + bit)
			if err := u.makePart(id); err != nil {
				return err
			}
		}
	}

	return nil
}

// makePart makes one part and marks those that read it, unless it is as before.
func (u *update) makePart(id PartID) error {
	r := &u.reader
	r.now, r.notes = id, r.notes[:0]
	value, err := u.next.ledger.makers[id].prepare(r)
	switch {
	case r.reload != nil:
		return &ReloadError{Address: *r.reload}
	case err != nil && id == u.next.ledger.sysvars.chain:
		return err
	}

	if !slices.Equal(u.links.at(int(id)).notes, r.notes) {
		u.renote(id)
	}

	old := u.parts.at(int(id))
	if err == nil && old.err == nil && value == old.value {
		return nil // The maker says that nothing changed.
	}

	p := u.parts.edit(int(id))
	p.value, p.err = value, err
	for _, reader := range u.links.at(int(id)).readers {
		u.dirty.set(int(reader))
	}

	if to := u.next.ledger.feeds[id]; to != noPart {
		u.dirty.set(int(to))
		u.fed.set(int(id))
	}

	return nil
}

// renote keeps the new notes of a part, and turns them around.
func (u *update) renote(id PartID) {
	p := u.links.edit(int(id))
	old := p.notes
	p.notes = slices.Clone(u.reader.notes)
	notes := p.notes
	for _, n := range old {
		if !slices.Contains(notes, n) {
			u.forget(id, n)
		}
	}

	for i, n := range notes {
		if !slices.Contains(old, n) && !slices.Contains(notes[:i], n) {
			u.remember(id, n)
		}
	}
}

// remember adds a part to the readers of what it noted.
func (u *update) remember(id PartID, n note) {
	switch n.kind {
	case ofAccount:
		r := u.readers.edit(int(n.id))
		r.whole = append(r.whole[:len(r.whole):len(r.whole)], id)
	case ofPiece:
		r := u.readers.edit(int(n.id))
		piece := pieceReader{
			part: id,
			at:   n.at,
			size: n.size,
		}

		r.pieces = append(r.pieces[:len(r.pieces):len(r.pieces)], piece)

	case ofPart:
		p := u.links.edit(int(n.id))
		p.readers = append(p.readers[:len(p.readers):len(p.readers)], id)
	}
}

// forget takes a part from the readers of what it noted before.
func (u *update) forget(id PartID, n note) {
	isReader := func(reader PartID) bool { return reader == id }
	switch n.kind {
	case ofAccount:
		r := u.readers.edit(int(n.id))
		r.whole = slices.DeleteFunc(slices.Clone(r.whole), isReader)
	case ofPiece:
		r := u.readers.edit(int(n.id))
		r.pieces = slices.DeleteFunc(slices.Clone(r.pieces), func(p pieceReader) bool {
			return p == pieceReader{
				part: id,
				at:   n.at,
				size: n.size,
			}
		})

	case ofPart:
		p := u.links.edit(int(n.id))
		p.readers = slices.DeleteFunc(slices.Clone(p.readers), isReader)
	}
}
