package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// The conditions under which Infinity does not trade. The functions of this
// package return them wrapped in an [*Error].
var (
	// ErrRebalancing is returned while the pool is being rebalanced. A
	// rebalance starts and ends within one transaction. Try again later.
	ErrRebalancing = fmt.Errorf("%w: the pool is being rebalanced", ErrDisabled)
	// ErrInputDisabled is returned when the pool does not accept the input
	// token at present. Use another route, or try again later.
	ErrInputDisabled = fmt.Errorf("%w: the pool does not accept this token as input", ErrDisabled)
	// ErrUnlisted is returned when the pool does not hold a token. Use another
	// route.
	ErrUnlisted = fmt.Errorf("%w: the pool does not hold this token", ErrDisabled)
	// ErrOutdatedCalculator is returned when the program of a token's stake
	// pool was upgraded and its SOL value calculator does not accept the new
	// build yet. The token trades again once the calculator's manager has
	// confirmed the build.
	ErrOutdatedCalculator = fmt.Errorf(
		"%w: the SOL value calculator does not accept the deployed build of the pool program",
		ErrDisabled,
	)
	// ErrUnknownCalculator is returned when a token is valued by a program that
	// this module does not know. Use another route.
	ErrUnknownCalculator = fmt.Errorf("%w: unknown SOL value calculator", ErrDisabled)
	// ErrUnknownPricing is returned when the pool uses a pricing program that
	// this module does not know. Use another route.
	ErrUnknownPricing = fmt.Errorf("%w: unknown pricing program", ErrDisabled)
	// ErrNoProfit is returned when the trade would reduce the pool's value,
	// which Infinity refuses. Use another route.
	ErrNoProfit = fmt.Errorf("%w: the pool would lose value", ErrDisabled)
	// ErrSlot is returned when the slot of a quote is before the slot in which
	// the pool last released yield. Load the state again.
	ErrSlot = fmt.Errorf("%w: the slot is before the last release of yield", ErrInvalidState)
)

// InfinityLST is one token of Infinity.
type InfinityLST struct {
	Index uint32
	State accounts.LSTState
	// Reserves is the pool's balance of the token, in base units.
	Reserves uint64
	// Value is the calculator of the token. If it is nil, Unavailable is the
	// reason, for example an error that wraps [ErrStalePool].
	Value       SOLValueCalculator
	Unavailable error
}

// InfinityState holds the state that determines the outcome of a trade with
// Infinity, for the tokens in LSTs.
type InfinityState struct {
	// Address is the address of the pool state, which names the pool in errors.
	Address solana.PublicKey
	Pool    accounts.PoolState
	LSTs    map[solana.PublicKey]InfinityLST
	// LPSupply is the supply of the LP token, in base units.
	LPSupply uint64
	// Pricing is the pricing program. If it is nil, PricingErr is the reason.
	Pricing    Pricing
	PricingErr error
	// Slot is the slot in which the trade executes. It matters for version 2 of
	// Infinity, where the LP token gains value every slot.
	Slot uint64
}

// SyncedLST is the SOL value of an LST, in lamports, that a trade records in
// the pool's list.
type SyncedLST struct {
	Mint     solana.PublicKey
	SOLValue uint64
}

// InfinityTrade is the outcome of a trade with Infinity. Amounts are base
// units, values are lamports.
type InfinityTrade struct {
	In, Out uint64
	// InValue and OutValue are the values that the pool assigns to In and Out.
	// The fee is the difference.
	InValue, OutValue uint64
	// ProtocolFee is the amount that the protocol fee accumulator receives in
	// version 1: base units of the token that leaves the pool or, if liquidity
	// is added, of the token that enters it.
	ProtocolFee uint64
	// Pool and LSTs are the state of the pool after the trade, and LPSupply the
	// supply of its LP token.
	Pool     accounts.PoolState
	LSTs     []SyncedLST
	LPSupply uint64
}

// Fee returns the cost of the trade in lamports. It is zero for a rebate, which
// the pool accepts only if rounding compensates it.
func (t InfinityTrade) Fee() uint64 {
	return InfinityPrice{InValue: t.InValue, OutValue: t.OutValue}.Fee()
}

const (
	opSwap            = "swap"
	opAddLiquidity    = "add liquidity"
	opRemoveLiquidity = "remove liquidity"
)

// Swap quotes a trade of an exact amount of inp for out. If out is the pool's
// LP token the trade adds liquidity; if inp is, it removes liquidity.
func (i InfinityState) Swap(inp, out solana.PublicKey, amount uint64) (InfinityTrade, error) {
	return i.trade(inp, out, amount, false)
}

// SwapExactOut quotes a trade of inp for an exact amount of out, like the
// program's own exact-out instruction. That instruction rounds differently from
// an exact-in trade: its input may differ by a few base units from the smallest
// input for which [InfinityState.Swap] yields the amount. Version 1 has no
// exact-out instruction for liquidity; the quote is then exactly that smallest
// input.
func (i InfinityState) SwapExactOut(
	inp, out solana.PublicKey,
	amount uint64,
) (InfinityTrade, error) {
	return i.trade(inp, out, amount, true)
}

// trade prepares only the two tokens of the trade.
func (i InfinityState) trade(
	inp, out solana.PublicKey,
	amount uint64,
	exactOut bool,
) (InfinityTrade, error) {
	head := i.head()
	d := deal{head: &head}
	if inp != i.Pool.LPTokenMint {
		from := i.entry(&inp)
		d.from = &from
	}

	switch out {
	case i.Pool.LPTokenMint:
	case inp:
		d.to = d.from
	default:
		to := i.entry(&out)
		d.to = &to
	}

	var why Refusal
	if !d.tried(amount, exactOut, &why) {
		return InfinityTrade{}, why.Err()
	}

	return d.outcome(), nil
}
