package quote

import (
	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The reasons for which a stake pool refuses a trade.
var (
	reasonNoPool = NewReason(accounts.ErrNil, "%[1]v stake pool")
	reasonStale  = NewReason(ErrStalePool,
		"%[1]v: last update in epoch %[2]d, now epoch %[3]d")
	reasonDisabled     = NewReason(ErrDisabled, "")
	reasonPermissioned = NewReason(ErrPermissioned, "%[1]v: the authority is %[5]v")
	reasonFeeAccount   = NewReason(ErrFeeAccount, "")
	reasonNothingLeft  = NewReason(ErrAmountTooSmall,
		"%[1]v: no pool token remains after the fee")
	reasonLessThanLamport = NewReason(ErrAmountTooSmall,
		"%[1]v: the amount is worth less than one lamport after the fee")
	reasonEmptyPool   = NewReason(ErrAmountTooLarge, "%[1]v: the pool holds no stake")
	reasonPoolReserve = NewReason(
		ErrInsufficientReserve,
		"%[1]v: it holds %[2]d lamports and keeps %[3]d of them for rent",
	)
	reasonReserveRent = NewReason(
		ErrBuildDependent,
		"%[1]v: the reserve would keep %[2]d lamports, and its rent is %[3]d or %[4]d",
	)
	reasonReserveLocked = NewReason(ErrStakeLocked, "%[1]v: the reserve of the pool")
)

// worst computes the price under each build that may be deployed and returns
// the least favourable one; better reports whether its first argument is the
// more favourable one. If any build refuses, the result is a refusal. The price
// is exact if all builds agree.
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

// isRefused reports whether there are no prices at all, and records the
// refusal.
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

// minted is the part of a [SOLDeposit] or a [StakeDeposit] that differs between
// builds: the lamports that go in and the resulting tokens. It has at most four
// fields because larger structs do not stay in registers.
type minted struct{ in, tokens, referralFee, managerFee uint64 }

func paysMore(a, b minted) bool  { return a.tokens > b.tokens }
func costsLess(a, b minted) bool { return a.in < b.in }

func (m minted) forSOL(exact bool) SOLDeposit {
	return SOLDeposit{
		Lamports:    m.in,
		Tokens:      m.tokens,
		ReferralFee: m.referralFee,
		ManagerFee:  m.managerFee,
		Exact:       exact,
	}
}

// burned is the part of a [SOLWithdrawal] or a [StakeWithdrawal] that differs
// between builds.
type burned struct{ tokens, lamports, managerFee uint64 }

func yieldsMore(a, b burned) bool { return a.lamports > b.lamports }
func burnsLess(a, b burned) bool  { return a.tokens < b.tokens }

func (w burned) forSOL(exact bool) SOLWithdrawal {
	return SOLWithdrawal{
		Tokens:     w.tokens,
		Lamports:   w.lamports,
		ManagerFee: w.managerFee,
		Exact:      exact,
	}
}

// DepositSOL prices a deposit of lamports.
func (p *StakePoolPrices) DepositSOL(lamports uint64, refusal *Refusal) (SOLDeposit, bool) {
	m, exact, ok := worst(p, refusal, opDepositSOL, func(b *poolBuild) (minted, bool) {
		return p.depositSOL(b, lamports, refusal)
	}, paysMore)
	if !ok {
		return SOLDeposit{}, false
	}
	return m.forSOL(exact), true
}

// DepositSOLExactOut prices the smallest deposit for which the depositor
// receives at least tokens base units.
func (p *StakePoolPrices) DepositSOLExactOut(tokens uint64, refusal *Refusal) (SOLDeposit, bool) {
	m, exact, ok := worst(p, refusal, opDepositSOL, func(b *poolBuild) (minted, bool) {
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

		return p.depositSOL(b, lamports, refusal)
	}, costsLess)

	switch {
	case !ok:
		return SOLDeposit{}, false
	case !exact:
		// Another build may require fewer lamports. The result is then the
		// least favourable outcome of the larger deposit.
		return p.DepositSOL(m.in, refusal)
	}

	return m.forSOL(true), true
}

func (p *StakePoolPrices) depositSOL(b *poolBuild, lamports uint64, r *Refusal) (minted, bool) {
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

// checkDeposit checks the conditions that both kinds of deposit share.
func (p *StakePoolPrices) checkDeposit(c *fixed.Calc, m minted, r *Refusal) bool {
	switch {
	case c.Err() != nil:
		return r.failed(c.Err())
	case m.tokens == 0:
		return r.Because(reasonNothingLeft)
	case m.managerFee > 0 && !p.feeAccountMintable:
		return r.Because(reasonFeeAccount)
	}
	return true
}

// WithdrawSOL prices a withdrawal of tokens for SOL from the reserve.
func (p *StakePoolPrices) WithdrawSOL(tokens uint64, refusal *Refusal) (SOLWithdrawal, bool) {
	w, exact, ok := worst(p, refusal, opWithdrawSOL, func(b *poolBuild) (burned, bool) {
		return p.withdrawSOL(b, tokens, refusal)
	}, yieldsMore)
	if !ok {
		return SOLWithdrawal{}, false
	}
	return w.forSOL(exact), true
}

// WithdrawSOLExactOut prices the smallest number of tokens for which the
// reserve pays at least lamports.
func (p *StakePoolPrices) WithdrawSOLExactOut(
	lamports uint64, refusal *Refusal,
) (SOLWithdrawal, bool) {
	w, exact, ok := worst(p, refusal, opWithdrawSOL, func(b *poolBuild) (burned, bool) {
		tokens, ok := p.tokensToWithdraw(b, &p.solWithdrawalFee, lamports, refusal)
		if !ok {
			return burned{}, false
		}

		return p.withdrawSOL(b, tokens, refusal)
	}, burnsLess)

	switch {
	case !ok:
		return SOLWithdrawal{}, false
	case !exact:
		return p.WithdrawSOL(w.tokens, refusal)
	}

	return w.forSOL(true), true
}

func (p *StakePoolPrices) withdrawSOL(b *poolBuild, tokens uint64, r *Refusal) (burned, bool) {
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

// burn computes the part that both kinds of withdrawal share.
func (p *StakePoolPrices) burn(b *poolBuild, f *poolFee, tokens uint64, r *Refusal) (burned, bool) {
	if tokens == 0 {
		return burned{}, r.Because(reasonZeroAmount)
	}

	var c fixed.Calc
	w := burned{tokens: tokens}
	if p.paysFee() {
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

// tokensToWithdraw returns the smallest number of tokens that is worth at least
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

	if !p.paysFee() {
		return tokens, true
	}

	return f.before(b, tokens, r)
}

// FloorPrice returns the price at which the pool itself redeems tokens for
// stake, see [StakePoolState.FloorPrice].
func (p *StakePoolPrices) FloorPrice(tokens uint64, refusal *Refusal) (Price, bool) {
	w, _, ok := worst(p, refusal, opWithdrawStake, func(b *poolBuild) (burned, bool) {
		return p.burn(b, &p.stakeWithdrawalFee, tokens, refusal)
	}, yieldsMore)
	return Price{Lamports: w.lamports, Tokens: tokens}, ok
}

// tokensFor returns the tokens that the program mints for lamports, rounded
// down.
func (b *poolBuild) tokensFor(c *fixed.Calc, lamports uint64) uint64 {
	if b.lamports == 0 || b.supply == 0 {
		return lamports
	}
	return c.MulDivFloor(lamports, b.supply, b.lamports)
}

// lamportsFor returns the lamports that the program pays for tokens, rounded
// down.
func (b *poolBuild) lamportsFor(c *fixed.Calc, tokens uint64) uint64 {
	if b.supply == 0 {
		return 0
	}
	return c.MulDivFloor(tokens, b.lamports, b.supply)
}

// lamportsForMint returns the smallest deposit for which the program mints at
// least tokens.
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

// of returns the fee on an amount, rounded like the build.
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

// before returns the smallest amount that leaves at least net after the fee.
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
		// The rest is ceil(gross*kept/denominator). It first reaches net at one
		// above floor((net-1)*denominator/kept).
		if gross, err = fixed.MulDivFloor(net-1, f.denominator, kept); err == nil {
			gross, err = fixed.Add(gross, 1)
		}
	} else {
		// The rest is floor(gross*kept/denominator).
		gross, err = fixed.MulDivCeil(net, f.denominator, kept)
	}

	if err != nil {
		return 0, r.BecauseErr(reasonTooLarge, err)
	}

	return gross, true
}

// referral returns the referrer's percentage of a fee. All builds round it
// down.
func referral(c *fixed.Calc, percent, fee uint64) uint64 {
	if percent == 0 || fee == 0 {
		return 0
	}
	return c.MulDivFloor(fee, percent, 100)
}
