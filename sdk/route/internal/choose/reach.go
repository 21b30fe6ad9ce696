package choose

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// leastRounding is the smallest value of [splitRounding]: roundingBound is at
// least 8 for each part.
const leastRounding = 2*(8+8) + 4

// outOfReach reports whether no split between two venues can beat than, by the
// lines of the two. A split pays no more than the whole amount at the higher of
// the two rates, and both venues together must serve the amount. Its gain must
// be worth MinGain at the price of one venue; prices differ by less than half,
// so twice the gain is compared. For tiny amounts, whose prices are distorted
// by rounding, only the rounding counts.
func (m *Market) outOfReach(whole *Search, than *offer.Offer, a, b *fixed.Line) bool {
	both, topped := a.Beside(b), a.Topped(b)
	var gain uint64
	if whole.SwapMode == terms.ExactOut {
		cost := max(both.Least(whole.Amount), topped.Least(whole.Amount))
		switch {
		case cost == fixed.Never:
			return true
		case than == nil:
			return false
		}

		gain = fixed.SaturatingSub(than.NetIn, cost)
	} else {
		switch {
		case !both.Takes(whole.Amount):
			return true
		case than == nil:
			return false
		}

		gain = fixed.SaturatingSub(min(both.Most(whole.Amount), topped.Most(whole.Amount)),
			than.NetOut)
	}

	if gain <= leastRounding {
		return true
	}

	if whole.Amount < 1<<20 {
		return false
	}

	price := than.Price
	if whole.SwapMode == terms.ExactOut {
		price = m.price(whole.FromToken)
	}

	return !gains(saturatingMul(2, gain), 0, whole.MinGain, price)
}
