package operator

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// AddValidatorParams are the parameters of [AddValidator]. Pool, Staker and
// VoteAccount are required.
type AddValidatorParams struct {
	// Pool is the pool, and Program its deployment unless that is one of
	// [accounts.StakePoolPrograms].
	Pool, Program solana.PublicKey
	// Staker is the staker of the pool. It signs.
	Staker solana.PublicKey
	// Payer pays the network fees and signs. The default is Staker.
	Payer solana.PublicKey
	// VoteAccount is the vote account of the validator.
	VoteAccount solana.PublicKey
	// Seed is usually 0. Another one gives the validator another stake account.
	Seed uint32
	// Stake is the stake that the validator gets from the reserve, in lamports.
	// It has at least the minimum delegation, which is the default. The plan
	// waits for the epoch in which the stake has arrived.
	Stake uint64
}

// AddValidator returns the plan that adds a validator to a pool and gives it
// stake of the reserve. If the validator is in the list, the plan gives it what
// is missing, unless that is less than the minimum delegation. If it, or
// another validator that fills the list, is about to leave, the plan waits.
func AddValidator(params AddValidatorParams) (*Plan, error) {
	a := addition{AddValidatorParams: params}
	if err := required(named{"Pool", a.Pool}, named{"Staker", a.Staker},
		named{"VoteAccount", a.VoteAccount}); err != nil {
		return nil, fmt.Errorf("add validator: %w", err)
	}

	a.plan = &Plan{
		name:    fmt.Sprintf("add validator %s to pool %s", a.VoteAccount, a.Pool),
		pool:    a.Pool,
		program: a.Program,
		payer:   orDefault(a.Payer, a.Staker),
		reads:   a.reads,
		next:    a.next,
	}
	return a.plan, nil
}

// addition is the goal of [AddValidator].
type addition struct {
	AddValidatorParams
	plan *Plan
}

// reads returns the vote account and, unless the pool has it, the stake account
// of the validator.
func (a *addition) reads(pool *sdk.StakePool) ([]solana.PublicKey, error) {
	if pool.List().Find(a.VoteAccount) != nil {
		return []solana.PublicKey{a.VoteAccount}, nil
	}
	stake, err := accounts.ValidatorStakeAddress(pool.Pool.Program, a.Pool, a.VoteAccount, a.Seed)
	return []solana.PublicKey{a.VoteAccount, stake}, err
}

func (a *addition) next(s *State) (*move, error) {
	if m, err := a.plan.update(s); m != nil || err != nil {
		return m, err
	}

	at := s.position(a.VoteAccount)
	if at < 0 {
		return a.add(s)
	}

	v := &s.Pool.Validators[at]
	if !isActive(v) {
		if err := s.checkStaker(a.Staker); err != nil {
			return nil, err
		}
		return s.wait(fmt.Sprintf("validator %s leaves the list before it is added again",
			a.VoteAccount)), nil
	}

	staked, _ := stakeOf(v)
	missing := fixed.SaturatingSub(a.Stake, staked)
	switch {
	case missing >= s.leastStake() && !pending(v):
		return increase(s, a.Staker, at, missing)
	case missing >= s.leastStake() || pending(v):
		return s.wait(fmt.Sprintf("stake of validator %s is in transit", a.VoteAccount)), nil
	}
	return nil, nil
}

