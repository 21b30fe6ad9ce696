// Package operator has plans for those who run a stake pool: launch it, deposit
// into it, add and retire validators, set its fees, update it in each epoch,
// rebalance its stake, and hand it over.
//
// A [Plan] is a goal, not a list of commands. It reads from the chain what is
// done and yields the next transaction, so it needs no memory of its own: a run
// that was cut at any point is repeated, and does the rest.
//
//	plan, err := operator.Upkeep(operator.UpkeepParams{
//		Pool:  bSOL.Pool,
//		Payer: wallet.PublicKey(),
//	})
//	forecast, err := plan.DryRun(ctx, client) // cost, steps, epochs
//	fmt.Println(forecast)
//	report, err := plan.Run(ctx, client, operator.Options{}, wallet)
//	if report.Waits {
//		// Run the plan again in epoch report.Epoch.
//	}
//
// # Nothing is paid twice
//
// A transaction of a plan can take effect only once, even if two runs send it
// at the same time: it creates an account that may not exist yet, or makes a
// change that the program refuses to repeat. Those that can be repeated, such
// as a pool update or the same fee, move no funds.
//
// # Infinity's manager
//
// [PlanInfinityFees] computes fees from target weights, with what every pair of
// tokens pays before and after. [PlanInfinityRebalance] moves value from one
// token into another in one transaction, with the pool's guard against a loss
// foreseen. Both are computed from a market of package route, without the
// network; a client of package sdk builds and simulates their transactions. A
// manual rebalance is a single trade: planned and sent again, it moves its
// amount again. After sdk.ErrUncertain, wait for the outcome first.
//
// # Errors
//
// A plan checks every step against the accounts that it read, as package quote
// computes it, and returns the refusal before anything is sent. Then a node
// simulates the transaction. Test with errors.Is for the errors of this package
// and of package quote, for example quote.ErrInsufficientReserve.
package operator
