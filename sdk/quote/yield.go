package quote

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrNoYield is returned by [StakePoolState.EpochGrowth] when the account does
// not show the pool's growth. Look again after the pool's next update.
var ErrNoYield = errors.New("growth unknown (look again after the next update of the pool)")

// Price is the exact value of a token: Lamports for Tokens, both in base units.
// For example 1_200 lamports for 1_000 base units.
type Price struct {
	Lamports uint64
	Tokens   uint64
}

// Rat returns the price as an exact fraction, in lamports per base unit. It is
// zero for an empty pool.
func (p Price) Rat() *big.Rat {
	if p.Tokens == 0 {
		return new(big.Rat)
	}
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(p.Lamports),
		new(big.Int).SetUint64(p.Tokens))
}

// String returns the price in SOL per token with nine decimals, rounded to
// nearest, for example "1.200000000". For display.
func (p Price) String() string { return p.Rat().FloatString(9) }

// Price returns the value of the pool's tokens before fees.
func (s StakePoolState) Price() Price {
	return Price{Lamports: s.State.TotalLamports, Tokens: s.State.PoolTokenSupply}
}

// FloorPrice returns the price at which the pool itself redeems tokens for
// stake, after its withdrawal fee and rounded down. No holder needs to sell
// below it. It fails for a stale pool. It does not check that a validator can
// serve the withdrawal.
func (s StakePoolState) FloorPrice(tokens uint64) (Price, error) {
	var r Refusal
	price, ok := s.prepare().FloorPrice(tokens, &r)
	if !ok {
		return price, r.Err()
	}
	return price, nil
}

// maxPlausibleGrowth is the inverse of the largest plausible growth per update.
// Staking yields a few hundredths of a percent per epoch, so a change of more
// than 1 % is not yield.
const maxPlausibleGrowth = 100

// EpochGrowth returns the fraction by which the pool's last update raised the
// price, as an exact number: 0.0004 is 0.04 %.
//
// The accounts do not show how many epochs that update covered. The result is
// the growth of one epoch only if the pool is updated in every epoch, as is
// usual. The error wraps [ErrStalePool], or [ErrNoYield] for a pool that is too
// new or whose growth is not plausible.
func (s StakePoolState) EpochGrowth() (*big.Rat, error) {
	const op = "growth"
	p := s.State
	if p.LastUpdateEpoch < s.Clock.Epoch {
		return nil, s.fail(op, ErrStalePool)
	}

	if p.LastEpochTotalLamports == 0 || p.LastEpochPoolTokenSupply == 0 || p.PoolTokenSupply == 0 {
		return nil, s.fail(op,
			fmt.Errorf("%w: the pool has no earlier price to compare with", ErrNoYield))
	}

	before := Price{Lamports: p.LastEpochTotalLamports, Tokens: p.LastEpochPoolTokenSupply}.Rat()
	growth := new(big.Rat).Quo(s.Price().Rat(), before)
	growth.Sub(growth, big.NewRat(1, 1))
	if new(big.Rat).Abs(growth).Cmp(big.NewRat(1, maxPlausibleGrowth)) > 0 {
		return nil, s.fail(op,
			fmt.Errorf("%w: a growth of %s in one update is not plausible", ErrNoYield,
				growth.FloatString(6)))
	}

	return growth, nil
}

// nanosPerYear is the length of a year of 365.25 days, in nanoseconds.
const nanosPerYear = 31_557_600 * nanosPerSecond

// EpochsPerYear returns the number of epochs in a year for a slot time, or zero
// if the slot time is unknown. Use [ClockSlotTime], or at the start of an epoch
// a slot time from another source.
func EpochsPerYear(slot SlotTime, schedule accounts.EpochSchedule) *big.Rat {
	if slot.Nanos <= 0 || schedule.SlotsPerEpoch == 0 {
		return new(big.Rat)
	}

	epoch := new(big.Int).SetUint64(schedule.SlotsPerEpoch)
	epoch.Mul(epoch, big.NewInt(slot.Nanos))
	return new(big.Rat).SetFrac(big.NewInt(nanosPerYear), epoch)
}

// maxCompounded is the largest growth per year that [APY] compounds.
const maxCompounded = 10

// APY compounds the growth of one period over a year of periodsPerYear periods:
// 0.07 is 7 %. The last, partial period counts linearly, and the result is
// exact to at least ten decimals. Growth of more than tenfold a year is not
// compounded. The result is nil if an argument is nil. For display.
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
