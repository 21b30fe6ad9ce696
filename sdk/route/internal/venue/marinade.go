package venue

import (
	"slices"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// Compute units as measured on version 2.0, with room.
const (
	marinadeDepositUnits       = 60_000
	marinadeUnstakeUnits       = 60_000
	marinadeStakeDepositsUnits = 120_000
)

// marinade is Marinade, the pool of mSOL. What it is good for are venues of
// their own.
type marinade struct{ token state.Token }

// unknownMarinade is the condition of a quote that is not exact.
const unknownMarinade = "the deployed build of Marinade is not known: its fees are taken to be those of version 2.1"

// knownMarinade reports that the deployed build is known.
func knownMarinade(pool *state.Marinade) bool {
	return pool.Pool.Version != quote.MarinadeVersionUnknown
}

// describeMarinade tells what does not depend on the operation.
func describeMarinade(pool *state.Marinade, exact bool, d *offer.Details) {
	if !exact {
		d.Conditions = append(d.Conditions, unknownMarinade)
	}
	d.Accounts = slices.Clone(pool.Read)
}

// cents is a rate in hundredths of a basis point.
func cents(rate uint32) string { return offer.Fraction(uint64(rate), 1_000_000) }
