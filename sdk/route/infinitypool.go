package route

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// InfinityPool has the holdings, the value and the fees of an Infinity pool,
// for display. Trades do not depend on it.
type InfinityPool struct {
	// Program is the address of the Infinity program, or of another deployment
	// of it.
	Program solana.PublicKey
	// State is the pool account with the yield released up to Slot.
	State accounts.PoolState
	// Slot is the slot of the overview.
	Slot uint64
	// LPSupply is the supply of the LP token, and LPPrice its price before
	// fees. They are not known, and LPSupply is zero, unless the market was
	// loaded with the LP token.
	LPSupply uint64
	LPPrice  quote.Price
	// Growth is the fraction by which the LP token gains from this slot to the
	// next. APY is that growth compounded over a year at SlotTime; it is nil if
	// the slot time is not known. Both follow from the yield that is still
	// withheld, which grows whenever a token's value is synchronized.
	Growth, APY *big.Rat
	// SlotTime is the average duration of a slot, and its source.
	SlotTime quote.SlotTime
	// Tokens are the tokens of the pool in the order of its list, without the
	// LP token.
	Tokens []InfinityToken

	trades quote.InfinityState
}

// InfinityToken is a token in an [InfinityPool].
type InfinityToken struct {
	// Token is the registry's entry. Only its mint is set, and repeated as the
	// symbol, if the token is not in the registry.
	Token lst.LST
	Index int
	// Listed is the pool's own record of the token, at Index in its list.
	Listed accounts.LSTState
	// Reserves is the pool's balance in base units, and SOLValue its current
	// value in lamports.
	Reserves, SOLValue uint64
	// Share is the fraction of the pool's value that the token makes up.
	Share *big.Rat
	// Price is the pool's price of one token. For the LST of a stake pool it is
	// the floor price, after the withdrawal fee.
	Price quote.Price
	// InputFeeNanos and OutputFeeNanos are the fees of the token as input and
	// as output, in billionths of the value. The fee of a pair is their sum.
	// Example: 400_000 and 800_000 are 12 bps.
	InputFeeNanos, OutputFeeNanos int64
	// Unavailable is the reason why the token cannot be traded, or nil.
	Unavailable error
}

// InfinityPool returns an overview of the pool of an Infinity deployment. Pass
// accounts.InfinityProgram for Infinity itself. Tokens that the market was not
// loaded with are unavailable, and have the value that the pool recorded last.
//
// [ErrUnknownToken] is returned if the market knows no pool of the program.
func (m *Market) InfinityPool(program solana.PublicKey) (*InfinityPool, error) {
	if m == nil {
		return nil, errNoMarket
	}

	pool, err := m.infinity(program)
	if err != nil {
		return nil, err
	}
	return m.overview(pool)
}

// infinity returns the pool of a deployment.
func (m *Market) infinity(program solana.PublicKey) (*state.Infinity, error) {
	n := slices.Index(m.ledger().Controllers(), program)
	if n < 0 {
		return nil, fmt.Errorf("%w: no pool of controller %s", ErrUnknownToken, program)
	}

	pool, err := m.snapshot.Infinity(n)
	if err != nil {
		return nil, fmt.Errorf("pool of controller %s: %w", program, err)
	}
	return pool, nil
}

// lpPrice returns the pool account with the yield released up to the slot of
// the market, and the price of the LP token.
func (m *Market) lpPrice(pool *state.Infinity) (accounts.PoolState, quote.Price, error) {
	released, err := quote.ReleaseYield(pool.Pool, m.snapshot.Chain().Clock.Slot)
	if err != nil {
		return accounts.PoolState{}, quote.Price{}, err
	}

	due, err := quote.LPDue(released)
	return released, quote.Price{Lamports: due, Tokens: pool.LPSupply}, err
}

// oneToken is one token in base units. All LSTs have nine decimals.
const oneToken = 1_000_000_000

func (m *Market) overview(pool *state.Infinity) (*InfinityPool, error) {
	chain := m.snapshot.Chain()
	p := &InfinityPool{
		Program:  pool.Program,
		Slot:     chain.Clock.Slot,
		LPSupply: pool.LPSupply,
		SlotTime: chain.SlotTime,
		trades:   pool.Quote(),
	}

	p.trades.Slot = p.Slot
	var err error
	if p.State, p.LPPrice, err = m.lpPrice(pool); err != nil {
		return nil, err
	}

	next, err := quote.ReleaseYield(p.State, p.Slot+1)
	if err != nil {
		return nil, err
	}

	dueNext, err := quote.LPDue(next)
	if err != nil {
		return nil, err
	}

	p.Growth = new(big.Rat)
	if due := p.LPPrice.Lamports; due > 0 {
		p.Growth.Sub(fraction(dueNext, due), big.NewRat(1, 1))
	}

	if chain.SlotTime.Measured() {
		epochs := quote.EpochsPerYear(chain.SlotTime, chain.Schedule)
		slots := new(big.Rat).SetInt(new(big.Int).SetUint64(chain.Schedule.SlotsPerEpoch))
		p.APY = quote.APY(p.Growth, slots.Mul(slots, epochs))
	}

	m.addTokens(p, pool)

	return p, nil
}

