package quote

import (
	"math"
	"math/bits"
)

var reasonCalculatorFee = NewReason(ErrInvalidState, "%[1]v: a fee of %[2]d/%[3]d")

// valueKind is the method by which a token is valued.
type valueKind uint8

const (
	// valueOther calls a calculator that is not one of this package's.
	valueOther valueKind = iota
	// valueSame values a base unit at one lamport.
	valueSame
	// valueRatio applies a price and no fee.
	valueRatio
	// valueNet deducts the fee from the tokens, before the price: stake pools.
	valueNet
	// valueGross deducts the fee from the lamports, after the price: Marinade.
	valueGross
	// valueLP values the LP token of version 2 of Infinity.
	valueLP
	// valueFaulty refuses a fee above 100 %.
	valueFaulty
)

// tokenValue is a prepared [SOLValueCalculator].
type tokenValue struct {
	kind valueKind
	// price is lamports over tokens. fee is the part that a withdrawal costs,
	// kept the part that remains.
	price, fee, kept ratio
	// spread is the spread of the first ratio that solToLST applies to a value,
	// see least.
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

// ratioValue returns the value of a token with a price and no fee.
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

// lstToSOL mirrors [SOLValueCalculator.LSTToSOL].
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

// solToLST mirrors [SOLValueCalculator.SOLToLST].
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
		// For a value that no amount has, invertFloor returns swapped ends.
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

// least returns the low end of solToLST. It skips the divisions for the high
// end where a bound shows that their results fit: the high end of the first
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

// most returns the high end of solToLST. It skips the divisions for the low
// end: where the high end fits, so does the low end.
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

// grows reports whether lstToSOL and least grow with their argument without
// bound, and so have the closed inverses tokensFor and valueFor.
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

// tokensFor returns the smallest amount whose value by lstToSOL is at least
// value. value is not zero, and grows is true.
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
		// The program rounds the value after the fee up, so more than value-1
		// must remain.
		below, ok := v.kept.lowBelow(value)
		if !ok || below == math.MaxUint64 {
			return 0, false
		}

		return v.price.highBelow(below + 1)
	}

	return v.price.highBelow(value)
}

// valueFor returns the smallest value for which least yields at least tokens.
// tokens is not zero, and grows is true.
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

		// least subtracts one from the value, see lowBelow.
		below, ok := v.kept.ceil(gross)
		return below + 1, ok && below != math.MaxUint64
	}

	return v.price.ceil(tokens)
}
