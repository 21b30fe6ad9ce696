package route

import (
	"fmt"
	"math/big"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// Info is what a market knows about a token, for people and dashboards. No trade depends on it.
type Info struct {
	Token lst.LST
	// Price is the value of the token in lamports, before fees.
	Price quote.Price
	// LastUpdateEpoch is the epoch the price is of; Stale says that it is behind the chain's.
	LastUpdateEpoch uint64
	Stale           bool
	// Growth is by what fraction the last epoch raised the price, and APY what
	// that compounds to in a year: 0.07 is 7 %. If YieldErr is not nil, it tells
	// why APY is nil, and Growth as well unless it is [quote.ErrSlotTime].
	Growth, APY *big.Rat
	YieldErr    error
	// SlotTime is what APY takes the length of an epoch from, with its source.
	SlotTime quote.SlotTime
}

// informer is a venue that knows about a token.
type informer interface {
	// info is nil for a token the venue knows nothing about.
	info(mint solana.PublicKey, c *chain) (*Info, error)
}

// Info tells what the market knows about a token it was loaded for.
func (m *Market) Info(mint solana.PublicKey) (Info, error) {
	if m == nil {
		return Info{}, errNoMarket
	}

	for _, v := range m.venues {
		from, ok := v.state.(informer)
		if !ok {
			from, ok = v.venue.(informer)
		}
		if !ok {
			continue
		}
		switch info, err := from.info(mint, &m.chain); {
		case err != nil:
			return Info{}, err
		case info == nil:
			continue
		case v.err != nil:
			return Info{}, fmt.Errorf("token %s: %w", info.Token.Symbol, v.err)
		default:
			return *info, nil
		}
	}
	return Info{}, fmt.Errorf("%w: %s", ErrUnknownToken, mint)
}

// info of a venue that was not loaded only names its token.
func (v stakePool) info(mint solana.PublicKey, _ *chain) (*Info, error) {
	if mint != v.lst.Mint {
		return nil, nil
	}
	return &Info{Token: v.lst}, nil
}

func (l *loadedStakePool) info(mint solana.PublicKey, c *chain) (*Info, error) {
	p := l.pool
	if mint != p.State.PoolMint {
		return nil, nil
	}
	i := &Info{
		Token:           l.lst,
		Price:           p.Price(),
		LastUpdateEpoch: p.State.LastUpdateEpoch,
		Stale:           p.State.LastUpdateEpoch < c.clock.Epoch,
		SlotTime:        c.slotTime,
	}

	i.Growth, i.YieldErr = p.EpochGrowth()
	switch {
	case i.YieldErr != nil:
	case !c.slotTime.Measured():
		i.YieldErr = quote.ErrSlotTime
	default:
		i.APY = quote.APY(i.Growth, quote.EpochsPerYear(c.slotTime, c.schedule))
	}
	return i, nil
}
