package state

// pageSize is how many values a page has: a change copies that many of them,
// and a pointer to each page.
const pageSize = 32

// pages is a list of values in pages, of which versions share those that did
// not change.
type pages[T any] struct {
	list []*[pageSize]T
}

// makePages makes pages of zero values.
func makePages[T any](size int) pages[T] {
	blocks := make([][pageSize]T, (size+pageSize-1)/pageSize)
	list := make([]*[pageSize]T, len(blocks))
	for i := range blocks {
		list[i] = &blocks[i]
	}
	return pages[T]{list: list}
}

// newPages puts values into pages.
func newPages[T any](values []T) pages[T] {
	p := makePages[T](len(values))
	for i := range p.list {
		copy(p.list[i][:], values[i*pageSize:])
	}
	return p
}

// at returns a value, which must not be written.
func (p pages[T]) at(i int) *T { return &p.list[i/pageSize][i%pageSize] }

// drafts are pages of a version that is being made.
type drafts[T any] struct {
	pages[T]
	// own are the pages that no other version has.
	own bitSet
}

// draft begins a new version.
func (p pages[T]) draft() drafts[T] {
	return drafts[T]{pages: p}
}

// edit returns a value to be written, in a page of the new version's own.
func (d *drafts[T]) edit(i int) *T {
	number := i / pageSize
	if d.own == nil {
		d.own = newBits(len(d.list))
		d.list = append(make([]*[pageSize]T, 0, len(d.list)), d.list...)
	}

	if !d.own.has(number) {
		d.own.set(number)
		page := *d.list[number]
		d.list[number] = &page
	}

	return &d.list[number][i%pageSize]
}

// bitSet is a set of small numbers.
type bitSet []uint64

func newBits(size int) bitSet { return make(bitSet, (size+63)/64) }

func (b bitSet) set(i int) { b[i/64] |= 1 << (i % 64) }

func (b bitSet) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// put adds a number, or takes it out.
func (b bitSet) put(i int, in bool) {
	if b.set(i); !in {
		b[i/64] &^= 1 << (i % 64)
	}
}
