package quote

import (
	"errors"
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// syncV1 records what the pool's holdings of an LST are worth.
func (b *book) syncV1(mint solana.PublicKey, holdings uint64) error {
	value, total, err := b.revalue(mint, holdings)
	if err != nil {
		return err
	}
	b.setValue(mint, value)
	b.Pool.TotalSolValue = total
	return nil
}

// protocolFeeV1 is the protocol's part of a fee in lamports, as base units of a token of which tokens are worth value.
func (b *book) protocolFeeV1(bps uint16, fee, tokens, value uint64) (uint64, error) {
	lamports, err := ratio{uint64(bps), bpsDenominator}.ceil(fee)
	if err != nil {
		return 0, err
	}
	return ratio{tokens, value}.floor(lamports)
}

func (b *book) swapV1(inp, out solana.PublicKey, amount uint64, exactOut bool) (InfinityTrade, error) {
	from, to := b.LSTs[inp], b.LSTs[out]
	if err := b.syncBothV1(inp, out, from.Reserves, to.Reserves); err != nil {
		return InfinityTrade{}, err
	}
	before := b.Pool.TotalSolValue
	t, err := b.priceLegs(inp, out, from.Value, to.Value, amount, exactOut)
	if err != nil {
		return t, err
	}
	if t.OutValue == 0 || t.InValue == 0 {
		return t, ErrTooSmall
	}
	if t.ProtocolFee, err = b.protocolFeeV1(b.Pool.TradingProtocolFeeBps, t.Fee(), t.Out, t.OutValue); err != nil {
		return t, err
	}
	var c fixed.Calc
	leaving := c.Add(t.Out, t.ProtocolFee)
	arrived := c.Add(from.Reserves, t.In)
	if c.Err() != nil {
		return t, errTooLarge(c.Err())
	}
	if err := covered(to, leaving); err != nil {
		return t, err
	}
	if err := b.syncBothV1(inp, out, arrived, to.Reserves-leaving); err != nil {
		return t, err
	}
	if b.Pool.TotalSolValue < before {
		return t, ErrNoProfit
	}
	return b.result(t), nil
}

func (b *book) syncBothV1(inp, out solana.PublicKey, inpHoldings, outHoldings uint64) error {
	if err := b.syncV1(inp, inpHoldings); err != nil {
		return err
	}
	return b.syncV1(out, outHoldings)
}

func (b *book) addLiquidityV1(mint solana.PublicKey, amount uint64) (InfinityTrade, error) {
	lst := b.LSTs[mint]
	if err := b.syncV1(mint, lst.Reserves); err != nil {
		return InfinityTrade{}, err
	}
	before := b.Pool.TotalSolValue
	r, err := lst.Value.LSTToSOL(amount)
	if err != nil {
		return InfinityTrade{}, err
	}
	t := InfinityTrade{In: amount, InValue: r.Min}
	if t.OutValue, err = b.Pricing.MintLP(mint, t.InValue); err != nil {
		return t, err
	}
	if t.OutValue > t.InValue {
		return t, ErrNoProfit
	}
	if t.ProtocolFee, err = b.protocolFeeV1(b.Pool.LPProtocolFeeBps, t.Fee(), amount, t.InValue); err != nil {
		return t, err
	}
	var c fixed.Calc
	kept := c.Sub(amount, t.ProtocolFee)
	switch {
	case b.LPSupply == 0:
		t.Out = c.Add(before, t.OutValue)
	case before == 0:
		t.Out = t.OutValue
	default:
		t.Out = c.MulDivFloor(t.OutValue, b.LPSupply, before)
	}
	holdings := c.Add(lst.Reserves, kept)
	supply := c.Add(b.LPSupply, t.Out)
	switch {
	case c.Err() != nil:
		return t, errTooLarge(c.Err())
	case kept == 0 || t.Out == 0:
		return t, ErrTooSmall
	}
	if err := b.syncV1(mint, holdings); err != nil {
		return t, err
	}
	if b.Pool.TotalSolValue < before {
		return t, ErrNoProfit
	}
	b.LPSupply = supply
	return b.result(t), nil
}

func (b *book) removeLiquidityV1(mint solana.PublicKey, amount uint64) (InfinityTrade, error) {
	lst := b.LSTs[mint]
	if err := b.syncV1(mint, lst.Reserves); err != nil {
		return InfinityTrade{}, err
	}
	if amount > b.LPSupply {
		return InfinityTrade{}, fmt.Errorf("%w: only %d LP tokens exist", ErrTooLarge, b.LPSupply)
	}
	value, err := ratio{b.Pool.TotalSolValue, b.LPSupply}.floor(amount)
	if err != nil {
		return InfinityTrade{}, err
	}
	t := InfinityTrade{In: amount, InValue: value}
	if t.OutValue, err = b.Pricing.RedeemLP(mint, value); err != nil {
		return t, err
	}
	if t.OutValue > t.InValue {
		return t, ErrNoProfit
	}
	r, err := lst.Value.SOLToLST(t.OutValue)
	if err != nil {
		return t, err
	}
	if t.Out = r.Min; t.Out == 0 {
		return t, ErrTooSmall
	}
	if t.ProtocolFee, err = b.protocolFeeV1(b.Pool.LPProtocolFeeBps, t.Fee(), t.Out, t.OutValue); err != nil {
		return t, err
	}
	leaving, err := fixed.Add(t.Out, t.ProtocolFee)
	if err != nil {
		return t, errTooLarge(err)
	}
	if err := covered(lst, leaving); err != nil {
		return t, err
	}
	b.LPSupply -= amount
	if err := b.syncV1(mint, lst.Reserves-leaving); err != nil {
		return t, err
	}
	return b.result(t), nil
}

// smallestLiquidity finds the smallest input for which adding or removing liquidity yields at least an amount.
func (i Infinity) smallestLiquidity(inp, out solana.PublicKey, amount uint64) (InfinityTrade, error) {
	if amount == 0 {
		return i.trade(inp, out, 0, false)
	}
	input, err := smallestInput(math.MaxUint64, func(input uint64) (bool, error) {
		t, err := i.trade(inp, out, input, false)
		if err != nil && !errors.Is(err, ErrTooSmall) && !errors.Is(err, ErrNoProfit) {
			// More than the pool can do, or refused whatever the input: one that is enough lies below, or there is none.
			return true, nil
		}
		return t.Out >= amount, err
	})
	if err != nil {
		return InfinityTrade{}, named(opSwap, i.Address, err)
	}
	return i.trade(inp, out, input, false)
}
