package sdk

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// namedAccounts are the token accounts that a request names.
type namedAccounts struct{ source, destination namedAccount }

// namedAccount is a token account that a request names, with the mint and the
// owner that it must have.
type namedAccount struct{ address, mint, owner solana.PublicKey }

// namedBy returns the token accounts that a request names.
func namedBy(r route.Request, owner solana.PublicKey) (named namedAccounts) {
	if !r.SourceAccount.IsZero() {
		named.source = namedAccount{
			address: r.SourceAccount,
			mint:    r.From,
			owner:   owner,
		}
	}

	if !r.DestinationAccount.IsZero() {
		named.destination = namedAccount{
			address: r.DestinationAccount,
			mint:    r.To,
			owner:   owner,
		}
		if !r.Recipient.IsZero() {
			named.destination.owner = r.Recipient
		}
	}

	return named
}

// uncheckedAccounts returns the named accounts of a request if they were not
// checked before.
func uncheckedAccounts(r route.Request, owner solana.PublicKey, known *prefetched) namedAccounts {
	if named := namedBy(r, owner); named != known.named {
		return named
	}
	return namedAccounts{}
}

// check returns an error if a named account cannot be used.
func (n namedAccounts) check(set *accounts.Set) error {
	if !n.source.address.IsZero() {
		if err := n.source.checkSource(set); err != nil {
			return err
		}
	}
	if !n.destination.address.IsZero() {
		return n.destination.checkDestination(set)
	}
	return nil
}

// refuse returns an error with the reason why the account cannot be used.
func (n namedAccount) refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s %s", route.ErrTokenAccount, n.address, fmt.Sprintf(format, args...))
}

// read returns the account, or an error unless it belongs to the owner, has the
// mint, and is not frozen.
func (n namedAccount) read(set *accounts.Set) (*accounts.TokenAccount, error) {
	token, err := tokenAccountOf(set, n.address)
	var malformed *accounts.DecodeError
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return nil, n.refuse("does not exist")
	case errors.As(err, &malformed):
		return nil, n.refuse("is not a token account")
	case err != nil:
		return nil, err
	case token.Mint != n.mint:
		return nil, n.refuse("holds the token %s, not %s", token.Mint, n.mint)
	case token.Owner != n.owner:
		return nil, n.refuse("belongs to %s, not to %s", token.Owner, n.owner)
	case token.State != accounts.TokenInitialized:
		return nil, n.refuse("is frozen")
	}

	return token, nil
}

// checkSource returns an error if programs cannot take tokens from the account.
func (n namedAccount) checkSource(set *accounts.Set) error {
	token, err := n.read(set)
	if err != nil {
		return err
	}

	for _, e := range token.Extensions {
		switch e.Type {
		case accounts.ExtensionCPIGuard:
			if len(e.Data) != 1 || e.Data[0] != 0 {
				return n.refuse("has a CPI guard, so that no program can take tokens from it")
			}

		case accounts.ExtensionNonTransferableAccount:
			return n.refuse("holds a token that cannot be transferred")
		}
	}

	return nil
}

// checkDestination returns an error if the account cannot receive tokens, or if
// a key other than its owner can take them away.
func (n namedAccount) checkDestination(set *accounts.Set) error {
	token, err := n.read(set)
	switch {
	case err != nil:
		return err
	case token.Delegate != nil && token.DelegatedAmount > 0:
		return n.refuse("has the delegate %s, who can take the tokens", token.Delegate)
	case token.CloseAuthority != nil && *token.CloseAuthority != n.owner:
		return n.refuse("can be closed by %s", token.CloseAuthority)
	}

	for _, e := range token.Extensions {
		switch e.Type {
		case accounts.ExtensionImmutableOwner, accounts.ExtensionCPIGuard,
			accounts.ExtensionTransferFeeAmount, accounts.ExtensionTransferHookAccount,
			accounts.ExtensionPausableAccount:
			// The market decides which mints it serves.
		case accounts.ExtensionMemoTransfer:
			if len(e.Data) != 1 || e.Data[0] != 0 {
				return n.refuse("requires a memo with every transfer")
			}

		default:
			return n.refuse("has the extension %s", e.Type)
		}
	}

	return nil
}
