package venue

import (
	"fmt"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeProgram withdraws SOL from a stake account with the Withdraw instruction
// of the stake program: all of it after the stake has cooled down or before it
// has begun to warm up, and else what the account has beyond its stake and its
// rent, such as tips. It has no fee.
type stakeProgram struct{}

func (v stakeProgram) Name() string { return string(terms.VenueStakeProgram) }

func (v stakeProgram) Pairs(l *state.Ledger) (from, to []state.Token) {
	first, end := l.StakeAccounts()
	for t := first; t < end; t++ {
		from = append(from, t)
	}
	return from, sol()
}

func (v stakeProgram) Offer(
	s *state.Snapshot,
	a *offer.Ask,
	amount uint64,
	_ *offer.Effect,
	o *offer.Offer,
) bool {
	from, err := s.StakeAccount(a.FromToken)
	if err != nil {
		return o.Refusal.BecauseErr(nil, fmt.Errorf("stake account %s: %w", a.From, err))
	}

	if !withdrawable(s.Chain(), from, amount, &o.Refusal) {
		return false
	}

	o.Gives(amount, amount)
	o.MinOut, o.Exact, o.Pays = amount, true, true
	o.Price = quote.Price{Lamports: 1, Tokens: 1}

	return true
}

func (v stakeProgram) Describe(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
) error {
	from, err := s.StakeAccount(a.FromToken)
	if err != nil {
		return err
	}

	d.Accounts = stakeAccountsOf(from)
	if merges := mergeCondition(from); merges != "" {
		d.Conditions = append(d.Conditions, merges)
	}

	asked, amount := a.Kept(), o.Amount
	undone := undelegates(s.Chain(), from, amount)
	switch account := &from.Stake.Account; {
	case undone:
		d.Conditions = append(d.Conditions, undelegated)
	case account.State == accounts.StakeDelegated && !isStaked(s.Chain(), account):
		d.Conditions = append(d.Conditions, assumesCoolDown)
	}

	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) {
		if err := quote.OwnedBy(&from.Stake.Account, p.Owner); err != nil {
			return nil, fmt.Errorf("stake account %s: %w", from.Address, err)
		}

		steps, err := mergeSteps(from, p.Owner)
		if err != nil {
			return nil, err
		}

		if undone {
			deactivate, err := txn.DeactivateStake(from.Address, p.Owner)
			if err != nil {
				return nil, err
			}

			steps = append(steps, deactivate)
		}

		to, open, sync, err := asked.LamportsDestination(p)
		if err != nil {
			return nil, err
		}

		withdraw, err := txn.WithdrawStake(from.Address, to, p.Owner, amount)

		return slices.Concat(steps, open, []txn.Step{withdraw}, sync), err
	}

	return nil
}

// assumesCoolDown is the assumption about stake that was deactivated in an
// earlier epoch.
const assumesCoolDown = "the quote assumes that the stake has cooled down within one epoch, as usual; otherwise the transaction fails"

// undelegated is the condition of a withdrawal of stake that was delegated in
// this epoch.
const undelegated = "the stake was delegated in this epoch and has not begun to warm up; it is deactivated first, which works only until the epoch ends"

// Refusals of a withdrawal, with the address of the stake account.
var (
	withdrawRewards       = quote.NewReason(quote.ErrEpochRewards, "stake account %[5]v: %[1]v")
	withdrawUninitialized = quote.NewReason(quote.ErrStakeUninitialized,
		"stake account %[5]v: %[1]v")
	withdrawLocked   = quote.NewReason(quote.ErrStakeLocked, "stake account %[5]v: %[1]v")
	withdrawTooLarge = quote.NewReason(quote.ErrAmountTooLarge,
		"stake account %[5]v: %[1]v: it has %[2]d lamports, not %[3]d")
	withdrawStaked  = quote.NewReason(quote.ErrStakeActive, "stake account %[5]v: %[1]v")
	withdrawSurplus = quote.NewReason(quote.ErrStakeActive,
		"stake account %[5]v: %[1]v: it has %[2]d lamports beyond its stake and rent, not %[3]d")
	withdrawKeeps = quote.NewReason(quote.ErrAmountTooLarge,
		"stake account %[5]v: %[1]v: it must keep %[2]d lamports, or be emptied")
)

// isStaked reports whether the stake program counts the whole delegation of an
// account as staked.
func isStaked(c *state.Chain, s *accounts.StakeAccount) bool {
	d := &s.Delegation
	return s.State == accounts.StakeDelegated && d.ActivationEpoch != d.DeactivationEpoch &&
		d.DeactivationEpoch >= c.Clock.Epoch
}

// undelegates reports whether a withdrawal takes a whole account whose stake
// was delegated in this epoch. Its stake is inactive as soon as it is
// deactivated. One key must have both authorities, since the market does not
// know the owner.
func undelegates(c *state.Chain, from *state.StakeAccount, lamports uint64) bool {
	s := &from.Stake.Account
	return s.IsActivating(c.Clock.Epoch) &&
		s.Staker == s.Withdrawer && lamports == from.Stake.Lamports
}

// keptRent returns the rent that the stake program keeps in an account from
// which a part is withdrawn: that of the Rent sysvar. The stake program with a
// minimum delegation of one lamport takes the rent that the account stores.
func keptRent(c *state.Chain, s *quote.StakeAccountState) (uint64, error) {
	if c.MinimumDelegation <= 1 {
		return s.Account.RentExemptReserve, nil
	}
	return c.StakeRent()
}

// surplusOf returns the lamports of a delegated account beyond its stake and
// its rent. They can be withdrawn at any time.
func surplusOf(c *state.Chain, s *quote.StakeAccountState) uint64 {
	rent, err := keptRent(c, s)
	if err != nil {
		return 0
	}

	return fixed.SaturatingSub(s.Lamports, fixed.SaturatingAdd(s.Account.Delegation.Stake, rent))
}

// withdrawable checks that an amount of lamports can be withdrawn: none of them
// is staked, and the rest keeps the account rent-exempt.
func withdrawable(
	c *state.Chain,
	from *state.StakeAccount,
	lamports uint64,
	r *quote.Refusal,
) bool {
	s := &from.Stake.Account
	switch {
	case c.RewardsActive:
		return r.BecauseOf(withdrawRewards, &from.Address)
	case s.State != accounts.StakeInitialized && s.State != accounts.StakeDelegated:
		return r.BecauseOf(withdrawUninitialized, &from.Address)
	case s.Lockup.InForce(c.Clock):
		return r.BecauseOf(withdrawLocked, &from.Address)
	case lamports > from.Stake.Lamports:
		return r.BecauseOf(withdrawTooLarge, &from.Address, from.Stake.Lamports, lamports)
	}

	if undelegates(c, from, lamports) {
		return true
	}

	if isStaked(c, s) {
		switch surplus := surplusOf(c, &from.Stake); {
		case surplus == 0:
			return r.BecauseOf(withdrawStaked, &from.Address)
		case lamports > surplus:
			return r.BecauseOf(withdrawSurplus, &from.Address, surplus, lamports)
		}

		return true
	}

	left := from.Stake.Lamports - lamports
	if left == 0 {
		return true
	}

	rent, err := keptRent(c, &from.Stake)
	switch {
	case err != nil:
		return r.BecauseErr(nil, err)
	case left < rent:
		return r.BecauseOf(withdrawKeeps, &from.Address, rent)
	}

	return true
}
