// Package quote computes the outcome of trades with the on-chain programs of
// SPL stake pools, Marinade, Lido, the Sanctum Reserve, Infinity and the
// Router. It repeats the integer arithmetic of each program step by step, with
// the program's own rounding, on decoded accounts. It does not access the
// network.
//
// Start with the state of a program: [StakePoolState], [MarinadeState],
// [LidoState], [ReserveState] or [InfinityState]. Fill its fields from decoded
// accounts and call the method of an operation. Package route does this for all
// programs and compares them.
//
//	// tokensFor returns the pool tokens for a deposit of 1 SOL.
//	func tokensFor(
//		address solana.PublicKey,
//		pool accounts.StakePool, // see accounts.DecodeStakePool
//		clock accounts.Clock,
//	) (uint64, error) {
//		state := quote.StakePoolState{
//			Program:          accounts.StakePoolProgram,
//			Address:          address,
//			State:            pool,
//			Clock:            clock,
//			FeeAccountUsable: true,
//			Rounding:         quote.FeesRoundUp,
//		}
//		deposit, err := state.DepositSOL(1_000_000_000)
//		return deposit.Tokens, err
//	}
//
// [StakePoolState.DepositSOL] has an example with figures.
//
// # Amounts
//
// Every amount is a uint64 in base units: lamports, or the smallest unit of a
// token. Products have 128 bits. The field Exact of a stake pool's quote
// reports whether the program pays exactly the quoted amount. If the deployed
// build is unknown and builds differ, the quote is the least favourable result,
// and Exact is false.
//
// # Many prices
//
// To compute many prices for one state, prepare it once with its method
// Prepare. The result, for example [StakePoolPrices], returns prices without
// allocations and reports refusals as a [Refusal] instead of an error.
//
// # Errors
//
// A trade that the program would refuse is refused here as well, with an
// [*Error] that names the operation and the pool. It wraps one of the sentinels
// of this package, for example [ErrStalePool]; test for them with errors.Is.
// The texts name a remedy.
//
// # Concurrency
//
// All types except [Refusal] are values or immutable, and safe for concurrent
// use.
package quote
