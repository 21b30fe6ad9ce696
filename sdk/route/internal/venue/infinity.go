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

// controllerTradeUnits are the compute units of a trade as measured, plus a
// margin: two calculators, a pricing program and two transfers.
const controllerTradeUnits = 220_000

// infinity trades the tokens of an Infinity pool for one another, including its
// LP token.
type infinity struct {
	// number is the index of the pool's program in the ledger, and program its
	// address.
	number  int
	program solana.PublicKey
}

// infinityName is the name of the venue of Infinity itself, and infinityFee the
// name of its fee.
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

// revalue returns the index and the new value of the token of a changed stake
// pool. ok is false if the change does not affect the Infinity pool.
func revalue(
	s *state.Snapshot,
	pool *state.Infinity,
	e *offer.Effect,
) (index int, entry quote.InfinityEntry, ok bool) {
	known := pool.Token(e.Token)
	if known == nil ||
		known.Token.Unavailable != nil && !errors.Is(known.Token.Unavailable, quote.ErrStalePool) {
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

// stakePoolValue returns the value of the LST of a stake pool after a deposit.
func stakePoolValue(pool *state.StakePool, e *offer.Effect) (quote.StakePoolValue, error) {
	after := &pool.Pool.State
	if e.Updated {
		after = &pool.Update.After.Pool.State
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

// pricesAt returns the prices of a pool at a slot.
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
	s *state.Snapshot,
	pool *state.Infinity,
	a *offer.Ask,
	amount, slot uint64,
	after *offer.Effect,
	r *quote.Refusal,
) (t quote.InfinityPrice, follows, ok bool) {
	prices := pricesAt(s, pool, slot)
	from, _ := pool.Index(a.FromToken)
	to, _ := pool.Index(a.ToToken)
	fromEntry, toEntry := updatedEntry(s, pool, a, a.FromToken), updatedEntry(s, pool, a, a.ToToken)
	if after.Known() {
		if index, entry, changed := revalue(s, pool, after); changed {
			follows = true
			if index == from {
				fromEntry = &entry
			}

			if index == to {
				toEntry = &entry
			}
		}
	}

	if a.SwapMode == terms.ExactIn {
		t, ok = prices.SwapAfter(from, to, amount, fromEntry, toEntry, r)
	} else {
		t, ok = prices.SwapExactOutAfter(from, to, amount, fromEntry, toEntry, r)
	}

	return t, follows, ok
}

// bySlot reports whether the price of a pair changes with every slot, as it
// does for the LP token of version 2.
func bySlot(pool *state.Infinity, a *offer.Ask) bool {
	lp := &pool.Pool.LPTokenMint
	return pool.Pool.Version == accounts.PoolStateV2 && (a.From == *lp || a.To == *lp)
}

// beyondSlots is the refusal of a slot tolerance beyond the last slot.
var beyondSlots = quote.NewReason(terms.ErrInvalidSlotTolerance, "%[1]v: %[2]d slots")

func (v infinity) Offer(
	s *state.Snapshot,
	a *offer.Ask,
	amount uint64,
	after *offer.Effect,
	o *offer.Offer,
) bool {
	pool, err := s.Infinity(v.number)
	if err != nil {
		return o.Refusal.BecauseErr(nil, err)
	}

	slot := s.Chain().Clock.Slot
	if bySlot(pool, a) {
		// The LP token gains value with every slot. A buyer gets the worst
		// price at the last slot, a seller at the first.
		if slot > math.MaxUint64-a.SlotTolerance {
			return o.Refusal.Because(beyondSlots, a.SlotTolerance)
		}

		if o.ValidUntilSlot = slot + a.SlotTolerance; a.To == pool.Pool.LPTokenMint {
			slot = o.ValidUntilSlot
		}

		o.ExactAtSlot = slot
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

	if a.SwapMode == terms.ExactOut && hasExactOut(pool, a) {
		if o.MaxIn, err = a.Maximum(t.In); err != nil {
			return o.Refusal.BecauseErr(nil, err)
		}
	}

	return !wraps(a) || v.advance(s, a, o)
}

// wraps reports whether the trade wraps or unwraps SOL.
func wraps(a *offer.Ask) bool {
	return (a.FromToken == state.SOL || a.ToToken == state.SOL) && !a.UseWSOL
}

// advance sets the rent of the temporary wSOL account.
func (v infinity) advance(s *state.Snapshot, a *offer.Ask, o *offer.Offer) bool {
	rent, err := s.Chain().TokenRent()
	if err != nil {
		return o.Refusal.BecauseErr(nil, err)
	}
	if a.ToToken != state.SOL {
		return o.Wraps(rent)
	}
	o.UpfrontRent = a.DestinationRent(rent)
	return o.CoversRent(a, rent, &o.Refusal)
}

// hasExactOut reports whether the program has an exact-out instruction for the
// pair.
func hasExactOut(pool *state.Infinity, a *offer.Ask) bool {
	lp := &pool.Pool.LPTokenMint
	return pool.Pool.Version == accounts.PoolStateV2 || a.From != *lp && a.To != *lp
}

// Line bounds a trade. For the token of a stake pool the bound also holds after
// a deposit into that pool.
func (v infinity) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	pool, err := s.Infinity(v.number)
	if err != nil {
		*line = nothing
		return
	}

	var price quote.Price
	var of *quote.Price
	if updateOf(s, a, a.FromToken).needed() || updateOf(s, a, a.ToToken).needed() {
		*line = fixed.Line{}
		return
	}

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
