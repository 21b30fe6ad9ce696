package quote

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// StakePoolPrices is a prepared [StakePoolState]: everything that does not
// depend on the amount is computed in advance, so a price takes a few
// nanoseconds and does not allocate. Create it with [StakePoolState.Prepare].
// It is immutable and safe for concurrent use.
//
// Its methods return the results of the [StakePoolState] methods with the same
// names. If there is no price they return false and record the reason in the
// given [Refusal], unless that is nil.
type StakePoolPrices struct {
	address solana.PublicKey
	// refused is the refusal if the pool has no prices at all.
	refused *Refusal
	// builds are the figures of the pool under each build that may be deployed.
	builds [maxPoolBuilds]poolBuild
	count  int

	// price is the price of the current state, and updated the price after the
	// pool update.
	price, updated Price
	// certain reports whether all builds agree about the state after the pool
	// update.
	certain bool

	solDepositFee, stakeDepositFee, solWithdrawalFee, stakeWithdrawalFee poolFee

	solReferral, stakeReferral uint64
	// feeAccountUsable and feeAccountMintable report whether withdrawals and
	// deposits can pay fees.
	feeAccountUsable, feeAccountMintable bool
	// ofManager is set for the prices of [StakePoolPrices.OfManager].
	ofManager bool

	// The refusals that do not depend on the amount, or nil.
	solDepositRefused, stakeDepositRefused, solWithdrawalRefused, stakeWithdrawalRefused *Refusal

	// reserve is the balance of the reserve. Its rent is reserveLow for the
	// lowest of the possible builds and reserveHigh for the highest.
	reserve, reserveLow, reserveHigh uint64

	// minimumStake is the smallest stake that must remain with a validator.
	minimumDelegation, minimumStake uint64

	// buildKnown reports whether the deployed build is a known one.
	buildKnown bool
	// limits decide which validators serve withdrawals. limitsRefused is the
	// refusal if they overflow.
	limits        withdrawLimits
	limitsRefused *Refusal

	clock                                 accounts.Clock
	preferredDeposit, preferredWithdrawal *solana.PublicKey

	// updateKnown is that of the state.
	updateKnown        bool
	reasonNotPreferred *Reason

	lines poolLines
}

// maxPoolBuilds is the largest number of builds under which a pool is priced:
// two roundings of fees times two rents.
const maxPoolBuilds = 4

// poolBuild holds the figures of the pool under one build.
type poolBuild struct {
	lamports, supply uint64
	// down reports whether the build rounds fees down.
	down bool
}

// poolFee is a prepared fee. The zero fee has a denominator of one.
type poolFee struct {
	numerator, denominator uint64
	// invalid is the error if the program refuses the fee, or nil.
	invalid error
}

func newPoolFee(f accounts.Fee) poolFee {
	fee := poolFee{numerator: f.Numerator, denominator: f.Denominator}
	switch {
	case f.Denominator == 0:
		fee = poolFee{denominator: 1}
	case f.Numerator > f.Denominator:
		fee.invalid = fmt.Errorf("%w: a fee of %d/%d", ErrInvalidState, f.Numerator, f.Denominator)
	}
	return fee
}

// Prepare computes everything that does not depend on the amount. It does not
// fail: if an operation is impossible, its prices return the reason.
func (s StakePoolState) Prepare() *StakePoolPrices {
	p := s.prepare()
	permissionless, err := accounts.StakePoolDepositAuthority(s.Program, s.Address)
	p.authorizeStakeDeposits(&s, permissionless, err)
	p.drawLines()
	return p
}

// PrepareWith is like [StakePoolState.Prepare], for callers that know
// accounts.StakePoolDepositAuthority of the pool. Deriving it takes longer than
// the rest of the preparation.
func (s StakePoolState) PrepareWith(depositAuthority solana.PublicKey) *StakePoolPrices {
	p := s.prepare()
	p.authorizeStakeDeposits(&s, depositAuthority, nil)
	p.drawLines()
	return p
}

// OfManager returns the prices for a user whose token account is the pool's
// manager fee account. Withdrawals from that account are free. Deposits into it
// have the same results, with the ManagerFee paid to the user.
func (p *StakePoolPrices) OfManager() *StakePoolPrices {
	if p == nil || p.ofManager {
		return p
	}

	own := *p
	own.ofManager = true
	own.drawLines()

	return &own
}

