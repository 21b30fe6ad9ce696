package state

import (
	"bytes"
	"math/bits"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
)

// Updated returns the snapshot after some accounts changed, at a slot. Only the
// parts that depend on changed accounts are prepared again. The receiver does
// not change.
//
// An account without lamports does not exist. Accounts that prices do not
// depend on are ignored, as are data beyond the loaded length. The snapshot
// keeps the data of changed accounts. Do not write to them afterwards.
//
// The error is a [*ReloadError] if a part needs an account that was not loaded,
// for example after a pool has changed its reserve, or in a new epoch when
// pools need an update. Any other error is that of a malformed sysvar.
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
		// A lockup that this update added has ended between the two clocks.
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

// isOutdated reports whether the parts must be prepared again with the new
// clock.
func (u *update) isOutdated() bool {
	if len(u.reader.lockups) == len(u.before.lockups) {
		return false
	}
	v := &u.next.ledger.sysvars
	made, _ := u.parts.at(int(v.epoch)).value.(*Chain)
	now, _ := u.parts.at(int(v.chain)).value.(*Chain)
	return made != nil && now != nil && !u.reader.sameEpoch(made, now)
}

// update is a snapshot that is being derived from another one.
type update struct {
	reader   reader
	before   *Snapshot
	next     *Snapshot
	accounts drafts[*accounts.Account]
	readers  drafts[readers]
	parts    drafts[prepared]
	links    drafts[links]
	// dirty are the parts to prepare again.
	dirty bitSet
	// fed are the changed parts that another part collects.
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

// put replaces an account and marks the parts that read it.
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

// blockSize is the number of bytes that are compared at a time.
const blockSize = 256

// differ returns the range in which two data differ, in whole blocks. The range
// is empty if they are equal.
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

// markPieces marks the parts that read pieces which differ.
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

// makeParts prepares the marked parts. A part only reads parts before it, so
// one pass is enough.
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

// makePart prepares one part, and marks the parts that read it if it has
// changed.
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
		return nil // The part has not changed.
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

// renote replaces the notes of a part, and updates the readers of what it read.
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

// remember adds a part to the readers of a note.
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

// forget removes a part from the readers of a note.
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
