package quote

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// LiquidUnstake prices the sale of mSOL to the liquidity pool.
func (p *MarinadePrices) LiquidUnstake(
	msol uint64, refusal *Refusal,
) (MarinadeLiquidUnstake, bool) {
	var u MarinadeLiquidUnstake
	if !p.isPrepared(refusal) {
		return u, false
	}
	if !p.liquidUnstake(msol, &u, refusal) {
		return MarinadeLiquidUnstake{}, refusal.by(opLiquidUnstake, &p.address)
	}
	return u, true
}

// LiquidUnstakeExactOut prices the smallest amount of mSOL that pays at least
// lamports, and at least Marinade's minimum withdrawal, see
// [MarinadeState.LiquidUnstakeExactOut].
func (p *MarinadePrices) LiquidUnstakeExactOut(
	lamports uint64, refusal *Refusal,
) (MarinadeLiquidUnstake, bool) {
	var u MarinadeLiquidUnstake
	if !p.isPrepared(refusal) {
		return u, false
	}
	if !p.liquidUnstakeExactOut(lamports, &u, refusal) {
		return MarinadeLiquidUnstake{}, refusal.by(opLiquidUnstake, &p.address)
	}
	return u, true
}

// liquidUnstakeExactOut approaches the amount from below. The amount that is
// needed at the fee rate of a smaller amount never exceeds the amount needed at
// a higher rate, and the rate never falls. So no skipped amount pays enough,
// and the first amount that does is the smallest.
func (p *MarinadePrices) liquidUnstakeExactOut(
	lamports uint64, u *MarinadeLiquidUnstake, r *Refusal,
) bool {
	switch {
	case lamports == 0:
		return r.Because(reasonZeroAmount)
	case p.refused != nil:
		return r.is(p.refused)
	}

	var c fixed.Calc
	net := p.rate.msolFor(&c, max(lamports, p.leastWithdrawal))
	msol := uint64(0)
	for {
		fee := marinadeFee{parts: uint64(p.liquidFee(&c, msol)), scale: marinadeBpsScale}
		need := fee.before(&c, net)
		switch {
		case c.Err() != nil:
			return r.tooLargeUnlessInvalid(c.Err())
		case need <= msol:
			return p.liquidUnstake(msol, u, r)
		}

		msol = need
	}
}

func (p *MarinadePrices) liquidUnstake(msol uint64, u *MarinadeLiquidUnstake, r *Refusal) bool {
	switch {
	case p.refused != nil:
		return r.is(p.refused)
	case msol == 0:
		return r.Because(reasonZeroAmount)
	}

	var c fixed.Calc
	bps := p.liquidFee(&c, msol)
	switch {
	case c.Err() != nil:
		return r.tooLargeUnlessInvalid(c.Err())
	case bps > marinadeBpsScale:
		return r.Because(reasonFeeRate, uint64(bps), marinadeBpsScale)
	}

	fee := c.MulDivFloor(msol, uint64(bps), marinadeBpsScale)
	lamports := p.rate.toSOL(&c, c.Sub(msol, fee))
	treasury := uint64(0)
	if p.treasuryUsable {
		treasury = p.treasuryCut.of(&c, fee)
	}

	toLeg := c.Sub(msol, treasury)
	c.Plus(p.legMSOL, toLeg)

	if !p.checkWithdrawal(&c, lamports, r) {
		return false
	}

	if lamports > p.liquidity {
		return r.Because(reasonReservePays, p.liquidity, lamports)
	}

	if !p.rent.keeps(r, p.legSOL-lamports) {
		return false
	}

	*u = MarinadeLiquidUnstake{
		MSOL:     msol,
		Lamports: lamports,
		FeeBps:   bps,
		Fee:      fee,
		Treasury: treasury,
		ToLeg:    toLeg,
	}

	return true
}

