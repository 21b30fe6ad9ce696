package txn

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrNonceAccount says that a nonce account cannot be used, and why.
var ErrNonceAccount = errors.New("nonce account not usable (name another one, or use a blockhash)")

// advanceNonceUnits is what every instruction of the system program costs.
const advanceNonceUnits = 150

// DurableNonce is the nonce account whose value a transaction has for a
// blockhash, and who signs for its use.
type DurableNonce struct {
	Account   solana.PublicKey `json:"account"`
	Authority solana.PublicKey `json:"authority"`
}

// NonceLifetime is the lifetime of a transaction that uses the nonce account as
// it was read in a slot. It refuses an account that was never initialized, or
// that has to be upgraded before the network takes it.
func NonceLifetime(address solana.PublicKey, nonce *accounts.Nonce, slot uint64) (Lifetime, error) {
	switch {
	case nonce == nil:
		return Lifetime{}, fmt.Errorf("%w: %s: %w account", ErrNonceAccount, address,
			accounts.ErrNil)
	case nonce.State != accounts.NonceInitialized:
		return Lifetime{}, fmt.Errorf("%w: %s was never initialized", ErrNonceAccount, address)
	case nonce.Version != accounts.NonceCurrent:
		return Lifetime{}, fmt.Errorf("%w: %s is of the first version and has to be upgraded",
			ErrNonceAccount, address)
	}

	return Lifetime{
		Blockhash: nonce.Value,
		Slot:      slot,
		Nonce:     DurableNonce{Account: address, Authority: nonce.Authority},
	}, nil
}

// appendSteps appends what the lifetime asks the transaction to begin with.
func (l Lifetime) appendSteps(steps []Step) []Step {
	if !l.Durable() {
		return steps
	}
	account := l.Nonce.Account
	return append(steps, Step{
		Describe:     func() string { return fmt.Sprintf("use up the nonce of %s", account) },
		Instruction:  l.Nonce.advance(),
		ComputeUnits: advanceNonceUnits,
	})
}
