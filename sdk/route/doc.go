// Package route knows every way to get from one token to another: it says which
// accounts a market needs, quotes each way from them, picks the best, and turns
// a quote into the instructions that carry it out.
//
// A [Market] is the state of some tokens at one slot and never changes. It is
// loaded in at most two rounds, see [Loader]; package sdk does so over RPC.
// [Market.Updated] makes the next one from the accounts that changed. The
// package knows no network and no clock.
//
// # Rooms
//
// An answer is made in steps, each in a package of its own, and each only for
// what the next one needs:
//
//   - [github.com/sanctum-go/sanctum/sdk/route/state] checks the accounts and
//     prepares all that does not depend on an amount.
//   - internal/venue asks each venue what it would do with an amount: an offer
//     in numbers. Each venue is a file.
//   - internal/choose searches the offers for the best way: direct, in two
//     steps, or split.
//   - This package describes what was chosen: a [Quote] with fees, costs and
//     conditions in words, and the steps of its transaction.
package route
