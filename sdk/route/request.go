package route

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
)

// Errors of a request. [Request.Check] and a [Market] return them.
var (
	// ErrUnknownToken is returned by [Market.Quote], [Market.TokenInfo] and
	// [Market.InfinityPool] when the market was not loaded for a token. Load
	// the market with it.
	ErrUnknownToken = errors.New("token is not in this market (load the market with it)")
	// ErrSameToken is returned by [Request.Check] when From and To are equal.
	ErrSameToken = errors.New("both tokens are the same (choose two different ones)")
	// ErrInvalidSlippage is returned by [Request.Check] when SlippageBps
	// exceeds [MaxSlippageBps]. A trade that fails on chain because the price
	// moved is ErrSlippage of package progerr.
	ErrInvalidSlippage = errors.New("slippage over 10000 bps (use 0 to 10000, 50 is 0.5 %)")
	// ErrInvalidSwapMode is returned by [Request.Check] when SwapMode is
	// neither [ExactIn] nor [ExactOut].
	ErrInvalidSwapMode = errors.New("unknown swap mode (use ExactIn or ExactOut)")
	// ErrTokenAccount is returned by [Request.Check] when the request names a
	// token account for an input or output that is not in a token account, and
	// by package sdk when a named account cannot be used: it does not exist, is
	// frozen, or has another mint or owner. The error text has the reason.
	ErrTokenAccount = errors.New("named token account cannot be used " +
		"(name another one, or leave it out for the associated account)")
	// ErrUnknownVenue is returned by [Request.Check] when Venues or
	// ExcludeVenues contain a name that no venue has. Use the constants of this
	// package, such as [VenueInfinity].
	ErrUnknownVenue = errors.New("no such venue (use a constant such as VenueInfinity)")
	// ErrOtherUser is returned by [Quote.Steps] when BuildParams.Owner is not
	// the [Options.User] of the request.
	ErrOtherUser = errors.New("quote is for another user (request one for the owner)")
	// ErrMergeStake is returned by a [Market] when [Options.MergeStake] differs
	// from the accounts that the market was loaded to merge into From. Load it
	// with [Loader.WithMergedStake].
	ErrMergeStake = errors.New("market was not loaded to merge these stake accounts " +
		"(load it with WithMergedStake)")
	// ErrNoRoute is returned by [Market.Quote] when no venue can serve a
	// request. The error is a [*NoRouteError] with the reason of each venue.
	ErrNoRoute = errors.New("no route")
)

// DefaultMinGain is the gain in lamports that a route of two legs needs over
// the best single venue unless [Options.MinGain] is set: 5,000 lamports, the
// network fee of one signature, because a transaction with two legs is about
// twice as long.
const DefaultMinGain = 5_000

// NativeStake is the value of [Request.To] that asks for a stake account
// instead of a token.
var NativeStake = accounts.StakeProgram

// Request describes a trade: two tokens, an amount, and options.
type Request struct {
	// From is the mint of the token to pay, or the address of a stake account
	// that the market was loaded with. Use the wSOL mint for native SOL.
	From solana.PublicKey
	// To is the mint of the token to receive, or [NativeStake]. Use the wSOL
	// mint for native SOL.
	To solana.PublicKey
	// Amount is in base units of From for [ExactIn] and of To for [ExactOut].
	// For a stake account it is in lamports: the balance of the account trades
	// all of it, a smaller amount splits off that much stake.
	Amount uint64
	Options
}

