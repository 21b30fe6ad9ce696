package quote

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// StakePoolPrices are a [StakePoolState]'s prices, prepared: all that does not
// depend on the amount is worked out, so that a price takes some nanoseconds
// and no memory. [StakePoolState.Prepare] makes them. They never change, and
// any number of goroutines may use them.
//
// A price that there is not is false, and the given [Refusal], unless nil,
// tells why. The prices are those of the functions of [StakePoolState] of the
// same names.
type StakePoolPrices struct {
	address solana.PublicKey
	// refused is set if there are no prices at all.
	refused *Refusal
	// builds are the pool as each build that may be deployed finds it.
	builds [maxPoolBuilds]poolBuild
	count  int

	// price is that of the pool as it is, updated that after the crank.
	price, updated Price
	// certain reports whether all builds agree about the pool after the crank.
	certain bool

	solDepositFee, stakeDepositFee, solWithdrawalFee, stakeWithdrawalFee poolFee

	solReferral, stakeReferral uint64
	feeAccountUsable           bool

	// These are set if an operation is refused whatever the amount.
	solDepositRefused, stakeDepositRefused, solWithdrawalRefused, stakeWithdrawalRefused *Refusal

	// reserve is the balance of the reserve, of which it keeps at least
	// reserveLow for rent by some build and reserveHigh by any.
	reserve, reserveLow, reserveHigh uint64

	minimumDelegation uint64

	// limits tell which validators serve withdrawals. They are refused if they
	// do not fit.
	limits        withdrawLimits
	limitsRefused *Refusal

	clock                                 accounts.Clock
	preferredDeposit, preferredWithdrawal *solana.PublicKey
	reasonNotPreferred                    *Reason

	lines poolLines
}

// maxPoolBuilds is how many builds a pool may have to be priced under: two
// roundings of fees, and two rents.
const maxPoolBuilds = 4

// poolBuild is what a build makes of the pool.
type poolBuild struct {
	lamports, supply uint64
	// down reports whether the build rounds fees down.
	down bool
}

// poolFee is a fee with what does not depend on the amount. The zero fee has a
// denominator of one.
type poolFee struct {
	numerator, denominator uint64
	// invalid is set if the program refuses the fee.
	invalid error
}

func newPoolFee(f accounts.Fee) poolFee {
	fee := poolFee{numerator: f.Numerator, denominator: f.Denominator}
	switch {
	case f.Denominator == 0:
		fee = poolFee{denominator: 1}
	case f.Numerator > f.Denominator:
		fee.invalid = fmt.Errorf("%w: fee of %d/%d", ErrInvalidState, f.Numerator, f.Denominator)
	}
	return fee
}

// Prepare works out what does not depend on the amount. It never fails: what
// could not be prepared is a refusal that the prices tell.
func (s StakePoolState) Prepare() *StakePoolPrices {
	p := s.prepare()
	permissionless, err := accounts.StakePoolDepositAuthority(s.Program, s.Address)
	p.authorizeStakeDeposits(&s, permissionless, err)
	p.drawLines()
	return p
}

// PrepareWith is [StakePoolState.Prepare] for callers that know
// accounts.StakePoolDepositAuthority of the pool, which takes longer to derive
// than all the rest.
func (s StakePoolState) PrepareWith(depositAuthority solana.PublicKey) *StakePoolPrices {
	p := s.prepare()
	p.authorizeStakeDeposits(&s, depositAuthority, nil)
	p.drawLines()
	return p
}

