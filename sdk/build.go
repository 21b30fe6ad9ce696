package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/foreign"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Errors of building a transaction.
var (
	// ErrNoOwner is returned by [Client.Build], [Client.Policy] and trades such
	// as [Client.Stake] when BuildOptions.Owner is not set.
	ErrNoOwner = errors.New("no owner (set BuildOptions.Owner)")
	// ErrPercentile is returned by [Client.Build] when PriorityFee.Percentile
	// exceeds 100.
	ErrPercentile = errors.New("percentile exceeds 100 (set PriorityFee.Percentile to at most 100)")
	// ErrSimulation is returned by [Client.Build] and [Client.Witness] when the
	// transaction fails in the node's simulation. The error also wraps a
	// *progerr.TransactionError with the reason.
	ErrSimulation = errors.New("simulation failed")
	// ErrNoAnswer is returned when the response of a node lacks the requested
	// value, for example a blockhash. Try again, or add an endpoint with
	// [WithFallback].
	ErrNoAnswer = errors.New(
		"the node's response lacks the requested value (try again, or another endpoint)",
	)
)

// BuildOptions configures how [Client.Build] builds a transaction. Owner is
// required; the other fields are optional.
type BuildOptions struct {
	// Owner owns the tokens and signs the transaction.
	Owner solana.PublicKey
	// Payer pays the fees and the rent of new accounts. The default is Owner.
	Payer solana.PublicKey
	// Seed determines, together with the owner, the addresses of accounts that
	// the transaction creates. The default is random. Set it to know the
	// address of a received stake account in advance, see
	// [accounts.SeededStakeAccount]. The owner must not have used the seed
	// before. It has at most 32 characters, or 31 for a quote with two legs:
	// the first leg appends a "1".
	Seed string
	// StakeKeypair is the key of the new stake account of quotes with
	// [route.Quote.NeedsStakeKeypair]. By default a key is generated, signs the
	// transaction and is discarded. It gives no control over the account, which
	// belongs to the owner or the recipient.
	StakeKeypair *txn.KeySigner
	// Lifetime replaces the request for a recent blockhash. Callers that build
	// many transactions can keep one for a few seconds.
	Lifetime *txn.Lifetime
	// Priority configures the priority fee.
	Priority PriorityFee
	// SkipSimulation builds the transaction without a simulation. The compute
	// unit limit is then the sum of the values that were measured for its
	// instructions, and there is no limit on loaded accounts data.
	SkipSimulation bool
	// SkipPayerCheck omits the check of the balances of the payer and the owner
	// when SkipSimulation is set. Use it to display a transaction that the
	// wallet cannot pay for yet. Without it such a transaction is a
	// [PayerError] or a [FundsError].
	SkipPayerCheck bool
	// Versions are the formats of transactions that the wallets of all signers
	// take, for example [txn.VersionLegacy] for a wallet that does not know
	// version 0. The default is version 0 alone.
	//
	// With version 0 and [txn.Version1], the transaction is of version 0 while
	// it fits without lookup tables, and of version 1 where not, which holds
	// 4,096 bytes; lookup tables come last. Trades that would take two
	// transactions then take one. The client reads whether the network takes
	// version 1; if not, the transaction is built as if the list lacked it.
	Versions []txn.Version
	// Nonce is the address of a durable nonce account. Its value replaces the
	// recent blockhash, so that the transaction does not expire while it waits
	// for signatures. The authority of the nonce account must sign, too. Only
	// one transaction per nonce value can land; a failed transaction also uses
	// the value up. The amounts of the quote do not change while the
	// transaction waits: it fails if the price moves beyond them.
	Nonce solana.PublicKey
	// Memo is a text for the SPL memo program, which publishes it in the
	// transaction log. It must be valid UTF-8. A memo that does not fit into
	// the transaction is a txn.ErrTransactionTooLarge.
	Memo string
	// Before and After are steps of the caller that run before and after the
	// trade, in the same transaction: all of them take effect, or none. The
	// limits of the quote hold around them, see [BuildOptions.Spends]. A step
	// without ComputeUnits counts 200,000 compute units if the transaction is
	// not simulated. A trade with such steps uses a single transaction.
	Before, After []txn.Step
	// LegBefore and LegAfter are swaps that the API of another service
	// proposes, directly before and after the trade: LegBefore pays what the
	// trade takes, LegAfter takes what the trade pays. Example: a leg from
	// JitoSOL to USDC after a trade from mSOL to JitoSOL.
	//
	// Neither the service nor its program is trusted. Build reads every account
	// that the leg names and refuses a leg that reaches more of the owner's
	// than the two associated token accounts, as [ErrLegRefused]. At its end
	// the transaction fails unless the accounts and the wallet hold what the
	// leg promises and the owner alone controls them. A leg of wrapped SOL
	// takes or pays SOL: it closes the owner's associated wSOL account, which
	// unwraps its whole balance.
	LegBefore, LegAfter *foreign.Leg
	// prepared are the checked legs.
	prepared *legs
	// Spends is the maximum that the steps of Before and After may take from
	// the owner, by mint in base units; the wSOL mint stands for lamports. The
	// transaction fails if the owner's accounts of the trade hold less at its
	// end than the trade alone leaves them at worst, minus this maximum.
	// Example: steps that repay a loan of 2 SOL with a fee of 5,000 lamports
	// need accounts.NativeMint: 2_000_005_000.
	//
	// Each account is checked by itself. Steps that name several of them, such
	// as the wallet and the wSOL account of a trade with UseWSOL, or the
	// wallets of the owner and a sponsor, can take the maximum from each. An
	// approval takes nothing yet, so it passes: read unknown steps before you
	// sign.
	//
	// The balances are read when the transaction is built. Tokens that arrive
	// from elsewhere before it lands weaken the check by their amount.
	Spends map[solana.PublicKey]uint64
	// CloseEmptied closes the token account that a [route.ExactIn] trade spends
	// to its last base unit. The rent, for example 2,039,280 lamports, goes to
	// the owner. The account stays if it holds more than the trade takes when
	// the transaction is built, if another key may close it,
	// if there are steps in Before, if a step of After names it, or if the
	// transaction has no room for the step. If tokens arrive in the account
	// after that, the closing fails and the whole transaction with it, so
	// nothing is lost: the error is a *progerr.TransactionError with the name
	// NonNativeHasBalance; build again. A wrapped SOL account is closed with
	// what arrived, which goes to the owner as SOL.
	CloseEmptied bool
	// Tables are lookup tables that the transaction may use if it does not fit
	// without them, in addition to those of the quote.
	Tables []txn.LookupTable
	// Tip is an extra payment of the payer, for example to a block engine. If a
	// trade takes two transactions, each of them pays it.
	Tip Tip
	// SendOptions are passed to [Client.Send] by [Client.Execute], for example
	// [WithProgress]. Other methods ignore them.
	SendOptions []SendOption
}

