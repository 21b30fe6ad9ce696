// Package state prepares the accounts of a market: it knows which accounts the
// prices of some tokens depend on, checks them, and turns them into what quotes
// are made of.
//
// A [Ledger] is made once for a set of tokens. It derives every address once
// and numbers addresses, tokens and parts. [Ledger.First] and [Ledger.Second]
// tell what to load, [Ledger.Load] makes a [Snapshot] of it, and
// [Snapshot.Updated] makes the next one when accounts have changed.
//
// # Parts
//
// A part is what is prepared from accounts: a stake pool, the validators that
// can serve, a token of Infinity. It is made through a reader that notes what
// the part was made from, so that an update makes anew what depends on the
// accounts that changed, and nothing else. Parts never fail a load: what cannot
// be prepared is an error that the part tells each time it is asked for.
//
// # Concurrency
//
// A Ledger and a Snapshot are safe for concurrent use. Nothing of a Snapshot is
// written after it was returned, so any number of goroutines may use any number
// of versions at the same time.
package state
