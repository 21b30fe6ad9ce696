package quote

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The lines of this file bound prices: no price there is pays more for an
// amount, by whichever side is exact. They let a search leave out what cannot
// win, and choose nothing. They ignore every refusal.

// nothing is the line of what pays nothing.
var nothing = fixed.Slope(0, 1)

// SolDepositLine bounds the tokens that [StakePoolPrices.DepositSol] pays for
// lamports, with those of the referrer.
//
// A price is the worst of all builds, so that of the first bounds it. With the
// price q in tokens per lamport, the part f that the fee is of them, and the
// part p of the fee that is the referrer's, the gross g is at most x*q. The fee
// is at least g*f-1, and of it at least (g*f-1)*(1-p) goes to the manager. So
// at most g*(1-f*(1-p)) + 1 is left, which grows with g, as f and p are at most
// one.
func (p *StakePoolPrices) SolDepositLine() fixed.Line {
	if p == nil || p.count == 0 {
		return nothing
	}
	return p.builds[0].mintLine().Then(p.solDepositFee.keptLine(p.solReferral)).Beyond(1)
}

// StakeDepositLine bounds the tokens that [StakePoolPrices.DepositStake] pays
// for lamports of stake, with those of the referrer, where the account holds
// the given lamports of rent besides.
//
// With k1 and k2 for what the two fees leave, as in [StakePoolPrices.SolDepositLine],
// stake of x and rent of y mint at most (x+y)*q. Of these, fromStake counts as
// stake, and the rest, at most y*q + 1, as SOL, because each is rounded down.
// Two fees are rounded: at most fromStake*k1 + (y*q+1)*k2 + 2 are left, which is
// at most x*q*k1 + y*q + 3. Where all lamports count as stake, it is
// (x+y)*q*k1 + 2 at most, and no more either.
func (p *StakePoolPrices) StakeDepositLine(rent uint64) fixed.Line {
	if p == nil || p.count == 0 {
		return nothing
	}
	mint := p.builds[0].mintLine()
	kept := p.stakeDepositFee.keptLine(p.stakeReferral)
	return mint.Then(kept).Beyond(fixed.SaturatingAdd(mint.Most(rent), 4))
}

// StakeWithdrawalLine bounds the lamports of stake that
// [StakePoolPrices.WithdrawStake] pays for tokens: the fee is at least
// tokens*f - 1, and what the rest is worth is rounded down.
func (p *StakePoolPrices) StakeWithdrawalLine() fixed.Line {
	return p.withdrawalLine(func(p *StakePoolPrices) *poolFee { return &p.stakeWithdrawalFee })
}

// SolWithdrawalLine bounds the lamports that [StakePoolPrices.WithdrawSol] pays
// for tokens, as [StakePoolPrices.StakeWithdrawalLine] does.
func (p *StakePoolPrices) SolWithdrawalLine() fixed.Line {
	return p.withdrawalLine(func(p *StakePoolPrices) *poolFee { return &p.solWithdrawalFee })
}

func (p *StakePoolPrices) withdrawalLine(fee func(*StakePoolPrices) *poolFee) fixed.Line {
	if p == nil || p.count == 0 || p.builds[0].supply == 0 {
		return nothing
	}
	b, kept := &p.builds[0], fixed.Slope(1, 1)
	if p.feeAccountUsable {
		kept = fee(p).keptLine(0)
	}
	return kept.Beyond(1).Then(fixed.Slope(b.lamports, b.supply))
}

// mintLine bounds what a build mints for lamports, which is rounded down.
func (b *poolBuild) mintLine() fixed.Line {
	if b.lamports == 0 || b.supply == 0 {
		return fixed.Slope(1, 1)
	}
	return fixed.Slope(b.supply, b.lamports)
}

// keptLine is what a fee leaves if so many percent of it go to the referrer,
// without rounding.
func (f *poolFee) keptLine(referral uint64) fixed.Line {
	switch {
	case f.numerator == 0:
		return fixed.Slope(1, 1)
	case f.numerator > f.denominator || referral > 100:
		return fixed.Line{}
	case referral == 0:
		return fixed.Slope(f.denominator-f.numerator, f.denominator)
	}
	// 1 - f*(1-p) = (d - n*(100-p)/100) / d, where the numerator is rounded up.
	kept, err := fixed.MulDivFloor(f.numerator, 100-referral, 100)
	if err != nil {
		return fixed.Line{}
	}
	return fixed.Slope(f.denominator-kept, f.denominator)
}

// WithdrawalLine bounds the lamports of stake that [LidoPrices.Withdraw] pays
// for stSOL: it rounds down.
func (p *LidoPrices) WithdrawalLine() fixed.Line {
	if p == nil || !p.prepared || p.supply == 0 {
		return nothing
	}
	return fixed.Slope(p.lamports, p.supply)
}

// StakeDepositLine bounds the mSOL that [MarinadePrices.DepositStakeAccount]
// pays for stake. Its fee is left out.
func (p *MarinadePrices) StakeDepositLine() fixed.Line { return p.mintLine() }

// UnstakeLine bounds the lamports that [MarinadePrices.LiquidUnstake] and
// [MarinadePrices.WithdrawStakeAccount] pay for mSOL. Their fees are left out.
func (p *MarinadePrices) UnstakeLine() fixed.Line {
	if p == nil || !p.prepared || p.rateErr != nil || p.rate.supply == 0 || p.rate.lamports == 0 {
		return fixed.Line{}
	}
	return fixed.Slope(p.rate.lamports, p.rate.supply)
}

