package quote

// smallestInput finds an input up to limit that is enough while one less is not. It takes for granted that more input is at least
// as good, apart from single steps of rounding. An input that cannot be quoted is not enough; if none is, the error is that of the
// largest one tried.
func smallestInput(limit uint64, enough func(uint64) (bool, error)) (uint64, error) {
	low, high := uint64(0), uint64(1)
	for {
		ok, err := enough(high)
		if ok && err == nil {
			break
		}
		if high > limit/2 {
			if err == nil {
				err = ErrTooLarge
			}
			return 0, err
		}
		low, high = high, 2*high
	}
	for high-low > 1 {
		middle := low + (high-low)/2
		if ok, err := enough(middle); ok && err == nil {
			high = middle
		} else {
			low = middle
		}
	}
	return high, nil
}
