package quote

import (
	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Why a stake pool refuses.
var (
	reasonNoPool          = NewReason(accounts.ErrNil, "%[1]v stake pool")
	reasonStale           = NewReason(ErrStale, "%[1]v: last update in epoch %[2]d, now %[3]d")
	reasonDisabled        = NewReason(ErrDisabled, "")
	reasonPermissioned    = NewReason(ErrPermissioned, "%[1]v: %[5]v")
	reasonFeeAccount      = NewReason(ErrFeeAccount, "")
	reasonNothingLeft     = NewReason(ErrTooSmall, "%[1]v: no pool token is left after the fee")
	reasonLessThanLamport = NewReason(ErrTooSmall, "%[1]v: worth less than a lamport after the fee")
	reasonEmptyPool       = NewReason(ErrTooLarge, "%[1]v: the pool is empty")
	reasonPoolReserve     = NewReason(
		ErrInsufficientReserve,
		"%[1]v: %[2]d lamports, of which it keeps %[3]d for rent",
	)
	reasonReserveRent = NewReason(
		ErrBuildDependent,
		"%[1]v: the reserve would keep %[2]d lamports, for rent of %[3]d or %[4]d",
	)
)

// worst prices under each build that may be deployed and returns what the least
// generous one does, as told by better. A refusal by any of them is a refusal.
// The price is exact if all builds agree.
func worst[T comparable](
	p *StakePoolPrices,
	r *Refusal,
	op string,
	price func(*poolBuild) (T, bool),
	better func(a, b T) bool,
) (q T, exact, ok bool) {
	var none T
	if p.isRefused(op, r) {
		return none, false, false
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

// isRefused refuses whatever is asked if there are no prices.
func (p *StakePoolPrices) isRefused(op string, r *Refusal) bool {
	switch {
	case p == nil:
		r.Because(reasonNoPool)
	case p.count > 0:
		return false
	case p.refused == nil:
		r.Because(reasonNoPool)
	default:
		r.is(p.refused)
		r.by(op, &p.address)
	}
	return true
}

// minted is what differs between the builds in a [SolDeposit] or a
// [StakeDeposit]: lamports that go in, and tokens that come of them. It has
// four fields at most because larger structs do not stay in registers.
type minted struct{ in, tokens, referralFee, managerFee uint64 }

func paysMore(a, b minted) bool  { return a.tokens > b.tokens }
func costsLess(a, b minted) bool { return a.in < b.in }

func (m minted) forSol(exact bool) SolDeposit {
	return SolDeposit{
		Lamports:    m.in,
		Tokens:      m.tokens,
		ReferralFee: m.referralFee,
		ManagerFee:  m.managerFee,
		Exact:       exact,
	}
}

// burned is what differs between the builds in a [SolWithdrawal] or a
// [StakeWithdrawal].
type burned struct{ tokens, lamports, managerFee uint64 }

func yieldsMore(a, b burned) bool { return a.lamports > b.lamports }
func burnsLess(a, b burned) bool  { return a.tokens < b.tokens }

func (w burned) forSol(exact bool) SolWithdrawal {
	return SolWithdrawal{
		Tokens:     w.tokens,
		Lamports:   w.lamports,
		ManagerFee: w.managerFee,
		Exact:      exact,
	}
}

// DepositSol prices a deposit of lamports.
func (p *StakePoolPrices) DepositSol(lamports uint64, refusal *Refusal) (SolDeposit, bool) {
	m, exact, ok := worst(p, refusal, opDepositSol, func(b *poolBuild) (minted, bool) {
		return p.depositSol(b, lamports, refusal)
	}, paysMore)
	if !ok {
		return SolDeposit{}, false
	}
	return m.forSol(exact), true
}

// DepositSolExactOut prices the smallest deposit for which the depositor
// receives at least the given tokens.
func (p *StakePoolPrices) DepositSolExactOut(tokens uint64, refusal *Refusal) (SolDeposit, bool) {
	m, exact, ok := worst(p, refusal, opDepositSol, func(b *poolBuild) (minted, bool) {
		if tokens == 0 {
			return minted{}, refusal.Because(reasonZeroAmount)
		}
		gross, ok := p.solDepositFee.before(b, tokens, refusal)
		if !ok {
			return minted{}, false
		}
		lamports, ok := b.lamportsForMint(gross, refusal)
		if !ok {
			return minted{}, false
		}
		return p.depositSol(b, lamports, refusal)
	}, costsLess)
	switch {
	case !ok:
		return SolDeposit{}, false
	case !exact:
		// Another build may ask for less, but what is paid in then yields what
		// this amount yields under the worst of them.
		return p.DepositSol(m.in, refusal)
	}
	return m.forSol(true), true
}

func (p *StakePoolPrices) depositSol(b *poolBuild, lamports uint64, r *Refusal) (minted, bool) {
	switch {
	case lamports == 0:
		return minted{}, r.Because(reasonZeroAmount)
	case p.solDepositRefused != nil:
		return minted{}, r.is(p.solDepositRefused)
	}

	var c fixed.Calc
	gross := b.tokensFor(&c, lamports)
	fee := p.solDepositFee.of(&c, b, gross)
	m := minted{
		in:          lamports,
		tokens:      c.Sub(gross, fee),
		referralFee: referral(&c, p.solReferral, fee),
	}
	m.managerFee = c.Sub(fee, m.referralFee)
	b.grows(&c, lamports, gross)
	return m, p.checkDeposit(&c, m, r)
}

// checkDeposit refuses what both kinds of deposit refuse.
func (p *StakePoolPrices) checkDeposit(c *fixed.Calc, m minted, r *Refusal) bool {
	switch {
	case c.Err() != nil:
		return r.failed(c.Err())
	case m.tokens == 0:
		return r.Because(reasonNothingLeft)
	case m.managerFee > 0 && !p.feeAccountUsable:
		return r.Because(reasonFeeAccount)
	}
	return true
}

// WithdrawSol prices a withdrawal of tokens from the reserve.
func (p *StakePoolPrices) WithdrawSol(tokens uint64, refusal *Refusal) (SolWithdrawal, bool) {
	w, exact, ok := worst(p, refusal, opWithdrawSol, func(b *poolBuild) (burned, bool) {
		return p.withdrawSol(b, tokens, refusal)
	}, yieldsMore)
	if !ok {
		return SolWithdrawal{}, false
	}
	return w.forSol(exact), true
}

// WithdrawSolExactOut prices the fewest tokens for which the reserve pays at
// least the given lamports.
func (p *StakePoolPrices) WithdrawSolExactOut(
	lamports uint64, refusal *Refusal,
) (SolWithdrawal, bool) {
	w, exact, ok := worst(p, refusal, opWithdrawSol, func(b *poolBuild) (burned, bool) {
		tokens, ok := p.tokensToWithdraw(b, &p.solWithdrawalFee, lamports, refusal)
		if !ok {
			return burned{}, false
		}
		return p.withdrawSol(b, tokens, refusal)
	}, burnsLess)
	switch {
	case !ok:
		return SolWithdrawal{}, false
	case !exact:
		return p.WithdrawSol(w.tokens, refusal)
	}
	return w.forSol(true), true
}

func (p *StakePoolPrices) withdrawSol(b *poolBuild, tokens uint64, r *Refusal) (burned, bool) {
	if p.solWithdrawalRefused != nil {
		return burned{}, r.is(p.solWithdrawalRefused)
	}
	w, ok := p.burn(b, &p.solWithdrawalFee, tokens, r)
	if !ok {
		return burned{}, false
	}

	left := p.reserve - w.lamports
	switch {
	case w.lamports > p.reserve || left < p.reserveLow:
		return burned{}, r.Because(reasonPoolReserve, p.reserve, p.reserveHigh)
	case left < p.reserveHigh:
		return burned{}, r.Because(reasonReserveRent, left, p.reserveLow, p.reserveHigh)
	}
	return w, true
}

// burn is what both kinds of withdrawal do with the tokens.
func (p *StakePoolPrices) burn(b *poolBuild, f *poolFee, tokens uint64, r *Refusal) (burned, bool) {
	if tokens == 0 {
		return burned{}, r.Because(reasonZeroAmount)
	}

	var c fixed.Calc
	w := burned{tokens: tokens}
	if p.feeAccountUsable {
		w.managerFee = f.of(&c, b, tokens)
	}
	rest := c.Sub(tokens, w.managerFee)
	w.lamports = b.lamportsFor(&c, rest)
	b.shrinks(&c, w.lamports, rest)
	switch {
	case c.Err() != nil:
		return burned{}, r.failed(c.Err())
	case w.lamports == 0:
		return burned{}, r.Because(reasonLessThanLamport)
	}
	return w, true
}

// tokensToWithdraw is the fewest tokens that are worth at least the given
// lamports after the fee.
func (p *StakePoolPrices) tokensToWithdraw(
	b *poolBuild, f *poolFee, lamports uint64, r *Refusal,
) (uint64, bool) {
	switch {
	case lamports == 0:
		return 0, r.Because(reasonZeroAmount)
	case b.lamports == 0 || b.supply == 0:
		return 0, r.Because(reasonEmptyPool)
	}
	tokens, err := fixed.MulDivCeil(lamports, b.supply, b.lamports)
	if err != nil {
		return 0, r.Because(reasonTooLarge)
	}
	if !p.feeAccountUsable {
		return tokens, true
	}
	return f.before(b, tokens, r)
}

// FloorPrice returns what the pool itself pays for tokens as stake, see
// [StakePool.FloorPrice].
func (p *StakePoolPrices) FloorPrice(tokens uint64, refusal *Refusal) (Price, bool) {
	w, _, ok := worst(p, refusal, opWithdrawStake, func(b *poolBuild) (burned, bool) {
		return p.burn(b, &p.stakeWithdrawalFee, tokens, refusal)
	}, yieldsMore)
	return Price{Lamports: w.lamports, Tokens: tokens}, ok
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

// lamportsForMint is the smallest deposit for which the program mints at least
// the given tokens.
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
		// What is left is ceil(gross*kept/denominator), which first reaches net
		// one above the floor for net-1.
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
