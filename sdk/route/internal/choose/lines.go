package choose

import (
	"slices"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// lines returns the line of each venue, which bounds its output by its input.
// The line of a venue without a bound is the zero value.
func (m *Market) lines(venues []uint16, a *offer.Ask, list []fixed.Line) []fixed.Line {
	list = slices.Grow(list, len(venues))[:len(venues)]
	for i, v := range venues {
		if bounded := m.bounded[v]; bounded != nil {
			bounded.Line(m.snapshot, a, &list[i])
		} else {
			list[i] = fixed.Line{}
		}
	}
	return list
}

// netLines returns the lines of some venues after the costs that cannot be
// recovered. They bound NetOut, or NetIn for ExactOut.
func (m *Market) netLines(venues []uint16, a *offer.Ask, list []fixed.Line) []fixed.Line {
	list = m.lines(venues, a, list)
	for i, v := range venues {
		costly, ok := m.venues[v].(venue.Costly)
		if !ok {
			continue
		}

		lost := costly.Costs(m.snapshot, a)
		if a.SwapMode == terms.ExactOut {
			list[i] = list[i].CostingMore(lamportsToTokens(lost, m.price(a.FromToken)))
		} else {
			list[i] = list[i].Costing(lamportsToTokens(lost, m.price(a.ToToken)))
		}
	}

	return list
}

// most returns the largest output of some venues for at most amount.
func most(lines []fixed.Line, amount uint64) (paid uint64) {
	for i := range lines {
		paid = max(paid, lines[i].Most(amount))
	}
	return paid
}

// mostOf returns the largest output of some venues for exactly amount.
func mostOf(lines []fixed.Line, amount uint64) (paid uint64) {
	for i := range lines {
		if lines[i].Takes(amount) {
			paid = max(paid, lines[i].Most(amount))
		}
	}
	return paid
}

// least returns the smallest input of some venues for an output of at least
// paid.
func least(lines []fixed.Line, paid uint64) uint64 {
	amount := uint64(fixed.Never)
	for i := range lines {
		amount = min(amount, lines[i].Least(paid))
	}
	return amount
}
