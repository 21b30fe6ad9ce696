// Package foreign reads swaps that the API of another service proposes, so that
// they become a leg before or after a trade of this SDK in one transaction.
//
// A [Leg] is a proposal: instructions, lookup tables, and the promised amounts.
// [Jupiter] requests one, and [DecodeInstructions] and [DecodeBuild] read the
// published responses of its swap-instructions and build endpoints. Nothing
// here trusts the service: set sdk.BuildOptions.LegBefore or LegAfter, and
// sdk.Client.Build checks what the leg reaches and makes the promised amounts a
// condition of the transaction.
//
// # Errors
//
// [ErrResponse] stands for a response that cannot be used, [ErrTooLittle] for a
// leg that promises less than requested, and [*StatusError] for an answer with
// an HTTP status other than 200.
//
// # Concurrency
//
// A [Jupiter] may be used by several goroutines at once.
package foreign
