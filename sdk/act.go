package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Errors of [Client.Act].
var (
	// ErrActOptions is returned by [Client.Act] for options that have no
	// meaning for several transactions, for example a nonce or a recipient, and
	// for more than 1,000 actions. Leave them out.
	ErrActOptions = errors.New("options that Act does not take (leave them out)")
	// ErrActionGone is the reason why [Client.Act] skips an action: the account
	// is closed, belongs to someone else, or holds something else by now. Call
	// [Client.Holdings] again.
	ErrActionGone = errors.New("the action is no longer possible (call Holdings again)")
)

// ActOptions configures [Client.Act]. BuildOptions.Owner is required. Before,
// After, Spends, Nonce, Lifetime, Seed, StakeKeypair, Recipient, IntegratorFee,
// ExactOut, UseWSOL, SourceAccount and DestinationAccount are refused. A memo
// and a tip are part of each transaction.
type ActOptions struct {
	TradeOptions
	// Progress is called before the first transaction and after each one whose
	// result is known. It must not block.
	Progress func(ActProgress)
}

// ActProgress reports how far [Client.Act] is.
type ActProgress struct {
	// Actions is the number of actions whose result is known, and Planned the
	// number of all actions.
	Actions, Planned int
	// Transactions is the number of transactions that landed.
	Transactions int
	// Receipt is the receipt of the transaction that has just landed. It is nil
	// before the first transaction.
	Receipt *Receipt
}

// String returns one line, for example "3 of 8 actions, 2 transactions".
func (p ActProgress) String() string {
	return fmt.Sprintf("%d of %d actions, %s", p.Actions, p.Planned,
		counted(p.Transactions, "transaction"))
}

// ActionState is the result of an action.
type ActionState string

// The results of an action.
const (
	// ActionPending means that the action was not sent, because [Client.Act]
	// ended before. It is safe to act again.
	ActionPending ActionState = "not sent"
	// ActionDone means that its transaction landed and succeeded.
	ActionDone ActionState = "done"
	// ActionSkipped means that it was not possible any more. Nothing was sent.
	ActionSkipped ActionState = "skipped"
	// ActionFailed means that its simulation failed, or its transaction landed
	// and failed. Nothing but the fee was spent.
	ActionFailed ActionState = "failed"
	// ActionUncertain means that its transaction may still land, see
	// [ErrUncertain].
	ActionUncertain ActionState = "uncertain"
)

// ActionResult is the result of one action.
type ActionResult struct {
	Action Action
	State  ActionState
	// Out is the output of the transaction when it was built, in base units of
	// Action.To, and Rent the rent in addition. They differ from those of the
	// action if the account or the price changed in between.
	Out, Rent uint64
	// Quote is the quote of a sale or deposit, or nil.
	Quote *route.Quote
	// Receipt is the receipt of the transaction, or nil if none was sent.
	Receipt *Receipt
	// Err is the reason of a state other than [ActionDone].
	Err error
}

// ActReport is the report of [Client.Act].
type ActReport struct {
	// Actions are the results, in the order of the actions.
	Actions []ActionResult
	// Receipts are the receipts of the transactions that landed, in order.
	Receipts []*Receipt
	// Fee is the sum of their network fees in lamports.
	Fee uint64
	// Uncertain is the transaction that may still land, or nil. Pass it to
	// [Client.Resume].
	Uncertain *txn.Signed
}

// Count returns the number of actions in a state.
func (r *ActReport) Count(state ActionState) (count int) {
	if r == nil {
		return 0
	}
	for i := range r.Actions {
		if r.Actions[i].State == state {
			count++
		}
	}
	return count
}

// String returns one line, for example "7 of 8 actions in 3 transactions, fees
// 0.000015 SOL".
func (r *ActReport) String() string {
	if r == nil {
		return "no actions"
	}
	return fmt.Sprintf("%d of %d actions in %s, fees %s SOL", r.Count(ActionDone), len(r.Actions),
		counted(len(r.Receipts), "transaction"), lst.FormatAmount(r.Fee, 9))
}

