package quote

import (
	"fmt"
	"math/bits"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The reasons for which the Reserve refuses a trade.
var (
	reasonNoReserve      = NewReason(accounts.ErrNil, "%[1]v Reserve")
	reasonReserveBalance = NewReason(ErrInsufficientReserve, "%[1]v: it holds %[2]d lamports")
	reasonReservePays    = NewReason(ErrInsufficientReserve,
		"%[1]v: %[2]d lamports available, %[3]d needed")
	reasonFeeExceeds = NewReason(
		ErrInsufficientReserve,
		"%[1]v: the fee exceeds the balance of the stake account",
	)
	reasonReferrerPart = NewReason(
		ErrInvalidState,
		"%[1]v: the referrer's part of %[2]d lamports exceeds the protocol's fee of %[3]d",
	)
)

// The Reserve calculates with twelve decimals.
const (
	reserveOne  = 1_000_000_000_000
	reserveHalf = reserveOne / 2
)

// UnstakePrice is an [Unstake] without the state of the pool after the sale.
// The sale adds In to the pool's incoming stake and RecordRent to its rent in
// records. All amounts are lamports.
type UnstakePrice struct {
	// In is the whole balance of the stake account. Out is the amount that its
	// owner receives.
	In, Out uint64
	// Fee is In less Out. ProtocolFee is the protocol's part of Fee, and
	// ReferrerFee the referrer's part of ProtocolFee. The pool keeps the rest.
	Fee, ProtocolFee, ReferrerFee uint64
	// RecordRent is the rent that the pool pays for its record of the account.
	RecordRent uint64
	// Lamports is the balance of the pool's SOL account after the sale.
	Lamports uint64
}

// ReservePrices is a prepared [ReserveState]: everything that does not depend
// on the amount is computed in advance, so a price takes a few nanoseconds and
// does not allocate. Create it with [ReserveState.Prepare]. It is immutable and
// safe for concurrent use.
//
// If there is no price its methods return false and record the reason in the
// given [Refusal], unless that is nil.
type ReservePrices struct {
	address  solana.PublicKey
	prepared bool
	clock    accounts.Clock

	// refused is the refusal if the Reserve buys nothing, whatever the amount.
	refused *Refusal
	// lineErr is the error if the pool's fee is invalid.
	lineErr error
	line    reserveLine

	lamports, incoming, recordRents uint64
	// recordRent is the rent of a record, rent that of the pool's SOL account.
	recordRent uint64
	rent       accountRent

	protocolPart, referrerPart reservePart

	// usual is the curve for a record that does not exist yet.
	usual        reserveCurve
	usualRefused bool
}

// reserveLine is the fee rate in twelve decimals: least at zero utilization and
// least+slope at full utilization. A flat fee has no slope.
type reserveLine struct {
	least, slope uint64
	flat         bool
}

func newReserveLine(fee accounts.ReserveFee) (reserveLine, error) {
	if fee.Kind == accounts.ReserveFeeFlat {
		least, err := reserveRatio(fee.Flat)
		return reserveLine{least: least, flat: true}, err
	}

	least, err := reserveRatio(fee.MaxLiqRemaining)
	if err != nil {
		return reserveLine{}, err
	}

	most, err := reserveRatio(fee.ZeroLiqRemaining)
	if err != nil {
		return reserveLine{}, err
	}

	if most <= least {
		return reserveLine{}, fmt.Errorf("%w: the fee does not rise with utilization",
			ErrInvalidState)
	}

	return reserveLine{least: least, slope: most - least}, nil
}

// reserveRatio converts a ratio to twelve decimals like the program: it adds
// one half, not half of the divisor, before it rounds down. The ratio is at
// most one.
func reserveRatio(r accounts.Ratio) (uint64, error) {
	if r.Denominator == 0 || r.Numerator > r.Denominator {
		return 0, fmt.Errorf("%w: a fee of %d/%d", ErrInvalidState, r.Numerator, r.Denominator)
	}
	n, d := fixed.Product(r.Numerator, reserveOne), fixed.Product(r.Denominator, reserveOne)
	ratio, _ := n.MulAddDiv(reserveOne, reserveHalf, d)
	return ratio, nil
}

// reservePart is a fraction that splits a fee. The program also accepts
// fractions above one.
type reservePart struct {
	numerator, denominator uint64
	invalid                error
}

func newReservePart(f accounts.Ratio) reservePart {
	p := reservePart{numerator: f.Numerator, denominator: f.Denominator}
	if f.Denominator == 0 {
		p.invalid = fmt.Errorf("%w: a fee ratio of %d/0", ErrInvalidState, f.Numerator)
	}
	return p
}

// of returns the fraction of an amount, rounded down.
func (p *reservePart) of(c *fixed.Calc, amount uint64) uint64 {
	if p.invalid != nil {
		c.Fail(p.invalid)
		return 0
	}
	return c.MulDivFloor(amount, p.numerator, p.denominator)
}

// reserveCurve is the fee curve after the Reserve has paid for a record: a sale
// of x lamports has the fee rate (a+x)/(b+x), with all numbers in twelve
// decimals.
type reserveCurve struct {
	// liquidity is the lamports that the Reserve can pay, recordRent the
	// lamports that it paid for the record.
	liquidity, recordRent uint64
	a, b                  fixed.Wide
	// long reports whether a or b has more than 126 bits.
	long bool
}

// Prepare computes everything that does not depend on the amount. It does not
// fail: if a sale is impossible, its price returns the reason.
func (r ReserveState) Prepare() *ReservePrices {
	p := &ReservePrices{
		address:      r.Address,
		prepared:     true,
		clock:        r.Clock,
		lamports:     r.Lamports,
		incoming:     r.Pool.IncomingStake,
		recordRents:  r.Pool.RecordRent,
		protocolPart: newReservePart(r.ProtocolFee.FeeRatio),
		referrerPart: newReservePart(r.ProtocolFee.ReferrerFeeRatio),
	}

	var err error
	p.recordRent, err = r.Rent.MinimumBalance(accounts.ReserveRecordSpace)
	switch {
	case r.EpochRewardsActive:
		p.refused = &Refusal{reason: reasonEpochRewards}
	case err != nil:
		p.refused = &Refusal{err: err}
	}

	p.rent = newAccountRent(r.Rent, 0)
	p.line, p.lineErr = newReserveLine(r.Fee)
	p.usualRefused = !p.prepareCurve(&p.usual, p.recordRent)

	return p
}

// prepareCurve sets the curve for a pool that pays recordRent for the record.
// It returns false if the pool cannot pay it.
func (p *ReservePrices) prepareCurve(c *reserveCurve, recordRent uint64) bool {
	if recordRent > p.lamports {
		return false
	}

	*c = reserveCurve{liquidity: p.lamports - recordRent, recordRent: recordRent}
	if p.lineErr != nil || p.line.flat {
		return true
	}

	// owned is the pool's total in whole lamports, so products with it need no
	// rounding.
	lo, hi := bits.Add64(p.incoming, c.liquidity, 0)
	owned := fixed.Wide{Hi: hi, Lo: lo}
	least, fits1 := owned.Mul(p.line.least)
	most, fits2 := owned.Mul(reserveOne)
	a, fits3 := least.MulAddDivWide(reserveOne, reserveHalf, p.line.slope)
	a, fits4 := a.Add(fixed.Product(p.incoming, reserveOne))
	b, fits5 := most.MulAddDivWide(reserveOne, reserveHalf, p.line.slope)
	c.a, c.b = a, b
	c.long = !fits1 || !fits2 || !fits3 || !fits4 || !fits5 || (a.Hi|b.Hi)>>62 != 0

	return true
}

// curve returns the curve for a record that already holds recordLamports. It
// stores the curve in other unless the usual one applies.
func (p *ReservePrices) curve(
	recordLamports uint64, other *reserveCurve, r *Refusal,
) (*reserveCurve, bool) {
	c, ok := &p.usual, !p.usualRefused
	if recordLamports != 0 {
		c, ok = other, p.prepareCurve(other, fixed.SaturatingSub(p.recordRent, recordLamports))
	}
	if !ok {
		return nil, r.Because(reasonReserveBalance, p.lamports)
	}
	return c, true
}

// isPrepared refuses prices that are not prepared.
func (p *ReservePrices) isPrepared(r *Refusal) bool {
	if p == nil || !p.prepared {
		return r.Because(reasonNoReserve)
	}
	return true
}

// Unstake prices the sale of a stake account with a balance of lamports, see
// [ReserveState.Unstake].
func (p *ReservePrices) Unstake(
	lamports, recordLamports uint64, referrer bool, refusal *Refusal,
) (UnstakePrice, bool) {
	if !p.isPrepared(refusal) {
		return UnstakePrice{}, false
	}

	u, ok := p.unstake(lamports, recordLamports, referrer, refusal)
	if !ok {
		return UnstakePrice{}, refusal.by(opUnstake, &p.address)
	}
	return u, true
}

// unstake is Unstake with a refusal that names no pool.
func (p *ReservePrices) unstake(
	lamports, recordLamports uint64, referrer bool, r *Refusal,
) (UnstakePrice, bool) {
	switch {
	case lamports == 0:
		return UnstakePrice{}, r.Because(reasonZeroAmount)
	case p.refused != nil:
		return UnstakePrice{}, r.is(p.refused)
	}

	var other reserveCurve
	c, ok := p.curve(recordLamports, &other, r)
	if !ok {
		return UnstakePrice{}, false
	}

	s, ok := p.sell(c, lamports, referrer, r)
	if !ok {
		return UnstakePrice{}, false
	}

	return s.price(c, lamports), true
}

// sale is the part of an [UnstakePrice] that differs between sales on a curve.
// It has four fields because larger structs do not stay in registers.
type sale struct{ fee, protocolFee, referrerFee, left uint64 }

func (s sale) price(c *reserveCurve, lamports uint64) UnstakePrice {
	return UnstakePrice{
		In:          lamports,
		Out:         lamports - s.fee,
		Fee:         s.fee,
		ProtocolFee: s.protocolFee,
		ReferrerFee: s.referrerFee,
		RecordRent:  c.recordRent,
		Lamports:    s.left,
	}
}

// sell computes the sale of lamports on a curve. lamports is not zero.
func (p *ReservePrices) sell(
	c *reserveCurve, lamports uint64, referrer bool, r *Refusal,
) (sale, bool) {
	if p.lineErr != nil {
		return sale{}, r.BecauseErr(nil, p.lineErr)
	}

	fee, err := fixed.MulDivCeil(lamports, p.rate(c, lamports), reserveOne)
	if err != nil || fee > lamports {
		return sale{}, r.Because(reasonFeeExceeds)
	}

	var sum fixed.Calc
	s := sale{fee: fee, protocolFee: p.protocolPart.of(&sum, fee)}
	if referrer {
		s.referrerFee = p.referrerPart.of(&sum, s.protocolFee)
	}

	paid := sum.Plus(lamports-fee, s.protocolFee)
	sum.Plus(p.incoming, lamports)
	sum.Plus(p.recordRents, c.recordRent)
	switch {
	case sum.Err() != nil:
		return sale{}, r.failed(sum.Err())
	case s.referrerFee > s.protocolFee:
		return sale{}, r.Because(reasonReferrerPart, s.referrerFee, s.protocolFee)
	case paid > c.liquidity:
		return sale{}, r.Because(reasonReservePays, c.liquidity, paid)
	}

	s.left = c.liquidity - paid

	return s, p.rent.keeps(r, s.left)
}

// rate returns the fee rate for a stake account in twelve decimals: the flat
// rate, or the point on the line between the two rates that the pool reaches
// with the sale. It is at most one because a is at most b, as the rate stays
// below one even at full utilization.
func (p *ReservePrices) rate(c *reserveCurve, lamports uint64) uint64 {
	switch {
	case p.line.flat:
		return p.line.least
	case c.long:
		return p.longRate(c, lamports)
	}

	sold := fixed.Product(lamports, reserveOne)
	n, _ := c.a.Add(sold)
	d, _ := c.b.Add(sold)
	rate, _ := n.MulAddDiv(reserveOne, reserveHalf, d)

	return rate
}

// longRate is rate for numbers of more than 126 bits.
func (p *ReservePrices) longRate(c *reserveCurve, lamports uint64) uint64 {
	least, slope := part12(p.line.least), part12(p.line.slope)
	owned := whole(p.incoming).add(whole(c.liquidity))
	n := owned.mul(least).div(slope).add(whole(p.incoming)).add(whole(lamports))
	return n.div(owned.div(slope).add(whole(lamports))).Uint64()
}

// UnstakeExactOut prices the smallest stake account for which its owner
// receives at least lamports, see [ReserveState.UnstakeExactOut].
func (p *ReservePrices) UnstakeExactOut(
	lamports, recordLamports uint64, referrer bool, refusal *Refusal,
) (UnstakePrice, bool) {
	if !p.isPrepared(refusal) {
		return UnstakePrice{}, false
	}

	u, ok := p.unstakeExactOut(lamports, recordLamports, referrer, refusal)
	if !ok {
		return UnstakePrice{}, refusal.by(opUnstake, &p.address)
	}
	return u, true
}

func (p *ReservePrices) unstakeExactOut(
	out, recordLamports uint64, referrer bool, r *Refusal,
) (UnstakePrice, bool) {
	var why Refusal
	var other reserveCurve
	switch {
	case out == 0:
		return UnstakePrice{}, r.Because(reasonZeroAmount)
	case p.refused != nil:
		return UnstakePrice{}, r.searched(errRefused, p.refused, opUnstake, &p.address)
	}

	c, ok := p.curve(recordLamports, &other, r)
	if !ok {
		return UnstakePrice{}, false
	}

	var found sale
	foundAt := uint64(0)
	enough := func(balance uint64) (bool, error) {
		s, ok := p.sell(c, balance, referrer, &why)
		switch {
		case !ok:
			return false, errRefused
		case balance-s.fee < out:
			return false, nil
		}

		found, foundAt = s, balance
		return true, nil
	}

	lo, hi, top := p.bracket(c, out, referrer)
	balance, err := fixed.ReplaySmallestInputBelow(maxLamports, lo, hi, top, enough)
	switch {
	case err != nil:
		return UnstakePrice{}, r.searched(err, &why, opUnstake, &p.address)
	case foundAt != balance:
		if found, ok = p.sell(c, balance, referrer, r); !ok {
			return UnstakePrice{}, false
		}
	}

	return found.price(c, balance), true
}

// bracket returns bounds for the smallest balance for which the owner receives
// out: no balance below lo yields enough, and hi does. All balances below top
// have a price. Without an answer lo is above hi.
//
// On a line, a sale of x pays about f(x) = x*(b-a)/(b+x), which grows with x
// and equals out at x = out*b/(b-a-out). The rate exceeds (a+x)/(b+x) by at
// most half of 10^-12, and falls below it by less than 10^-12. The fee is
// rounded up. So the payout lies between f(x) - x*10^-12/2 - 1 and f(x) +
// x*10^-12.
//
// (1) No balance below lo yields enough: let rough be at least x*10^-12 for all
// of them. They have f(x) <= f(lo-1) <= out-rough, so they pay less than out.
// (2) All balances from hi to 2*hi, beyond which the search does not ask, yield
// enough: there f(x) >= f(hi) >= out+rough, where rough is at least hi*10^-12 +
// 1. A flat fee is exact.
//
// (3) All balances below top have a price: see serves.
func (p *ReservePrices) bracket(c *reserveCurve, out uint64, referrer bool) (lo, hi, top uint64) {
	ok := false
	switch {
	case p.lineErr != nil || c.long:
	case referrer && p.referrerPart.numerator > p.referrerPart.denominator:
	case p.line.flat && p.line.least < reserveOne:
		// The payout is floor(x*(1-rate)).
		x, err := fixed.MulDivCeil(out, reserveOne, reserveOne-p.line.least)
		lo, hi, ok = x, x, err == nil

	case !p.line.flat:
		lo, hi, ok = c.bracket(out)
	}

	if !ok || hi > maxLamports/2 {
		return 1, 0, 0
	}

	// The next power of two is the largest balance that the search may ask
	// about.
	last := uint64(1) << bits.Len64(hi-1)
	for _, last := range [...]uint64{last, hi + (last-hi)/8, hi} {
		if p.serves(c, last, referrer) {
			return lo, hi, last + 1
		}
	}

	return 1, 0, 0
}

func (c *reserveCurve) bracket(out uint64) (lo, hi uint64, ok bool) {
	all, _ := c.b.Sub(c.a) // a is at most b
	x, ok := c.balanceFor(all, out)
	if !ok {
		return 0, 0, false
	}

	rough := x/reserveOne + 1

	if out > rough {
		// lo does not exceed x, so rough is large enough for it.
		if lo, ok = c.balanceFor(all, out-rough); !ok {
			return 0, 0, false
		}
	}

	more, err := fixed.Add(out, rough+2)
	if err != nil {
		return 0, 0, false
	}

	if hi, ok = c.balanceFor(all, more); !ok || hi/reserveOne > rough {
		return 0, 0, false
	}

	return lo + 1, hi + 1, true
}

// balanceFor returns the balance x with f(x) = out, rounded down, given all =
// b-a.
func (c *reserveCurve) balanceFor(all fixed.Wide, out uint64) (uint64, bool) {
	rest, ok := all.Sub(fixed.Product(out, reserveOne))
	if !ok {
		return 0, false
	}
	return c.b.MulAddDiv(out, 0, rest)
}

// serves reports whether all balances up to last certainly have a price. By the
// bounds at bracket, and as f(x) and x-f(x) grow with x, neither the payout nor
// the fee of a smaller balance exceeds that of last by more than
// 1.5*last*10^-12 + 1. If the pool can pay that much more and keep its rent, a
// smaller balance meets no other refusal: it adds less to the pool's counters.
func (p *ReservePrices) serves(c *reserveCurve, last uint64, referrer bool) bool {
	s, ok := p.sell(c, last, referrer, nil)
	if !ok {
		return false
	}

	var sum fixed.Calc
	rough := 2*(last/reserveOne) + 4
	part := &p.protocolPart
	protocolFee := sum.MulDivCeil(sum.Plus(s.fee, rough), part.numerator, part.denominator)
	paid := sum.Plus(sum.Plus(last-s.fee, rough), protocolFee)
	kept := sum.Sub(c.liquidity, paid)

	return sum.Err() == nil && kept >= p.rent.least
}

// Sellable checks that the Reserve accepts a stake account from its owner, see
// [ReserveState.Sellable].
func (p *ReservePrices) Sellable(
	stake *accounts.StakeAccount, owner solana.PublicKey, refusal *Refusal,
) bool {
	switch {
	case !p.isPrepared(refusal):
		return false
	case stake == nil:
		refusal.Because(reasonNoStakeAccount)
	case stake.State != accounts.StakeInitialized && stake.State != accounts.StakeDelegated:
		refusal.Because(reasonUninitialized)
	case stake.Lockup.InForce(p.clock):
		refusal.Because(reasonStakeLocked)
	case stake.Withdrawer != owner:
		if refusal != nil {
			refusal.BecauseErr(nil, OwnedBy(stake, owner))
		}

	default:
		return true
	}

	return refusal.by(opUnstake, &p.address)
}
