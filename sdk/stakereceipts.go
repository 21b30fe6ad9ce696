package sdk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrNoStakeReceipt is returned by [Client.ClaimStakeReceipt] when the owner
// has no receipt at the address. After the cool-down any account can claim a
// receipt for its owner: look at the owner's token account.
var ErrNoStakeReceipt = errors.New("no such receipt (if it was claimed, its owner has the tokens)")

// claimReceiptUnits are the compute units of ClaimPoolTokens: 11,600 measured,
// plus a margin.
const claimReceiptUnits = 20_000

// mostStakeReceipts is the largest number of receipts of an owner that are
// read. Anyone can make a receipt for an owner, and a node can list any
// accounts.
const mostStakeReceipts = 10_000

// StakeReceipt is an open receipt of Jito's stake deposit interceptor, through
// which JitoSOL takes stake. [quote.ClaimReceipt] computes what it pays.
type StakeReceipt struct {
	Address solana.PublicKey
	Receipt accounts.InterceptorReceipt
}

// StakeReceipts returns the open receipts of an owner, the earliest deposit
// first. It asks the node for the program's accounts, which some providers
// refuse or charge for. A list of more than 10,000 accounts is refused with
// [ErrBodyTooLarge]. Call it to find receipts again, for example after a
// restart.
func (c *Client) StakeReceipts(
	ctx context.Context,
	owner solana.PublicKey,
) ([]StakeReceipt, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("stake receipts: %w", err)
	}

	receipts, err := c.stakeReceipts(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("stake receipts: %w", err)
	}

	return receipts, nil
}

func (c *Client) stakeReceipts(
	ctx context.Context,
	owner solana.PublicKey,
) ([]StakeReceipt, error) {
	none := uint64(0)
	list, err := c.rpc.GetProgramAccountsWithOpts(ctx, accounts.InterceptorProgram,
		&rpc.GetProgramAccountsOpts{
			Commitment: c.commitment,
			Encoding:   solana.EncodingBase64,
			DataSlice:  &rpc.DataSlice{Offset: &none, Length: &none},
			Filters: []rpc.RPCFilter{
				{DataSize: accounts.InterceptorReceiptSpace},
				{Memcmp: &rpc.RPCFilterMemcmp{
					Offset: accounts.InterceptorReceiptOwnerOffset,
					Bytes:  owner[:],
				}},
			},
		})
	if err != nil {
		return nil, err
	}

	keys := make([]solana.PublicKey, 0, len(list))
	for _, a := range list {
		if a != nil {
			keys = append(keys, a.Pubkey)
		}
	}

	slices.SortFunc(keys, accounts.CompareKeys)
	keys = slices.Compact(keys)

	if len(keys) > mostStakeReceipts {
		return nil, fmt.Errorf("%w: %d stake receipts, at most %d", ErrBodyTooLarge, len(keys),
			mostStakeReceipts)
	}

	// The accounts are read again, because the list has no slot.
	set, err := c.readAccounts(ctx, keys, 0)
	if err != nil {
		return nil, err
	}

	var receipts []StakeReceipt
	for _, key := range keys {
		// A receipt that is gone was claimed in between.
		a, err := set.Get(key)
		if errors.Is(err, accounts.ErrNotFound) || err == nil && a.Owner == accounts.SystemProgram {
			continue
		}

		if err != nil {
			return nil, err
		}

		receipt, err := accounts.DecodeInterceptorReceipt(a)
		if err != nil {
			return nil, err
		}

		if receipt.Owner == owner {
			receipts = append(receipts, StakeReceipt{Address: key, Receipt: *receipt})
		}
	}

	slices.SortFunc(receipts, func(a, b StakeReceipt) int {
		return cmp.Or(cmp.Compare(a.Receipt.DepositTime, b.Receipt.DepositTime),
			accounts.CompareKeys(a.Address, b.Address))
	})

	return receipts, nil
}

