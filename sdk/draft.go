package sdk

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// draft holds what policies are made from: the quote, the explanation of its
// instructions, and values from the chain.
type draft struct {
	quote route.Quote
	opts  BuildOptions
	steps explain.Explanation
	rents
	// token2022Rents are the rents of associated token accounts by their
	// Token-2022 mint, in lamports. These accounts have extensions.
	token2022Rents map[solana.PublicKey]uint64
	tokenBalance   *uint64
	vacant         []solana.PublicKey
	nonce          txn.DurableNonce
	// made are the steps of the transaction.
	made composition
	// plan is the transaction, as far as its base fee depends on it. baseFee is
	// the fee that a node reports for it, or nil.
	plan    txn.Plan
	baseFee *uint64
}

func (c *Client) draft(ctx context.Context, quote route.Quote, opts BuildOptions) (*draft, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}

	if opts.Owner.IsZero() {
		return nil, ErrNoOwner
	}

	opts.Payer = cmp.Or(opts.Payer, opts.Owner)
	opts, err := c.withLegs(ctx, opts, quote.Slot)
	if err != nil {
		return nil, err
	}

	d := &draft{quote: quote, opts: opts}
	account, guarded, err := quote.BalanceCheckAccount(opts.Owner)
	if err != nil {
		return nil, err
	}

	// The instructions do not depend on the balance of the account.
	steps, err := d.explain(new(uint64))
	if err != nil {
		return nil, err
	}

	d.steps = steps
	var lifetime *txn.Lifetime
	if !opts.Nonce.IsZero() {
		var known prefetched
		if err := c.readWanted(ctx, wanted{nonce: opts.Nonce}, quote.Slot, &known); err != nil {
			return nil, err
		}

		lifetime, d.nonce = known.lifetime, known.lifetime.Nonce
	} else {
		lifetime = opts.kept()
	}

	asked := askFor(ctx, func(ctx context.Context) (*uint64, error) {
		return c.planFee(ctx, d.plan, lifetime, quote.Slot)
	})
	defer asked.stop()
	if err := c.read(ctx, d, account, guarded); err != nil {
		return nil, err
	}

	d.baseFee = c.waitBaseFee(ctx, asked)

	return d, ctx.Err()
}

// planFee requests the network fee of a plan without its priority fee. If there
// is no lifetime it reads a blockhash, which does not change the fee.
func (c *Client) planFee(
	ctx context.Context, plan txn.Plan, lifetime *txn.Lifetime, slot uint64,
) (*uint64, error) {
	if lifetime == nil {
		latest, err := c.lifetime(ctx, slot)
		if err != nil {
			return nil, err
		}

		lifetime = &latest
	}

	plan.Lifetime = *lifetime
	plan, err := c.withVersion(ctx, plan, PriorityFee{})
	if err != nil {
		return nil, err
	}

	unsigned, err := plan.Compile()
	if err != nil {
		return nil, err
	}

	return c.baseFee(ctx, unsigned, max(slot, lifetime.Slot))
}

// explain sets the composition and the plan, and returns the explanation of the
// instructions.
func (d *draft) explain(held *uint64) (explain.Explanation, error) {
	made, err := compose(&d.quote, d.opts, prefetched{
		lifetime:     new(txn.Lifetime),
		tokenBalance: held,
	})
	if err != nil {
		return explain.Explanation{}, err
	}

	d.made, d.plan = made, made.plan(d.opts)
	return explainSteps(d.opts.Payer, d.plan.Steps), nil
}

// read reads the rents, the balance of the account that the transaction checks,
// and the addresses that must be vacant.
func (c *Client) read(
	ctx context.Context,
	d *draft,
	guarded solana.PublicKey,
	isGuarded bool,
) error {
	keys := []solana.PublicKey{accounts.RentSysvar}
	if isGuarded {
		keys = append(keys, guarded)
	}

	var need []solana.PublicKey
	if d.opts.Seed != "" {
		need = d.steps.NeedVacant(d.opts.Owner)
	}

	mints := token2022Mints(d.steps)
	set, err := c.readAccounts(ctx, slices.Concat(keys, need, mints), d.quote.Slot)
	if err != nil {
		return err
	}

	if d.rents, err = rentsOf(set); err != nil {
		return err
	}

	if d.token2022Rents, err = rentsByMint(set, mints); err != nil {
		return err
	}

	d.vacant = vacant(set, need)
	if !isGuarded {
		return nil
	}

	held, err := balanceOf(set, guarded)
	d.tokenBalance = &held

	return err
}

// readAccounts reads accounts with a minimum slot, in several requests if
// necessary.
func (c *Client) readAccounts(
	ctx context.Context, keys []solana.PublicKey, slot uint64,
) (*accounts.Set, error) {
	return c.readHeads(ctx, keys, 0, slot)
}

// readHeads is readAccounts for at most the first length bytes of each account,
// or for all data if length is zero. A stranger who names an account of 10 MiB
// then costs no more than another.
func (c *Client) readHeads(
	ctx context.Context, keys []solana.PublicKey, length int, slot uint64,
) (*accounts.Set, error) {
	slot = max(slot, c.seen.slot.Load())
	set := accounts.NewSet(0)
	for part := range slices.Chunk(keys, accountsPerRequest) {
		answer := multipleAccounts{keys: part}
		if err := c.multipleAccounts(ctx, part, length, slot, &answer); err != nil {
			return nil, err
		}

		if err := answer.into(set, part); err != nil {
			return nil, err
		}

		slot = max(slot, answer.Context.Slot)
	}

	set.SetSlot(slot)
	return set, nil
}

// rents are the rents of token accounts, of stake accounts and of receipts of
// the interceptor, in lamports.
type rents struct{ tokenRent, stakeRent, receiptRent uint64 }

func rentsOf(set *accounts.Set) (r rents, err error) {
	rent, err := accounts.Load(set, accounts.RentSysvar, accounts.DecodeRent)
	if err != nil {
		return rents{}, err
	}

	for _, of := range []struct {
		space uint64
		rent  *uint64
	}{
		{accounts.TokenAccountSpace, &r.tokenRent},
		{accounts.StakeAccountSpace, &r.stakeRent},
		{accounts.InterceptorReceiptSpace, &r.receiptRent},
	} {
		if *of.rent, err = rent.MinimumBalance(of.space); err != nil {
			return rents{}, err
		}
	}

	return r, nil
}

// rentsByMint returns the rents of the associated token accounts of mints, in
// lamports.
func rentsByMint(set *accounts.Set, mints []solana.PublicKey) (map[solana.PublicKey]uint64, error) {
	found := make(map[solana.PublicKey]uint64, len(mints))
	for _, key := range mints {
		rent, err := accounts.Load(set, accounts.RentSysvar, accounts.DecodeRent)
		if err != nil {
			return nil, err
		}

		mint, err := set.Get(key)
		if err != nil {
			return nil, err
		}

		space, err := accounts.AssociatedTokenSpace(mint)
		if err != nil {
			return nil, err
		}

		if found[key], err = rent.MinimumBalance(space); err != nil {
			return nil, err
		}
	}

	return found, nil
}

// vacant returns the addresses without an account.
func vacant(set *accounts.Set, addresses []solana.PublicKey) []solana.PublicKey {
	return slices.DeleteFunc(slices.Clone(addresses), func(address solana.PublicKey) bool {
		_, err := set.Get(address)
		return !errors.Is(err, accounts.ErrNotFound)
	})
}
