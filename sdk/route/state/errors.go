package state

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Errors of parts that cannot be prepared.
var (
	// ErrMismatch is returned when loaded accounts contradict each other, for
	// example a stake pool with another mint than the token's. Load the market
	// again, from another endpoint if the error persists.
	ErrMismatch = errors.New("loaded accounts contradict each other")

	// ErrWrongProgram is returned when a stake pool belongs to another
	// deployment of the stake pool program than its registry entry names.
	// Correct the entry.
	ErrWrongProgram = errors.New("pool of another program (correct the registry's entry)")

	// ErrUnsupportedMint is returned when a mint has an extension with which
	// another party can take, freeze or block tokens, or an unknown one. It is
	// the error of package quote.
	ErrUnsupportedMint = quote.ErrUnsupportedMint

	// ErrUnsupportedTokenProgram is returned when a token belongs to a token
	// program that the pool does not trade.
	ErrUnsupportedTokenProgram = errors.New("unsupported token program")

	// ErrTooManyValidators is returned when a stale pool has more than
	// [MaxUpdatedValidators] validators, so that the pool update does not fit
	// into the transaction that uses it. Update the pool first.
	ErrTooManyValidators = errors.New(
		"too many validators for a pool update in the same transaction " +
			"(update the pool first, with Client.UpdatePool of package sdk)",
	)

	// ErrReload is returned by [Snapshot.Updated] when a change requires
	// accounts that were not loaded. Load the market again.
	ErrReload = errors.New("change requires accounts that were not loaded (load the market anew)")
)

// ReloadError is returned by [Snapshot.Updated] when a part needs an account
// that was not loaded. It wraps [ErrReload].
type ReloadError struct {
	// Address is the missing account.
	Address solana.PublicKey
}

// Error returns one line with the address.
func (e *ReloadError) Error() string {
	if e == nil {
		return "<nil>"
	}

	return fmt.Sprintf("account %s: %v", e.Address, ErrReload)
}

// Unwrap returns [ErrReload].
func (e *ReloadError) Unwrap() error { return ErrReload }

// errNoSnapshot is returned by methods of a nil snapshot.
var errNoSnapshot = fmt.Errorf("%w snapshot: make one with Ledger.Load", accounts.ErrNil)

// errNoLedger is returned by methods of a nil ledger.
var errNoLedger = fmt.Errorf("%w ledger: make one with NewLedger", accounts.ErrNil)

// errNoPart is returned for a part that the ledger does not have.
var errNoPart = fmt.Errorf("%w: the market was made for other tokens", accounts.ErrNotLoaded)
