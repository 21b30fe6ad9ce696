package quote

import (
	"math"
	"math/bits"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// syncsV2 records the value of a token's reserves and updates the totals.
func (d *deal) syncsV2(e *InfinityEntry, value *uint64, why *Refusal) (ok bool) {
	if *value, ok = e.current(why); !ok {
		return false
	}
	all, ok := d.revalue(e.recorded, *value, why)
	return ok && d.update(all, why)
}

func (d *deal) tradeV2(amount uint64, exactOut bool, why *Refusal) bool {
	if d.head.unreleased != nil {
		return why.BecauseErr(nil, d.head.unreleased)
	}

	if d.from != nil && !d.syncsV2(d.from, &d.fromValue, why) ||
		d.to != nil && !d.syncsV2(d.to, &d.toValue, why) {
		return false
	}

	lp, ok := d.lpRatio(d.supply, why)
	if !ok {
		return false
	}

	lpValue := tokenValue{kind: valueLP, price: lp}
	from, to := leg{&lpValue, &d.head.lpFee}, leg{&lpValue, &d.head.lpFee}
	if d.from != nil {
		from = d.from.leg()
	}

	if d.to != nil {
		to = d.to.leg()
	}

	if !d.pricesLegs(from, to, amount, exactOut, why) {
		return false
	}

	switch {
	case d.InValue < d.OutValue:
		return why.Because(reasonNoProfit)
	case d.to == nil:
		return d.addLiquidityV2(lp, why)
	case d.from == nil:
		return d.removeLiquidityV2(lp, why)
	}

	return d.swapV2(why)
}

func (d *deal) swapV2(why *Refusal) bool {
	if !d.to.covers(d.Out, why) {
		return false
	}

	holdings, ok := sum(d.from.reserves, d.In, why)
	if !ok {
		return false
	}

	fromValue, ok := d.from.worth(holdings, why)
	if !ok {
		return false
	}

	toValue, ok := d.to.worth(d.to.reserves-d.Out, why)
	if !ok {
		return false
	}

	all, ok := d.revalue(d.toValue, toValue, why)
	if !ok {
		return false
	}

	all, carry := bits.Add64(all, fromValue, 0)
	all, borrow := bits.Sub64(all, d.fromValue, 0)
	switch {
	case carry|borrow != 0:
		return why.overflows()
	case all < d.all:
		return why.Because(reasonNoProfit)
	}

	d.fromValue, d.toValue = fromValue, toValue

	return d.update(all, why)
}

func (d *deal) addLiquidityV2(before ratio, why *Refusal) bool {
	holdings, carryIn := bits.Add64(d.from.reserves, d.In, 0)
	supply, carryOut := bits.Add64(d.supply, d.Out, 0)
	if carryIn|carryOut != 0 {
		return why.overflows()
	}
	d.supply = supply
	return d.settlesLiquidityV2(d.from, holdings, &d.fromValue, before, why)
}

func (d *deal) removeLiquidityV2(before ratio, why *Refusal) bool {
	if !d.to.covers(d.Out, why) {
		return false
	}
	if d.In > d.supply {
		return why.Because(reasonLPSupply, d.supply)
	}
	d.supply -= d.In
	return d.settlesLiquidityV2(d.to, d.to.reserves-d.Out, &d.toValue, before, why)
}

// guardSlack is the loss, in lamports, that rounding may cause for the holders
// of the LP token.
const guardSlack = 3

// settlesLiquidityV2 updates the totals after a change of liquidity. Only the
// fee is withheld, and the value of an LP token must not fall.
func (d *deal) settlesLiquidityV2(
	e *InfinityEntry, holdings uint64, value *uint64, before ratio, why *Refusal,
) bool {
	recorded := *value
	var ok bool
	if *value, ok = e.worth(holdings, why); !ok {
		return false
	}

	all, ok := d.revalue(recorded, *value, why)
	if !ok {
		return false
	}

	withoutFee, borrow := bits.Sub64(all, d.Fee(), 0)
	if borrow != 0 {
		return why.overflows()
	}

	d.all = withoutFee
	if !d.update(all, why) {
		return false
	}

	if d.supply == 0 {
		return true
	}

	after, ok := d.lpRatio(d.supply, why)
	if !ok {
		return false
	}

	due := after.n + min(guardSlack, math.MaxUint64-after.n)
	if fixed.MulLess(due, before.d, before.n, after.d) {
		return why.Because(reasonNoProfit)
	}

	return true
}
