package txn

import (
	"fmt"

	"github.com/gagliardetto/solana-go"
)

// Lifetime is how long a transaction can land: up to a block height, or until
// its nonce is used up.
type Lifetime struct {
	// Blockhash is a recent one, or the value of the nonce.
	Blockhash solana.Hash `json:"blockhash"`
	// LastValidBlockHeight is the last block height at which the blockhash is
	// accepted. It is zero with a nonce, for which no height is the last.
	LastValidBlockHeight uint64 `json:"last_valid_block_height"`
	// Slot is the slot that a node must have reached to judge the transaction:
	// the one at which the blockhash or nonce was read, or a later one at which
	// the transaction was simulated.
	Slot uint64 `json:"slot"`
	// ReadAt is when the blockhash was read, on the local clock, in
	// milliseconds since 1970. Until its 150 blocks can have passed by that
	// clock, no node is believed that it has expired. Zero if it is not known:
	// its life then counts from when the transaction is sent.
	ReadAt int64 `json:"read_at,omitzero"`
	// Nonce is set if the transaction uses one, see [NonceLifetime].
	Nonce DurableNonce `json:"nonce,omitzero"`
}

// Durable says that the transaction uses a nonce: it does not expire with time,
// but when the nonce is used by another transaction.
func (l Lifetime) Durable() bool { return l.Nonce != DurableNonce{} }

// check refuses lifetimes that nodes would refuse, or that would not end when
// they say.
func (l Lifetime) check() error {
	switch {
	case l.Blockhash == solana.Hash{}:
		return ErrNoLifetime
	case !l.Durable():
		return nil
	case l.Nonce.Account.IsZero():
		return fmt.Errorf("%w: no account named", ErrNonceAccount)
	case l.Nonce.Authority.IsZero():
		return fmt.Errorf("%w: %s has no authority", ErrNonceAccount, l.Nonce.Account)
	case l.LastValidBlockHeight != 0:
		return fmt.Errorf("%w: %s goes with no block height", ErrNonceAccount, l.Nonce.Account)
	}

	return nil
}
