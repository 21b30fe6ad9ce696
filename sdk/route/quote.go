package route

import (
	"fmt"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Quote is one way to serve a request, at one slot.
type Quote struct {
	Request Request
	// Venue names the way, for example [VenueInfinity].
	Venue Venue
	// Slot and Epoch are those of the accounts. The quote is void in another epoch.
	Slot, Epoch uint64
	// In is what the user pays and Out what the user, or the recipient, receives, in base units of the request's tokens.
	In, Out uint64
	// MinOut is the least the user receives, and MaxIn the most the user pays, if the transaction succeeds. Guard says what
	// enforces MinOut.
	MinOut, MaxIn uint64
	Guard         Guard
	// Advance is lamports that the payer has to have to begin with, for the rent of accounts within the transaction. They come back to the
	// payer with the outcome, and Out does not count them.
	Advance uint64
	// Costs are what the owner pays beside In; of them a priority fee is the payer's.
	Costs []Cost
	// Legs are the quotes that a trade in two steps, or one that is split over two venues, is made of: in two steps the second is from
	// the token that the first is to. Each is complete, and could be carried out by itself.
	Legs []Quote
	// Leftover is what a trade in two steps leaves with the owner of the token in between, in its base units: what the first step yields
	// and the second does not take. Out does not count it.
	Leftover uint64
	// Separate says that the legs do not fit into one transaction, and take one each. Between the two, prices may change.
	Separate bool
	// Units is how many compute units the instructions were measured to need, with room.
	Units uint32
	// NetIn and NetOut are In and Out with the costs that do not come back, at the price of the token: for ExactIn they are taken off
	// Out, for ExactOut added to In. Quotes are compared by them.
	NetIn, NetOut uint64
	// At, if it is not zero, is the slot that the amounts are exact for, because the price changes with every slot. The limits
	// hold for all slots from Slot to Until.
	At, Until uint64
	// Exact says that the program pays just Out as long as nobody else trades before. If it is false, Out is the least of what
	// the builds of the program pay that may be deployed, and Conditions say so.
	Exact bool
	// Price is what the venue takes the token that is received to be worth, before fees.
	Price quote.Price
	// Fees are those that are included in Out.
	Fees []Fee
	// Conditions are what the quote assumes, in words.
	Conditions []string
	// NewAccount says that the program wants the key of the stake account it hands out to sign, see [Parties.NewAccount].
	NewAccount bool
	// Next says what remains to be done for SOL, in words, if something does.
	Next []string
	// Accounts are those the quote was made from.
	Accounts []solana.PublicKey
	// Tables are the lookup tables that the transaction may use if it does not fit without.
	Tables []txn.LookupTable

	steps func(Parties) ([]txn.Step, error)
	// pays is the recipient whom the steps pay; zero if they pay the owner.
	pays solana.PublicKey
	// guarded is the token program of the token whose balance is checked, see GuardedAccount.
	guarded solana.PublicKey
	// tokens are those of the market, for the symbols in the text.
	tokens []lst.LST
}

// GuardedAccount is the owner's token account whose growth a transaction of this quote checks, see [GuardBalance]. There is none with
// other guards.
func (q Quote) GuardedAccount(owner solana.PublicKey) (account solana.PublicKey, ok bool, err error) {
	return q.GuardedAccountFrom(nil, owner)
}

// GuardedAccountFrom is [Quote.GuardedAccount] with a memo that may remember the
// address. Nil derives it.
func (q Quote) GuardedAccountFrom(
	addresses *accounts.Addresses, owner solana.PublicKey,
) (account solana.PublicKey, ok bool, err error) {
	if q.Guard != GuardBalance {
		return solana.PublicKey{}, false, nil
	}
	account, err = addresses.AssociatedToken(owner, q.guarded, q.Request.To)
	return account, err == nil, err
}

// Steps returns the instructions that carry the quote out, with the limit inside.
func (q Quote) Steps(parties Parties) ([]txn.Step, error) {
	if parties.Owner.IsZero() || parties.Payer.IsZero() {
		return nil, fmt.Errorf("%w: owner and payer must be named", ErrParties)
	}
	if q.steps == nil {
		return nil, fmt.Errorf("%w: it did not come from a market", ErrNoRoute)
	}
	if q.pays != q.Request.Recipient {
		return nil, fmt.Errorf("%w: the quote is not for %s", ErrRecipient, q.Request.Recipient)
	}
	if q.NewAccount && parties.NewAccount.IsZero() {
		return nil, fmt.Errorf("%w: the new stake account must be named", ErrParties)
	}
	steps, err := q.steps(parties)
	if err == nil && q.Guard == GuardBalance {
		var check txn.Step
		check, err = parties.RequireBalance(q.guarded, q.Request.To, q.MinOut)
		steps = append(steps, check)
	}
	if !parties.LazyWords {
		for i := range steps {
			steps[i] = steps[i].Told()
		}
	}
	return steps, err
}

// Rejected is a venue that cannot serve a request, and why.
type Rejected struct {
	Venue Venue
	Err   error
}

// NoRouteError says why no venue can serve a request. It wraps [ErrNoRoute] and the reason of every venue.
type NoRouteError struct {
	From, To solana.PublicKey
	Rejected []Rejected
}

// Error is one line with the reasons.
func (e *NoRouteError) Error() string {
	if e == nil {
		return "<nil>"
	}

	s := fmt.Sprintf("%v from %s to %s", ErrNoRoute, e.From, e.To)
	if len(e.Rejected) == 0 {
		return s + ": no venue trades this pair (name tokens to go through with Through)"
	}
	reasons := make([]string, len(e.Rejected))
	for i, r := range e.Rejected {
		reasons[i] = fmt.Sprintf("%s: %v", r.Venue, r.Err)
	}
	return s + ": " + strings.Join(reasons, "; ")
}

// Unwrap returns ErrNoRoute and the reasons.
func (e *NoRouteError) Unwrap() []error {
	if e == nil {
		return nil
	}

	all := []error{ErrNoRoute}
	for _, r := range e.Rejected {
		all = append(all, r.Err)
	}
	return all
}
