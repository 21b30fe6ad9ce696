package quote

import "github.com/gagliardetto/solana-go"

var (
	reasonNoFee         = NewReason(ErrNoFee, "%[1]v %[5]v")
	reasonFeeRange      = NewReason(ErrFeeRange, "")
	reasonWithdrawalFee = NewReason(ErrInvalidState,
		"%[1]v: a withdrawal fee of %[2]d basis points")
)

// pricingKind is the kind of a pricing program.
type pricingKind uint8

const (
	// pricingOther calls a [Pricing] that is not one of this package's.
	pricingOther pricingKind = iota
	pricingFlatFee
	pricingFlatSlab
)

// tokenFee is the fee of a token as input and as output: in basis points for
// the flat-fee program, in billionths for the flatslab program.
type tokenFee struct {
	mint     *solana.PublicKey
	inp, out int32
	// known is false if the program has no fee for the token. lp is true if the
	// program treats the token as the LP token.
	known, lp bool
}

// preparedPricing is a prepared [Pricing], without the fees of the tokens.
type preparedPricing struct {
	kind pricingKind
	// lp is the fee of the token that the program treats as the LP token.
	lp tokenFee
	// withdrawalBps is the flat-fee program's fee for removing liquidity in
	// version 1, in basis points.
	withdrawalBps uint64
	other         Pricing
}

// pricingOf prepares a pricing program.
func pricingOf(pricing Pricing) preparedPricing {
	switch f := pricing.(type) {
	case FlatFee:
		return f.prepare()
	case FlatSlab:
		return f.prepare()
	}
	return preparedPricing{kind: pricingOther, other: pricing}
}

// feeOf prepares the fee of a token. The key must not change afterwards.
func feeOf(pricing Pricing, mint *solana.PublicKey) tokenFee {
	switch f := pricing.(type) {
	case FlatFee:
		return f.fee(mint)
	case FlatSlab:
		return f.fee(mint)
	}
	return tokenFee{mint: mint}
}

func (f FlatFee) prepare() preparedPricing {
	return preparedPricing{kind: pricingFlatFee, withdrawalBps: uint64(f.State.LPWithdrawalFeeBps)}
}

func (f FlatFee) fee(mint *solana.PublicKey) tokenFee {
	account, known := f.Fees[*mint]
	return tokenFee{
		mint:  mint,
		inp:   int32(account.InputFeeBps),
		out:   int32(account.OutputFeeBps),
		known: known,
		lp:    *mint == f.LPMint,
	}
}

func (f FlatSlab) prepare() preparedPricing {
	return preparedPricing{kind: pricingFlatSlab, lp: f.fee(&f.LPMint)}
}

func (f FlatSlab) fee(mint *solana.PublicKey) tokenFee {
	fee := tokenFee{mint: mint, lp: *mint == f.LPMint}
	if entry := f.Slab.Find(*mint); entry != nil {
		fee.inp, fee.out, fee.known = entry.InpFeeNanos, entry.OutFeeNanos, true
	}
	return fee
}

// post returns the fraction of a value that remains after the fees of two
// tokens. A rebate of the flat-fee program can make it more than one.
func (p *preparedPricing) post(inp, out *tokenFee, why *Refusal) (ratio, bool) {
	switch {
	case !inp.known:
		return ratio{}, why.BecauseOf(reasonNoFee, inp.mint)
	case !out.known:
		return ratio{}, why.BecauseOf(reasonNoFee, out.mint)
	}

	fee := int64(inp.inp) + int64(out.out)
	if p.kind == pricingFlatSlab {
		if fee < 0 || fee > nanosDenominator {
			return ratio{}, why.Because(reasonFeeRange)
		}

		return ratio{uint64(nanosDenominator - fee), nanosDenominator}, true
	}

	// The program adds in 16 bits. Fees are between -10,000 and 10,000, so only
	// a state that the program cannot have written overflows.
	post := bpsDenominator - fee
	if post < 0 || post > 1<<15-1 {
		return ratio{}, why.Because(reasonFeeRange)
	}

	return ratio{uint64(post), bpsDenominator}, true
}

// exactIn mirrors [Pricing.ExactIn].
func (p *preparedPricing) exactIn(inp, out *tokenFee, value uint64, why *Refusal) (uint64, bool) {
	if p.kind == pricingOther {
		value, err := p.other.ExactIn(*inp.mint, *out.mint, value)
		return value, err == nil || why.BecauseErr(nil, err)
	}

	post, ok := p.post(inp, out, why)
	if !ok {
		return 0, false
	}

	left, ok := post.floor(value)
	if !ok {
		return 0, why.overflows()
	}

	return left, true
}

