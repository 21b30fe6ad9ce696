package operator

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/instructions"
)

// RetireParams are the parameters of [Retire]. Pool, Staker and VoteAccount are
// required.
type RetireParams struct {
	// Pool is the pool, and Program its deployment unless that is one of
	// [accounts.StakePoolPrograms].
	Pool, Program solana.PublicKey
	// Staker is the staker of the pool. It signs.
	Staker solana.PublicKey
	// Payer pays the network fees and signs. The default is Staker.
	Payer solana.PublicKey
	// VoteAccount is the vote account of the validator to retire.
	VoteAccount solana.PublicKey
}

// Retire returns the plan that removes a validator from a pool: it deactivates
// all its stake, waits until the stake has returned to the reserve, and takes
// the entry out of the list. It is done if the validator is not in the list.
//
// To replace the validator of a pool of one, run Retire, then [AddValidator].
// The stake earns nothing for the epoch in between.
func Retire(params RetireParams) (*Plan, error) {
	r := retirement{RetireParams: params}
	if err := required(named{"Pool", r.Pool}, named{"Staker", r.Staker},
		named{"VoteAccount", r.VoteAccount}); err != nil {
		return nil, fmt.Errorf("retire: %w", err)
	}

	r.plan = &Plan{
		name:    fmt.Sprintf("retire validator %s of pool %s", r.VoteAccount, r.Pool),
		pool:    r.Pool,
		program: r.Program,
		payer:   orDefault(r.Payer, r.Staker),
		next:    r.next,
	}
	return r.plan, nil
}

// retirement is the goal of [Retire].
type retirement struct {
	RetireParams
	plan *Plan
}

func (r *retirement) next(s *State) (*move, error) {
	if m, err := r.plan.update(s); m != nil || err != nil {
		return m, err
	}

	at := s.position(r.VoteAccount)
	if at < 0 {
		return nil, nil
	}

	v := s.Pool.Validators[at]
	if !isActive(&v) {
		return s.wait(fmt.Sprintf("stake of validator %s cools down", r.VoteAccount)), nil
	}

	if err := s.checkStaker(r.Staker); err != nil {
		return nil, err
	}

	change, err := s.Pool.Pool.RemoveValidator(v)
	if err != nil {
		return nil, err
	}

	text := fmt.Sprintf("remove validator %s", r.VoteAccount)
	remove, err := step(text, instructions.StakePoolRemoveValidator{
		StakePoolValidator: s.validator(r.Staker, at)})
	if err != nil {
		return nil, err
	}

	after := s.changed(at, &change)
	state := &after.Pool.Pool.State
	for _, preferred := range []**solana.PublicKey{&state.PreferredDepositValidator,
		&state.PreferredWithdrawValidator} {
		if *preferred != nil && **preferred == r.VoteAccount {
			*preferred = nil
		}
	}
	return transaction(text, after, Cost{}, remove), nil
}