// Options are the settings of a trade besides its tokens and amount. The zero
// value is ready to use. [Request] embeds them, and so does TradeOptions of
// package sdk.
type Options struct {
	// SwapMode determines which amount is fixed: the input with [ExactIn], the
	// default, or the output with [ExactOut].
	SwapMode SwapMode
	// SlippageBps is the amount by which the result may fall short of the quote
	// before the transaction fails, in basis points. Example: 50 is 0.5 %. A
	// market takes zero literally; the trades of package sdk then use its
	// DefaultSlippageBps unless NoSlippage is set.
	SlippageBps uint16
	// NoSlippage makes a SlippageBps of zero literal in trades of package sdk:
	// any change of the price in the wrong direction makes the transaction
	// fail.
	NoSlippage bool
	// AllowPoolUpdate adds a pool update to the transaction if the stake pool
	// was not updated in this epoch. Pools with many validators cannot be
	// updated within the transaction and still refuse with
	// [ErrTooManyValidators].
	AllowPoolUpdate bool
	// UseWSOL pays wSOL from the owner's associated token account, or pays wSOL
	// into that of the owner or the recipient, which is created if it does not
	// exist. By default the trade is in native SOL. Programs that pay wSOL pay
	// it directly; SOL of the others is wrapped in the same transaction.
	UseWSOL bool
	// SourceAccount is the token account of the owner that pays the input. Zero
	// is the associated token account. It serves LSTs, and SOL with UseWSOL.
	SourceAccount solana.PublicKey
	// DestinationAccount is the token account that receives the output, an
	// account of the Recipient or else of the owner. Zero is the associated
	// token account. It serves LSTs, and SOL with UseWSOL. It must exist: the
	// transaction creates associated token accounts only. Package sdk refuses
	// with [ErrTokenAccount] accounts that another key controls or that cannot
	// receive the token.
	DestinationAccount solana.PublicKey
	// SlotTolerance is the number of slots that may pass between the quote and
	// the execution. MinOut and MaxIn hold for all of them, even where the
	// price changes with every slot. Example: 180 slots take 72 s at 400 ms
	// each. Zero means [DefaultSlotTolerance].
	SlotTolerance uint64
	// Deactivate also deactivates the received stake account, in the same
	// transaction.
	Deactivate bool
	// AcceptReceipt permits deposits of a stake account into a pool that takes
	// stake only through Jito's stake deposit interceptor, for example
	// JitoSOL's. The transaction then gives a receipt, see [Quote.Receipt], and
	// the token arrives when it is claimed, with ClaimStakeReceipt of package
	// sdk. A claim at once costs a fee, for example 10 %, that falls to zero
	// over a cool-down, for example 10 hours. Out and MinOut are what a claim
	// pays after the cool-down. Without it, these pools refuse with
	// [ErrReceiptNotAccepted], and so they do with an IntegratorFee of the
	// output or a DestinationAccount. Routes with two legs never give receipts.
	AcceptReceipt bool
	// MergeStake are further stake accounts of the owner. The transaction
	// merges them into the stake account From, in this order, and then trades
	// it: Amount counts the sum of the balances. The stake program merges
	// accounts with the same authorities and the same lockup only, and active
	// or activating stake of one validator; a market refuses others with
	// ErrStakeMerge of package quote. Package sdk loads the market with them; a
	// market of your own needs [Loader.WithMergedStake].
	MergeStake []solana.PublicKey
	// MaxPrefund enables the Router venues that lend the rent of the stake
	// account, up to this charge in lamports. With a minimum delegation of 1
	// SOL they charge about 1 SOL a trade. Zero, the default, disables them.
	MaxPrefund uint64
	// Intermediates are mints, in addition to From, To and SOL, that package
	// sdk loads a market with, so that a trade may go through them in two hops.
	// A loaded market already considers all its tokens.
	Intermediates []solana.PublicKey
	// OnlyDirectRoutes excludes routes of two hops and routes split over two
	// venues.
	OnlyDirectRoutes bool
	// Venues are the only venues that the trade may use, each leg by itself.
	// Empty allows all. ExcludeVenues are venues that it may not use. Example:
	// []Venue{VenueInfinity} trades with Infinity alone. [Request.Check]
	// refuses unknown names with [ErrUnknownVenue].
	Venues, ExcludeVenues []Venue
	// MinGain is the gain in lamports, at the price of the token, that a route
	// of two legs needs over the best single venue. Zero means
	// [DefaultMinGain]. A gain within the rounding of the programs, some dozens
	// of base units, never counts.
	MinGain uint64
	// MaxTransactions is the number of consecutive transactions that the trade
	// may use. Zero means one. Two also allow routes whose legs do not fit into
	// one transaction, see [Quote.NeedsTwoTransactions].
	MaxTransactions uint8
	// AllowVersion1 also allows routes that fit into a transaction of version 1
	// but not into one of version 0. Package sdk sets it, see
	// BuildOptions.Versions.
	AllowVersion1 bool
	// ComputeUnitPrice is the expected priority fee, in micro-lamports per
	// compute unit. Quotes are compared after this fee. With zero, package sdk
	// asks the network for a price, and a market compares quotes without the
	// fee.
	ComputeUnitPrice uint64
	// Referrer is a token account of To that receives the referral part of a
	// pool's deposit fee. If it is zero, the pool pays that part to the user or
	// the recipient. Out then includes it, but MinOut does not: for ExactOut,
	// the program checks the rest alone. Venues that always pay that part to
	// the user refuse a referrer with [ErrReferrerUnsupported]; venues without
	// a referral part ignore it.
	Referrer solana.PublicKey
	// User is the wallet that trades, the Owner of [BuildParams]. Package sdk
	// sets it. If it is zero, quotes assume that the wallet has no part in a
	// stake pool. A manager whose associated token account is the fee account
	// of a pool receives the manager's fee of a deposit in Out, which MinOut
	// does not include, and withdraws without a fee. An authority of a pool can
	// use the operations that the pool reserves for it.
	User solana.PublicKey
	// Signers are keys that sign the transaction in addition to User. They open
	// pools that reserve an operation for an authority: SOL deposits, stake
	// deposits or SOL withdrawals. A policy protects these keys too,
	// see explain.Policy.Signers.
	Signers []solana.PublicKey
	// Recipient is the wallet that receives the result; zero means the owner.
	// It receives native SOL, a token in its associated token account, which is
	// created if it does not exist, or a stake account of which it is staker
	// and withdrawer. The owner and the payer pay the rent of these accounts.
	// Leave it zero if it equals the owner, because a market does not know the
	// owner. Venues that cannot pay a recipient refuse with [ErrRecipient].
	Recipient solana.PublicKey
	// AllowRecipientOffCurve permits a Recipient that is not on the ed25519
	// curve, which has no private key: a program derived address, for example
	// the vault of a multisig. Set it only if a program signs for the address.
	// A payment to another address off the curve, such as a token account, is
	// lost. Without it, such a recipient is refused with [ErrRecipient].
	// Package sdk refuses recipients off the curve whose account is a token,
	// stake or vote account, a mint, a lookup table, a program or a sysvar, and
	// for SOL those that the system program does not own.
	AllowRecipientOffCurve bool
	// IntegratorFee is a fee of the application that requests the trade. The
	// amounts and limits of quotes include it: the user pays In and receives
	// Out. A trade with this fee uses a single transaction.
	IntegratorFee IntegratorFee
}

