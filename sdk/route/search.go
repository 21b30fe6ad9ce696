package route

import (
	"cmp"
	"slices"
)

// search is what was found for a request, best first, before anything of it is
// described.
type search struct {
	market *Market
	whole  ask
	direct *found
	// ranked are the ways in their order.
	ranked []way
	// unfit are the two steps that would pay more and cannot be taken.
	unfit []Rejected
}

// way is one way to serve a request: an offer of one venue with its form, or
// two legs.
type way struct {
	*offer
	form *form
	legs *legsFound
}

// search looks for every way to serve a request that passed its checks.
func (m *Market) search(r *Request) *search {
	s := &search{
		market: m,
		whole:  ask{Request: *r, from: m.numbers.number(r.From), to: m.numbers.number(r.To), desk: new(desk)},
	}
	s.direct = m.direct(&s.whole)
	for i := range s.direct.offers {
		o := &s.direct.offers[i].offer
		s.ranked = append(s.ranked, way{offer: o, form: s.direct.offers[i].form})
	}
	if r.Direct {
		return s
	}

	var best *offer
	if len(s.ranked) > 0 {
		best = s.ranked[0].offer
	}
	var steps *legsFound
	steps, s.unfit = m.twoSteps(&s.whole, best)
	for _, legs := range []*legsFound{steps, m.split(&s.whole, best)} {
		if legs != nil {
			s.ranked = append(s.ranked, way{offer: &legs.both, legs: legs})
		}
	}
	slices.SortStableFunc(s.ranked, func(a, b way) int { return a.compareTo(r.Side, b) })
	return s
}

// compareTo is negative if a way comes before another: the one that leaves the
// owner with most, or for ExactOut the one that takes least, costs that do not
// come back included. Of equal ones that comes first which has fewer legs, then
// that which needs less to begin with, then the one whose venue does.
func (w way) compareTo(side Side, than way) int {
	byNet := compare(side, w.netIn, w.netOut, than.netIn, than.netOut)
	return cmp.Or(byNet, cmp.Compare(w.count(), than.count()), cmp.Compare(w.advance, than.advance))
}

// count is how many legs a way has.
func (w way) count() int {
	if w.legs != nil {
		return 2
	}
	return 0
}

// describe makes the quote of a way.
func (s *search) describe(w way) (Quote, error) {
	if w.legs != nil {
		return s.market.describeLegs(&s.whole, w.legs)
	}

	q, err := s.market.describe(&s.whole, w.offer)
	if err != nil {
		return Quote{}, err
	}
	return q, q.conform(w.form)
}

// quotes describes every way that was found.
func (s *search) quotes() (quotes []Quote, rejected []Rejected) {
	rejected = s.rejections()
	if len(s.ranked) == 0 {
		return nil, rejected
	}

	quotes = make([]Quote, 0, len(s.ranked))
	for _, w := range s.ranked {
		q, err := s.describe(w)
		if err != nil {
			rejected = append(rejected, Rejected{Venue: s.market.venues[w.venue].name(), Err: err})
			continue
		}
		quotes = append(quotes, q)
	}
	return quotes, rejected
}

// rejections are the venues that cannot serve the request, and the two steps
// that cannot be taken, by name.
func (s *search) rejections() []Rejected {
	refused := s.direct.refused
	rejected := make([]Rejected, len(refused), len(refused)+len(s.unfit))
	for i := range refused {
		rejected[i] = Rejected{Venue: s.market.venues[refused[i].venue].name(), Err: &refused[i].refusal}
	}
	return append(rejected, s.unfit...)
}
