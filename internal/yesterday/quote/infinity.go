package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Conditions under which a controller's pool does not trade; an [*Error] wraps one of them.
var (
	// ErrRebalancing says that the pool is being rebalanced, which is over by the end of the transaction that does it.
	ErrRebalancing = fmt.Errorf("%w: the pool is being rebalanced", ErrDisabled)
	// ErrInputDisabled says that the pool does not take this token right now.
	ErrInputDisabled = fmt.Errorf("%w: the pool does not take this token", ErrDisabled)
	// ErrUnlisted says that the pool does not hold a token.
	ErrUnlisted = fmt.Errorf("%w: the pool does not hold this token", ErrDisabled)
	// ErrOutdatedCalculator says that the program of a token's pool was deployed since its calculator last looked: the calculator
	// refuses to work until its manager has confirmed the new build.
	ErrOutdatedCalculator = fmt.Errorf("%w: the calculator does not know the deployed build of the pool program", ErrDisabled)
	// ErrUnknownCalculator says that a token is valued by a program this module does not know.
	ErrUnknownCalculator = fmt.Errorf("%w: unknown SOL value calculator", ErrDisabled)
	// ErrUnknownPricing says that the pool is priced by a program this module does not know.
	ErrUnknownPricing = fmt.Errorf("%w: unknown pricing program", ErrDisabled)
	// ErrNoProfit says that the trade would cost the pool value, which it refuses.
	ErrNoProfit = fmt.Errorf("%w: the pool would lose value", ErrDisabled)
	// ErrSlot says that the slot of a quote is before the pool's last release of yield.
	ErrSlot = fmt.Errorf("%w: the slot lies before the pool's state", ErrInvalidState)
)

// InfinityLST is one token of a controller's pool.
type InfinityLST struct {
	Index uint32
	State accounts.LSTState
	// Reserves is what the pool holds of it, in base units.
	Reserves uint64
	// Value values the token. If it is nil, Unavailable says why.
	Value       SolValueCalculator
	Unavailable error
}

// Infinity is everything that decides what a controller's pool pays, for the tokens in LSTs.
type Infinity struct {
	// Address is the pool state, which names the pool in errors.
	Address solana.PublicKey
	Pool    accounts.PoolState
	LSTs    map[solana.PublicKey]InfinityLST
	// LPSupply is the supply of the LP token.
	LPSupply uint64
	// Pricing is nil if PricingErr says why.
	Pricing    Pricing
	PricingErr error
	// Slot is when the trade executes. It matters in version 2, whose LP token gains value every slot.
	Slot uint64
}

// SyncedLST is the SOL value of an LST that a trade leaves in the pool's list.
type SyncedLST struct {
	Mint     solana.PublicKey
	SolValue uint64
}

// InfinityTrade is the outcome of a trade with a controller's pool. Amounts are base units, values lamports.
type InfinityTrade struct {
	In, Out uint64
	// InValue and OutValue are what the pool takes In and Out to be worth; what the first is more is its fee.
	InValue, OutValue uint64
	// ProtocolFee is what the protocol's accumulator receives in version 1: base units of the token that leaves the pool, or of the
	// token that is added to it.
	ProtocolFee uint64
	// Pool and LSTs are the pool afterwards, and LPSupply the supply of its LP token.
	Pool     accounts.PoolState
	LSTs     []SyncedLST
	LPSupply uint64
}

// Fee is what the trade costs, in lamports. It is zero where a rebate passed because rounding made up for it.
func (t InfinityTrade) Fee() uint64 { return fixed.SaturatingSub(t.InValue, t.OutValue) }

const (
	opSwap            = "swap"
	opAddLiquidity    = "add liquidity"
	opRemoveLiquidity = "remove liquidity"
)

func (i Infinity) fail(op string, reason error) error {
	return &Error{Op: op, Pool: i.Address, Reason: reason}
}

// Swap quotes a trade of an exact amount of one token for another. Either may be the pool's LP token: then it adds or removes
// liquidity.
func (i Infinity) Swap(inp, out solana.PublicKey, amount uint64) (InfinityTrade, error) {
	return i.trade(inp, out, amount, false)
}

// SwapExactOut quotes a trade for an exact amount of the second token, as the program's own exact-out instruction does it. That
// instruction rounds in ways of its own: its input may be a few base units off the smallest one for which [Infinity.Swap] yields
// the amount. In version 1 liquidity has no such instruction: then it is exactly that smallest input.
func (i Infinity) SwapExactOut(inp, out solana.PublicKey, amount uint64) (InfinityTrade, error) {
	lp := i.Pool.LPTokenMint
	if i.Pool.Version == accounts.PoolStateV1 && (inp == lp || out == lp) {
		return i.smallestLiquidity(inp, out, amount)
	}
	return i.trade(inp, out, amount, true)
}

func (i Infinity) trade(inp, out solana.PublicKey, amount uint64, exactOut bool) (InfinityTrade, error) {
	op := opSwap
	switch i.Pool.LPTokenMint {
	case out:
		op = opAddLiquidity
	case inp:
		op = opRemoveLiquidity
	}
	t, err := i.tradeBy(op, inp, out, amount, exactOut)
	if err != nil {
		return InfinityTrade{}, i.fail(op, err)
	}
	return t, nil
}

