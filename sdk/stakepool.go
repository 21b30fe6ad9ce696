package sdk

import (
	"context"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// StakePool is a stake pool with all accounts that the changes of its manager
// and its staker depend on. Load one with [Client.LoadStakePool].
type StakePool struct {
	// Pool quotes the changes. Its Update is set if the pool is out of date.
	Pool quote.StakePoolState
	// Addresses are the addresses that the instructions take.
	Addresses instructions.StakePool
	// MaxValidators is the number of entries that the validator list holds.
	MaxValidators uint32
	// Validators are the entries of the list with their stake accounts.
	Validators []quote.ValidatorBalance
	// MintSupply is the supply of the pool mint, in base units.
	MintSupply uint64
	// Slot is the slot of the accounts.
	Slot uint64
}

// Outdated reports whether the pool has not been updated in its epoch.
func (p *StakePool) Outdated() bool {
	return p != nil && p.Pool.State.LastUpdateEpoch < p.Pool.Clock.Epoch
}

// List returns the validator list.
func (p *StakePool) List() *accounts.ValidatorList {
	if p == nil {
		return nil
	}

	list := &accounts.ValidatorList{MaxValidators: p.MaxValidators}
	for i := range p.Validators {
		list.Validators = append(list.Validators, p.Validators[i].Entry)
	}
	return list
}

// UpdateSteps returns the steps of a pool update, one slice for each
// transaction. All but the last can be executed in any order. If the pool is up
// to date, the only transaction updates its balance again.
func (p *StakePool) UpdateSteps(payer solana.PublicKey) ([][]txn.Step, error) {
	if p == nil {
		return nil, fmt.Errorf("update stake pool: %w pool", accounts.ErrNil)
	}

	s := &stalePool{
		pool: p.Pool,
		keys: p.Addresses,
		list: p.List(),
	}

	for i := range p.Validators {
		if p.Outdated() && p.Validators[i].Entry.LastUpdateEpoch < p.Pool.Clock.Epoch {
			s.behind = append(s.behind, i)
		}
	}

	parts, err := poolUpdatePacker{pool: s, payer: payer}.pack()
	if err != nil {
		return nil, fmt.Errorf("update stake pool: %w", err)
	}

	transactions := make([][]txn.Step, len(parts))
	for i := range parts {
		transactions[i] = parts[i].steps
	}
	return transactions, nil
}

// token returns the LST of the pool, with its address in place of a symbol.
func (p *StakePool) token() lst.LST {
	return lst.LST{
		Symbol:        p.Pool.Address.String(),
		Mint:          p.Pool.State.PoolMint,
		Decimals:      9,
		TokenProgram:  p.Pool.State.TokenProgram,
		Kind:          lst.KindSPL,
		Program:       p.Pool.Program,
		Pool:          p.Pool.Address,
		ValidatorList: p.Pool.State.ValidatorList,
	}
}

// LoadStakePool reads a stake pool from its address alone. The pool must belong
// to a deployment of the stake pool program: one of
// [accounts.StakePoolPrograms], or one of the given programs. Otherwise the
// error is an [ErrNoStakePool].
func (c *Client) LoadStakePool(
	ctx context.Context, address solana.PublicKey, programs ...solana.PublicKey,
) (*StakePool, error) {
	pool, err := c.loadStakePool(ctx, address, programs)
	if err != nil {
		return nil, fmt.Errorf("load stake pool %s: %w", address, err)
	}
	return pool, nil
}

func (c *Client) loadStakePool(
	ctx context.Context, address solana.PublicKey, programs []solana.PublicKey,
) (*StakePool, error) {
	read, err := c.LoadAccounts(ctx, address)
	if err != nil {
		return nil, err
	}

	account, err := read.Accounts.Get(address)
	if err != nil {
		return nil, err
	}

	if !slices.Contains(slices.Concat(accounts.StakePoolPrograms(), programs), account.Owner) {
		return nil, fmt.Errorf("%w: its owner is %s", ErrNoStakePool, account.Owner)
	}

	state, err := accounts.DecodeStakePoolOf(account, account.Owner)
	if err != nil {
		return nil, err
	}

	l := poolLoad{
		load: load{client: c, floor: c.seen.slot.Load()},
		token: lst.LST{
			Program:       account.Owner,
			Pool:          address,
			Mint:          state.PoolMint,
			ValidatorList: state.ValidatorList,
		},
		payer: address,
		all:   true,
	}

	s, err := l.read(ctx)
	if err != nil {
		return nil, err
	}

	c.seen.saw(l.highest)

	return &StakePool{
		Pool:          s.pool,
		Addresses:     s.keys,
		MaxValidators: s.list.MaxValidators,
		Validators:    s.validators,
		MintSupply:    s.mintSupply,
		Slot:          s.slot,
	}, nil
}

// LoadAccounts reads accounts in parallel requests, together with the minimum
// delegation of the stake program. Accounts that do not exist are recorded as
// missing.
func (c *Client) LoadAccounts(
	ctx context.Context, addresses ...solana.PublicKey,
) (*route.AccountSnapshot, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("load accounts: %w", err)
	}

	l := load{client: c, floor: c.seen.slot.Load()}
	l.state.Accounts = accounts.NewSet(0)
	if err := l.fetchRound(ctx, requests(addresses...), true); err != nil {
		return nil, fmt.Errorf("load accounts: %w", err)
	}

	c.seen.saw(l.highest)

	return &l.state, nil
}

// UpdateStakePool is [Client.UpdatePool] for a pool that need not be in the
// client's registry.
func (c *Client) UpdateStakePool(
	ctx context.Context, pool *StakePool, opts PoolUpdateOptions, signers ...txn.Signer,
) (*PoolUpdate, error) {
	report := &PoolUpdate{Result: PoolUpdateIncomplete}
	if err := c.usable(ctx); err != nil {
		return report, fmt.Errorf("update pool: %w", err)
	}

	if pool == nil {
		return report, fmt.Errorf("update pool: %w pool (load it with LoadStakePool)",
			accounts.ErrNil)
	}

	report.Token = pool.token()

	return c.updatePool(ctx, report, opts, signers)
}
