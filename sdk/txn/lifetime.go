package txn

import (
	"fmt"

	"github.com/gagliardetto/solana-go"
)

// Lifetime bounds when a transaction can land: up to a block height, or until
// its nonce is advanced.
type Lifetime struct {
	// Blockhash is a recent blockhash or the value of the nonce.
	Blockhash solana.Hash `json:"blockhash"`
	// LastValidBlockHeight is the last block height at which the network
	// accepts the blockhash. It must be zero if the transaction uses a nonce.
	LastValidBlockHeight uint64 `json:"last_valid_block_height"`
	// Slot is the minimum slot of a node whose answers about the transaction
	// count. It is the slot in which the blockhash or the nonce was read, or
	// the later slot in which the transaction was simulated.
	Slot uint64 `json:"slot"`
	// ReadAt is the local time at which the blockhash was read, in milliseconds
	// since 1970. A node's answer that the blockhash has expired is ignored
	// until 150 blocks can have passed since then. If it is zero, the time
	// counts from the first broadcast.
	ReadAt int64 `json:"read_at,omitzero"`
	// Nonce is set if the transaction uses a durable nonce, see
	// [NonceLifetime].
	Nonce DurableNonce `json:"nonce,omitzero"`
}

// Durable reports whether the transaction uses a durable nonce. Such a
// transaction does not expire with time, but as soon as another transaction
// advances the nonce.
func (l Lifetime) Durable() bool { return l.Nonce != DurableNonce{} }

// check returns an error if a node would reject the lifetime, or if its block
// height does not apply.
func (l Lifetime) check() error {
	switch {
	case l.Blockhash == solana.Hash{}:
		return ErrNoLifetime
	case !l.Durable():
		return nil
	case l.Nonce.Account.IsZero():
		return fmt.Errorf("%w: no account", ErrNonceAccount)
	case l.Nonce.Authority.IsZero():
		return fmt.Errorf("%w: %s has no authority", ErrNonceAccount, l.Nonce.Account)
	case l.LastValidBlockHeight != 0:
		return fmt.Errorf("%w: LastValidBlockHeight must be zero for %s", ErrNonceAccount,
			l.Nonce.Account)
	}

	return nil
}
