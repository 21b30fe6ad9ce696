package route

import (
	"fmt"
	"math/big"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// InfinityEarnings has the yield of an Infinity pool and of its tokens, for
// display. Growth is a fraction per epoch, exactly: 0.0004 is 0.04 %.
type InfinityEarnings struct {
	// Pool is the overview of the pool.
	Pool *InfinityPool
	// Basket has the growth of each token, and of all together.
	Basket quote.InfinityBasket
	// Expected is the growth of the LP token that follows from that of the
	// basket: its growth less the protocol's part. Trading fees come in
	// addition. It is nil if no growth is known.
	Expected *big.Rat
	// Release is the yield that the pool releases in the next epoch of slots if
	// nothing is added to it. In version 1 it is zero.
	Release quote.InfinityRelease
	// EpochsPerYear is the number of epochs in a year at the slot time of the
	// market, or nil if that is not known.
	EpochsPerYear *big.Rat
}

// InfinityEarnings returns the yield of the pool of an Infinity deployment.
//
// The growth of an LST comes from the account of its stake pool, see
// [quote.StakePoolState.EpochGrowth]. The accounts of Marinade and Lido show
// their present price only: for such tokens, known may have a history of
// prices, for example of [Market.Price] in several epochs, whose average is
// used. known may be nil.
func (m *Market) InfinityEarnings(
	program solana.PublicKey, known map[solana.PublicKey]quote.PriceHistory,
) (*InfinityEarnings, error) {
	pool, err := m.InfinityPool(program)
	if err != nil {
		return nil, err
	}

	e := &InfinityEarnings{Pool: pool}
	parts := make([]quote.InfinityPart, len(pool.Tokens))
	for n, token := range pool.Tokens {
		parts[n] = quote.InfinityPart{Mint: token.Listed.Mint, Value: token.SOLValue}
		parts[n].Growth, parts[n].Unknown = m.growth(token, known)
	}

	if e.Basket, err = quote.NewInfinityBasket(parts...); err != nil {
		return nil, err
	}

	if e.Basket.Growth != nil {
		e.Expected = new(big.Rat).Mul(e.Basket.Growth, quote.HoldersPart(pool.State))
	}

	schedule := m.EpochSchedule()
	if e.Release, err = pool.trades.Release(schedule.SlotsPerEpoch); err != nil {
		return nil, err
	}

	if pool.SlotTime.Measured() {
		e.EpochsPerYear = quote.EpochsPerYear(pool.SlotTime, schedule)
	}
	return e, nil
}

// growth returns the growth of a token in an epoch, or the reason why it is not
// known.
func (m *Market) growth(
	token InfinityToken, known map[solana.PublicKey]quote.PriceHistory,
) (*big.Rat, error) {
	mint := token.Listed.Mint
	if mint == accounts.NativeMint {
		return new(big.Rat), nil
	}

	if history, ok := known[mint]; ok {
		growth, err := history.Growth()
		return growth.Average(), err
	}

	switch token.Token.Kind {
	case lst.KindMarinade, lst.KindLido:
		return nil, fmt.Errorf("%w: the account shows one price", quote.ErrNoYield)
	}

	pool, err := m.StakePool(mint)
	if err != nil {
		return nil, err
	}
	return pool.EpochGrowth()
}

// APY compounds a growth per epoch over a year. It is nil if the growth or the
// slot time is not known.
func (e *InfinityEarnings) APY(growth *big.Rat) *big.Rat {
	if e == nil {
		return nil
	}
	return quote.APY(growth, e.EpochsPerYear)
}

// Token returns the registry's entry of a token of the pool.
func (e *InfinityEarnings) Token(mint solana.PublicKey) lst.LST {
	if e != nil && e.Pool != nil {
		for _, token := range e.Pool.Tokens {
			if token.Listed.Mint == mint {
				return token.Token
			}
		}
	}
	return lst.LST{Mint: mint, Symbol: mint.String()}
}
