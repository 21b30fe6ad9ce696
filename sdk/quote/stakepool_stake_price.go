package quote

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The reasons for which a stake pool refuses a trade of stake.
var (
	reasonNoValidator       = NewReason(accounts.ErrNil, "%[1]v validator")
	reasonNoStakeAccount    = NewReason(accounts.ErrNil, "%[1]v stake account")
	reasonValidatorInactive = NewReason(ErrValidator, "%[1]v: %[5]v is not active in the pool")
	reasonStakeInactive     = NewReason(ErrValidator, "%[1]v: the pool has no stake with %[5]v")
	reasonSourceLocked      = NewReason(ErrStakeLocked, "%[1]v: the pool's stake with %[5]v")
	reasonBelowMinimum      = NewReason(
		ErrBelowMinimumDelegation,
		"%[1]v: %[2]d lamports, at least %[3]d are needed",
	)
	reasonValidatorKeeps = NewReason(
		ErrValidator,
		"%[1]v: %[5]v can give %[2]d lamports, fewer than the minimum delegation of %[3]d",
	)
	reasonValidatorGives = NewReason(
		ErrValidator,
		"%[1]v: %[5]v can give %[2]d lamports, %[3]d are needed",
	)

	reasonUndelegated       = NewReason(ErrStakeUndelegated, "")
	reasonUninitialized     = NewReason(ErrStakeUninitialized, "")
	reasonStakeLocked       = NewReason(ErrStakeLocked, "")
	reasonStakeDeactivating = NewReason(ErrStakeDeactivating, "")
	reasonStakeActivating   = NewReason(ErrStakeActivating, "")
	reasonValidatorUnknown  = NewReason(
		ErrValidator,
		"%[1]v: %[5]v is not an active validator of the pool",
	)
	reasonValidatorStake = NewReason(
		ErrValidator,
		"%[1]v: the pool's stake account is not delegated to %[5]v",
	)
	reasonStakesDiffer = NewReason(
		ErrValidator,
		"%[1]v: either the deposited stake or the pool's stake is active, but not both",
	)
	reasonBelowDelegation = NewReason(ErrStakeAccount, "%[1]v: its balance is below its delegation")
)

// DepositStake prices the deposit of a stake account with staked and unstaked
// lamports, see [StakePoolPrices.StakeParts].
func (p *StakePoolPrices) DepositStake(
	staked, unstaked uint64, refusal *Refusal,
) (StakeDeposit, bool) {
	m, exact, ok := p.stakeDeposit(staked, unstaked, refusal)
	if !ok {
		return StakeDeposit{}, false
	}
	return m.forStake(unstaked, exact), true
}

func (p *StakePoolPrices) stakeDeposit(
	staked, unstaked uint64, r *Refusal,
) (m minted, exact, ok bool) {
	return worst(p, r, opDepositStake, func(b *poolBuild) (minted, bool) {
		return p.depositStake(b, staked, unstaked, r)
	}, paysMore)
}

func (m minted) forStake(unstaked uint64, exact bool) StakeDeposit {
	return StakeDeposit{
		Staked:      m.in,
		Unstaked:    unstaked,
		Tokens:      m.tokens,
		ReferralFee: m.referralFee,
		ManagerFee:  m.managerFee,
		Exact:       exact,
	}
}

func (p *StakePoolPrices) depositStake(
	b *poolBuild, staked, unstaked uint64, r *Refusal,
) (minted, bool) {
	if p.stakeDepositRefused != nil {
		return minted{}, r.is(p.stakeDepositRefused)
	}

	var c fixed.Calc
	lamports := c.Plus(staked, unstaked)
	if lamports == 0 && c.Err() == nil {
		return minted{}, r.Because(reasonZeroAmount)
	}

	total := b.tokensFor(&c, lamports)
	fromStake := b.tokensFor(&c, staked)
	fromSOL := c.Sub(total, fromStake)
	fee := c.Plus(p.stakeDepositFee.of(&c, b, fromStake), p.solDepositFee.of(&c, b, fromSOL))
	m := minted{
		in:          staked,
		tokens:      c.Sub(total, fee),
		referralFee: referral(&c, p.stakeReferral, fee),
	}

	m.managerFee = c.Sub(fee, m.referralFee)
	b.grows(&c, lamports, total)

	return m, p.checkDeposit(&c, m, r)
}

