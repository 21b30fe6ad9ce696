package quote

import (
	"math"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The lines of this file bound prices: no price there is pays more for an
// amount, by whichever side is exact. They let a search leave out what cannot
// win, and choose nothing. They ignore most refusals.

// nothing is the line of what pays nothing, and all that of what pays all.
var (
	nothing = fixed.Slope(0, 1)
	all     = fixed.Slope(1, 1)
)

// poolLines are the lines of a stake pool. A price is the worst of all builds,
// so that of the first bounds it.
//
// Deposits. With the price q in tokens per lamport, the part f that the fee is
// of them, and the part p of the fee that is the referrer's, the gross g is at
// most x*q. The fee is at least g*f-1, and of it at least (g*f-1)*(1-p) goes to
// the manager. So at most g*(1-f*(1-p)) + 1 is left, which grows with g, as f
// and p are at most one.
//
// Deposits of stake x with rent y mint at most (x+y)*q. Let k1 and k2 be what
// the two fees leave. Of the tokens, fromStake counts as stake, and the rest, at
// most y*q + 1, as SOL, because each is rounded down. Two fees are rounded: at
// most fromStake*k1 + (y*q+1)*k2 + 2 are left, which is at most x*q*k1 + y*q + 3.
// Where all lamports count as stake, it is (x+y)*q*k1 + 2, and no more either.
//
// Withdrawals. The fee is at least tokens*f - 1, and what the rest is worth is
// rounded down.
//
// The pool counts its lamports and tokens in 64 bits, and pays no more lamports
// than it has.
type poolLines struct {
	mint, solDeposit, stakeDeposit, solWithdrawal, stakeWithdrawal fixed.Line
}

// drawLines sets the lines of prices that are prepared.
func (p *StakePoolPrices) drawLines() {
	if p.count == 0 {
		p.lines = poolLines{nothing, nothing, nothing, nothing, nothing}
		return
	}

	b := &p.builds[0]
	l := &p.lines
	l.mint = all
	if b.lamports != 0 && b.supply != 0 {
		l.mint = fixed.Slope(b.supply, b.lamports)
	}
	mostLamports, mostTokens := math.MaxUint64-b.lamports, math.MaxUint64-b.supply
	kept := p.solDepositFee.keptLine(p.solReferral)
	l.solDeposit = l.mint.Then(&kept).Beyond(1).Until(mostLamports, mostTokens)
	kept = p.stakeDepositFee.keptLine(p.stakeReferral)
	l.stakeDeposit = l.mint.Then(&kept).Beyond(4).Until(mostLamports, mostTokens)
	// The reserve keeps its rent.
	reserve := fixed.SaturatingSub(p.reserve, p.reserveHigh)
	l.solWithdrawal = p.withdrawalLine(&p.solWithdrawalFee).Until(math.MaxUint64, reserve)
	l.stakeWithdrawal = p.withdrawalLine(&p.stakeWithdrawalFee)

	for _, closed := range []struct {
		line    *fixed.Line
		refused *Refusal
	}{
		{&l.solDeposit, p.solDepositRefused},
		{&l.stakeDeposit, p.stakeDepositRefused},
		{&l.solWithdrawal, p.solWithdrawalRefused},
		{&l.stakeWithdrawal, p.stakeWithdrawalRefused},
	} {
		if closed.refused != nil {
			*closed.line = nothing
		}
	}
}

func (p *StakePoolPrices) withdrawalLine(fee *poolFee) fixed.Line {
	b := &p.builds[0]
	if b.supply == 0 {
		return nothing
	}

	kept, most := all, b.supply
	if p.feeAccountUsable && fee.numerator != 0 {
		kept, most = fee.keptLine(0).Beyond(1), fee.mostFor(b.supply)
	}
	worth := fixed.Slope(b.lamports, b.supply)
	return kept.Then(&worth).Until(most, b.lamports)
}

// mostFor is the largest amount of which a fee may leave no more than so much:
// the fee is at most amount*f + 1, so amount*(1-f) is at most one more.
func (f *poolFee) mostFor(left uint64) uint64 {
	if f.numerator >= f.denominator || left == math.MaxUint64 {
		return math.MaxUint64
	}
	most, err := fixed.MulDivCeil(left+1, f.denominator, f.denominator-f.numerator)
	if err != nil {
		return math.MaxUint64
	}
	return most
}

// keptLine is what a fee leaves if so many percent of it go to the referrer,
// without rounding.
func (f *poolFee) keptLine(referral uint64) fixed.Line {
	switch {
	case f.numerator == 0:
		return all
	case f.numerator > f.denominator || referral > 100:
		return fixed.Line{}
	case referral == 0:
		return fixed.Slope(f.denominator-f.numerator, f.denominator)
	}
	// 1 - f*(1-p) = (d - n*(100-p)/100) / d, where the numerator is rounded up.
	taken, err := fixed.MulDivFloor(f.numerator, 100-referral, 100)
	if err != nil {
		return fixed.Line{}
	}
	return fixed.Slope(f.denominator-taken, f.denominator)
}

// SolDepositLine bounds the tokens that [StakePoolPrices.DepositSol] pays for
// lamports, with those of the referrer.
func (p *StakePoolPrices) SolDepositLine() fixed.Line {
	if p == nil {
		return nothing
	}
	return p.lines.solDeposit
}

// StakeDepositLine bounds the tokens that [StakePoolPrices.DepositStake] pays
// for lamports of stake, with those of the referrer, where the account holds
// the given lamports of rent besides.
func (p *StakePoolPrices) StakeDepositLine(rent uint64) fixed.Line {
	if p == nil || p.stakeDepositRefused != nil {
		return nothing
	}
	return p.lines.stakeDeposit.Beyond(p.lines.mint.Most(rent))
}

// StakeWithdrawalLine bounds the lamports of stake that
// [StakePoolPrices.WithdrawStake] pays for tokens.
func (p *StakePoolPrices) StakeWithdrawalLine() fixed.Line {
	if p == nil {
		return nothing
	}
	return p.lines.stakeWithdrawal
}

// SolWithdrawalLine bounds the lamports that [StakePoolPrices.WithdrawSol] pays
// for tokens.
func (p *StakePoolPrices) SolWithdrawalLine() fixed.Line {
	if p == nil {
		return nothing
	}
	return p.lines.solWithdrawal
}

// WithdrawalLine bounds the lamports of stake that [LidoPrices.Withdraw] pays
// for stSOL: it rounds down.
func (p *LidoPrices) WithdrawalLine() fixed.Line {
	if p == nil || !p.prepared || p.supply == 0 {
		return nothing
	}
	return fixed.Slope(p.lamports, p.supply)
}

// LiquidUnstakeLine bounds the lamports that [MarinadePrices.LiquidUnstake] pays
// for mSOL. Its fee rises with the amount, so it is at least that of nothing,
// and rounded down; and it pays no more than the liquidity.
func (p *MarinadePrices) LiquidUnstakeLine() fixed.Line {
	if p == nil || !p.prepared || p.rateErr != nil || p.liquidFeeErr != nil {
		return nothing
	}
	var c fixed.Calc
	bps := uint64(p.liquidFee(&c, 0))
	if c.Err() != nil || bps > marinadeBpsScale {
		return fixed.Line{}
	}
	kept, worth := fixed.Slope(marinadeBpsScale-bps, marinadeBpsScale).Beyond(1), p.worthLine()
	return kept.Then(&worth).Until(math.MaxUint64, p.liquidity)
}

// StakeWithdrawalLine bounds the lamports that
// [MarinadePrices.WithdrawStakeAccount] pays for mSOL. Its fee is rounded down.
func (p *MarinadePrices) StakeWithdrawalLine() fixed.Line {
	if p == nil || !p.prepared || p.rateErr != nil || p.stakeWithdrawalFee.invalid != nil {
		return nothing
	}
	kept, worth := p.stakeWithdrawalFee.keptLine(), p.worthLine()
	return worth.Then(&kept)
}

func (p *MarinadePrices) worthLine() fixed.Line {
	if p.rate.supply == 0 {
		return all
	}
	return fixed.Slope(p.rate.lamports, p.rate.supply)
}

// keptLine is what a fee leaves that is rounded down.
func (f *marinadeFee) keptLine() fixed.Line {
	return fixed.Slope(f.scale-f.parts, f.scale).Beyond(1)
}

// DepositLine bounds the mSOL that [MarinadePrices.Deposit] pays for lamports.
func (p *MarinadePrices) DepositLine() fixed.Line {
	if p == nil {
		return nothing
	}
	return p.depositLine(&p.depositFee)
}

// StakeDepositLine bounds the mSOL that [MarinadePrices.DepositStakeAccount]
// pays for stake.
func (p *MarinadePrices) StakeDepositLine() fixed.Line {
	if p == nil {
		return nothing
	}
	return p.depositLine(&p.stakeDepositFee)
}

func (p *MarinadePrices) depositLine(fee *marinadeFee) fixed.Line {
	if !p.prepared || p.rateErr != nil || fee.invalid != nil {
		return nothing
	}
	kept, minted := fee.keptLine(), all
	if p.rate.supply != 0 && p.rate.lamports != 0 {
		minted = fixed.Slope(p.rate.supply, p.rate.lamports)
	}
	return kept.Then(&minted)
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
	return fixed.Slope(fixed.SaturatingSub(reserveOne, least), reserveOne).Beyond(1).
		Until(math.MaxUint64-p.incoming, p.lamports)
}

// RouterLine bounds what the Router leaves of a payout: its fee is at least
// received*rate - 1.
func RouterLine(rate uint64) fixed.Line {
	if rate > fixed.BasisPoints {
		return nothing
	}
	return fixed.Slope(fixed.BasisPoints-rate, fixed.BasisPoints).Beyond(1)
}

// entryLines are the lines of a token of Infinity.
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
// A deposit of d lamports into a stake pool of l lamports and s tokens mints all
// that d*s/l allows but one unit at most, fees included. So the price after it,
// (l+d)/(s+minted), is less than
//
//	(l+d) / (s*(l+d)/l - 1) = l/s / (1 - l/(s*(l+d))) <= l/(s-1),
//
// which worth reckons with.
type entryLines struct{ worth, amount fixed.Line }

// drawLines sets the lines of an entry.
func (e *InfinityEntry) drawLines() {
	e.lines = entryLines{e.value.worthLine(), e.value.amountLine()}
}

// worthLine bounds what an amount is worth, in lamports.
func (v *tokenValue) worthLine() fixed.Line {
	if v.kind == valueSame {
		return all
	}

	price := fixed.Slope(v.price.n, max(v.price.d, 1)-1)
	switch v.kind {
	case valueRatio:
		return price
	case valueNet, valueGross:
		kept := fixed.Slope(v.kept.n, v.kept.d)
		return price.Then(&kept).Beyond(1)
	}
	return fixed.Line{}
}

// amountLine bounds the amount of a value.
func (v *tokenValue) amountLine() fixed.Line {
	price, fee := fixed.Slope(v.price.d, v.price.n), all
	switch v.kind {
	case valueSame:
		return all
	case valueRatio:
	case valueNet, valueGross:
		fee = fixed.Slope(v.kept.d, v.kept.n)
	default:
		return fixed.Line{}
	}
	line := price.Then(&fee)
	units := line.Most(5)
	return line.Beyond(fixed.SaturatingAdd(units, fixed.SaturatingAdd(fee.Most(2), 4)))
}

// Line bounds what [InfinityPrices.Swap] pays for a token of the index inp in
// tokens of the index out. If inp is the token of a stake pool, whose price is
// given, it bounds what [InfinityPrices.SwapAfter] pays after a deposit into
// that as well. The pool counts its tokens in 64 bits, and pays out no more than
// it has.
func (p *InfinityPrices) Line(inp, out int, of *Price) fixed.Line {
	if p == nil || p.closed != nil {
		return nothing
	}
	from, to := p.entry(inp), p.entry(out)
	switch {
	case from == nil || to == nil || from.refused != nil:
		return fixed.Line{} // A deposit may make a token trade that does not.
	case to.refused != nil:
		return nothing
	case of != nil && from.value.price != (ratio{of.Lamports, of.Tokens}):
		return fixed.Line{}
	case p.pricing.kind == pricingOther:
		return fixed.Line{}
	}

	post, ok := p.pricing.post(&from.fee, &to.fee, nil)
	if !ok {
		return nothing
	}
	left := fixed.Slope(post.n, post.d)
	left = from.lines.worth.Then(&left)
	return left.Then(&to.lines.amount).Until(math.MaxUint64-from.reserves, to.reserves)
}
