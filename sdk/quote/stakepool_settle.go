package quote

import (
	"math"
	"math/bits"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The reasons why a pool update is refused or its result is unknown.
var (
	reasonMergeMoving = NewReason(ErrUpdateFails,
		"%[1]v: stake of validator %[5]v is warming up or cooling down (MergeTransientStake)")
	reasonMergeMismatch = NewReason(
		ErrUpdateFails,
		"%[1]v: active stake cannot be merged with deactivated stake of validator %[5]v (MergeMismatch)",
	)
	reasonStakeUnknown = NewReason(ErrBuildDependent,
		"%[1]v: what an update does with the stake of validator %[5]v")
	reasonReserveMeta = NewReason(ErrUpdateFails,
		"%[1]v: stake of validator %[5]v has a lockup or an authority that the reserve has not")
	reasonSurplusLocked = NewReason(ErrUpdateFails,
		"%[1]v: stake of validator %[5]v holds surplus lamports and is locked up (LockupInForce)")
	reasonUpdateRewards = NewReason(ErrEpochRewards,
		"%[1]v: the update moves stake of validator %[5]v")
)

// settlement is the state of a pool while UpdateValidatorListBalance processes
// its validators. It mirrors process_update_validator_list_balance of the SPL
// stake pool program, with no_merge false.
type settlement struct {
	epoch uint64
	clock accounts.Clock
	// rewards reports whether staking rewards are being distributed, during
	// which the stake program refuses to move stake.
	rewards bool
	// reserve is the reserve account, and reserveLamports its balance so far.
	reserve         accounts.StakeAccount
	reserveLamports uint64
	// lockup is the lockup of the pool. All its stake accounts must have it.
	lockup accounts.Lockup
	// rent returns the rent that the build keeps in a validator's stake
	// account, from the rent that the account stores.
	rent func(stored uint64) uint64
	calc fixed.Calc
	// known reports whether this code matches the build in all states of stake.
	// It matches other builds in the usual states only, see isUsual.
	known bool
}

// settle updates one validator. Inactive stake goes into the reserve, transient
// stake that has become active goes into the validator's stake account, and the
// surplus of that account goes into the reserve. It returns false if the
// program fails.
func (s *settlement) settle(v *ValidatorBalance, r *Refusal) bool {
	if !s.known && !s.isUsual(v) {
		return r.BecauseOf(reasonStakeUnknown, &v.Entry.VoteAccount)
	}

	transient, ok := s.settleTransient(v, r)
	if !ok {
		return false
	}

	active, ok := s.settleActive(v, transient, r)
	if !ok {
		return false
	}

	v.Entry.LastUpdateEpoch = s.epoch
	v.Entry.ActiveStakeLamports, v.Entry.TransientStakeLamports = active, transient

	return s.calc.Err() == nil || r.failed(s.calc.Err())
}

// isUsual reports whether all builds treat a validator in the same way: its
// stake is active, and its transient stake, if any, is on record and either
// active or inactive.
func (s *settlement) isUsual(v *ValidatorBalance) bool {
	if v.Entry.Status != accounts.ValidatorActive || v.Active == nil ||
		!s.owns(&v.Active.Account) ||
		!s.isSettled(&v.Active.Account) ||
		v.Active.Account.Delegation.DeactivationEpoch != accounts.NeverEpoch {
		return false
	}

	t := v.Transient
	if t == nil || v.Entry.TransientStakeLamports == 0 {
		return t == nil && v.Entry.TransientStakeLamports == 0
	}

	deactivation := t.Account.Delegation.DeactivationEpoch
	return s.owns(&t.Account) && s.isSettled(&t.Account) &&
		(deactivation == accounts.NeverEpoch || deactivation < s.epoch)
}

// settleTransient returns the lamports to record as transient stake.
func (s *settlement) settleTransient(v *ValidatorBalance, r *Refusal) (lamports uint64, ok bool) {
	t := v.Transient
	if v.Entry.TransientStakeLamports == 0 || t == nil || !s.owns(&t.Account) {
		return 0, true
	}

	switch {
	case t.Account.State == accounts.StakeInitialized, s.isInactive(&t.Account):
		v.Transient = nil
		v.Entry.Status = withoutTransient(v.Entry.Status)
		return 0, s.absorb(t, v, r)

	case v.Entry.Status != accounts.ValidatorActive:
		if t.Account.Delegation.DeactivationEpoch == accounts.NeverEpoch {
			if s.rewards {
				return 0, r.BecauseOf(reasonUpdateRewards, &v.Entry.VoteAccount)
			}

			deactivated := *t
			deactivated.Account.Delegation.DeactivationEpoch = s.epoch
			v.Transient = &deactivated
		}

	case s.isSettled(&t.Account) && v.Active != nil && s.isSettled(&v.Active.Account):
		v.Transient = nil
		return 0, s.merge(v, t, r)
	}

	return t.Lamports, true
}

// settleActive returns the lamports to record as active stake.
func (s *settlement) settleActive(
	v *ValidatorBalance, transient uint64, r *Refusal,
) (lamports uint64, ok bool) {
	a := v.Active
	if a == nil || !s.owns(&a.Account) {
		return 0, true
	}

	if a.Account.State == accounts.StakeInitialized {
		v.Active = nil
		v.Entry.Status = accounts.ValidatorReadyForRemoval
		if transient != 0 {
			v.Entry.Status = accounts.ValidatorDeactivatingTransient
		}

		return 0, s.absorb(a, v, r)
	}

	kept := fixed.SaturatingAdd(a.Account.Delegation.Stake, s.rent(a.Account.RentExemptReserve))
	if surplus := fixed.SaturatingSub(a.Lamports, kept); surplus > 0 {
		switch {
		case s.rewards:
			return 0, r.BecauseOf(reasonUpdateRewards, &v.Entry.VoteAccount)
		case a.Account.Lockup.InForce(s.clock):
			return 0, r.BecauseOf(reasonSurplusLocked, &v.Entry.VoteAccount)
		}

		swept := *a
		swept.Lamports -= surplus
		s.reserveLamports = s.calc.Add(s.reserveLamports, surplus)
		v.Active, a = &swept, &swept
	}

	switch v.Entry.Status {
	case accounts.ValidatorActive:
		return a.Lamports, true
	case accounts.ValidatorDeactivating, accounts.ValidatorDeactivatingAll:
		if !s.isInactive(&a.Account) {
			return a.Lamports, true
		}

		v.Active = nil
		v.Entry.Status = withoutActive(v.Entry.Status)
		return 0, s.absorb(a, v, r)
	}

	return 0, true
}

// owns reports whether the pool can use an account (stake_is_usable_by_pool):
// its authorities are the pool's, as the reserve's are, and so is its lockup.
func (s *settlement) owns(a *accounts.StakeAccount) bool {
	usable := a.State == accounts.StakeInitialized || a.State == accounts.StakeDelegated
	return usable && a.Staker == s.reserve.Staker && a.Withdrawer == s.reserve.Withdrawer &&
		a.Lockup == s.lockup
}

// isInactive mirrors stake_is_inactive_without_history.
func (s *settlement) isInactive(a *accounts.StakeAccount) bool {
	d := &a.Delegation
	return a.State == accounts.StakeDelegated && (d.DeactivationEpoch < s.epoch ||
		d.ActivationEpoch == s.epoch && d.DeactivationEpoch == s.epoch)
}

// isSettled reports whether stake was delegated in an earlier epoch, which is
// all that the program asks before it merges.
func (s *settlement) isSettled(a *accounts.StakeAccount) bool {
	return a.State == accounts.StakeDelegated && a.Delegation.ActivationEpoch < s.epoch
}

// absorb merges an inactive account into the reserve.
func (s *settlement) absorb(a *StakeAccountState, v *ValidatorBalance, r *Refusal) bool {
	switch {
	case s.rewards:
		return r.BecauseOf(reasonUpdateRewards, &v.Entry.VoteAccount)
	case !s.lockupsMatch(a.Account.Lockup, s.reserve.Lockup):
		return r.BecauseOf(reasonReserveMeta, &v.Entry.VoteAccount)
	}

	s.reserveLamports = s.calc.Add(s.reserveLamports, a.Lamports)
	return s.calc.Err() == nil || r.failed(s.calc.Err())
}

// merge merges transient stake into a validator's account, if the stake program
// takes both for fully active.
func (s *settlement) merge(v *ValidatorBalance, t *StakeAccountState, r *Refusal) bool {
	merged := *v.Active
	into, from := &merged.Account.Delegation, &t.Account.Delegation
	switch {
	case s.rewards:
		return r.BecauseOf(reasonUpdateRewards, &v.Entry.VoteAccount)
	case into.DeactivationEpoch < s.epoch || into.DeactivationEpoch == into.ActivationEpoch:
		return r.BecauseOf(reasonMergeMismatch, &v.Entry.VoteAccount)
	case into.DeactivationEpoch != accounts.NeverEpoch && into.DeactivationEpoch <= s.epoch,
		from.DeactivationEpoch <= s.epoch:
		return r.BecauseOf(reasonMergeMoving, &v.Entry.VoteAccount)
	case into.Voter != from.Voter || !s.sameMeta(&merged.Account, &t.Account):
		return r.BecauseOf(reasonMergeMismatch, &v.Entry.VoteAccount)
	}

	into.CreditsObserved = weightedCredits(into, from)
	into.Stake = s.calc.Add(into.Stake, from.Stake)
	merged.Account.Delegation.Flags = 0
	merged.Lamports = s.calc.Add(merged.Lamports, t.Lamports)
	v.Active = &merged

	return s.calc.Err() == nil || r.failed(s.calc.Err())
}

// sameMeta reports whether accounts have the same authorities and lockups that
// match (metas_can_merge).
func (s *settlement) sameMeta(a, b *accounts.StakeAccount) bool {
	return a.Staker == b.Staker && a.Withdrawer == b.Withdrawer &&
		s.lockupsMatch(a.Lockup, b.Lockup)
}

// lockupsMatch reports whether the stake program merges accounts with two
// lockups: the same ones, or different ones of which none is in force.
func (s *settlement) lockupsMatch(a, b accounts.Lockup) bool {
	return a == b || !a.InForce(s.clock) && !b.InForce(s.clock)
}

// weightedCredits are the observed vote credits of merged stake, weighted by
// stake and rounded up (stake_weighted_credits_observed).
func weightedCredits(a, b *accounts.Delegation) uint64 {
	total, carry := bits.Add64(a.Stake, b.Stake, 0)
	if a.CreditsObserved == b.CreditsObserved || total == 0 || carry != 0 {
		return a.CreditsObserved
	}

	highA, lowA := bits.Mul64(a.CreditsObserved, a.Stake)
	highB, lowB := bits.Mul64(b.CreditsObserved, b.Stake)
	low, carry := bits.Add64(lowA, lowB, 0)
	high, _ := bits.Add64(highA, highB, carry)
	low, carry = bits.Add64(low, total-1, 0)
	high += carry
	if high >= total {
		return math.MaxUint64
	}

	credits, _ := bits.Div64(high, low, total)

	return credits
}

// withoutTransient mirrors PodStakeStatus::remove_transient_stake.
func withoutTransient(status accounts.ValidatorStatus) accounts.ValidatorStatus {
	switch status {
	case accounts.ValidatorDeactivatingAll:
		return accounts.ValidatorDeactivating
	case accounts.ValidatorDeactivatingTransient:
		return accounts.ValidatorReadyForRemoval
	}
	return status
}

// withoutActive mirrors PodStakeStatus::remove_validator_stake.
func withoutActive(status accounts.ValidatorStatus) accounts.ValidatorStatus {
	switch status {
	case accounts.ValidatorDeactivatingAll:
		return accounts.ValidatorDeactivatingTransient
	case accounts.ValidatorDeactivating:
		return accounts.ValidatorReadyForRemoval
	}
	return status
}

// isRemoved reports whether CleanupRemovedValidatorEntries takes an entry out.
func isRemoved(e *accounts.ValidatorStakeInfo) bool {
	return e.Status == accounts.ValidatorReadyForRemoval &&
		e.ActiveStakeLamports == 0 && e.TransientStakeLamports == 0
}
