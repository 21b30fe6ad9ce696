package venue

import (
	"slices"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// Compute units as measured with version 2.0, plus a margin.
const (
	marinadeDepositUnits       = 60_000
	marinadeUnstakeUnits       = 60_000
	marinadeStakeDepositsUnits = 120_000
)

// marinade is the Marinade pool. Its deposit and its liquid unstake are
// separate venues.
type marinade struct{ token state.Token }

// unknownMarinade is the condition of a quote that is not exact.
const unknownMarinade = "the deployed build of Marinade is unknown: the quote assumes the fees of version 2.1"

// knownMarinade reports whether the deployed build is known.
func knownMarinade(pool *state.Marinade) bool {
	return pool.Pool.Version != quote.MarinadeVersionUnknown
}

// describeMarinade sets the details that all operations share.
func describeMarinade(pool *state.Marinade, exact bool, d *offer.Details) {
	if !exact {
		d.Conditions = append(d.Conditions, unknownMarinade)
	}
	d.Accounts = slices.Clone(pool.Read)
}

// cents returns a rate in hundredths of a basis point as a fraction.
func cents(rate uint32) string { return offer.Fraction(uint64(rate), 1_000_000) }
