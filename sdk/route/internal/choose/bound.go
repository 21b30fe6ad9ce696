package choose

import (
	"math"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// This file bounds what a split between two venues can pay, to skip the search
// for the best share where no split can win.
//
// Let f(share) be the joint output of two venues, one of which serves share and
// the other the rest. Apart from rounding, f is concave: pools with a fee that
// rises with the amount, pools with one price, and the minimum of several of
// those are all concave. Between two known points, a concave curve lies below
// the line through the two points to the left and below the line through the
// two points to the right. A few points therefore bound f everywhere. The bound
// only skips searches; it never selects a share, so it does not change a
// result.

// curvePoints is the number of shares for which f is computed.
const curvePoints = 9

// shares returns the shares of an amount for which f is computed. They are
// dense at both ends, where f is highest if no split pays.
func shares(amount uint64) [curvePoints]uint64 {
	return [curvePoints]uint64{
		amount >> 10, amount >> 9, amount >> 4, amount >> 2, amount >> 1,
		amount - amount>>2, amount - amount>>4, amount - amount>>9, amount - amount>>10,
	}
}

// point is a share of an amount with its score; a higher score is better.
type point struct{ share, score uint64 }

// cannotPay reports whether no split between two venues can beat than, the best
// offer for the whole amount.
func (m *Market) cannotPay(whole *Search, than *offer.Offer, a, b *splitVenue) bool {
	amount := whole.Amount
	if than == nil || a.stepped || b.stepped || amount < 1<<20 {
		return false
	}

	var served []point
	var buffer [curvePoints]point
	served = buffer[:0]
	end := amount
	for _, share := range shares(amount) {
		score, ok := m.splitOutput(whole, a, b, share)
		if ok {
			served = append(served, point{share, score})
			continue
		}

		if len(served) > 0 {
			end = share
			break
		}
	}

	if len(served) < 3 {
		return false
	}

	highest, ok := ceiling(served, end)
	if !ok {
		return false
	}

	// A point that is off by n units moves the lines by up to 3n where they are
	// evaluated. The price may differ between the venues, but by less than
	// half, so twice the gain at one price is a safe bound.
	rounding := fixed.SaturatingAdd(roundingBound(whole.SwapMode, &a.sample),
		roundingBound(whole.SwapMode, &b.sample))
	highest = fixed.SaturatingAdd(highest, saturatingMul(8, rounding))
	gain, price := fixed.SaturatingSub(highest, than.NetOut), than.Price
	if whole.SwapMode == terms.ExactOut {
		gain, price = fixed.SaturatingSub(
			highest,
			math.MaxUint64-than.NetIn,
		), m.price(
			whole.FromToken,
		)
	}

	return !gains(saturatingMul(2, gain), 0, whole.MinGain, price)
}

// splitOutput returns the score of a split in which a serves share and b the
// rest. It returns false if one of them refuses its part.
func (m *Market) splitOutput(whole *Search, a, b *splitVenue, share uint64) (uint64, bool) {
	one, other := &a.asked, &b.asked
	if !a.offer(share, one) || !b.offer(whole.Amount-share, other) {
		return 0, false
	}
	if whole.SwapMode == terms.ExactOut {
		return math.MaxUint64 - fixed.SaturatingAdd(one.NetIn, other.NetIn), true
	}
	return fixed.SaturatingAdd(one.NetOut, other.NetOut), true
}

// ceiling returns an upper bound of a concave curve from share 0 to share end,
// which lies beyond the last point.
func ceiling(points []point, end uint64) (highest uint64, ok bool) {
	last := len(points) - 1
	// Outside of the points, the lines through the nearest two bound the curve.
	before, ok1 := line(points[1], points[0], 0)
	after, ok2 := line(points[last-1], points[last], end)
	if !ok1 || !ok2 {
		return 0, false
	}

	highest = max(before, after)
	for i := range last {
		left, right := uint64(math.MaxUint64), uint64(math.MaxUint64)
		if i > 0 {
			reached, ok := line(points[i-1], points[i], points[i+1].share)
			if !ok {
				return 0, false
			}

			left = max(points[i].score, reached)
		}

		if i+2 <= last {
			reached, ok := line(points[i+2], points[i+1], points[i].share)
			if !ok {
				return 0, false
			}

			right = max(points[i+1].score, reached)
		}

		highest = max(highest, min(left, right))
	}

	return highest, true
}

// line evaluates the line through two points at a share beyond the second,
// rounded up.
func line(from, through point, share uint64) (score uint64, ok bool) {
	run, beyond := distance(from.share, through.share), distance(through.share, share)
	rise, err := fixed.MulDivCeil(distance(from.score, through.score), beyond, run)
	if err != nil {
		return 0, false
	}

	if through.score < from.score {
		// The line falls, so round the fall down.
		if rise > 0 {
			rise--
		}

		return fixed.SaturatingSub(through.score, rise), true
	}

	score, err = fixed.Add(through.score, rise)

	return score, err == nil
}

func distance(a, b uint64) uint64 { return max(a, b) - min(a, b) }
