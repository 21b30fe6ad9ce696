package quote

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// ErrInvalidFeePolicy is returned by [InfinityState.PlanFees] when an
// [InfinityFeePolicy] does not describe fees that the pricing program can
// charge. The text names the field. Correct it.
var ErrInvalidFeePolicy = errors.New("fee policy is not valid (correct the named field)")

// FeeRange are the fees of one side of a token, as input or as output, in
// billionths of the value: 1_000_000 is 10 bps.
type FeeRange struct {
	// MinNanos, BaseNanos and MaxNanos rise or are equal. BaseNanos is the fee
	// of a token that has its target weight.
	MinNanos, BaseNanos, MaxNanos int64
}

// InfinityFeePolicy determines fees from target weights. A token of which the
// pool has too little is cheap to bring and dear to take, a token of which it
// has too much is dear to bring and cheap to take.
type InfinityFeePolicy struct {
	// Targets are the weights of the tokens by mint. Only their ratio matters.
	// A token without a weight, or of weight zero, is always in surplus.
	Targets map[solana.PublicKey]uint64
	// Input and Output bound the fees of the two sides of every token.
	Input, Output FeeRange
	// FullAtPercent is the deviation, in percent of the target value, at which
	// a fee reaches its bound: from 1 to 100. Between the target and there, a
	// fee changes in proportion to the deviation. Example: with 50, a token of
	// which the pool holds half of the target, or one and a half times as much,
	// has the fees at the bounds.
	FullAtPercent uint64
	// UnitNanos is the smallest step of a fee: 1 for the flatslab program, and
	// 100_000, one basis point, for the flat-fee program. Fees are rounded up
	// to it, in favour of the pool. All bounds must be multiples of it.
	UnitNanos int64
	// Fixed are tokens whose fees do not change, such as one with a fee that
	// its issuer has been promised. Their value counts, and so does their
	// weight.
	Fixed []solana.PublicKey
}

// SideFees are the fees of a token as input and as output, in billionths of the
// value.
type SideFees struct{ InputNanos, OutputNanos int64 }

// TokenFees is a token in an [InfinityFeePlan].
type TokenFees struct {
	Mint solana.PublicKey
	// Value is the current value of the pool's reserves of the token, and
	// Target the value at its target weight, both in lamports. Target is
	// rounded down.
	Value, Target uint64
	// Before are the current fees and After the planned ones.
	Before, After SideFees
}

// Changes reports whether the fees of the token change.
func (t TokenFees) Changes() bool { return t.Before != t.After }

// InfinityFeePlan has the fees of all tokens of an Infinity pool before and
// after a change. Create it with [InfinityState.PlanFees].
type InfinityFeePlan struct {
	// Tokens are the tokens in the order of the pool's list, without the LP
	// token, whose fees do not change.
	Tokens []TokenFees

	state InfinityState
	after Pricing
}

// PlanFees computes the fees of all tokens from their target weights. Nothing
// is rounded but the fees, which are rounded up, and the targets.
//
// A token that cannot be valued now, such as one whose stake pool is not
// updated, counts with the value that the pool recorded last. [ErrNoFee] is
// returned if the fees of a token are not known, and [ErrInvalidFeePolicy] for
// a policy whose fees a pricing program would refuse.
func (i InfinityState) PlanFees(policy InfinityFeePolicy) (InfinityFeePlan, error) {
	const op = "plan fees"
	fail := func(err error) (InfinityFeePlan, error) {
		return InfinityFeePlan{}, named(op, i.Address, err)
	}

	if i.Pricing == nil {
		return fail(errorOr(i.PricingErr, fmt.Errorf("%w pricing", accounts.ErrNil)))
	}

	if err := policy.check(i); err != nil {
		return fail(err)
	}

	plan := InfinityFeePlan{state: i}
	var c fixed.Calc
	var total uint64
	for _, mint := range i.mintsInOrder() {
		token := TokenFees{Mint: mint, Value: i.LSTs[mint].State.SOLValue}
		var err error
		if i.LSTs[mint].Value != nil {
			if token.Value, err = i.LSTs[mint].worth(); err != nil {
				return fail(fmt.Errorf("%s: %w", mint, err))
			}
		}

		token.Before.InputNanos, token.Before.OutputNanos, err = i.Pricing.SideFeeNanos(mint)
		if err != nil {
			return fail(err)
		}

		total = c.Add(total, token.Value)
		plan.Tokens = append(plan.Tokens, token)
	}

	if err := c.Err(); err != nil {
		return fail(errTooLarge(err))
	}

	plan.set(policy, total)
	if plan.after = plan.pricing(); plan.after == nil {
		return fail(ErrUnknownPricing)
	}

	return plan, nil
}

// errorOr returns the first error, or the second one if that is nil.
func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// worth returns the current value of the reserves of a token.
func (lst InfinityLST) worth() (uint64, error) {
	if lst.Value == nil {
		return 0, errorOr(lst.Unavailable, fmt.Errorf("%w calculator", accounts.ErrNil))
	}
	value, err := lst.Value.LSTToSOL(lst.Reserves)
	return value.Min, err
}

