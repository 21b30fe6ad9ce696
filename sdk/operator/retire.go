package operator

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/quote"
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
// If the stake was deactivated from outside while an increase was in transit,
// no pool update is possible; this plan makes it possible again.
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
	at := s.position(r.VoteAccount)
	m, err := r.plan.update(s)
	if errors.Is(err, quote.ErrUpdateFails) && at >= 0 && endedOutside(s, at) {
		return r.record(s, at)
	}

	if m != nil || err != nil {
		return m, err
	}

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

// endedOutside reports whether the stake of a validator was deactivated from
// outside, as anyone can do for a validator that does not vote, while an
// increase was in transit. The program cannot merge the two.
func endedOutside(s *State, at int) bool {
	v := &s.Pool.Validators[at]
	ended := v.Active != nil && v.Transient != nil &&
		v.Active.Account.Delegation.DeactivationEpoch < s.Clock.Epoch
	return ended && pending(v) && v.Entry.LastUpdateEpoch < s.Clock.Epoch
}

// record returns the move that records the balances of the validator without
// merging its stake. The pool can then be updated, and the validator removed.
func (r *retirement) record(s *State, at int) (*move, error) {
	v := s.Pool.Validators[at]
	text := fmt.Sprintf("record the balances of validator %s without merging its stake",
		r.VoteAccount)
	ix, err := step(text, instructions.StakePoolUpdateValidatorListBalance{
		Pool:       s.Pool.Addresses,
		StartIndex: uint32(at),
		NoMerge:    true,
		Validators: []accounts.ValidatorStakeInfo{v.Entry},
	})
	if err != nil {
		return nil, err
	}

	after := s.clone()
	v.Entry.LastUpdateEpoch = s.Clock.Epoch
	v.Entry.ActiveStakeLamports = v.Active.Lamports
	v.Entry.TransientStakeLamports = v.Transient.Lamports
	after.Pool.Validators[at] = v
	after.Pool.Pool.Update = &quote.StakePoolBalances{
		Validators: after.Pool.Validators,
		MintSupply: after.Pool.MintSupply,
	}

	m := transaction(text, after, Cost{}, ix)
	if a := v.Active; a.Lamports != a.Account.Delegation.Stake+a.Account.RentExemptReserve {
		m.after = nil // A donation would move to the reserve.
	}

	return m, nil
}
