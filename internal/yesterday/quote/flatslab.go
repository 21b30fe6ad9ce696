package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// FlatSlab is the flatslab pricing program.
type FlatSlab struct {
	// LPMint is the controller's LP token, which has an entry like any other token.
	LPMint solana.PublicKey
	Slab   *accounts.FlatSlab
}

// FeeNanos implements Pricing.
func (f FlatSlab) FeeNanos(inp, out solana.PublicKey) (int64, error) {
	i := f.Slab.Find(inp)
	if i == nil {
		return 0, fmt.Errorf("%w %s", ErrNoFee, inp)
	}
	o := f.Slab.Find(out)
	if o == nil {
		return 0, fmt.Errorf("%w %s", ErrNoFee, out)
	}
	fee := int64(i.InpFeeNanos) + int64(o.OutFeeNanos)
	if fee < 0 || fee > nanosDenominator {
		return 0, ErrFeeRange
	}
	return fee, nil
}

func (f FlatSlab) post(inp, out solana.PublicKey) (ratio, error) {
	fee, err := f.FeeNanos(inp, out)
	return ratio{uint64(nanosDenominator - fee), nanosDenominator}, err
}

// ExactIn implements Pricing.
func (f FlatSlab) ExactIn(inp, out solana.PublicKey, value uint64) (uint64, error) {
	post, err := f.post(inp, out)
	if err != nil {
		return 0, err
	}
	return post.floor(value)
}

// ExactOut implements Pricing. Of all input values that yield the output value the program takes the largest.
func (f FlatSlab) ExactOut(inp, out solana.PublicKey, value uint64) (uint64, error) {
	post, err := f.post(inp, out)
	if err != nil {
		return 0, err
	}
	r, err := post.invertFloor(value)
	return r.Max, err
}

// MintLP implements Pricing.
func (f FlatSlab) MintLP(lst solana.PublicKey, value uint64) (uint64, error) {
	return f.ExactIn(lst, f.LPMint, value)
}

// RedeemLP implements Pricing.
func (f FlatSlab) RedeemLP(lst solana.PublicKey, value uint64) (uint64, error) {
	return f.ExactIn(f.LPMint, lst, value)
}

// SideFeeNanos implements Pricing.
func (f FlatSlab) SideFeeNanos(mint solana.PublicKey) (inp, out int64, err error) {
	e := f.Slab.Find(mint)
	if e == nil {
		return 0, 0, fmt.Errorf("%w %s", ErrNoFee, mint)
	}
	return int64(e.InpFeeNanos), int64(e.OutFeeNanos), nil
}
