package choose

import "github.com/sanctum-go/sanctum/sdk/route/internal/offer"

// Search returns all routes that serve a valid request.
func (m *Market) Search(s *Search) *Found {
	all := new(Found)
	m.SearchInto(s, all)
	return all
}

// SearchInto is [Market.Search] into the memory of an earlier result, which is
// overwritten.
func (m *Market) SearchInto(s *Search, all *Found) {
	all.reset()
	m.direct(s, all)
	if s.Direct {
		return
	}

	var best *offer.Offer
	if len(all.Routes) > 0 {
		alone := all.Routes[0].Offer
		best = &alone
	}

	var steps *Legs
	steps, all.Unfit = m.twoSteps(s, best)
	for _, legs := range []*Legs{steps, m.split(s, best)} {
		if legs != nil {
			all.Routes = append(all.Routes, Route{
				Offer:  legs.Both,
				Layout: legs.Layout,
				Legs:   legs,
			})
		}
	}

	sortRoutes(all.Routes, func(a, b *Route) int { return a.compareTo(s.SwapMode, b) })
}
