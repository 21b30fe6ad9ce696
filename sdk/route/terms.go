package route

import (
	"github.com/sanctum-go/sanctum/sdk/route/internal/choose"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// The types of a quote and of a market's input. They are declared in the
// packages below this one, where their fields are documented.
type (
	// SwapMode determines which of the two amounts of a trade is fixed, see
	// [terms.SwapMode].
	SwapMode = terms.SwapMode
	// Fee is a fee that a quote's amounts include, see [terms.Fee].
	Fee = terms.Fee
	// Cost is an amount that the owner pays in addition to the input, see
	// [terms.Cost].
	Cost = terms.Cost
	// ReceivedStake is a stake account that a trade creates, see
	// [terms.ReceivedStake].
	ReceivedStake = terms.ReceivedStake
	// Venue is the name of a venue, see [terms.Venue].
	Venue = terms.Venue
	// MinOutCheck identifies what makes a transaction fail if it would yield
	// less than MinOut, see [terms.MinOutCheck].
	MinOutCheck = terms.MinOutCheck
	// BuildParams are the accounts that [Quote.Steps] needs: owner, payer and
	// others, see [terms.BuildParams].
	BuildParams = terms.BuildParams

	// AccountRequest is an account to load, see [state.AccountRequest].
	AccountRequest = state.AccountRequest
	// LoadPlan lists the accounts to load in one round, see [state.LoadPlan].
	LoadPlan = state.LoadPlan
	// AccountSnapshot is the input of [Loader.Build]: the loaded accounts and a
	// few facts about the network, see [state.AccountSnapshot].
	AccountSnapshot = state.AccountSnapshot
)

// The swap modes.
const (
	// ExactIn fixes the input. MinOut follows from the slippage.
	ExactIn = terms.ExactIn
	// ExactOut fixes the smallest output. In is the smallest input for it, and
	// MaxIn follows from the slippage.
	ExactOut = terms.ExactOut
)

// The venues of quotes without legs.
const (
	// VenueInfinity swaps two tokens of the Infinity pool, or adds and removes
	// liquidity if one of them is INF. The pool of another deployment of the
	// program is named "controller " and the address of the deployment.
	VenueInfinity = terms.VenueInfinity
	// VenueStakePoolDeposit deposits SOL into an SPL stake pool for its LST.
	VenueStakePoolDeposit = terms.VenueStakePoolDeposit
	// VenueStakePoolWithdrawal redeems an LST for SOL from the reserve of its
	// SPL stake pool.
	VenueStakePoolWithdrawal = terms.VenueStakePoolWithdrawal
	// VenueMarinadeDeposit deposits SOL into Marinade for mSOL.
	VenueMarinadeDeposit = terms.VenueMarinadeDeposit
	// VenueMarinadeUnstake sells mSOL for SOL to Marinade's liquidity pool.
	VenueMarinadeUnstake = terms.VenueMarinadeUnstake
	// VenueRouterDeposit deposits wSOL into a stake pool through the Router.
	VenueRouterDeposit = terms.VenueRouterDeposit
	// VenueRouter withdraws stake from one pool through the Router, and
	// deposits it into another pool or sells it to the Reserve.
	VenueRouter = terms.VenueRouter
	// VenueRouterPrefunded is [VenueRouter] with the rent of the stake account
	// lent by the Router, see [Options.MaxPrefund].
	VenueRouterPrefunded = terms.VenueRouterPrefunded
	// VenueReserve sells a stake account to the Reserve for SOL.
	VenueReserve = terms.VenueReserve
	// VenueStakeDeposit deposits a stake account into a pool for its LST.
	VenueStakeDeposit = terms.VenueStakeDeposit
	// VenueStakeWithdrawal redeems an LST for a stake account.
	VenueStakeWithdrawal = terms.VenueStakeWithdrawal
	// VenueStakeWithdrawalToReserve redeems an LST for a stake account, and
	// sells that to the Reserve for SOL.
	VenueStakeWithdrawalToReserve = terms.VenueStakeWithdrawalToReserve
	// VenueStakeWithdrawalToDeposit redeems an LST for a stake account, and
	// deposits that into another pool.
	VenueStakeWithdrawalToDeposit = terms.VenueStakeWithdrawalToDeposit
	// VenueStakeProgram withdraws SOL from an inactive stake account of the
	// owner.
	VenueStakeProgram = terms.VenueStakeProgram
)

// The values of [Quote.MinOutCheck].
const (
	// CheckedByProgram means that the paying program takes MinOut as an
	// argument of its instruction.
	CheckedByProgram = terms.CheckedByProgram
	// CheckedByTempAccount means that the result passes through a temporary
	// token account, whose balance the transaction checks.
	CheckedByTempAccount = terms.CheckedByTempAccount
	// CheckedByBalance means that the transaction checks the growth of the
	// owner's token account since its balance was read, see
	// [BuildParams.PreBalance]. Tokens that arrive from elsewhere in the
	// meantime weaken the check; tokens that leave make the transaction fail.
	CheckedByBalance = terms.CheckedByBalance
	// CheckedByReceipt means that the program that issues [Quote.Receipt] takes
	// MinOut as an argument of its instruction. A claim of the receipt pays
	// MinOut or more after the cool-down, and less the fee before.
	CheckedByReceipt = terms.CheckedByReceipt
	// BoundedByProgram means that the transaction has no check: the program
	// pays at least MinOut, because its price does not fall within an epoch and
	// its fee is fixed or has a maximum. It is the value of stake from Marinade
	// and Lido.
	BoundedByProgram = terms.BoundedByProgram
)

// DefaultSlotTolerance is the number of slots for which the limits of a quote
// hold if [Options.SlotTolerance] is zero: 240 slots, which take 48 s at 200 ms
// each and 96 s at 400 ms.
const DefaultSlotTolerance = terms.DefaultSlotTolerance

// MaxSlippageBps is the largest slippage: 10,000 basis points, or 100 %.
const MaxSlippageBps = terms.MaxSlippageBps

// Reasons why a venue makes no offer, or why accounts make no market.
// [Market.Quote] returns them within a [*NoRouteError], and [Market.Quotes] in
// its rejections.
var (
	// ErrReferrerUnsupported is returned by venues that always pay the referral
	// part of a pool's fee to the user when [Options.Referrer] is set. Leave it
	// zero.
	ErrReferrerUnsupported = terms.ErrReferrerUnsupported
	// ErrRecipient is returned when [Options.Recipient] cannot be paid: it is
	// not a wallet, for example a token account or a program, or the venue can
	// only pay the owner. Other venues may still serve the request.
	ErrRecipient = terms.ErrRecipient
	// ErrReceiptNotAccepted is returned by stake deposits into a pool that
	// gives a receipt instead of its token, when [Options.AcceptReceipt] is not
	// set. Set it if the user can wait for the token, or use another route.
	ErrReceiptNotAccepted = terms.ErrReceiptNotAccepted
	// ErrInvalidSlotTolerance is returned by venues whose price changes with
	// every slot when [Options.SlotTolerance] reaches beyond the largest slot
	// number. Use a smaller one.
	ErrInvalidSlotTolerance = terms.ErrInvalidSlotTolerance
	// ErrVenueExcluded is returned for a venue that [Options.Venues] or
	// [Options.ExcludeVenues] exclude.
	ErrVenueExcluded = terms.ErrVenueExcluded
	// ErrUnknownWord is returned when an enumeration such as [SwapMode] is read
	// from or written to JSON and there is no such word or value. Use one of
	// the words that the text lists.
	ErrUnknownWord = terms.ErrUnknownWord
	// ErrMissingParam is returned by [Quote.Steps] when [BuildParams] lack an
	// account or a balance that the quote needs. Set it.
	ErrMissingParam = terms.ErrMissingParam
	// ErrLegsConflict is returned in the rejections of [Market.Quotes] when a
	// route of two hops would pay more, but its legs cannot be combined in one
	// transaction. Example: the first leg changes an account that the second
	// depends on.
	ErrLegsConflict = choose.ErrLegsConflict

	// ErrMismatch is returned when accounts that must refer to each other do
	// not, or when an account belongs to another token. Check the registry's
	// entry of the token.
	ErrMismatch = state.ErrMismatch
	// ErrWrongProgram is returned when a pool is owned by another program than
	// its registry entry names. Correct the entry.
	ErrWrongProgram = state.ErrWrongProgram
	// ErrUnsupportedMint is returned when a mint has a token extension with
	// which another party can take, freeze or block tokens, for example a
	// transfer hook, or an extension that this module does not know. The text
	// names it. Such a token cannot be traded.
	ErrUnsupportedMint = state.ErrUnsupportedMint
	// ErrUnsupportedTokenProgram is returned when the mint of a token belongs
	// to a token program that its pool does not support. Such a token cannot be
	// traded.
	ErrUnsupportedTokenProgram = state.ErrUnsupportedTokenProgram
	// ErrTooManyValidators is returned when [Options.AllowPoolUpdate] is set
	// and the stake pool has too many validators for a pool update within the
	// trade's transaction. Update the pool first, with UpdatePool of package
	// sdk, or try again after its update.
	ErrTooManyValidators = state.ErrTooManyValidators
	// ErrReload is returned by [Market.Updated] when a change affects accounts
	// that were not loaded. Load the market again.
	ErrReload = state.ErrReload
)
