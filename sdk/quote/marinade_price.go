package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Why Marinade refuses.
var (
	reasonNoMarinade = NewReason(accounts.ErrNil, "%[1]v Marinade")
	reasonMoreMSOL   = NewReason(
		ErrInvalidState,
		"%[1]v: there is more mSOL than Marinade minted",
	)
	reasonLeastDeposit  = NewReason(ErrTooSmall, "%[1]v: Marinade takes at least %[2]d lamports")
	reasonWorthlessMSOL = NewReason(ErrTooSmall, "%[1]v: worth less than a base unit of mSOL")
	reasonStakingCap    = NewReason(ErrTooLarge, "%[1]v: Marinade's cap is %[2]d lamports")
	reasonFeeRate       = NewReason(ErrInvalidState, "%[1]v: fee of %[2]d/%[3]d")
	reasonLeastPaid     = NewReason(
		ErrTooSmall,
		"%[1]v: %[2]d lamports, and Marinade pays at least %[3]d",
	)
	reasonBuildDependent = NewReason(
		ErrBuildDependent,
		"%[1]v: version 2.1 of Marinade would still be taking over",
	)
	reasonTakingOver = NewReason(ErrDisabled, "%[1]v: Marinade is taking over its records")
)

// MarinadePrices are [Marinade]'s prices, prepared: all that does not depend on
// the amount is worked out, so that a price takes some nanoseconds and no
// memory. [Marinade.Prepare] makes them. They never change, and any number of
// goroutines may use them.
//
// A price that there is not is false, and the given [Refusal], unless nil,
// tells why. The prices are those of the functions of [Marinade] of the same
// names.
type MarinadePrices struct {
	address  solana.PublicKey
	prepared bool
	clock    accounts.Clock

	// rateErr is set if the counters do not add up. refused is set if users may
	// not use Marinade, or for the same.
	rate    marinadeRate
	rateErr error
	refused *Refusal

	mintSupply, leastDeposit, leastWithdrawal, leastStake, stakingCap, totalActive uint64
	legSOL, legMSOL, reserve, liquidity                                            uint64
	minimumDelegation                                                              uint64
	treasuryUsable, rewards                                                        bool
	version20                                                                      bool

	depositFee, stakeDepositFee, orderFee, stakeWithdrawalFee, treasuryCut marinadeFee
	leastBps, mostBps                                                      uint32
	liquidityTarget                                                        uint64
	liquidFeeErr                                                           error

	rent, stakeRent, ticketRent accountRent
	// ticketEpoch is the epoch that an order has; it is refused if there is
	// none.
	ticketEpoch    uint64
	ticketEpochErr error

	// listFull is set if the list has no room for another stake account,
	// upgrade if stake cannot be withdrawn because of an upgrade, keepsStake if
	// it cannot at all.
	listFull, upgrade *Refusal
	keepsStake        bool

	// staker and withdrawer are the authorities of Marinade's stake accounts.
	staker, withdrawer       solana.PublicKey
	stakerErr, withdrawerErr error
}

// Prepare works out what does not depend on the amount. It never fails: what
// could not be prepared is a refusal that the prices tell.
func (m Marinade) Prepare() *MarinadePrices {
	p := m.prepare()
	p.staker, p.stakerErr = accounts.MarinadeStakeDepositAuthority(m.Program, m.Address)
	p.withdrawer, p.withdrawerErr = accounts.MarinadeStakeWithdrawAuthority(m.Program, m.Address)
	return p
}

// PrepareWith is [Marinade.Prepare] for callers that know
// accounts.MarinadeStakeDepositAuthority and
// accounts.MarinadeStakeWithdrawAuthority, which take longer to derive than all
// the rest.
func (m Marinade) PrepareWith(
	stakeDepositAuthority, stakeWithdrawAuthority solana.PublicKey,
) *MarinadePrices {
	p := m.prepare()
	p.staker, p.withdrawer = stakeDepositAuthority, stakeWithdrawAuthority
	return p
}