// Build builds the transaction that executes a quote.
//
// The transaction creates missing token accounts and enforces the minimum
// output of the quote on chain. Its compute unit limit comes from a simulation
// and its priority fee from recent fees, see [PriorityFee].
//
// If the simulation fails, the error wraps [ErrSimulation] and a
// *progerr.TransactionError. If the payer or the owner holds too little, it is
// a [PayerError] or a [FundsError]. If no node reports the compute units, the
// limit is the sum of the values that were measured for the instructions. A
// node that does not know the blockhash yet is asked again until the blockhash
// expires.
//
// Two transactions built from the same quote with the same blockhash differ in
// the low bits of their compute unit limits, so both can land.
//
// Build returns [ErrStepConflict] if a step of Before or After names an account
// whose contents the limits of the quote depend on, and [ErrStepsSpend] if the
// steps take more than Spends in the simulation. With foreign legs it returns
// [ErrLegMismatch], [ErrLegRefused] and [ErrLegBroken].
func (c *Client) Build(
	ctx context.Context, quote route.Quote, opts BuildOptions,
) (*txn.Unsigned, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}

	return c.buildWith(ctx, &quote, opts, prefetched{lifetime: opts.kept()})
}

func (c *Client) buildWith(
	ctx context.Context, q *route.Quote, o BuildOptions, known prefetched,
) (*txn.Unsigned, error) {
	unsigned, err := c.build(ctx, q, o, known)
	if err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}
	return unsigned, nil
}

