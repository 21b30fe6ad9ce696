package quote

import (
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// ErrTicketNotDue says that a ticket of a delayed unstake is not paid yet.
var ErrTicketNotDue = errors.New("ticket is not due")

// marinadeClaimDelay is how many seconds into the first epoch in which a ticket is due Marinade begins to pay.
const marinadeClaimDelay = 30 * 60

// MarinadeLiquidUnstake is the outcome of LiquidUnstake. Base units of mSOL go in, lamports come out of the liquidity pool.
type MarinadeLiquidUnstake struct {
	MSOL     uint64
	Lamports uint64
	// FeeBps is the rate of the fee in basis points, which the liquidity that is left decides.
	FeeBps uint32
	// Fee is the part of the mSOL that is not paid for. Treasury is the treasury's part of it, the rest is for the liquidity pool.
	Fee      uint64
	Treasury uint64
	// ToLeg is what the liquidity pool receives: all mSOL but the treasury's.
	ToLeg uint64
}

// LiquidUnstake quotes the sale of mSOL to the liquidity pool, rounded down. The fee rises in steps with the size of the sale. Where it
// crosses a step, the next amounts pay less than the one before, by up to a hundredth of a percent.
func (m Marinade) LiquidUnstake(msol uint64) (MarinadeLiquidUnstake, error) {
	u, err := m.liquidUnstake(msol)
	if err != nil {
		return MarinadeLiquidUnstake{}, m.fail(opLiquidUnstake, err)
	}
	return u, nil
}

// LiquidUnstakeExactOut quotes the least mSOL that pays at least so many lamports. All less pays less, while some more may pay less,
// too, for the fee rises in steps. The outcome exceeds what was asked for by less than the value of a base unit, or is Marinade's
// least withdrawal.
func (m Marinade) LiquidUnstakeExactOut(lamports uint64) (MarinadeLiquidUnstake, error) {
	u, err := m.liquidUnstakeExactOut(lamports)
	if err != nil {
		return MarinadeLiquidUnstake{}, m.fail(opLiquidUnstake, err)
	}
	return u, nil
}

// liquidUnstakeExactOut climbs from below. What an amount needs to pay enough at a given rate is at most what any larger one needs at
// its own, for the rate never falls: so no amount that is passed over pays enough, and the first that does is the least.
func (m Marinade) liquidUnstakeExactOut(lamports uint64) (MarinadeLiquidUnstake, error) {
	if lamports == 0 {
		return MarinadeLiquidUnstake{}, ErrZeroAmount
	}
	rate, err := m.rate()
	if err != nil {
		return MarinadeLiquidUnstake{}, err
	}
	var c fixed.Calc
	net := rate.msolFor(&c, max(lamports, m.State.MinWithdraw))
	msol := uint64(0)
	for {
		bps := m.liquidFee(&c, rate, msol)
		need := beforeMarinadeFee(&c, net, bps, marinadeBpsScale)
		switch {
		case c.Err() != nil:
			return MarinadeLiquidUnstake{}, tooLargeUnlessInvalid(c.Err())
		case need <= msol:
			return m.liquidUnstake(msol)
		}
		msol = need
	}
}

func (m Marinade) liquidUnstake(msol uint64) (MarinadeLiquidUnstake, error) {
	rate, err := m.rate()
	switch {
	case err != nil:
		return MarinadeLiquidUnstake{}, err
	case msol == 0:
		return MarinadeLiquidUnstake{}, ErrZeroAmount
	}
	var c fixed.Calc
	u := MarinadeLiquidUnstake{MSOL: msol, FeeBps: m.liquidFee(&c, rate, msol)}
	u.Fee = marinadeFee(&c, msol, u.FeeBps, marinadeBpsScale)
	u.Lamports = rate.toSOL(&c, c.Sub(msol, u.Fee))
	if m.TreasuryUsable {
		u.Treasury = marinadeFee(&c, u.Fee, m.State.LiqPool.TreasuryCut, marinadeBpsScale)
	}
	u.ToLeg = c.Sub(msol, u.Treasury)
	c.Add(m.MSOLLegAmount, u.ToLeg)
	if err := m.checkWithdrawal(&c, u.Lamports); err != nil {
		return MarinadeLiquidUnstake{}, err
	}
	if available := m.liquidity(); u.Lamports > available {
		return MarinadeLiquidUnstake{}, fmt.Errorf("%w: %d lamports, not %d", ErrInsufficientReserve, available, u.Lamports)
	}
	return u, keepsRent(m.Rent, m.SOLLegLamports-u.Lamports)
}

// liquidity is what the liquidity pool can pay, in lamports.
func (m Marinade) liquidity() uint64 {
	return fixed.SaturatingSub(m.SOLLegLamports, m.State.RentExemptForTokenAcc)
}

// liquidFee is the rate of the liquidity pool's fee in basis points. It depends on what would stay if there were no fee: the least
// rate at the target, the most when nothing stays, and a line in between, in whole basis points and never below it.
func (m Marinade) liquidFee(c *fixed.Calc, rate marinadeRate, msol uint64) uint32 {
	pool := &m.State.LiqPool
	if pool.LPMinFee > pool.LPMaxFee {
		c.Fail(fmt.Errorf("%w: a fee that falls from %d to %d", ErrInvalidState, pool.LPMinFee, pool.LPMaxFee))
		return 0
	}
	available, value := m.liquidity(), rate.toSOL(c, msol)
	if value >= available {
		return pool.LPMaxFee
	}
	after := available - value
	if after >= pool.LPLiquidityTarget {
		return pool.LPMinFee
	}
	return pool.LPMaxFee - uint32(c.MulDivFloor(uint64(pool.LPMaxFee-pool.LPMinFee), after, pool.LPLiquidityTarget))
}

// checkWithdrawal refuses what could not be computed, and what pays too little.
func (m Marinade) checkWithdrawal(c *fixed.Calc, lamports uint64) error {
	switch {
	case c.Err() != nil:
		return tooLargeUnlessInvalid(c.Err())
	case lamports == 0 || lamports < m.State.MinWithdraw:
		return fmt.Errorf("%w: %d lamports, and Marinade pays at least %d", ErrTooSmall, lamports, max(1, m.State.MinWithdraw))
	}
	return nil
}

// MarinadeOrder is the outcome of OrderUnstake. Base units of mSOL are burned for a ticket over lamports.
type MarinadeOrder struct {
	MSOL uint64
	// Lamports is what the ticket is worth.
	Lamports uint64
	// Fee is the part of the mSOL's value that is not paid, in lamports. It raises the value of all other mSOL.
	Fee uint64
	// CreatedEpoch is the epoch that the ticket has, see [Marinade.ClaimableAt].
	CreatedEpoch uint64
	// Rent is what the account of the ticket has to hold, in lamports. Whoever is paid receives it, too.
	Rent uint64
}

// OrderUnstake quotes a ticket for mSOL, rounded down. Marinade would give a ticket over nothing, which cannot be claimed; this is
// refused here with [ErrTooSmall].
func (m Marinade) OrderUnstake(msol uint64) (MarinadeOrder, error) {
	o, err := m.orderUnstake(msol)
	if err != nil {
		return MarinadeOrder{}, m.fail(opOrderUnstake, err)
	}
	return o, nil
}

// OrderUnstakeExactOut quotes the least mSOL for a ticket over at least so many lamports.
func (m Marinade) OrderUnstakeExactOut(lamports uint64) (MarinadeOrder, error) {
	msol, err := m.msolFor(lamports, m.State.MinWithdraw, m.State.DelayedUnstakeFee)
	if err != nil {
		return MarinadeOrder{}, m.fail(opOrderUnstake, err)
	}
	return m.OrderUnstake(msol)
}

// msolFor is the least mSOL of whose value at least so many lamports, and at least least, stay after a fee.
func (m Marinade) msolFor(lamports, least uint64, fee uint32) (uint64, error) {
	if lamports == 0 {
		return 0, ErrZeroAmount
	}
	rate, err := m.rate()
	if err != nil {
		return 0, err
	}
	var c fixed.Calc
	msol := rate.msolFor(&c, beforeMarinadeFee(&c, max(lamports, least), fee, marinadeFeeScale))
	return msol, errTooLarge(c.Err())
}

func (m Marinade) orderUnstake(msol uint64) (MarinadeOrder, error) {
	rate, err := m.rate()
	switch {
	case err != nil:
		return MarinadeOrder{}, err
	case msol == 0:
		return MarinadeOrder{}, ErrZeroAmount
	}
	var c fixed.Calc
	value := rate.toSOL(&c, msol)
	o := MarinadeOrder{MSOL: msol, Fee: marinadeFee(&c, value, m.State.DelayedUnstakeFee, marinadeFeeScale), CreatedEpoch: m.Clock.Epoch}
	o.Lamports = c.Sub(value, o.Fee)
	if m.Clock.Epoch == m.State.StakeSystem.LastStakeDeltaEpoch {
		o.CreatedEpoch = c.Add(o.CreatedEpoch, 1)
	}
	if err := m.checkWithdrawal(&c, o.Lamports); err != nil {
		return MarinadeOrder{}, err
	}
	m.shrinks(&c, msol)
	if c.Err() != nil {
		return MarinadeOrder{}, errTooLarge(c.Err())
	}
	o.Rent, err = m.Rent.MinimumBalance(accounts.MarinadeTicketSpace)
	return o, err
}

// shrinks fails if the counters of mSOL would become negative.
func (m Marinade) shrinks(c *fixed.Calc, msol uint64) {
	c.Sub(m.State.MSOLSupply, msol)
	c.Sub(m.MintSupply, msol)
}

// ClaimableAt is when a ticket is due: in an epoch, so many seconds after it began. In any later epoch it is due at once. Whether the
// reserve can pay it then is another matter.
func (m Marinade) ClaimableAt(ticket *accounts.MarinadeTicket) (epoch uint64, seconds int64, err error) {
	if ticket == nil {
		return 0, 0, m.fail(opClaim, fmt.Errorf("%w ticket", accounts.ErrNil))
	}

	epoch, err = fixed.Add(ticket.CreatedEpoch, 1)
	if err != nil {
		return 0, 0, m.fail(opClaim, fmt.Errorf("%w: a ticket without end", ErrInvalidState))
	}
	return epoch, marinadeClaimDelay, nil
}

// MarinadeClaim is the outcome of Claim.
type MarinadeClaim struct {
	// Lamports are paid by the reserve, Rent by the ticket's account, which is closed. The beneficiary receives both.
	Lamports uint64
	Rent     uint64
}

// Claim quotes the payment of a ticket whose account holds so many lamports. It fails with [ErrTicketNotDue] before the time that
// [Marinade.ClaimableAt] tells, and with [ErrInsufficientReserve] while the reserve cannot pay, which passes when Marinade has
// collected more stake.
func (m Marinade) Claim(ticket *accounts.MarinadeTicket, lamports uint64) (MarinadeClaim, error) {
	if err := m.checkClaim(ticket); err != nil {
		return MarinadeClaim{}, named(opClaim, m.Address, err)
	}
	return MarinadeClaim{Lamports: ticket.Lamports, Rent: lamports}, nil
}

func (m Marinade) checkClaim(ticket *accounts.MarinadeTicket) error {
	if ticket == nil {
		return fmt.Errorf("%w ticket", accounts.ErrNil)
	}

	switch {
	case m.State.Paused:
		return errMarinadePaused
	case ticket.State != m.Address:
		return fmt.Errorf("%w: the ticket is of the state %s", ErrInvalidState, ticket.State)
	case ticket.Lamports == 0:
		return fmt.Errorf("%w: the ticket is paid", ErrZeroAmount)
	}
	epoch, wait, err := m.ClaimableAt(ticket)
	passed := m.Clock.UnixTimestamp - m.Clock.EpochStartTimestamp
	switch {
	case err != nil:
		return err
	case m.Clock.Epoch < epoch:
		return fmt.Errorf("%w before epoch %d", ErrTicketNotDue, epoch)
	case m.Clock.Epoch == epoch && passed < wait:
		return fmt.Errorf("%w for another %d seconds", ErrTicketNotDue, wait-passed)
	}
	s := &m.State
	available := fixed.SaturatingSub(m.ReserveLamports, s.RentExemptForTokenAcc)
	switch {
	case ticket.Lamports > available:
		return fmt.Errorf("%w: %d lamports, not %d", ErrInsufficientReserve, available, ticket.Lamports)
	case ticket.Lamports > min(s.CirculatingTicketBalance, s.AvailableReserveBalance) || s.CirculatingTicketCount == 0:
		return fmt.Errorf("%w: the ticket is worth more than Marinade's counters hold", ErrInvalidState)
	}
	return keepsRent(m.Rent, m.ReserveLamports-ticket.Lamports)
}
