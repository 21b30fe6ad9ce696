package state

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Conditions under which a part of a market cannot be prepared.
var (
	// ErrMismatch is returned when accounts which ought to belong together do
	// not, or not to the token they were loaded for.
	ErrMismatch = errors.New("accounts do not belong together")

	// ErrWrongProgram is returned when a pool belongs to another deployment of
	// its program than the registry says.
	ErrWrongProgram = errors.New("pool of another program (correct the registry's entry)")

	// ErrUnsupportedMint is returned when a mint has a token extension that may
	// change what arrives.
	ErrUnsupportedMint = errors.New("mint has an unsupported extension")

	// ErrUnsupportedTokenProgram is returned when a token belongs to a token
	// program that the pool is not known to trade.
	ErrUnsupportedTokenProgram = errors.New("unsupported token program")

	// ErrTooManyValidators is returned when a pool has too many validators to
	// be updated in the transaction that uses it.
	ErrTooManyValidators = errors.New("too many validators to update in the same transaction " +
		"(update the pool first, in transactions of its own)")

	// ErrReload is returned by [Snapshot.Updated] when a change reaches beyond
	// the accounts that were loaded; load the market anew.
	ErrReload = errors.New("the change reaches beyond what was loaded (load the market anew)")
)

// ReloadError is returned by [Snapshot.Updated] when a part needs an account
// that was not loaded. It wraps [ErrReload].
type ReloadError struct {
	// Address is the account that is needed now.
	Address solana.PublicKey
}

// Error is one line that names the account.
func (e *ReloadError) Error() string {
	if e == nil {
		return "<nil>"
	}

	return fmt.Sprintf("account %s: %v", e.Address, ErrReload)
}

// Unwrap returns [ErrReload].
func (e *ReloadError) Unwrap() error { return ErrReload }

// errNoSnapshot is the error of a nil snapshot.
var errNoSnapshot = fmt.Errorf("%w snapshot: make one with Ledger.Load", accounts.ErrNil)

// errNoLedger is the error of a nil ledger.
var errNoLedger = fmt.Errorf("%w ledger: make one with NewLedger", accounts.ErrNil)

// errNoPart is the error of a part that a ledger does not have.
var errNoPart = fmt.Errorf("%w: the market was made for other tokens", accounts.ErrNotLoaded)