// DepositStakeExactOut prices the deposit of a stake account with the given
// unstaked lamports whose delegation yields at least tokens base units, while
// one lamport of delegation less yields fewer. The delegation is at least one
// lamport.
func (p *StakePoolPrices) DepositStakeExactOut(
	tokens, unstaked uint64, refusal *Refusal,
) (StakeDeposit, bool) {
	var why Refusal
	switch {
	case p != nil && tokens == 0:
		refusal.Because(reasonZeroAmount)
		return StakeDeposit{}, refusal.by(opDepositStake, &p.address)
	case p.isRefused(opDepositStake, &why):
		return StakeDeposit{}, refusal.searched(errRefused, &why, opDepositStake, why.pool)
	}

	// More stake can yield fewer tokens in rare cases, as the two fees are
	// rounded separately. So search for the step itself.
	var now Refusal
	var found minted
	var foundExact bool
	enough := func(staked uint64) (bool, error) {
		m, exact, ok := p.stakeDeposit(staked, unstaked, &now)
		switch {
		case !ok && now.reason == reasonNothingLeft:
			return false, nil
		case !ok:
			why = now
			return false, errRefused
		case m.tokens >= tokens:
			found, foundExact = m, exact
			return true, nil
		}

		return false, nil
	}

	lo, hi := p.stakeDepositBracket(tokens, unstaked)
	staked, err := fixed.ReplaySmallestInput(maxLamports, lo, hi, enough)
	switch {
	case err != nil:
		return StakeDeposit{}, refusal.searched(err, &why, opDepositStake, &p.address)
	case found.in == staked:
		return found.forStake(unstaked, foundExact), true
	}

	return p.DepositStake(staked, unstaked, refusal)
}

// stakeDepositBracket returns bounds for the smallest delegation that yields
// the given tokens. Without an answer lo is above hi.
//
// Let q be the price in tokens per lamport, k1 the part that remains after the
// fee on stake, and k2 the part that remains after the fee on SOL. A build pays
// about
//
//	f(staked) = staked*q*k1 + unstaked*q*k2.
//
// The payout is within 3 of that. Let e in (-1, 0] be the rounding of the
// total, e1 in (-1, 0] that of the part for stake, and r1, r2 in (-1, 1) those
// of the fees. Then the payout is
//
//	f + k1*e1 + k2*(e-e1) - r1 - r2 = f + k2*e + (k1-k2)*e1 - r1 - r2.
//
// As k1 and k2 lie in [0, 1], k2*e + (k1-k2)*e1 lies in (-1, 1), which adds up
// to less than 1 + 1 + 1. The price of several builds is the lowest payout of
// any build. So no delegation below the highest of their lower bounds is
// enough, and all from the highest of their upper bounds on are.
//
// (1) No delegation below lo is enough: f(lo-1) <= tokens - 3. (2) All
// delegations from hi on are enough: f(hi) >= tokens + 3. (3) All have a price:
// a refusal that does not depend on the amount is found at the ends. Other
// refusals are overflows, which persist for larger delegations, and a fee that
// the manager or the referrer cannot receive. The latter can come and go with
// the rounding of the fees, so there is no bracket with them.
func (p *StakePoolPrices) stakeDepositBracket(tokens, unstaked uint64) (lo, hi uint64) {
	stake, sol := &p.stakeDepositFee, &p.solDepositFee
	free := stake.numerator == 0 && sol.numerator == 0
	switch {
	case !free && !p.feeAccountMintable && p.stakeReferral != 100:
		return 1, 0
	case p.stakeReferral > 100 || stake.invalid != nil || sol.invalid != nil:
		return 1, 0
	case stake.numerator == stake.denominator:
		return 1, 0
	}

	lo, hi = 1, 1
	for i := range p.builds[:p.count] {
		low, high, err := p.builds[i].stakeDepositBracket(stake, sol, tokens, unstaked)
		if err != nil || high > maxLamports {
			return 1, 0
		}

		lo, hi = max(lo, low), max(hi, high)
	}

	return lo, hi
}

