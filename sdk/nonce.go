package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/send"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// nonceLifetime takes the value of a nonce account for a blockhash.
func nonceLifetime(set *accounts.Set, address solana.PublicKey) (txn.Lifetime, error) {
	nonce, err := accounts.Load(set, address, accounts.DecodeNonce)
	if err != nil {
		return txn.Lifetime{}, fmt.Errorf("%w: %w", txn.ErrNonce, err)
	}
	return txn.NonceLifetime(address, nonce, set.Slot())
}

func (c *Client) nonceAccount(ctx context.Context, address solana.PublicKey, commitment rpc.CommitmentType) (*accounts.Set, error) {
	keys := []solana.PublicKey{address}
	answer := multipleAccounts{keys: keys}
	opts := rpc.M{"encoding": "base64", "commitment": commitment}
	if err := c.transport.CallForInto(ctx, &answer, "getMultipleAccounts", []any{keys, opts}); err != nil {
		return nil, err
	}
	if answer.Context.Slot == 0 {
		return nil, fmt.Errorf("%w: no slot", ErrBadAccount)
	}
	set := accounts.NewSet(answer.Context.Slot)
	return set, answer.into(set, keys)
}

// nonceAdvanced says whether a nonce account no longer holds the value of a transaction, as package send asks it. A value never comes
// back, not even in an account that is closed and made again: it is the hash of a block.
//
// Another authority is no proof, for it may be changed back. What cannot be read is none either.
func (c *Client) nonceAdvanced(l txn.Lifetime) func(context.Context, send.Commitment) (bool, uint64, error) {
	return func(ctx context.Context, at send.Commitment) (bool, uint64, error) {
		set, err := c.nonceAccount(ctx, l.Nonce.Account, rpc.CommitmentType(at))
		if err != nil {
			return false, 0, err
		}
		account, err := set.Get(l.Nonce.Account)
		switch {
		case errors.Is(err, accounts.ErrNotFound):
			return true, set.Slot(), nil
		case err != nil:
			return false, 0, err
		case account.Owner != accounts.SystemProgram || len(account.Data) == 0:
			// It was closed, and the address has another use now.
			return true, set.Slot(), nil
		}
		nonce, err := accounts.DecodeNonce(account)
		if err != nil {
			return false, 0, err
		}
		return nonce.State != accounts.NonceInitialized || nonce.Value != l.Blockhash, set.Slot(), nil
	}
}