// DepositLine bounds the mSOL that [MarinadePrices.Deposit] pays for lamports.
// Its fee is left out.
func (p *MarinadePrices) DepositLine() fixed.Line { return p.mintLine() }

func (p *MarinadePrices) mintLine() fixed.Line {
	if p == nil || !p.prepared || p.rateErr != nil {
		return nothing
	}
	if p.rate.supply == 0 || p.rate.lamports == 0 {
		return fixed.Slope(1, 1)
	}
	return fixed.Slope(p.rate.supply, p.rate.lamports)
}

// Line bounds what [ReservePrices.Unstake] pays for lamports of an account that
// has no record yet.
//
// A sale of x has the rate (a+x)/(b+x), where a is at most b, so that it rises
// with x: the one of no lamports is the least. Rates have twelve decimals and
// are off by one of them at most, and fees are rounded up: at most x*(1-rate0)
// + x*2*10^-12 is left.
func (p *ReservePrices) Line() fixed.Line {
	if p == nil || !p.prepared || p.lineErr != nil || p.usualRefused {
		return nothing
	}
	least := fixed.SaturatingSub(p.rate(&p.usual, 0), 2)
	return fixed.Slope(fixed.SaturatingSub(reserveOne, least), reserveOne).Beyond(1)
}

// RouterLine bounds what the Router leaves of a payout: its fee is at least
// received*rate - 1.
func RouterLine(rate uint64) fixed.Line {
	if rate > basisPoints {
		return nothing
	}
	return fixed.Slope(basisPoints-rate, basisPoints).Beyond(1)
}

// Line bounds what [InfinityPrices.Swap] pays for a token of the index inp in
// tokens of the index out. If grown is set, it is the price of a stake pool
// that inp is of, and the bound holds after a deposit into it as well, see
// [InfinityPrices.SwapAfter].
//
// Let p be the lamports of a token, k what the calculator's fee leaves, and m
// what the fee of the pair leaves. An amount in is worth at most in*p*k + 1
// lamports (a fee that is rounded down leaves one more), and at least
// in*p*k by the inverse that an exact amount out takes, which rounds up. Of a
// value v, at most v*m is paid out; if the amount out is exact, v is at least
// its value divided by m. A value v of lamports is at most v/(p*k) tokens, where
// the program rounds down. An exact amount out, t, is taken to be worth more
// than (t*k-1)*p - 1, so that it is less than v/(p*k) + 1/(p*k) + 1/k, and for a
// fee on the value more than (t*p-1)*k, so that it is less than v/(p*k) + 1/p.
// As m is less than 4 these units are at most 4/(p*k) + 1/k.
//
// A deposit of d lamports into a pool of l lamports and s tokens mints all that
// d*s/l allows but one unit at most, fees included. So the price after it,
// (l+d)/(s+minted), is less than
//
//	(l+d) / (s*(l+d)/l - 1) = l/s / (1 - l/(s*(l+d))) <= l/(s-1).
func (p *InfinityPrices) Line(inp, out int, grown Price) fixed.Line {
	if p == nil || p.closed != nil {
		return nothing
	}
	from, to := p.entry(inp), p.entry(out)
	switch {
	case from == nil || to == nil || from.refused != nil:
		return fixed.Line{} // A deposit may make a token trade that does not.
	case to.refused != nil:
		return nothing
	}
	left, ok := p.pricing.leftLine(&from.fee, &to.fee)
	if !ok {
		return fixed.Line{}
	}
	worth := from.value
	if grown != (Price{}) {
		if worth.price != (ratio{grown.Lamports, grown.Tokens}) || grown.Tokens < 2 {
			return fixed.Line{}
		}
		worth.price.d--
	}
	return worth.worthLine().Then(left).Then(to.value.amountLine())
}

// leftLine is what a pair leaves of a value.
func (p *preparedPricing) leftLine(inp, out *tokenFee) (fixed.Line, bool) {
	if p.kind == pricingOther {
		return fixed.Line{}, false
	}
	post, ok := p.post(inp, out, nil)
	if !ok {
		return nothing, true
	}
	return fixed.Slope(post.n, post.d), true
}

// worthLine bounds what an amount is worth, in lamports.
func (v *tokenValue) worthLine() fixed.Line {
	switch v.kind {
	case valueSame:
		return fixed.Slope(1, 1)
	case valueRatio:
		return fixed.Slope(v.price.n, v.price.d)
	case valueNet, valueGross:
		return fixed.Slope(v.price.n, v.price.d).Then(fixed.Slope(v.kept.n, v.kept.d)).Beyond(1)
	}
	return fixed.Line{}
}

// amountLine bounds the amount of a value.
func (v *tokenValue) amountLine() fixed.Line {
	var line, fee fixed.Line
	switch v.kind {
	case valueSame:
		return fixed.Slope(1, 1)
	case valueRatio:
		line, fee = fixed.Slope(v.price.d, v.price.n), fixed.Slope(1, 1)
	case valueNet, valueGross:
		fee = fixed.Slope(v.kept.d, v.kept.n)
		line = fixed.Slope(v.price.d, v.price.n).Then(fee)
	}
	return line.Beyond(fixed.SaturatingAdd(line.Beyond(1).Most(4), fee.Beyond(1).Most(1)))
}
