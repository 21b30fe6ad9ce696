package quote

import (
	"math"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The lines in this file are upper bounds of prices: no price pays more for an
// amount than its line, for an exact input or an exact output. A search uses
// them to skip venues that cannot win; they do not choose a venue. They ignore
// most refusals.

// nothing is the line of a venue that pays nothing, and all the line of one
// that pays the whole input.
var (
	nothing = fixed.Slope(0, 1)
	all     = fixed.Slope(1, 1)
)

// poolLines are the lines of a stake pool. A price is the least favourable one
// of all builds, so the price of the first build bounds it.
//
// Deposits: let q be the price in tokens per lamport, f the fee rate, and p the
// referrer's part of the fee. The gross amount g of tokens is at most x*q. The
// fee is at least g*f-1, and at least (g*f-1)*(1-p) of it goes to the manager.
// So at most g*(1-f*(1-p)) + 1 remains, which grows with g, as f and p are at
// most one.
//
// Deposits of stake x with rent y mint at most (x+y)*q. Let k1 and k2 be the
// parts that remain after the two fees. Of the tokens, fromStake counts as
// stake, and the rest, at most y*q + 1, counts as SOL, because each is rounded
// down. Two fees are rounded, so at most fromStake*k1 + (y*q+1)*k2 + 2 remains,
// which is at most x*q*k1 + y*q + 3. If all lamports count as stake, (x+y)*q*k1
// + 2 remains, which is not more.
//
// Withdrawals: the fee is at least tokens*f - 1, and the value of the rest is
// rounded down.
//
// The pool counts its lamports and tokens in 64 bits, and pays at most its own
// lamports.
type poolLines struct {
	mint, solDeposit, stakeDeposit, solWithdrawal, stakeWithdrawal fixed.Line
}

// drawLines sets the lines of prepared prices.
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
	solReferral, stakeReferral := p.solReferral, p.stakeReferral
	if p.ofManager {
		// The user may receive the manager's part and the referrer's.
		solReferral, stakeReferral = 100, 100
	}

	kept := p.solDepositFee.keptLine(solReferral)
	l.solDeposit = l.mint.Then(&kept).Beyond(1).Until(mostLamports, mostTokens)
	kept = p.stakeDepositFee.keptLine(stakeReferral)
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
	if p.paysFee() && fee.numerator != 0 {
		kept, most = fee.keptLine(0).Beyond(1), fee.mostFor(b.supply)
	}

	worth := fixed.Slope(b.lamports, b.supply)

	return kept.Then(&worth).Until(most, b.lamports)
}

// mostFor returns the largest amount that may leave at most left after the fee:
// the fee is at most amount*f + 1, so amount*(1-f) is at most left + 1.
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

// keptLine returns the line of the part that remains after the fee, including
// the given percentage of the fee that goes to the referrer, without rounding.
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

// SOLDepositLine bounds the tokens, including those of the referrer, that
// [StakePoolPrices.DepositSOL] pays for lamports.
func (p *StakePoolPrices) SOLDepositLine() fixed.Line {
	if p == nil {
		return nothing
	}
	return p.lines.solDeposit
}

// StakeDepositLine bounds the tokens, including those of the referrer, that
// [StakePoolPrices.DepositStake] pays for lamports of stake in an account that
// also holds rent lamports.
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

// SOLWithdrawalLine bounds the lamports that [StakePoolPrices.WithdrawSOL] pays
// for tokens.
func (p *StakePoolPrices) SOLWithdrawalLine() fixed.Line {
	if p == nil {
		return nothing
	}
	return p.lines.solWithdrawal
}

// WithdrawalLine bounds the lamports of stake that [LidoPrices.Withdraw] pays
// for stSOL. Lido rounds down.
func (p *LidoPrices) WithdrawalLine() fixed.Line {
	if p == nil || !p.prepared || p.supply == 0 {
		return nothing
	}
	return fixed.Slope(p.lamports, p.supply)
}

// LiquidUnstakeLine bounds the lamports that [MarinadePrices.LiquidUnstake]
// pays for mSOL. Its fee rate rises with the amount, so it is at least the rate
// of a zero amount. The fee is rounded down, and the payout is at most the
// liquidity.
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

// keptLine returns the line of the part that remains after a fee that is
// rounded down.
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

// Line bounds the lamports that [ReservePrices.Unstake] pays for a stake
// account without an existing record.
//
// A sale of x lamports has the fee rate (a+x)/(b+x), where a is at most b. The
// rate rises with x, so the rate of a zero amount is the lowest. Rates have
// twelve decimals and an error of at most one unit, and fees are rounded up: at
// most x*(1-rate0) + x*2*10^-12 remains.
func (p *ReservePrices) Line() fixed.Line {
	if p == nil || !p.prepared || p.lineErr != nil || p.usualRefused {
		return nothing
	}
	least := fixed.SaturatingSub(p.rate(&p.usual, 0), 2)
	return fixed.Slope(fixed.SaturatingSub(reserveOne, least), reserveOne).Beyond(1).
		Until(math.MaxUint64-p.incoming, p.lamports)
}

// RouterLine bounds the part of a payout that remains after the Router's fee,
// at a rate in basis points. The fee is at least received*rate - 1.
func RouterLine(rate uint64) fixed.Line {
	if rate > fixed.BasisPoints {
		return nothing
	}
	return fixed.Slope(fixed.BasisPoints-rate, fixed.BasisPoints).Beyond(1)
}

// entryLines are the lines of a token of Infinity.
//
// Let p be the lamports per token, k the part that remains after the
// calculator's fee, and m the part that remains after the fee of the pair. An
// input amount has a value of at most in*p*k + 1 lamports (rounding the fee
// down leaves one lamport more), and at least in*p*k by the inverse that an
// exact output uses, which rounds up. Of a value v at most v*m is paid. For an
// exact output, v is at least the value of the output divided by m. A value of
// v lamports is at most v/(p*k) tokens, where the program rounds down. An exact
// output of t tokens has a value above (t*k-1)*p - 1, so t is less than v/(p*k)
// + 1/(p*k) + 1/k. With a fee on the value, it has a value above (t*p-1)*k, so
// t is less than v/(p*k) + 1/p. As m is less than 4, these terms add at most
// 4/(p*k) + 1/k.
//
// A deposit of d lamports into a stake pool of l lamports and s tokens mints
// d*s/l tokens less at most one unit, fees included. So the price after it,
// (l+d)/(s+minted), is less than
//
//	(l+d) / (s*(l+d)/l - 1) = l/s / (1 - l/(s*(l+d))) <= l/(s-1),
//
// which the line worth accounts for.
type entryLines struct{ worth, amount fixed.Line }

// drawLines sets the lines of an entry.
func (e *InfinityEntry) drawLines() {
	e.lines = entryLines{e.value.worthLine(), e.value.amountLine()}
}

// worthLine bounds the value of an amount, in lamports.
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

// amountLine bounds the amount that has a value.
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

// Line bounds the amount that [InfinityPrices.Swap] pays for the token with the
// index inp in tokens of the index out. If of is not nil, it must be the price
// of the stake pool of inp; the line then also bounds
// [InfinityPrices.SwapAfter] after a deposit into that stake pool. The pool
// counts its tokens in 64 bits and pays at most its reserves.
func (p *InfinityPrices) Line(inp, out int, of *Price) fixed.Line {
	if p == nil || p.closed != nil {
		return nothing
	}

	from, to := p.entry(inp), p.entry(out)
	switch {
	case from == nil || to == nil || from.refused != nil:
		return fixed.Line{} // After a deposit the input token may trade.
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
