package quote

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// StakePoolBalances holds the balances that a pool update uses. They determine
// the pool's price after the update.
type StakePoolBalances struct {
	// Validators are the pool's validators with their stake accounts, in the
	// order of the list.
	Validators []ValidatorBalance
	// MintSupply is the supply of the pool mint. It replaces the pool's own
	// counter.
	MintSupply uint64
}

// ValidatorBalance is one validator of a pool with the stake accounts that a
// pool update counts.
type ValidatorBalance struct {
	Entry accounts.ValidatorStakeInfo
	// Active and Transient are the pool's stake accounts at the validator, or
	// nil if they do not exist.
	Active, Transient *StakeAccountState
}

// UpdatedStakePool is a pool after an update for the epoch, with all accounts
// that the update touches.
type UpdatedStakePool struct {
	// Pool is the pool with the balance of its reserve. Its Update is nil.
	Pool StakePoolState
	// Validators are the entries of the list with their accounts, in the order
	// of the list, before CleanupRemovedValidatorEntries. An account that was
	// merged is nil.
	Validators []ValidatorBalance
}

// List is the validator list after CleanupRemovedValidatorEntries, which takes
// out the entries that are ready for removal and hold nothing.
func (u *UpdatedStakePool) List() []accounts.ValidatorStakeInfo {
	if u == nil {
		return nil
	}

	list := make([]accounts.ValidatorStakeInfo, 0, len(u.Validators))
	for i := range u.Validators {
		if entry := &u.Validators[i].Entry; !isRemoved(entry) {
			list = append(list, *entry)
		}
	}

	return list
}

// AfterCleanup is the pool after CleanupRemovedValidatorEntries. It has the
// validators of [UpdatedStakePool.List]. Since October 2025 the program also
// resets a preferred validator that is not active in the list. For example, a
// pool whose preferred deposit validator was removed then takes stake of all
// others again.
func (u *UpdatedStakePool) AfterCleanup() UpdatedStakePool {
	if u == nil {
		return UpdatedStakePool{}
	}

	cleaned := UpdatedStakePool{Pool: u.Pool}
	for i := range u.Validators {
		if !isRemoved(&u.Validators[i].Entry) {
			cleaned.Validators = append(cleaned.Validators, u.Validators[i])
		}
	}

	if !cleaned.Pool.UpdateKnown {
		return cleaned
	}

	state := &cleaned.Pool.State
	state.PreferredDepositValidator = cleaned.active(state.PreferredDepositValidator)
	state.PreferredWithdrawValidator = cleaned.active(state.PreferredWithdrawValidator)

	return cleaned
}

// active returns the vote account if it is that of an active validator, and nil
// otherwise.
func (u *UpdatedStakePool) active(vote *solana.PublicKey) *solana.PublicKey {
	if vote == nil || !slices.ContainsFunc(u.Validators, func(v ValidatorBalance) bool {
		return v.Entry.VoteAccount == *vote && v.Entry.Status == accounts.ValidatorActive
	}) {
		return nil
	}
	return vote
}