// exactOut mirrors [Pricing.ExactOut].
func (p *preparedPricing) exactOut(inp, out *tokenFee, value uint64, why *Refusal) (uint64, bool) {
	if p.kind == pricingOther {
		value, err := p.other.ExactOut(*inp.mint, *out.mint, value)
		return value, err == nil || why.BecauseErr(nil, err)
	}

	post, ok := p.post(inp, out, why)
	if !ok {
		return 0, false
	}

	if !post.isZero() {
		// If the high end fits, so does the low end.
		if high, ok := post.high(value); ok {
			if p.kind == pricingFlatSlab {
				high--
			}

			return high, true
		}
	}

	var r MinMax
	if p.kind == pricingFlatSlab {
		r, ok = post.invertFloor(value, why)
	} else {
		r, ok = post.invertFloorWide(value, why)
	}

	return r.Max, ok
}

// mintLP mirrors [Pricing.MintLP].
func (p *preparedPricing) mintLP(lst *tokenFee, value uint64, why *Refusal) (uint64, bool) {
	switch p.kind {
	case pricingOther:
		value, err := p.other.MintLP(*lst.mint, value)
		return value, err == nil || why.BecauseErr(nil, err)
	case pricingFlatSlab:
		return p.exactIn(lst, &p.lp, value, why)
	}
	return value, true
}

// redeemLP mirrors [Pricing.RedeemLP].
func (p *preparedPricing) redeemLP(lst *tokenFee, value uint64, why *Refusal) (uint64, bool) {
	switch {
	case p.kind == pricingOther:
		value, err := p.other.RedeemLP(*lst.mint, value)
		return value, err == nil || why.BecauseErr(nil, err)
	case p.kind == pricingFlatSlab:
		return p.exactIn(&p.lp, lst, value, why)
	case p.withdrawalBps > bpsDenominator:
		return 0, why.Because(reasonWithdrawalFee, p.withdrawalBps)
	}

	fee, ok := ratio{p.withdrawalBps, bpsDenominator}.ceil(value)
	if !ok {
		return 0, why.overflows()
	}

	return value - fee, true
}

// feeNanos mirrors [Pricing.FeeNanos].
func (p *preparedPricing) feeNanos(inp, out *tokenFee, why *Refusal) (int64, bool) {
	switch {
	case p.kind == pricingOther:
		nanos, err := p.other.FeeNanos(*inp.mint, *out.mint)
		if err != nil {
			return 0, why.BecauseErr(nil, err)
		}

		return nanos, true

	case p.kind == pricingFlatFee && out.lp:
		return 0, true
	case p.kind == pricingFlatFee && inp.lp:
		return int64(p.withdrawalBps) * nanosPerBps, true
	}

	post, ok := p.post(inp, out, why)
	if !ok {
		return 0, false
	}

	return (int64(post.d) - int64(post.n)) * (nanosDenominator / int64(post.d)), true
}

// pairValue prepares a pricing program for a pair of tokens and calls ask.
func pairValue(
	ask func(*preparedPricing, *tokenFee, *tokenFee, uint64, *Refusal) (uint64, bool),
	pricing Pricing, inp, out solana.PublicKey, value uint64,
) (uint64, error) {
	p, from, to := pricingOf(pricing), feeOf(pricing, &inp), feeOf(pricing, &out)
	var why Refusal
	answer, _ := ask(&p, &from, &to, value, &why)
	return answer, why.Err()
}

// liquidityValue prepares a pricing program for the liquidity of a token and
// calls ask.
func liquidityValue(
	ask func(*preparedPricing, *tokenFee, uint64, *Refusal) (uint64, bool),
	pricing Pricing, lst solana.PublicKey, value uint64,
) (uint64, error) {
	p, fee := pricingOf(pricing), feeOf(pricing, &lst)
	var why Refusal
	answer, _ := ask(&p, &fee, value, &why)
	return answer, why.Err()
}

// pairFeeNanos returns the fee of a pair in billionths.
func pairFeeNanos(pricing Pricing, inp, out solana.PublicKey) (int64, error) {
	p, from, to := pricingOf(pricing), feeOf(pricing, &inp), feeOf(pricing, &out)
	var why Refusal
	nanos, _ := p.feeNanos(&from, &to, &why)
	return nanos, why.Err()
}
