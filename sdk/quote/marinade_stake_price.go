package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The reasons for which Marinade refuses a trade of stake.
var (
	reasonListFull = NewReason(
		ErrDisabled,
		"%[1]v: Marinade's stake list is full with %[2]d stake accounts",
	)
	reasonDeactivatedIn = NewReason(ErrStakeDeactivating,
		"%[1]v: it was deactivated in epoch %[2]d")
	reasonActivatesIn   = NewReason(ErrStakeActivating, "%[1]v: its activation epoch is %[2]d")
	reasonStakeTooSmall = NewReason(
		ErrStakeTooSmall,
		"%[1]v: %[2]d lamports, Marinade accepts at least %[3]d",
	)
	reasonSurplusOverflow = NewReason(
		ErrStakeSurplus,
		"%[1]v: the sum of its stake and rent overflows",
	)
	reasonStakeMissing   = NewReason(ErrStakeSurplus, "%[1]v: %[2]d lamports are missing")
	reasonStakeSurplus   = NewReason(ErrStakeSurplus, "%[1]v: %[2]d lamports too many")
	reasonStakeMarinades = NewReason(ErrStakeMarinades, "")
	reasonNotMarinades   = NewReason(ErrValidator, "%[1]v: %[5]v is not a validator of Marinade")

	reasonSplitTooSmall = NewReason(
		ErrAmountTooSmall,
		"%[1]v: %[2]d lamports of stake, Marinade splits off at least %[3]d",
	)
	reasonBeingUnstaked = NewReason(
		ErrValidator,
		"%[1]v: the stake account %[5]v is being unstaked",
	)
	reasonRecordGives = NewReason(
		ErrValidator,
		"%[1]v: the stake account %[5]v cannot give %[2]d of its %[3]d lamports, "+
			"of which %[4]d must remain",
	)
	reasonRecordUndelegated = NewReason(
		ErrValidator,
		"%[1]v: the stake account %[5]v is not delegated",
	)
	reasonRecordDeactivated = NewReason(
		ErrValidator,
		"%[1]v: the stake account %[5]v is deactivated",
	)
	reasonRecordElsewhere = NewReason(
		ErrValidator,
		"%[1]v: the stake account %[5]v is delegated to another validator",
	)
	reasonRecordStale = NewReason(
		ErrStalePool,
		"%[1]v: the stake account %[5]v differs from its record",
	)
	reasonRecordInconsistent = NewReason(
		ErrInvalidState,
		"%[1]v: the stake account %[5]v exceeds the recorded balance of its validator",
	)
)

// MarinadeStakePrices is a stake account prepared for deposit at Marinade,
// without its amounts. Create it with [MarinadePrices.PrepareStake] and pass it
// to [MarinadePrices.DepositStakeAccount] of the same MarinadePrices.
type MarinadeStakePrices struct {
	vote  solana.PublicKey
	index int
	// active is the balance that Marinade has at the validator, rent the rent
	// that the account stores.
	active, rent uint64
	// early is the refusal that precedes the checks of the amounts, late the
	// refusal that follows them.
	early, late *Refusal
}

// PrepareStake prepares the deposit of a stake account like the given one,
// whose withdraw authority is the owner. The amounts in like are ignored. It
// does not fail: if Marinade does not accept the account, its prices return the
// reason.
func (p *MarinadePrices) PrepareStake(
	like StakeAccountState, validators *accounts.MarinadeValidatorList, owner solana.PublicKey,
) *MarinadeStakePrices {
	a, d := &like.Account, &like.Account.Delegation
	s := &MarinadeStakePrices{
		vote:  d.Voter,
		index: -1,
		rent:  a.RentExemptReserve,
	}
	if !p.isPrepared(nil) {
		return s
	}

	var early, late Refusal
	switch {
	case a.State != accounts.StakeDelegated:
		early.Because(reasonUndelegated)
	case d.DeactivationEpoch != accounts.NeverEpoch:
		early.Because(reasonDeactivatedIn, d.DeactivationEpoch)
	case d.ActivationEpoch > p.clock.Epoch:
		early.Because(reasonActivatesIn, d.ActivationEpoch)
	}

	s.index = validators.Index(d.Voter)
	switch {
	case a.Lockup.InForce(p.clock):
		late.Because(reasonStakeLocked)
	case p.stakerErr != nil:
		late.BecauseErr(nil, p.stakerErr)
	case p.withdrawerErr != nil:
		late.BecauseErr(nil, p.withdrawerErr)
	case a.Staker == p.staker || a.Withdrawer == p.withdrawer:
		late.Because(reasonStakeMarinades)
	case a.Withdrawer != owner:
		late.BecauseErr(nil, fmt.Errorf("%w: the owner is %s, the withdraw authority is %s",
			ErrStakeOwner, owner, a.Withdrawer))
	case s.index < 0:
		late.BecauseOf(reasonNotMarinades, &s.vote)
	default:
		s.active = validators.Validators[s.index].ActiveBalance
	}

	if !early.IsZero() {
		s.early = &early
	}

	if !late.IsZero() {
		s.late = &late
	}

	return s
}

