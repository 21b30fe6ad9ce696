package offer

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Offer is what a venue would do with an amount: numbers without words, which
// cost nothing to make and are compared by the thousand.
type Offer struct {
	// Amount is what was asked for. After is what the leg before it in the same
	// transaction leaves, nil if there is none.
	Amount uint64
	After  *Effect

	// In, Out and the limits are those of the quote, in base units.
	In, Out       uint64
	MinOut, MaxIn uint64

	// UpfrontRent is lent, and Lost are costs that do not come back, in
	// lamports.
	UpfrontRent, Lost uint64

	// Price is that of the received token.
	Price quote.Price

	// ExactAtSlot is the slot that the amounts are exact for, and
	// ValidUntilSlot the one that the limits hold for. Both are zero where the
	// price does not change by slot.
	ExactAtSlot, ValidUntilSlot uint64

	MinOutCheck terms.MinOutCheck
	// Exact reports that the program pays just Out.
	Exact bool
	// NeedsStakeKeypair reports that a new stake account has to sign.
	NeedsStakeKeypair bool
	// Pays reports that the venue can pay another recipient than the owner.
	Pays bool
	// Follows reports that the offer was made from what the leg before leaves.
	Follows bool

	// Pick is the validator or record that serves, by its position at the
	// venue, and Whole reports that a stake account is traded as it is. Offers
	// of the same ask, pick and whole differ in amounts only: their
	// transactions have the same form.
	Pick  uint16
	Whole bool

	// Fee is what the venue keeps, in lamports, if it says so here.
	Fee uint64

	// Leaves is the stake pool afterwards, where that is known.
	Leaves Effect

	// Venue is the position of the venue in the market. NetIn and NetOut are In
	// and Out with the costs that do not come back. The market sets them.
	Venue         uint16
	NetIn, NetOut uint64

	// Refusal is why there is no offer.
	Refusal quote.Refusal
}

// Effect is a stake pool as a deposit leaves it: what follows in the same
// transaction is priced from that.
type Effect struct {
	// Token is the pool's LST. It is SOL if what is left is not known.
	Token state.Token
	// Lamports and Supply are the totals of the pool.
	Lamports, Supply uint64
	// Cranked reports that the pool was updated for the epoch before.
	Cranked bool
}

// Known reports whether there is an effect that is known.
func (e *Effect) Known() bool { return e != nil && e.Token != state.SOL }

// Gives sets the amounts of an offer that takes in and pays out, neither more.
func (o *Offer) Gives(in, out uint64) { o.In, o.MaxIn, o.Out = in, in, out }

// Loses adds a cost that does not come back.
func (o *Offer) Loses(lamports uint64) { o.Lost = fixed.SaturatingAdd(o.Lost, lamports) }

// Limit sets the least that is received: of what the program limits as the
// slippage allows, or for ExactOut the amount that was asked for.
func (o *Offer) Limit(a *Ask, limited uint64, r *quote.Refusal) bool {
	if a.SwapMode == terms.ExactOut {
		o.MinOut = o.Amount
		return true
	}

	least, err := a.Minimum(limited)
	if err != nil {
		return r.BecauseErr(nil, err)
	}

	o.MinOut = least
	return true
}

// notFundable is the refusal of an amount that leaves no room in a uint64 for
// the rent of the temporary wSOL account that holds it.
var notFundable = quote.NewReason(fixed.ErrOverflow, "fund temporary wSOL account: %[1]v")

// Wraps lends the rent of the temporary wSOL account that the input is wrapped
// in.
func (o *Offer) Wraps(tokenRent uint64) bool {
	o.UpfrontRent = tokenRent
	if _, err := fixed.Add(o.MaxIn, tokenRent); err != nil {
		return o.Refusal.Because(notFundable)
	}
	return true
}

// notSeparable is the refusal of an outcome that is smaller than the rent of
// the account through which it goes to the recipient.
var notSeparable = quote.NewReason(
	terms.ErrRecipient,
	"%[1]v: at least %[2]d lamports have to arrive, more than the rent of %[3]d of the account they go through",
)

// CoversRent checks that the rent of the account through which SOL goes to the
// recipient can be taken out of what the program pays.
func (o *Offer) CoversRent(a *Ask, tokenRent uint64, r *quote.Refusal) bool {
	if a.Recipient.IsZero() || o.MinOut > tokenRent {
		return true
	}
	return r.Because(notSeparable, o.MinOut, tokenRent)
}
