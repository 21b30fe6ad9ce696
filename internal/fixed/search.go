package fixed

// SmallestInput finds an input up to limit that is enough while one less is not. It takes for granted that more input is at least
// as good, apart from single steps of rounding. An input that cannot be quoted is not enough: it is too small if all smaller ones
// cannot be quoted either, else too large. If none is enough, the error is that of the smallest one found to be too large, or
// [ErrOverflow] if none is.
//
// Where some inputs are too small and others too large to be quoted, it may miss the ones in between if no power of two is among them.
func SmallestInput(limit uint64, enough func(uint64) (bool, error)) (uint64, error) {
	low, high := uint64(0), uint64(1)
	quoted := false // whether low can be quoted, and so errors mean too large
	var refusal error
	for refusal == nil {
		ok, err := enough(high)
		switch {
		case err == nil && ok:
			return bisect(low, high, enough), nil
		case err != nil && quoted:
			refusal = err
		case high > limit/2:
			if err == nil {
				err = ErrOverflow
			}
			return 0, err
		default:
			quoted = err == nil
			low, high = high, 2*high
		}
	}
	// Too little at low, too large at high: what is enough lies in between, if anywhere.
	for high-low > 1 {
		middle := low + (high-low)/2
		switch ok, err := enough(middle); {
		case err != nil:
			high, refusal = middle, err
		case ok:
			return bisect(low, middle, enough), nil
		default:
			low = middle
		}
	}
	return 0, refusal
}

// bisect finds an input in between that is enough while one less is not, given that low is not and high is.
func bisect(low, high uint64, enough func(uint64) (bool, error)) uint64 {
	for high-low > 1 {
		middle := low + (high-low)/2
		if ok, err := enough(middle); ok && err == nil {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
