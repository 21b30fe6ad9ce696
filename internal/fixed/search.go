package fixed

// SmallestInput finds an input up to limit that is enough while one less is
// not. It takes for granted that more input is at least as good, apart from
// single steps of rounding. An input that cannot be quoted is not enough: it is
// too small if all smaller ones cannot be quoted either, else too large. If
// none is enough, the error is that of the smallest one found to be too large,
// or [ErrOverflow] if none is. It is always the error that enough returned
// last, or [ErrOverflow].
//
// Where some inputs are too small and others too large to be quoted, it may
// miss the ones in between if no power of two is among them.
func SmallestInput(limit uint64, enough func(uint64) (bool, error)) (uint64, error) {
	q := question{enough: enough}
	return q.smallest(0, limit)
}

// question is what a search asks. Its answer is known to be no below no, and
// yes from yes on and below until.
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

// smallest searches above low, which is zero or a power of two that is not
// enough.
func (q *question) smallest(low, limit uint64) (uint64, error) {
	high := max(1, 2*low)
	quoted := low > 0 // whether low can be quoted, and so errors mean too large
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

	// Too little at low, too large at high: what is enough lies in between, if
	// anywhere.
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

// bisect finds an input in between that is enough while one less is not, given
// that low is not and high is.
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
