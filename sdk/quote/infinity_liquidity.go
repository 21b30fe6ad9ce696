package quote

import (
	"errors"
	"math"
)

// errAsked tells the search that an input is too small to be quoted.
var errAsked = errors.New("too small to be quoted")

// smallestLiquidity finds the smallest input for which adding or removing
// liquidity in version 1 yields at least an amount.
func (d *deal) smallestLiquidity(amount uint64, why *Refusal) bool {
	if amount == 0 {
		return d.traded(0, false, why)
	}

	var last Refusal
	input, err := smallestInput(math.MaxUint64, func(input uint64) (bool, error) {
		try := deal{head: d.head, from: d.from, to: d.to}
		last = Refusal{}
		switch {
		case try.traded(input, false, &last):
			return try.Out >= amount, nil
		case last.Is(ErrTooSmall) || last.Is(ErrNoProfit):
			return false, errAsked
		}
		// More than the pool can do, or refused whatever the input: one that is
		// enough lies below, or there is none.
		return true, nil
	})
	switch {
	case errors.Is(err, errAsked):
		if why != nil {
			*why = last
		}
		return false
	case err != nil:
		why.overflows()
		why.By(opSwap, d.head.address)
		return false
	}
	return d.traded(input, false, why)
}
