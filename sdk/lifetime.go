package sdk

import (
	"context"
	"fmt"

	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// lifetime takes the latest blockhash from a node that has seen the slot of the quote.
func (c *Client) lifetime(ctx context.Context, slot uint64) (txn.Lifetime, error) {
	var answer latestBlockhash
	opts := rpc.M{"commitment": c.commitment, "minContextSlot": slot}
	if err := c.transport.CallForInto(ctx, &atLeast[latestBlockhash]{slot, &answer}, "getLatestBlockhash", []any{opts}); err != nil {
		return txn.Lifetime{}, err
	}
	if answer.Value == nil {
		return txn.Lifetime{}, fmt.Errorf("blockhash: %w", ErrNoAnswer)
	}
	return txn.Lifetime{
		Blockhash: answer.Value.Blockhash, LastValidBlockHeight: answer.Value.LastValidBlockHeight, Slot: answer.Context.Slot,
	}, nil
}

// latestBlockhash is the answer to getLatestBlockhash.
type latestBlockhash struct {
	inContext
	Value *rpc.LatestBlockhashResult `json:"value"`
}
