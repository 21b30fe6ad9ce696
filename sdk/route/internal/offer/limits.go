package offer

import "github.com/sanctum-go/sanctum/internal/fixed"

// Limits are the limits of an earlier quote. They take the place of those that
// follow from the slippage.
type Limits struct {
	// MinOut is the minimum output of an offer for an exact input, and MaxIn
	// the maximum input of one for an exact output.
	MinOut, MaxIn uint64
}

// Spread changes limits of parts so that their sum is total. Each of them stays
// between least and most. It changes the last ones first, and no more than it
// must. It returns false if there is no such sum.
func Spread(limits []uint64, total uint64, least, most func(part int) uint64) bool {
	var calc fixed.Calc
	sum := uint64(0)
	for i := range limits {
		limits[i] = min(max(limits[i], least(i)), most(i))
		sum = calc.Add(sum, limits[i])
	}

	if calc.Err() != nil {
		return false
	}

	for i := len(limits) - 1; i >= 0; i-- {
		switch {
		case sum < total:
			more := min(total-sum, most(i)-limits[i])
			limits[i] += more
			sum += more

		case sum > total:
			less := min(sum-total, limits[i]-min(least(i), limits[i]))
			limits[i] -= less
			sum -= less
		}
	}

	return sum == total
}
