package txn

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Renew returns the same transaction with another blockhash and without
// signatures.
//
// Once signed, it is a second transaction: both may land unless the first one
// is proven unable to land. Renew returns [ErrNonceAccount] for a transaction
// with a nonce, and [ErrIncomplete] for one that creates an account whose key
// has signed, because that key is not kept. Build such transactions again.
func (u *Unsigned) Renew(lifetime Lifetime) (*Unsigned, error) {
	if u.empty() {
		return nil, errNoTransaction
	}

	switch {
	case u.lifetime.Durable() || lifetime.Durable():
		return nil, fmt.Errorf("%w: build a transaction with a nonce again", ErrNonceAccount)
	case slices.ContainsFunc(u.sealed, func(s *solana.Signature) bool { return s != nil }):
		return nil, fmt.Errorf("%w: the key of a new account has signed and is not kept",
			ErrIncomplete)
	}

	if err := lifetime.check(); err != nil {
		return nil, err
	}

	m, err := parseMessage(u.message)
	if err != nil {
		return nil, err
	}

	renewed := *u
	renewed.lifetime = lifetime
	renewed.exposed, renewed.buffer = new(exposure), nil
	if renewed.message, err = m.withBlockhash(u.message, lifetime.Blockhash); err != nil {
		return nil, fmt.Errorf("renew transaction: %w", err)
	}

	return &renewed, nil
}

// withBlockhash returns the bytes of the message with another blockhash.
func (m *message) withBlockhash(raw []byte, blockhash solana.Hash) ([]byte, error) {
	if m.version == Version1 {
		changed := slices.Clone(raw)
		copy(changed[version1Blockhash:], blockhash[:])
		return changed, nil
	}
	m.RecentBlockhash = blockhash
	return m.MarshalBinary()
}