// DepositStakeAccount prices the deposit of a stake account, given its
// delegation and its balance, both in lamports.
func (p *MarinadePrices) DepositStakeAccount(
	staked, lamports uint64, like *MarinadeStakePrices, refusal *Refusal,
) (MarinadeStakeDeposit, bool) {
	var d MarinadeStakeDeposit
	if !p.isPrepared(refusal) {
		return d, false
	}
	if !p.depositStakeAccount(staked, lamports, like, &d, refusal) {
		return MarinadeStakeDeposit{}, refusal.by(opDepositStake, &p.address)
	}
	return d, true
}

// DepositStakeAccountExactOut prices the smallest delegation that yields at
// least msol base units, in a stake account that also holds its rent.
func (p *MarinadePrices) DepositStakeAccountExactOut(
	msol uint64, like *MarinadeStakePrices, refusal *Refusal,
) (MarinadeStakeDeposit, bool) {
	var d MarinadeStakeDeposit
	if !p.isPrepared(refusal) {
		return d, false
	}

	staked, ok := p.lamportsFor(msol, &p.stakeDepositFee, p.leastStake, refusal)
	lamports := staked
	if ok && like != nil {
		var err error
		if lamports, err = fixed.Add(staked, like.rent); err != nil {
			ok = refusal.tooLarge(err)
		}
	}

	if !ok || !p.depositStakeAccount(staked, lamports, like, &d, refusal) {
		return MarinadeStakeDeposit{}, refusal.by(opDepositStake, &p.address)
	}

	return d, true
}

func (p *MarinadePrices) depositStakeAccount(
	staked, lamports uint64, like *MarinadeStakePrices, d *MarinadeStakeDeposit, r *Refusal,
) bool {
	switch {
	case !p.checkMint(r):
		return false
	case p.rewards:
		return r.Because(reasonEpochRewards)
	case like == nil:
		return r.Because(reasonNoStakeAccount)
	case !p.checkStake(staked, lamports, like, r):
		return false
	}

	var c fixed.Calc
	fee := p.stakeDepositFee.of(&c, staked)
	msol := p.rate.toMSOL(&c, c.Sub(staked, fee))
	c.Plus(p.rate.supply, msol)
	controlled := c.Plus(p.rate.controlled, staked)
	c.Plus(like.active, staked)
	switch {
	case c.Err() != nil:
		return r.tooLargeUnlessInvalid(c.Err())
	case controlled > p.stakingCap:
		return r.Because(reasonStakingCap, p.stakingCap)
	case p.listFull != nil:
		return r.is(p.listFull)
	case msol == 0:
		return r.Because(reasonWorthlessMSOL)
	}

	*d = MarinadeStakeDeposit{
		Staked:         staked,
		Kept:           like.rent,
		Fee:            fee,
		MSOL:           msol,
		Vote:           like.vote,
		ValidatorIndex: uint32(like.index),
	}

	return true
}

// checkStake refuses stake accounts that Marinade or the stake program refuses.
func (p *MarinadePrices) checkStake(
	staked, lamports uint64, like *MarinadeStakePrices, r *Refusal,
) bool {
	whole, err := fixed.Add(staked, like.rent)
	switch {
	case like.early != nil:
		return r.is(like.early)
	case staked < p.leastStake:
		return r.Because(reasonStakeTooSmall, staked, p.leastStake)
	case err != nil:
		return r.Because(reasonSurplusOverflow)
	case lamports < whole:
		return r.Because(reasonStakeMissing, whole-lamports)
	case lamports > whole:
		return r.Because(reasonStakeSurplus, lamports-whole)
	case like.late != nil:
		return r.is(like.late)
	}

	return true
}

