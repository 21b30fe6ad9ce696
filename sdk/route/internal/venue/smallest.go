package venue

import (
	"cmp"
	"errors"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// maxLamports bounds searches: far more SOL than there is.
const maxLamports = 1 << 62

// yield is what an input yields, or why it yields nothing.
type yield = func(input uint64) (uint64, error)

// smallestFor finds the smallest input that yields an output, on the path of
// fixed.SmallestInput, which decides between inputs that rounding makes equal.
// What lies outside of a bracket is not asked for.
func smallestFor(output uint64, of yield) (uint64, error) {
	low, high, err := bracket(output, of)
	if err != nil {
		return smallest(output, of)
	}
	return smallestWithin(output, low, high, of)
}

// smallest is smallestFor without a bracket.
func smallest(output uint64, of yield) (uint64, error) {
	return fixed.SmallestInput(maxLamports, enough(output, of))
}

// enough asks whether an input yields an output.
func enough(output uint64, of yield) func(uint64) (bool, error) {
	return func(input uint64) (bool, error) {
		got, err := of(input)
		return err == nil && got >= output, err
	}
}

// smallestWithin is smallestFor with the bracket: all inputs below it are not
// enough and all above it are. Those that are refused are either too small,
// which counts as not enough, or too large, which is found out as the ends of
// the bracket and the input where the search turns are asked.
func smallestWithin(output, low, high uint64, of yield) (uint64, error) {
	// The search goes up in powers of two and turns at the first that is
	// enough. If that may lie above the bracket, it must be served.
	turn := uint64(1)
	for turn <= high {
		turn *= 2
	}
	if ok, err := enough(output, of)(turn); err != nil || !ok {
		return smallest(output, of)
	}
	return fixed.ReplaySmallestInput(maxLamports, low, high, enough(output, of))
}

// mostYield is what the largest input yields that is served, zero if none is.
// The inputs that are served are taken to have no gaps.
func mostYield(of yield) uint64 {
	low, most := uint64(0), uint64(0) // the largest that is served, and its yield
	high := uint64(1)
	for high <= maxLamports {
		got, err := of(high)
		if err != nil && low > 0 {
			break
		}

		if err == nil {
			low, most = high, got
		}

		high *= 2
	}

	if low == 0 {
		return 0
	}

	for high-low > 1 {
		middle := low + (high-low)/2
		if got, err := of(middle); err == nil {
			low, most = middle, got
		} else {
			high = middle
		}
	}

	return most
}

// approaches is how often a bracket is approached. Each comes closer by the
// share that does not rise with the input: rents and prices that bend.
const approaches = 8

// errNoBracket is the error of a yield that a line does not find.
var errNoBracket = errors.New("no bracket")

// bracket finds inputs between which the output lies: where a line through
// nothing and the last input that was tried meets the output, wide enough for
// what rounding may do to both.
func bracket(output uint64, of yield) (low, high uint64, err error) {
	input := output
	for range approaches {
		got, err := of(input)
		if err != nil || got == 0 || input == 0 {
			return 0, 0, cmp.Or(err, errNoBracket)
		}

		missing, less := distance(got, output), got > output
		step, err := fixed.MulDivCeil(missing, input, got)
		if err != nil {
			return 0, 0, err
		}

		// What one unit of the output is worth in inputs, and what prices are
		// rounded to: twelve decimals at most.
		unit, err := fixed.MulDivCeil(input, 1, got)
		if err != nil || unit > 1<<20 {
			return 0, 0, cmp.Or(err, errNoBracket)
		}

		if width := 64*unit + input>>34; step <= width {
			width += 2 * step
			low, high = fixed.SaturatingSub(input, width), fixed.SaturatingAdd(input, width)
			if high > maxLamports/2 {
				return 0, 0, errNoBracket
			}

			return low, high, nil
		}

		if less {
			input = fixed.SaturatingSub(input, step)
		} else {
			input = fixed.SaturatingAdd(input, step)
		}
	}

	return 0, 0, errNoBracket
}

func distance(a, b uint64) uint64 { return max(a, b) - min(a, b) }
