package route

import (
	"fmt"
	"math/big"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Info is what a market knows about a token, for people and dashboards. No trade depends on it.
type Info struct {
	Token lst.LST
	// Price is the value of the token in lamports, before fees.
	Price quote.Price
	// LastUpdateEpoch is the epoch the price is of; Stale says that it is behind the chain's.
	LastUpdateEpoch uint64
	Stale           bool
	// Growth is by what fraction the last epoch raised the price, and APY what that compounds to in a year: 0.07 is 7 %. Both are
	// nil if YieldErr says why they are not known.
	Growth, APY *big.Rat
	YieldErr    error
}

// informer is a venue that knows about its token.
type informer interface {
	info(*chain) Info
}

// Info tells what the market knows about a token it was loaded for.
func (m *Market) Info(mint solana.PublicKey) (Info, error) {
	for _, v := range m.venues {
		if i, ok := v.state.(informer); ok {
			if info := i.info(&m.chain); info.Token.Mint == mint {
				return info, nil
			}
		}
	}
	for _, v := range m.venues {
		if v.err != nil && v.token().Mint == mint {
			return Info{}, fmt.Errorf("token %s: %w", v.token().Symbol, v.err)
		}
	}
	return Info{}, fmt.Errorf("%w: %s", ErrUnknownToken, mint)
}

func (l *loadedDeposit) info(c *chain) Info {
	p := l.pool
	i := Info{Token: l.venue.lst, Price: p.Price(), LastUpdateEpoch: p.State.LastUpdateEpoch, Stale: p.State.LastUpdateEpoch < c.clock.Epoch}
	if i.Growth, i.YieldErr = p.EpochGrowth(); i.YieldErr == nil {
		i.APY = quote.APY(i.Growth, quote.EpochsPerYear(c.clock, c.schedule))
	}
	return i
}