// stakeDepositBracket returns the bounds for one build.
func (b *poolBuild) stakeDepositBracket(
	stake, sol *poolFee, tokens, unstaked uint64,
) (lo, hi uint64, err error) {
	var c fixed.Calc
	// The yield of the unstaked lamports, unstaked*q*k2, is at least fromSOL
	// and less than fromSOL + 2, as it is rounded down twice.
	keptOfSOL := sol.denominator - sol.numerator
	fromSOL := c.MulDivFloor(b.tokensFor(&c, unstaked), keptOfSOL, sol.denominator)
	kept := stake.denominator - stake.numerator

	// atMost is a delegation for which staked*q*k1 is at most the missing
	// tokens, and atLeast one for which it is at least the missing tokens.
	atMost := fixed.SaturatingSub(tokens, c.Plus(fromSOL, 5))
	atLeast := fixed.SaturatingSub(c.Plus(tokens, 3), fromSOL)
	atMost = c.MulDivFloor(atMost, stake.denominator, kept)
	atLeast = c.MulDivCeil(atLeast, stake.denominator, kept)
	if b.lamports != 0 && b.supply != 0 {
		atMost = c.MulDivFloor(atMost, b.lamports, b.supply)
		atLeast = c.MulDivCeil(atLeast, b.lamports, b.supply)
	}

	return c.Plus(atMost, 1), atLeast, c.Err()
}

// StakeSourcePrices is a validator of a pool, prepared for a withdrawal of
// stake. Create it with [StakePoolState.PrepareSource] and pass it to
// [StakePoolPrices.WithdrawStake] of the same pool.
type StakeSourcePrices struct {
	vote solana.PublicKey
	// refused is the refusal if the validator serves no withdrawals at all.
	refused *Refusal
	// deactivated reports whether its stake was deactivated. Such stake is not
	// combined with stake of other validators.
	deactivated bool
	// least is the smallest withdrawal in lamports, or zero.
	least uint64
	// most is the largest possible withdrawal in lamports. mostRefused is the
	// refusal if it overflows.
	most        uint64
	mostRefused *Refusal
	// listed is the active stake of the validator in the pool's list, and
	// smallest the least that serves a withdrawal.
	listed, smallest uint64
}

// PrepareSource prepares one of the validators of [StakePoolState.Sources] for
// withdrawals. It does not fail: if the validator cannot serve, its prices
// return the reason.
func (s StakePoolState) PrepareSource(from ValidatorStakeSource) *StakeSourcePrices {
	return s.prepareSource(&from)
}

func (s *StakePoolState) prepareSource(from *ValidatorStakeSource) *StakeSourcePrices {
	src := &StakeSourcePrices{
		vote:   from.Entry.VoteAccount,
		listed: from.Entry.ActiveStakeLamports,
	}

	account := &from.Stake.Account
	src.deactivated = account.Delegation.DeactivationEpoch != accounts.NeverEpoch
	switch {
	case from.Entry.Status != accounts.ValidatorActive:
		src.refused = &Refusal{reason: reasonValidatorInactive, key: &src.vote}
	case account.State != accounts.StakeDelegated || account.Delegation.Voter != src.vote:
		src.refused = &Refusal{reason: reasonStakeInactive, key: &src.vote}
	case account.Lockup.InForce(s.Clock):
		// The program cannot make the user the withdrawer.
		src.refused = &Refusal{reason: reasonSourceLocked, key: &src.vote}
	}

	_, rent, err := s.rents(account.RentExemptReserve)
	if err != nil {
		src.mostRefused = &Refusal{err: err}
		return src
	}

	required, err := fixed.Add(rent, s.minimumStake())
	if err != nil {
		src.mostRefused = &Refusal{reason: reasonTooLarge, err: err}
		return src
	}

	src.most = min(
		fixed.SaturatingSub(from.Stake.Lamports, required),
		from.Entry.ActiveStakeLamports,
	)
	if s.splitsFreely(account) {
		return src
	}

	// The account may hold lamports that are not delegated. These cannot be
	// split off.
	src.least = s.MinimumDelegation
	src.smallest = fixed.SaturatingAdd(required, src.least)
	src.most = min(src.most, fixed.SaturatingSub(account.Delegation.Stake, s.MinimumDelegation))

	return src
}