// add returns the move that adds the validator.
func (a *addition) add(s *State) (*move, error) {
	if err := checkVote(s, a.VoteAccount); err != nil {
		return nil, err
	}

	if err := s.checkStaker(a.Staker); err != nil {
		return nil, err
	}

	if len(s.Pool.Validators) >= int(s.Pool.MaxValidators) && s.leaving() {
		return s.wait("the list is full until a removed validator has left it"), nil
	}

	address, err := accounts.ValidatorStakeAddress(s.Pool.Pool.Program, a.Pool, a.VoteAccount,
		a.Seed)
	if err != nil {
		return nil, err
	}

	if taken, ok := s.Accounts[address]; ok && taken.Owner != accounts.SystemProgram {
		return nil, fmt.Errorf("%w: stake account %s of validator %s", ErrAccountTaken, address,
			a.VoteAccount)
	}

	m, err := addValidator(s, a.Staker, a.VoteAccount, a.Seed)
	if err != nil {
		return nil, err
	}

	// The increase must be possible, too, before anything is sent.
	at := len(m.after.Pool.Validators) - 1
	staked, _ := stakeOf(&m.after.Pool.Validators[at])
	if missing := fixed.SaturatingSub(a.Stake, staked); missing >= s.leastStake() {
		if _, err := increase(m.after, a.Staker, at, missing); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// checkVote returns an error unless a vote account exists.
func checkVote(s *State, vote solana.PublicKey) error {
	a, ok := s.Accounts[vote]
	switch {
	case !ok:
		return fmt.Errorf("%w: %s does not exist", ErrVoteAccount, vote)
	case a.Owner != solana.VoteProgramID:
		return fmt.Errorf("%w: %s of program %s", ErrVoteAccount, vote, a.Owner)
	}
	return nil
}

// leastStake returns the least stake of a validator and of a change.
func (s *State) leastStake() uint64 {
	return quote.StakePoolState{MinimumDelegation: s.MinimumDelegation}.LeastStake()
}

// addValidator returns the move that adds a validator with the least stake.
func addValidator(s *State, staker, vote solana.PublicKey, seed uint32) (*move, error) {
	if err := s.checkStaker(staker); err != nil {
		return nil, err
	}

	change, err := s.Pool.Pool.AddValidator(s.Pool.List(), vote, seed)
	if err != nil {
		return nil, err
	}

	text := fmt.Sprintf("add validator %s", vote)
	add, err := step(text, instructions.StakePoolAddValidator{
		Pool:        s.Pool.Addresses,
		Staker:      staker,
		VoteAccount: vote,
		Seed:        seed,
	})
	if err != nil {
		return nil, err
	}

	after := s.clone()
	after.Pool.Validators = append(after.Pool.Validators, change.Validator)
	after.Pool.Pool.ReserveLamports = change.ReserveLamports
	return transaction(text, after, Cost{}, add), nil
}

// increase returns the move that increases the stake of a validator.
func increase(s *State, staker solana.PublicKey, at int, lamports uint64) (*move, error) {
	if err := s.checkStaker(staker); err != nil {
		return nil, err
	}

	v := s.Pool.Validators[at]
	change, err := s.Pool.Pool.IncreaseStake(quote.StakeMove{
		Validator:     v,
		Lamports:      lamports,
		TransientSeed: v.Entry.TransientSeedSuffix,
	})
	if err != nil {
		return nil, err
	}

	text := fmt.Sprintf("increase the stake of validator %s by %s SOL", v.Entry.VoteAccount,
		lst.FormatAmount(lamports, 9))
	ix, err := step(text, instructions.StakePoolIncreaseValidatorStake{
		StakePoolValidator: s.validator(staker, at),
		Lamports:           lamports,
		TransientSeed:      v.Entry.TransientSeedSuffix,
	})
	if err != nil {
		return nil, err
	}
	return transaction(text, s.changed(at, &change), Cost{}, ix), nil
}

// validator returns the inputs of a change of a validator.
func (s *State) validator(staker solana.PublicKey, at int) instructions.StakePoolValidator {
	return instructions.StakePoolValidator{
		Pool:      s.Pool.Addresses,
		Staker:    staker,
		Validator: s.Pool.Validators[at].Entry,
	}
}

// changed returns the state after a change of a validator.
func (s *State) changed(at int, change *quote.StakeChange) *State {
	after := s.clone()
	after.Pool.Validators[at] = change.Validator
	after.Pool.Pool.ReserveLamports = change.ReserveLamports
	return after
}
