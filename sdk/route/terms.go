package route

import (
	"github.com/sanctum-go/sanctum/sdk/route/internal/choose"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Types of a quote that venues make as well. Each is declared where it says.
type (
	// Side says which of the two amounts of a trade is fixed, see [terms.Side].
	Side = terms.Side
	// Fee is a fee that is part of a quote's amounts, see [terms.Fee].
	Fee = terms.Fee
	// Cost is what the owner pays in addition to the input, see [terms.Cost].
	Cost = terms.Cost
	// Venue names a way to trade, see [terms.Venue].
	Venue = terms.Venue
	// Guard says what makes a transaction fail before less than the limit is
	// received, see [terms.Guard].
	Guard = terms.Guard
	// Parties are the accounts of the people in a trade, see [terms.Parties].
	Parties = terms.Parties

	// Need is an account that a market has to know, see [state.Need].
	Need = state.Need
	// Needs are the accounts that one round of loading has to bring, see
	// [state.Needs].
	Needs = state.Needs
	// State is what a market is made of, see [state.State].
	State = state.State
)

// The two sides.
const (
	// ExactIn fixes what is paid; the least that is received is limited by slippage.
	ExactIn = terms.ExactIn
	// ExactOut fixes what is received at least; the smallest payment for it is quoted.
	ExactOut = terms.ExactOut
)

// The venues of single quotes.
const (
	// VenueInfinity swaps any two tokens of the Infinity pool, INF included. The
	// pool of another deployment of its program is "controller " and the address
	// of that program.
	VenueInfinity = terms.VenueInfinity
	// VenueStakePoolDeposit pays SOL into an SPL stake pool, for its LST.
	VenueStakePoolDeposit = terms.VenueStakePoolDeposit
	// VenueStakePoolWithdrawal redeems an LST from the reserve of its SPL stake
	// pool, for SOL.
	VenueStakePoolWithdrawal = terms.VenueStakePoolWithdrawal
	// VenueMarinadeDeposit pays SOL into Marinade, for mSOL.
	VenueMarinadeDeposit = terms.VenueMarinadeDeposit
	// VenueMarinadeUnstake sells mSOL to Marinade's liquidity pool, for SOL.
	VenueMarinadeUnstake = terms.VenueMarinadeUnstake
	// VenueRouterDeposit pays wSOL into a stake pool through the Router.
	VenueRouterDeposit = terms.VenueRouterDeposit
	// VenueRouter withdraws stake from one pool through the Router, and deposits it
	// into another or sells it to the Reserve.
	VenueRouter = terms.VenueRouter
	// VenueRouterPrefunded is [VenueRouter] with the rent of the stake account lent
	// by the Router, see [Options.MaxPrefund].
	VenueRouterPrefunded = terms.VenueRouterPrefunded
	// VenueReserve sells a stake account to the Reserve, for SOL.
	VenueReserve = terms.VenueReserve
	// VenueStakeDeposit deposits a stake account into a pool, for its LST.
	VenueStakeDeposit = terms.VenueStakeDeposit
	// VenueStakeWithdrawal redeems an LST for a stake account.
	VenueStakeWithdrawal = terms.VenueStakeWithdrawal
	// VenueStakeWithdrawalToReserve redeems an LST for stake, and sells that to the
	// Reserve for SOL.
	VenueStakeWithdrawalToReserve = terms.VenueStakeWithdrawalToReserve
	// VenueStakeWithdrawalToDeposit redeems an LST for stake, and deposits that
	// into another pool.
	VenueStakeWithdrawalToDeposit = terms.VenueStakeWithdrawalToDeposit
	// VenueStakeProgram withdraws SOL from a stake account of the owner that is
	// inactive.
	VenueStakeProgram = terms.VenueStakeProgram
)

// The guards there are.
const (
	// GuardProgram is the program that pays: it takes the limit with its instruction.
	GuardProgram = terms.GuardProgram
	// GuardTemporary is a check of a token account that exists within the transaction only, through which the outcome goes.
	GuardTemporary = terms.GuardTemporary
	// GuardBalance is a check that the owner's token account has grown by the limit since its balance was read, see
	// [Parties.Held]. Tokens that arrive there from elsewhere in between weaken it, tokens that leave make the transaction fail.
	GuardBalance = terms.GuardBalance
)

// DefaultLookAhead is how many slots the limits of a quote hold if the request
// does not name a number, see [terms.DefaultLookAhead]: 240 slots, which are 48
// seconds at 200 ms a slot and 96 at 400 ms.
const DefaultLookAhead = terms.DefaultLookAhead

// MaxSlippageBps is a slippage of 100 %.
const MaxSlippageBps = terms.MaxSlippageBps

// Conditions under which venues make no offer, or accounts no market.
var (
	// ErrWrapped is returned by venues that trade SOL itself only, not wrapped SOL.
	ErrWrapped = terms.ErrWrapped
	// ErrReferrer is returned by venues that take the referral part of a pool's fee for the user, and cannot pay a referrer.
	ErrReferrer = terms.ErrReferrer
	// ErrRecipient is returned when a recipient cannot be paid: the address is not that of a wallet, or a venue can only pay the owner.
	ErrRecipient = terms.ErrRecipient
	// ErrLookAhead is returned when a look-ahead goes beyond the last slot there can be.
	ErrLookAhead = terms.ErrLookAhead
	// ErrParties is returned by [Quote.Steps] when an account that takes part in a trade was not named.
	ErrParties = terms.ErrParties
	// ErrCombination is returned when two ways cannot be taken in one transaction.
	ErrCombination = choose.ErrCombination

	// ErrMismatch is returned when accounts which ought to belong together do not, or not to the token they were loaded for.
	ErrMismatch = state.ErrMismatch
	// ErrWrongProgram is returned when a pool belongs to another deployment of its program than the registry says.
	ErrWrongProgram = state.ErrWrongProgram
	// ErrUnsupportedMint is returned when a mint has a token extension that may change what arrives.
	ErrUnsupportedMint = state.ErrUnsupportedMint
	// ErrUnsupportedTokenProgram is returned when a token belongs to a token program that the pool is not known to trade.
	ErrUnsupportedTokenProgram = state.ErrUnsupportedTokenProgram
	// ErrTooManyValidators is returned when a pool has too many validators to be updated in the transaction that uses it.
	ErrTooManyValidators = state.ErrTooManyValidators
	// ErrReload is returned by [Market.Updated] when a change reaches beyond the accounts that were loaded; load the market anew.
	ErrReload = state.ErrReload
)
