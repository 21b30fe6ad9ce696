package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Pricing mirrors the pricing programs, which set the fees of Infinity. Values
// are lamports.
type Pricing interface {
	// ExactIn returns the value that the pool pays for an input value.
	ExactIn(inp, out solana.PublicKey, value uint64) (uint64, error)
	// ExactOut returns the value that the pool charges for an output value.
	ExactOut(inp, out solana.PublicKey, value uint64) (uint64, error)
	// MintLP returns the value that an addition of liquidity is credited with,
	// in version 1 of Infinity.
	MintLP(lst solana.PublicKey, value uint64) (uint64, error)
	// RedeemLP returns the value that is paid for LP tokens of a value, in
	// version 1 of Infinity.
	RedeemLP(lst solana.PublicKey, value uint64) (uint64, error)
	// FeeNanos returns the fee of a pair in billionths of the input value:
	// 1_000_000 is 0.1 %. A negative fee is a rebate.
	FeeNanos(inp, out solana.PublicKey) (int64, error)
	// SideFeeNanos returns the fees of a single token as input and as output,
	// in billionths. The fee of a pair is the input fee of one token plus the
	// output fee of the other.
	SideFeeNanos(mint solana.PublicKey) (inp, out int64, err error)
}

// ErrNoFee is returned when the pricing program has no fee entry for a token,
// so the token cannot be traded. Use another route.
var ErrNoFee = fmt.Errorf("%w: the pricing program has no fee for the token", ErrDisabled)

// ErrFeeRange is returned when the fees of the two tokens add up to less than 0
// % or more than 100 %, which the pricing program refuses. Use another route.
var ErrFeeRange = fmt.Errorf(
	"%w: the fees of the two tokens add up to less than 0 %% or more than 100 %%",
	ErrDisabled,
)

const (
	bpsDenominator   = fixed.BasisPoints
	nanosDenominator = fixed.Nanos
	nanosPerBps      = nanosDenominator / bpsDenominator
)

// FlatFee mirrors the flat-fee pricing program.
type FlatFee struct {
	// LPMint is the mint of Infinity's LP token.
	LPMint solana.PublicKey
	State  accounts.FlatFeeState
	// Fees are the fee accounts by mint. A token without one cannot be traded.
	Fees map[solana.PublicKey]accounts.FlatFeeAccount
}

// ExactIn implements Pricing.
func (f FlatFee) ExactIn(inp, out solana.PublicKey, value uint64) (uint64, error) {
	return pairValue((*preparedPricing).exactIn, f, inp, out, value)
}

// ExactOut implements Pricing.
func (f FlatFee) ExactOut(inp, out solana.PublicKey, value uint64) (uint64, error) {
	return pairValue((*preparedPricing).exactOut, f, inp, out, value)
}

// MintLP implements Pricing. Adding liquidity is free.
func (f FlatFee) MintLP(lst solana.PublicKey, value uint64) (uint64, error) {
	return liquidityValue((*preparedPricing).mintLP, f, lst, value)
}

// RedeemLP implements Pricing.
func (f FlatFee) RedeemLP(lst solana.PublicKey, value uint64) (uint64, error) {
	return liquidityValue((*preparedPricing).redeemLP, f, lst, value)
}

// FeeNanos implements Pricing.
func (f FlatFee) FeeNanos(inp, out solana.PublicKey) (int64, error) {
	return pairFeeNanos(f, inp, out)
}

// SideFeeNanos implements Pricing.
func (f FlatFee) SideFeeNanos(mint solana.PublicKey) (inp, out int64, err error) {
	if mint == f.LPMint {
		return int64(f.State.LPWithdrawalFeeBps) * nanosPerBps, 0, nil
	}
	fee, ok := f.Fees[mint]
	if !ok {
		return 0, 0, fmt.Errorf("%w %s", ErrNoFee, mint)
	}
	return int64(fee.InputFeeBps) * nanosPerBps, int64(fee.OutputFeeBps) * nanosPerBps, nil
}
