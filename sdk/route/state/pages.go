package state

// pageSize is the number of values per page. A change copies one page, and the
// pointers to all pages.
const pageSize = 32

// pages is a list of values. Versions of the list share the pages that did not
// change.
type pages[T any] struct {
	list []*[pageSize]T
}

// makePages returns pages of zero values.
func makePages[T any](size int) pages[T] {
	blocks := make([][pageSize]T, (size+pageSize-1)/pageSize)
	list := make([]*[pageSize]T, len(blocks))
	for i := range blocks {
		list[i] = &blocks[i]
	}
	return pages[T]{list: list}
}

// newPages returns pages with values.
func newPages[T any](values []T) pages[T] {
	p := makePages[T](len(values))
	for i := range p.list {
		copy(p.list[i][:], values[i*pageSize:])
	}
	return p
}

// at returns a value. Do not write to it.
func (p pages[T]) at(i int) *T { return &p.list[i/pageSize][i%pageSize] }

// drafts is a version that is being changed.
type drafts[T any] struct {
	pages[T]
	// own are the pages that were copied for this version.
	own bitSet
}

// draft starts a new version.
func (p pages[T]) draft() drafts[T] {
	return drafts[T]{pages: p}
}

// edit returns a value that can be written, in a page that belongs to the new
// version only.
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

// put adds or removes a number.
func (b bitSet) put(i int, in bool) {
	if b.set(i); !in {
		b[i/64] &^= 1 << (i % 64)
	}
}
