package serve

import (
	"time"

	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Routes returns the methods of all paths.
func Routes() map[string][]string {
	routes := make(map[string][]string)
	for _, e := range endpoints() {
		var methods []string
		if e.get != nil {
			methods = append(methods, "get")
		}

		if e.post != nil {
			methods = append(methods, "post")
		}

		if e.dialect != operation {
			methods = append(methods, "options")
		}

		routes[e.path] = methods
	}

	return routes
}

// SetClock replaces the clock of a handler.
func (h *Handler) SetClock(now func() time.Time) { h.now = now }

// BreakMarket makes the endpoint of the market panic.
func (h *Handler) BreakMarket() {
	h.endpoints["/v1/market"].get = func(*exchange) error { panic("broken by a test") }
}

// AllVenues returns the venues with one leg.
func AllVenues() []route.Venue { return terms.Venues() }

// HasLabel reports whether a venue has a label.
func HasLabel(venue route.Venue) bool { return labelTable.byVenue[venue] != "" }

// ParseAmount reads an amount, and Number writes it.
var (
	ParseAmount = parseAmount
	Number      = number
)