// prepare is Prepare without the authorities of stake accounts.
func (m *Marinade) prepare() *MarinadePrices {
	s := &m.State
	p := &MarinadePrices{
		address:            m.Address,
		prepared:           true,
		clock:              m.Clock,
		mintSupply:         m.MintSupply,
		leastDeposit:       s.MinDeposit,
		leastWithdrawal:    s.MinWithdraw,
		leastStake:         s.StakeSystem.MinStake,
		stakingCap:         s.StakingSOLCap,
		totalActive:        s.ValidatorSystem.TotalActiveBalance,
		legSOL:             m.SOLLegLamports,
		legMSOL:            m.MSOLLegAmount,
		reserve:            m.ReserveLamports,
		liquidity:          fixed.SaturatingSub(m.SOLLegLamports, s.RentExemptForTokenAcc),
		minimumDelegation:  m.MinimumDelegation,
		treasuryUsable:     m.TreasuryUsable,
		rewards:            m.EpochRewardsActive,
		version20:          m.Version == MarinadeVersion20,
		depositFee:         m.depositFee(s.DepositSOLFee),
		stakeDepositFee:    m.depositFee(s.DepositStakeAccountFee),
		orderFee:           newMarinadeFee(s.DelayedUnstakeFee, marinadeFeeScale),
		stakeWithdrawalFee: newMarinadeFee(s.WithdrawStakeAccountFee, marinadeFeeScale),
		treasuryCut:        newMarinadeFee(s.LiqPool.TreasuryCut, marinadeBpsScale),
		leastBps:           s.LiqPool.LPMinFee,
		mostBps:            s.LiqPool.LPMaxFee,
		liquidityTarget:    s.LiqPool.LPLiquidityTarget,
		rent:               newAccountRent(m.Rent, 0),
		stakeRent:          newAccountRent(m.Rent, accounts.StakeAccountSpace),
		ticketRent:         newAccountRent(m.Rent, accounts.MarinadeTicketSpace),
		keepsStake:         !s.WithdrawStakeAccountEnabled,
	}
	p.rate, p.rateErr = marinadeRateOf(s)
	switch {
	case s.Paused:
		p.refused = &Refusal{err: errMarinadePaused}
	case p.rateErr != nil:
		p.refused = &Refusal{err: p.rateErr}
	}

	if p.leastBps > p.mostBps {
		p.liquidFeeErr = fmt.Errorf("%w: a fee that falls from %d to %d",
			ErrInvalidState, p.leastBps, p.mostBps)
	}
	p.ticketEpoch = m.Clock.Epoch
	if m.Clock.Epoch == s.StakeSystem.LastStakeDeltaEpoch {
		p.ticketEpoch, p.ticketEpochErr = fixed.Add(m.Clock.Epoch, 1)
	}
	list := s.StakeSystem.StakeList
	space := accounts.MarinadeListHeaderSize + (uint64(list.Count)+1)*uint64(list.ItemSize)
	if m.StakeListSpace != 0 && space > m.StakeListSpace {
		p.listFull = &Refusal{reason: reasonListFull, figures: [3]uint64{uint64(list.Count)}}
	}
	p.upgrade = m.upgrade()
	return p
}

// depositFee is a fee of version 2.1, which version 2.0 does not know.
func (m *Marinade) depositFee(parts uint32) marinadeFee {
	if m.Version == MarinadeVersion20 {
		parts = 0
	}
	return newMarinadeFee(parts, marinadeFeeScale)
}

// upgrade refuses withdrawals that version 2.1 refuses as long as it has not
// taken over all records. A state that tells nothing of it may be either
// version's.
func (m *Marinade) upgrade() *Refusal {
	u := m.State.DelinquentUpgrader
	switch {
	case m.Version == MarinadeVersion20 || u.State == accounts.MarinadeUpgradeDone:
		return nil
	case u == accounts.MarinadeDelinquentUpgrader{}:
		return &Refusal{reason: reasonBuildDependent}
	}
	return &Refusal{reason: reasonTakingOver}
}

// isPrepared refuses prices that were not prepared.
func (p *MarinadePrices) isPrepared(r *Refusal) bool {
	if p == nil || !p.prepared {
		return r.Because(reasonNoMarinade)
	}
	return true
}

