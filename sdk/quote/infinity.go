package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Conditions under which a controller's pool does not trade; an [*Error] wraps
// one of them.
var (
	// ErrRebalancing says that the pool is being rebalanced, which is over by
	// the end of the transaction that does it.
	ErrRebalancing = fmt.Errorf("%w: the pool is being rebalanced", ErrDisabled)
	// ErrInputDisabled says that the pool does not take this token right now.
	ErrInputDisabled = fmt.Errorf("%w: the pool does not take this token", ErrDisabled)
	// ErrUnlisted says that the pool does not hold a token.
	ErrUnlisted = fmt.Errorf("%w: the pool does not hold this token", ErrDisabled)
	// ErrOutdatedCalculator says that the program of a token's pool was
	// deployed since its calculator last looked: the calculator refuses to work
	// until its manager has confirmed the new build.
	ErrOutdatedCalculator = fmt.Errorf(
		"%w: the calculator does not know the deployed build of the pool program",
		ErrDisabled,
	)
	// ErrUnknownCalculator says that a token is valued by a program this module
	// does not know.
	ErrUnknownCalculator = fmt.Errorf("%w: unknown SOL value calculator", ErrDisabled)
	// ErrUnknownPricing says that the pool is priced by a program this module
	// does not know.
	ErrUnknownPricing = fmt.Errorf("%w: unknown pricing program", ErrDisabled)
	// ErrNoProfit says that the trade would cost the pool value, which it
	// refuses.
	ErrNoProfit = fmt.Errorf("%w: the pool would lose value", ErrDisabled)
	// ErrSlot says that the slot of a quote is before the pool's last release
	// of yield.
	ErrSlot = fmt.Errorf("%w: the slot lies before the pool's state", ErrInvalidState)
)

// InfinityLST is one token of a controller's pool.
type InfinityLST struct {
	Index uint32
	State accounts.LSTState
	// Reserves is what the pool holds of it, in base units.
	Reserves uint64
	// Value values the token. If it is nil, Unavailable says why.
	Value       SOLValueCalculator
	Unavailable error
}

// InfinityState is everything that decides what a controller's pool pays, for
// the tokens in LSTs.
type InfinityState struct {
	// Address is the pool state, which names the pool in errors.
	Address solana.PublicKey
	Pool    accounts.PoolState
	LSTs    map[solana.PublicKey]InfinityLST
	// LPSupply is the supply of the LP token.
	LPSupply uint64
	// Pricing is nil if PricingErr says why.
	Pricing    Pricing
	PricingErr error
	// Slot is when the trade executes. It matters in version 2, whose LP token
	// gains value every slot.
	Slot uint64
}

// SyncedLST is the SOL value of an LST that a trade leaves in the pool's list.
type SyncedLST struct {
	Mint     solana.PublicKey
	SOLValue uint64
}

// InfinityTrade is the outcome of a trade with a controller's pool. Amounts are
// base units, values lamports.
type InfinityTrade struct {
	In, Out uint64
	// InValue and OutValue are what the pool takes In and Out to be worth; what
	// the first is more is its fee.
	InValue, OutValue uint64
	// ProtocolFee is what the protocol's accumulator receives in version 1:
	// base units of the token that leaves the pool, or of the token that is
	// added to it.
	ProtocolFee uint64
	// Pool and LSTs are the pool afterwards, and LPSupply the supply of its LP
	// token.
	Pool     accounts.PoolState
	LSTs     []SyncedLST
	LPSupply uint64
}

// Fee is what the trade costs, in lamports. It is zero where a rebate passed
// because rounding made up for it.
func (t InfinityTrade) Fee() uint64 {
	return InfinityPrice{InValue: t.InValue, OutValue: t.OutValue}.Fee()
}

const (
	opSwap            = "swap"
	opAddLiquidity    = "add liquidity"
	opRemoveLiquidity = "remove liquidity"
)

// Swap quotes a trade of an exact amount of one token for another. Either may
// be the pool's LP token: then it adds or removes liquidity.
func (i InfinityState) Swap(inp, out solana.PublicKey, amount uint64) (InfinityTrade, error) {
	return i.trade(inp, out, amount, false)
}

// SwapExactOut quotes a trade for an exact amount of the second token, as the
// program's own exact-out instruction does it. That instruction rounds in ways
// of its own: its input may be a few base units off the smallest one for which
// [InfinityState.Swap] yields the amount. In version 1 liquidity has no such
// instruction: then it is exactly that smallest input.
func (i InfinityState) SwapExactOut(
	inp, out solana.PublicKey,
	amount uint64,
) (InfinityTrade, error) {
	return i.trade(inp, out, amount, true)
}

// trade prepares just the two tokens.
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
