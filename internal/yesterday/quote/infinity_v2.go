package quote

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// minRPS is the least part of the withheld yield that can be released each slot, as a numerator over 2^63.
const minRPS = 9_223_372

// ReleaseYield returns a pool of version 2 as it is once the yield due by a slot has been released. A pool of version 1 withholds
// nothing and stays as it is.
func ReleaseYield(pool accounts.PoolState, slot uint64) (accounts.PoolState, error) {
	if pool.Version != accounts.PoolStateV2 {
		return pool, nil
	}
	switch {
	case slot < pool.LastReleaseSlot:
		return pool, fmt.Errorf("%w: slot %d, released in %d", ErrSlot, slot, pool.LastReleaseSlot)
	case pool.RPS < minRPS || pool.RPS > fixed.Q63One:
		return pool, fmt.Errorf("%w: release rate of %d", ErrInvalidState, pool.RPS)
	case pool.ProtocolFeeNanos > nanosDenominator:
		return pool, fmt.Errorf("%w: protocol fee of %d nanos", ErrInvalidState, pool.ProtocolFeeNanos)
	}
	kept := fixed.Q63Pow(fixed.Q63One-pool.RPS, slot-pool.LastReleaseSlot)
	var c fixed.Calc
	withheld := c.MulDivCeil(pool.WithheldLamports, kept, fixed.Q63One)
	released := c.Sub(pool.WithheldLamports, withheld)
	toProtocol := c.MulDivCeil(released, uint64(pool.ProtocolFeeNanos), nanosDenominator)
	pool.WithheldLamports = withheld
	pool.ProtocolFeeLamports = c.Add(pool.ProtocolFeeLamports, toProtocol)
	if released > 0 {
		pool.LastReleaseSlot = slot
	}
	return pool, errTooLarge(c.Err())
}

// LPDue is what belongs to the holders of a pool's LP token, in lamports: in version 2 neither yield that is not released yet nor
// the protocol's part does.
func LPDue(pool accounts.PoolState) (uint64, error) {
	if pool.Version != accounts.PoolStateV2 {
		return pool.TotalSolValue, nil
	}
	var c fixed.Calc
	due := c.Sub(pool.TotalSolValue, c.Add(pool.WithheldLamports, pool.ProtocolFeeLamports))
	if c.Err() != nil {
		return 0, fmt.Errorf("%w: the pool holds back more than it has", ErrInvalidState)
	}
	return due, nil
}

// lpRatioV2 is the value of an LP token in lamports.
func lpRatioV2(pool accounts.PoolState, supply uint64) (ratio, error) {
	due, err := LPDue(pool)
	if err != nil {
		return ratio{}, err
	}
	if supply == 0 || due == 0 && pool.WithheldLamports == 0 {
		return ratio{1, 1}, nil
	}
	return ratio{due, supply}, nil
}

// lpValueV2 values the LP token of a pool of version 2, as the controller does itself.
type lpValueV2 struct{ ratio }

// LSTToSOL is the value of LP tokens.
func (v lpValueV2) LSTToSOL(lp uint64) (Range, error) {
	lamports, err := v.floor(lp)
	return exactly(lamports), err
}

// SOLToLST is the LP tokens of a value. For a value that no amount has, the two ends change places.
func (v lpValueV2) SOLToLST(lamports uint64) (Range, error) {
	r, err := v.invertFloor(lamports)
	return Range{min(r.Min, r.Max), max(r.Min, r.Max)}, err
}

// updateYield books a new total: gains are withheld, losses are taken from what is withheld first, then from the protocol's part.
func (b *book) updateYield(total uint64) error {
	p := &b.Pool
	if total >= p.TotalSolValue {
		withheld, err := fixed.Add(p.WithheldLamports, total-p.TotalSolValue)
		if err != nil {
			return errTooLarge(err)
		}
		p.WithheldLamports = withheld
	} else {
		takeFromBuckets(p, p.TotalSolValue-total)
	}
	p.TotalSolValue = total
	sum, carry := bits.Add64(p.WithheldLamports, p.ProtocolFeeLamports, 0)
	excess := fixed.SaturatingSub(sum, total)
	if carry != 0 {
		// The sum is over 64 bits: the excess is 2^64 + sum - total, at most the largest number.
		excess = math.MaxUint64
		if total > sum {
			excess = math.MaxUint64 - (total - sum) + 1
		}
	}
	takeFromBuckets(p, excess)
	return nil
}

// takeFromBuckets takes lamports from what is withheld, and what that does not cover from the protocol's part.
func takeFromBuckets(p *accounts.PoolState, lamports uint64) {
	short := fixed.SaturatingSub(lamports, p.WithheldLamports)
	p.WithheldLamports = fixed.SaturatingSub(p.WithheldLamports, lamports)
	p.ProtocolFeeLamports = fixed.SaturatingSub(p.ProtocolFeeLamports, short)
}

