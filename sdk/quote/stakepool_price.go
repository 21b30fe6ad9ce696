package quote

import (
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Why a stake pool refuses.
var (
	reasonStale           = NewReason(ErrStale, "%[1]v: last update in epoch %[2]d, now %[3]d")
	reasonDisabled        = NewReason(ErrDisabled, "")
	reasonPermissioned    = NewReason(ErrPermissioned, "%[1]v: %[5]v")
	reasonFeeAccount      = NewReason(ErrFeeAccount, "")
	reasonNothingLeft     = NewReason(ErrTooSmall, "%[1]v: no pool token is left after the fee")
	reasonLessThanLamport = NewReason(ErrTooSmall, "%[1]v: worth less than a lamport after the fee")
	reasonEmptyPool       = NewReason(ErrTooLarge, "%[1]v: the pool is empty")
	reasonPoolReserve     = NewReason(ErrInsufficientReserve, "%[1]v: %[2]d lamports, of which it keeps %[3]d for rent")
	reasonReserveRent     = NewReason(ErrBuildDependent, "%[1]v: the reserve would keep %[2]d lamports, for rent of %[3]d or %[4]d")
)

// worst prices under each build that may be deployed and returns what the least generous one does, as told by better. A refusal by any of
// them is a refusal. The price is exact if all builds agree.
func worst[T comparable](
	p *StakePoolPrices, r *Refusal, op string, price func(*poolBuild) (T, bool), better func(a, b T) bool,
) (q T, exact, ok bool) {
	var none T
	if p.refused != nil {
		r.is(p.refused)
		return none, false, r.by(op, &p.address)
	}

	exact = true
	for i := range p.builds[:p.count] {
		candidate, ok := price(&p.builds[i])
		switch {
		case !ok:
			return none, false, r.by(op, &p.address)
		case i == 0:
			q = candidate
		case candidate != q:
			exact = false
			if better(q, candidate) {
				q = candidate
			}
		}
	}
	return q, exact, true
}

// DepositSol prices a deposit of lamports.
func (p *StakePoolPrices) DepositSol(lamports uint64, r *Refusal) (SolDeposit, bool) {
	d, exact, ok := worst(p, r, opDepositSol, func(b *poolBuild) (SolDeposit, bool) { return p.depositSol(b, lamports, r) },
		func(a, b SolDeposit) bool { return a.Tokens > b.Tokens })
	d.Exact = exact
	return d, ok
}

// DepositSolExactOut prices the smallest deposit for which the depositor
// receives at least so many tokens.
func (p *StakePoolPrices) DepositSolExactOut(tokens uint64, r *Refusal) (SolDeposit, bool) {
	d, exact, ok := worst(p, r, opDepositSol, func(b *poolBuild) (SolDeposit, bool) {
		if tokens == 0 {
			return SolDeposit{}, r.Because(reasonZeroAmount)
		}
		minted, ok := p.solDepositFee.before(b, tokens, r)
		if !ok {
			return SolDeposit{}, false
		}
		lamports, ok := b.lamportsForMint(minted, r)
		if !ok {
			return SolDeposit{}, false
		}
		return p.depositSol(b, lamports, r)
	}, func(a, b SolDeposit) bool { return a.Lamports < b.Lamports })
	if ok && !exact {
		// Another build may ask for less, but what is paid in then yields what this amount yields under the worst of them.
		return p.DepositSol(d.Lamports, r)
	}
	d.Exact = exact
	return d, ok
}

func (p *StakePoolPrices) depositSol(b *poolBuild, lamports uint64, r *Refusal) (SolDeposit, bool) {
	switch {
	case lamports == 0:
		return SolDeposit{}, r.Because(reasonZeroAmount)
	case p.solDepositRefused != nil:
		return SolDeposit{}, r.is(p.solDepositRefused)
	}

	var c fixed.Calc
	minted := b.tokensFor(&c, lamports)
	fee := p.solDepositFee.of(&c, b, minted)
	d := SolDeposit{Lamports: lamports, Tokens: c.Sub(minted, fee)}
	d.ReferralFee = referral(&c, p.solReferral, fee)
	d.ManagerFee = c.Sub(fee, d.ReferralFee)
	b.grows(&c, lamports, minted)

	if !p.checkDeposit(&c, d.Tokens, d.ManagerFee, r) {
		return SolDeposit{}, false
	}
	return d, true
}

// checkDeposit refuses what both kinds of deposit refuse.
func (p *StakePoolPrices) checkDeposit(c *fixed.Calc, tokens, managerFee uint64, r *Refusal) bool {
	switch {
	case c.Err() != nil:
		return r.failed(c.Err())
	case tokens == 0:
		return r.Because(reasonNothingLeft)
	case managerFee > 0 && !p.feeAccountUsable:
		return r.Because(reasonFeeAccount)
	}
	return true
}

// WithdrawSol prices a withdrawal of tokens from the reserve.
func (p *StakePoolPrices) WithdrawSol(tokens uint64, r *Refusal) (SolWithdrawal, bool) {
	w, exact, ok := worst(p, r, opWithdrawSol, func(b *poolBuild) (SolWithdrawal, bool) { return p.withdrawSol(b, tokens, r) },
		func(a, b SolWithdrawal) bool { return a.Lamports > b.Lamports })
	w.Exact = exact
	return w, ok
}

// WithdrawSolExactOut prices the fewest tokens for which the reserve pays at
// least so many lamports.
func (p *StakePoolPrices) WithdrawSolExactOut(lamports uint64, r *Refusal) (SolWithdrawal, bool) {
	w, exact, ok := worst(p, r, opWithdrawSol, func(b *poolBuild) (SolWithdrawal, bool) {
		tokens, ok := p.tokensToWithdraw(b, &p.solWithdrawalFee, lamports, r)
		if !ok {
			return SolWithdrawal{}, false
		}
		return p.withdrawSol(b, tokens, r)
	}, func(a, b SolWithdrawal) bool { return a.Tokens < b.Tokens })
	if ok && !exact {
		return p.WithdrawSol(w.Tokens, r)
	}
	w.Exact = exact
	return w, ok
}

func (p *StakePoolPrices) withdrawSol(b *poolBuild, tokens uint64, r *Refusal) (SolWithdrawal, bool) {
	if p.solWithdrawalRefused != nil {
		return SolWithdrawal{}, r.is(p.solWithdrawalRefused)
	}
	lamports, fee, ok := p.burn(b, &p.solWithdrawalFee, tokens, r)
	if !ok {
		return SolWithdrawal{}, false
	}

	left := p.reserve - lamports
	switch {
	case lamports > p.reserve || left < p.reserveLow:
		return SolWithdrawal{}, r.Because(reasonPoolReserve, p.reserve, p.reserveHigh)
	case left < p.reserveHigh:
		return SolWithdrawal{}, r.Because(reasonReserveRent, left, p.reserveLow, p.reserveHigh)
	}
	return SolWithdrawal{Tokens: tokens, Lamports: lamports, ManagerFee: fee}, true
}

// burn is what both kinds of withdrawal do with the tokens.
func (p *StakePoolPrices) burn(b *poolBuild, f *poolFee, tokens uint64, r *Refusal) (lamports, fee uint64, ok bool) {
	if tokens == 0 {
		return 0, 0, r.Because(reasonZeroAmount)
	}

	var c fixed.Calc
	if p.feeAccountUsable {
		fee = f.of(&c, b, tokens)
	}
	burned := c.Sub(tokens, fee)
	lamports = b.lamportsFor(&c, burned)
	b.shrinks(&c, lamports, burned)
	switch {
	case c.Err() != nil:
		return 0, 0, r.failed(c.Err())
	case lamports == 0:
		return 0, 0, r.Because(reasonLessThanLamport)
	}
	return lamports, fee, true
}

// tokensToWithdraw is the fewest tokens that are worth at least so many lamports after the fee.
func (p *StakePoolPrices) tokensToWithdraw(b *poolBuild, f *poolFee, lamports uint64, r *Refusal) (uint64, bool) {
	switch {
	case lamports == 0:
		return 0, r.Because(reasonZeroAmount)
	case b.lamports == 0 || b.supply == 0:
		return 0, r.Because(reasonEmptyPool)
	}
	burned, err := fixed.MulDivCeil(lamports, b.supply, b.lamports)
	if err != nil {
		return 0, r.Because(reasonTooLarge)
	}
	if !p.feeAccountUsable {
		return burned, true
	}
	return f.before(b, burned, r)
}

// FloorPrice is what the pool itself pays for so many tokens as stake, see
// [StakePool.FloorPrice].
func (p *StakePoolPrices) FloorPrice(tokens uint64, r *Refusal) (Price, bool) {
	lamports, _, ok := worst(p, r, opWithdrawStake, func(b *poolBuild) (uint64, bool) {
		lamports, _, ok := p.burn(b, &p.stakeWithdrawalFee, tokens, r)
		return lamports, ok
	}, func(a, b uint64) bool { return a > b })
	return Price{Lamports: lamports, Tokens: tokens}, ok
}

// tokensFor is what the program mints for lamports, rounded down.
func (b *poolBuild) tokensFor(c *fixed.Calc, lamports uint64) uint64 {
	if b.lamports == 0 || b.supply == 0 {
		return lamports
	}
	return c.MulDivFloor(lamports, b.supply, b.lamports)
}

// lamportsFor is what the program pays for tokens, rounded down.
func (b *poolBuild) lamportsFor(c *fixed.Calc, tokens uint64) uint64 {
	if b.supply == 0 {
		return 0
	}
	return c.MulDivFloor(tokens, b.lamports, b.supply)
}

// lamportsForMint is the smallest deposit for which the program mints at least so many tokens.
func (b *poolBuild) lamportsForMint(tokens uint64, r *Refusal) (uint64, bool) {
	if b.lamports == 0 || b.supply == 0 {
		return tokens, true
	}
	lamports, err := fixed.MulDivCeil(tokens, b.lamports, b.supply)
	if err != nil {
		return 0, r.BecauseErr(reasonTooLarge, err)
	}
	return lamports, true
}

// grows fails if the pool's counters would overflow.
func (b *poolBuild) grows(c *fixed.Calc, lamports, tokens uint64) {
	c.Plus(b.lamports, lamports)
	c.Plus(b.supply, tokens)
}

// shrinks fails if the pool's counters would become negative.
func (b *poolBuild) shrinks(c *fixed.Calc, lamports, tokens uint64) {
	c.Sub(b.lamports, lamports)
	c.Sub(b.supply, tokens)
}

// of is a percentage fee, rounded as the build does.
func (f *poolFee) of(c *fixed.Calc, b *poolBuild, amount uint64) uint64 {
	switch {
	case f.invalid != nil:
		c.Fail(f.invalid)
		return 0
	case f.numerator == 0:
		return 0
	case b.down:
		return c.MulDivFloor(amount, f.numerator, f.denominator)
	}
	return c.MulDivCeil(amount, f.numerator, f.denominator)
}

// before is the smallest amount of which at least net is left after the fee.
func (f *poolFee) before(b *poolBuild, net uint64, r *Refusal) (uint64, bool) {
	switch {
	case net == 0 || f.numerator == 0:
		return net, true
	case f.numerator >= f.denominator:
		return 0, r.Because(reasonFeeTakesAll)
	}

	kept := f.denominator - f.numerator
	var gross uint64
	var err error
	if b.down {
		// What is left is ceil(gross*kept/denominator), which first reaches net one above the floor for net-1.
		if gross, err = fixed.MulDivFloor(net-1, f.denominator, kept); err == nil {
			gross, err = fixed.Add(gross, 1)
		}
	} else {
		// What is left is floor(gross*kept/denominator).
		gross, err = fixed.MulDivCeil(net, f.denominator, kept)
	}
	if err != nil {
		return 0, r.BecauseErr(reasonTooLarge, err)
	}
	return gross, true
}

// referral is the referrer's percentage of a fee, rounded down in all builds.
func referral(c *fixed.Calc, percent, fee uint64) uint64 {
	if percent == 0 || fee == 0 {
		return 0
	}
	return c.MulDivFloor(fee, percent, 100)
}