// mintsInOrder returns the tokens of the pool in the order of its list, without
// the LP token.
func (i InfinityState) mintsInOrder() []solana.PublicKey {
	mints := slices.Collect(maps.Keys(i.LSTs))
	mints = slices.DeleteFunc(mints, func(mint solana.PublicKey) bool {
		return mint == i.Pool.LPTokenMint
	})
	slices.SortFunc(mints, func(a, b solana.PublicKey) int {
		if first, second := i.LSTs[a].Index, i.LSTs[b].Index; first != second {
			return int(int64(first) - int64(second))
		}

		return accounts.CompareKeys(a, b)
	})

	return mints
}

// The bounds of fees in the pricing programs: -5 % in the flatslab program,
// -100 % in the flat-fee program, and 100 % in both.
const (
	flatSlabMinNanos = -50_000_000
	flatFeeMinNanos  = -nanosDenominator
)

// check returns the reason why the policy cannot set fees of a pool, or nil.
func (p InfinityFeePolicy) check(i InfinityState) error {
	invalid := func(field, why string) error {
		return fmt.Errorf("%w: %s %s", ErrInvalidFeePolicy, field, why)
	}

	least := int64(flatFeeMinNanos)
	if _, ok := i.Pricing.(FlatSlab); ok {
		least = flatSlabMinNanos
	}

	held := i.mintsInOrder()
	for mint := range p.Targets {
		if !slices.Contains(held, mint) {
			return invalid("Targets", fmt.Sprintf("has %s, which the pool does not hold", mint))
		}
	}

	for _, mint := range p.Fixed {
		if !slices.Contains(held, mint) {
			return invalid("Fixed", fmt.Sprintf("has %s, which the pool does not hold", mint))
		}
	}

	unit := p.UnitNanos
	switch _, flat := i.Pricing.(FlatFee); {
	case p.FullAtPercent < 1 || p.FullAtPercent > 100:
		return invalid("FullAtPercent", "must be from 1 to 100")
	case unit < 1 || unit > nanosDenominator:
		return invalid("UnitNanos", "must be positive and at most 100 %")
	case flat && unit%nanosPerBps != 0:
		return invalid("UnitNanos", "must be whole basis points for the flat-fee program")
	}

	for field, fees := range map[string]FeeRange{"Input": p.Input, "Output": p.Output} {
		switch {
		case fees.MinNanos > fees.BaseNanos || fees.BaseNanos > fees.MaxNanos:
			return invalid(field, "must have MinNanos <= BaseNanos <= MaxNanos")
		case fees.MinNanos < least || fees.MaxNanos > nanosDenominator:
			return invalid(field, "is beyond the bounds of the pricing program")
		case fees.MinNanos%unit != 0 || fees.BaseNanos%unit != 0 || fees.MaxNanos%unit != 0:
			return invalid(field, "must be multiples of UnitNanos")
		}
	}

	if p.Input.MinNanos+p.Output.MinNanos < 0 {
		return invalid("Input and Output", "must not add up to a rebate: "+
			"the pool refuses to lose value")
	}

	if p.Input.MaxNanos+p.Output.MaxNanos > nanosDenominator {
		return invalid("Input and Output", "must not add up to more than 100 %")
	}

	return nil
}

// set computes the targets and the fees of all tokens.
func (p *InfinityFeePlan) set(policy InfinityFeePolicy, total uint64) {
	weights := new(big.Int)
	for _, weight := range policy.Targets {
		weights.Add(weights, new(big.Int).SetUint64(weight))
	}

	for n := range p.Tokens {
		token := &p.Tokens[n]
		target := new(big.Int).SetUint64(policy.Targets[token.Mint])
		target.Mul(target, new(big.Int).SetUint64(total))
		// The target is the fraction target/weights.
		if weights.Sign() > 0 {
			token.Target = new(big.Int).Quo(target, weights).Uint64()
		}

		token.After = token.Before
		if slices.Contains(policy.Fixed, token.Mint) {
			continue
		}

		value := new(big.Int).SetUint64(token.Value)
		surplus := value.Sub(value.Mul(value, weights), target)
		full := target.Mul(target, new(big.Int).SetUint64(policy.FullAtPercent))
		surplus.Mul(surplus, big.NewInt(100))
		if full.Sign() == 0 {
			surplus.SetInt64(1)
		}

		token.After = SideFees{
			InputNanos:  policy.Input.at(surplus, full, policy.UnitNanos),
			OutputNanos: policy.Output.at(surplus.Neg(surplus), full, policy.UnitNanos),
		}
	}
}

// at returns the fee at a deviation of part/full, rounded up to units. From
// zero on it rises from the base to the maximum, which it has from one on, and
// below zero it falls to the minimum.
func (f FeeRange) at(part, full *big.Int, unit int64) int64 {
	span := f.MaxNanos - f.BaseNanos
	if part.Sign() < 0 {
		span = f.BaseNanos - f.MinNanos
	}

	size := new(big.Int).Abs(part)
	if size.Cmp(full) >= 0 {
		return f.BaseNanos + int64(part.Sign())*span
	}

	size.Mul(size, big.NewInt(span/unit))
	steps, rest := size.QuoRem(size, full, new(big.Int))
	if part.Sign() < 0 {
		// A discount that is rounded down is a fee that is rounded up.
		return f.BaseNanos - steps.Int64()*unit
	}

	if rest.Sign() > 0 {
		steps.Add(steps, big.NewInt(1))
	}

	return f.BaseNanos + steps.Int64()*unit
}