// Act executes actions of [Holdings.Actions] in as few transactions as fit.
//
// It reads every account again, and skips what is not possible any more. It
// loads the market once, quotes the deposits and sales, and packs those whose
// program checks the minimum output together with the claims, withdrawals and
// closings. A stake account whose surplus is withdrawn is deposited after that.
// Each transaction is simulated. If several actions fail
// together, their halves are tried alone, so that one action does not prevent
// the others; a trade that fails alone is quoted once more.
//
// Transactions are sent one after the other, as [Client.Send] does it. If the
// result of one is uncertain, Act signs no other one and returns an error that
// wraps [ErrUncertain]: resume ActReport.Uncertain, then act again. It also
// ends if a transaction expires, or if the payer cannot pay. To continue, call
// [Client.Holdings] and Act again: what was done is not offered any more. An
// action that fails is in the report, and no error.
//
// The report is never nil.
func (c *Client) Act(
	ctx context.Context, actions []Action, opts ActOptions, signers ...txn.Signer,
) (*ActReport, error) {
	report := &ActReport{Actions: make([]ActionResult, len(actions))}
	for i, a := range actions {
		report.Actions[i] = ActionResult{
			Action: a,
			State:  ActionPending,
		}
	}

	if err := c.usable(ctx); err != nil {
		return report, fmt.Errorf("act: %w", err)
	}

	if err := opts.check(len(actions)); err != nil {
		return report, fmt.Errorf("act: %w", err)
	}

	var err error
	if opts.Versions, err = takenBy(opts.Versions, signers); err != nil {
		return report, fmt.Errorf("act: %w", err)
	}

	if opts.Versions, err = c.usableVersions(ctx, opts.Versions); err != nil {
		return report, fmt.Errorf("act: %w", err)
	}

	opts.AllowVersion1 = slices.Contains(opts.Versions, txn.Version1)
	opts.Payer = opts.payer()
	a := actor{
		client:  c,
		opts:    opts,
		signers: signers,
		report:  report,
	}

	if err := a.run(ctx); err != nil {
		return report, fmt.Errorf("act: %w", err)
	}
	return report, nil
}

// check returns an error for options with which nothing can be done.
func (o ActOptions) check(actions int) error {
	if err := o.BuildOptions.check(); err != nil {
		return err
	}

	for _, refused := range []struct {
		set  bool
		name string
	}{
		{actions > mostListed, "more than 1,000 actions"},
		{o.hasSteps() || len(o.Spends) > 0, "Before, After or Spends"},
		{!o.Nonce.IsZero(), "Nonce"},
		{o.Lifetime != nil, "Lifetime"},
		{o.Seed != "" || o.StakeKeypair != nil, "Seed or StakeKeypair"},
		{!o.Recipient.IsZero() && o.Recipient != o.Owner, "Recipient"},
		{o.IntegratorFee != route.IntegratorFee{}, "IntegratorFee"},
		{o.SwapMode != route.ExactIn, "SwapMode"},
		{o.UseWSOL, "UseWSOL"},
		{!o.SourceAccount.IsZero(), "SourceAccount"},
		{!o.DestinationAccount.IsZero(), "DestinationAccount"},
	} {
		if refused.set {
			return fmt.Errorf("%w: %s", ErrActOptions, refused.name)
		}
	}
	return nil
}

// actor executes one call of [Client.Act].
type actor struct {
	client  *Client
	opts    ActOptions
	signers []txn.Signer
	report  *ActReport
	// blocked are the mints whose associated token account the owner cannot
	// use.
	blocked map[solana.PublicKey]bool
}

// actPart is an action with its steps.
type actPart struct {
	// index is that of the action in the report.
	index  int
	steps  []txn.Step
	tables []txn.LookupTable
	// trade is the request of a sale or deposit, which can be quoted again.
	trade *route.Request
	// slot is the latest slot of the accounts.
	slot uint64
}

