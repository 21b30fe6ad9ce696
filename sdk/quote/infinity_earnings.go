package quote

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// InfinityPart is a token of Infinity's basket, with its growth per epoch.
type InfinityPart struct {
	Mint solana.PublicKey
	// Value is the value of the pool's reserves of the token, in lamports.
	Value uint64
	// Growth is the fraction by which the token gains in an epoch: 0.0004 is
	// 0.04 %. It is nil if it is not known, with the reason in Unknown.
	Growth  *big.Rat
	Unknown error
}

// InfinityBasket is the yield of the tokens that Infinity holds, before trading
// fees. Create it with [NewInfinityBasket]. All its numbers are exact.
type InfinityBasket struct {
	// Parts are the tokens, with the largest value first.
	Parts []InfinityPart
	// Value is the value of all tokens, and Known that of the tokens whose
	// growth is known, in lamports.
	Value, Known uint64
	// Growth is the growth of the known tokens in an epoch, weighted by their
	// values. It is nil if none is known.
	Growth *big.Rat
	// Best and Worst are the known tokens with the highest and the lowest
	// growth.
	Best, Worst InfinityPart
}

// NewInfinityBasket returns the yield of a basket. SOL itself does not grow:
// give it a Growth of zero.
func NewInfinityBasket(parts ...InfinityPart) (InfinityBasket, error) {
	b := InfinityBasket{Parts: slices.Clone(parts)}
	slices.SortStableFunc(b.Parts, func(x, y InfinityPart) int {
		switch {
		case x.Value != y.Value && x.Value > y.Value:
			return -1
		case x.Value != y.Value:
			return 1
		}
		return accounts.CompareKeys(x.Mint, y.Mint)
	})

	var c fixed.Calc
	sum := new(big.Rat)
	for _, part := range b.Parts {
		b.Value = c.Add(b.Value, part.Value)
		if part.Growth == nil || part.Value == 0 {
			continue
		}

		b.Known = c.Add(b.Known, part.Value)
		sum.Add(sum, new(big.Rat).Mul(part.Growth, wholeRat(part.Value)))
		if b.Best.Growth == nil || part.Growth.Cmp(b.Best.Growth) > 0 {
			b.Best = part
		}

		if b.Worst.Growth == nil || part.Growth.Cmp(b.Worst.Growth) < 0 {
			b.Worst = part
		}
	}

	if err := c.Err(); err != nil {
		return InfinityBasket{}, errTooLarge(err)
	}

	if b.Known > 0 {
		b.Growth = sum.Quo(sum, wholeRat(b.Known))
	}
	return b, nil
}

// wholeRat returns a number as a fraction.
func wholeRat(n uint64) *big.Rat { return new(big.Rat).SetInt(new(big.Int).SetUint64(n)) }

// Drift returns the performance drift of a part: its growth less that of the
// basket, in an epoch. It is what the pool gains in an epoch with each lamport
// that it holds in this token instead of the average, or loses if it is
// negative. It is nil if either growth is not known.
func (b InfinityBasket) Drift(part InfinityPart) *big.Rat {
	if part.Growth == nil || b.Growth == nil {
		return nil
	}
	return new(big.Rat).Sub(part.Growth, b.Growth)
}

// Earns returns the lamports that a part gains in an epoch, rounded down. It is
// negative for a loss, and zero if the growth is not known.
func (p InfinityPart) Earns() *big.Int {
	if p.Growth == nil {
		return new(big.Int)
	}
	return floorRat(new(big.Rat).Mul(p.Growth, wholeRat(p.Value)))
}

// Moved returns the lamports that the pool gains in an epoch, rounded down, if
// a value of the token from is held in the token to instead. It is negative if
// from yields more. [ErrNoYield] is returned if a growth is not known.
func (b InfinityBasket) Moved(from, to solana.PublicKey, value uint64) (*big.Int, error) {
	var growths [2]*big.Rat
	for n, mint := range []solana.PublicKey{from, to} {
		at := slices.IndexFunc(b.Parts, func(p InfinityPart) bool { return p.Mint == mint })
		switch {
		case at < 0:
			return nil, fmt.Errorf("%w: %s", ErrUnlisted, mint)
		case b.Parts[at].Growth == nil:
			return nil, fmt.Errorf("%w: %s", ErrNoYield, mint)
		}

		growths[n] = b.Parts[at].Growth
	}

	gain := new(big.Rat).Sub(growths[1], growths[0])
	return floorRat(gain.Mul(gain, wholeRat(value))), nil
}

// floorRat rounds a fraction down.
func floorRat(r *big.Rat) *big.Int {
	return new(big.Int).Div(r.Num(), r.Denom())
}

// InfinityRelease is the yield that Infinity releases over some slots if no
// trade and no synchronization withholds more. Version 1 withholds nothing.
type InfinityRelease struct {
	// Slots is the length of the period.
	Slots uint64
	// Released are the lamports that leave what is withheld: Protocol is the
	// protocol's part of them, and Holders the rest.
	Released, Protocol, Holders uint64
	// Growth is the fraction by which the LP token gains: Holders divided by
	// the lamports that belong to its holders at the start.
	Growth *big.Rat
}

// Release returns the yield that the pool releases in a number of slots from
// the slot of the state on. Its growth over the slots of an epoch, compounded
// with [APY], is the yield of the LP token as far as past gains reach.
func (i InfinityState) Release(slots uint64) (InfinityRelease, error) {
	fail := func(err error) (InfinityRelease, error) {
		return InfinityRelease{}, named("release yield", i.Address, err)
	}

	end, err := fixed.Add(i.Slot, slots)
	if err != nil {
		return fail(errTooLarge(err))
	}

	now, err := ReleaseYield(i.Pool, i.Slot)
	if err != nil {
		return fail(err)
	}

	later, err := ReleaseYield(now, end)
	if err != nil {
		return fail(err)
	}

	due, err := LPDue(now)
	if err != nil {
		return fail(err)
	}

	r := InfinityRelease{
		Slots:    slots,
		Released: now.WithheldLamports - later.WithheldLamports,
		Protocol: later.ProtocolFeeLamports - now.ProtocolFeeLamports,
		Growth:   new(big.Rat),
	}

	r.Holders = r.Released - r.Protocol
	if due > 0 {
		r.Growth.Quo(wholeRat(r.Holders), wholeRat(due))
	}
	return r, nil
}

// HoldersPart returns the fraction of new yield that is left for the holders of
// the LP token: 0.95 if the protocol takes 5 %. In version 1 the protocol takes
// no part of the tokens' own growth, so it is 1.
func HoldersPart(pool accounts.PoolState) *big.Rat {
	part := big.NewRat(1, 1)
	if pool.Version == accounts.PoolStateV2 {
		part.Sub(part, big.NewRat(int64(pool.ProtocolFeeNanos), nanosDenominator))
	}
	return part
}
