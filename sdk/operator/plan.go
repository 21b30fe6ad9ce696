package operator

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Plan is a goal for a stake pool. Make one with [Launch], [Deposit],
// [AddValidator], [Upkeep], [SetFees], [Rebalance], [Retire] or [HandOver]. A
// Plan holds no state, so it can be used by several goroutines, and be made
// anew after an interruption.
type Plan struct {
	name                 string
	pool, program, payer solana.PublicKey
	// launches reports whether the pool may be missing.
	launches bool
	// reads returns further accounts to read. The pool is nil if it is missing.
	reads func(pool *sdk.StakePool) ([]solana.PublicKey, error)
	// next returns the next move, or nil if the goal is reached.
	next func(s *State) (*move, error)
}

// String returns the goal, for example "retire validator … of pool …".
func (p *Plan) String() string {
	if p == nil {
		return "no plan"
	}
	return p.name
}

// programs returns the deployment that the parameters name, if any.
func (p *Plan) programs() []solana.PublicKey {
	if p.program.IsZero() {
		return nil
	}
	return []solana.PublicKey{p.program}
}

// StepKind is the kind of a step.
type StepKind string

// The kinds of steps.
const (
	// StepTransaction is a step with one transaction.
	StepTransaction StepKind = "transaction"
	// StepPoolUpdate is a pool update, with one or several transactions.
	StepPoolUpdate StepKind = "pool update"
	// StepWait is a step that waits for an epoch.
	StepWait StepKind = "wait"
)

// Step is one step of a plan.
type Step struct {
	Kind StepKind
	// Description says what the step does.
	Description string
	// Unsigned is the transaction of the step, simulated. It is nil in a
	// forecast, for a wait, and for a pool update that takes several
	// transactions, see [sdk.Client.UpdateStakePool].
	Unsigned *txn.Unsigned
	// Transactions is the number of transactions.
	Transactions int
	// Epoch is the epoch in which the plan continues, for a wait. It is the
	// current one while staking rewards are being distributed.
	Epoch uint64
	// Cost is what the payer pays.
	Cost Cost
	// Before is the state in which the step was planned, and After the state
	// after the step. After is nil for a wait, and if the result depends on an
	// unknown build of the program.
	Before, After *State
}

// String returns the step in one line.
func (s *Step) String() string {
	switch {
	case s == nil:
		return "done"
	case s.Kind == StepWait && s.Before != nil && s.Epoch <= s.Before.Clock.Epoch:
		return "wait: " + s.Description
	case s.Kind == StepWait:
		return fmt.Sprintf("wait for epoch %d: %s", s.Epoch, s.Description)
	}
	return s.Description
}

// step returns the public form of a move.
func (m *move) step(before *State) *Step {
	return &Step{
		Kind:         m.kind,
		Description:  m.text,
		Transactions: len(m.parts),
		Epoch:        m.epoch,
		Cost:         m.cost,
		Before:       before,
		After:        m.after,
	}
}

// Next reads the chain and returns the next step, or nil if the goal is
// reached. Its transaction is built and simulated, but not signed. After it has
// landed, call Next again.
func (p *Plan) Next(ctx context.Context, client *sdk.Client, opts Options) (*Step, error) {
	if err := p.usable(ctx, client); err != nil {
		return nil, err
	}

	next, err := p.build(ctx, client, opts, 0)
	if err != nil {
		return nil, p.failed(err)
	}
	return next, nil
}

// usable returns an error if a plan, a context or a client is missing.
func (p *Plan) usable(ctx context.Context, client *sdk.Client) error {
	switch {
	case p == nil || p.next == nil:
		return fmt.Errorf("plan: %w plan (make one, for example with Launch)", accounts.ErrNil)
	case client == nil:
		return p.failed(fmt.Errorf("%w client (create one with sdk.New)", accounts.ErrNil))
	case ctx == nil:
		return p.failed(fmt.Errorf("%w context (pass context.Background)", accounts.ErrNil))
	}
	return nil
}

// failed names the plan in an error.
func (p *Plan) failed(err error) error { return fmt.Errorf("%s: %w", p.name, err) }

// build returns the next step. The payer has spent the given lamports before.
func (p *Plan) build(
	ctx context.Context, client *sdk.Client, opts Options, spent uint64,
) (*Step, error) {
	s, err := p.load(ctx, client)
	if err != nil {
		return nil, err
	}

	m, err := p.following(s)
	if err != nil || m == nil {
		return nil, err
	}

	fees, err := p.networkFees(m)
	if err != nil {
		return nil, err
	}

	m.cost.NetworkFee = fees
	next := m.step(s)
	if m.kind == StepWait {
		return next, nil
	}

	if err := opts.checkCost(m.cost, spent); err != nil {
		return nil, err
	}

	if err := p.checkPayer(s, m.cost); err != nil {
		return nil, err
	}

	if len(m.parts) > 1 {
		return next, nil
	}

	next.Unsigned, err = client.BuildSteps(ctx, m.parts[0], sdk.BuildOptions{
		Owner:    p.payer,
		Priority: opts.Priority,
	})

	return next, err
}

// following returns the next move. While staking rewards are being distributed,
// the plan waits.
func (p *Plan) following(s *State) (*move, error) {
	m, err := p.next(s)
	if errors.Is(err, quote.ErrEpochRewards) {
		return s.waitForRewards(), nil
	}
	return m, err
}

// checkPayer returns a [*sdk.PayerError] if the payer cannot pay a cost and
// keep the rent of its own account.
func (p *Plan) checkPayer(s *State, cost Cost) error {
	rent, err := s.Rent.MinimumBalance(0)
	if err != nil {
		return err
	}

	needed := cost.Total()
	if needed != s.Payer {
		needed = fixed.SaturatingAdd(needed, rent)
	}

	if s.Payer < needed {
		return &sdk.PayerError{
			Payer:  p.payer,
			Needed: needed,
			Held:   s.Payer,
		}
	}

	return nil
}

// networkFees returns the fees for the signatures of a move. It fails if a
// transaction is too large.
func (p *Plan) networkFees(m *move) (sum uint64, err error) {
	for _, steps := range m.parts {
		unsigned, err := compile(p.payer, steps)
		if err != nil {
			return 0, err
		}

		unsigned, err = unsigned.Reprice(0)
		if err != nil {
			return 0, err
		}

		fee, err := unsigned.NetworkFee()
		if err != nil {
			return 0, err
		}

		sum = fixed.SaturatingAdd(sum, fee)
	}

	return sum, nil
}

// compile returns a transaction with all instructions for its budget, to learn
// its size and its signers.
func compile(payer solana.PublicKey, steps []txn.Step) (*txn.Unsigned, error) {
	return txn.Plan{
		Payer:    payer,
		Steps:    steps,
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1},
		Budget: txn.ComputeBudget{
			ComputeUnitLimit:            1_000_000,
			ComputeUnitPrice:            1,
			LoadedAccountsDataSizeLimit: 1_000_000,
		},
	}.Compile()
}
