package quote

import "math/bits"

// enter replaces the recorded value of a token's holdings in the totals.
func (d *deal) enter(before, now uint64, why *Refusal) bool {
	all, ok := d.revalue(before, now, why)
	if ok {
		d.all = all
	}
	return ok
}

// syncs records the value of a token's reserves.
func (d *deal) syncs(e *InfinityEntry, value *uint64, why *Refusal) (ok bool) {
	*value, ok = e.current(why)
	return ok && d.enter(e.recorded, *value, why)
}

// resyncs records the value of a token's holdings after the trade.
func (d *deal) resyncs(e *InfinityEntry, holdings uint64, value *uint64, why *Refusal) bool {
	before := *value
	var ok bool
	*value, ok = e.worth(holdings, why)
	return ok && d.enter(before, *value, why)
}

// takesProtocolFee computes the protocol's part of the fee in base units of a
// token, of which tokens have the given value.
func (d *deal) takesProtocolFee(bps uint16, tokens, value uint64, why *Refusal) bool {
	lamports, ok := ratio{uint64(bps), bpsDenominator}.ceil(d.Fee())
	if ok {
		d.ProtocolFee, ok = ratio{tokens, value}.floor(lamports)
	}
	return ok || why.overflows()
}

func (d *deal) swapV1(amount uint64, exactOut bool, why *Refusal) bool {
	if !d.syncs(d.from, &d.fromValue, why) || !d.syncs(d.to, &d.toValue, why) {
		return false
	}

	before := d.all

	if !d.pricesLegs(d.from.leg(), d.to.leg(), amount, exactOut, why) {
		return false
	}

	if d.OutValue == 0 || d.InValue == 0 {
		return why.Because(reasonYieldsNothing)
	}

	if !d.takesProtocolFee(d.head.pool.TradingProtocolFeeBps, d.Out, d.OutValue, why) {
		return false
	}

	leaving, carryOut := bits.Add64(d.Out, d.ProtocolFee, 0)
	arrived, carryIn := bits.Add64(d.from.reserves, d.In, 0)
	if carryOut|carryIn != 0 {
		return why.overflows()
	}

	if !d.to.covers(leaving, why) ||
		!d.resyncs(d.from, arrived, &d.fromValue, why) ||
		!d.resyncs(d.to, d.to.reserves-leaving, &d.toValue, why) {
		return false
	}

	if d.all < before {
		return why.Because(reasonNoProfit)
	}

	return true
}

func (d *deal) addLiquidityV1(amount uint64, why *Refusal) bool {
	if !d.syncs(d.from, &d.fromValue, why) {
		return false
	}

	before := d.all

	worth, ok := d.from.value.lstToSOL(amount, why)
	if !ok {
		return false
	}

	d.In, d.InValue = amount, worth.Min
	if d.OutValue, ok = d.head.pricing.mintLP(&d.from.fee, d.InValue, why); !ok {
		return false
	}

	if d.OutValue > d.InValue {
		return why.Because(reasonNoProfit)
	}

	if !d.takesProtocolFee(d.head.pool.LPProtocolFeeBps, amount, d.InValue, why) {
		return false
	}

	kept, borrow := bits.Sub64(amount, d.ProtocolFee, 0)
	minted, ok := d.minted(before)
	holdings, carryIn := bits.Add64(d.from.reserves, kept, 0)
	supply, carryOut := bits.Add64(d.supply, minted, 0)
	switch {
	case !ok || borrow|carryIn|carryOut != 0:
		return why.overflows()
	case kept == 0 || minted == 0:
		return why.Because(reasonYieldsNothing)
	}

	if !d.resyncs(d.from, holdings, &d.fromValue, why) {
		return false
	}

	if d.all < before {
		return why.Because(reasonNoProfit)
	}

	d.Out, d.supply = minted, supply

	return true
}

// minted returns the LP tokens minted for the value of an addition, given the
// total before it.
func (d *deal) minted(before uint64) (uint64, bool) {
	switch {
	case d.supply == 0:
		total, carry := bits.Add64(before, d.OutValue, 0)
		return total, carry == 0
	case before == 0:
		return d.OutValue, true
	}
	return ratio{d.supply, before}.floor(d.OutValue)
}

func (d *deal) removeLiquidityV1(amount uint64, why *Refusal) bool {
	if !d.syncs(d.to, &d.toValue, why) {
		return false
	}

	if amount > d.supply {
		return why.Because(reasonLPSupply, d.supply)
	}

	value, ok := ratio{d.all, d.supply}.floor(amount)
	if !ok {
		return why.overflows()
	}

	d.In, d.InValue = amount, value
	if d.OutValue, ok = d.head.pricing.redeemLP(&d.to.fee, value, why); !ok {
		return false
	}

	if d.OutValue > d.InValue {
		return why.Because(reasonNoProfit)
	}

	if d.Out, ok = d.to.value.least(d.OutValue, why); !ok {
		return false
	}

	if d.Out == 0 {
		return why.Because(reasonYieldsNothing)
	}

	if !d.takesProtocolFee(d.head.pool.LPProtocolFeeBps, d.Out, d.OutValue, why) {
		return false
	}

	leaving, ok := sum(d.Out, d.ProtocolFee, why)
	if !ok || !d.to.covers(leaving, why) {
		return false
	}

	d.supply -= amount

	return d.resyncs(d.to, d.to.reserves-leaving, &d.toValue, why)
}
