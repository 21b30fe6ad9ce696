package choose

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// leastRounding is the least that [splitRounding] is: each part has a roughness
// of 8 units or more.
const leastRounding = 2*(8+8) + 4

// outOfReach reports whether the lines of two venues tell that no split between
// them can be worth it: it would pay no more than the whole at the higher of the
// two rates, or the two do not serve so much together. What a split gains must
// be worth MinGain, at the price of one of the venues. Venues differ about that,
// but not by half; for some base units, where rounding makes prices what it
// likes, only the rounding counts.
func (m *Market) outOfReach(whole *Search, than *offer.Offer, a, b *fixed.Line) bool {
	both, topped := a.Beside(b), a.Topped(b)
	var gain uint64
	if whole.Side == terms.ExactOut {
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
		gain = fixed.SaturatingSub(min(both.Most(whole.Amount), topped.Most(whole.Amount)), than.NetOut)
	}
	if gain <= leastRounding {
		return true
	}
	if whole.Amount < 1<<20 {
		return false
	}
	price := than.Price
	if whole.Side == terms.ExactOut {
		price = m.price(whole.FromToken)
	}
	return !gains(saturatingMul(2, gain), 0, whole.MinGain, price)
}