// liquidFee returns the fee rate of the liquidity pool in basis points. It
// depends on the liquidity that would remain without a fee: the lowest rate at
// the target, the highest rate at zero, and in between a line, rounded up to
// whole basis points.
func (p *MarinadePrices) liquidFee(c *fixed.Calc, msol uint64) uint32 {
	if p.liquidFeeErr != nil {
		c.Fail(p.liquidFeeErr)
		return 0
	}

	value := p.rate.toSOL(c, msol)
	if value >= p.liquidity {
		return p.mostBps
	}

	after := p.liquidity - value
	if after >= p.liquidityTarget {
		return p.leastBps
	}

	return p.mostBps - uint32(c.MulDivFloor(uint64(p.mostBps-p.leastBps), after, p.liquidityTarget))
}

// checkWithdrawal refuses a failed calculation and a payout below Marinade's
// minimum.
func (p *MarinadePrices) checkWithdrawal(c *fixed.Calc, lamports uint64, r *Refusal) bool {
	switch {
	case c.Err() != nil:
		return r.tooLargeUnlessInvalid(c.Err())
	case lamports == 0 || lamports < p.leastWithdrawal:
		return r.Because(reasonLeastPaid, lamports, max(1, p.leastWithdrawal))
	}
	return true
}

// OrderUnstake prices a ticket for mSOL.
func (p *MarinadePrices) OrderUnstake(msol uint64, refusal *Refusal) (MarinadeOrder, bool) {
	if !p.isPrepared(refusal) {
		return MarinadeOrder{}, false
	}
	o, ok := p.orderUnstake(msol, refusal)
	if !ok {
		return MarinadeOrder{}, refusal.by(opOrderUnstake, &p.address)
	}
	return o, true
}

// OrderUnstakeExactOut prices the smallest amount of mSOL for a ticket over at
// least the given lamports.
func (p *MarinadePrices) OrderUnstakeExactOut(
	lamports uint64, refusal *Refusal,
) (MarinadeOrder, bool) {
	if !p.isPrepared(refusal) {
		return MarinadeOrder{}, false
	}
	msol, ok := p.msolFor(lamports, p.leastWithdrawal, &p.orderFee, refusal)
	if !ok {
		return MarinadeOrder{}, refusal.by(opOrderUnstake, &p.address)
	}
	return p.OrderUnstake(msol, refusal)
}

// msolFor returns the smallest amount of mSOL whose value after a fee is at
// least lamports and at least least.
func (p *MarinadePrices) msolFor(
	lamports, least uint64, fee *marinadeFee, r *Refusal,
) (uint64, bool) {
	switch {
	case lamports == 0:
		return 0, r.Because(reasonZeroAmount)
	case p.refused != nil:
		return 0, r.is(p.refused)
	}

	var c fixed.Calc
	msol := p.rate.msolFor(&c, fee.before(&c, max(lamports, least)))
	if c.Err() != nil {
		return 0, r.tooLarge(c.Err())
	}

	return msol, true
}

func (p *MarinadePrices) orderUnstake(msol uint64, r *Refusal) (MarinadeOrder, bool) {
	switch {
	case p.refused != nil:
		return MarinadeOrder{}, r.is(p.refused)
	case msol == 0:
		return MarinadeOrder{}, r.Because(reasonZeroAmount)
	}

	var c fixed.Calc
	value := p.rate.toSOL(&c, msol)
	o := MarinadeOrder{
		MSOL:         msol,
		Fee:          p.orderFee.of(&c, value),
		CreatedEpoch: p.ticketEpoch,
	}

	o.Lamports = c.Sub(value, o.Fee)
	if p.ticketEpochErr != nil {
		c.Fail(p.ticketEpochErr)
	}

	if !p.checkWithdrawal(&c, o.Lamports, r) {
		return MarinadeOrder{}, false
	}

	p.shrinks(&c, msol)
	switch {
	case c.Err() != nil:
		return MarinadeOrder{}, r.tooLarge(c.Err())
	case p.ticketRent.err != nil:
		return MarinadeOrder{}, r.BecauseErr(nil, p.ticketRent.err)
	}

	o.Rent = p.ticketRent.least

	return o, true
}

// shrinks fails if the counters of mSOL would become negative.
func (p *MarinadePrices) shrinks(c *fixed.Calc, msol uint64) {
	c.Sub(p.rate.supply, msol)
	c.Sub(p.mintSupply, msol)
}
