package quote

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrNoYield says that the account does not tell how much a pool has grown.
var ErrNoYield = errors.New("growth unknown (look again after the next update of the pool)")

// Price is the exact value of a token: Lamports for Tokens, both in base units.
type Price struct {
	Lamports uint64
	Tokens   uint64
}

// Rat is the price as an exact fraction of lamports per base unit, zero for an
// empty pool.
func (p Price) Rat() *big.Rat {
	if p.Tokens == 0 {
		return new(big.Rat)
	}
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(p.Lamports),
		new(big.Int).SetUint64(p.Tokens))
}

// String is the price in SOL for one token with nine decimals, rounded to the
// nearest; for display.
func (p Price) String() string { return p.Rat().FloatString(9) }

// Price is what the pool's tokens are worth, before fees.
func (s StakePoolState) Price() Price {
	return Price{Lamports: s.State.TotalLamports, Tokens: s.State.PoolTokenSupply}
}

// FloorPrice is what the pool itself pays for so many tokens as stake, after
// its withdrawal fee and rounded down: no holder needs to sell below. It fails
// for a stale pool. Whether a validator can serve the withdrawal is another
// matter.
func (s StakePoolState) FloorPrice(tokens uint64) (Price, error) {
	var r Refusal
	price, ok := s.prepare().FloorPrice(tokens, &r)
	if !ok {
		return price, r.Err()
	}
	return price, nil
}

// maxPlausibleGrowth per update: staking yields some hundredths of a percent
// per epoch, so more than 1 % is not yield.
const maxPlausibleGrowth = 100

// EpochGrowth is by what fraction the pool's last update raised the price, as
// an exact number: 0.0004 is 0.04 %.
//
// The accounts do not tell how many epochs that update covered. The figure
// counts as the growth of one epoch only if somebody updated the pool in every
// epoch, as is usual. The error wraps [ErrStalePool], or [ErrNoYield] for a
// pool that is too new or whose growth is not plausible.
func (s StakePoolState) EpochGrowth() (*big.Rat, error) {
	const op = "growth"
	p := s.State
	if p.LastUpdateEpoch < s.Clock.Epoch {
		return nil, s.fail(op, ErrStalePool)
	}

	if p.LastEpochTotalLamports == 0 || p.LastEpochPoolTokenSupply == 0 || p.PoolTokenSupply == 0 {
		return nil, s.fail(op, fmt.Errorf("%w: the pool has no earlier price", ErrNoYield))
	}

	before := Price{Lamports: p.LastEpochTotalLamports, Tokens: p.LastEpochPoolTokenSupply}.Rat()
	growth := new(big.Rat).Quo(s.Price().Rat(), before)
	growth.Sub(growth, big.NewRat(1, 1))
	if new(big.Rat).Abs(growth).Cmp(big.NewRat(1, maxPlausibleGrowth)) > 0 {
		return nil, s.fail(op,
			fmt.Errorf("%w: %s in one update is not plausible", ErrNoYield, growth.FloatString(6)))
	}

	return growth, nil
}

// nanosPerYear is a year of 365.25 days.
const nanosPerYear = 31_557_600 * nanosPerSecond

// EpochsPerYear is how many epochs a year has at a slot time, zero if that is
// not known. Take [ClockSlotTime], or at the start of an epoch what a client
// has measured otherwise.
func EpochsPerYear(slot SlotTime, schedule accounts.EpochSchedule) *big.Rat {
	if slot.Nanos <= 0 || schedule.SlotsPerEpoch == 0 {
		return new(big.Rat)
	}

	epoch := new(big.Int).SetUint64(schedule.SlotsPerEpoch)
	epoch.Mul(epoch, big.NewInt(slot.Nanos))
	return new(big.Rat).SetFrac(big.NewInt(nanosPerYear), epoch)
}

// maxCompounded bounds what is compounded: growth that would add up to more in
// a year is no yield.
const maxCompounded = 10

// APY compounds the growth of a period over a year of so many periods: 0.07 is
// 7 %. The part of a period at the year's end counts linearly, and the result
// is exact to at least ten decimals. Growth that adds up to more than tenfold a
// year is not compounded. For display. The result is nil if one of them is.
func APY(growth, periodsPerYear *big.Rat) *big.Rat {
	if growth == nil || periodsPerYear == nil {
		return nil
	}

	simple := new(big.Rat).Mul(growth, periodsPerYear)
	if new(big.Rat).Abs(simple).Cmp(big.NewRat(maxCompounded, 1)) > 0 {
		return simple
	}

	const decimals = 36
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(decimals), nil)
	onePlus := func(r *big.Rat) *big.Int {
		n := new(big.Int).Mul(r.Num(), scale)
		return n.Add(n.Quo(n, r.Denom()), scale)
	}

	times := func(a, b *big.Int) *big.Int {
		n := new(big.Int).Mul(a, b)
		return n.Quo(n, scale)
	}

	whole := new(big.Int).Quo(periodsPerYear.Num(), periodsPerYear.Denom())
	part := new(big.Rat).Sub(periodsPerYear, new(big.Rat).SetInt(whole))
	factor, value := onePlus(growth), new(big.Int).Set(scale)
	for i := range whole.BitLen() {
		if whole.Bit(i) == 1 {
			value = times(value, factor)
		}

		factor = times(factor, factor)
	}

	value = times(value, onePlus(new(big.Rat).Mul(growth, part)))

	return new(big.Rat).SetFrac(value.Sub(value, scale), scale)
}