// MarinadeSourcePrices is one of Marinade's stake accounts, prepared for a
// withdrawal of stake. Create it with [MarinadePrices.PrepareSource] and pass
// it to [MarinadePrices.WithdrawStakeAccount] of the same MarinadePrices.
type MarinadeSourcePrices struct {
	account, vote         solana.PublicKey
	index, validatorIndex uint32
	// recorded is the delegation in the stake list, active the balance that
	// Marinade has at the validator.
	recorded, active uint64
	// beingUnstaked is set if the account is being unstaked. mismatch is the
	// refusal if the account differs from its record.
	beingUnstaked bool
	mismatch      *Refusal
}

// PrepareSource prepares one of Marinade's stake accounts for withdrawals. It
// does not fail: if the account cannot serve, its prices return the reason.
func (p *MarinadePrices) PrepareSource(from MarinadeStakeSource) *MarinadeSourcePrices {
	return p.prepareSource(&from)
}

func (p *MarinadePrices) prepareSource(from *MarinadeStakeSource) *MarinadeSourcePrices {
	a, d := &from.Stake.Account, &from.Stake.Account.Delegation
	s := &MarinadeSourcePrices{
		account:        from.Record.StakeAccount,
		vote:           d.Voter,
		index:          from.Index,
		validatorIndex: from.ValidatorIndex,
		recorded:       from.Record.LastUpdateDelegatedLamports,
		active:         from.Validator.ActiveBalance,
		beingUnstaked:  p == nil || p.isBeingUnstaked(&from.Record),
	}

	var r Refusal
	switch {
	case a.State != accounts.StakeDelegated:
		r.BecauseOf(reasonRecordUndelegated, &s.account)
	case d.DeactivationEpoch != accounts.NeverEpoch:
		r.BecauseOf(reasonRecordDeactivated, &s.account)
	case d.Voter != from.Validator.VoteAccount:
		r.BecauseOf(reasonRecordElsewhere, &s.account)
	case d.Stake != s.recorded:
		r.BecauseOf(reasonRecordStale, &s.account)
	default:
		return s
	}

	s.mismatch = &r

	return s
}

// isBeingUnstaked reports whether the account of a record is being unstaked, so
// that it serves no withdrawals.
func (p *MarinadePrices) isBeingUnstaked(record *accounts.MarinadeStakeRecord) bool {
	active := record.LastUpdateStatus == accounts.MarinadeStakeActive ||
		p.version20 && record.LastUpdateStatus == accounts.MarinadeStakeUnknown
	return !active || record.IsEmergencyUnstaking != 0
}

// gives reports whether a stake account retains enough stake after a withdrawal
// of lamports.
func (p *MarinadePrices) gives(recorded, lamports uint64) bool {
	return lamports <= recorded && recorded-lamports >= p.leastLeft()
}

// leastLeft returns the smallest delegation that a stake account must retain.
func (p *MarinadePrices) leastLeft() uint64 { return max(p.leastStake, p.minimumDelegation) }

// WithdrawStakeAccount prices a withdrawal of mSOL for stake that is split off
// one of Marinade's stake accounts.
func (p *MarinadePrices) WithdrawStakeAccount(
	msol uint64, from *MarinadeSourcePrices, refusal *Refusal,
) (MarinadeStakeWithdrawal, bool) {
	var w MarinadeStakeWithdrawal
	if !p.isPrepared(refusal) {
		return w, false
	}
	if !p.withdrawStakeAccount(msol, from, &w, refusal) {
		return MarinadeStakeWithdrawal{}, refusal.by(opWithdrawStake, &p.address)
	}
	return w, true
}

// WithdrawStakeAccountExactOut prices the smallest amount of mSOL for at least
// the given lamports of stake, and at least the minimum that Marinade splits
// off.
func (p *MarinadePrices) WithdrawStakeAccountExactOut(
	lamports uint64, from *MarinadeSourcePrices, refusal *Refusal,
) (MarinadeStakeWithdrawal, bool) {
	var w MarinadeStakeWithdrawal
	if !p.isPrepared(refusal) {
		return w, false
	}
	msol, ok := p.msolToWithdraw(lamports, refusal)
	if !ok || !p.withdrawStakeAccount(msol, from, &w, refusal) {
		return MarinadeStakeWithdrawal{}, refusal.by(opWithdrawStake, &p.address)
	}
	return w, true
}

