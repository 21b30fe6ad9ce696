package quote

import (
	"fmt"
	"math/bits"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

var (
	reasonItself        = NewReason(ErrDisabled, "%[1]v: the input and output tokens are the same")
	reasonInputDisabled = NewReason(ErrInputDisabled, "%[1]v: %[5]v")
	reasonNotCovered    = NewReason(ErrInsufficientReserve,
		"%[1]v: the pool holds %[2]d base units of %[5]v, %[3]d are needed")
	reasonLPSupply = NewReason(ErrAmountTooLarge,
		"%[1]v: the supply of LP tokens is %[2]d base units")
	reasonYieldsNothing = NewReason(ErrAmountTooSmall, "")
	reasonNoProfit      = NewReason(ErrNoProfit, "")
)

// unlistedError is [ErrUnlisted] for a token.
type unlistedError struct{ mint *solana.PublicKey }

func (e *unlistedError) Error() string { return fmt.Sprintf("%v: %s", ErrUnlisted, e.mint) }

func (e *unlistedError) Unwrap() error { return ErrUnlisted }

// deal is a trade that is tried on a pool. A nil from or to is the LP token.
type deal struct {
	head     *infinityHead
	from, to *InfinityEntry

	InfinityPrice
	// totals are the totals and supply the LP token supply after the trade.
	// fromValue and toValue are the values that the list records for the two
	// tokens.
	totals
	supply             uint64
	fromValue, toValue uint64
}

// op names the operation in refusals.
func (d *deal) op() string {
	switch {
	case d.to == nil:
		return opAddLiquidity
	case d.from == nil:
		return opRemoveLiquidity
	}
	return opSwap
}

// priced returns the price of a trade between two tokens. A nil token is the LP
// token.
func (h *infinityHead) priced(
	from, to *InfinityEntry, amount uint64, exactOut bool, why *Refusal,
) (InfinityPrice, bool) {
	d := deal{
		head: h,
		from: from,
		to:   to,
	}
	if !d.tried(amount, exactOut, why) {
		return InfinityPrice{}, false
	}
	return d.InfinityPrice, true
}

// tried computes a trade.
func (d *deal) tried(amount uint64, exactOut bool, why *Refusal) bool {
	if exactOut && !d.hasExactOut() {
		return d.smallestLiquidity(amount, why)
	}
	return d.traded(amount, exactOut, why)
}

// hasExactOut reports whether the program has an exact-out instruction for the
// pair.
func (d *deal) hasExactOut() bool {
	return d.head.pool.Version != accounts.PoolStateV1 || d.from != nil && d.to != nil
}

// traded computes a trade by an instruction of the program.
func (d *deal) traded(amount uint64, exactOut bool, why *Refusal) bool {
	if d.opens(amount, why) && d.settles(amount, exactOut, why) {
		return true
	}

	return why.by(d.op(), d.head.address)
}

// opens checks the conditions that do not depend on the totals of the pool.
func (d *deal) opens(amount uint64, why *Refusal) bool {
	switch {
	case amount == 0:
		return why.Because(reasonZeroAmount)
	case d.head.closed != nil:
		return why.BecauseErr(nil, d.head.closed)
	case d.from == d.to:
		return why.Because(reasonItself)
	case d.from != nil && d.from.refused != nil:
		return why.BecauseErr(nil, d.from.refused)
	case d.from != nil && d.from.isInputDisabled:
		return why.BecauseOf(reasonInputDisabled, d.from.mint)
	case d.to != nil && d.to.refused != nil:
		return why.BecauseErr(nil, d.to.refused)
	}

	return true
}

// settles computes a trade after opens has accepted it.
func (d *deal) settles(amount uint64, exactOut bool, why *Refusal) bool {
	d.InfinityPrice = InfinityPrice{}
	d.totals, d.supply = d.head.totals, d.head.supply
	switch {
	case d.head.pool.Version == accounts.PoolStateV2:
		return d.tradeV2(amount, exactOut, why)
	case d.to == nil:
		return d.addLiquidityV1(amount, why)
	case d.from == nil:
		return d.removeLiquidityV1(amount, why)
	}

	return d.swapV1(amount, exactOut, why)
}

// worth returns the value that the pool assigns to holdings of the token.
func (e *InfinityEntry) worth(holdings uint64, why *Refusal) (uint64, bool) {
	r, ok := e.value.lstToSOL(holdings, why)
	return r.Min, ok
}

// current returns the value of the token's reserves.
func (e *InfinityEntry) current(why *Refusal) (uint64, bool) {
	if e.isActual {
		return e.actual, true
	}
	return e.worth(e.reserves, why)
}

// covers refuses an amount that exceeds the token's reserves.
func (e *InfinityEntry) covers(wanted uint64, why *Refusal) bool {
	if wanted > e.reserves {
		return why.BecauseOf(reasonNotCovered, e.listed, e.reserves, wanted)
	}
	return true
}

// leg is one side of a trade: the value and the fee of its token.
type leg struct {
	value *tokenValue
	fee   *tokenFee
}

func (e *InfinityEntry) leg() leg { return leg{&e.value, &e.fee} }

// pricesLegs computes the amounts and values of a swap, for an exact input or
// an exact output.
func (d *deal) pricesLegs(from, to leg, amount uint64, exactOut bool, why *Refusal) bool {
	if exactOut {
		d.Out = amount
		worth, ok := to.value.lstToSOL(amount, why)
		if !ok {
			return false
		}

		if d.OutValue = worth.Max; d.OutValue == 0 {
			return why.Because(reasonYieldsNothing)
		}

		if d.InValue, ok = d.head.pricing.exactOut(from.fee, to.fee, d.OutValue, why); !ok {
			return false
		}

		if d.In, ok = from.value.most(d.InValue, why); !ok {
			return false
		}
	} else {
		d.In = amount
		worth, ok := from.value.lstToSOL(amount, why)
		if !ok {
			return false
		}

		if d.InValue = worth.Min; d.InValue == 0 {
			return why.Because(reasonYieldsNothing)
		}

		if d.OutValue, ok = d.head.pricing.exactIn(from.fee, to.fee, d.InValue, why); !ok {
			return false
		}

		if d.Out, ok = to.value.least(d.OutValue, why); !ok {
			return false
		}
	}

	if d.In == 0 || d.Out == 0 {
		return why.Because(reasonYieldsNothing)
	}

	return true
}

// outcome returns the trade with the state of the pool after it.
func (d *deal) outcome() InfinityTrade {
	t := InfinityTrade{
		In:          d.In,
		Out:         d.Out,
		InValue:     d.InValue,
		OutValue:    d.OutValue,
		ProtocolFee: d.ProtocolFee,
		Pool:        d.head.pool,
		LPSupply:    d.supply,
	}

	t.Pool.TotalSOLValue = d.all
	t.Pool.WithheldLamports, t.Pool.ProtocolFeeLamports = d.withheld, d.protocol
	if d.from != nil {
		t.LSTs = append(t.LSTs, SyncedLST{Mint: *d.from.mint, SOLValue: d.fromValue})
	}

	if d.to != nil {
		t.LSTs = append(t.LSTs, SyncedLST{Mint: *d.to.mint, SOLValue: d.toValue})
	}

	return t
}

// sum adds two numbers.
func sum(a, b uint64, why *Refusal) (uint64, bool) {
	total, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return 0, why.overflows()
	}
	return total, true
}
