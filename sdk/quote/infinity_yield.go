package quote

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// minRPS is the smallest share of the withheld yield that can be released per
// slot, as a numerator over 2^63.
const minRPS = 9_223_372

// ReleaseYield returns a pool of version 2 as it is after the release of the
// yield that is due by a slot. A pool of version 1 withholds no yield and is
// returned unchanged.
//
// It fails with [ErrSlot] for a slot before the last release, and with
// [ErrInvalidState] if the release rate or the protocol fee is out of range.
func ReleaseYield(pool accounts.PoolState, slot uint64) (accounts.PoolState, error) {
	if pool.Version != accounts.PoolStateV2 {
		return pool, nil
	}

	switch {
	case slot < pool.LastReleaseSlot:
		return pool, fmt.Errorf("%w: slot %d, last release in slot %d", ErrSlot, slot,
			pool.LastReleaseSlot)
	case pool.RPS < minRPS || pool.RPS > fixed.Q63One:
		return pool, fmt.Errorf("%w: a release rate of %d", ErrInvalidState, pool.RPS)
	case pool.ProtocolFeeNanos > nanosDenominator:
		return pool, fmt.Errorf("%w: a protocol fee of %d billionths", ErrInvalidState,
			pool.ProtocolFeeNanos)
	}

	kept := fixed.Q63Pow(fixed.Q63One-pool.RPS, slot-pool.LastReleaseSlot)
	var c fixed.Calc
	withheld := c.MulDivCeil(pool.WithheldLamports, kept, fixed.Q63One)
	released := c.Sub(pool.WithheldLamports, withheld)
	toProtocol := c.MulDivCeil(released, uint64(pool.ProtocolFeeNanos), nanosDenominator)
	pool.WithheldLamports = withheld
	pool.ProtocolFeeLamports = c.Add(pool.ProtocolFeeLamports, toProtocol)
	if released > 0 {
		pool.LastReleaseSlot = slot
	}

	return pool, errTooLarge(c.Err())
}

// LPDue returns the lamports that belong to the holders of a pool's LP token.
// In version 2 these exclude the yield not yet released and the protocol's
// part.
func LPDue(pool accounts.PoolState) (uint64, error) {
	if pool.Version != accounts.PoolStateV2 {
		return pool.TotalSOLValue, nil
	}

	var why Refusal
	books := totalsOf(pool)
	due, _ := books.due(&why)
	return due, why.Err()
}

var reasonHoldsBack = NewReason(ErrInvalidState, "%[1]v: the pool withholds more than it holds")

// totals are the lamports that a pool records: the total and, in version 2, the
// withheld part of it and the protocol's part of it.
type totals struct{ all, withheld, protocol uint64 }

func totalsOf(pool accounts.PoolState) totals {
	return totals{
		all:      pool.TotalSOLValue,
		withheld: pool.WithheldLamports,
		protocol: pool.ProtocolFeeLamports,
	}
}

// revalue returns the total after the value of one token has changed.
func (t *totals) revalue(before, now uint64, why *Refusal) (uint64, bool) {
	rest, borrow := bits.Sub64(t.all, before, 0)
	sum, carry := bits.Add64(rest, now, 0)
	if borrow|carry != 0 {
		return 0, why.overflows()
	}
	return sum, true
}

// due returns the lamports that belong to the holders of the LP token of
// version 2.
func (t *totals) due(why *Refusal) (uint64, bool) {
	held, carry := bits.Add64(t.withheld, t.protocol, 0)
	due, borrow := bits.Sub64(t.all, held, 0)
	if carry|borrow != 0 {
		return 0, why.Because(reasonHoldsBack)
	}
	return due, true
}

// lpRatio returns the value of an LP token of version 2 in lamports.
func (t *totals) lpRatio(supply uint64, why *Refusal) (ratio, bool) {
	due, ok := t.due(why)
	switch {
	case !ok:
		return ratio{}, false
	case supply == 0 || due == 0 && t.withheld == 0:
		return ratio{1, 1}, true
	}
	return ratio{due, supply}, true
}

// update records a new total. Gains are withheld. Losses reduce the withheld
// part first, then the protocol's part.
func (t *totals) update(all uint64, why *Refusal) bool {
	if all >= t.all {
		withheld, carry := bits.Add64(t.withheld, all-t.all, 0)
		if carry != 0 {
			return why.overflows()
		}

		t.withheld = withheld
	} else {
		t.take(t.all - all)
	}

	t.all = all

	sum, carry := bits.Add64(t.withheld, t.protocol, 0)
	excess := fixed.SaturatingSub(sum, all)
	if carry != 0 {
		// The sum exceeds 64 bits. The excess is 2^64 + sum - all, limited to
		// the largest uint64.
		excess = math.MaxUint64
		if all > sum {
			excess = math.MaxUint64 - (all - sum) + 1
		}
	}

	t.take(excess)

	return true
}

// take deducts lamports from the withheld part, and the remainder from the
// protocol's part.
func (t *totals) take(lamports uint64) {
	short := fixed.SaturatingSub(lamports, t.withheld)
	t.withheld = fixed.SaturatingSub(t.withheld, lamports)
	t.protocol = fixed.SaturatingSub(t.protocol, short)
}
