// Package state loads and prepares the accounts of a market. Package route uses
// it. Import it to write a loader of your own.
//
// Start with a [Ledger] for a [Scope] of tokens, see [NewLedger]. It determines
// which accounts the prices depend on: [Ledger.First] and [Ledger.Second]
// return the accounts to load in two rounds. [Ledger.Load] checks them and
// prepares a [Snapshot]. [Snapshot.Updated] returns the next snapshot after
// accounts have changed:
//
//	// load prepares the accounts of a scope. The function fetch adds the
//	// accounts of a plan to given.
//	func load(
//		scope state.Scope,
//		given *state.AccountSnapshot,
//		fetch func(state.LoadPlan) error,
//	) (*state.Snapshot, error) {
//		ledger := state.NewLedger(scope)
//		if err := fetch(ledger.First()); err != nil {
//			return nil, err
//		}
//
//		plan, err := ledger.Second(given)
//		if err != nil {
//			return nil, err
//		}
//
//		if err := fetch(plan); err != nil {
//			return nil, err
//		}
//
//		return ledger.Load(given)
//	}
//
// # Parts
//
// A part is a value that is prepared from accounts: a stake pool, the
// validators of a stake pool, or a token of Infinity. Its maker reads accounts
// through a reader that records them, so an update only prepares the parts
// again whose accounts have changed.
//
// # Errors
//
// A part that cannot be prepared does not fail the load. Its error is returned
// by the method that returns the part, for example [Snapshot.StakePool].
// [Ledger.Second], [Ledger.Load] and [Snapshot.Updated] return an error if a
// sysvar is missing or malformed. [Snapshot.Updated] returns a [*ReloadError]
// if the market must be loaded again.
//
// # Concurrency
//
// A Ledger and a Snapshot are safe for concurrent use. A Snapshot never
// changes, so any number of goroutines can use any number of versions.
package state
