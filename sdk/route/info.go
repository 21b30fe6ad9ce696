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
	// Floor is what the pool itself pays for one token as stake, after its
	// withdrawal fee. If FloorErr is not nil, it tells why Floor is zero, for
	// example that the pool is stale.
	Floor    quote.Price
	FloorErr error
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

// String is one line, for example "JitoSOL: 1.205735188 SOL, APY 7.62 %, as of
// epoch 793".
func (i Info) String() string {
	text := fmt.Sprintf("%s: %s SOL", i.Token.Symbol, i.Price)
	if i.APY != nil {
		percent := new(big.Rat).Mul(i.APY, big.NewRat(100, 1))
		text += ", APY " + percent.FloatString(2) + " %"
	}
	text += fmt.Sprintf(", as of epoch %d", i.LastUpdateEpoch)
	if i.Stale {
		text += ", stale"
	}
	return text
}

// Info tells what the market knows about a token it was loaded for.
func (m *Market) Info(mint solana.PublicKey) (Info, error) {
	if m == nil {
		return Info{}, errNoMarket
	}

	t, ok := m.ledger().Token(mint)
	if !ok || !m.ledger().Kind(t).IsStakePool() {
		return Info{}, fmt.Errorf("%w: %s", ErrUnknownToken, mint)
	}
	pool, err := m.snapshot.StakePool(t)
	if err != nil {
		return Info{}, fmt.Errorf("token %s: %w", m.ledger().LST(t).Symbol, err)
	}

	p, chain := pool.Pool, m.snapshot.Chain()
	p.Clock = chain.Clock
	i := Info{
		Token:           pool.LST,
		Price:           p.Price(),
		LastUpdateEpoch: p.State.LastUpdateEpoch,
		Stale:           pool.Stale(),
		SlotTime:        chain.SlotTime,
	}
	i.Floor, i.FloorErr = p.FloorPrice(wholeToken(pool.LST))

	i.Growth, i.YieldErr = p.EpochGrowth()
	switch {
	case i.YieldErr != nil:
	case !chain.SlotTime.Measured():
		i.YieldErr = quote.ErrSlotTime
	default:
		i.APY = quote.APY(i.Growth, quote.EpochsPerYear(chain.SlotTime, chain.Schedule))
	}
	return i, nil
}

// wholeToken returns one token in base units. Base units of more than nineteen
// decimals do not fit: then it returns the largest power of ten that does.
func wholeToken(token lst.LST) uint64 {
	const mostDecimals = 19

	amount := uint64(1)
	for range min(token.Decimals, mostDecimals) {
		amount *= 10
	}
	return amount
}
