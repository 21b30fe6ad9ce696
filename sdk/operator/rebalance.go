package operator

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Weight is the share of a validator in the stake of a pool, relative to the
// weights of the others.
type Weight struct {
	VoteAccount solana.PublicKey
	Weight      uint64
}

// RebalanceParams are the parameters of [Rebalance]. Pool, Staker and Weights
// are required.
type RebalanceParams struct {
	// Pool is the pool, and Program its deployment unless that is one of
	// [accounts.StakePoolPrograms].
	Pool, Program solana.PublicKey
	// Staker is the staker of the pool. It signs.
	Staker solana.PublicKey
	// Payer pays the network fees and signs. The default is Staker.
	Payer solana.PublicKey
	// Weights are the target weights. A validator of the pool without a weight
	// keeps only the least stake, see [quote.StakePoolState.LeastStake]; remove
	// it with [Retire].
	Weights []Weight
	// Liquid are the lamports to keep in the reserve for withdrawals, in
	// addition to its rent.
	Liquid uint64
	// PayTransientRent lets the payer give the pool the rent of a stake account
	// in transit, for example 2,282,880 lamports, for each decrease that the
	// reserve cannot pay. Otherwise such a decrease is a
	// quote.ErrInsufficientReserve.
	PayTransientRent bool
}

// Rebalance returns the plan that moves stake between the validators of a pool
// and its reserve until each validator has its share. In each epoch it first
// takes stake from those that have too much, then gives the reserve to those
// that have too little; the stake that it took is there in the next epoch.
//
// The program moves at least the minimum delegation (1 SOL), and one change of
// a validator in each epoch. So the plan takes from a validator only if it has
// at least that too much, as much as others can use, and gives only to those
// that lack at least half of it, at least the minimum. It is done when no stake
// is in transit and no change is left, and then every validator is within the
// minimum of its share, unless no other one can use what it has.
//
// Example: of 90 SOL, A has 60 and B 30, and both shall have the same. In the
// first epoch A gives 15 SOL, in the second one B gets them, and in the third
// one the plan is done.
func Rebalance(params RebalanceParams) (*Plan, error) {
	r := rebalance{RebalanceParams: params}
	if err := required(named{"Pool", r.Pool}, named{"Staker", r.Staker}); err != nil {
		return nil, fmt.Errorf("rebalance: %w", err)
	}

	votes := make([]solana.PublicKey, len(r.Weights))
	for i, w := range r.Weights {
		votes[i] = w.VoteAccount
		if _, err := fixed.Add(r.sum, w.Weight); err != nil {
			return nil, fmt.Errorf("rebalance: %w: the sum of the weights is too large", ErrParams)
		}
		r.sum += w.Weight
	}

	if r.sum == 0 {
		return nil, fmt.Errorf("rebalance: %w: all weights are zero", ErrParams)
	}

	if err := different(votes...); err != nil {
		return nil, fmt.Errorf("rebalance: %w", err)
	}

	r.Weights = slices.Clone(r.Weights)
	r.plan = &Plan{
		name:    fmt.Sprintf("rebalance pool %s", r.Pool),
		pool:    r.Pool,
		program: r.Program,
		payer:   orDefault(r.Payer, r.Staker),
		next:    r.next,
	}
	return r.plan, nil
}

// rebalance is the goal of [Rebalance].
type rebalance struct {
	RebalanceParams
	plan *Plan
	sum  uint64
}

// share is a validator with the stake that it shall have.
type share struct {
	// at is the position in the list.
	at             int
	weight         uint64
	staked, target uint64
	lacks, tooMuch uint64
	// movable reports whether no stake is in transit, and least whether the
	// share is the least stake.
	movable, least bool
}

// balance is what a rebalance knows of the stake of a pool.
type balance struct {
	shares []share
	least  uint64
	// kept are the lamports that the reserve keeps, and arriving those that it
	// gets with the next update.
	kept, arriving uint64
	rent           uint64
	inTransit      bool
}