// paysFee reports whether withdrawals pay a fee.
func (p *StakePoolPrices) paysFee() bool { return p.feeAccountUsable && !p.ofManager }

// prepare is Prepare without the stake deposit authority.
func (s *StakePoolState) prepare() *StakePoolPrices {
	p := &StakePoolPrices{
		address:             s.Address,
		price:               s.Price(),
		updated:             s.Price(),
		feeAccountUsable:    s.FeeAccountUsable,
		feeAccountMintable:  s.FeeAccountUsable || s.FeeAccountMintable,
		reserve:             s.ReserveLamports,
		minimumDelegation:   s.MinimumDelegation,
		minimumStake:        s.minimumStake(),
		clock:               s.Clock,
		preferredDeposit:    s.State.PreferredDepositValidator,
		preferredWithdrawal: s.State.PreferredWithdrawValidator,
		updateKnown:         s.UpdateKnown,
		buildKnown:          s.Rounding != FeesUnknown,
	}

	if preferred := p.preferredDeposit; preferred != nil {
		words := "%[1]v: the preferred validator is " + preferred.String() + ", not %[5]v"
		p.reasonNotPreferred = NewReason(ErrNotPreferred, words)
	}

	state := s.State
	var r Refusal
	if !p.prepareBuilds(s, &state, &r) {
		p.refused, p.count = &r, 0
		return p
	}

	p.prepareLimits()
	p.solDepositFee = newPoolFee(state.SOLDepositFee)
	p.stakeDepositFee = newPoolFee(state.StakeDepositFee)
	p.solWithdrawalFee = newPoolFee(state.SOLWithdrawalFee)
	p.stakeWithdrawalFee = newPoolFee(state.StakeWithdrawalFee)
	p.solReferral, p.stakeReferral = uint64(state.SOLReferralFee), uint64(state.StakeReferralFee)

	p.solDepositRefused = s.authorized(state.SOLDepositAuthority)
	p.solWithdrawalRefused = s.authorized(state.SOLWithdrawAuthority)
	if p.solWithdrawalRefused == nil && s.Reserve.Lockup.InForce(s.Clock) {
		p.solWithdrawalRefused = &Refusal{reason: reasonReserveLocked}
	}

	if s.EpochRewardsActive {
		rewards := &Refusal{reason: reasonEpochRewards}
		p.stakeDepositRefused, p.stakeWithdrawalRefused = rewards, rewards
		if p.solWithdrawalRefused == nil {
			p.solWithdrawalRefused = rewards
		}
	}

	return p
}

// prepareBuilds computes the figures of the pool under each build that may be
// deployed, after the pool update if there is one. It sets state to the state
// with the fees that then apply.
func (p *StakePoolPrices) prepareBuilds(
	s *StakePoolState,
	state *accounts.StakePool,
	r *Refusal,
) bool {
	if s.Update == nil && s.State.LastUpdateEpoch < s.Clock.Epoch {
		return r.Because(reasonStale, s.State.LastUpdateEpoch, s.Clock.Epoch)
	}

	var err error
	if p.reserveLow, p.reserveHigh, err = s.rents(s.Reserve.RentExemptReserve); err != nil {
		return r.BecauseErr(nil, err)
	}

	for _, rounding := range s.roundings() {
		for i, rent := range [...]uint64{p.reserveLow, p.reserveHigh} {
			if i > 0 && (s.Update == nil || rent == p.reserveLow) {
				continue // Only a pool update depends on the rent.
			}

			build := poolBuild{
				lamports: s.State.TotalLamports,
				supply:   s.State.PoolTokenSupply,
				down:     rounding == FeesRoundDown,
			}
			if s.Update != nil {
				after, ok := s.updated(build.down, rent, r)
				if !ok {
					return false
				}

				*state = after.Pool.State
				build.lamports = after.Pool.State.TotalLamports
				build.supply = after.Pool.State.PoolTokenSupply
				p.reserve = after.Pool.ReserveLamports
			}

			p.builds[p.count] = build
			p.count++
		}
	}

	p.certain = true
	first := &p.builds[0]
	for i := range p.builds[:p.count] {
		b := &p.builds[i]
		p.certain = p.certain && b.lamports == first.lamports && b.supply == first.supply
	}

	if p.certain {
		p.updated = Price{Lamports: p.builds[0].lamports, Tokens: p.builds[0].supply}
	}

	return true
}

