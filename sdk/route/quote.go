package route

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Quote describes one route of a [Request] at one slot: amounts, limits, fees,
// costs, and the instructions that execute it.
type Quote struct {
	Request Request
	// Venue names the route, for example [VenueInfinity]. The name of a route
	// with two legs joins two venues, for example "Infinity, then stake
	// withdrawal".
	Venue Venue
	// Slot and Epoch are those of the accounts the quote was made from. A quote
	// is invalid in a later epoch.
	Slot, Epoch uint64
	// In is the amount that the user pays, in base units of Request.From. Out
	// is the amount that the user or the recipient receives, in base units of
	// Request.To.
	In, Out uint64
	// MinOut is the smallest output, and MaxIn the largest input, with which
	// the transaction succeeds. MinOutCheck tells what enforces MinOut.
	MinOut, MaxIn uint64
	MinOutCheck   MinOutCheck
	// UpfrontRent is the rent, in lamports, that the payer must hold before the
	// transaction runs. It is returned within the same transaction and is not
	// part of Out. Example: 4_322_160 for a sale through a temporary stake
	// account and a temporary wSOL account.
	UpfrontRent uint64
	// Costs are the amounts that the owner pays in addition to In. The payer
	// pays the priority fee among them.
	Costs []Cost
	// ReturnedSOL are the lamports of the input that the owner gets back in the
	// same transaction: what a stake account has beyond its stake and rent, if
	// the buyer takes exactly these. Out does not include them; NetOut does.
	ReturnedSOL uint64
	// AddedSOL are the lamports that the owner adds to the stake account,
	// because it lacks a part of the rent that the buyer wants. They are one of
	// Costs.
	AddedSOL uint64
	// Legs are the two quotes of a route in two hops or of a split; otherwise
	// nil. In two hops, the second leg pays the token that the first one
	// receives. Each leg is complete and can be executed alone.
	Legs []Quote
	// IntermediateDust is the amount of the intermediate token that a route in
	// two hops leaves with the owner, in base units: the output of the first
	// leg minus the input of the second. Out does not include it.
	IntermediateDust uint64
	// NeedsTwoTransactions reports whether the legs need one transaction each,
	// because they do not fit into one. Prices may change in between.
	NeedsTwoTransactions bool
	// ComputeUnits is the compute unit limit of the instructions: the compute
	// units that they were measured to use, with a margin.
	ComputeUnits uint32
	// NetIn and NetOut are In and Out after the costs that cannot be recovered,
	// converted at the price of the token. For ExactIn the costs are subtracted
	// from Out, for ExactOut they are added to In. Quotes are sorted by them.
	NetIn, NetOut uint64
	// ExactAtSlot is the slot for which the amounts are exact, for venues whose
	// price changes with every slot. The limits hold from Slot to
	// ValidUntilSlot. Both are zero for other venues.
	ExactAtSlot, ValidUntilSlot uint64
	// Exact reports whether the program pays exactly Out if no other trade
	// comes first. If it is false, the deployed build of the program is not
	// known; Out is then the smallest output of the known builds, and
	// Assumptions mention it.
	Exact bool
	// Price is the venue's price of the received token, before fees.
	Price quote.Price
	// Fees are the fees that Out already accounts for.
	Fees []Fee
	// Assumptions are the conditions under which the quote holds, as sentences
	// for a user interface.
	Assumptions []string
	// NeedsStakeKeypair reports whether a new key must sign: that of the new
	// stake account, or the base of the receipt. See [BuildParams.NewAccount].
	NeedsStakeKeypair bool
	// StakeAccounts are the stake accounts that the trade creates for the owner
	// or the recipient: none unless Request.To is [NativeStake], and several if
	// no single validator of the pool has the stake. Out is the sum of their
	// stakes, and MinOut that of the minimums.
	StakeAccounts []ReceivedStake
	// Receipt is the receipt that the trade gives instead of the token if the
	// transaction lands at the time of the market, or nil. Its Owner, Base and
	// BumpSeed are not set. ClaimReceipt of package quote computes from it what
	// a claim pays at any time: all of PoolTokens after the cool-down. See
	// [Options.AcceptReceipt].
	Receipt *accounts.InterceptorReceipt
	// RemainingSteps are the actions that remain before the user has SOL or the
	// token, as sentences for a user interface. Example: the withdrawal of a
	// stake account after it has cooled down, or the claim of a receipt.
	RemainingSteps []string
	// Accounts are the accounts that the quote was made from.
	Accounts []solana.PublicKey
	// Tables are the address lookup tables that the transaction may use if it
	// does not fit without them.
	Tables []txn.LookupTable

	steps func(BuildParams) ([]txn.Step, error)
	// validator is the vote account of the stake that the trade moves, or zero.
	validator solana.PublicKey
	// paysTo is the recipient that the steps pay, or zero if they pay the
	// owner.
	paysTo solana.PublicKey
	// source and destination are the named token accounts that the steps use.
	source, destination solana.PublicKey
	// checkedTokenProgram is the token program of the account whose balance is
	// checked, see BalanceCheckAccount.
	checkedTokenProgram solana.PublicKey
	// tokens are the tokens of the market, for the symbols in String.
	tokens []lst.LST
	// prices are the fair prices of the market that made the quote.
	prices prices
}

