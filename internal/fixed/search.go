package fixed

// SmallestInput returns an input of at most limit that is enough, while the
// input one below it is not.
//
// The search assumes that more input is at least as good, except for single
// steps of rounding. An input that cannot be quoted is not enough. It is too
// small if no smaller input can be quoted either, otherwise it is too large. If
// no input is enough, the error is the one of the smallest input that was too
// large, or [ErrOverflow] if no input was too large. It is always the last
// error that enough returned, or [ErrOverflow].
//
// If some inputs are too small and others too large to be quoted, the search
// may miss the inputs in between when no power of two is among them.
func SmallestInput(limit uint64, enough func(uint64) (bool, error)) (uint64, error) {
	q := question{enough: enough}
	return q.smallest(0, limit)
}

// question is the function of a search, with the inputs whose answers are
// known: false below no, and true from yes to until.
type question struct {
	no, yes, until uint64
	enough         func(uint64) (bool, error)
}

func (q *question) ask(input uint64) (bool, error) {
	if input < q.no {
		return false, nil
	}
	if q.yes <= input && input < q.until {
		return true, nil
	}
	return q.enough(input)
}

// smallest searches above low. low is zero, or a power of two that is not
// enough.
func (q *question) smallest(low, limit uint64) (uint64, error) {
	high := max(1, 2*low)
	quoted := low > 0 // low can be quoted, so an error means that the input is too large
	var refusal error
	for refusal == nil {
		ok, err := q.ask(high)
		switch {
		case err == nil && ok:
			return q.bisect(low, high), nil
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

	// low is too small and high is too large: an input that is enough can only
	// be between them.
	for high-low > 1 {
		middle := low + (high-low)/2
		switch ok, err := q.ask(middle); {
		case err != nil:
			high, refusal = middle, err
		case ok:
			return q.bisect(low, middle), nil
		default:
			low = middle
		}
	}

	return 0, refusal
}

// bisect returns an input between low and high that is enough, while the input
// one below it is not. low is not enough, high is.
func (q *question) bisect(low, high uint64) uint64 {
	for high-low > 1 {
		middle := low + (high-low)/2
		if ok, err := q.ask(middle); ok && err == nil {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