// prepare is Prepare without the authority over stake deposits.
func (s *StakePoolState) prepare() *StakePoolPrices {
	p := &StakePoolPrices{
		address:             s.Address,
		price:               s.Price(),
		updated:             s.Price(),
		feeAccountUsable:    s.FeeAccountUsable,
		reserve:             s.ReserveLamports,
		minimumDelegation:   s.MinimumDelegation,
		clock:               s.Clock,
		preferredDeposit:    s.State.PreferredDepositValidator,
		preferredWithdrawal: s.State.PreferredWithdrawValidator,
	}

	if preferred := p.preferredDeposit; preferred != nil {
		words := "%[1]v: " + preferred.String() + ", not %[5]v"
		p.reasonNotPreferred = NewReason(ErrNotPreferred, words)
	}

	state := s.State
	var r Refusal
	if !p.prepareBuilds(s, &state, &r) {
		p.refused, p.count = &r, 0
		return p
	}

	p.prepareLimits(s)
	p.solDepositFee = newPoolFee(state.SOLDepositFee)
	p.stakeDepositFee = newPoolFee(state.StakeDepositFee)
	p.solWithdrawalFee = newPoolFee(state.SOLWithdrawalFee)
	p.stakeWithdrawalFee = newPoolFee(state.StakeWithdrawalFee)
	p.solReferral, p.stakeReferral = uint64(state.SOLReferralFee), uint64(state.StakeReferralFee)

	p.solDepositRefused = s.authorized(state.SOLDepositAuthority)
	p.solWithdrawalRefused = s.authorized(state.SOLWithdrawAuthority)
	if s.EpochRewardsActive {
		rewards := &Refusal{reason: reasonEpochRewards}
		p.stakeDepositRefused, p.stakeWithdrawalRefused = rewards, rewards
		if p.solWithdrawalRefused == nil {
			p.solWithdrawalRefused = rewards
		}
	}

	return p
}

// prepareBuilds works out the pool under each build that may be deployed, with
// the crank applied, to whose fees it sets the state.
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
				continue // only a crank depends on it
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

// roundings are those that the deployed build may have.
func (s *StakePoolState) roundings() []FeeRounding {
	if s.Rounding == FeesUnknown {
		return []FeeRounding{FeesRoundUp, FeesRoundDown}
	}
	return []FeeRounding{s.Rounding}
}

// rents are the least and the most that a build may take for the rent of a
// stake account with the given stored one.
func (s *StakePoolState) rents(stored uint64) (low, high uint64, err error) {
	if s.Rounding != FeesUnknown {
		return stored, stored, nil
	}
	rent, err := s.Rent.MinimumBalance(accounts.StakeAccountSpace)
	return min(rent, stored), max(rent, stored), err
}

// minimumStake is the least stake that must stay with a validator.
func (s *StakePoolState) minimumStake() uint64 {
	return max(s.MinimumDelegation, minimumValidatorStake)
}

// prepareLimits works out the strictest limits of all builds. They cover builds
// that ask for the minimum delegation once or twice, and either rent. What the
// reserve stores as rent stands for what the pool's other accounts store.
func (p *StakePoolPrices) prepareLimits(s *StakePoolState) {
	for i, b := range p.builds[:p.count] {
		var c fixed.Calc
		perToken := uint64(0)
		if b.supply != 0 {
			perToken = c.MulDivCeil(b.lamports, 1, b.supply)
		}

		possible := c.Add(p.reserveLow, s.minimumStake(), perToken)
		certain := c.Add(p.reserveHigh, s.minimumStake(), s.MinimumDelegation, perToken)
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

// authorized is the refusal of a permissioned operation, or nil.
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

// authorizeStakeDeposits checks the authority over stake deposits, which is an
// address of the program itself in a pool that takes all stake.
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

// Price returns the value of the pool's tokens as the pool is, before fees and
// before a crank.
func (p *StakePoolPrices) Price() Price {
	if p == nil {
		return Price{}
	}
	return p.price
}

// UpdatedPrice is [StakePoolPrices.Price] after the crank that
// [StakePoolState]'s Update asks for. It is that of the pool as it is if there
// is none, or if builds differ about it.
func (p *StakePoolPrices) UpdatedPrice() Price {
	if p == nil {
		return Price{}
	}
	return p.updated
}

// After returns the pool after an exact deposit of lamports, which minted the
// given tokens, for the depositor and the receivers of fees together. It
// reports false if that is not known, because there are no prices or because
// builds differ, or if it does not fit.
func (p *StakePoolPrices) After(lamports, minted uint64) (totalLamports, supply uint64, ok bool) {
	if p == nil || !p.certain {
		return 0, 0, false
	}

	b := &p.builds[0]
	var c fixed.Calc
	totalLamports, supply = c.Add(b.lamports, lamports), c.Add(b.supply, minted)
	return totalLamports, supply, c.Err() == nil
}
