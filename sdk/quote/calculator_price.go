package quote

import (
	"math"
	"math/bits"
)

var reasonCalculatorFee = NewReason(ErrInvalidState, "%[1]v: fee of %[2]d/%[3]d")

// valueKind is how a token is valued.
type valueKind uint8

const (
	// valueOther asks a calculator that is not one of this package's.
	valueOther valueKind = iota
	// valueSame takes a base unit for a lamport.
	valueSame
	// valueRatio knows a price and no fee.
	valueRatio
	// valueNet takes the fee from the tokens, before the price: stake pools.
	valueNet
	// valueGross takes the fee from the lamports, after the price: Marinade.
	valueGross
	// valueLP values the LP token of a controller of version 2.
	valueLP
	// valueFaulty refuses a fee above everything.
	valueFaulty
)

// tokenValue is a [SOLValueCalculator] in numbers.
type tokenValue struct {
	kind valueKind
	// price is lamports for tokens, fee the part that a withdrawal costs, kept
	// the part that it leaves.
	price, fee, kept ratio
	// spread is that of the ratio that a value goes through first, see least.
	spread uint64
	other  SOLValueCalculator
}

// valueOf prepares a calculator.
func valueOf(calculator SOLValueCalculator) tokenValue {
	switch v := calculator.(type) {
	case WrappedSOLValue:
		return tokenValue{kind: valueSame}
	case StakePoolValue:
		return v.prepare()
	case LidoValue:
		return v.prepare()
	case MarinadeValue:
		return v.prepare()
	}

	return tokenValue{kind: valueOther, other: calculator}
}

// ratioValue is the value of a token with a price and no fee.
func ratioValue(price ratio) tokenValue { return tokenValue{kind: valueRatio, price: price} }

func (v StakePoolValue) prepare() tokenValue {
	price := ratio{v.TotalLamports, v.PoolTokenSupply}
	rate := ratio{v.WithdrawalFee.Numerator, v.WithdrawalFee.Denominator}
	switch {
	case rate.d == 0:
		return ratioValue(price)
	case rate.n > rate.d:
		return tokenValue{kind: valueFaulty, fee: rate}
	case rate.n == 0:
		return ratioValue(price)
	}

	p := tokenValue{
		kind:  valueNet,
		price: price,
		fee:   rate,
		kept:  ratio{rate.d - rate.n, rate.d},
	}
	if !price.isZero() {
		p.spread = price.spread()
	}

	return p
}

func (v LidoValue) prepare() tokenValue { return ratioValue(ratio{v.SOLBalance, v.StSOLSupply}) }

func (v MarinadeValue) prepare() tokenValue {
	price := ratio{v.Lamports, v.Supply}
	if v.FeeCents == 0 {
		return ratioValue(price)
	}

	fee := uint64(v.FeeCents)
	p := tokenValue{
		kind:  valueGross,
		price: price,
		fee:   ratio{fee, marinadeFeeScale},
		kept:  ratio{marinadeFeeScale - fee, marinadeFeeScale},
	}
	if !p.kept.isZero() {
		p.spread = p.kept.spread()
	}

	return p
}

// lstToSOL is [SOLValueCalculator.LSTToSOL].
func (v *tokenValue) lstToSOL(tokens uint64, why *Refusal) (MinMax, bool) {
	switch v.kind {
	case valueOther:
		r, err := v.other.LSTToSOL(tokens)
		if err != nil {
			return MinMax{}, why.BecauseErr(nil, err)
		}

		return r, true

	case valueSame:
		return exactly(tokens), true

	case valueFaulty:
		return MinMax{}, why.Because(reasonCalculatorFee, v.fee.n, v.fee.d)

	case valueNet:
		fee, ok := v.fee.ceil(tokens)
		if !ok {
			return MinMax{}, why.overflows()
		}

		tokens -= fee
	}

	lamports, ok := v.price.floor(tokens)
	if v.kind == valueGross && ok {
		var fee uint64
		fee, ok = v.fee.floor(lamports)
		lamports -= fee
	}

	if !ok {
		return MinMax{}, why.overflows()
	}

	return exactly(lamports), true
}