func (c *Client) build(
	ctx context.Context, q *route.Quote, o BuildOptions, known prefetched,
) (*txn.Unsigned, error) {
	if err := o.check(); err != nil {
		return nil, err
	}

	o.Payer = o.payer()
	known, err := c.complete(ctx, q, o, known)
	if err != nil {
		return nil, err
	}

	if o, err = c.withLegs(ctx, o, q.Slot); err != nil {
		return nil, err
	}

	known.addresses, known.seeds = c.addresses, &c.seeds
	composed, err := compose(q, o, known)
	if err != nil {
		return nil, err
	}

	// The node that simulates must have seen the accounts of the quote.
	known.slot = max(known.slot, q.Slot)
	known.spent = spends(q, o)

	composed.withoutCloseIfTooLarge(composed.plan(o))
	plan := composed.plan(o)
	plan.Budget.ComputeUnitLimit = maxUnitLimit
	guards, err := c.guards(ctx, q, o, composed, known)
	if err != nil {
		return nil, err
	}

	plan.Steps = append(plan.Steps, guards...)
	known.guards, known.legs = len(guards), o.hasLegs()

	return c.finish(ctx, plan, q, o, known)
}

// finish compiles a plan with its final limits and checks who pays for it.
func (c *Client) finish(
	ctx context.Context, plan txn.Plan, q *route.Quote, o BuildOptions, known prefetched,
) (*txn.Unsigned, error) {
	plan, err := c.withVersion(ctx, plan, o.Priority)
	if err != nil {
		return nil, err
	}

	if o.needsNoRequests() {
		return settleWithoutRequests(ctx, plan, q, o, known)
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

// needsNoRequests reports whether building requires no request about compute
// units, balances and recent fees.
func (o BuildOptions) needsNoRequests() bool {
	return o.SkipSimulation && o.SkipPayerCheck && o.Priority.fixed()
}

// settleWithoutRequests compiles a plan for which no request is required. It
// compiles only once.
func settleWithoutRequests(
	ctx context.Context, plan txn.Plan, q *route.Quote, o BuildOptions, known prefetched,
) (*txn.Unsigned, error) {
	draft := plan
	plan.Lifetime.Slot = sendFloor(plan.Lifetime.Slot, known.slot, 0)
	unsigned, err := settle(plan, simulated{}, o.Priority.highest(), o.Priority)
	if err != nil {
		// If the plan does not compile without a price either, return that
		// error.
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

// checked returns the transaction, or an error if the balances of its payer and
// its owner were read and are too low.
func (r *prefetched) checked(unsigned *txn.Unsigned, q *route.Quote) (*txn.Unsigned, error) {
	if err := r.checkPayer(unsigned); err != nil {
		return nil, err
	}
	if err := r.checkSource(unsigned, q.In); err != nil {
		return nil, err
	}
	return unsigned, nil
}

// sendFloor returns the slot that a node must have reached before it checks a
// transaction: the latest of the slots of its blockhash, its quote and its
// simulation. A node at an earlier slot may not know an account that the
// simulation saw, and refuse a valid transaction. The slot of a simulation that
// is far ahead of the others does not count.
func sendFloor(blockhash, quoted, simulated uint64) uint64 {
	floor := max(blockhash, quoted)
	if simulated > floor && simulated-floor <= replicaSpread {
		return simulated
	}
	return floor
}

// check returns an error for options with which nothing can be built.
func (o BuildOptions) check() error {
	switch {
	case o.Owner.IsZero():
		return ErrNoOwner
	case o.Priority.Percentile > 100:
		return ErrPercentile
	}
	return nil
}

// payer returns the fee payer.
func (o BuildOptions) payer() solana.PublicKey {
	if o.Payer.IsZero() {
		return o.Owner
	}
	return o.Payer
}

// kept returns the lifetime in the options, or nil if a nonce replaces it.
func (o BuildOptions) kept() *txn.Lifetime {
	if !o.Nonce.IsZero() {
		return nil
	}
	return o.Lifetime
}
