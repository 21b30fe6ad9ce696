package sdk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gagliardetto/solana-go"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/feed"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// watchJob is a load of the market or a poll of some accounts, over HTTP.
type watchJob struct {
	// reason is why the market is loaded. It is empty for a poll.
	reason string
	// wants are the accounts of a poll.
	wants []feed.Want
	// generations are those of the connections whose accounts the job reads,
	// by number.
	generations map[int]uint64
	withRest    bool
	began       time.Time

	// market and load are the result of a load, accounts that of a poll, and
	// slot the slot of the oldest answer.
	market   *route.Market
	load     *load
	accounts []feed.Account
	slot     uint64
	err      error
}

// do runs the job.
func (j *watchJob) do(ctx context.Context, c *Client, loader *route.Loader) {
	if j.reason == "" {
		j.accounts, j.slot, j.err = c.pollAccounts(ctx, j.wants)
		return
	}

	j.market, j.load, j.err = c.loadMarket(ctx, loader, true)
	if j.err == nil {
		j.slot = j.load.lowest
	}
}

// pollAccounts reads accounts that are not older than the last market. It
// returns the slot of the oldest answer.
func (c *Client) pollAccounts(
	ctx context.Context,
	wants []feed.Want,
) (all []feed.Account, lowest uint64, err error) {
	byLength := make(map[int][]solana.PublicKey)
	for _, w := range wants {
		byLength[w.Length] = append(byLength[w.Length], w.Address)
	}

	var parts []*accountBatch
	for _, length := range slices.Sorted(maps.Keys(byLength)) {
		for keys := range slices.Chunk(byLength[length], accountsPerRequest) {
			parts = append(parts, &accountBatch{keys: keys, length: length})
		}
	}

	floor := c.seen.slot.Load()
	group, groupCtx := errgroup.WithContext(ctx)
	for _, p := range parts {
		group.Go(func() error {
			return c.multipleAccounts(groupCtx, p.keys, p.length, floor, &p.answer)
		})
	}

	if err := group.Wait(); err != nil {
		return nil, 0, fmt.Errorf("poll accounts: %w", err)
	}

	for _, p := range parts {
		slot := p.answer.Context.Slot
		if !c.seen.plausible(p.answer.highestSlot()) {
			return nil, 0, fmt.Errorf("poll accounts: %w: %d", jsonrpc.ErrNodeAhead, slot)
		}

		if lowest == 0 || slot < lowest {
			lowest = slot
		}

		for i, v := range p.answer.Value {
			all = append(all, v.fed(p.keys[i], slot))
		}
	}

	c.seen.saw(lowest)

	return all, lowest, nil
}

// fed returns an account of an answer. An account that does not exist has no
// lamports.
func (v *accountValue) fed(address solana.PublicKey, slot uint64) feed.Account {
	a := feed.Account{
		Address:    address,
		Slot:       slot,
		Connection: polled,
	}
	if v != nil {
		a.Owner = solana.PublicKey(v.Owner)
		a.Lamports = v.Lamports
		a.Data = v.Data
		a.Executable = v.Executable
	}
	return a
}

// account returns an account in the form of package accounts.
func accountOf(a feed.Account) accounts.Account {
	return accounts.Account{
		Address:    a.Address,
		Owner:      a.Owner,
		Lamports:   a.Lamports,
		Data:       a.Data,
		Executable: a.Executable,
	}
}

// wantsOf returns the accounts to watch for a market, with the program data
// accounts of the programs whose build it depends on, and the slots of their
// deployments.
func wantsOf(
	market *route.Market,
	l *load,
) (wants []feed.Want, headers map[solana.PublicKey]uint64) {
	known := make(map[solana.PublicKey]bool)
	for _, d := range market.Dependencies() {
		known[d.Address] = true
		want := feed.Want{Address: d.Address, Length: d.Length}
		if a, err := market.Account(d.Address); err == nil {
			want.Size = len(a.Data)
		}

		wants = append(wants, want)
	}

	headers = make(map[solana.PublicKey]uint64, len(l.headers))
	for _, program := range slices.SortedFunc(maps.Keys(l.headers), accounts.CompareKeys) {
		address := l.headers[program]
		headers[address] = deploySlot(l.state.Accounts, address)
		if !known[address] {
			wants = append(wants, feed.Want{
				Address: address,
				Length:  accounts.ProgramDataHeaderSize,
				Size:    accounts.ProgramDataHeaderSize,
			})
		}
	}

	return wants, headers
}

// deploySlot returns the slot of a program's last deployment, or zero if its
// program data account cannot be read.
func deploySlot(set *accounts.Set, address solana.PublicKey) uint64 {
	header, err := accounts.Load(set, address, accounts.DecodeProgramData)
	if err != nil {
		return 0
	}
	return header.DeploySlot
}
