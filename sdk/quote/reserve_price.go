package quote

import (
	"fmt"
	"math/bits"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Why the Reserve refuses.
var (
	reasonNoReserve      = NewReason(accounts.ErrNil, "%[1]v Reserve")
	reasonReserveBalance = NewReason(ErrInsufficientReserve, "%[1]v: %[2]d lamports")
	reasonReservePays    = NewReason(ErrInsufficientReserve, "%[1]v: %[2]d lamports, not %[3]d")
	reasonFeeExceeds     = NewReason(
		ErrInsufficientReserve,
		"%[1]v: the fee exceeds the stake account",
	)
	reasonReferrerPart = NewReason(
		ErrInvalidState,
		"%[1]v: a referrer's part of %[2]d lamports of %[3]d",
	)
)

// The Reserve reckons with twelve decimals.
const (
	reserveOne  = 1_000_000_000_000
	reserveHalf = reserveOne / 2
)

// UnstakePrice is an [Unstake] in numbers, without the pool afterwards, which
// has In more incoming stake and RecordRent more rent in records. All are
// lamports.
type UnstakePrice struct {
	// In is the whole balance of the stake account, Out what its owner
	// receives.
	In, Out uint64
	// Fee is the difference. ProtocolFee is the protocol's part of it, with
	// ReferrerFee in turn a part of that; the rest is for the pool.
	Fee, ProtocolFee, ReferrerFee uint64
	// RecordRent is the rent that the pool pays for its record of the account.
	RecordRent uint64
	// Lamports is the balance of the pool's SOL account afterwards.
	Lamports uint64
}

// ReservePrices are a [Reserve]'s prices, prepared: all that does not depend on
// the amount is worked out, so that a price takes some nanoseconds and no
// memory. [Reserve.Prepare] makes them. They never change, and any number of
// goroutines may use them.
//
// A price that there is not is false, and the given [Refusal], unless nil,
// tells why.
type ReservePrices struct {
	address  solana.PublicKey
	prepared bool
	clock    accounts.Clock

	// refused is set if nothing is bought, whatever the amount.
	refused *Refusal
	// lineErr tells that the fee is none.
	lineErr error
	line    reserveLine

	lamports, incoming, recordRents uint64
	// recordRent is the rent of a record, rent that of the pool's SOL account.
	recordRent uint64
	rent       accountRent

	protocolPart, referrerPart reservePart

	// usual is the curve where the record does not exist yet.
	usual        reserveCurve
	usualRefused bool
}

// reserveLine is the fee rate in twelve decimals while nothing is used, and how
// much it rises until all is. A flat fee does not rise.
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
		return reserveLine{}, fmt.Errorf("%w: a fee that does not rise", ErrInvalidState)
	}
	return reserveLine{least: least, slope: most - least}, nil
}

// reserveRatio is a ratio in twelve decimals: half of one is added, not half of
// the divisor, before it is rounded down. It is at most one.
func reserveRatio(r accounts.Ratio) (uint64, error) {
	if r.Denominator == 0 || r.Numerator > r.Denominator {
		return 0, fmt.Errorf("%w: fee of %d/%d", ErrInvalidState, r.Numerator, r.Denominator)
	}
	n, d := fixed.Product(r.Numerator, reserveOne), fixed.Product(r.Denominator, reserveOne)
	ratio, _ := n.MulAddDiv(reserveOne, reserveHalf, d)
	return ratio, nil
}

// reservePart is a fraction that fees are split by. The program takes fractions
// above one, too.
type reservePart struct {
	numerator, denominator uint64
	invalid                error
}

func newReservePart(f accounts.Ratio) reservePart {
	p := reservePart{numerator: f.Numerator, denominator: f.Denominator}
	if f.Denominator == 0 {
		p.invalid = fmt.Errorf("%w: part of %d/0", ErrInvalidState, f.Numerator)
	}
	return p
}

// of is the fraction of an amount, rounded down.
func (p *reservePart) of(c *fixed.Calc, amount uint64) uint64 {
	if p.invalid != nil {
		c.Fail(p.invalid)
		return 0
	}
	return c.MulDivFloor(amount, p.numerator, p.denominator)
}

