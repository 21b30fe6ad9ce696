package choose

import (
	"cmp"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Found is the result of a search, in numbers.
type Found struct {
	// Routes are the routes that serve the request, best first.
	Routes []Route
	// Refused are the venues that serve the pair but refuse the request.
	Refused []Refused
	// Unfit are the routes of two hops that would pay more but cannot be
	// executed.
	Unfit []Unfit
}

// reset clears the result and keeps its memory.
func (f *Found) reset() {
	f.Routes, f.Refused, f.Unfit = f.Routes[:0], f.Refused[:0], nil
}

// Route is one way to execute a request: the offer of a single venue with its
// layout, or two legs with their joint amounts.
type Route struct {
	offer.Offer
	Layout *Layout
	// Legs is nil for a single venue.
	Legs *Legs
}

// Unfit is a route of two hops that cannot be executed.
type Unfit struct {
	First, Second uint16
	Err           error
}

// compareTo returns a negative number if the route precedes than. The better
// net amount comes first: the higher output, or for ExactOut the lower input,
// after the costs that cannot be recovered. Equal routes are ordered by the
// number of legs, and then by UpfrontRent.
func (w *Route) compareTo(mode terms.SwapMode, than *Route) int {
	byNet := compare(mode, w.NetIn, w.NetOut, than.NetIn, than.NetOut)
	return cmp.Or(byNet, cmp.Compare(w.count(), than.count()),
		cmp.Compare(w.UpfrontRent, than.UpfrontRent))
}

// sortRoutes sorts a few routes. Equal ones keep their order.
func sortRoutes(routes []Route, compare func(a, b *Route) int) {
	for i := range routes {
		for at := i; at > 0 && compare(&routes[at], &routes[at-1]) < 0; at-- {
			routes[at], routes[at-1] = routes[at-1], routes[at]
		}
	}
}

// count returns 2 for a route with two legs, and 0 for a single venue.
func (w *Route) count() int {
	if w.Legs != nil {
		return 2
	}
	return 0
}

// Refused is a venue without an offer, and the reason.
type Refused struct {
	Venue   uint16
	Refusal quote.Refusal
}
