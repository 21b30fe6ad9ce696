package fixed

import (
	"math"
	"math/bits"
	"sync/atomic"
)

// ReplaySmallestInput returns the same input as [SmallestInput], with fewer
// calls of enough. The answer of enough must be false below lo and true from hi
// on. The search calls enough for inputs from lo to hi only.
//
// The caller must prove three properties. Every input below lo can be quoted
// and is not enough. Every input from hi on is enough, or is refused as too
// large. If an input is refused as too large, so are all larger inputs. Both
// ends are checked: if an answer differs, the full search runs, and
// [ReplaysMissed] counts the case unless the end was refused.
func ReplaySmallestInput(limit, lo, hi uint64, enough func(uint64) (bool, error)) (uint64, error) {
	return ReplaySmallestInputBelow(limit, lo, hi, math.MaxUint64, enough)
}

// ReplaySmallestInputBelow is [ReplaySmallestInput] with properties that hold
// below top only: enough is true from hi to top, and every input below top can
// be quoted. The search calls enough for the inputs from top on.
func ReplaySmallestInputBelow(
	limit, lo, hi, top uint64, enough func(uint64) (bool, error),
) (uint64, error) {
	lo = max(lo, 1)
	// The search goes up in powers of two. The answers up to the last power
	// below lo are known.
	start := uint64(0)
	if lo > 1 {
		start = 1 << (bits.Len64(lo-1) - 1)
	}

	if lo > hi || start > limit/2 || !bracketHolds(lo, hi, top, enough) {
		return SmallestInput(limit, enough)
	}

	q := question{
		no:     lo,
		yes:    hi,
		until:  top,
		enough: enough,
	}

	end := max(1, 2*start)
	if hi > end || end >= top {
		return q.smallest(start, limit)
	}

	// From there the search halves its steps: the inputs are multiples of
	// smaller and smaller powers of two. The first input within the bracket is
	// at the highest binary digit in which its ends differ.
	n := bits.Len64((lo - 1) ^ (hi - 1))
	low := (lo - 1) >> n << n

	return q.bisect(low, low+1<<n), nil
}

// bracketHolds checks the answers at the ends of a bracket.
func bracketHolds(lo, hi, top uint64, enough func(uint64) (bool, error)) bool {
	if lo > 1 {
		ok, err := enough(lo - 1)
		if ok && err == nil {
			replaysMissed.Add(1)
		}

		if ok || err != nil {
			return false
		}
	}

	if hi >= top {
		return true // no property is known for larger inputs
	}

	ok, err := enough(hi)
	if !ok && err == nil {
		replaysMissed.Add(1)
	}

	return ok && err == nil
}

var replaysMissed atomic.Uint64

// ReplaysMissed returns the number of brackets whose ends had other answers
// than expected. It must be zero. It is for tests.
func ReplaysMissed() uint64 { return replaysMissed.Load() }
