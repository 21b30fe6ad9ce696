package offer

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Offer is the result of pricing an amount at a venue. It holds numbers only: a
// search makes and compares thousands of offers without allocating memory.
type Offer struct {
	// Amount is the requested amount. After is the stake pool as the previous
	// leg of the same transaction leaves it, or nil.
	Amount uint64
	After  *Effect

	// In, Out and the limits become those of the quote, in base units.
	In, Out       uint64
	MinOut, MaxIn uint64

	// UpfrontRent is rent that is returned within the transaction, and Lost the
	// sum of the costs that are not returned, both in lamports.
	UpfrontRent, Lost uint64

	// Returned are lamports of the input that the owner gets back in addition
	// to Out. Added are lamports that the owner adds to the input; Lost
	// includes them.
	Returned, Added uint64

	// Price is the price of the output token.
	Price quote.Price

	// ExactAtSlot is the slot for which the amounts are exact, and
	// ValidUntilSlot the last slot for which the limits hold. Both are zero if
	// the price does not depend on the slot.
	ExactAtSlot, ValidUntilSlot uint64

	MinOutCheck terms.MinOutCheck
	// Exact reports whether the program pays exactly Out.
	Exact bool
	// NeedsStakeKeypair reports whether the key of a new stake account has to
	// sign.
	NeedsStakeKeypair bool
	// Pays reports whether the venue can pay a recipient other than the owner.
	Pays bool
	// Follows reports whether the price uses After.
	Follows bool

	// Pick is the index of the validator or stake record that the venue uses.
	// Whole reports whether a stake account is traded without a split. Offers
	// with the same ask, Pick and Whole differ in amounts only, so their
	// transactions have the same layout.
	Pick  uint16
	Whole bool

	// Parts is the number of validators that stake is withdrawn from, into a
	// stake account each. It is zero for one.
	Parts uint8

	// Fee is the venue's fee in lamports, if the venue sets it here.
	Fee uint64

	// Leaves is the stake pool after the trade, if it is known.
	Leaves Effect

	// Venue is the index of the venue in the market. NetIn and NetOut are In
	// and Out with the costs that are not returned. The market sets all three.
	Venue         uint16
	NetIn, NetOut uint64

	// Refusal is the reason why there is no offer.
	Refusal quote.Refusal
}

// Effect is a stake pool after a deposit. The next leg of the same transaction
// is priced with it.
type Effect struct {
	// Token is the pool's LST, or SOL if the state of the pool after the trade
	// is unknown.
	Token state.Token
	// Lamports and Supply are the totals of the pool.
	Lamports, Supply uint64
	// Updated reports whether the trade starts with a pool update for the
	// current epoch.
	Updated bool
}

// Known reports whether the effect is that of a known pool.
func (e *Effect) Known() bool { return e != nil && e.Token != state.SOL }

// Gives sets the amounts of an offer that takes exactly in and pays out.
func (o *Offer) Gives(in, out uint64) { o.In, o.MaxIn, o.Out = in, in, out }

// Loses adds a cost that is not returned.
func (o *Offer) Loses(lamports uint64) { o.Lost = fixed.SaturatingAdd(o.Lost, lamports) }

// Limit sets the minimum output. For ExactIn it is that of the limits, or the
// amount limited by the program less the slippage, for ExactOut the requested
// amount.
func (o *Offer) Limit(a *Ask, limited uint64, r *quote.Refusal) bool {
	switch {
	case a.SwapMode == terms.ExactOut:
		o.MinOut = o.Amount
		return true
	case a.Limits != nil:
		o.MinOut = min(a.Limits.MinOut, limited)
		return true
	}

	least, err := a.Minimum(limited)
	if err != nil {
		return r.BecauseErr(nil, err)
	}

	o.MinOut = least
	return true
}

// notFundable is the refusal of an input that overflows with the rent of its
// temporary wSOL account added.
var notFundable = quote.NewReason(fixed.ErrOverflow, "fund temporary wSOL account: %[1]v")

// Wraps adds the rent of the temporary wSOL account that holds the input to
// UpfrontRent.
func (o *Offer) Wraps(tokenRent uint64) bool {
	o.UpfrontRent = tokenRent
	if _, err := fixed.Add(o.MaxIn, tokenRent); err != nil {
		return o.Refusal.Because(notFundable)
	}
	return true
}

// Unwraps adds the rent of the temporary account that unwraps the input to
// UpfrontRent, if the input is wSOL.
func (o *Offer) Unwraps(a *Ask, tokenRent uint64) bool {
	if a.UseWSOL {
		return o.Wraps(tokenRent)
	}
	return true
}

// notSeparable is the refusal of an output that does not cover the rent of the
// temporary account between program and recipient.
var notSeparable = quote.NewReason(
	terms.ErrRecipient,
	"%[1]v: the minimum output is %[2]d lamports, it must exceed the %[3]d lamports of rent of the temporary account",
)

// notWrappable is the refusal of an output that does not cover the rent of the
// temporary account between program and wSOL account.
var notWrappable = quote.NewReason(
	quote.ErrAmountTooSmall,
	"%[1]v: the minimum output is %[2]d lamports, as wSOL it must exceed the %[3]d lamports of rent of the temporary account",
)

// CoversRent checks that the minimum output exceeds the rent of the temporary
// account through which SOL goes to the recipient or to a wSOL account.
func (o *Offer) CoversRent(a *Ask, tokenRent uint64, r *quote.Refusal) bool {
	switch {
	case a.Recipient.IsZero() && !a.UseWSOL, o.MinOut > tokenRent:
		return true
	case a.Recipient.IsZero():
		return r.Because(notWrappable, o.MinOut, tokenRent)
	}
	return r.Because(notSeparable, o.MinOut, tokenRent)
}
