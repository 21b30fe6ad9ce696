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

// Pool is a controller's pool at a glance: what it holds, what that is worth, and what it charges. It is for people and dashboards;
// no trade depends on it.
type Pool struct {
	// Program is the controller.
	Program solana.PublicKey
	State   accounts.PoolState
	// Slot is the slot that yield is released to here.
	Slot uint64
	// LPSupply is the supply of the LP token and LPPrice what it is worth, before fees. They are only known to a market that was
	// loaded for the LP token.
	LPSupply uint64
	LPPrice  quote.Price
	// Growth is by what fraction the LP token gains from this slot to the next,
	// and APY what that compounds to in a year at SlotTime. They follow from the
	// yield that is withheld now, which grows at every synchronization. APY is
	// nil while the slot time is not known.
	Growth, APY *big.Rat
	// SlotTime is how long a slot takes, with its source.
	SlotTime quote.SlotTime
	// Tokens are the tokens of the pool in the order of its list, without the LP token.
	Tokens []PoolToken

	trades quote.Infinity
}

// PoolToken is one token of a pool.
type PoolToken struct {
	// Token is what the registry knows about it; only the mint if that is nothing.
	Token lst.LST
	Index int
	// Listed is the pool's entry.
	Listed accounts.LSTState
	// Reserves is what the pool holds, in base units, and SolValue what that is worth now, in lamports.
	Reserves, SolValue uint64
	// Share is its part of the value of the whole pool.
	Share *big.Rat
	// Price is what the pool takes one token to be worth: for an LST of a stake pool its floor price, after the withdrawal fee.
	Price quote.Price
	// InpFeeNanos and OutFeeNanos are its fees as input and output, in billionths. Those of a pair add up.
	InpFeeNanos, OutFeeNanos int64
	// Unavailable says why it cannot be traded, nil if it can.
	Unavailable error
}

// Pool gives an overview of the controller's pool under a program id, by default that of Infinity. Tokens that the market was not
// loaded for are listed as unavailable, with their recorded value.
func (m *Market) Pool(program solana.PublicKey) (*Pool, error) {
	if m == nil {
		return nil, errNoMarket
	}

	for n, controller := range m.ledger().Controllers() {
		if controller != program {
			continue
		}
		pool, err := m.snapshot.Infinity(n)
		if err != nil {
			return nil, fmt.Errorf("pool of controller %s: %w", program, err)
		}
		return m.overview(pool)
	}
	return nil, fmt.Errorf("%w: no pool of controller %s", ErrUnknownToken, program)
}

// oneToken is one token with nine decimals, as all LSTs have.
const oneToken = 1_000_000_000

func (m *Market) overview(pool *state.Infinity) (*Pool, error) {
	chain := m.snapshot.Chain()
	p := &Pool{
		Program:  pool.Program,
		Slot:     chain.Clock.Slot,
		LPSupply: pool.LPSupply,
		SlotTime: chain.SlotTime,
		trades:   pool.Quote(),
	}
	p.trades.Slot = p.Slot
	var err error
	if p.State, err = quote.ReleaseYield(pool.Pool, p.Slot); err != nil {
		return nil, err
	}
	due, err := quote.LPDue(p.State)
	if err != nil {
		return nil, err
	}
	p.LPPrice = quote.Price{Lamports: due, Tokens: p.LPSupply}
	next, err := quote.ReleaseYield(p.State, p.Slot+1)
	if err != nil {
		return nil, err
	}
	dueNext, err := quote.LPDue(next)
	if err != nil {
		return nil, err
	}
	p.Growth = new(big.Rat)
	if due > 0 {
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

func (m *Market) addTokens(p *Pool, pool *state.Infinity) {
	total := uint64(0)
	for i, entry := range pool.List().All() {
		t := PoolToken{Index: i, Listed: entry, SolValue: entry.SolValue, Token: lst.LST{Mint: entry.Mint, Symbol: entry.Mint.String()}}
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
			t.InpFeeNanos, t.OutFeeNanos, t.Unavailable = pool.Pricing.SideFeeNanos(entry.Mint)
		}
		total += t.SolValue
		p.Tokens = append(p.Tokens, t)
	}
	for i := range p.Tokens {
		p.Tokens[i].Share = new(big.Rat)
		if total > 0 {
			p.Tokens[i].Share = fraction(p.Tokens[i].SolValue, total)
		}
	}
}

// registered is what is known of a token that the pool may hold.
func (m *Market) registered(pool *state.Infinity, mint solana.PublicKey) (lst.LST, bool) {
	t, ok := m.ledger().Token(mint)
	if !ok || !slices.Contains(pool.Tokens(), t) {
		return lst.LST{}, false
	}
	return m.ledger().LST(t), true
}

// measure values the holdings and a single token.
func (t *PoolToken) measure(known quote.InfinityLST) error {
	held, err := known.Value.LSTToSOL(known.Reserves)
	if err != nil {
		return err
	}
	one, err := known.Value.LSTToSOL(oneToken)
	t.SolValue, t.Price.Lamports = held.Min, one.Min
	return err
}

func fraction(a, b uint64) *big.Rat {
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
}

// errNoPool is the error of a nil pool.
var errNoPool = fmt.Errorf("%w pool: take it from Market.Pool", accounts.ErrNil)

// FeeNanos is what the pool charges for a pair, in billionths of the value that is paid. Either may be the LP token.
func (p *Pool) FeeNanos(inp, out solana.PublicKey) (int64, error) {
	if p == nil {
		return 0, errNoPool
	}

	if p.trades.Pricing == nil {
		return 0, p.trades.PricingErr
	}
	return p.trades.Pricing.FeeNanos(inp, out)
}

// Trade is what the pool does with an amount of one token for another at the pool's slot.
func (p *Pool) Trade(inp, out solana.PublicKey, amount uint64) (quote.InfinityTrade, error) {
	if p == nil {
		return quote.InfinityTrade{}, errNoPool
	}

	return p.trades.Swap(inp, out, amount)
}

// Fair is what an amount of one LST is worth in another by the values the pool goes by, without its fees, rounded down.
func (p *Pool) Fair(inp, out solana.PublicKey, amount uint64) (uint64, error) {
	if p == nil {
		return 0, errNoPool
	}

	from, to := p.trades.LSTs[inp], p.trades.LSTs[out]
	if from.Value == nil || to.Value == nil {
		return 0, fmt.Errorf("%w: %s or %s", ErrUnknownToken, inp, out)
	}
	value, err := from.Value.LSTToSOL(amount)
	if err != nil {
		return 0, err
	}
	r, err := to.Value.SOLToLST(value.Min)
	return r.Min, err
}

// ShareAfter is the part of the pool's value that a token has after a trade, as far as the pool's list knows.
func (p *Pool) ShareAfter(trade quote.InfinityTrade, mint solana.PublicKey) *big.Rat {
	if p == nil || trade.Pool.TotalSolValue == 0 {
		return new(big.Rat)
	}
	value := uint64(0)
	for _, token := range p.Tokens {
		if token.Token.Mint == mint {
			value = token.Listed.SolValue
		}
	}
	for _, s := range trade.LSTs {
		if s.Mint == mint {
			value = s.SolValue
		}
	}
	return fraction(value, trade.Pool.TotalSolValue)
}