func (m *Market) addTokens(p *InfinityPool, pool *state.Infinity) {
	total := uint64(0)
	for i, entry := range pool.List().All() {
		t := InfinityToken{
			Index:    i,
			Listed:   entry,
			SOLValue: entry.SOLValue,
			Token:    lst.LST{Mint: entry.Mint, Symbol: entry.Mint.String()},
		}

		if known, ok := m.registered(pool, entry.Mint); ok {
			t.Token = known
		}

		known, ok := p.trades.LSTs[entry.Mint]
		switch {
		case !ok:
			t.Unavailable = ErrUnknownToken
		case known.Value == nil:
			t.Reserves, t.Unavailable = known.Reserves, known.Unavailable
		default:
			t.Reserves, t.Price.Tokens = known.Reserves, oneToken
			t.Unavailable = t.measure(known)
		}

		if pool.Pricing == nil {
			t.Unavailable = pool.PricingErr
		} else if t.Unavailable == nil {
			t.InputFeeNanos, t.OutputFeeNanos, t.Unavailable = pool.Pricing.SideFeeNanos(entry.Mint)
		}

		total += t.SOLValue
		p.Tokens = append(p.Tokens, t)
	}

	for i := range p.Tokens {
		p.Tokens[i].Share = new(big.Rat)
		if total > 0 {
			p.Tokens[i].Share = fraction(p.Tokens[i].SOLValue, total)
		}
	}
}

// registered returns the registry's entry of a token that the pool may hold.
func (m *Market) registered(pool *state.Infinity, mint solana.PublicKey) (lst.LST, bool) {
	t, ok := m.ledger().Token(mint)
	if !ok || !slices.Contains(pool.Tokens(), t) {
		return lst.LST{}, false
	}
	return m.ledger().LST(t), true
}

// measure sets the value of the reserves and the price of one token.
func (t *InfinityToken) measure(known quote.InfinityLST) error {
	held, err := known.Value.LSTToSOL(known.Reserves)
	if err != nil {
		return err
	}
	one, err := known.Value.LSTToSOL(oneToken)
	t.SOLValue, t.Price.Lamports = held.Min, one.Min
	return err
}

func fraction(a, b uint64) *big.Rat {
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
}

// Prices returns the pool at its slot as input of package quote: for plans of
// fees and rebalances, and for all that the methods of InfinityPool do not
// answer. Do not change its maps.
func (p *InfinityPool) Prices() quote.InfinityState {
	if p == nil {
		return quote.InfinityState{}
	}

	return p.trades
}

var errNoPool = fmt.Errorf("%w pool: get one from Market.InfinityPool", accounts.ErrNil)

// FeeNanos returns the fee for swapping in to out, in billionths of the value
// paid. Either may be the LP token. Example: 1_200_000 is 12 bps.
func (p *InfinityPool) FeeNanos(in, out solana.PublicKey) (int64, error) {
	if p == nil {
		return 0, errNoPool
	}

	if p.trades.Pricing == nil {
		return 0, p.trades.PricingErr
	}
	return p.trades.Pricing.FeeNanos(in, out)
}

// SwapExactIn computes the swap of amount base units of in for out at the
// pool's slot. It returns the errors of quote.InfinityState, for example
// quote.ErrDisabled.
func (p *InfinityPool) SwapExactIn(
	in, out solana.PublicKey,
	amount uint64,
) (quote.InfinityTrade, error) {
	if p == nil {
		return quote.InfinityTrade{}, errNoPool
	}

	return p.trades.Swap(in, out, amount)
}

// FairValue converts amount base units of in to base units of out at the pool's
// prices, without fees, rounded down.
func (p *InfinityPool) FairValue(in, out solana.PublicKey, amount uint64) (uint64, error) {
	if p == nil {
		return 0, errNoPool
	}

	from, to := p.trades.LSTs[in], p.trades.LSTs[out]
	if from.Value == nil || to.Value == nil {
		return 0, fmt.Errorf("%w: %s or %s", ErrUnknownToken, in, out)
	}

	value, err := from.Value.LSTToSOL(amount)
	if err != nil {
		return 0, err
	}

	r, err := to.Value.SOLToLST(value.Min)

	return r.Min, err
}

// ShareAfter returns the fraction of the pool's value that mint makes up after
// a trade of SwapExactIn. Tokens that the trade does not touch count with their
// recorded value.
func (p *InfinityPool) ShareAfter(trade quote.InfinityTrade, mint solana.PublicKey) *big.Rat {
	if p == nil || trade.Pool.TotalSOLValue == 0 {
		return new(big.Rat)
	}

	value := uint64(0)
	for _, token := range p.Tokens {
		if token.Token.Mint == mint {
			value = token.Listed.SOLValue
		}
	}

	for _, s := range trade.LSTs {
		if s.Mint == mint {
			value = s.SOLValue
		}
	}

	return fraction(value, trade.Pool.TotalSOLValue)
}
