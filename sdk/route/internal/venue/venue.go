// Package venue knows every way to trade: what it would do with an amount, in
// numbers, and how a chosen offer is carried out. Each venue is a file, and a
// line in [All].
//
// A venue has no state: it is asked with the snapshot of the accounts, so that
// an update of those costs venues nothing.
package venue

import (
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// Venue is one way to trade. A venue whose accounts are missing or malformed
// says so in its refusals.
type Venue interface {
	// Name names it in quotes.
	Name() string

	// Pairs are the tokens that it takes and those that it gives for them: any
	// of the ones for any other of the others.
	Pairs(l *state.Ledger) (from, to []state.Token)

	// Offer is what the venue would do with an amount. It fills the amounts,
	// limits and bits of o, or returns false and says why in o.Refusal. After
	// is what the leg before in the same transaction leaves, nil if there is
	// none. It does not allocate.
	Offer(s *state.Snapshot, a *offer.Ask, amount uint64, after *offer.Effect, o *offer.Offer) bool

	// Describe tells what a chosen offer is made of, and how it is carried out.
	Describe(s *state.Snapshot, a *offer.Ask, o *offer.Offer, d *offer.Details) error
}

// NativeStake is the number of stake that is received, which is no token of the
// ledger.
func NativeStake(l *state.Ledger) state.Token { return state.Token(l.Tokens()) }

// only is a set of one token.
func only(t state.Token) []state.Token { return []state.Token{t} }

// sol is SOL as a set.
func sol() []state.Token { return only(state.SOL) }

// described is the error of an offer that is refused when it is described,
// which does not happen to one that was just made.
func described(o *offer.Offer) error { return o.Refusal.Err() }