func (r *rebalance) next(s *State) (*move, error) {
	if m, err := r.plan.update(s); m != nil || err != nil {
		return m, err
	}

	if err := s.checkStaker(r.Staker); err != nil {
		return nil, err
	}

	b, err := r.balance(s)
	if err != nil {
		return nil, err
	}

	if m, err := r.decrease(s, b); m != nil || err != nil {
		return m, err
	}

	if m, err := r.increase(s, b); m != nil || err != nil {
		return m, err
	}

	if b.inTransit {
		return s.wait("stake is in transit"), nil
	}
	return nil, nil
}

// balance computes the share of each validator.
func (r *rebalance) balance(s *State) (*balance, error) {
	rent, err := s.stakeRent()
	if err != nil {
		return nil, err
	}

	kept := max(rent, s.Pool.Pool.Reserve.RentExemptReserve)
	b := &balance{
		least: s.leastStake(),
		kept:  fixed.SaturatingAdd(kept, r.Liquid),
		rent:  rent,
	}

	var c fixed.Calc
	total := s.Pool.Pool.ReserveLamports
	for i := range s.Pool.Validators {
		v := &s.Pool.Validators[i]
		staked, leaving := stakeOf(v)
		b.inTransit = b.inTransit || pending(v) || !isActive(v)
		if !isActive(v) {
			b.arriving = c.Add(b.arriving, v.Entry.ActiveStakeLamports,
				v.Entry.TransientStakeLamports)
			continue
		}
		b.arriving = c.Add(b.arriving, leaving)
		b.shares = append(b.shares, share{
			at:      i,
			staked:  staked,
			movable: !pending(v),
		})

		total = c.Add(total, staked)
	}

	total = c.Add(total, b.arriving)
	if c.Err() != nil {
		return nil, c.Err()
	}
	return b, r.divide(s, b, fixed.SaturatingSub(total, b.kept))
}

// divide gives each validator its share of the stake. A share below the least
// stake becomes the least stake, and the others divide the rest.
func (r *rebalance) divide(s *State, b *balance, total uint64) error {
	for _, w := range r.Weights {
		at := slices.IndexFunc(b.shares, func(h share) bool {
			return s.Pool.Validators[h.at].Entry.VoteAccount == w.VoteAccount
		})
		if at < 0 {
			return fmt.Errorf("%w: %s", ErrUnlisted, w.VoteAccount)
		}
		b.shares[at].weight = w.Weight
	}

	rest, sum := total, r.sum
	for again := true; again; {
		again = false
		left, weights := rest, sum
		for i := range b.shares {
			h := &b.shares[i]
			if h.least {
				continue
			}
			h.target = 0
			if sum > 0 {
				h.target, _ = fixed.MulDivFloor(rest, h.weight, sum)
			}
			if h.target < b.least {
				h.target, h.least, again = b.least, true, true
				left = fixed.SaturatingSub(left, b.least)
				weights -= h.weight
			}
		}
		rest, sum = left, weights
	}

	for i := range b.shares {
		h := &b.shares[i]
		h.lacks = fixed.SaturatingSub(h.target, h.staked)
		h.tooMuch = fixed.SaturatingSub(h.staked, h.target)
	}
	return nil
}

// wants returns the increase that a validator that lacks stake gets, or 0.
func (b *balance) wants(h *share) uint64 {
	if h.lacks < (b.least+1)/2 {
		return 0
	}
	return max(h.lacks, b.least)
}