// Check returns an error for a request that no market can serve: an amount of
// zero, two equal tokens, a slippage over 100 %, or a recipient that is not a
// wallet.
func (r Request) Check() error {
	switch {
	case r.Amount == 0:
		return quote.ErrZeroAmount
	case r.From == r.To:
		return ErrSameToken
	case r.SlippageBps > MaxSlippageBps:
		return fmt.Errorf("%w: %d", ErrInvalidSlippage, r.SlippageBps)
	case r.SwapMode > ExactOut:
		return ErrInvalidSwapMode
	}

	if err := r.checkTokenAccounts(); err != nil {
		return err
	}

	for _, v := range slices.Concat(r.Venues, r.ExcludeVenues) {
		if !v.Known() {
			return fmt.Errorf("%w: %q", ErrUnknownVenue, v)
		}
	}

	if err := r.IntegratorFee.check(r.To == NativeStake, !r.Recipient.IsZero()); err != nil {
		return err
	}

	return r.checkRecipient()
}

// checkTokenAccounts refuses named accounts for an input or output that is not
// in a token account.
func (r Request) checkTokenAccounts() error {
	source, destination := r.SourceAccount, r.DestinationAccount
	var why string
	switch {
	case source.IsZero() && destination.IsZero():
		return nil
	case source == destination:
		why = "it is both SourceAccount and DestinationAccount"
	case !source.IsZero() && r.From == accounts.NativeMint && !r.UseWSOL:
		why = "native SOL is not paid from a token account (set UseWSOL)"
	case !destination.IsZero() && r.To == accounts.NativeMint && !r.UseWSOL:
		why = "native SOL is not paid into a token account (set UseWSOL)"
	case !destination.IsZero() && r.To == NativeStake:
		why = "stake is not paid into a token account (leave DestinationAccount out)"
	default:
		return nil
	}

	if source.IsZero() {
		source = destination
	}

	return fmt.Errorf("%w: %s: %s", ErrTokenAccount, source, why)
}

