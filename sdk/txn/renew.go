package txn

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Renew returns the same transaction with another blockhash, without signatures. Signed again, it is another transaction: unless the
// first one is proven unable to land, both may. A transaction with a nonce cannot be renewed, nor one with a new account whose key has
// signed and is forgotten: these are to be built again.
func (u *Unsigned) Renew(lifetime Lifetime) (*Unsigned, error) {
	if u.empty() {
		return nil, errNoTransaction
	}

	switch {
	case u.lifetime.Durable() || lifetime.Durable():
		return nil, fmt.Errorf("%w: a transaction with a nonce is to be built again", ErrNonce)
	case slices.ContainsFunc(u.sealed, func(s *solana.Signature) bool { return s != nil }):
		return nil, fmt.Errorf("%w: the key of a new account has signed already, and is forgotten", ErrIncomplete)
	}
	if err := lifetime.check(); err != nil {
		return nil, err
	}
	m, err := parseMessage(u.message)
	if err != nil {
		return nil, err
	}
	m.RecentBlockhash = lifetime.Blockhash
	renewed := *u
	renewed.lifetime = lifetime
	renewed.exposed, renewed.buffer = new(exposure), nil
	if renewed.message, err = m.MarshalBinary(); err != nil {
		return nil, fmt.Errorf("renew transaction: %w", err)
	}
	return &renewed, nil
}
