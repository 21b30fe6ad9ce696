package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The reasons for which Marinade refuses a trade.
var (
	reasonNoMarinade = NewReason(accounts.ErrNil, "%[1]v Marinade")
	reasonMoreMSOL   = NewReason(
		ErrInvalidState,
		"%[1]v: the supply of mSOL exceeds the amount that Marinade minted",
	)
	reasonLeastDeposit = NewReason(ErrAmountTooSmall,
		"%[1]v: Marinade accepts at least %[2]d lamports")
	reasonWorthlessMSOL = NewReason(ErrAmountTooSmall,
		"%[1]v: the amount is worth less than one base unit of mSOL")
	reasonStakingCap = NewReason(ErrAmountTooLarge,
		"%[1]v: Marinade's staking cap is %[2]d lamports")
	reasonFeeRate   = NewReason(ErrInvalidState, "%[1]v: a fee of %[2]d/%[3]d")
	reasonLeastPaid = NewReason(
		ErrAmountTooSmall,
		"%[1]v: the payout is %[2]d lamports, Marinade pays at least %[3]d",
	)
	reasonBuildDependent = NewReason(
		ErrBuildDependent,
		"%[1]v: version 2.1 of Marinade would still be migrating its records",
	)
	reasonTakingOver = NewReason(ErrDisabled, "%[1]v: Marinade is migrating its records")
)

// MarinadePrices is a prepared [MarinadeState]: everything that does not depend
// on the amount is computed in advance, so a price takes a few nanoseconds and
// does not allocate. Create it with [MarinadeState.Prepare]. It is immutable
// and safe for concurrent use.
//
// Its methods return the results of the [MarinadeState] methods with the same
// names. If there is no price they return false and record the reason in the
// given [Refusal], unless that is nil.
type MarinadePrices struct {
	address  solana.PublicKey
	prepared bool
	clock    accounts.Clock

	// rateErr is the error if the counters overflow. refused is the refusal if
	// Marinade is paused or rateErr is set.
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
	// ticketEpoch is the epoch of a new ticket. ticketEpochErr is the error if
	// it overflows.
	ticketEpoch    uint64
	ticketEpochErr error

	// listFull is the refusal if the list has no room for another stake
	// account. upgrade is the refusal if an upgrade prevents withdrawals of
	// stake. keepsStake is set if the state does not allow them.
	listFull, upgrade *Refusal
	keepsStake        bool

	// staker and withdrawer are the authorities of Marinade's stake accounts.
	staker, withdrawer       solana.PublicKey
	stakerErr, withdrawerErr error
}

// Prepare computes everything that does not depend on the amount. It does not
// fail: if an operation is impossible, its prices return the reason.
func (m MarinadeState) Prepare() *MarinadePrices {
	p := m.prepare()
	p.staker, p.stakerErr = accounts.MarinadeStakeDepositAuthority(m.Program, m.Address)
	p.withdrawer, p.withdrawerErr = accounts.MarinadeStakeWithdrawAuthority(m.Program, m.Address)
	return p
}

// PrepareWith is like [MarinadeState.Prepare], for callers that know
// accounts.MarinadeStakeDepositAuthority and
// accounts.MarinadeStakeWithdrawAuthority. Deriving these takes longer than the
// rest of the preparation.
func (m MarinadeState) PrepareWith(
	stakeDepositAuthority, stakeWithdrawAuthority solana.PublicKey,
) *MarinadePrices {
	p := m.prepare()
	p.staker, p.withdrawer = stakeDepositAuthority, stakeWithdrawAuthority
	return p
}

// prepare is Prepare without the authorities of stake accounts.
func (m *MarinadeState) prepare() *MarinadePrices {
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
		p.liquidFeeErr = fmt.Errorf(
			"%w: the minimum fee of %d basis points exceeds the maximum of %d",
			ErrInvalidState,
			p.leastBps,
			p.mostBps,
		)
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

// depositFee returns a deposit fee. Version 2.0 has none.
func (m *MarinadeState) depositFee(parts uint32) marinadeFee {
	if m.Version == MarinadeVersion20 {
		parts = 0
	}
	return newMarinadeFee(parts, marinadeFeeScale)
}

// upgrade returns the refusal of withdrawals that version 2.1 refuses while it
// migrates its records, or nil. The state of a pool before the migration is the
// same in both versions.
func (m *MarinadeState) upgrade() *Refusal {
	u := m.State.DelinquentUpgrader
	switch {
	case m.Version == MarinadeVersion20 || u.State == accounts.MarinadeUpgradeDone:
		return nil
	case u == accounts.MarinadeDelinquentUpgrader{}:
		return &Refusal{reason: reasonBuildDependent}
	}
	return &Refusal{reason: reasonTakingOver}
}

// isPrepared refuses prices that are not prepared.
func (p *MarinadePrices) isPrepared(r *Refusal) bool {
	if p == nil || !p.prepared {
		return r.Because(reasonNoMarinade)
	}
	return true
}

// Price returns the value of mSOL before fees, see [MarinadeState.Price].
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
		return MarinadeDeposit{}, refusal.by(opDepositSOL, &p.address)
	}
	return d, true
}

// DepositExactOut prices the smallest deposit for which the depositor receives
// at least msol base units, and at least Marinade's minimum deposit.
func (p *MarinadePrices) DepositExactOut(msol uint64, refusal *Refusal) (MarinadeDeposit, bool) {
	var d MarinadeDeposit
	if !p.isPrepared(refusal) {
		return d, false
	}
	lamports, ok := p.lamportsFor(msol, &p.depositFee, p.leastDeposit, refusal)
	if !ok || !p.deposit(lamports, &d, refusal) {
		return MarinadeDeposit{}, refusal.by(opDepositSOL, &p.address)
	}
	return d, true
}

// lamportsFor returns the smallest deposit of at least least lamports that
// yields at least msol after a fee of version 2.1.
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

// checkMint refuses all trades if Marinade is unavailable, or if the supply of
// mSOL exceeds Marinade's counter.
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
	// If the liquidity pool sells all of the mSOL, it receives the remainder of
	// the rounding.
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
