package quote

import (
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// PairFee is what a plan does to trades of one token for another.
type PairFee struct {
	Inp, Out solana.PublicKey
	// BeforeNanos and AfterNanos are the fees in billionths of the value paid:
	// 2_000_000 is 20 bps. BeforeErr or AfterErr is the reason if the pricing
	// program refuses the pair.
	BeforeNanos, AfterNanos int64
	BeforeErr, AfterErr     error
}

// Pairs returns the fees of all pairs of two different tokens, including the LP
// token, before and after the change. For n tokens and the LP token there are n
// * (n + 1) pairs, in the order of the pool's list, with the LP token last.
func (p InfinityFeePlan) Pairs() []PairFee {
	if p.after == nil {
		return nil
	}

	mints := make([]solana.PublicKey, 0, len(p.Tokens)+1)
	for _, token := range p.Tokens {
		mints = append(mints, token.Mint)
	}

	mints = append(mints, p.state.Pool.LPTokenMint)
	pairs := make([]PairFee, 0, len(mints)*len(p.Tokens))
	for _, inp := range mints {
		for _, out := range mints {
			if inp != out {
				pairs = append(pairs, p.Pair(inp, out))
			}
		}
	}
	return pairs
}

// Pair returns the fees of one pair before and after the change.
func (p InfinityFeePlan) Pair(inp, out solana.PublicKey) PairFee {
	pair := PairFee{Inp: inp, Out: out}
	if p.after == nil {
		pair.BeforeErr, pair.AfterErr = ErrNoFee, ErrNoFee
		return pair
	}

	pair.BeforeNanos, pair.BeforeErr = p.state.Pricing.FeeNanos(inp, out)
	pair.AfterNanos, pair.AfterErr = p.after.FeeNanos(inp, out)
	return pair
}

// After returns the pool with the planned fees, for quotes of trades after the
// change.
func (p InfinityFeePlan) After() InfinityState {
	state := p.state
	if p.after != nil {
		state.Pricing = p.after
	}
	return state
}

// pricing returns the pricing program with the planned fees, or nil if this
// package does not know it.
func (p *InfinityFeePlan) pricing() Pricing {
	switch pricing := p.state.Pricing.(type) {
	case FlatSlab:
		var slab accounts.FlatSlab
		if pricing.Slab != nil {
			slab = *pricing.Slab
			slab.Entries = slices.Clone(slab.Entries)
		}

		for _, token := range p.Tokens {
			if entry := slab.Find(token.Mint); entry != nil {
				entry.InpFeeNanos = int32(token.After.InputNanos)
				entry.OutFeeNanos = int32(token.After.OutputNanos)
			}
		}

		pricing.Slab = &slab
		return pricing

	case FlatFee:
		pricing.Fees = maps.Clone(pricing.Fees)
		for _, token := range p.Tokens {
			fee := pricing.Fees[token.Mint]
			fee.InputFeeBps = int16(token.After.InputNanos / nanosPerBps)
			fee.OutputFeeBps = int16(token.After.OutputNanos / nanosPerBps)
			pricing.Fees[token.Mint] = fee
		}
		return pricing
	}
	return nil
}

// RebalancingMove is a trade that brings the pool closer to its targets: a
// token of which the pool has too little comes in for one of which it has too
// much.
type RebalancingMove struct {
	Inp, Out solana.PublicKey
	// Value is the value that comes in, in lamports.
	Value uint64
	// FeeBefore and FeeAfter are what the pool keeps of Value, in lamports,
	// with the current and with the planned fees.
	FeeBefore, FeeAfter uint64
	// ReverseBefore and ReverseAfter are what the pool keeps of the same value
	// in the opposite direction, away from the targets.
	ReverseBefore, ReverseAfter uint64
}

// Saves returns the lamports by which the plan makes the trade cheaper, or a
// negative number. It is what a trader earns more by rebalancing the pool.
func (m RebalancingMove) Saves() int64 { return int64(m.FeeBefore) - int64(m.FeeAfter) }

// Moves returns the trades that bring every token to its target, as far as the
// pool takes the tokens that are missing, with what each of them pays. The fees
// of a trade do not depend on its size, so a part of a move pays its part. It
// returns the error of the pricing program if that refuses a pair.
func (p InfinityFeePlan) Moves() ([]RebalancingMove, error) {
	if p.after == nil {
		return nil, nil
	}

	var moves []RebalancingMove
	surplus := make([]uint64, len(p.Tokens))
	for n, token := range p.Tokens {
		surplus[n] = token.Value - min(token.Value, token.Target)
	}

	for _, inp := range p.Tokens {
		missing := inp.Target - min(inp.Value, inp.Target)
		if p.state.LSTs[inp.Mint].State.IsInputDisabled {
			continue
		}

		for n, out := range p.Tokens {
			value := min(missing, surplus[n])
			if value == 0 {
				continue
			}

			move, err := p.move(inp.Mint, out.Mint, value)
			if err != nil {
				return nil, named("plan fees", p.state.Address, err)
			}

			missing -= value
			surplus[n] -= value
			moves = append(moves, move)
		}
	}
	return moves, nil
}

// move returns what the trade of a value pays.
func (p *InfinityFeePlan) move(inp, out solana.PublicKey, value uint64) (RebalancingMove, error) {
	m := RebalancingMove{
		Inp:   inp,
		Out:   out,
		Value: value,
	}

	for _, fee := range []struct {
		pricing  Pricing
		from, to solana.PublicKey
		kept     *uint64
	}{
		{p.state.Pricing, inp, out, &m.FeeBefore},
		{p.after, inp, out, &m.FeeAfter},
		{p.state.Pricing, out, inp, &m.ReverseBefore},
		{p.after, out, inp, &m.ReverseAfter},
	} {
		paid, err := fee.pricing.ExactIn(fee.from, fee.to, value)
		if err != nil {
			return m, err
		}

		*fee.kept = value - min(value, paid)
	}
	return m, nil
}
