// Package route finds the best route of a trade among SOL, liquid staking
// tokens (LSTs) and stake accounts, and makes the instructions that execute it.
// It uses no network and no clock.
//
// Start with these:
//
//   - [Loader] lists the accounts that a market needs, in two rounds, and makes
//     the [Market] of them. Package sdk does both over RPC.
//   - [Market] holds those accounts at one slot and answers requests.
//   - [Request] names two tokens, an amount, and [Options].
//   - [Quote] has the amounts, limits, fees and costs of a route. [Quote.Steps]
//     returns its instructions.
//
// Quote 1.5 SOL for jitoSOL with a slippage of 0.1 %:
//
//	market, err := client.LoadMarket(ctx, jitoSOL.Mint) // of package sdk
//	if err != nil {
//		return err
//	}
//
//	best, err := market.Quote(route.Request{
//		From:    accounts.NativeMint,
//		To:      jitoSOL.Mint,
//		Amount:  1_500_000_000,
//		Options: route.Options{SlippageBps: 10},
//	})
//	if err != nil {
//		return err
//	}
//
//	fmt.Println(best)
//	// swap 1.5 SOL -> 1.244054262 JitoSOL via stake pool deposit, …
//
// # Routes
//
// A route is one venue, for example the Infinity pool or the deposit into a
// stake pool, or it has two legs. Two legs are either two hops through an
// intermediate token, or a split of the amount over two venues. Routes are
// compared by the amount that remains after all costs that cannot be recovered;
// two legs must gain at least [Options.MinGain] over the best single venue.
//
// # Amounts
//
// Amounts are uint64 in base units, for SOL in lamports. They match the
// programs to the last unit while [Quote.Exact] is true. The transaction fails
// on chain if it would yield less than [Quote.MinOut] or cost more than
// [Quote.MaxIn].
//
// # Errors
//
// Test errors with errors.Is. [ErrNoRoute] means that every venue refused, and
// [NoRouteError] has the reason of each. [ErrReload] means that the market must
// be loaded again. [ErrRecipient] and [ErrReferrerUnsupported]
// [ErrWSOLUnsupported] are reasons of single venues: another venue may still
// serve the request.
//
// # Concurrency
//
// A [Market] and a [Loader] never change and are safe for concurrent use.
// [Market.Updated] returns a new market and leaves the old one as it is.
//
// # Implementation
//
// A request passes through four packages, each of which needs only the result
// of the one before:
//
//   - [github.com/sanctum-go/sanctum/sdk/route/state] checks the accounts, and
//     precomputes everything that does not depend on an amount.
//   - internal/venue has one file per venue. A venue answers an amount with an
//     offer in numbers.
//   - internal/choose searches the offers for the best route: direct, in two
//     hops, or split.
//   - This package describes the chosen route as a [Quote], with fees, costs
//     and assumptions as text, and builds its instructions.
package route
