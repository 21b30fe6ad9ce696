package venue

import (
	"cmp"
	"errors"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// maxLamports bounds searches. It is far above the supply of SOL.
const maxLamports = 1 << 62

// yield returns the output for an input, or the error of an input that is
// refused.
type yield = func(input uint64) (uint64, error)

// smallestFor returns the smallest input that yields an output. Where rounding
// makes several inputs equivalent, it returns the same one as
// fixed.SmallestInput, but it only evaluates inputs within a bracket.
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

// enough returns a function that reports whether an input yields an output.
func enough(output uint64, of yield) func(uint64) (bool, error) {
	return func(input uint64) (bool, error) {
		got, err := of(input)
		return err == nil && got >= output, err
	}
}

// smallestWithin is smallestFor within a bracket: all inputs below low yield
// too little and all inputs above high yield enough. A refused input is either
// too small, which counts as too little, or too large. The latter is detected
// at the ends of the bracket and at the turning point.
func smallestWithin(output, low, high uint64, of yield) (uint64, error) {
	// The search doubles the input and turns at the first one that yields
	// enough. If the turning point may lie above the bracket, its input must
	// not be refused.
	turn := uint64(1)
	for turn <= high {
		turn *= 2
	}

	if ok, err := enough(output, of)(turn); err != nil || !ok {
		return smallest(output, of)
	}

	return fixed.ReplaySmallestInput(maxLamports, low, high, enough(output, of))
}

// mostYield returns the output of the largest input that is not refused, or
// zero if all inputs are refused. It assumes that the accepted inputs have no
// gaps.
func mostYield(of yield) uint64 {
	low, most := uint64(0), uint64(0) // the largest accepted input, and its yield
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

// approaches is the number of steps towards a bracket. Each step reduces the
// distance by the share of the output that is not proportional to the input:
// rents, and prices that are not linear.
const approaches = 8

// errNoBracket is returned by [bracket] when linear steps do not find one.
var errNoBracket = errors.New("no bracket")

// bracket returns two inputs between which the smallest input for an output
// lies. It steps along a line through zero and the last evaluated input. The
// result is wide enough for rounding.
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

		// unit is the input for one unit of the output. Prices are rounded to
		// at most twelve decimals.
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
