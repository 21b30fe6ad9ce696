package sdk

import (
	"context"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// FrozenError is returned by [Client.Build], [Client.Send] and the methods that
// call them when a token account of the transaction is frozen, also that of a
// token between two legs. It matches [progerr.ErrOperationUnavailable]. If the
// transaction failed in a simulation, at a node or in a block, errors.As also
// finds the [*progerr.TransactionError]. Ask the freeze authority of the mint
// to thaw the account, or quote a route without this token, for example with
// route.Options.OnlyDirectRoutes.
type FrozenError struct {
	// Account is the frozen token account, Owner its owner, and Mint its token.
	Account solana.PublicKey
	Owner   solana.PublicKey
	Mint    solana.PublicKey
	// Err is the failure of the transaction, or nil if the account was checked
	// before.
	Err error
}

// Error returns one line with the account, its owner and its mint.
func (e *FrozenError) Error() string {
	if e == nil {
		return "<nil>"
	}

	return fmt.Sprintf("%v: token account %s of %s for mint %s is frozen; ask the mint's freeze "+
		"authority, or use a route without this token", progerr.ErrOperationUnavailable, e.Account,
		e.Owner, e.Mint)
}

// Is matches [progerr.ErrOperationUnavailable].
func (e *FrozenError) Is(target error) bool { return target == progerr.ErrOperationUnavailable }

// Unwrap returns the failure of the transaction, or nil.
func (e *FrozenError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// isFrozen reports whether a token program refused a frozen account. Both token
// programs have the same error.
func isFrozen(failure *progerr.TransactionError) bool {
	return failure.Program != nil && failure.Program.Name == "AccountFrozen"
}

// explainFrozen adds to a failure the frozen token account of the instruction
// that failed. It returns the failure if no account can be read that is frozen.
func (c *Client) explainFrozen(
	ctx context.Context, failure *progerr.TransactionError, unsigned *txn.Unsigned,
) error {
	all := unsigned.Steps()
	if failure.Instruction < 0 || failure.Instruction >= len(all) {
		return failure
	}

	var keys []solana.PublicKey
	for _, meta := range all[failure.Instruction].Instruction.Accounts() {
		if meta.IsWritable && !meta.IsSigner {
			keys = append(keys, meta.PublicKey)
		}
	}

	set, err := c.readAccounts(ctx, keys, unsigned.Lifetime().Slot)
	if err != nil {
		c.logger.DebugContext(ctx, "cannot read the token accounts", "error", err)
		return failure
	}

	for _, key := range keys {
		token, err := tokenAccountOf(set, key)
		if err == nil && token.State == accounts.TokenFrozen {
			return &FrozenError{
				Account: key,
				Owner:   token.Owner,
				Mint:    token.Mint,
				Err:     failure,
			}
		}
	}

	return failure
}
