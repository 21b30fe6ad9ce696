package terms

import "strings"

// Venue is the name of a trade route in quotes and refusals. The venue of a
// quote with two legs joins both names, for example "Infinity, then stake
// withdrawal" or "Infinity and stake pool deposit".
type Venue string

// The venues of quotes with one leg.
const (
	// VenueInfinity swaps any two tokens of the Infinity pool, including INF. A
	// pool of another deployment of the program is "controller " and the
	// address of that program.
	VenueInfinity Venue = "Infinity"
	// VenueStakePoolDeposit deposits SOL into an SPL stake pool for its LST.
	VenueStakePoolDeposit Venue = "stake pool deposit"
	// VenueStakePoolWithdrawal redeems an LST for SOL from the reserve of its
	// SPL stake pool.
	VenueStakePoolWithdrawal Venue = "stake pool withdrawal"
	// VenueMarinadeDeposit deposits SOL into Marinade for mSOL.
	VenueMarinadeDeposit Venue = "Marinade deposit"
	// VenueMarinadeUnstake sells mSOL for SOL to Marinade's liquidity pool.
	VenueMarinadeUnstake Venue = "Marinade liquid unstake"
	// VenueRouterDeposit deposits wSOL into a stake pool through the Router.
	VenueRouterDeposit Venue = "Router deposit"
	// VenueRouter withdraws stake from one pool through the Router, and
	// deposits it into another pool or sells it to the Reserve.
	VenueRouter Venue = "Router"
	// VenueRouterPrefunded is [VenueRouter] with the rent of the stake account
	// lent by the Router, see MaxPrefund of route.Options.
	VenueRouterPrefunded Venue = "Router, prefunded"
	// VenueReserve sells a stake account to the Reserve for SOL.
	VenueReserve Venue = "Reserve"
	// VenueStakeDeposit deposits a stake account into a pool for its LST.
	VenueStakeDeposit Venue = "stake deposit"
	// VenueStakeWithdrawal redeems an LST for a stake account.
	VenueStakeWithdrawal Venue = "stake withdrawal"
	// VenueStakeWithdrawalToReserve redeems an LST for stake, and sells the
	// stake to the Reserve for SOL.
	VenueStakeWithdrawalToReserve Venue = "stake withdrawal and Reserve"
	// VenueStakeWithdrawalToDeposit redeems an LST for stake, and deposits the
	// stake into another pool.
	VenueStakeWithdrawalToDeposit Venue = "stake withdrawal and deposit"
	// VenueStakeProgram withdraws SOL from an inactive stake account of the
	// owner.
	VenueStakeProgram Venue = "stake program"
)

// controllerPrefix begins the names of the pools of other deployments of the
// Infinity program.
const controllerPrefix = "controller "

// Venues returns the venues of quotes with one leg. Other deployments of the
// Infinity program are not among them.
func Venues() []Venue {
	return []Venue{
		VenueInfinity,
		VenueStakePoolDeposit,
		VenueStakePoolWithdrawal,
		VenueMarinadeDeposit,
		VenueMarinadeUnstake,
		VenueRouterDeposit,
		VenueRouter,
		VenueRouterPrefunded,
		VenueReserve,
		VenueStakeDeposit,
		VenueStakeWithdrawal,
		VenueStakeWithdrawalToReserve,
		VenueStakeWithdrawalToDeposit,
		VenueStakeProgram,
	}
}

// Known reports whether the name is that of a venue with one leg.
func (v Venue) Known() bool {
	if strings.HasPrefix(string(v), controllerPrefix) {
		return true
	}

	for _, known := range Venues() {
		if v == known {
			return true
		}
	}

	return false
}
