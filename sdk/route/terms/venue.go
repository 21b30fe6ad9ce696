package terms

// Venue names a way to trade in quotes and refusals. A quote with two legs joins
// the names of both, for example "Infinity, then stake withdrawal" or
// "Infinity and stake pool deposit".
type Venue string

// The venues of single quotes.
const (
	// VenueInfinity swaps any two tokens of the Infinity pool, INF included. The
	// pool of another deployment of its program is "controller " and the address
	// of that program.
	VenueInfinity Venue = "Infinity"
	// VenueStakePoolDeposit pays SOL into an SPL stake pool, for its LST.
	VenueStakePoolDeposit Venue = "stake pool deposit"
	// VenueStakePoolWithdrawal redeems an LST from the reserve of its SPL stake
	// pool, for SOL.
	VenueStakePoolWithdrawal Venue = "stake pool withdrawal"
	// VenueMarinadeDeposit pays SOL into Marinade, for mSOL.
	VenueMarinadeDeposit Venue = "Marinade deposit"
	// VenueMarinadeUnstake sells mSOL to Marinade's liquidity pool, for SOL.
	VenueMarinadeUnstake Venue = "Marinade liquid unstake"
	// VenueRouterDeposit pays wSOL into a stake pool through the Router.
	VenueRouterDeposit Venue = "Router deposit"
	// VenueRouter withdraws stake from one pool through the Router, and deposits it
	// into another or sells it to the Reserve.
	VenueRouter Venue = "Router"
	// VenueRouterPrefunded is [VenueRouter] with the rent of the stake account lent
	// by the Router, see Options.MaxPrefund of package route.
	VenueRouterPrefunded Venue = "Router, prefunded"
	// VenueReserve sells a stake account to the Reserve, for SOL.
	VenueReserve Venue = "Reserve"
	// VenueStakeDeposit deposits a stake account into a pool, for its LST.
	VenueStakeDeposit Venue = "stake deposit"
	// VenueStakeWithdrawal redeems an LST for a stake account.
	VenueStakeWithdrawal Venue = "stake withdrawal"
	// VenueStakeWithdrawalToReserve redeems an LST for stake, and sells that to the
	// Reserve for SOL.
	VenueStakeWithdrawalToReserve Venue = "stake withdrawal and Reserve"
	// VenueStakeWithdrawalToDeposit redeems an LST for stake, and deposits that
	// into another pool.
	VenueStakeWithdrawalToDeposit Venue = "stake withdrawal and deposit"
	// VenueStakeProgram withdraws SOL from a stake account of the owner that is
	// inactive.
	VenueStakeProgram Venue = "stake program"
)
