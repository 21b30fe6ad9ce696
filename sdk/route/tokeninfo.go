package route

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TokenInfo has the price and the yield of an LST, for display. Trades do not
// depend on it.
type TokenInfo struct {
	Token lst.LST
	// Price is the value of the token, before fees.
	Price quote.Price
	// Floor is the pool's own price for one token when it is redeemed for
	// stake, after the withdrawal fee. It is zero if FloorErr is not nil, for
	// example because the pool is stale.
	Floor    quote.Price
	FloorErr error
	// LastUpdateEpoch is the epoch of the price. Stale reports whether it is
	// before the current epoch.
	LastUpdateEpoch uint64
	Stale           bool
	// Growth is the fraction by which the last epoch raised the price. APY is
	// that growth compounded over a year: 0.07 is 7 %. If YieldErr is not nil,
	// APY is nil, and so is Growth unless the error is [quote.ErrSlotTime].
	Growth, APY *big.Rat
	YieldErr    error
	// SlotTime is the slot time that APY was computed with, and its source.
	SlotTime quote.SlotTime
}

// String returns one line, for example "JitoSOL: 1.205735188 SOL, APY 7.62 %,
// as of epoch 793".
func (i TokenInfo) String() string {
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

// TokenInfo returns the price and the yield of a token that the market was
// loaded with. [ErrUnknownToken] is returned for another mint.
func (m *Market) TokenInfo(mint solana.PublicKey) (TokenInfo, error) {
	if m == nil {
		return TokenInfo{}, errNoMarket
	}

	p, err := m.StakePool(mint)
	if err != nil {
		return TokenInfo{}, err
	}

	t, _ := m.ledger().Token(mint)
	chain, token := m.snapshot.Chain(), m.ledger().LST(t)
	i := TokenInfo{
		Token:           token,
		Price:           p.Price(),
		LastUpdateEpoch: p.State.LastUpdateEpoch,
		Stale:           p.State.LastUpdateEpoch < p.Clock.Epoch,
		SlotTime:        chain.SlotTime,
	}

	i.Floor, i.FloorErr = p.FloorPrice(wholeToken(token))

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

// errNoStakePool is the reason why a token without a stake pool has no floor price,
// and no yield unless it is INF.
var errNoStakePool = errors.New("the token has no stake pool")

// TokenInfos returns the prices and the yields of all tokens that the market was
// loaded with, without those whose price it does not know. The order is that of
// [Market.Tokens].
//
// The price of INF is that of its pool, and its APY the yield that the pool
// releases now; it has no Growth. Other tokens without a stake pool, such as
// mSOL, have the price of Infinity and no yield.
func (m *Market) TokenInfos() []TokenInfo {
	pool, err := m.InfinityPool(accounts.InfinityProgram)
	if err != nil {
		pool = new(InfinityPool)
	}

	var all []TokenInfo
	for _, token := range m.Tokens() {
		info, err := m.TokenInfo(token.Mint)
		if !token.Kind.IsStakePool() {
			info, err = pool.tokenInfo(token), nil
			info.LastUpdateEpoch = m.Clock().Epoch
		}

		if err == nil && info.Price.Tokens != 0 {
			all = append(all, info)
		}
	}

	return all
}

// tokenInfo returns what the pool knows of a token without a stake pool. The
// price is zero if it does not know the token.
func (p *InfinityPool) tokenInfo(token lst.LST) TokenInfo {
	i := TokenInfo{
		Token:    token,
		FloorErr: errNoStakePool,
		YieldErr: errNoStakePool,
		SlotTime: p.SlotTime,
	}
	if token.Kind == lst.KindInfinity {
		i.Price = p.LPPrice
		i.APY = p.APY
		i.YieldErr = nil
		if p.APY == nil {
			i.YieldErr = quote.ErrSlotTime
		}

		return i
	}

	for _, listed := range p.Tokens {
		if listed.Token.Mint == token.Mint && token.Mint != accounts.NativeMint {
			i.Price = listed.Price
		}
	}

	return i
}

// wholeToken returns one token in base units. With more than 19 decimals, it
// returns 10^19, the largest power of ten that fits.
func wholeToken(token lst.LST) uint64 {
	const mostDecimals = 19

	amount := uint64(1)
	for range min(token.Decimals, mostDecimals) {
		amount *= 10
	}
	return amount
}
