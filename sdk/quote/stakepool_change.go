package quote

import (
	"errors"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The conditions under which a stake pool refuses a change of its manager or
// its staker. The functions return them wrapped in an [*Error].
var (
	// ErrStakeInTransit is returned when stake of the validator is already in
	// transit and the change cannot be added to it. Use the additional form for
	// a second increase, or wait for the pool update of the next epoch.
	ErrStakeInTransit = errors.New("stake of the validator is in transit " +
		"(add to an increase, or wait for the pool update of the next epoch)")
	// ErrValidatorListed is returned when the validator to add is in the list.
	// Wait until a removed validator has left the list.
	ErrValidatorListed = errors.New("validator is in the list already " +
		"(increase its stake, or wait until it has left the list)")
	// ErrListFull is returned when the validator list has no space. Remove
	// another validator, and wait until it has left the list.
	ErrListFull = errors.New("validator list is full (remove another validator first)")
	// ErrFeeRise is returned when a withdrawal fee would rise by too much at
	// once. Set a smaller fee, and raise it again once that is in force.
	ErrFeeRise = errors.New("withdrawal fee rises too much at once " +
		"(set a smaller fee, and raise it again once it is in force)")
	// ErrInvalidFee is returned when a fee is over 100 %. Set a smaller fee.
	ErrInvalidFee = errors.New("fee is over 100 % or unknown (set a smaller fee)")
)

// The names of the changes in errors.
const (
	opAdd      = "add validator"
	opRemove   = "remove validator"
	opIncrease = "increase stake"
	opDecrease = "decrease stake"
	opSetFee   = "set fee"
)

// StakeMove is a change of the stake of a validator of a pool.
type StakeMove struct {
	// Validator is the entry of the list with its stake accounts.
	Validator ValidatorBalance
	// Lamports is the stake to move, without rents.
	Lamports uint64
	// TransientSeed gives the address of the transient stake account. If stake
	// is in transit, it must be that of the entry.
	TransientSeed uint64
	// Additional selects the additional form of the instruction.
	Additional bool
	// Prefunded are the lamports at the address of a transient stake account
	// that does not exist yet. They replace rent that the reserve lends for a
	// decrease; an increase delegates them, too.
	Prefunded uint64
}

// StakeChange is the result of a change of the stake of a validator. Until the
// pool update of Epoch, the stake is in transit.
type StakeChange struct {
	// Validator is the entry of the list with its stake accounts, after the
	// change.
	Validator ValidatorBalance
	// ReserveLamports is the balance of the reserve after the change.
	ReserveLamports uint64
	// Moved is the stake that moves, in lamports.
	Moved uint64
	// LentRent are the lamports of the reserve that are the rent of a new stake
	// account. An update returns those of a transient stake account.
	LentRent uint64
	// Epoch is the first epoch whose pool update completes the change, if the
	// stake warms up or cools down within one epoch.
	Epoch uint64
}

var (
	reasonInTransit = NewReason(ErrStakeInTransit,
		"%[1]v: %[2]d lamports of validator %[5]v with the seed %[3]d")
	reasonNotListed = NewReason(ErrValidator, "%[1]v: %[5]v is marked for removal")
	reasonForeign   = NewReason(ErrValidator,
		"%[1]v: the stake account of %[5]v is missing, not delegated or not the pool's")
	reasonEnded = NewReason(ErrValidator,
		"%[1]v: the stake of %[5]v was deactivated in epoch %[2]d; remove the validator")
	reasonLeast = NewReason(ErrBelowMinimumDelegation, "%[1]v: %[2]d lamports, at least %[3]d")
	reasonLeft  = NewReason(ErrBelowMinimumDelegation,
		"%[1]v: %[2]d lamports of validator %[5]v, of which %[3]d must remain")
	reasonReserveKeeps = NewReason(ErrInsufficientReserve,
		"%[1]v: %[2]d lamports, needs %[3]d and must keep %[4]d")
	reasonListed = NewReason(ErrValidatorListed, "%[1]v: %[5]v")
	reasonFull   = NewReason(ErrListFull, "%[1]v: %[2]d validators")
)

// changeRents are the rents of the stake accounts of a pool.
type changeRents struct {
	// new is the rent that the program pays for a new stake account, and kept
	// the least balance of the reserve: the higher of the rent that it stores
	// and the current one. The program leaves the current rent, but with less
	// than the stored one no pool update would be possible.
	new, kept uint64
}

// changeable returns the rents for a change, if the pool allows changes at all.
func (s *StakePoolState) changeable(r *Refusal) (rents changeRents, ok bool) {
	if s.State.LastUpdateEpoch < s.Clock.Epoch {
		return rents, r.Because(reasonStale, s.State.LastUpdateEpoch, s.Clock.Epoch)
	}

	if s.EpochRewardsActive {
		return rents, r.Because(reasonEpochRewards)
	}

	rent, err := s.Rent.MinimumBalance(accounts.StakeAccountSpace)
	if err != nil {
		return rents, r.BecauseErr(nil, err)
	}

	return changeRents{new: rent, kept: max(rent, s.Reserve.RentExemptReserve)}, true
}

// movable checks a validator and an amount for a change in which only stake in
// transit that suits may be pending.
func (s *StakePoolState) movable(m *StakeMove, pending bool, r *Refusal) bool {
	entry, active := &m.Validator.Entry, m.Validator.Active
	vote := &entry.VoteAccount
	least := s.minimumStake()
	switch transient := entry.TransientStakeLamports; {
	case transient > 0 &&
		(!m.Additional || !pending || m.TransientSeed != entry.TransientSeedSuffix):
		return r.BecauseOf(reasonInTransit, vote, transient, entry.TransientSeedSuffix)
	case entry.Status != accounts.ValidatorActive:
		return r.BecauseOf(reasonNotListed, vote)
	case active == nil || active.Account.State != accounts.StakeDelegated ||
		!s.ownsStake(&active.Account) || active.Account.Delegation.Voter != *vote:
		return r.BecauseOf(reasonForeign, vote)
	case active.Account.Delegation.DeactivationEpoch != accounts.NeverEpoch:
		return r.BecauseOf(reasonEnded, vote, active.Account.Delegation.DeactivationEpoch)
	case m.Lamports < least:
		return r.Because(reasonLeast, m.Lamports, least)
	}

	return true
}

// ownsStake reports whether a stake account has the authorities and the lockup
// of the pool.
func (s *StakePoolState) ownsStake(a *accounts.StakeAccount) bool {
	return a.Staker == s.Reserve.Staker && a.Withdrawer == s.Reserve.Withdrawer &&
		a.Lockup == s.State.Lockup
}

// pays refuses a payment of the reserve that does not leave its rent.
func (s *StakePoolState) pays(lamports, kept uint64, r *Refusal) bool {
	if needed, err := fixed.Add(lamports, kept); err != nil || needed > s.ReserveLamports {
		return r.Because(reasonReserveKeeps, s.ReserveLamports, lamports, kept)
	}
	return true
}

// activated returns a stake account of the pool that was delegated in the
// current epoch. The stake program stores the rent of the reserve, from which
// it was split.
func (s *StakePoolState) activated(vote solana.PublicKey, lamports, rent uint64) StakeAccountState {
	return StakeAccountState{
		Lamports: lamports,
		Account: accounts.StakeAccount{
			State:             accounts.StakeDelegated,
			RentExemptReserve: s.Reserve.RentExemptReserve,
			Staker:            s.Reserve.Staker,
			Withdrawer:        s.Reserve.Withdrawer,
			Lockup:            s.Reserve.Lockup,
			Delegation: accounts.Delegation{
				Voter:             vote,
				Stake:             fixed.SaturatingSub(lamports, rent),
				ActivationEpoch:   s.Clock.Epoch,
				DeactivationEpoch: accounts.NeverEpoch,
			},
		},
	}
}

// changed names the operation and the pool in the error of a change.
func (s *StakePoolState) changed(
	op string,
	c StakeChange,
	ok bool,
	r *Refusal,
) (StakeChange, error) {
	r.By(op, &s.Address)
	return answer(c, ok, r)
}

// IncreaseStake is the result of IncreaseValidatorStake, or of its additional
// form: the reserve delegates lamports to a validator. It refuses a validator
// whose stake was deactivated from outside, which the program accepts, because
// no pool update would be possible in the next epoch.
//
// The vote credits that the new stake has observed, and the reserved field of
// its delegation, are zero in the result.
func (s StakePoolState) IncreaseStake(move StakeMove) (StakeChange, error) {
	var r Refusal
	c, ok := s.increase(&move, &r)
	return s.changed(opIncrease, c, ok, &r)
}

func (s *StakePoolState) increase(m *StakeMove, r *Refusal) (c StakeChange, ok bool) {
	rents, ok := s.changeable(r)
	if !ok {
		return c, false
	}

	t := m.Validator.Transient
	pending := t != nil && t.Account.IsActivating(s.Clock.Epoch)
	total := fixed.SaturatingAdd(m.Lamports, rents.new)
	if !s.movable(m, pending, r) || !s.pays(total, rents.kept, r) {
		return c, false
	}

	after := s.activated(m.Validator.Entry.VoteAccount,
		fixed.SaturatingAdd(total, m.Prefunded), rents.new)
	if m.Additional {
		after.Account.Delegation.Stake = m.Lamports
	}

	if m.Validator.Entry.TransientStakeLamports > 0 {
		// Two accounts that are activating: the rent of the second one is
		// delegated, too.
		after = *t
		after.Lamports = fixed.SaturatingAdd(t.Lamports, total)
		after.Account.Delegation.Stake = fixed.SaturatingAdd(t.Account.Delegation.Stake, total)
	}

	c = s.moved(m, &after)
	c.Validator.Entry.TransientStakeLamports = fixed.SaturatingAdd(
		m.Validator.Entry.TransientStakeLamports, total)
	c.ReserveLamports -= total
	c.LentRent = rents.new

	return c, true
}

// moved returns the parts of a change that increases and decreases share.
func (s *StakePoolState) moved(m *StakeMove, transient *StakeAccountState) StakeChange {
	c := StakeChange{
		Validator:       m.Validator,
		ReserveLamports: s.ReserveLamports,
		Moved:           m.Lamports,
		Epoch:           s.Clock.Epoch + 1,
	}

	c.Validator.Transient = transient
	c.Validator.Entry.TransientSeedSuffix = m.TransientSeed

	return c
}

// DecreaseStake is the result of DecreaseValidatorStakeWithReserve, or of its
// additional form: stake of a validator is deactivated and moves to the reserve
// at the pool update of the next epoch. Nothing may be in transit: the stake
// program does not merge deactivating accounts.
func (s StakePoolState) DecreaseStake(move StakeMove) (StakeChange, error) {
	var r Refusal
	c, ok := s.decrease(&move, &r)
	return s.changed(opDecrease, c, ok, &r)
}

func (s *StakePoolState) decrease(m *StakeMove, r *Refusal) (c StakeChange, ok bool) {
	rents, ok := s.changeable(r)
	if !ok || !s.movable(m, false, r) {
		return c, false
	}

	active := *m.Validator.Active
	if m.Lamports > s.spare(&active, rents) {
		return c, r.BecauseOf(reasonLeft, &m.Validator.Entry.VoteAccount, active.Lamports,
			s.keepsStake(&active, rents))
	}

	// The additional form pays the rent of the account in between, even if the
	// transient stake account needs none.
	lent := fixed.SaturatingSub(rents.new, m.Prefunded)
	if m.Additional {
		lent = rents.new
	}

	if lent > 0 && !s.pays(lent, rents.kept, r) {
		return c, false
	}

	after := StakeAccountState{
		Lamports: fixed.SaturatingAdd(m.Prefunded, fixed.SaturatingAdd(m.Lamports, lent)),
		Account:  active.Account,
	}

	after.Account.Delegation.Stake = m.Lamports
	after.Account.Delegation.DeactivationEpoch = s.Clock.Epoch
	active.Lamports -= m.Lamports
	active.Account.Delegation.Stake = fixed.SaturatingSub(active.Account.Delegation.Stake,
		m.Lamports)

	c = s.moved(m, &after)
	c.Validator.Active = &active
	c.Validator.Entry.ActiveStakeLamports = fixed.SaturatingSub(
		m.Validator.Entry.ActiveStakeLamports, m.Lamports)
	c.Validator.Entry.TransientStakeLamports = after.Lamports
	c.ReserveLamports -= lent
	c.LentRent = lent

	return c, true
}

// keepsStake returns the least balance of a validator's stake account.
func (s *StakePoolState) keepsStake(active *StakeAccountState, rents changeRents) uint64 {
	return fixed.SaturatingAdd(max(rents.new, active.Account.RentExemptReserve), s.minimumStake())
}

// spare returns the lamports that a validator's stake account can give. The
// pool requires a balance, of which a part may be a donation, and the stake
// program a delegation.
func (s *StakePoolState) spare(active *StakeAccountState, rents changeRents) uint64 {
	return min(
		fixed.SaturatingSub(active.Lamports, s.keepsStake(active, rents)),
		fixed.SaturatingSub(active.Account.Delegation.Stake, s.MinimumDelegation),
	)
}

// MaxIncrease is the largest increase that the reserve can pay, in lamports. It
// is 0 if the reserve cannot pay the least stake of a change.
func (s StakePoolState) MaxIncrease() uint64 {
	rents, ok := s.changeable(nil)
	if !ok {
		return 0
	}
	return s.atLeast(fixed.SaturatingSub(s.ReserveLamports,
		fixed.SaturatingAdd(rents.new, rents.kept)))
}

// MaxDecrease is the largest decrease of a validator, in lamports. It is 0 if
// the validator cannot give the least stake of a change.
func (s StakePoolState) MaxDecrease(validator ValidatorBalance) uint64 {
	rents, ok := s.changeable(nil)
	if !ok || validator.Active == nil {
		return 0
	}

	most := s.atLeast(s.spare(validator.Active, rents))
	if _, err := s.DecreaseStake(StakeMove{Validator: validator, Lamports: most}); err != nil {
		return 0
	}

	return most
}

func (s *StakePoolState) atLeast(lamports uint64) uint64 {
	if lamports < s.minimumStake() {
		return 0
	}
	return lamports
}

// AddValidator is the result of AddValidatorToPool: the reserve delegates the
// least stake to a new validator. seed is that of the stake account, usually 0.
// The address of the stake account must not exist.
func (s StakePoolState) AddValidator(
	list *accounts.ValidatorList, vote solana.PublicKey, seed uint32,
) (StakeChange, error) {
	var r Refusal
	c, ok := s.add(list, vote, seed, &r)
	return s.changed(opAdd, c, ok, &r)
}

func (s *StakePoolState) add(
	list *accounts.ValidatorList, vote solana.PublicKey, seed uint32, r *Refusal,
) (c StakeChange, ok bool) {
	if list == nil {
		return c, r.BecauseErr(nil, accounts.ErrNil)
	}

	rents, ok := s.changeable(r)
	if !ok {
		return c, false
	}

	total := fixed.SaturatingAdd(s.minimumStake(), rents.new)
	switch {
	case uint64(len(list.Validators)) >= uint64(list.MaxValidators):
		return c, r.Because(reasonFull, uint64(len(list.Validators)))
	case list.Find(vote) != nil:
		return c, r.BecauseOf(reasonListed, &vote)
	case !s.pays(total, rents.kept, r):
		return c, false
	}

	active := s.activated(vote, total, rents.new)

	return StakeChange{
		Validator: ValidatorBalance{
			Entry: accounts.ValidatorStakeInfo{
				ActiveStakeLamports: total,
				LastUpdateEpoch:     s.Clock.Epoch,
				ValidatorSeedSuffix: seed,
				VoteAccount:         vote,
			},
			Active: &active,
		},
		ReserveLamports: s.ReserveLamports - total,
		Moved:           s.minimumStake(),
		LentRent:        rents.new,
		Epoch:           s.Clock.Epoch + 1,
	}, true
}

// RemoveValidator is the result of RemoveValidatorFromPool: all stake of the
// validator is deactivated, and moves to the reserve at the pool update of the
// next epoch. The entry leaves the list with the clean-up after it. Preferences
// for the validator end.
func (s StakePoolState) RemoveValidator(validator ValidatorBalance) (StakeChange, error) {
	var r Refusal
	c, ok := s.remove(validator, &r)
	return s.changed(opRemove, c, ok, &r)
}

func (s *StakePoolState) remove(v ValidatorBalance, r *Refusal) (c StakeChange, ok bool) {
	vote := &v.Entry.VoteAccount
	if s.State.LastUpdateEpoch < s.Clock.Epoch {
		return c, r.Because(reasonStale, s.State.LastUpdateEpoch, s.Clock.Epoch)
	}

	switch {
	case s.EpochRewardsActive:
		return c, r.Because(reasonEpochRewards)
	case v.Entry.Status != accounts.ValidatorActive:
		return c, r.BecauseOf(reasonNotListed, vote)
	case v.Active == nil || v.Active.Account.State != accounts.StakeDelegated ||
		v.Active.Account.Delegation.Voter != *vote || !s.ownsStake(&v.Active.Account):
		return c, r.BecauseOf(reasonForeign, vote)
	}

	c = StakeChange{
		Validator:       v,
		ReserveLamports: s.ReserveLamports,
		Moved:           v.Active.Lamports,
		Epoch:           s.Clock.Epoch + 1,
	}

	c.Validator.Active = s.deactivated(v.Active)
	c.Validator.Entry.Status = accounts.ValidatorDeactivating
	if v.Entry.TransientStakeLamports > 0 {
		c.Validator.Entry.Status = accounts.ValidatorDeactivatingAll
		if t := v.Transient; t != nil && s.ownsStake(&t.Account) {
			c.Moved = fixed.SaturatingAdd(c.Moved, t.Lamports)
			c.Validator.Transient = s.deactivated(t)
		}
	}

	return c, true
}

// deactivated returns the stake after a deactivation in the current epoch.
func (s *StakePoolState) deactivated(a *StakeAccountState) *StakeAccountState {
	after := *a
	if after.Account.State == accounts.StakeDelegated &&
		after.Account.Delegation.DeactivationEpoch == accounts.NeverEpoch {
		after.Account.Delegation.DeactivationEpoch = s.Clock.Epoch
	}
	return &after
}

// LeastStake is the least stake that the pool leaves with a validator and moves
// in a change, in lamports: the minimum delegation, or 1,000,000 if that is
// less.
func (s StakePoolState) LeastStake() uint64 { return s.minimumStake() }