// Price returns the value of mSOL, before fees, see [Marinade.Price].
func (p *MarinadePrices) Price(refusal *Refusal) (Price, bool) {
	switch {
	case !p.isPrepared(refusal):
		return Price{}, false
	case p.rateErr != nil:
		refusal.BecauseErr(nil, p.rateErr)
		return Price{}, refusal.by("price", &p.address)
	}
	return Price{Lamports: p.rate.lamports, Tokens: p.rate.supply}, true
}

// Deposit prices a deposit of lamports.
func (p *MarinadePrices) Deposit(lamports uint64, refusal *Refusal) (MarinadeDeposit, bool) {
	var d MarinadeDeposit
	if !p.isPrepared(refusal) {
		return d, false
	}
	if !p.deposit(lamports, &d, refusal) {
		return MarinadeDeposit{}, refusal.by(opDepositSol, &p.address)
	}
	return d, true
}

// DepositExactOut prices the smallest deposit for which the depositor receives
// at least the given mSOL, or Marinade's least.
func (p *MarinadePrices) DepositExactOut(msol uint64, refusal *Refusal) (MarinadeDeposit, bool) {
	var d MarinadeDeposit
	if !p.isPrepared(refusal) {
		return d, false
	}
	lamports, ok := p.lamportsFor(msol, &p.depositFee, p.leastDeposit, refusal)
	if !ok || !p.deposit(lamports, &d, refusal) {
		return MarinadeDeposit{}, refusal.by(opDepositSol, &p.address)
	}
	return d, true
}

// lamportsFor is the smallest deposit, and at least least, that yields at least
// the given mSOL after a fee of version 2.1.
func (p *MarinadePrices) lamportsFor(
	msol uint64, fee *marinadeFee, least uint64, r *Refusal,
) (uint64, bool) {
	switch {
	case msol == 0:
		return 0, r.Because(reasonZeroAmount)
	case p.refused != nil:
		return 0, r.is(p.refused)
	}
	var c fixed.Calc
	lamports := fee.before(&c, p.rate.lamportsFor(&c, msol))
	if c.Err() != nil {
		return 0, r.tooLarge(c.Err())
	}
	return max(lamports, least), true
}

// checkMint refuses what users may not use, and what cannot be: more mSOL than
// Marinade minted.
func (p *MarinadePrices) checkMint(r *Refusal) bool {
	switch {
	case p.refused != nil:
		return r.is(p.refused)
	case p.mintSupply > p.rate.supply:
		return r.Because(reasonMoreMSOL)
	}
	return true
}

func (p *MarinadePrices) deposit(lamports uint64, d *MarinadeDeposit, r *Refusal) bool {
	switch {
	case !p.checkMint(r):
		return false
	case lamports == 0:
		return r.Because(reasonZeroAmount)
	case lamports < p.leastDeposit:
		return r.Because(reasonLeastDeposit, p.leastDeposit)
	}

	var c fixed.Calc
	fee := p.depositFee.of(&c, lamports)
	msol := p.rate.toMSOL(&c, c.Sub(lamports, fee))
	fromLeg := min(msol, p.legMSOL)
	minted := c.Sub(msol, fromLeg)
	// If the pool sells all of it, it keeps whatever rounding leaves.
	toLeg := lamports
	if minted != 0 {
		toLeg = p.rate.toSOL(&c, fromLeg)
	}
	toReserve := c.Sub(lamports, toLeg)
	c.Plus(p.rate.supply, minted)
	controlled := c.Plus(p.rate.controlled, toReserve)
	leg, reserve := c.Plus(p.legSOL, toLeg), c.Plus(p.reserve, toReserve)
	switch {
	case c.Err() != nil:
		return r.tooLargeUnlessInvalid(c.Err())
	case msol == 0:
		return r.Because(reasonWorthlessMSOL)
	case toReserve > 0 && controlled > p.stakingCap:
		return r.Because(reasonStakingCap, p.stakingCap)
	case !p.rent.keeps(r, leg, reserve):
		return false
	}
	*d = MarinadeDeposit{
		Lamports:  lamports,
		Fee:       fee,
		MSOL:      msol,
		FromLeg:   fromLeg,
		Minted:    minted,
		ToLeg:     toLeg,
		ToReserve: toReserve,
	}
	return true
}
