package route

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Price returns the fair price of a token, before fees: the lamports in its
// pool for each base unit. For INF it is the value of the pool at the slot of
// the market. Lamports of SOL and of stake accounts have a price of 1.
//
// [ErrUnknownToken] is returned for a token that the market was not loaded
// with.
func (m *Market) Price(mint solana.PublicKey) (quote.Price, error) {
	if m == nil {
		return quote.Price{}, errNoMarket
	}

	if mint == accounts.NativeMint || mint == NativeStake {
		return quote.Price{Lamports: 1, Tokens: 1}, nil
	}

	ledger := m.ledger()
	t, ok := ledger.Token(mint)
	switch {
	case !ok:
		return quote.Price{}, fmt.Errorf("%w: %s", ErrUnknownToken, mint)
	case m.isStake(t):
		return quote.Price{Lamports: 1, Tokens: 1}, nil
	}

	token := ledger.LST(t)
	price, err := m.poolPrice(token)
	if err != nil {
		return quote.Price{}, fmt.Errorf("token %s: %w", token.Symbol, err)
	}

	return price, nil
}

// poolPrice returns the price of an LST by its kind.
func (m *Market) poolPrice(token lst.LST) (quote.Price, error) {
	t, _ := m.ledger().Token(token.Mint)
	switch token.Kind {
	case lst.KindMarinade:
		pool, err := m.snapshot.Marinade(t)
		if err != nil {
			return quote.Price{}, err
		}

		return pool.Pool.Price()

	case lst.KindLido:
		pool, err := m.snapshot.Lido(t)
		if err != nil {
			return quote.Price{}, err
		}

		return pool.Pool.Price(), nil

	case lst.KindInfinity:
		pool, err := m.infinity(token.Program)
		if err != nil {
			return quote.Price{}, err
		}

		_, price, err := m.lpPrice(pool)

		return price, err

	default:
		pool, err := m.snapshot.StakePool(t)
		if err != nil {
			return quote.Price{}, err
		}

		return pool.Pool.Price(), nil
	}
}
