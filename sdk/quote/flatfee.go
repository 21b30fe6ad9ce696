package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Pricing mirrors the programs that tell a controller what it charges. Values are lamports.
type Pricing interface {
	// ExactIn is the value the pool gives for an input value.
	ExactIn(inp, out solana.PublicKey, value uint64) (uint64, error)
	// ExactOut is the value the pool wants for an output value.
	ExactOut(inp, out solana.PublicKey, value uint64) (uint64, error)
	// MintLP is the value that liquidity of a value is credited with, in version 1 of the controller.
	MintLP(lst solana.PublicKey, value uint64) (uint64, error)
	// RedeemLP is the value that is paid for LP tokens of a value, in version 1 of the controller.
	RedeemLP(lst solana.PublicKey, value uint64) (uint64, error)
	// FeeNanos is the fee of a pair in billionths of the input value. A negative fee is a rebate.
	FeeNanos(inp, out solana.PublicKey) (int64, error)
	// SideFeeNanos are the fees of a token by itself, as input and as output, in billionths. Those of a pair add up.
	SideFeeNanos(mint solana.PublicKey) (inp, out int64, err error)
}

// ErrNoFee says that the pricing program has no fee for a token, so that it cannot be traded.
var ErrNoFee = fmt.Errorf("%w: the pricing program has no fee for the token", ErrDisabled)

// ErrFeeRange says that the fees of two tokens add up to less than nothing or more than everything.
var ErrFeeRange = fmt.Errorf("%w: the fees of the two tokens do not add up", ErrDisabled)

const (
	bpsDenominator   = fixed.BasisPoints
	nanosDenominator = fixed.Nanos
	nanosPerBps      = nanosDenominator / bpsDenominator
)

// FlatFee is the flat-fee pricing program.
type FlatFee struct {
	// LPMint is the controller's LP token.
	LPMint solana.PublicKey
	State  accounts.FlatFeeState
	// Fees are the fee accounts there are.
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

// MintLP implements Pricing: adding liquidity is free.
func (f FlatFee) MintLP(lst solana.PublicKey, value uint64) (uint64, error) {
	return liquidityValue((*preparedPricing).mintLP, f, lst, value)
}

// RedeemLP implements Pricing.
func (f FlatFee) RedeemLP(lst solana.PublicKey, value uint64) (uint64, error) {
	return liquidityValue((*preparedPricing).redeemLP, f, lst, value)
}

// FeeNanos implements Pricing.
func (f FlatFee) FeeNanos(inp, out solana.PublicKey) (int64, error) { return pairFeeNanos(f, inp, out) }

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
