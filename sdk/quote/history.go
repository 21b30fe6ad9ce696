package quote

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrPriceConflict is returned by [PriceHistory.Add] when two different prices
// are given for one epoch. The price of a token grows once in an epoch, with
// the pool's update: give the price after it, and do not mix tokens.
var ErrPriceConflict = errors.New("two prices for one epoch " +
	"(give the price after the pool's update, of one token)")

// PricePoint is the price of a token after the pool update of an epoch.
type PricePoint struct {
	Epoch uint64
	Price Price
}

// pricePointJSON is a [PricePoint] as JSON.
type pricePointJSON struct {
	Epoch    uint64 `json:"epoch"`
	Lamports uint64 `json:"lamports"`
	Tokens   uint64 `json:"tokens"`
}

// PriceHistory holds the prices of one token by epoch. The zero value is empty
// and ready to use. It marshals to JSON as its points, so that it can be kept
// and continued.
//
// The account of a stake pool shows two epochs, see
// [StakePoolState.PricePoints]. Accounts that were kept from earlier epochs, or
// are loaded again in later ones, add more.
type PriceHistory struct {
	points []PricePoint
}

// samePrice is the inverse of the largest relative difference between two
// prices of one epoch. Within an epoch, each deposit and withdrawal leaves a
// rest of less than a lamport or a base unit in the pool.
const samePrice = 1_000_000

// Add adds a point. A second price for an epoch that differs from the first by
// less than a millionth, as by the rounding of deposits, changes nothing.
// [ErrPriceConflict] is returned for any other, which is not added, and
// [ErrNoYield] for a price of no lamports or no tokens.
func (h *PriceHistory) Add(point PricePoint) error {
	if h == nil {
		return fmt.Errorf("%w price history", accounts.ErrNil)
	}

	if point.Price.Lamports == 0 || point.Price.Tokens == 0 {
		return fmt.Errorf("%w: epoch %d has no price", ErrNoYield, point.Epoch)
	}

	at, known := slices.BinarySearchFunc(h.points, point.Epoch,
		func(p PricePoint, epoch uint64) int { return cmp.Compare(p.Epoch, epoch) })
	if !known {
		h.points = slices.Insert(h.points, at, point)
		return nil
	}

	difference := growthBetween(h.points[at], point).Growth
	if difference.Abs(difference).Cmp(big.NewRat(1, samePrice)) > 0 {
		return fmt.Errorf("%w: epoch %d, %s and %s", ErrPriceConflict, point.Epoch,
			h.points[at].Price, point.Price)
	}
	return nil
}

// Points returns the points in the order of their epochs.
func (h PriceHistory) Points() []PricePoint { return slices.Clone(h.points) }

// MarshalJSON returns the points as a list: epoch, lamports, and tokens in base
// units.
func (h PriceHistory) MarshalJSON() ([]byte, error) {
	points := make([]pricePointJSON, len(h.points))
	for n, p := range h.points {
		points[n] = pricePointJSON{
			Epoch:    p.Epoch,
			Lamports: p.Price.Lamports,
			Tokens:   p.Price.Tokens,
		}
	}
	return json.Marshal(points)
}

// UnmarshalJSON replaces the history by points that MarshalJSON wrote, in any
// order. It returns the errors of [PriceHistory.Add] and leaves the history as
// it is then.
func (h *PriceHistory) UnmarshalJSON(data []byte) error {
	if h == nil {
		return fmt.Errorf("%w price history", accounts.ErrNil)
	}

	var points []pricePointJSON
	if err := json.Unmarshal(data, &points); err != nil {
		return fmt.Errorf("price history: %w", err)
	}

	var read PriceHistory
	for _, p := range points {
		price := Price{Lamports: p.Lamports, Tokens: p.Tokens}
		if err := read.Add(PricePoint{Epoch: p.Epoch, Price: price}); err != nil {
			return err
		}
	}

	*h = read
	return nil
}

// PriceGrowth is the growth of a price over one or more epochs.
type PriceGrowth struct {
	// From and To are the epochs of the two prices. The growth is of To - From
	// epochs.
	From, To uint64
	// Growth is the fraction by which the price rose: To's price / From's price
	// - 1, exactly. 0.0004 is 0.04 %.
	Growth *big.Rat
}

// Epochs returns the number of epochs.
func (g PriceGrowth) Epochs() uint64 { return g.To - g.From }

// Average returns the growth divided by the number of epochs, without
// compounding: the growth of one epoch if all are alike. It is nil if the
// growth is not known.
func (g PriceGrowth) Average() *big.Rat {
	if g.Growth == nil || g.To <= g.From {
		return nil
	}
	return new(big.Rat).Quo(g.Growth, wholeRat(g.Epochs()))
}

// APY compounds the growth over a year of epochsPerYear epochs, see [APY] and
// [EpochsPerYear]. It is nil if the growth or the year is not known. For
// display.
func (g PriceGrowth) APY(epochsPerYear *big.Rat) *big.Rat {
	if g.Growth == nil || epochsPerYear == nil || g.To <= g.From {
		return nil
	}
	return APY(g.Growth, new(big.Rat).Quo(epochsPerYear, wholeRat(g.Epochs())))
}

// PerEpoch returns the growth between every two neighbouring points. Where
// epochs are missing in between, one entry covers several.
func (h PriceHistory) PerEpoch() []PriceGrowth {
	if len(h.points) < 2 {
		return nil
	}

	growths := make([]PriceGrowth, 0, len(h.points)-1)
	for n, to := range h.points[1:] {
		growths = append(growths, growthBetween(h.points[n], to))
	}
	return growths
}

// Growth returns the growth over all known epochs, from the first point to the
// last. [ErrNoYield] is returned if there are fewer than two points.
func (h PriceHistory) Growth() (PriceGrowth, error) {
	if len(h.points) < 2 {
		return PriceGrowth{}, fmt.Errorf("%w: the prices of %d epochs are known", ErrNoYield,
			len(h.points))
	}
	return growthBetween(h.points[0], h.points[len(h.points)-1]), nil
}

func growthBetween(from, to PricePoint) PriceGrowth {
	growth := new(big.Rat).Quo(to.Price.Rat(), from.Price.Rat())
	return PriceGrowth{
		From:   from.Epoch,
		To:     to.Epoch,
		Growth: growth.Sub(growth, big.NewRat(1, 1)),
	}
}

// PricePoints returns the prices that the account of the pool shows: that after
// its last update, and the one before it, which is taken for that of the epoch
// before. It has the second point only for a pool that
// [StakePoolState.EpochGrowth] accepts, but the pool may be stale.
func (s StakePoolState) PricePoints() []PricePoint {
	last := PricePoint{Epoch: s.State.LastUpdateEpoch, Price: s.Price()}
	if last.Price.Lamports == 0 || last.Price.Tokens == 0 {
		return nil
	}

	s.Clock.Epoch = s.State.LastUpdateEpoch
	if _, err := s.EpochGrowth(); err != nil || last.Epoch == 0 {
		return []PricePoint{last}
	}

	before := PricePoint{
		Epoch: last.Epoch - 1,
		Price: Price{
			Lamports: s.State.LastEpochTotalLamports,
			Tokens:   s.State.LastEpochPoolTokenSupply,
		},
	}
	return []PricePoint{before, last}
}
