package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Conditions under which a transaction is not built.
var (
	// ErrOwner says that the owner of the tokens was not named.
	ErrOwner = errors.New("no owner named (set BuildOptions.Owner)")
	// ErrPercentile says that a percentile is over 100.
	ErrPercentile = errors.New("percentile over 100")
	// ErrSimulation says that the transaction would fail; the error also wraps a *progerr.TransactionError.
	ErrSimulation = errors.New("simulation failed")
	// ErrNoAnswer says that the node answered without the value it was asked for.
	ErrNoAnswer = errors.New("the node answered without a value (try again, or another endpoint)")
)

// BuildOptions say for whom a transaction is built and how.
type BuildOptions struct {
	// Owner holds the tokens and signs.
	Owner solana.PublicKey
	// Payer pays the fees and the rent of new accounts, if that is not the owner.
	Payer solana.PublicKey
	// Seed, together with the owner, gives the addresses of accounts that the transaction creates. It must be one the owner has never
	// used, at most 32 characters, or 31 for a quote with Legs, whose first leg adds a "1" to it. By default it is random. Name it to know
	// the address of a stake account that is received, see [accounts.SeededStakeAccount].
	Seed string
	// NewAccount is the key of the stake account that is created by quotes with route.Quote.NewAccount. By default a key is made, which
	// signs and is forgotten: the stake account belongs to the owner, or the recipient.
	NewAccount *txn.KeySigner
	// Lifetime, if it is there, is used instead of asking for a recent blockhash. Whoever builds often keeps one for some seconds.
	Lifetime *txn.Lifetime
	Priority PriorityFee
	// SkipSimulation builds without asking the node whether the transaction would succeed. The compute limit is then made of
	// what the instructions were measured to need, and there is no limit on
	// the size of loaded accounts.
	SkipSimulation bool
	// SkipPayerCheck builds a transaction that is not simulated without asking
	// what its payer and its owner hold. It is for showing a transaction before
	// there is money for it; without it they are refused, see [PayerError] and
	// [FundsError].
	SkipPayerCheck bool
	// Legacy builds a transaction without a version, for wallets that know no other.
	Legacy bool
	// Nonce is a nonce account whose value the transaction has in place of a recent blockhash, so that there is no hurry to sign it. The
	// account's authority signs, too. Of all transactions with one value at most one lands, and a failed one uses it up as well. The limits
	// of the quote are inside: a price may have moved away from them when it is sent at last.
	Nonce solana.PublicKey
	// Memo is a text that is written to the log of the transaction, where anybody can read it. It must be valid UTF-8, and fit.
	Memo string
	// SendOptions are those with which [Client.Execute] sends, for example
	// [WithProgress]. Whatever only builds a transaction ignores them.
	SendOptions []SendOption
}

// Build composes the transaction that carries out a quote: token accounts are created as needed, the limit is inside, the
// compute limit comes from a simulation and the priority fee from what others pay. What the simulation finds is returned as an
// error that wraps [ErrSimulation] and a *progerr.TransactionError.
//
// Each transaction is one of its own: built twice from the same quote and for
// the same blockhash, two transactions differ in the low bits of their compute
// limits, and both can land. It costs no byte.
//
// A node that does not know the blockhash yet, or answers without figures, is
// passed over for the next endpoint and asked again as long as the blockhash
// lives. If none tells how many compute units it takes, the limit is the sum of
// what the instructions were measured to need. A payer that cannot pay the fee
// is a [PayerError].
func (c *Client) Build(
	ctx context.Context, quote route.Quote, opts BuildOptions,
) (*txn.Unsigned, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}

	return c.buildWith(ctx, &quote, opts, ready{lifetime: opts.kept()})
}

func (c *Client) buildWith(
	ctx context.Context, q *route.Quote, o BuildOptions, known ready,
) (*txn.Unsigned, error) {
	unsigned, err := c.build(ctx, q, o, known)
	if err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}
	return unsigned, nil
}