// decrease returns the next decrease, or nil. It takes the stake that others,
// or the reserve, can use.
func (r *rebalance) decrease(s *State, b *balance) (*move, error) {
	var needed uint64
	for i := range b.shares {
		needed = fixed.SaturatingAdd(needed, b.wants(&b.shares[i]))
	}

	reserve := s.Pool.Pool.ReserveLamports
	needed = fixed.SaturatingAdd(needed, b.kept)
	needed = fixed.SaturatingSub(needed, fixed.SaturatingAdd(reserve, b.arriving))
	for _, h := range b.most(func(h *share) uint64 { return h.tooMuch }) {
		if needed < (b.least+1)/2 || h.tooMuch < b.least {
			return nil, nil
		}
		if !h.movable {
			continue
		}
		lamports := min(h.tooMuch, max(needed, b.least))
		m := quote.StakeMove{
			Validator:     s.Pool.Validators[h.at],
			Lamports:      lamports,
			TransientSeed: s.Pool.Validators[h.at].Entry.TransientSeedSuffix,
			Prefunded:     r.prefund(s, b),
		}
		if lacksRent(s, b) && m.Prefunded == 0 && b.inTransit {
			return nil, nil // The next update brings the rent.
		}

		// A donation does not count as stake that can leave.
		unlimited := s.Pool.Pool
		unlimited.ReserveLamports = fixed.SaturatingAdd(reserve, 2*b.rent)
		most := unlimited.MaxDecrease(m.Validator)
		if m.Lamports = min(lamports, most); m.Lamports == 0 {
			continue
		}
		return r.take(s, h.at, m)
	}
	return nil, nil
}

// most returns the validators with the highest figure first.
func (b *balance) most(figure func(h *share) uint64) []share {
	sorted := slices.Clone(b.shares)
	slices.SortStableFunc(sorted, func(x, y share) int {
		return cmp.Compare(figure(&y), figure(&x))
	})
	return sorted
}

// prefund returns the lamports that the payer gives for the rent of a stake
// account in transit, because the reserve cannot lend it.
func (r *rebalance) prefund(s *State, b *balance) uint64 {
	if r.PayTransientRent && lacksRent(s, b) {
		return b.rent
	}
	return 0
}

// lacksRent reports whether the reserve cannot lend the rent of a stake account
// in transit.
func lacksRent(s *State, b *balance) bool {
	stored := max(b.rent, s.Pool.Pool.Reserve.RentExemptReserve)
	return s.Pool.Pool.ReserveLamports < fixed.SaturatingAdd(stored, b.rent)
}

// take returns the move that decreases the stake of a validator.
func (r *rebalance) take(s *State, at int, m quote.StakeMove) (*move, error) {
	change, err := s.Pool.Pool.DecreaseStake(m)
	if err != nil {
		return nil, err
	}

	vote := m.Validator.Entry.VoteAccount
	text := fmt.Sprintf("decrease the stake of validator %s by %s SOL", vote,
		lst.FormatAmount(m.Lamports, 9))
	ix, err := step(text, instructions.StakePoolDecreaseValidatorStakeWithReserve{
		StakePoolValidator: s.validator(r.Staker, at),
		Lamports:           m.Lamports,
		TransientSeed:      m.TransientSeed,
	})
	if err != nil {
		return nil, err
	}

	steps, after := []txn.Step{ix}, s.changed(at, &change)
	if m.Prefunded == 0 {
		return transaction(text, after, Cost{}, steps...), nil
	}

	transient, err := accounts.TransientStakeAddress(s.Pool.Pool.Program, r.Pool, vote,
		m.TransientSeed)
	if err != nil {
		return nil, err
	}

	rent, err := txn.TransferSOL(r.plan.payer, transient, m.Prefunded)
	steps = append([]txn.Step{rent}, steps...)
	return transaction(text, after, Cost{Gift: m.Prefunded}, steps...), err
}

// increase returns the next increase, or nil. It gives what the reserve has to
// those that lack most.
func (r *rebalance) increase(s *State, b *balance) (*move, error) {
	free := fixed.SaturatingSub(s.Pool.Pool.ReserveLamports, fixed.SaturatingAdd(b.kept, b.rent))
	for _, h := range b.most(func(h *share) uint64 { return h.lacks }) {
		lamports := min(b.wants(&h), free)
		if lamports < b.least {
			return nil, nil
		}
		if h.movable {
			return increase(s, r.Staker, h.at, lamports)
		}
	}
	return nil, nil
}
