// Package venue implements the trade routes with one leg: it prices an amount
// and builds the instructions of a chosen offer. Each venue is a file and an
// entry in [All].
//
// Venues have no state. They read the accounts from a snapshot, so an account
// update does not change them.
package venue

import (
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// Venue is a trade route with one leg. If its accounts are missing or
// malformed, its refusals contain the reason.
type Venue interface {
	// Name returns the name of the venue in quotes.
	Name() string

	// Pairs returns the input tokens and the output tokens of the venue. It
	// trades each input token for each output token.
	Pairs(l *state.Ledger) (from, to []state.Token)

	// Offer prices an amount. It sets the amounts, limits and flags of o, or
	// returns false with the reason in o.Refusal. After is the stake pool as
	// the previous leg of the same transaction leaves it, or nil. Offer does
	// not allocate.
	Offer(s *state.Snapshot, a *offer.Ask, amount uint64, after *offer.Effect, o *offer.Offer) bool

	// Describe sets the fees, costs, conditions and instructions of a chosen
	// offer.
	Describe(s *state.Snapshot, a *offer.Ask, o *offer.Offer, d *offer.Details) error
}

// NativeStake returns the number of the stake program as an output, for stake
// accounts. The ledger has no token with this number.
func NativeStake(l *state.Ledger) state.Token { return state.Token(l.Tokens()) }

// only returns a list with one token.
func only(t state.Token) []state.Token { return []state.Token{t} }

// sol returns a list with SOL only.
func sol() []state.Token { return only(state.SOL) }

// described returns the error of an offer that is refused in Describe. This
// does not happen to an offer of the same snapshot.
func described(o *offer.Offer) error { return o.Refusal.Err() }