// roundings returns the roundings that the deployed build may have.
func (s *StakePoolState) roundings() []FeeRounding {
	if s.Rounding == FeesUnknown {
		return []FeeRounding{FeesRoundUp, FeesRoundDown}
	}
	return []FeeRounding{s.Rounding}
}

// rents returns the lowest and the highest rent that a build may use for a
// stake account with the given stored rent.
func (s *StakePoolState) rents(stored uint64) (low, high uint64, err error) {
	if s.Rounding != FeesUnknown {
		return stored, stored, nil
	}
	rent, err := s.Rent.MinimumBalance(accounts.StakeAccountSpace)
	return min(rent, stored), max(rent, stored), err
}

// minimumStake returns the smallest stake that must remain with a validator.
func (s *StakePoolState) minimumStake() uint64 {
	return max(s.MinimumDelegation, minimumValidatorStake)
}

// prepareLimits computes the strictest limits of all builds. The known builds
// use a validator for withdrawals if its active stake exceeds the rent, the
// minimum stake and the lamports of one token together. The limits of an
// unknown build also cover one that requires the minimum delegation twice, and
// either rent. The rent stored in the reserve stands for the rent stored in the
// pool's other stake accounts.
//
// For example, with a stored rent of 2,282,880 lamports, a minimum of 1 SOL and
// a token that is worth 1.2 lamports, a known build uses a validator with
// 1,002,282,883 lamports, and does not use one with 1,002,282,882.
func (p *StakePoolPrices) prepareLimits() {
	for i, b := range p.builds[:p.count] {
		var c fixed.Calc
		perToken := uint64(0)
		if b.supply != 0 {
			perToken = c.MulDivCeil(b.lamports, 1, b.supply)
		}

		possible := c.Add(p.reserveLow, p.minimumStake, perToken)
		certain := possible
		if !p.buildKnown {
			certain = c.Add(p.reserveHigh, p.minimumStake, p.minimumDelegation, perToken)
		}

		if c.Err() != nil {
			p.limitsRefused = new(Refusal)
			p.limitsRefused.failed(c.Err())
			return
		}

		if i == 0 {
			p.limits = withdrawLimits{possible: possible, certain: certain}
		}

		p.limits.possible = min(p.limits.possible, possible)
		p.limits.certain = max(p.limits.certain, certain)
	}
}

// authorized returns the refusal of an operation that an authority must sign,
// or nil.
func (s *StakePoolState) authorized(authority *solana.PublicKey) *Refusal {
	switch {
	case authority == nil || slices.Contains(s.Signers, *authority):
		return nil
	case *authority == accounts.SystemProgram:
		return &Refusal{reason: reasonDisabled}
	}
	key := *authority
	return &Refusal{reason: reasonPermissioned, key: &key}
}

// authorizeStakeDeposits checks the stake deposit authority. A pool that
// accepts stake from everyone has an address derived from the program itself.
func (p *StakePoolPrices) authorizeStakeDeposits(
	s *StakePoolState, permissionless solana.PublicKey, err error,
) {
	switch {
	case p.stakeDepositRefused != nil:
	case err != nil:
		p.stakeDepositRefused = &Refusal{err: err}
	case s.State.StakeDepositAuthority != permissionless:
		p.stakeDepositRefused = s.authorized(&s.State.StakeDepositAuthority)
	}
}

// Price returns the value of the pool's tokens before fees and before a pool
// update.
func (p *StakePoolPrices) Price() Price {
	if p == nil {
		return Price{}
	}
	return p.price
}

// UpdatedPrice is [StakePoolPrices.Price] after the pool update in
// [StakePoolState].Update. Without an update, or if the builds differ about its
// result, it is the price of the current state.
func (p *StakePoolPrices) UpdatedPrice() Price {
	if p == nil {
		return Price{}
	}
	return p.updated
}

// After returns the pool's totals after an exact deposit of lamports that
// minted the given tokens, for the depositor and the receivers of fees
// together. It returns false if the totals are unknown, because there are no
// prices or because the builds differ, or if they overflow.
func (p *StakePoolPrices) After(lamports, minted uint64) (totalLamports, supply uint64, ok bool) {
	if p == nil || !p.certain {
		return 0, 0, false
	}

	b := &p.builds[0]
	var c fixed.Calc
	totalLamports, supply = c.Add(b.lamports, lamports), c.Add(b.supply, minted)
	return totalLamports, supply, c.Err() == nil
}
