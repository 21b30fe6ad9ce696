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

// nonceLifetime returns the lifetime of a transaction with the current value of
// a nonce account.
func nonceLifetime(set *accounts.Set, address solana.PublicKey) (txn.Lifetime, error) {
	nonce, err := accounts.Load(set, address, accounts.DecodeNonce)
	if err != nil {
		return txn.Lifetime{}, fmt.Errorf("%w: %w", txn.ErrNonceAccount, err)
	}
	return txn.NonceLifetime(address, nonce, set.Slot())
}

// nonceAccount reads a nonce account with a minimum slot.
func nonceAccount(
	ctx context.Context,
	node rpc.JSONRPCClient,
	address solana.PublicKey,
	commitment rpc.CommitmentType,
	minSlot uint64,
) (*accounts.Set, error) {
	keys := []solana.PublicKey{address}
	opts := rpc.M{"encoding": "base64", "commitment": commitment}
	if minSlot > 0 {
		opts["minContextSlot"] = minSlot
	}

	answer := multipleAccounts{keys: keys}
	if err := node.CallForInto(ctx, accountsAt(minSlot, &answer), "getMultipleAccounts",
		[]any{keys, opts}); err != nil {
		return nil, err
	}

	if answer.Context.Slot == 0 {
		return nil, fmt.Errorf("%w: no slot", ErrBadAccount)
	}

	set := accounts.NewSet(answer.Context.Slot)

	return set, answer.into(set, keys)
}

// nonceAdvanced returns a function that reports whether a nonce account holds
// another value than the transaction. Of several nodes, a majority of those
// that answer must report so.
func (c *Client) nonceAdvanced(
	l txn.Lifetime,
) func(context.Context, send.Commitment) (bool, uint64, error) {
	nodes := c.nodes()
	return func(ctx context.Context, at send.Commitment) (bool, uint64, error) {
		readings, err := askAll(ctx, nodes,
			func(ctx context.Context, node rpc.JSONRPCClient) (nonceReading, error) {
				return readNonce(ctx, node, l, rpc.CommitmentType(at))
			})
		if err != nil {
			return false, 0, err
		}

		advanced, slot := 0, uint64(0)
		for _, r := range readings {
			if r.advanced {
				advanced++
				slot = max(slot, r.slot)
			}
		}

		if advanced < len(readings)/2+1 {
			return false, readings[0].slot, nil
		}

		return true, slot, nil
	}
}

// nonceReading is the answer of one node about a nonce account.
type nonceReading struct {
	advanced bool
	slot     uint64
}

// readNonce asks one node whether a nonce account holds another value than the
// transaction. An old value never returns, even if the account is closed and
// created again, because values derive from block hashes.
//
// Another authority proves nothing, because it can be changed back. An account
// that cannot be read proves nothing either.
func readNonce(
	ctx context.Context,
	node rpc.JSONRPCClient,
	l txn.Lifetime,
	at rpc.CommitmentType,
) (nonceReading, error) {
	set, err := nonceAccount(ctx, node, l.Nonce.Account, at, l.Slot)
	if err != nil {
		return nonceReading{}, err
	}

	account, err := set.Get(l.Nonce.Account)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return nonceReading{advanced: true, slot: set.Slot()}, nil
	case err != nil:
		return nonceReading{}, err
	case account.Owner != accounts.SystemProgram || len(account.Data) == 0:
		// The account was closed, and its address is used otherwise.
		return nonceReading{advanced: true, slot: set.Slot()}, nil
	}

	nonce, err := accounts.DecodeNonce(account)
	if err != nil {
		return nonceReading{}, err
	}

	advanced := nonce.State != accounts.NonceInitialized || nonce.Value != l.Blockhash

	return nonceReading{advanced: advanced, slot: set.Slot()}, nil
}