// prices are the fair prices of a market.
type prices interface {
	Price(mint solana.PublicKey) (quote.Price, error)
}

// BalanceCheckAccount returns the owner's token account whose balance the
// transaction checks. ok is false unless MinOutCheck is [CheckedByBalance].
func (q Quote) BalanceCheckAccount(
	owner solana.PublicKey,
) (account solana.PublicKey, ok bool, err error) {
	return q.GuardedAccountFrom(nil, owner)
}

// GuardedAccountFrom is [Quote.BalanceCheckAccount] with a cache of derived
// addresses. A nil cache derives the address.
func (q Quote) GuardedAccountFrom(
	addresses *accounts.Addresses, owner solana.PublicKey,
) (account solana.PublicKey, ok bool, err error) {
	if q.MinOutCheck != CheckedByBalance {
		return solana.PublicKey{}, false, nil
	}
	if !q.destination.IsZero() {
		return q.destination, true, nil
	}

	account, err = addresses.AssociatedToken(owner, q.checkedTokenProgram, q.Request.To)

	return account, err == nil, err
}

// Steps returns the instructions that execute the quote, in order, with the
// limits MinOut and MaxIn. The accounts of params must be complete:
// [ErrMissingParam] is returned without an owner, a payer, the key of a new
// stake account, or a balance to check. [ErrNoRoute] is returned for a quote
// that no market made, [ErrRecipient] or [ErrTokenAccount] for a quote whose
// recipient or named token accounts were changed.
func (q Quote) Steps(params BuildParams) ([]txn.Step, error) {
	if params.Owner.IsZero() || params.Payer.IsZero() {
		return nil, fmt.Errorf("%w: no owner or no payer (set Owner and Payer)", ErrMissingParam)
	}

	if q.steps == nil {
		return nil, fmt.Errorf(
			"%w: the quote does not come from a market (use a quote of Market.Quote)",
			ErrNoRoute,
		)
	}

	if user := q.Request.User; !user.IsZero() && user != params.Owner {
		return nil, fmt.Errorf("%w: %s, not %s", ErrOtherUser, user, params.Owner)
	}

	if q.paysTo != q.Request.Recipient {
		return nil, fmt.Errorf(
			"%w: the quote does not pay %s (request a quote with this recipient)",
			ErrRecipient,
			q.Request.Recipient,
		)
	}

	if q.source != q.Request.SourceAccount || q.destination != q.Request.DestinationAccount {
		return nil, fmt.Errorf(
			"%w: the quote is for other token accounts (request a quote with these)",
			ErrTokenAccount,
		)
	}

	if q.NeedsStakeKeypair && params.NewAccount.IsZero() {
		return nil, fmt.Errorf(
			"%w: no address of the new stake account or receipt base (set NewAccount)",
			ErrMissingParam,
		)
	}

	steps, err := q.steps(params)
	if err == nil && q.MinOutCheck == CheckedByBalance {
		var check txn.Step
		check, err = q.requireBalance(&params)
		steps = append(steps, check)
	}

	if !params.DeferDescriptions {
		for i := range steps {
			steps[i] = steps[i].Described()
		}
	}

	return steps, err
}

// requireBalance returns the check of the minimum output.
func (q *Quote) requireBalance(params *BuildParams) (txn.Step, error) {
	if q.destination.IsZero() {
		return params.RequireBalance(q.checkedTokenProgram, q.Request.To, q.MinOut)
	}
	return params.RequireBalanceOf(q.destination, q.checkedTokenProgram, q.MinOut)
}

