package fixed

import (
	"math"
	"math/bits"
	"sync/atomic"
)

// ReplaySmallestInput is [SmallestInput] for a question that is answered with
// no below lo and with yes from hi on. It finds the very input that
// [SmallestInput] finds, on the same path, but asks only inside the bracket.
//
// The caller must prove three things: every input below lo is served and not
// enough; every input from hi on is enough, or refused as too large; and what
// is refused as too large stays so for all larger inputs. Both ends are asked:
// if one of them is not as told, the plain search runs, and [ReplaysMissed]
// counts it unless the end was refused.
func ReplaySmallestInput(limit, lo, hi uint64, enough func(uint64) (bool, error)) (uint64, error) {
	return ReplaySmallestInputBelow(limit, lo, hi, math.MaxUint64, enough)
}

// ReplaySmallestInputBelow is [ReplaySmallestInput] for a question that is
// answered with yes from hi on and below top, where every input below top is
// served. What lies above is asked.
func ReplaySmallestInputBelow(
	limit, lo, hi, top uint64, enough func(uint64) (bool, error),
) (uint64, error) {
	lo = max(lo, 1)
	// The search goes up in powers of two: up to the last one below lo its
	// answers are known.
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

	// From there on it halves: the inputs it asks about are multiples of ever
	// smaller powers of two, and the first of them inside the bracket is that
	// at which the binary digits of its ends part.
	n := bits.Len64((lo - 1) ^ (hi - 1))
	low := (lo - 1) >> n << n

	return q.bisect(low, low+1<<n), nil
}

// bracketHolds asks the ends of a bracket.
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
		return true // nothing is told about larger ones
	}

	ok, err := enough(hi)
	if !ok && err == nil {
		replaysMissed.Add(1)
	}

	return ok && err == nil
}

var replaysMissed atomic.Uint64

// ReplaysMissed counts the brackets that were wrong, which none should be. It
// is for tests.
func ReplaysMissed() uint64 { return replaysMissed.Load() }
