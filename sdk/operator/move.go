package operator

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Cost is what a step takes from the payer, in lamports.
type Cost struct {
	// Rent stays in new accounts. Those of a stake pool can never be closed.
	Rent uint64
	// Deposit becomes SOL of the pool, for which it mints tokens.
	Deposit uint64
	// Gift goes to the pool without tokens in return.
	Gift uint64
	// NetworkFee is the fee for the signatures, without a priority fee.
	NetworkFee uint64
}

// Total returns the sum of all parts.
func (c Cost) Total() uint64 {
	return fixed.SaturatingAdd(fixed.SaturatingAdd(c.Rent, c.Deposit),
		fixed.SaturatingAdd(c.Gift, c.NetworkFee))
}

func (c Cost) plus(o Cost) Cost {
	return Cost{
		Rent:       fixed.SaturatingAdd(c.Rent, o.Rent),
		Deposit:    fixed.SaturatingAdd(c.Deposit, o.Deposit),
		Gift:       fixed.SaturatingAdd(c.Gift, o.Gift),
		NetworkFee: fixed.SaturatingAdd(c.NetworkFee, o.NetworkFee),
	}
}

// move is what a plan does next. A nil move means that the plan is done.
type move struct {
	kind  StepKind
	text  string
	parts [][]txn.Step // the steps of each transaction
	cost  Cost
	epoch uint64 // the epoch that a wait ends with
	after *State // nil if no build of the program is known to do the same
}

// transaction returns a move with one transaction.
func transaction(text string, after *State, cost Cost, steps ...txn.Step) *move {
	after.Payer = fixed.SaturatingSub(after.Payer, cost.Total())
	return &move{
		kind:  StepTransaction,
		text:  text,
		parts: [][]txn.Step{steps},
		cost:  cost,
		after: after,
	}
}

// wait returns a move that waits for an epoch.
func (s *State) wait(why string) *move {
	return &move{
		kind:  StepWait,
		text:  why,
		epoch: s.Clock.Epoch + 1,
	}
}

// waitForRewards returns a move that waits until the rewards of the epoch have
// been distributed, in its first minutes.
func (s *State) waitForRewards() *move {
	return &move{
		kind:  StepWait,
		text:  "staking rewards are being distributed",
		epoch: s.Clock.Epoch,
	}
}

// builder makes an instruction, see package instructions.
type builder interface {
	Build() (solana.Instruction, error)
}

// step builds an instruction.
func step(text string, b builder) (txn.Step, error) {
	ix, err := b.Build()
	return txn.Step{Description: text, Instruction: ix}, err
}

// update returns the move that updates the pool for the current epoch, or nil
// if the pool is up to date.
func (p *Plan) update(s *State) (*move, error) {
	if !s.Pool.Outdated() {
		return nil, nil
	}

	if s.Pool.Pool.EpochRewardsActive {
		return s.waitForRewards(), nil
	}

	parts, err := s.Pool.UpdateSteps(p.payer)
	if err != nil {
		return nil, err
	}

	m := &move{
		kind:  StepPoolUpdate,
		text:  fmt.Sprintf("update the pool for epoch %d", s.Clock.Epoch),
		parts: parts,
	}

	updated, err := s.Pool.Pool.AfterUpdate()
	switch {
	case errors.Is(err, quote.ErrBuildDependent):
		return m, nil
	case errors.Is(err, quote.ErrUpdateFails):
		return nil, fmt.Errorf("%w; if its stake was deactivated from outside, retire it", err)
	case err != nil:
		return nil, err
	}

	m.after = s.updated(&updated)
	return m, nil
}

// updated returns the state after a pool update and its clean-up.
func (s *State) updated(u *quote.UpdatedStakePool) *State {
	after := s.clone()
	pool := after.Pool
	minted := fixed.SaturatingSub(u.Pool.State.PoolTokenSupply, pool.MintSupply)
	pool.Pool, pool.MintSupply = u.Pool, u.Pool.State.PoolTokenSupply
	pool.Validators = nil
	left := u.List()
	for i := range u.Validators {
		v := u.Validators[i]
		if len(left) > 0 && left[0].VoteAccount == v.Entry.VoteAccount {
			pool.Validators = append(pool.Validators, v)
			left = left[1:]
		}
	}

	after.addTokens(pool.Pool.State.ManagerFeeAccount, minted)
	return after
}

// checkStaker returns an error unless the key is the staker of the pool.
func (s *State) checkStaker(staker solana.PublicKey) error {
	if current := s.Pool.Pool.State.Staker; current != staker {
		return fmt.Errorf("%w: %s, it is %s", ErrNotStaker, staker, current)
	}
	return nil
}

// checkManager returns an error unless the key is the manager of the pool.
func (s *State) checkManager(manager solana.PublicKey) error {
	if current := s.Pool.Pool.State.Manager; current != manager {
		return fmt.Errorf("%w: %s, it is %s", ErrNotManager, manager, current)
	}
	return nil
}

// pending reports whether stake of a validator is in transit.
func pending(v *quote.ValidatorBalance) bool { return v.Entry.TransientStakeLamports > 0 }

// isActive reports whether a validator is not about to leave the list.
func isActive(v *quote.ValidatorBalance) bool { return v.Entry.Status == accounts.ValidatorActive }

// stakeOf returns the stake that a validator has, or will have once it is no
// longer in transit.
func stakeOf(v *quote.ValidatorBalance) (staked, leaving uint64) {
	if v.Active != nil {
		staked = v.Active.Account.Delegation.Stake
	}

	if t := v.Transient; t != nil && pending(v) {
		if t.Account.Delegation.DeactivationEpoch == accounts.NeverEpoch {
			return fixed.SaturatingAdd(staked, t.Account.Delegation.Stake), 0
		}
		return staked, t.Lamports
	}
	return staked, 0
}
