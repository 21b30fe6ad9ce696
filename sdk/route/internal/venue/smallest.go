package venue

import "github.com/sanctum-go/sanctum/internal/fixed"

// maxLamports bounds searches: far more SOL than there is.
const maxLamports = 1 << 62

// smallestFor finds the smallest input that yields an output, on the path of
// fixed.SmallestInput, which decides between inputs that rounding makes equal.
// What lies outside of a bracket is not asked for.
//
// The yield rises with the input but for rounding. The bracket is where a line
// through nothing and the last input that was tried meets the output, wide
// enough for what rounding may do to both: so all inputs below it are not
// enough and all above it are. Those that are refused are either too small,
// which counts as not enough, or too large, which is found out as the ends of
// the bracket and the input where the search turns are asked.
func smallestFor(output uint64, yield func(input uint64) (uint64, error)) (uint64, error) {
	enough := func(input uint64) (bool, error) {
		got, err := yield(input)
		return err == nil && got >= output, err
	}
	low, high, ok := bracket(output, yield)
	if !ok || high > maxLamports/2 {
		return fixed.SmallestInput(maxLamports, enough)
	}
	// The search goes up in powers of two and turns at the first that is enough.
	// If that may lie above the bracket, it must be served.
	turn := uint64(1)
	for turn <= high {
		turn *= 2
	}
	if ok, err := enough(turn); err != nil || !ok {
		return fixed.SmallestInput(maxLamports, enough)
	}
	return fixed.ReplaySmallestInput(maxLamports, low, high, enough)
}

// approaches is how often a bracket is approached. Each comes closer by the
// share that does not rise with the input: rents and prices that bend.
const approaches = 8

// bracket finds inputs between which the output lies.
func bracket(output uint64, yield func(input uint64) (uint64, error)) (low, high uint64, ok bool) {
	input := output
	for range approaches {
		got, err := yield(input)
		if err != nil || got == 0 || input == 0 {
			return 0, 0, false
		}
		missing, less := max(got, output)-min(got, output), got > output
		step, err := fixed.MulDivCeil(missing, input, got)
		if err != nil {
			return 0, 0, false
		}
		// What one unit of the output is worth in inputs, and what prices are
		// rounded to: twelve decimals at most.
		unit, err := fixed.MulDivCeil(input, 1, got)
		if err != nil || unit > 1<<20 {
			return 0, 0, false
		}
		width := 64*unit + input>>34
		if step <= width {
			width += 2 * step
			return fixed.SaturatingSub(input, width), fixed.SaturatingAdd(input, width), true
		}
		if input = fixed.SaturatingAdd(input, step); less {
			input = fixed.SaturatingSub(input, 2*step)
		}
	}
	return 0, 0, false
}
