package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// maxBlockhashBlocks is the highest number of blocks for which a blockhash can
// remain valid. It is twice the 150 blocks of the network, because the block
// height may come from a node that lags behind.
const maxBlockhashBlocks = 300

// ErrBadLifetime is returned by [Client.Build] when the last valid block height
// of a blockhash is impossible: it has passed, or it is more than 300 blocks
// ahead. The other endpoints are asked first. Try another endpoint.
var ErrBadLifetime = errors.New(
	"the node reports an impossible last valid block height (try another endpoint)",
)

// lifetime reads the latest blockhash from a node that has reached a slot. It
// also reads the block height, to check the last valid block height.
func (c *Client) lifetime(ctx context.Context, slot uint64) (txn.Lifetime, error) {
	slot = max(slot, c.seen.slot.Load())
	lifetime, err := c.lifetimeFrom(ctx, c.transport, slot)
	if c.failover == nil || !errors.Is(err, ErrBadLifetime) {
		return lifetime, err
	}

	// Ask each endpoint for both values, to find one that reports consistent
	// ones.
	for _, node := range c.nodes() {
		if lifetime, err := c.lifetimeFrom(ctx, node, slot); err == nil {
			return lifetime, nil
		}
	}

	return txn.Lifetime{}, err
}

func (c *Client) lifetimeFrom(
	ctx context.Context,
	node rpc.JSONRPCClient,
	slot uint64,
) (txn.Lifetime, error) {
	var hash latestBlockhash
	var height *uint64
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error {
		opts := rpc.M{"commitment": c.commitment, "minContextSlot": slot}
		return node.CallForInto(groupCtx, &minSlotAnswer[latestBlockhash]{slot, &hash},
			"getLatestBlockhash", []any{opts})
	})

	group.Go(func() error {
		info, err := getEpochInfo(groupCtx, node, c.commitment, slot)
		if err != nil {
			c.logger.DebugContext(ctx, "cannot read the block height to check the blockhash",
				"error", err)
			return nil
		}

		height = &info.BlockHeight
		return nil
	})

	if err := group.Wait(); err != nil {
		return txn.Lifetime{}, err
	}

	if hash.Value == nil {
		return txn.Lifetime{}, fmt.Errorf("blockhash: %w", ErrNoAnswer)
	}

	lifetime := txn.Lifetime{
		Blockhash:            solana.Hash(hash.Value.Blockhash),
		LastValidBlockHeight: hash.Value.LastValidBlockHeight,
		Slot:                 hash.Context.Slot,
		ReadAt:               c.now().UnixMilli(),
	}

	return lifetime, checkLifetime(lifetime, height)
}

// checkLifetime returns [ErrBadLifetime] if a last valid block height is
// impossible. The number of blocks never exceeds the number of slots. The
// height is nil if it is not known.
func checkLifetime(l txn.Lifetime, height *uint64) error {
	last := l.LastValidBlockHeight
	switch {
	case last > l.Slot && last-l.Slot > maxBlockhashBlocks:
		return fmt.Errorf("%w: %d at slot %d", ErrBadLifetime, last, l.Slot)
	case height == nil:
		return nil
	case last <= *height || last-*height > maxBlockhashBlocks:
		return fmt.Errorf("%w: %d at block height %d", ErrBadLifetime, last, *height)
	}
	return nil
}

// latestBlockhash is the answer to getLatestBlockhash.
type latestBlockhash struct {
	inContext
	Value *struct {
		Blockhash            base58Key `json:"blockhash"`
		LastValidBlockHeight uint64    `json:"lastValidBlockHeight"`
	} `json:"value"`
}
