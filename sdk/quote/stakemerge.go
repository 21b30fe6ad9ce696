package quote

import (
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// ErrStakeMerge is the kind of [ErrStakeAccount] that [MergeStake] returns for
// two accounts that the stake program does not merge: their stake is in
// different states, or with different validators, or their authorities or
// lockups differ. Trade them one by one.
var ErrStakeMerge = fmt.Errorf("%w: the stake program does not merge the accounts "+
	"(trade them one by one)", ErrStakeAccount)

// mergeKind is the state of stake that the stake program compares before it
// merges accounts.
type mergeKind uint8

const (
	mergesNever mergeKind = iota
	mergesInactive
	mergesActivating
	mergesActive
)

// String returns the state in words.
func (k mergeKind) String() string {
	switch k {
	case mergesInactive:
		return "inactive"
	case mergesActivating:
		return "activating"
	case mergesActive:
		return "active"
	}
	return "deactivating"
}

// mergeKindOf mirrors MergeKind::get_if_mergeable. It assumes that stake
// activates and deactivates within one epoch, as usual.
func mergeKindOf(s *accounts.StakeAccount, epoch uint64) mergeKind {
	d := &s.Delegation
	switch {
	case s.State == accounts.StakeInitialized:
		return mergesInactive
	case d.ActivationEpoch != accounts.NeverEpoch && d.ActivationEpoch == d.DeactivationEpoch:
		return mergesInactive
	case d.ActivationEpoch != accounts.NeverEpoch && d.ActivationEpoch > epoch,
		d.DeactivationEpoch < epoch:
		return mergesInactive
	case d.ActivationEpoch == epoch:
		return mergesActivating
	case d.DeactivationEpoch == epoch:
		return mergesNever
	}

	return mergesActive
}

// MergeStake returns the stake account into after the stake program has merged
// the account from into it. All lamports of from are then in into.
//
// Active stake of the same validator is added up, and the rent of from becomes
// a surplus of into. Into activating stake, the program also delegates the
// lamports of from that were not delegated. Example: an activating account with
// 5 SOL of stake and an inactive one with a balance of 1.00228288 SOL give
// 6.00228288 SOL of activating stake.
//
// The error wraps [ErrStakeMerge] or another kind of [ErrStakeAccount]. While
// rewards are being distributed, the program merges no accounts; that is left
// to the caller.
func MergeStake(into, from StakeAccountState, clock accounts.Clock) (StakeAccountState, error) {
	for _, s := range []*accounts.StakeAccount{&into.Account, &from.Account} {
		if s.State != accounts.StakeInitialized && s.State != accounts.StakeDelegated {
			return into, ErrStakeUninitialized
		}
	}

	if err := sameMergeMeta(&into.Account, &from.Account, clock); err != nil {
		return into, err
	}

	kinds := [2]mergeKind{
		mergeKindOf(&into.Account, clock.Epoch),
		mergeKindOf(&from.Account, clock.Epoch),
	}
	if kinds[0] == mergesNever || kinds[1] == mergesNever {
		return into, fmt.Errorf("%w: stake that is cooling down", ErrStakeMerge)
	}

	a, b := &into.Account.Delegation, &from.Account.Delegation
	switch {
	case kinds[0] == mergesInactive || kinds[1] == mergesInactive:
	case a.Voter != b.Voter:
		return into, fmt.Errorf("%w: stake of %s and %s", ErrStakeMerge, a.Voter, b.Voter)
	case a.DeactivationEpoch != accounts.NeverEpoch || b.DeactivationEpoch != accounts.NeverEpoch:
		return into, fmt.Errorf("%w: stake that cools down in a later epoch", ErrStakeMerge)
	}

	var c fixed.Calc
	switch kinds {
	case [2]mergeKind{mergesInactive, mergesInactive},
		[2]mergeKind{mergesInactive, mergesActivating}:
	case [2]mergeKind{mergesActivating, mergesInactive}:
		a.Stake = c.Add(a.Stake, from.Lamports)
		a.Flags |= b.Flags
	case [2]mergeKind{mergesActivating, mergesActivating}:
		added := *b
		added.Stake = from.Lamports
		a.CreditsObserved = weightedCredits(a, &added)
		a.Stake = c.Add(a.Stake, added.Stake)
		a.Flags |= b.Flags

	case [2]mergeKind{mergesActive, mergesActive}:
		a.CreditsObserved = weightedCredits(a, b)
		a.Stake = c.Add(a.Stake, b.Stake)
		a.Flags = 0

	default:
		return into, fmt.Errorf("%w: %s stake into %s stake", ErrStakeMerge, kinds[1], kinds[0])
	}

	into.Lamports = c.Add(into.Lamports, from.Lamports)

	return into, c.Err()
}

// sameMergeMeta mirrors MergeKind::metas_can_merge: the authorities are equal,
// and so are the lockups unless both have expired.
func sameMergeMeta(a, b *accounts.StakeAccount, clock accounts.Clock) error {
	switch {
	case a.Staker != b.Staker || a.Withdrawer != b.Withdrawer:
		return fmt.Errorf("%w: their authorities differ", ErrStakeMerge)
	case a.Lockup != b.Lockup && (a.Lockup.InForce(clock) || b.Lockup.InForce(clock)):
		return fmt.Errorf("%w: their lockups differ", ErrStakeMerge)
	}
	return nil
}
