package operator

import (
	"context"
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Options configures [Plan.Next] and [Plan.Run]. All fields are optional.
type Options struct {
	// MaxCost is the most that the payer pays in one call, as [Cost.Total]
	// counts it, in lamports: otherwise the error is an [ErrMaxCost]. Zero
	// means no limit. Rents and the minimum delegation come from the node, so a
	// dishonest one can raise a cost; take the limit from what you expect, or
	// from a dry run with another node.
	MaxCost uint64
	// Priority configures the priority fee of each transaction.
	Priority sdk.PriorityFee
	// SendOptions are passed to [sdk.Client.Send] for each transaction.
	SendOptions []sdk.SendOption
	// Progress is called by [Plan.Run] before each step, and after each
	// transaction that landed. It must not block.
	Progress func(Progress)
}

// checkCost returns an error if a step costs more than the options allow after
// what was spent.
func (o Options) checkCost(cost Cost, spent uint64) error {
	total := fixed.SaturatingAdd(spent, cost.Total())
	if o.MaxCost > 0 && total > o.MaxCost {
		return fmt.Errorf("%w: %d lamports, at most %d", ErrMaxCost, total, o.MaxCost)
	}
	return nil
}

// Progress reports how far [Plan.Run] is.
type Progress struct {
	// Step is the step that begins, or has ended.
	Step *Step
	// Transactions is the number of transactions that have landed.
	Transactions int
	// Receipt is the receipt of the transaction that has just landed. It is nil
	// before a step.
	Receipt *sdk.Receipt
}

// Report is the result of [Plan.Run].
type Report struct {
	// Done reports whether the goal is reached.
	Done bool
	// Waits reports whether the plan continues later: run it again in Epoch. It
	// is the current epoch while staking rewards are being distributed.
	Waits bool
	Epoch uint64
	// Reason says what the plan waits for.
	Reason string
	// Steps are the steps of this run that landed.
	Steps []*Step
	// Receipts are the receipts of the transactions that landed. One that may
	// still land is the last; its Slot is zero.
	Receipts []*sdk.Receipt
	// Fee is the sum of the network fees, in lamports.
	Fee uint64
}

// String returns one line, for example "waits for epoch 801: 2 transactions,
// fees 0.00001 SOL".
func (r *Report) String() string {
	if r == nil {
		return "no report"
	}

	result := "incomplete"
	switch {
	case r.Done:
		result = "done"
	case r.Waits:
		result = fmt.Sprintf("waits for epoch %d, %s", r.Epoch, r.Reason)
	}

	noun := "transactions"
	if len(r.Receipts) == 1 {
		noun = "transaction"
	}

	return fmt.Sprintf("%s: %d %s, fees %s SOL", result, len(r.Receipts), noun,
		lst.FormatAmount(r.Fee, 9))
}

// Run carries out the steps of a plan that the current epoch allows. It reads
// the chain before each step, checks the step against it, simulates the
// transaction, sends it as [sdk.Client.Send] does and waits for its result.
//
// Run returns when the goal is reached, or when the plan must wait for another
// epoch: call Run again then. After an error, or if the process ends at any
// point, make the plan again and run it: it does what is left.
//
// The signers are those of all steps. The report is never nil, and complete
// even if an error is returned.
func (p *Plan) Run(
	ctx context.Context, client *sdk.Client, opts Options, signers ...txn.Signer,
) (*Report, error) {
	report := &Report{}
	if err := p.usable(ctx, client); err != nil {
		return report, err
	}

	r := runner{
		plan:    p,
		client:  client,
		opts:    opts,
		signers: signers,
		report:  report,
	}

	if err := r.run(ctx); err != nil {
		return report, p.failed(err)
	}

	return report, nil
}

// runner executes one call of [Plan.Run].
type runner struct {
	plan    *Plan
	client  *sdk.Client
	opts    Options
	signers []txn.Signer
	report  *Report
	// spent is the cost of the steps that landed.
	spent uint64
}

func (r *runner) run(ctx context.Context) error {
	var last string
	for {
		next, err := r.plan.build(ctx, r.client, r.opts, r.spent)
		switch {
		case err != nil:
			return err
		case next == nil:
			r.report.Done = true
			return nil
		case next.Kind == StepWait:
			r.report.Waits, r.report.Epoch = true, next.Epoch
			r.report.Reason = next.Description
			r.tell(next, nil)
			return nil

		case next.Description == last:
			return fmt.Errorf("%w: %s", ErrNoProgress, last)
		}

		last = next.Description
		r.tell(next, nil)
		if err := r.do(ctx, next); err != nil {
			return fmt.Errorf("%s: %w", next.Description, err)
		}

		r.spent = fixed.SaturatingAdd(r.spent, next.Cost.Total())
		r.report.Steps = append(r.report.Steps, next)
	}
}

// do sends the transactions of a step.
func (r *runner) do(ctx context.Context, next *Step) error {
	if next.Unsigned == nil {
		return r.updatePool(ctx, next)
	}

	signed, err := next.Unsigned.Sign(ctx, r.signers...)
	if err != nil {
		return err
	}

	receipt, err := r.client.Send(ctx, signed, r.opts.SendOptions...)
	if receipt != nil && (receipt.Slot > 0 || errors.Is(err, sdk.ErrUncertain)) {
		r.record(receipt)
	}

	if err == nil {
		r.tell(next, receipt)
	}

	return err
}

// updatePool sends a pool update of several transactions.
func (r *runner) updatePool(ctx context.Context, next *Step) error {
	update, err := r.client.UpdateStakePool(ctx, next.Before.Pool, sdk.PoolUpdateOptions{
		Payer:       r.plan.payer,
		Priority:    r.opts.Priority,
		SendOptions: r.opts.SendOptions,
	}, r.signers...)

	for _, receipt := range update.Receipts {
		r.record(receipt)
		r.tell(next, receipt)
	}

	return err
}

// record adds a receipt to the report.
func (r *runner) record(receipt *sdk.Receipt) {
	r.report.Receipts = append(r.report.Receipts, receipt)
	r.report.Fee = fixed.SaturatingAdd(r.report.Fee, receipt.Fee)
}

func (r *runner) tell(step *Step, receipt *sdk.Receipt) {
	if r.opts.Progress != nil {
		r.opts.Progress(Progress{
			Step:         step,
			Transactions: len(r.report.Receipts),
			Receipt:      receipt,
		})
	}
}
