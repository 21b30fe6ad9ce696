package quote

import (
	"fmt"

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

// updated returns the pool after UpdateValidatorListBalance for all entries and
// UpdateStakePoolBalance. down and rent are the rounding of fees and the rent
// of the reserve in the deployed build.
func (s StakePoolState) updated(down bool, rent uint64, r *Refusal) (StakePoolState, bool) {
	if s.EpochRewardsActive {
		return s, r.Because(reasonEpochRewards)
	}

	var c fixed.Calc
	// Merges and sweeps only move lamports within the pool, so the sum of all
	// accounts does not depend on them.
	total := c.Sub(s.ReserveLamports, rent)
	for _, v := range s.Update.Validators {
		counted, err := v.counted()
		if err != nil {
			return s, r.BecauseErr(nil, err)
		}

		total = c.Add(total, counted)
	}

	before := s.State
	reward := fixed.SaturatingSub(total, before.TotalLamports)
	supply := c.Add(s.Update.MintSupply, s.epochFeeTokens(&c, down, reward))
	if c.Err() != nil {
		return s, r.failed(c.Err())
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
	s.Update = nil

	return s, true
}

// Updated returns the pool after a pool update in the same transaction. It
// fails with [ErrBuildDependent] if the builds that may be deployed differ
// about the result.
func (s StakePoolState) Updated() (StakePoolState, error) {
	p := s.prepare()
	var r Refusal
	switch {
	case p.refused != nil:
		r.is(p.refused)
	case !p.certain:
		r.Because(reasonUpdateUnknown)
	case s.Update == nil:
		return s, nil
	default:
		if updated, ok := s.updated(p.builds[0].down, p.reserveLow, &r); ok {
			return updated, nil
		}
	}

	r.by(opUpdate, &p.address)
	return s, r.Err()
}

var reasonUpdateUnknown = NewReason(ErrBuildDependent,
	"%[1]v: its rounding of fees and its use of rent are unknown")

// counted returns the lamports that the pool update counts for the validator.
func (v ValidatorBalance) counted() (uint64, error) {
	var active, transient uint64
	if v.Active != nil {
		switch v.Active.Account.State {
		case accounts.StakeDelegated, accounts.StakeInitialized:
			active = v.Active.Lamports
		default:
			return 0, fmt.Errorf("%w: the stake account of %s is not initialized", ErrInvalidState,
				v.Entry.VoteAccount)
		}
	}

	if v.Entry.TransientStakeLamports != 0 && v.Transient != nil {
		transient = v.Transient.Lamports
	}

	return tooLarge(fixed.Add(active, transient))
}

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