func (c *Client) build(
	ctx context.Context, q *route.Quote, o BuildOptions, known ready,
) (*txn.Unsigned, error) {
	if o.Owner.IsZero() {
		return nil, ErrOwner
	}
	if o.Priority.Percentile > 100 {
		return nil, ErrPercentile
	}
	o.Payer = o.payer()
	known, err := c.complete(ctx, q, o, known)
	if err != nil {
		return nil, err
	}

	known.addresses, known.seeds = c.addresses, &c.seeds
	plan, err := compose(q, o, known)
	if err != nil {
		return nil, err
	}
	plan.Budget.UnitLimit = maxUnitLimit
	// What the quote is made of must be seen by the node that simulates.
	known.slot = max(known.slot, q.Slot)
	known.spent = spends(q, o)
	if o.asksNothing() {
		return settleUnasked(ctx, plan, q, o, known)
	}
	draft, err := plan.Compile()
	if err != nil {
		return nil, err
	}
	found := known
	told, price, err := c.estimate(ctx, plan, draft, o, &found)
	if err != nil {
		return nil, err
	}
	plan.Lifetime.Slot = sendFloor(plan.Lifetime.Slot, found.slot, told.slot)
	unsigned, err := settle(plan, told, price, o.Priority)
	if err != nil {
		return nil, err
	}
	return found.checked(unsigned, q)
}

// asksNothing reports whether no node is asked what a transaction takes, what
// its payer holds, and what others pay.
func (o BuildOptions) asksNothing() bool {
	return o.SkipSimulation && o.SkipPayerCheck && o.Priority.fixed()
}

// settleUnasked compiles a plan of which nothing is to be found out. It is
// compiled once.
func settleUnasked(
	ctx context.Context, plan txn.Plan, q *route.Quote, o BuildOptions, known ready,
) (*txn.Unsigned, error) {
	draft := plan
	plan.Lifetime.Slot = sendFloor(plan.Lifetime.Slot, known.slot, 0)
	unsigned, err := settle(plan, simulated{}, o.Priority.highest(), o.Priority)
	if err != nil {
		// If it does not fit without a price either, this is what is told.
		if _, first := draft.Compile(); first != nil {
			return nil, first
		}
	}
	if ended := ctx.Err(); ended != nil {
		return nil, ended
	}
	if err != nil {
		return nil, err
	}
	return known.checked(unsigned, q)
}

// checked refuses a transaction that its payer or its owner cannot pay for, as
// far as they were looked at.
func (r *ready) checked(unsigned *txn.Unsigned, q *route.Quote) (*txn.Unsigned, error) {
	if err := r.checkPayer(unsigned); err != nil {
		return nil, err
	}
	if err := r.checkSource(unsigned, q.In); err != nil {
		return nil, err
	}
	return unsigned, nil
}

// sendFloor is the slot that a node must have reached to judge a transaction:
// where its blockhash was read, its quote was made, and it was simulated. A node
// behind that may see accounts missing which were there in the simulation, and
// refuse what a leader would take. A simulation too far ahead of the others is
// not believed.
func sendFloor(blockhash, quoted, simulated uint64) uint64 {
	floor := max(blockhash, quoted)
	if simulated > floor && simulated-floor <= replicaSpread {
		return simulated
	}
	return floor
}

// payer is who pays the fees.
func (o BuildOptions) payer() solana.PublicKey {
	if o.Payer.IsZero() {
		return o.Owner
	}
	return o.Payer
}

// kept is the lifetime that need not be asked for. A nonce goes before it.
func (o BuildOptions) kept() *txn.Lifetime {
	if !o.Nonce.IsZero() {
		return nil
	}
	return o.Lifetime
}

// compose makes the plan of what is known.
func compose(q *route.Quote, o BuildOptions, known ready) (txn.Plan, error) {
	parties := route.Parties{
		Owner:     o.Owner,
		Payer:     o.Payer,
		Seed:      o.Seed,
		Held:      known.held,
		Addresses: known.addresses,
		LazyWords: true,
	}
	if parties.Seed == "" {
		parties.Seed = known.seeds.next()
	}
	var created []*txn.KeySigner
	if q.NewAccount {
		if o.NewAccount == nil {
			var err error
			if o.NewAccount, err = txn.GenerateKeySigner(); err != nil {
				return txn.Plan{}, err
			}
		}
		parties.NewAccount, created = o.NewAccount.PublicKey(), []*txn.KeySigner{o.NewAccount}
	}
	steps, err := q.Steps(parties)
	if err != nil {
		return txn.Plan{}, err
	}
	if o.Memo != "" {
		memo, err := txn.Memo(o.Memo)
		if err != nil {
			return txn.Plan{}, err
		}
		steps = append(slices.Clip(steps), memo)
	}
	// A node behind the slot of the quote is not asked what would become of the transaction.
	lifetime := *known.lifetime
	lifetime.Slot = max(lifetime.Slot, q.Slot)
	return txn.Plan{NewAccounts: created, Payer: o.Payer, Steps: steps, Legacy: o.Legacy, Tables: q.Tables, Lifetime: lifetime}, nil
}
