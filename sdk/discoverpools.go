package sdk

import (
	"context"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

const (
	// poolMintOffset is the position of the mint in a stake pool.
	poolMintOffset = 162
	// poolAccountType is the first byte of a stake pool.
	poolAccountType = 1
	// mostCandidates is the largest number of pools of one mint that are read.
	// A pool can name the mint of another one only in a deployment that checks
	// nothing.
	mostCandidates = 64
	// mostListedPools is the largest number of pools of a deployment that are
	// read. Sanctum counts 1,300 in all deployments.
	mostListedPools = 20_000
)

// listedKey is an element of an answer to getProgramAccounts. The account is
// not decoded.
type listedKey struct {
	Address base58Key `json:"pubkey"`
}

// listPools asks for the addresses of the pools of a program, of at most most
// pools. The addresses are sorted.
func (c *Client) listPools(
	ctx context.Context, program solana.PublicKey, most int, filters ...rpc.M,
) ([]solana.PublicKey, error) {
	isPool := rpc.M{"memcmp": rpc.M{
		"offset": 0,
		"bytes":  solana.Base58{poolAccountType},
	}}

	var answer jsonrpc.List[listedKey]
	err := c.transport.CallForInto(ctx, &answer, "getProgramAccounts", []any{program, rpc.M{
		"encoding":   "base64",
		"commitment": c.commitment,
		"dataSlice":  rpc.M{"offset": 0, "length": 0},
		"filters":    append([]rpc.M{isPool}, filters...),
	}})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}

	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrPoolsNotListed, program, err)
	}

	if len(answer) > most {
		return nil, fmt.Errorf("%w %s: %w: %d pools, at most %d", ErrPoolsNotListed, program,
			ErrBodyTooLarge, len(answer), most)
	}

	keys := make([]solana.PublicKey, 0, len(answer))
	for _, listed := range answer {
		keys = append(keys, solana.PublicKey(listed.Address))
	}

	slices.SortFunc(keys, accounts.CompareKeys)
	return slices.Compact(keys), nil
}

// listCandidates asks all deployments for the pools that name a mint. If one of
// them answers with a pool, errors of others do not matter.
func (d *discoverer) listCandidates(
	ctx context.Context, mint solana.PublicKey,
) ([]solana.PublicKey, error) {
	answers := make([][]solana.PublicKey, len(d.programs))
	failures := make([]error, len(d.programs))
	var group errgroup.Group
	for i, program := range d.programs {
		group.Go(func() error {
			answers[i], failures[i] = d.client.listPools(ctx, program, mostCandidates, rpc.M{
				"memcmp": rpc.M{"offset": poolMintOffset, "bytes": solana.Base58(mint[:])},
			})

			return nil
		})
	}

	_ = group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}

	found := slices.Concat(answers...)
	if len(found) > 0 {
		return found, nil
	}

	for _, err := range failures {
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// ListedPool is a stake pool of [Client.StakePools].
type ListedPool struct {
	Address solana.PublicKey
	Program solana.PublicKey
	// Pool is the state of the pool, or nil if Err is set.
	Pool *accounts.StakePool
	// Err is the error of the decoder.
	Err error
}

// StakePools returns all pools of deployments of the stake pool program, by
// default those of [accounts.StakePoolPrograms], in the order of the programs
// and of the addresses. It asks the node for the addresses of the program's
// accounts, at most 20,000, and reads 100 pools at a time. Many nodes refuse
// such lists, with [ErrPoolsNotListed].
//
// The pools are as they are on chain: some are empty, abandoned or hostile.
// Pass their mints to [Client.DiscoverAddress] before you trade them.
func (c *Client) StakePools(
	ctx context.Context, programs ...solana.PublicKey,
) ([]ListedPool, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("stake pools: %w", err)
	}

	if len(programs) == 0 {
		programs = accounts.StakePoolPrograms()
	}

	var pools []ListedPool
	for _, program := range programs {
		keys, err := c.listPools(ctx, program, mostListedPools)
		if err != nil {
			return nil, fmt.Errorf("stake pools: %w", err)
		}

		for page := range slices.Chunk(keys, accountsPerRequest) {
			read, err := c.readPools(ctx, program, page)
			if err != nil {
				return nil, fmt.Errorf("stake pools: %w", err)
			}

			pools = append(pools, read...)
		}
	}
	return pools, nil
}

// readPools reads pools in one request. Pools that are gone are left out.
func (c *Client) readPools(
	ctx context.Context, program solana.PublicKey, keys []solana.PublicKey,
) ([]ListedPool, error) {
	answer := multipleAccounts{keys: keys}
	err := c.multipleAccounts(ctx, keys, accounts.StakePoolSpace, c.seen.slot.Load(), &answer)
	if err != nil {
		return nil, err
	}

	set := accounts.NewSet(answer.Context.Slot)
	if err := answer.into(set, keys); err != nil {
		return nil, err
	}

	var pools []ListedPool
	for _, key := range keys {
		account, err := set.Get(key)
		if err != nil {
			continue
		}

		listed := ListedPool{Address: key, Program: program}
		listed.Pool, listed.Err = accounts.DecodeStakePoolOf(account, program)
		pools = append(pools, listed)
	}
	return pools, nil
}