// solToLST is [SOLValueCalculator.SOLToLST].
func (v *tokenValue) solToLST(lamports uint64, why *Refusal) (MinMax, bool) {
	switch v.kind {
	case valueSame:
		return exactly(lamports), true

	case valueRatio:
		return v.price.invertFloorWide(lamports, why)

	case valueNet:
		net, ok := v.price.invertFloorWide(lamports, why)
		if !ok {
			return MinMax{}, false
		}

		return v.kept.invertEnds(net, why)

	case valueGross:
		gross, ok := v.kept.invertCeilWide(lamports, why)
		if !ok {
			return MinMax{}, false
		}

		return v.price.invertEnds(gross, why)

	case valueLP:
		// Of a value that no amount has, the two ends change places.
		r, ok := v.price.invertFloor(lamports, why)
		return MinMax{min(r.Min, r.Max), max(r.Min, r.Max)}, ok

	case valueFaulty:
		return MinMax{}, why.Because(reasonCalculatorFee, v.fee.n, v.fee.d)
	}

	r, err := v.other.SOLToLST(lamports)
	if err != nil {
		return MinMax{}, why.BecauseErr(nil, err)
	}

	return r, true
}

// least is the low end of solToLST. It leaves out the divisions that the other
// end takes where a bound shows that they would fit: the high end of the first
// ratio is at most its spread above the low end, and both ends grow with the
// value.
func (v *tokenValue) least(lamports uint64, why *Refusal) (uint64, bool) {
	if v.kind == valueSame {
		return lamports, true
	}

	if !v.price.isZero() {
		switch v.kind {
		case valueRatio:
			if low, ok := v.price.low(lamports); ok && v.price.hasHigh(lamports) {
				return low, true
			}

		case valueNet:
			low, ok := v.price.low(lamports)
			high, carry := bits.Add64(low, v.spread, 0)
			if ok && carry == 0 && v.kept.n != 0 && v.kept.hasHigh(high) {
				return v.kept.low(low)
			}

		case valueGross:
			if lamports == 0 || v.kept.n == 0 {
				break
			}

			low, ok := v.kept.lowBelow(lamports)
			high, carry := bits.Add64(low, v.spread, 0)
			if ok && carry == 0 && v.price.hasHigh(high) {
				return v.price.low(low)
			}
		}
	}

	r, ok := v.solToLST(lamports, why)
	return r.Min, ok
}

// most is the high end of solToLST. It leaves out the divisions that the other
// end takes: where the high end fits, so does the low one.
func (v *tokenValue) most(lamports uint64, why *Refusal) (uint64, bool) {
	if v.kind == valueSame {
		return lamports, true
	}

	if !v.price.isZero() {
		switch v.kind {
		case valueRatio:
			if high, ok := v.price.high(lamports); ok {
				return high, true
			}

		case valueNet:
			if high, ok := v.price.high(lamports); ok && v.kept.n != 0 {
				if high, ok = v.kept.high(high); ok {
					return high, true
				}
			}

		case valueGross:
			if lamports == 0 || v.kept.n == 0 {
				break
			}

			if high, ok := v.kept.highBelow(lamports); ok {
				if high, ok = v.price.high(high); ok {
					return high, true
				}
			}
		}
	}

	r, ok := v.solToLST(lamports, why)
	return r.Max, ok
}

// grows reports whether lstToSOL and least grow with the amount without bound,
// and have the closed inverses tokensFor and valueFor.
func (v *tokenValue) grows() bool {
	switch v.kind {
	case valueSame:
		return true
	case valueRatio:
		return !v.price.isZero()
	case valueNet, valueGross:
		return !v.price.isZero() && v.kept.n != 0 && v.kept.n < v.kept.d
	}
	return false
}

// tokensFor is the least amount that lstToSOL takes to be worth a value that is
// not zero, given that it grows.
func (v *tokenValue) tokensFor(value uint64) (uint64, bool) {
	switch v.kind {
	case valueSame:
		return value, true

	case valueNet:
		net, ok := v.price.highBelow(value)
		if !ok {
			return 0, false
		}

		return v.kept.highBelow(net)

	case valueGross:
		// What the fee leaves is rounded up: more than value-1 must be left.
		below, ok := v.kept.lowBelow(value)
		if !ok || below == math.MaxUint64 {
			return 0, false
		}

		return v.price.highBelow(below + 1)
	}

	return v.price.highBelow(value)
}

// valueFor is the least value of which least is an amount that is not zero,
// given that it grows.
func (v *tokenValue) valueFor(tokens uint64) (uint64, bool) {
	switch v.kind {
	case valueSame:
		return tokens, true

	case valueNet:
		net, ok := v.kept.ceil(tokens)
		if !ok {
			return 0, false
		}

		return v.price.ceil(net)

	case valueGross:
		gross, ok := v.price.ceil(tokens)
		if !ok {
			return 0, false
		}

		// least takes the value for one less: see lowBelow.
		below, ok := v.kept.ceil(gross)
		return below + 1, ok && below != math.MaxUint64
	}

	return v.price.ceil(tokens)
}