// checkRecipient refuses the tokens of the request and, unless the request
// allows them, addresses without a private key, such as those of associated
// token accounts.
func (r Request) checkRecipient() error {
	switch {
	case r.Recipient.IsZero():
		return nil
	case r.Recipient == r.From || r.Recipient == r.To:
		return fmt.Errorf("%w: %s is a token of the trade, not a wallet", ErrRecipient, r.Recipient)
	case !r.AllowRecipientOffCurve && !solana.IsOnCurve(r.Recipient[:]):
		return fmt.Errorf(
			"%w: %s has no private key, like a token account or a program "+
				"(use the address of a wallet, or for a multisig vault AllowRecipientOffCurve)",
			ErrRecipient,
			r.Recipient,
		)
	}

	return nil
}

// excludes reports whether the request excludes a venue.
func (r *Request) excludes(name string) bool {
	v := Venue(name)
	return len(r.Venues) > 0 && !slices.Contains(r.Venues, v) ||
		slices.Contains(r.ExcludeVenues, v)
}

// beforeFee returns the request that the venues are asked: the amount without
// the fee.
func (r Request) beforeFee() (Request, error) {
	f := r.IntegratorFee
	if f.isZero() {
		return r, nil
	}

	// The legs of two transactions would not share the fee.
	r.IntegratorFee, r.MaxTransactions = IntegratorFee{}, 0
	if !f.OnInput {
		r.AcceptReceipt = false // Its token has not arrived yet.
	}

	var err error
	switch {
	case r.SwapMode == ExactIn && f.OnInput:
		fee := f.of(r.Amount)
		if fee >= r.Amount {
			return r, fmt.Errorf("%w: it takes %d of an input of %d (request a larger amount)",
				ErrIntegratorFee, fee, r.Amount)
		}

		r.Amount -= fee

	case r.SwapMode == ExactOut && !f.OnInput:
		var fee uint64
		if fee, err = f.onTop(r.Amount); err == nil {
			r.Amount, err = fixed.Add(r.Amount, fee)
		}
	}

	return r, err
}

// feeOf returns the fee of a request whose venues take in and pay out.
func (r *Request) feeOf(in, out uint64) (uint64, error) {
	f := r.IntegratorFee
	switch {
	case f.OnInput && r.SwapMode == ExactOut:
		return f.onTop(in)
	case f.OnInput:
		return f.of(r.Amount), nil
	case r.SwapMode == ExactOut:
		// The output may exceed the requested one; the fee is that of the
		// requested one.
		return f.onTop(r.Amount)
	}

	return f.of(out), nil
}

// leg returns the request of one leg, for the leg's quote.
func (r *Request) leg(a *offer.Ask, amount uint64) Request {
	leg := *r
	leg.From, leg.To, leg.Amount = a.From, a.To, amount
	leg.SlippageBps, leg.UseWSOL, leg.Deactivate = a.SlippageBps, a.UseWSOL, a.Deactivate
	leg.Referrer, leg.Recipient = a.Referrer, a.Recipient
	leg.SourceAccount, leg.DestinationAccount = a.SourceAccount, a.DestinationAccount
	leg.OnlyDirectRoutes, leg.MaxPrefund, leg.AcceptReceipt = true, 0, false
	return leg
}