// splitsFreely reports whether the stake program splits an account without
// regard to its delegation, because its stake is inactive. Versions of the
// program whose minimum delegation is one lamport do not.
func (s *StakePoolState) splitsFreely(account *accounts.StakeAccount) bool {
	return s.MinimumDelegation > 1 && account.IsInactive(s.Clock.Epoch)
}

// Vote returns the vote account of the validator.
func (s *StakeSourcePrices) Vote() solana.PublicKey {
	if s == nil {
		return solana.PublicKey{}
	}
	return s.vote
}

// Least returns the smallest withdrawal in lamports: the minimum delegation of
// the stake program, or zero for inactive stake, which has no minimum.
func (s *StakeSourcePrices) Least() uint64 {
	if s == nil {
		return 0
	}
	return s.least
}

// IsTooSmall reports whether the list records too little stake for any
// withdrawal. Active stake must be the minimum delegation twice: once for the
// new account, and once for the rest. For example, with a minimum of 1 SOL a
// validator with 1.5 SOL of active stake is too small, and one whose stake was
// deactivated gives up to 0.5 SOL.
func (s *StakeSourcePrices) IsTooSmall() bool { return s == nil || s.listed < s.smallest }

// WithdrawStake prices a withdrawal of tokens for stake that is split off a
// validator.
func (p *StakePoolPrices) WithdrawStake(
	tokens uint64, from *StakeSourcePrices, refusal *Refusal,
) (StakeWithdrawal, bool) {
	w, exact, ok := worst(p, refusal, opWithdrawStake, func(b *poolBuild) (burned, bool) {
		return p.withdrawStake(b, tokens, from, refusal)
	},
		yieldsMore)
	if !ok {
		return StakeWithdrawal{}, false
	}
	return w.forStake(from, exact), true
}

// WithdrawStakeExactOut prices the smallest number of tokens for at least the
// given lamports of stake.
func (p *StakePoolPrices) WithdrawStakeExactOut(
	lamports uint64, from *StakeSourcePrices, refusal *Refusal,
) (StakeWithdrawal, bool) {
	w, exact, ok := worst(p, refusal, opWithdrawStake, func(b *poolBuild) (burned, bool) {
		tokens, ok := p.tokensToWithdraw(b, &p.stakeWithdrawalFee, lamports, refusal)
		if !ok {
			return burned{}, false
		}

		return p.withdrawStake(b, tokens, from, refusal)
	}, burnsLess)

	switch {
	case !ok:
		return StakeWithdrawal{}, false
	case !exact:
		return p.WithdrawStake(w.tokens, from, refusal)
	}

	return w.forStake(from, true), true
}

func (w burned) forStake(s *StakeSourcePrices, exact bool) StakeWithdrawal {
	return StakeWithdrawal{
		Tokens:     w.tokens,
		Lamports:   w.lamports,
		ManagerFee: w.managerFee,
		Vote:       s.vote,
		Exact:      exact,
	}
}

func (p *StakePoolPrices) withdrawStake(
	b *poolBuild, tokens uint64, from *StakeSourcePrices, r *Refusal,
) (burned, bool) {
	if p.stakeWithdrawalRefused != nil {
		return burned{}, r.is(p.stakeWithdrawalRefused)
	}

	w, ok := p.burn(b, &p.stakeWithdrawalFee, tokens, r)
	switch {
	case !ok:
		return burned{}, false
	case from == nil:
		return burned{}, r.Because(reasonNoValidator)
	case from.refused != nil:
		return burned{}, r.is(from.refused)
	case from.mostRefused != nil:
		return burned{}, r.is(from.mostRefused)
	case from.most < from.least:
		return burned{}, r.BecauseOf(reasonValidatorKeeps, &from.vote, from.most, from.least)
	case w.lamports < from.least:
		return burned{}, r.Because(reasonBelowMinimum, w.lamports, from.least)
	case w.lamports > from.most:
		return burned{}, r.BecauseOf(reasonValidatorGives, &from.vote, from.most, w.lamports)
	}

	return w, true
}