// ClaimStakeReceipt builds the transaction that pays a receipt to its owner,
// BuildOptions.Owner, and returns what it pays at the time of the Clock sysvar.
// A claim that lands later pays at least as much.
//
// During the cool-down the owner signs, and the claim costs a fee. After it, a
// transaction that another account pays for needs no signature of the owner.
// The error is [ErrNoStakeReceipt] if the owner has no receipt at the address.
// BuildOptions.Seed and StakeKeypair have no effect.
func (c *Client) ClaimStakeReceipt(
	ctx context.Context, receipt solana.PublicKey, opts BuildOptions,
) (*txn.Unsigned, quote.ReceiptClaim, error) {
	fail := func(err error) (*txn.Unsigned, quote.ReceiptClaim, error) {
		return nil, quote.ReceiptClaim{}, fmt.Errorf("claim stake receipt: %w", err)
	}

	if err := c.usable(ctx); err != nil {
		return fail(err)
	}

	if err := opts.check(); err != nil {
		return fail(err)
	}

	opts.Payer = opts.payer()
	steps, claim, slot, err := c.claimSteps(ctx, receipt, opts)
	if err != nil {
		return fail(err)
	}

	unsigned, err := c.buildSteps(ctx, steps, opts, slot)
	if err != nil {
		return fail(err)
	}

	return unsigned, claim, nil
}

// claimSteps reads a receipt and what its claim needs. The slot is that of the
// accounts.
func (c *Client) claimSteps(
	ctx context.Context, address solana.PublicKey, o BuildOptions,
) (steps []txn.Step, claim quote.ReceiptClaim, slot uint64, err error) {
	fail := func(err error) ([]txn.Step, quote.ReceiptClaim, uint64, error) {
		return nil, quote.ReceiptClaim{}, 0, err
	}

	set, err := c.readAccounts(ctx, []solana.PublicKey{address, accounts.ClockSysvar}, 0)
	if err != nil {
		return fail(err)
	}

	account, missing := set.Get(address)
	if missing != nil || account.Owner == accounts.SystemProgram {
		return fail(fmt.Errorf("%w: %s", ErrNoStakeReceipt, address))
	}

	receipt, err := accounts.DecodeInterceptorReceipt(account)
	switch {
	case err != nil:
		return fail(err)
	case receipt.Owner != o.Owner:
		return fail(fmt.Errorf("%w: %s belongs to %s", ErrNoStakeReceipt, address, receipt.Owner))
	}

	clock, err := accounts.Load(set, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return fail(err)
	}

	claim, err = quote.ClaimReceipt(receipt, clock.UnixTimestamp)
	if err != nil {
		return fail(err)
	}

	pool, interceptor, slot, err := c.interceptor(ctx, receipt, set.Slot())
	if err != nil {
		return fail(err)
	}

	destination, err := c.addresses.AssociatedToken(o.Owner, pool.TokenProgram, pool.Mint)
	if err != nil {
		return fail(err)
	}

	ix, err := instructions.InterceptorClaimPoolTokens{
		Interceptor: interceptor,
		Pool:        pool,
		Receipt:     address,
		Owner:       o.Owner,
		Unsigned:    !claim.OwnerSigns && o.Payer != o.Owner,
		Destination: destination,
	}.Build()
	if err != nil {
		return fail(err)
	}

	create := txn.CreateTokenAccountAt(o.Payer, destination, o.Owner, pool.Mint, pool.TokenProgram)
	pay := txn.Step{
		Description:  fmt.Sprintf("claim the receipt %s for %s", address, o.Owner),
		Instruction:  ix,
		ComputeUnits: claimReceiptUnits,
	}

	return []txn.Step{create.Described(), pay}, claim, slot, nil
}

// interceptor reads the pool of a receipt and its stake deposit authority. The
// pool may have another authority by now; the receipt keeps its own.
func (c *Client) interceptor(
	ctx context.Context, receipt *accounts.InterceptorReceipt, slot uint64,
) (pool instructions.StakePool, i instructions.Interceptor, at uint64, err error) {
	keys := []solana.PublicKey{receipt.StakePool, receipt.DepositAuthority}
	set, err := c.readAccounts(ctx, keys, slot)
	if err != nil {
		return pool, i, 0, err
	}

	state, err := accounts.Load(set, receipt.StakePool, accounts.DecodeStakePool)
	if err != nil {
		return pool, i, 0, err
	}

	authority, err := accounts.Load(set, receipt.DepositAuthority,
		accounts.DecodeInterceptorAuthority)
	if err != nil {
		return pool, i, 0, err
	}

	account, err := set.Get(receipt.StakePool)
	if err != nil {
		return pool, i, 0, err
	}

	pool, err = instructions.NewStakePool(account.Owner, receipt.StakePool, state)
	if err != nil {
		return pool, i, 0, err
	}

	pool.StakeDepositAuthority = receipt.DepositAuthority
	i, err = instructions.NewInterceptor(accounts.InterceptorProgram, pool, authority)

	return pool, i, set.Slot(), err
}
