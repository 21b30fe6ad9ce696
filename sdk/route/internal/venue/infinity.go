package venue

import (
	"errors"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// controllerTradeUnits is what a trade was measured to need, with room: two calculators, a pricing program and two transfers.
const controllerTradeUnits = 220_000

// infinity trades any tokens of a controller's pool for one another, the LP token included.
type infinity struct {
	// number is that of the controller in the ledger, and program its program.
	number  int
	program solana.PublicKey
}

// infinityName is the name of the venue that is Infinity itself, and infinityFee
// that of its fee.
const (
	infinityName = string(terms.VenueInfinity)
	infinityFee  = infinityName + " fee"
)

func (v infinity) Name() string {
	if v.program == accounts.InfinityProgram {
		return infinityName
	}
	return "controller " + v.program.String()
}

func (v infinity) Pairs(l *state.Ledger) (from, to []state.Token) {
	tokens, lp := l.ControllerTokens(v.number)
	if lp != state.NoToken {
		tokens = append(slices.Clone(tokens), lp)
	}
	return tokens, tokens
}

// revalue finds the token that has changed, and what it is worth now; ok is false if that is nothing to the pool.
func revalue(s *state.Snapshot, pool *state.Infinity, e *offer.Effect) (index int, entry quote.InfinityEntry, ok bool) {
	known := pool.Token(e.Token)
	if known == nil || known.Token.Unavailable != nil && !errors.Is(known.Token.Unavailable, quote.ErrStale) {
		return 0, entry, false
	}
	index, ok = pool.Index(e.Token)
	left, err := s.StakePool(e.Token)
	if !ok || err != nil {
		return 0, entry, false
	}

	value, err := stakePoolValue(left, e)
	if err != nil {
		return index, pool.Prices.Unvalued(index, err), true
	}
	return index, pool.Prices.Revalued(index, value), true
}

// stakePoolValue is what the LST of a pool is worth after a deposit.
func stakePoolValue(pool *state.StakePool, e *offer.Effect) (quote.StakePoolValue, error) {
	after := &pool.Pool.State
	if e.Cranked {
		after = &pool.Crank.State
	}
	if after.LastUpdateEpoch != pool.Pool.Clock.Epoch {
		return quote.NewStakePoolValue(after, pool.Pool.Clock)
	}
	return quote.StakePoolValue{
		TotalLamports:   e.Lamports,
		PoolTokenSupply: e.Supply,
		WithdrawalFee:   after.StakeWithdrawalFee,
	}, nil
}

// pricesAt are the prices of a pool at a slot.
func pricesAt(s *state.Snapshot, pool *state.Infinity, slot uint64) *quote.InfinityPrices {
	switch {
	case slot == s.Chain().Clock.Slot:
		return pool.Prices
	case pool.Ahead != nil && slot == pool.AheadSlot:
		return pool.Ahead
	}
	prices := pool.Prices.AtSlot(slot)
	return &prices
}

// trade prices a trade at a slot.
func (v infinity) trade(
	s *state.Snapshot, pool *state.Infinity, a *offer.Ask, amount, slot uint64, after *offer.Effect, r *quote.Refusal,
) (t quote.InfinityPrice, follows, ok bool) {
	prices := pricesAt(s, pool, slot)
	from, _ := pool.Index(a.FromToken)
	to, _ := pool.Index(a.ToToken)
	if after.Known() {
		if index, entry, changed := revalue(s, pool, after); changed {
			t, ok = tradeAfter(prices, from, to, amount, a.Side, index, &entry, r)
			return t, true, ok
		}
	}
	if a.Side == terms.ExactIn {
		t, ok = prices.Swap(from, to, amount, r)
	} else {
		t, ok = prices.SwapExactOut(from, to, amount, r)
	}
	return t, false, ok
}

// tradeAfter prices a trade once a token has changed.
func tradeAfter(
	prices *quote.InfinityPrices, from, to int, amount uint64, side terms.Side, changed int, entry *quote.InfinityEntry, r *quote.Refusal,
) (quote.InfinityPrice, bool) {
	if side == terms.ExactIn {
		return prices.SwapAfter(from, to, amount, changed, entry, r)
	}
	return prices.SwapExactOutAfter(from, to, amount, changed, entry, r)
}

// bySlot reports whether a pair is priced anew with every slot: that is the LP
// token of version 2.
func bySlot(pool *state.Infinity, a *offer.Ask) bool {
	lp := &pool.Pool.LPTokenMint
	return pool.Pool.Version == accounts.PoolStateV2 && (a.From == *lp || a.To == *lp)
}

// beyondSlots is the refusal of a look-ahead beyond the last slot.
var beyondSlots = quote.NewReason(terms.ErrLookAhead, "%[1]v: %[2]d slots")

func (v infinity) Offer(s *state.Snapshot, a *offer.Ask, amount uint64, after *offer.Effect, o *offer.Offer) bool {
	pool, err := s.Infinity(v.number)
	if err != nil {
		return o.Refusal.BecauseErr(nil, err)
	}
	slot := s.Chain().Clock.Slot
	if bySlot(pool, a) {
		// The LP token gains value every slot: who receives it is worst off at the end, who gives it at the beginning.
		if slot > math.MaxUint64-a.LookAhead {
			return o.Refusal.Because(beyondSlots, a.LookAhead)
		}
		if o.Until = slot + a.LookAhead; a.To == pool.Pool.LPTokenMint {
			slot = o.Until
		}
		o.At = slot
	}

	t, follows, ok := v.trade(s, pool, a, amount, slot, after, &o.Refusal)
	if !ok {
		return false
	}
	o.Gives(t.In, t.Out)
	o.Fee = t.Fee()
	o.Price = quote.Price{Lamports: t.OutValue, Tokens: t.Out}
	o.Exact, o.Pays, o.Follows = true, true, follows
	if !o.Limit(a, t.Out, &o.Refusal) {
		return false
	}
	if a.Side == terms.ExactOut && hasExactOut(pool, a) {
		if o.MaxIn, err = a.Maximum(t.In); err != nil {
			return o.Refusal.BecauseErr(nil, err)
		}
	}
	return !wraps(a) || v.advance(s, a, o)
}

// wraps reports whether SOL is wrapped or unwrapped for a trade.
func wraps(a *offer.Ask) bool {
	return (a.FromToken == state.SOL || a.ToToken == state.SOL) && !a.Wrapped
}

// advance sets the rent of the account of wrapped SOL.
func (v infinity) advance(s *state.Snapshot, a *offer.Ask, o *offer.Offer) bool {
	rent, err := s.Chain().TokenRent()
	if err != nil {
		return o.Refusal.BecauseErr(nil, err)
	}
	if a.ToToken != state.SOL {
		return o.Wraps(rent)
	}
	o.Advance = a.OutletRent(rent)
	return o.Separable(a, rent, &o.Refusal)
}

// hasExactOut says whether the program has an instruction for an exact amount out of this pair.
func hasExactOut(pool *state.Infinity, a *offer.Ask) bool {
	lp := &pool.Pool.LPTokenMint
	return pool.Pool.Version == accounts.PoolStateV2 || a.From != *lp && a.To != *lp
}

// Line bounds a trade, for a token of a stake pool even after a deposit into
// that.
func (v infinity) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	pool, err := s.Infinity(v.number)
	if err != nil {
		*line = nothing
		return
	}

	var price quote.Price
	var of *quote.Price
	if s.Ledger().Kind(a.FromToken).IsStakePool() {
		from, err := s.StakePool(a.FromToken)
		if err != nil || from.Stale() {
			*line = fixed.Line{}
			return
		}
		price.Lamports = from.Pool.State.TotalLamports
		price.Tokens = from.Pool.State.PoolTokenSupply
		of = &price
	}
	from, _ := pool.Index(a.FromToken)
	to, _ := pool.Index(a.ToToken)
	*line = pool.Prices.Line(from, to, of)
}