// StakeParts checks that the pool accepts a stake account, and splits its
// balance into the lamports that count as stake and those that count as SOL,
// see [StakePoolState.StakeParts]. Finding the validator takes most of the
// time; [StakePoolPrices.StakePartsOf] avoids it.
func (p *StakePoolPrices) StakeParts(
	list *accounts.ValidatorList, deposit, validator StakeAccountState, refusal *Refusal,
) (staked, unstaked uint64, ok bool) {
	var entry *accounts.ValidatorStakeInfo
	if deposit.Account.State == accounts.StakeDelegated {
		entry = list.Find(deposit.Account.Delegation.Voter)
	}
	return p.StakePartsOf(entry, &deposit, &validator, refusal)
}

// StakePartsOf is like [StakePoolPrices.StakeParts], for callers that know the
// entry of the deposit's validator in the pool's list, or nil if the list has
// none.
func (p *StakePoolPrices) StakePartsOf(
	entry *accounts.ValidatorStakeInfo, deposit, validator *StakeAccountState, refusal *Refusal,
) (staked, unstaked uint64, ok bool) {
	switch {
	case p == nil:
		return 0, 0, refusal.Because(reasonNoPool)
	case deposit == nil || validator == nil:
		refusal.Because(reasonNoStakeAccount)
	default:
		staked, unstaked, ok = p.stakeParts(entry, deposit, validator, refusal)
	}

	if !ok {
		return 0, 0, refusal.by(opDepositStake, &p.address)
	}

	return staked, unstaked, true
}

func (p *StakePoolPrices) stakeParts(
	entry *accounts.ValidatorStakeInfo, deposit, validator *StakeAccountState, r *Refusal,
) (staked, unstaked uint64, ok bool) {
	d, v := &deposit.Account, &validator.Account
	vote := &d.Delegation.Voter
	switch {
	case d.State == accounts.StakeInitialized:
		return 0, 0, r.Because(reasonUndelegated)
	case d.State != accounts.StakeDelegated:
		return 0, 0, r.Because(reasonUninitialized)
	case p.preferredDeposit != nil && *p.preferredDeposit != *vote:
		return 0, 0, r.keyed(p.reasonNotPreferred, *vote)
	case entry == nil || entry.Status != accounts.ValidatorActive:
		return 0, 0, r.keyed(reasonValidatorUnknown, *vote)
	case v.State != accounts.StakeDelegated || v.Delegation.Voter != *vote:
		return 0, 0, r.keyed(reasonValidatorStake, *vote)
	case d.Lockup.InForce(p.clock):
		// Even if the pool's stake has the same lockup: the owner cannot make
		// the pool the withdrawer.
		return 0, 0, r.Because(reasonStakeLocked)

	case v.Lockup.InForce(p.clock):
		return 0, 0, r.keyed(reasonSourceLocked, *vote)
	}

	epoch := p.clock.Epoch
	switch {
	case d.IsActive(epoch) && v.IsActive(epoch):
		staked = d.Delegation.Stake
	case d.IsActivating(epoch) && v.IsActivating(epoch):
		// The stake program adds all lamports of activating stake to the
		// delegation that it is merged into.
		staked = deposit.Lamports

	case d.Delegation.DeactivationEpoch != accounts.NeverEpoch:
		return 0, 0, r.Because(reasonStakeDeactivating)
	case d.IsActivating(epoch):
		return 0, 0, r.Because(reasonStakeActivating)
	default:
		return 0, 0, r.Because(reasonStakesDiffer)
	}

	if staked > deposit.Lamports {
		return 0, 0, r.Because(reasonBelowDelegation)
	}

	return staked, deposit.Lamports - staked, true
}