// reserveCurve is what the Reserve reckons fees with once it has paid for a
// record: a sale of x lamports has the rate (a+x)/(b+x), in twelve decimals
// all of them.
type reserveCurve struct {
	// liquidity is what it can pay, recordRent what it paid for the record.
	liquidity, recordRent uint64
	a, b                  fixed.Wide
	// long is set if a or b has more than 126 bits.
	long bool
}

// Prepare works out what does not depend on the amount. It never fails: what
// could not be prepared is a refusal that the prices tell.
func (r Reserve) Prepare() *ReservePrices {
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

// prepareCurve sets the curve where the pool pays the given rent for the
// record, and reports false if it cannot.
func (p *ReservePrices) prepareCurve(c *reserveCurve, recordRent uint64) bool {
	if recordRent > p.lamports {
		return false
	}
	*c = reserveCurve{liquidity: p.lamports - recordRent, recordRent: recordRent}
	if p.lineErr != nil || p.line.flat {
		return true
	}

	// All that is owned, as a whole number of lamports: a product with it has
	// nothing to round.
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

// curve is the curve for a record that holds the given lamports already. It
// uses the room of other if it is not the usual one.
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

// isPrepared refuses prices that were not prepared.
func (p *ReservePrices) isPrepared(r *Refusal) bool {
	if p == nil || !p.prepared {
		return r.Because(reasonNoReserve)
	}
	return true
}

// Unstake prices the sale of a stake account with the given lamports in all,
// see [Reserve.Unstake].
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

// sale is what differs between sales on a curve. It has four fields because
// larger structs do not stay in registers.
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

// sell sells lamports, more than none, on a curve.
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

// rate is the fee rate for a stake account in twelve decimals: flat, or on the
// line between the two rates at the point where the trade leaves the pool. It
// is at most one, for a is at most b: the rate is below one even if all is
// used.
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
// receives at least the given lamports, see [Reserve.UnstakeExactOut].
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

// bracket tells between which balances the smallest one lies for which the
// owner receives out, and below which all are served. Without an answer lo is
// above hi.
//
// On a line a sale of x pays about f(x) = x*(b-a)/(b+x), which grows with x and
// is out at x = out*b/(b-a-out). The rate is above (a+x)/(b+x) by at most half
// of 10^-12, and below by less than 10^-12; the fee is rounded up. So the
// payout lies between f(x) - x*10^-12/2 - 1 and f(x) + x*10^-12.
//
// (1) No below lo: let rough be at least x*10^-12 for all of these. They have
// f(x) <= f(lo-1) <= out-rough, and so pay less than out. (2) Yes from hi and
// below 2*hi, beyond which the search does not ask: there f(x) >= f(hi) >=
// out+rough, where rough is at least hi*10^-12 + 1. A flat fee is exact.
//
// (3) Served: see serves.
func (p *ReservePrices) bracket(c *reserveCurve, out uint64, referrer bool) (lo, hi, top uint64) {
	ok := false
	switch {
	case p.lineErr != nil || c.long:
	case referrer && p.referrerPart.numerator > p.referrerPart.denominator:
	case p.line.flat && p.line.least < reserveOne:
		// What is left is floor(x*(1-rate)).
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
		// It is no more than x, so that rough is enough.
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

// balanceFor is the balance x for which f(x) is out, rounded down, given b-a.
func (c *reserveCurve) balanceFor(all fixed.Wide, out uint64) (uint64, bool) {
	rest, ok := all.Sub(fixed.Product(out, reserveOne))
	if !ok {
		return 0, false
	}
	return c.b.MulAddDiv(out, 0, rest)
}

// serves reports whether all balances up to last are surely served. With what
// bracket shows, and as f(x) and x-f(x) grow with x, neither the payout nor the
// fee of a smaller one is above that of last by more than 1.5*last*10^-12 + 1.
// If the pool can pay that much more and keep its rent, nothing else can be
// wrong with smaller ones: they add less to the pool's counters.
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

// Sellable refuses a stake account that the Reserve does not take from its
// owner, see [Reserve.Sellable].
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