func (a *actor) run(ctx context.Context) error {
	a.tell(nil)
	plain, err := a.plainParts(ctx)
	if err != nil {
		return err
	}

	if a.dependent() {
		if err := a.pack(ctx, plain); err != nil {
			return err
		}

		plain = nil
	}

	packed, alone, err := a.tradeParts(ctx)
	if err != nil {
		return err
	}

	if err := a.pack(ctx, append(plain, packed...)); err != nil {
		return err
	}

	for _, part := range alone {
		if err := a.alone(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// dependent reports whether a trade depends on another action: a stake account
// whose surplus is withdrawn is quoted afterwards.
func (a *actor) dependent() bool {
	plain := make(map[solana.PublicKey]bool)
	for i := range a.report.Actions {
		if action := &a.report.Actions[i].Action; !action.trades() {
			plain[action.Account] = true
		}
	}

	return slices.ContainsFunc(a.report.Actions, func(r ActionResult) bool {
		return r.Action.trades() && plain[r.Action.Account]
	})
}

// tell calls the caller's function for the progress.
func (a *actor) tell(receipt *Receipt) {
	if a.opts.Progress == nil {
		return
	}
	a.opts.Progress(ActProgress{
		Actions:      len(a.report.Actions) - a.report.Count(ActionPending),
		Planned:      len(a.report.Actions),
		Transactions: len(a.report.Receipts),
		Receipt:      receipt,
	})
}

// end records the state of an action that was not sent.
func (a *actor) end(index int, state ActionState, err error) {
	a.report.Actions[index].State, a.report.Actions[index].Err = state, err
}

// pack sends parts in order, as many in each transaction as fit.
func (a *actor) pack(ctx context.Context, parts []actPart) error {
	for len(parts) > 0 {
		n := 1
		for n < len(parts) && a.fits(parts[:n+1]) {
			n++
		}

		if err := a.together(ctx, parts[:n]); err != nil {
			return err
		}

		parts = parts[n:]
	}
	return nil
}

// combined returns the steps of parts, each creation of a token account once,
// and the options with their lookup tables.
func (a *actor) combined(parts []actPart) (steps []txn.Step, o BuildOptions, slot uint64) {
	o = a.opts.BuildOptions
	created := make(map[solana.PublicKey]bool)
	known := make(map[solana.PublicKey]bool)
	for _, part := range parts {
		slot = max(slot, part.slot)
		for _, step := range part.steps {
			if account, ok := createdAccount(step); ok {
				if created[account] {
					continue
				}

				created[account] = true
			}

			steps = append(steps, step)
		}

		for _, table := range part.tables {
			if !known[table.Address] {
				known[table.Address] = true
				o.Tables = append(o.Tables[:len(o.Tables):len(o.Tables)], table)
			}
		}
	}
	return steps, o, slot
}

// fits reports whether parts fit into one transaction with all instructions for
// its budget.
func (a *actor) fits(parts []actPart) bool {
	steps, o, _ := a.combined(parts)
	extra, err := o.extraSteps()
	if err != nil {
		return false
	}

	plan := txn.Plan{
		Payer:    o.Payer,
		Steps:    append(steps, extra...),
		Versions: o.Versions,
		Tables:   o.Tables,
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1},
		Budget:   txn.ComputeBudget{ComputeUnitLimit: maxUnitLimit, ComputeUnitPrice: 1},
	}

	if _, err := compileLimited(plan, maxDataLimit); err != nil {
		return false
	}
	return plan.ComputeUnits()+budgetUnits <= maxUnitLimit
}

// together sends parts in one transaction. If they fail in the simulation, it
// sends each half alone.
func (a *actor) together(ctx context.Context, parts []actPart) error {
	steps, o, slot := a.combined(parts)
	unsigned, err := a.client.buildSteps(ctx, steps, o, slot)
	switch {
	case err == nil:
		return a.send(ctx, parts, unsigned)
	case isFinal(err) || !errors.Is(err, ErrSimulation) && !isSizeError(err) && !isFunds(err):
		return err
	case len(parts) > 1:
		if err := a.together(ctx, parts[:len(parts)/2]); err != nil {
			return err
		}

		return a.together(ctx, parts[len(parts)/2:])

	case parts[0].trade != nil:
		return a.alone(ctx, parts[0])
	}

	a.end(parts[0].index, ActionFailed, err)
	a.tell(nil)
	return nil
}

// isFunds reports whether a token account held too little.
func isFunds(err error) bool {
	var poor *FundsError
	return errors.As(err, &poor)
}

// alone quotes a trade again and sends it in a transaction of its own.
func (a *actor) alone(ctx context.Context, part actPart) error {
	unsigned, q, err := a.client.prepare(ctx, *part.trade, a.opts.BuildOptions)
	if err == nil && slices.ContainsFunc(append(through(&q), q.Request.To),
		func(mint solana.PublicKey) bool { return a.blocked[mint] }) {
		a.end(part.index, ActionFailed, errBlocked)
		a.tell(nil)
		return nil
	}

	var noRoute *route.NoRouteError
	switch {
	case err == nil:
	case isFinal(err) || ctx.Err() != nil:
		return err
	case errors.Is(err, ErrSimulation) || errors.As(err, &noRoute) || isSizeError(err) ||
		isFunds(err):
		a.end(part.index, ActionFailed, err)
		a.tell(nil)
		return nil

	default:
		return err
	}

	a.report.Actions[part.index].Quote, a.report.Actions[part.index].Out = &q, q.Out
	return a.send(ctx, []actPart{part}, unsigned)
}

// send signs and sends the transaction of parts and records the result.
func (a *actor) send(ctx context.Context, parts []actPart, unsigned *txn.Unsigned) error {
	signed, err := unsigned.Sign(ctx, a.signers...)
	if err != nil {
		return err
	}

	receipt, err := a.client.Send(ctx, signed, a.opts.SendOptions...)
	landed := err == nil || receipt != nil && receipt.Err != nil && !errors.Is(err, ErrUncertain)
	state := ActionDone
	switch {
	case errors.Is(err, ErrUncertain):
		state, a.report.Uncertain = ActionUncertain, signed
	case landed && err != nil:
		state = ActionFailed
	case err != nil:
		state = ActionPending
	}

	for _, part := range parts {
		a.end(part.index, state, err)
		if landed || state == ActionUncertain {
			a.report.Actions[part.index].Receipt = receipt
		}
	}

	if !landed {
		return err
	}

	a.client.seen.sawLanded(receipt.Slot)
	fee := receipt.Fee
	if fee == 0 {
		fee, _ = unsigned.NetworkFee()
	}

	a.report.Receipts = append(a.report.Receipts, receipt)
	a.report.Fee = fixed.SaturatingAdd(a.report.Fee, fee)
	a.tell(receipt)
	return nil
}
