package sdk

import (
	"context"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// BuildSteps builds a transaction from steps alone, without a quote: crank
// instructions, a claim, instructions of a pool's manager, or those of another
// program. It has the lifetime, the compute unit limit and the priority fee
// that [Client.Build] would give it, and is simulated.
//
// The steps of BuildOptions.Before and After run around the given ones. There
// is no quote whose limits could hold, so Spends has no effect, and neither has
// Seed. StakeKeypair signs if a step needs its signature. LegBefore and
// LegAfter are an [ErrLegMismatch].
func (c *Client) BuildSteps(
	ctx context.Context, steps []txn.Step, opts BuildOptions,
) (*txn.Unsigned, error) {
	fail := func(err error) (*txn.Unsigned, error) {
		return nil, fmt.Errorf("build transaction: %w", err)
	}

	if err := c.usable(ctx); err != nil {
		return fail(err)
	}

	if err := opts.check(); err != nil {
		return fail(err)
	}

	if opts.hasLegs() {
		return fail(fmt.Errorf("%w: there is no trade", ErrLegMismatch))
	}

	opts.Payer = opts.payer()
	unsigned, err := c.buildSteps(ctx, steps, opts, 0)
	if err != nil {
		return fail(err)
	}

	return unsigned, nil
}

// buildSteps builds a transaction that is not made from a quote. slot is that
// of the accounts from which its steps were made.
func (c *Client) buildSteps(
	ctx context.Context, steps []txn.Step, o BuildOptions, slot uint64,
) (*txn.Unsigned, error) {
	steps, err := withUnits(slices.Concat(o.Before, steps, o.After))
	if err != nil {
		return nil, err
	}

	extra, err := o.extraSteps()
	if err != nil {
		return nil, err
	}

	known := prefetched{
		lifetime:  o.kept(),
		slot:      slot,
		addresses: c.addresses,
		seeds:     &c.seeds,
		spent:     o.Tip.Lamports,
	}

	var want wanted
	if known.lifetime == nil {
		want.nonce = o.Nonce
	}

	hash := known.lifetime == nil && o.Nonce.IsZero()
	if o.checksPayer() {
		want.payer = o.Payer
	}

	if hash || want != (wanted{}) {
		if err := c.readWithBlockhash(ctx, want, hash, slot, &known); err != nil {
			return nil, err
		}
	}

	lifetime := *known.lifetime
	lifetime.Slot = max(lifetime.Slot, slot)
	plan := txn.Plan{
		Payer:    o.Payer,
		Steps:    append(steps, extra...),
		Versions: o.Versions,
		Tables:   o.Tables,
		Lifetime: lifetime,
	}

	plan.Budget.ComputeUnitLimit = maxUnitLimit
	if key := o.StakeKeypair; key != nil && signs(plan.Steps, key.PublicKey()) {
		plan.NewAccountSigners = []*txn.KeySigner{key}
	}

	known.slot = max(known.slot, slot)

	return c.finish(ctx, plan, &route.Quote{}, o, known)
}

// signs reports whether a step needs the signature of a key.
func signs(steps []txn.Step, key solana.PublicKey) bool {
	return slices.ContainsFunc(steps, func(step txn.Step) bool {
		return step.Instruction != nil &&
			slices.ContainsFunc(step.Instruction.Accounts(), func(meta *solana.AccountMeta) bool {
				return meta != nil && meta.IsSigner && meta.PublicKey == key
			})
	})
}
