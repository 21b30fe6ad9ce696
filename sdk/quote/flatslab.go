package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// FlatSlab mirrors the flatslab pricing program.
type FlatSlab struct {
	// LPMint is the mint of Infinity's LP token. The slab has an entry for it,
	// as for any other token.
	LPMint solana.PublicKey
	Slab   *accounts.FlatSlab
}

// FeeNanos implements Pricing.
func (f FlatSlab) FeeNanos(inp, out solana.PublicKey) (int64, error) {
	return pairFeeNanos(f, inp, out)
}

// ExactIn implements Pricing.
func (f FlatSlab) ExactIn(inp, out solana.PublicKey, value uint64) (uint64, error) {
	return pairValue((*preparedPricing).exactIn, f, inp, out, value)
}

// ExactOut implements Pricing. The program charges the largest of all input
// values that yield the output value.
func (f FlatSlab) ExactOut(inp, out solana.PublicKey, value uint64) (uint64, error) {
	return pairValue((*preparedPricing).exactOut, f, inp, out, value)
}

// MintLP implements Pricing.
func (f FlatSlab) MintLP(lst solana.PublicKey, value uint64) (uint64, error) {
	return liquidityValue((*preparedPricing).mintLP, f, lst, value)
}

// RedeemLP implements Pricing.
func (f FlatSlab) RedeemLP(lst solana.PublicKey, value uint64) (uint64, error) {
	return liquidityValue((*preparedPricing).redeemLP, f, lst, value)
}

// SideFeeNanos implements Pricing.
func (f FlatSlab) SideFeeNanos(mint solana.PublicKey) (inp, out int64, err error) {
	e := f.Slab.Find(mint)
	if e == nil {
		return 0, 0, fmt.Errorf("%w %s", ErrNoFee, mint)
	}
	return int64(e.InpFeeNanos), int64(e.OutFeeNanos), nil
}
