package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
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
	bpsDenominator   = 10_000
	nanosDenominator = 1_000_000_000
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

// post is what is left of 10 000 after the fees of two tokens. Rebates may make it more.
func (f FlatFee) post(inp, out solana.PublicKey) (uint64, error) {
	i, ok := f.Fees[inp]
	if !ok {
		return 0, fmt.Errorf("%w %s", ErrNoFee, inp)
	}
	o, ok := f.Fees[out]
	if !ok {
		return 0, fmt.Errorf("%w %s", ErrNoFee, out)
	}
	// The program adds in 16 bits; fees are bounded to 10 000 either way, so only a state it never wrote could overflow.
	post := bpsDenominator - (int64(i.InputFeeBps) + int64(o.OutputFeeBps))
	if post < 0 || post > 1<<15-1 {
		return 0, ErrFeeRange
	}
	return uint64(post), nil
}

// ExactIn implements Pricing.
func (f FlatFee) ExactIn(inp, out solana.PublicKey, value uint64) (uint64, error) {
	post, err := f.post(inp, out)
	if err != nil {
		return 0, err
	}
	return ratio{post, bpsDenominator}.floor(value)
}

// ExactOut implements Pricing.
func (f FlatFee) ExactOut(inp, out solana.PublicKey, value uint64) (uint64, error) {
	post, err := f.post(inp, out)
	if err != nil {
		return 0, err
	}
	r, err := ratio{post, bpsDenominator}.invertFloorWide(value)
	return r.Max, err
}

// MintLP implements Pricing: adding liquidity is free.
func (f FlatFee) MintLP(_ solana.PublicKey, value uint64) (uint64, error) { return value, nil }

// RedeemLP implements Pricing.
func (f FlatFee) RedeemLP(_ solana.PublicKey, value uint64) (uint64, error) {
	if f.State.LPWithdrawalFeeBps > bpsDenominator {
		return 0, fmt.Errorf("%w: withdrawal fee of %d bps", ErrInvalidState, f.State.LPWithdrawalFeeBps)
	}
	fee, err := ratio{uint64(f.State.LPWithdrawalFeeBps), bpsDenominator}.ceil(value)
	return value - fee, err
}

// FeeNanos implements Pricing.
func (f FlatFee) FeeNanos(inp, out solana.PublicKey) (int64, error) {
	switch f.LPMint {
	case out:
		return 0, nil
	case inp:
		return int64(f.State.LPWithdrawalFeeBps) * nanosPerBps, nil
	}
	post, err := f.post(inp, out)
	return (bpsDenominator - int64(post)) * nanosPerBps, err
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