func (b *book) syncV2(mint solana.PublicKey, holdings uint64) error {
	value, total, err := b.revalue(mint, holdings)
	if err != nil {
		return err
	}
	b.setValue(mint, value)
	return b.updateYield(total)
}

func (b *book) tradeV2(op string, inp, out solana.PublicKey, amount uint64, exactOut bool) (InfinityTrade, error) {
	released, err := ReleaseYield(b.Pool, b.Slot)
	if err != nil {
		return InfinityTrade{}, err
	}
	b.Pool = released
	for _, mint := range []solana.PublicKey{inp, out} {
		if mint == b.Pool.LPTokenMint {
			continue
		}
		if err := b.syncV2(mint, b.LSTs[mint].Reserves); err != nil {
			return InfinityTrade{}, err
		}
	}
	lp, err := lpRatioV2(b.Pool, b.LPSupply)
	if err != nil {
		return InfinityTrade{}, err
	}
	legOf := func(mint solana.PublicKey) leg {
		if mint == b.Pool.LPTokenMint {
			return lpValueV2{lp}
		}
		return b.LSTs[mint].Value
	}
	t, err := b.priceLegs(inp, out, legOf(inp), legOf(out), amount, exactOut)
	if err != nil {
		return t, err
	}
	if t.InValue < t.OutValue {
		return t, ErrNoProfit
	}
	switch op {
	case opAddLiquidity:
		return b.addLiquidityV2(inp, t, lp)
	case opRemoveLiquidity:
		return b.removeLiquidityV2(out, t, lp)
	}
	return b.swapV2(inp, out, t)
}

func (b *book) swapV2(inp, out solana.PublicKey, t InfinityTrade) (InfinityTrade, error) {
	from, to := b.LSTs[inp], b.LSTs[out]
	if err := covered(to, t.Out); err != nil {
		return t, err
	}
	holdings, err := fixed.Add(from.Reserves, t.In)
	if err != nil {
		return t, errTooLarge(err)
	}
	inValue, err := from.Value.LSTToSOL(holdings)
	if err != nil {
		return t, err
	}
	outValue, err := to.Value.LSTToSOL(to.Reserves - t.Out)
	if err != nil {
		return t, err
	}
	var c fixed.Calc
	total := c.Add(c.Sub(b.Pool.TotalSolValue, b.value(out)), outValue.Min)
	total = c.Sub(c.Add(total, inValue.Min), b.value(inp))
	switch {
	case c.Err() != nil:
		return t, errTooLarge(c.Err())
	case total < b.Pool.TotalSolValue:
		return t, ErrNoProfit
	}
	b.setValue(inp, inValue.Min)
	b.setValue(out, outValue.Min)
	if err := b.updateYield(total); err != nil {
		return t, err
	}
	return b.result(t), nil
}

func (b *book) addLiquidityV2(mint solana.PublicKey, t InfinityTrade, before ratio) (InfinityTrade, error) {
	var c fixed.Calc
	holdings := c.Add(b.LSTs[mint].Reserves, t.In)
	b.LPSupply = c.Add(b.LPSupply, t.Out)
	if c.Err() != nil {
		return t, errTooLarge(c.Err())
	}
	return b.settleLiquidityV2(mint, holdings, t, before)
}

func (b *book) removeLiquidityV2(mint solana.PublicKey, t InfinityTrade, before ratio) (InfinityTrade, error) {
	lst := b.LSTs[mint]
	if err := covered(lst, t.Out); err != nil {
		return t, err
	}
	if t.In > b.LPSupply {
		return t, fmt.Errorf("%w: only %d LP tokens exist", ErrTooLarge, b.LPSupply)
	}
	b.LPSupply -= t.In
	return b.settleLiquidityV2(mint, lst.Reserves-t.Out, t, before)
}

// guardSlack is by how many lamports rounding may cost the holders of the LP token.
const guardSlack = 3

// settleLiquidityV2 books a change of liquidity: just the fee is withheld, and the value of an LP token must not fall.
func (b *book) settleLiquidityV2(mint solana.PublicKey, holdings uint64, t InfinityTrade, before ratio) (InfinityTrade, error) {
	value, total, err := b.revalue(mint, holdings)
	if err != nil {
		return t, err
	}
	b.setValue(mint, value)
	if b.Pool.TotalSolValue, err = fixed.Sub(total, t.Fee()); err != nil {
		return t, errTooLarge(err)
	}
	if err := b.updateYield(total); err != nil {
		return t, err
	}
	if b.LPSupply != 0 {
		after, err := lpRatioV2(b.Pool, b.LPSupply)
		if err != nil {
			return t, err
		}
		due := after.n + min(guardSlack, math.MaxUint64-after.n)
		if fixed.MulLess(due, before.d, before.n, after.d) {
			return t, ErrNoProfit
		}
	}
	return b.result(t), nil
}