// WithdrawStakeAccountAtLeast prices the smallest amount of mSOL whose
// [MarinadeStakeWithdrawal.Least] is at least the given lamports of stake.
func (p *MarinadePrices) WithdrawStakeAccountAtLeast(
	lamports uint64, from *MarinadeSourcePrices, refusal *Refusal,
) (MarinadeStakeWithdrawal, bool) {
	var w MarinadeStakeWithdrawal
	if !p.isPrepared(refusal) {
		return w, false
	}

	highest := p.stakeWithdrawalFee
	highest.parts = max(highest.parts, marinadeMostStakeFee)
	least, ok := p.msolToWithdraw(max(1, p.minimumDelegation), refusal)
	msol := uint64(0)
	if ok {
		msol, ok = p.msolFor(lamports, 0, &highest, refusal)
	}

	if !ok || !p.withdrawStakeAccount(max(msol, least), from, &w, refusal) {
		return MarinadeStakeWithdrawal{}, refusal.by(opWithdrawStake, &p.address)
	}

	return w, true
}

// msolToWithdraw satisfies both minimums: of the stake after the fee, and of
// the value before it.
func (p *MarinadePrices) msolToWithdraw(lamports uint64, r *Refusal) (uint64, bool) {
	msol, ok := p.msolFor(lamports, p.leastStake, &p.stakeWithdrawalFee, r)
	if !ok {
		return 0, false
	}
	least, ok := p.msolFor(max(1, p.leastWithdrawal), 0, &marinadeFee{scale: marinadeFeeScale}, r)
	return max(msol, least), ok
}

func (p *MarinadePrices) withdrawStakeAccount(
	msol uint64, from *MarinadeSourcePrices, w *MarinadeStakeWithdrawal, r *Refusal,
) bool {
	s, ok := p.split(msol, r)
	switch {
	case !ok:
		return false
	case from == nil:
		return r.Because(reasonNoStakeAccount)
	case from.beingUnstaked:
		return r.BecauseOf(reasonBeingUnstaked, &from.account)
	case !p.gives(from.recorded, s.lamports):
		return r.BecauseOf(reasonRecordGives, &from.account,
			s.lamports, from.recorded, p.leastLeft())
	case from.mismatch != nil:
		return r.is(from.mismatch)
	case from.active < s.lamports:
		return r.BecauseOf(reasonRecordInconsistent, &from.account)
	}

	*w = MarinadeStakeWithdrawal{
		MSOL:           msol,
		Lamports:       s.lamports,
		Rent:           p.stakeRent.least,
		Fee:            s.fee,
		Treasury:       s.treasury,
		Burned:         s.burned,
		StakeAccount:   from.account,
		StakeIndex:     from.index,
		Vote:           from.vote,
		ValidatorIndex: from.validatorIndex,
	}

	return true
}

// marinadeSplit is the result of a withdrawal that does not depend on the stake
// account. It has four fields because larger structs do not stay in registers.
type marinadeSplit struct{ lamports, fee, treasury, burned uint64 }

func (p *MarinadePrices) split(msol uint64, r *Refusal) (marinadeSplit, bool) {
	switch {
	case p.refused != nil:
		return marinadeSplit{}, r.is(p.refused)
	case p.keepsStake:
		return marinadeSplit{}, r.BecauseErr(nil, errMarinadeKeepsStake)
	case p.rewards:
		return marinadeSplit{}, r.Because(reasonEpochRewards)
	case msol == 0:
		return marinadeSplit{}, r.Because(reasonZeroAmount)
	case p.upgrade != nil:
		return marinadeSplit{}, r.is(p.upgrade)
	}

	var c fixed.Calc
	value := p.rate.toSOL(&c, msol)
	s := marinadeSplit{fee: p.stakeWithdrawalFee.of(&c, value)}
	s.lamports = c.Sub(value, s.fee)
	if p.treasuryUsable {
		s.treasury = fixed.SaturatingSub(msol, p.rate.toMSOL(&c, s.lamports))
	}

	s.burned = c.Sub(msol, s.treasury)
	switch {
	case !p.checkWithdrawal(&c, value, r):
		return marinadeSplit{}, false
	case s.lamports < p.leastStake:
		return marinadeSplit{}, r.Because(reasonSplitTooSmall, s.lamports, p.leastStake)
	case s.lamports < p.minimumDelegation:
		return marinadeSplit{}, r.Because(reasonBelowMinimum, s.lamports, p.minimumDelegation)
	}

	p.shrinks(&c, s.burned)
	c.Sub(p.totalActive, s.lamports)
	switch {
	case c.Err() != nil:
		return marinadeSplit{}, r.tooLarge(c.Err())
	case p.stakeRent.err != nil:
		return marinadeSplit{}, r.BecauseErr(nil, p.stakeRent.err)
	}

	return s, true
}