func (i Infinity) tradeBy(op string, inp, out solana.PublicKey, amount uint64, exactOut bool) (InfinityTrade, error) {
	if err := i.open(amount); err != nil {
		return InfinityTrade{}, err
	}
	if inp == out {
		return InfinityTrade{}, fmt.Errorf("%w: a token for itself", ErrDisabled)
	}
	b := &book{Infinity: i, values: make(map[solana.PublicKey]uint64)}
	if op != opRemoveLiquidity {
		lst, err := b.lst(inp)
		switch {
		case err != nil:
			return InfinityTrade{}, err
		case lst.State.IsInputDisabled:
			return InfinityTrade{}, fmt.Errorf("%w: %s", ErrInputDisabled, inp)
		}
	}
	if op != opAddLiquidity {
		if _, err := b.lst(out); err != nil {
			return InfinityTrade{}, err
		}
	}
	if i.Pool.Version == accounts.PoolStateV2 {
		return b.tradeV2(op, inp, out, amount, exactOut)
	}
	switch op {
	case opAddLiquidity:
		return b.addLiquidityV1(inp, amount)
	case opRemoveLiquidity:
		return b.removeLiquidityV1(out, amount)
	}
	return b.swapV1(inp, out, amount, exactOut)
}

// open refuses what any trade is refused for.
func (i Infinity) open(amount uint64) error {
	switch {
	case amount == 0:
		return ErrZeroAmount
	case i.Pool.IsRebalancing:
		return ErrRebalancing
	case i.Pool.IsDisabled:
		return ErrDisabled
	case i.Pricing == nil && i.PricingErr == nil:
		return fmt.Errorf("%w pricing", accounts.ErrNil)
	case i.Pricing == nil:
		return i.PricingErr
	}
	return nil
}

// book is a pool on which a trade is tried out.
type book struct {
	Infinity
	// values are the SOL values of LSTs that were synchronized, in the order of synced.
	values map[solana.PublicKey]uint64
	synced []solana.PublicKey
}

// lst is a token of the pool that can be valued.
func (b *book) lst(mint solana.PublicKey) (InfinityLST, error) {
	lst, ok := b.LSTs[mint]
	switch {
	case !ok:
		return lst, fmt.Errorf("%w: %s", ErrUnlisted, mint)
	case lst.Value == nil:
		return lst, fmt.Errorf("%s: %w", mint, lst.Unavailable)
	}
	return lst, nil
}

// value is the SOL value of an LST's entry in the list.
func (b *book) value(mint solana.PublicKey) uint64 {
	if v, ok := b.values[mint]; ok {
		return v
	}
	return b.LSTs[mint].State.SolValue
}

// setValue changes an entry of the list.
func (b *book) setValue(mint solana.PublicKey, lamports uint64) {
	if _, ok := b.values[mint]; !ok {
		b.synced = append(b.synced, mint)
	}
	b.values[mint] = lamports
}

// revalue is what the pool's holdings of an LST are worth, and what the pool's total becomes if the entry is set to that.
func (b *book) revalue(mint solana.PublicKey, holdings uint64) (lamports, total uint64, err error) {
	r, err := b.LSTs[mint].Value.LSTToSOL(holdings)
	if err != nil {
		return 0, 0, err
	}
	var c fixed.Calc
	total = c.Add(c.Sub(b.Pool.TotalSolValue, b.value(mint)), r.Min)
	return r.Min, total, errTooLarge(c.Err())
}

func (b *book) result(t InfinityTrade) InfinityTrade {
	t.Pool, t.LPSupply = b.Pool, b.LPSupply
	for _, mint := range b.synced {
		t.LSTs = append(t.LSTs, SyncedLST{Mint: mint, SolValue: b.values[mint]})
	}
	return t
}

// leg converts amounts of one side of a trade to values and back.
type leg interface {
	LSTToSOL(uint64) (Range, error)
	SOLToLST(uint64) (Range, error)
}

// priceLegs is the middle of every swap, by whichever side is exact.
func (b *book) priceLegs(inp, out solana.PublicKey, inLeg, outLeg leg, amount uint64, exactOut bool) (t InfinityTrade, err error) {
	var r Range
	if exactOut {
		t.Out = amount
		if r, err = outLeg.LSTToSOL(amount); err != nil {
			return t, err
		}
		if t.OutValue = r.Max; t.OutValue == 0 {
			return t, ErrTooSmall
		}
		if t.InValue, err = b.Pricing.ExactOut(inp, out, t.OutValue); err != nil {
			return t, err
		}
		if r, err = inLeg.SOLToLST(t.InValue); err != nil {
			return t, err
		}
		t.In = r.Max
	} else {
		t.In = amount
		if r, err = inLeg.LSTToSOL(amount); err != nil {
			return t, err
		}
		if t.InValue = r.Min; t.InValue == 0 {
			return t, ErrTooSmall
		}
		if t.OutValue, err = b.Pricing.ExactIn(inp, out, t.InValue); err != nil {
			return t, err
		}
		if r, err = outLeg.SOLToLST(t.OutValue); err != nil {
			return t, err
		}
		t.Out = r.Min
	}
	if t.In == 0 || t.Out == 0 {
		return t, ErrTooSmall
	}
	return t, nil
}

// covered says whether the pool holds enough of a token.
func covered(lst InfinityLST, wanted uint64) error {
	if wanted > lst.Reserves {
		return fmt.Errorf("%w: %d of %s, not %d", ErrInsufficientReserve, lst.Reserves, lst.State.Mint, wanted)
	}
	return nil
}
