package txn

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrNonceAccount is returned by [NonceLifetime] if a nonce account cannot be
// used, by [Plan.Compile] and [Parse] if the nonce of the lifetime is
// incomplete or the transaction does not advance it, and by [Unsigned.Renew]
// for transactions with a nonce.
var ErrNonceAccount = errors.New("nonce account not usable (name another one, or use a blockhash)")

// advanceNonceUnits is the cost of any instruction of the system program, in
// compute units.
const advanceNonceUnits = 150

// DurableNonce names a nonce account, whose value takes the place of a recent
// blockhash, and the authority that must sign to advance it.
type DurableNonce struct {
	Account   solana.PublicKey `json:"account"`
	Authority solana.PublicKey `json:"authority"`
}

// NonceLifetime returns the lifetime of a transaction that uses a nonce account
// as read in a slot. It returns [ErrNonceAccount] if the account was never
// initialized, or must be upgraded before the network accepts it.
func NonceLifetime(address solana.PublicKey, nonce *accounts.Nonce, slot uint64) (Lifetime, error) {
	switch {
	case nonce == nil:
		return Lifetime{}, fmt.Errorf("%w: %s: %w account", ErrNonceAccount, address,
			accounts.ErrNil)
	case nonce.State != accounts.NonceInitialized:
		return Lifetime{}, fmt.Errorf("%w: %s was never initialized", ErrNonceAccount, address)
	case nonce.Version != accounts.NonceCurrent:
		return Lifetime{}, fmt.Errorf("%w: %s has the legacy version and must be upgraded",
			ErrNonceAccount, address)
	}

	return Lifetime{
		Blockhash: nonce.Value,
		Slot:      slot,
		Nonce:     DurableNonce{Account: address, Authority: nonce.Authority},
	}, nil
}

// appendSteps appends the instruction with which the transaction must begin, if
// its lifetime requires one.
func (l Lifetime) appendSteps(steps []Step) []Step {
	if !l.Durable() {
		return steps
	}

	account := l.Nonce.Account
	return append(steps, Step{
		Describe: func() string {
			return fmt.Sprintf("advance the nonce of account %s", account)
		},
		Instruction:  l.Nonce.advance(),
		ComputeUnits: advanceNonceUnits,
	})
}
