package venue

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// fromStakeAccount provides a stake account of the owner, or a part that is
// split off it.
type fromStakeAccount struct {
	from  *state.StakeAccount
	chain *state.Chain
	// vote is the number of its validator's vote account.
	vote state.Vote
}

func (f *fromStakeAccount) signs() bool { return false }

func (f *fromStakeAccount) accounts(int) []solana.PublicKey {
	return stakeAccountsOf(f.from)
}

func (f *fromStakeAccount) fail(reason error) error {
	return fmt.Errorf("stake account %s: %w", f.from.Address, reason)
}

// stakeUninitialized is the refusal of an account without stake.
var stakeUninitialized = quote.NewReason(quote.ErrStakeUninitialized, "stake account %[5]v: %[1]v")

func (f *fromStakeAccount) picks(r *quote.Refusal) int {
	switch f.from.Stake.Account.State {
	case accounts.StakeDelegated, accounts.StakeInitialized:
		return 1
	}
	r.BecauseOf(stakeUninitialized, &f.from.Address)
	return 0
}

// noVote is the vote account of stake that is not delegated.
var noVote solana.PublicKey

func (f *fromStakeAccount) holds(int) uint64 { return f.from.Stake.Lamports }

func (f *fromStakeAccount) validator(int) validator {
	if f.from.Stake.Account.State != accounts.StakeDelegated {
		return validator{account: &noVote, number: state.NoVote}
	}
	return validator{account: &f.from.Stake.Account.Delegation.Voter, number: f.vote}
}

func (f *fromStakeAccount) withdraw(
	_ int,
	lamports, rent uint64,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	if lamports == f.from.Stake.Lamports {
		*d = withdrawnStake{
			in:       lamports,
			stake:    f.from.Stake,
			existing: f.from.Address,
			exact:    true,
		}
		return true
	}
	return f.split(lamports, rent, d, r)
}

// withdrawExactOut always splits, because the whole account may exceed the
// required stake. It refuses a split that leaves too little.
func (f *fromStakeAccount) withdrawExactOut(
	_ int,
	staked, rent uint64,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	return f.split(max(staked, f.chain.MinimumDelegation), rent, d, r)
}

func (f *fromStakeAccount) describe(*withdrawnStake) (fees []terms.Fee, conditions []string) {
	if merges := mergeCondition(f.from); merges != "" {
		conditions = []string{merges}
	}
	return nil, conditions
}

// Refusals of a split, with the address of the stake account.
var (
	splitTooLarge = quote.NewReason(quote.ErrAmountTooLarge,
		"stake account %[5]v: %[1]v: it has %[2]d lamports, not %[3]d")
	splitRewards     = quote.NewReason(quote.ErrEpochRewards, "stake account %[5]v: %[1]v")
	splitUndelegated = quote.NewReason(quote.ErrStakeUndelegated,
		"stake account %[5]v: %[1]v: only delegated stake can be split, sell the whole")
	splitDeactivating = quote.NewReason(quote.ErrStakeDeactivating,
		"stake account %[5]v: %[1]v: its stake is not effective, sell the whole")
	splitActivating = quote.NewReason(quote.ErrStakeActivating, "stake account %[5]v: %[1]v")
	splitTooSmall   = quote.NewReason(quote.ErrBelowMinimumDelegation,
		"stake account %[5]v: %[1]v: %[2]d lamports, not %[3]d")
	splitLeaves = quote.NewReason(
		quote.ErrBelowMinimumDelegation,
		"stake account %[5]v: %[1]v: %[2]d of %[3]d delegated lamports would leave less than %[4]d, sell the whole",
	)
)

// split sets d to the new account that the stake program splits off, with
// lamports of delegated stake and rent.
func (f *fromStakeAccount) split(lamports, rent uint64, d *withdrawnStake, r *quote.Refusal) bool {
	s := &f.from.Stake.Account
	epoch := f.chain.Clock.Epoch
	switch {
	case lamports > f.from.Stake.Lamports:
		return r.BecauseOf(splitTooLarge, &f.from.Address, f.from.Stake.Lamports, lamports)
	case f.chain.RewardsActive:
		return r.BecauseOf(splitRewards, &f.from.Address)
	case s.State != accounts.StakeDelegated:
		return r.BecauseOf(splitUndelegated, &f.from.Address)
	case s.Delegation.DeactivationEpoch == accounts.NeverEpoch:
		if !s.IsActive(epoch) && !s.IsActivating(epoch) {
			return r.BecauseOf(splitActivating, &f.from.Address)
		}

	case !deactivates(&s.Delegation, epoch):
		return r.BecauseOf(splitDeactivating, &f.from.Address)
	}

	least := f.chain.MinimumDelegation
	switch {
	case lamports < least:
		return r.BecauseOf(splitTooSmall, &f.from.Address, lamports, least)
	case fixed.SaturatingSub(s.Delegation.Stake, lamports) < least:
		return r.BecauseOf(splitLeaves, &f.from.Address, lamports, s.Delegation.Stake, least)
	}

	balance, err := fixed.Add(lamports, rent)
	if err != nil {
		return r.BecauseErr(nil, err)
	}

	*d = withdrawnStake{
		in:    lamports,
		stake: quote.StakeAccountState{Lamports: balance, Account: *s},
		rent:  rent,
		exact: true,
	}

	d.stake.Account.Delegation.Stake = lamports

	return true
}

// deactivates reports whether stake that was active is being deactivated in an
// epoch. It is effective until the end of the epoch, and so is a part of it.
func deactivates(d *accounts.Delegation, epoch uint64) bool {
	return d.DeactivationEpoch == epoch && d.ActivationEpoch < epoch
}

func (f *fromStakeAccount) steps(
	_ int,
	p terms.BuildParams,
	d *withdrawnStake,
	w withdrawal,
) (solana.PublicKey, []txn.Step, error) {
	if err := quote.OwnedBy(&f.from.Stake.Account, p.Owner); err != nil {
		return f.from.Address, nil, f.fail(err)
	}

	steps, err := mergeSteps(f.from, p.Owner)
	if err != nil || d.rent == 0 {
		return f.from.Address, steps, err
	}

	if f.from.Stake.Account.Staker != p.Owner {
		return f.from.Address, nil, f.fail(fmt.Errorf("%w: %s must sign to split it",
			quote.ErrStakeOwner, f.from.Stake.Account.Staker))
	}

	part, create, err := txn.NewStakeAccount(w.funder, p.Owner, d.rent, p.Seed)
	if err != nil {
		return part, nil, err
	}

	split, err := txn.SplitStake(f.from.Address, part, p.Owner, d.in)

	return part, append(steps, create, split), err
}