// updated returns the pool after UpdateValidatorListBalance for the entries
// that are behind and UpdateStakePoolBalance. down and rent are the rounding of
// fees and the rent of the reserve in the deployed build.
func (s StakePoolState) updated(down bool, rent uint64, r *Refusal) (u UpdatedStakePool, ok bool) {
	settled := settlement{
		epoch:           s.Clock.Epoch,
		clock:           s.Clock,
		rewards:         s.EpochRewardsActive,
		reserve:         s.Reserve,
		reserveLamports: s.ReserveLamports,
		lockup:          s.State.Lockup,
		known:           s.UpdateKnown,
		rent: func(stored uint64) uint64 {
			if rent == s.Reserve.RentExemptReserve {
				return stored
			}

			return rent
		},
	}

	u.Validators = slices.Clone(s.Update.Validators)
	for i := range u.Validators {
		v := &u.Validators[i]
		if v.Entry.LastUpdateEpoch >= s.Clock.Epoch {
			continue
		}

		if s.EpochRewardsActive && !s.updatesDuringRewards() {
			return u, r.Because(reasonEpochRewards)
		}

		if !settled.settle(v, r) {
			return u, false
		}
	}

	var c fixed.Calc
	total := c.Sub(settled.reserveLamports, rent)
	for i := range u.Validators {
		entry := &u.Validators[i].Entry
		total = c.Add(total, entry.ActiveStakeLamports, entry.TransientStakeLamports)
	}

	before := s.State
	reward := fixed.SaturatingSub(total, before.TotalLamports)
	supply := c.Add(s.Update.MintSupply, s.epochFeeTokens(&c, down, reward))
	if c.Err() != nil {
		return u, r.failed(c.Err())
	}

	if before.LastUpdateEpoch < s.Clock.Epoch {
		s.State.EpochFee, s.State.NextEpochFee = nextFee(before.EpochFee, before.NextEpochFee)
		s.State.StakeWithdrawalFee, s.State.NextStakeWithdrawalFee = nextFee(
			before.StakeWithdrawalFee,
			before.NextStakeWithdrawalFee,
		)

		s.State.SOLWithdrawalFee, s.State.NextSOLWithdrawalFee = nextFee(before.SOLWithdrawalFee,
			before.NextSOLWithdrawalFee)
		s.State.LastUpdateEpoch = s.Clock.Epoch
		s.State.LastEpochTotalLamports = before.TotalLamports
		s.State.LastEpochPoolTokenSupply = before.PoolTokenSupply
	}

	s.State.TotalLamports = total
	s.State.PoolTokenSupply = supply
	s.ReserveLamports = settled.reserveLamports
	s.Update = nil
	u.Pool = s

	return u, true
}

// updatesDuringRewards reports whether the build updates the validator list
// while staking rewards are being distributed, as long as no stake has to be
// moved. The builds of June 2025 do; newer ones refuse.
func (s *StakePoolState) updatesDuringRewards() bool {
	return s.Rounding != FeesUnknown && !s.UpdateKnown
}

// Updated is the pool after an update in the same transaction. It fails with
// [ErrBuildDependent] where builds of the program differ, and with
// [ErrUpdateFails] where the program cannot update the pool.
func (s StakePoolState) Updated() (StakePoolState, error) {
	u, err := s.AfterUpdate()
	return u.Pool, err
}

// AfterUpdate is [StakePoolState.Updated] with the validators and their stake
// accounts. Without an Update the pool stays as it is. It assumes that stake
// warms up and cools down within one epoch. When more than 9 % of all stake
// moves in an epoch, it takes longer, and the stake program refuses the merges
// of that stake until then.
func (s StakePoolState) AfterUpdate() (UpdatedStakePool, error) {
	p := s.prepare()
	var r Refusal
	switch {
	case p.refused != nil:
		r.is(p.refused)
	case !p.certain:
		r.Because(reasonUpdateUnknown)
	case s.Update == nil:
		return UpdatedStakePool{Pool: s}, nil
	default:
		if updated, ok := s.updated(p.builds[0].down, p.reserveLow, &r); ok {
			return updated, nil
		}
	}

	r.by(opUpdate, &p.address)
	return UpdatedStakePool{Pool: s}, r.Err()
}

var reasonUpdateUnknown = NewReason(ErrBuildDependent,
	"%[1]v: its rounding of fees and its use of rent are unknown")

// epochFeeTokens returns the tokens that the pool update mints for the manager.
// The program applies the epoch fee as it is before a scheduled change takes
// effect.
func (s *StakePoolState) epochFeeTokens(c *fixed.Calc, down bool, reward uint64) uint64 {
	if reward == 0 || !s.FeeAccountUsable {
		return 0
	}
	f := newPoolFee(s.State.EpochFee)
	fee := f.of(c, &poolBuild{down: down}, reward)
	total := c.Add(s.State.TotalLamports, reward)
	if total == fee || s.State.PoolTokenSupply == 0 {
		return reward
	}
	return c.MulDivFloor(s.State.PoolTokenSupply, fee, c.Sub(total, fee))
}

// nextFee returns the current and the scheduled fee after an update in a new
// epoch.
func nextFee(
	current accounts.Fee,
	scheduled accounts.FutureFee,
) (accounts.Fee, accounts.FutureFee) {
	switch scheduled.Updates {
	case 1:
		return scheduled.Fee, accounts.FutureFee{}
	case 2:
		return current, accounts.FutureFee{Updates: 1, Fee: scheduled.Fee}
	}
	return current, scheduled
}