// PriceImpact returns the part of the value that the trade loses against the
// fair prices of [Market.Price]: 1/200 means that Out is worth 0.5 % less than
// In. Fees are included, costs are not. It is negative if the trade gains
// value. For display.
//
// [ErrNoRoute] is returned for a quote that no market made.
func (q Quote) PriceImpact() (*big.Rat, error) {
	if q.prices == nil {
		return nil, fmt.Errorf("%w: the quote does not come from a market", ErrNoRoute)
	}

	in, err := q.prices.Price(q.Request.From)
	if err != nil {
		return nil, err
	}

	out, err := q.prices.Price(q.Request.To)
	if err != nil {
		return nil, err
	}

	paid := new(big.Rat).SetInt(new(big.Int).SetUint64(q.In))
	if paid.Mul(paid, in.Rat()).Sign() == 0 {
		return nil, fmt.Errorf("%w: the price of %s is zero", quote.ErrInvalidState, q.Request.From)
	}

	received := new(big.Rat).SetInt(new(big.Int).SetUint64(q.Out))
	received.Mul(received, out.Rat())

	return paid.Sub(big.NewRat(1, 1), received.Quo(received, paid)), nil
}

// addFee adds the fee of a request to the quote of its venues.
func (q *Quote) addFee(r *Request, token lst.LST) error {
	f := r.IntegratorFee
	if f.isZero() {
		return nil
	}

	fee, err := r.feeOf(q.In, q.Out)
	if err != nil {
		return err
	}

	if err := q.charge(f, fee); err != nil {
		return err
	}

	q.Request = *r
	rate := ""
	if f.BPS != 0 {
		rate = fmt.Sprintf("%d/%d", f.BPS, fixed.BasisPoints)
	}

	q.Fees = append(q.Fees, Fee{
		Name:      IntegratorFeeName,
		Amount:    fee,
		Mint:      token.Mint,
		Rate:      rate,
		Recipient: f.Account,
	})

	q.ComputeUnits += transferUnits
	source := r.DestinationAccount
	if f.OnInput {
		source = r.SourceAccount
	}

	q.steps = f.wrap(q.steps, r.UseWSOL, source, token, fee)

	return nil
}

// charge changes the amounts of a quote by the fee.
func (q *Quote) charge(f IntegratorFee, fee uint64) (err error) {
	if !f.OnInput {
		if fee >= q.Out || fee >= q.MinOut {
			return fmt.Errorf("%w: it takes %d of an output of %d (request a larger amount)",
				ErrIntegratorFee, fee, q.MinOut)
		}

		q.Out, q.MinOut = q.Out-fee, q.MinOut-fee
		q.NetOut = fixed.SaturatingSub(q.NetOut, fee)

		return nil
	}

	if q.In, err = fixed.Add(q.In, fee); err != nil {
		return err
	}

	q.NetIn = fixed.SaturatingAdd(q.NetIn, fee)
	q.MaxIn, err = fixed.Add(q.MaxIn, fee)

	return err
}

// Rejection is a venue that cannot serve a request, with the reason.
type Rejection struct {
	Venue Venue
	Err   error
}

// NoRouteError is the error of [Market.Quote] when no venue can serve a
// request. It wraps [ErrNoRoute] and the reason of each venue, so that
// errors.Is finds both.
type NoRouteError struct {
	From, To   solana.PublicKey
	Rejections []Rejection
}

// Error returns one line with all reasons.
func (e *NoRouteError) Error() string {
	if e == nil {
		return "<nil>"
	}

	s := fmt.Sprintf("%v from %s to %s", ErrNoRoute, e.From, e.To)
	if len(e.Rejections) == 0 {
		return s + ": no venue trades this pair (add intermediate tokens with Intermediates)"
	}

	reasons := make([]string, len(e.Rejections))
	for i, r := range e.Rejections {
		reasons[i] = fmt.Sprintf("%s: %v", r.Venue, r.Err)
	}

	return s + ": " + strings.Join(reasons, "; ")
}

// Unwrap returns [ErrNoRoute] and the reasons.
func (e *NoRouteError) Unwrap() []error {
	if e == nil {
		return nil
	}

	all := []error{ErrNoRoute}
	for _, r := range e.Rejections {
		all = append(all, r.Err)
	}
	return all
}
