package choose

import (
	"cmp"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Found is what a search found, before anything of it is described.
type Found struct {
	// Routes are those that serve the request, the best first.
	Routes []Route
	// Refused are the venues that serve the pair but not the request.
	Refused []Refused
	// Unfit are the two steps that would pay more and cannot be taken.
	Unfit []Unfit
}

// reset forgets what was found, and keeps the room for it.
func (f *Found) reset() {
	f.Routes, f.Refused, f.Unfit = f.Routes[:0], f.Refused[:0], nil
}

// Route is one way to serve a request: an offer of one venue with its form, or
// two legs with the amounts of both.
type Route struct {
	offer.Offer
	Layout *Layout
	// Legs is nil for one venue.
	Legs *Legs
}

// Unfit are two steps that cannot be taken.
type Unfit struct {
	First, Second uint16
	Err           error
}

// compareTo is negative if a way comes before another: the one that leaves the
// owner with most, or for ExactOut the one that takes least, costs that do not
// come back included. Of equal ones that comes first which has fewer legs, then
// that which needs less to begin with, then the one whose venue does.
func (w *Route) compareTo(side terms.SwapMode, than *Route) int {
	byNet := compare(side, w.NetIn, w.NetOut, than.NetIn, than.NetOut)
	return cmp.Or(byNet, cmp.Compare(w.count(), than.count()),
		cmp.Compare(w.UpfrontRent, than.UpfrontRent))
}

// sortRoutes sorts a few ways. Those that are equal stay in their order.
func sortRoutes(routes []Route, compare func(a, b *Route) int) {
	for i := range routes {
		for at := i; at > 0 && compare(&routes[at], &routes[at-1]) < 0; at-- {
			routes[at], routes[at-1] = routes[at-1], routes[at]
		}
	}
}

// count is how many legs a way has.
func (w *Route) count() int {
	if w.Legs != nil {
		return 2
	}
	return 0
}

// Refused is a venue without an offer.
type Refused struct {
	Venue   uint16
	Refusal quote.Refusal
}
