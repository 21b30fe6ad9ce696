package choose

import (
	"math"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// A split is worth looking for only if it can pay more than the whole. What two
// venues pay for their shares of an amount, added up, rises less and less with
// the share of one, apart from rounding: a pool that charges more the more it
// buys, and pools with one price, and the least of several of those. Of such a
// curve some points tell how high it can be anywhere: between two of them it is
// below the lines through those to the left and through those to the right. If
// that is not worth it, the walk that looks for the best share is left out. The
// bound never chooses a share, so it changes no answer.

// curvePoints is how many shares are asked for.
const curvePoints = 9

// shares are those that are asked for, of an amount: dense at both ends, where
// the curve is highest if no split pays.
func shares(amount uint64) [curvePoints]uint64 {
	return [curvePoints]uint64{
		amount >> 10, amount >> 9, amount >> 4, amount >> 2, amount >> 1,
		amount - amount>>2, amount - amount>>4, amount - amount>>9, amount - amount>>10,
	}
}

// point is what a share comes to, the more the better.
type point struct{ share, score uint64 }

// cannotPay reports whether no split between two venues can be worth it, beside
// an offer for the whole.
func (m *Market) cannotPay(whole *Search, than *offer.Offer, a, b *splitVenue) bool {
	amount := whole.Amount
	if than == nil || a.stepped || b.stepped || amount < 1<<20 {
		return false
	}

	var served []point
	var room [curvePoints]point
	served = room[:0]
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

	// Lines through points that are off by some units are off by three times
	// that where they are needed. Venues differ about the price of a token, but
	// not by half.
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

// score is the higher the better a split is in which a serves a share. It
// returns false if one of the two does not serve its part.
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

// ceiling is what a curve that rises less and less stays below, from no share
// at all to an end beyond the last point.
func ceiling(points []point, end uint64) (highest uint64, ok bool) {
	last := len(points) - 1
	// Before the first point and after the last, the lines through the nearest
	// two are above the curve.
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

// line is where a line from one point through another is at a share beyond the
// second, rounded up.
func line(from, through point, share uint64) (score uint64, ok bool) {
	run, beyond := distance(from.share, through.share), distance(through.share, share)
	rise, err := fixed.MulDivCeil(distance(from.score, through.score), beyond, run)
	if err != nil {
		return 0, false
	}

	if through.score < from.score {
		// Rounded down, as it falls.
		if rise > 0 {
			rise--
		}

		return fixed.SaturatingSub(through.score, rise), true
	}

	score, err = fixed.Add(through.score, rise)

	return score, err == nil
}

func distance(a, b uint64) uint64 { return max(a, b) - min(a, b) }
