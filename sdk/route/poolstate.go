package route

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// StakePool returns the stake pool of a token that the market was loaded with,
// as input of package quote. [ErrUnknownToken] is returned for a token without
// one.
func (m *Market) StakePool(mint solana.PublicKey) (quote.StakePoolState, error) {
	if m == nil {
		return quote.StakePoolState{}, errNoMarket
	}

	t, ok := m.ledger().Token(mint)
	if !ok || !m.ledger().Kind(t).IsStakePool() {
		return quote.StakePoolState{}, fmt.Errorf("%w: %s", ErrUnknownToken, mint)
	}

	pool, err := m.snapshot.StakePool(t)
	if err != nil {
		return quote.StakePoolState{}, fmt.Errorf("token %s: %w", m.ledger().LST(t).Symbol, err)
	}

	state := pool.Pool
	state.Clock = m.snapshot.Chain().Clock
	return state, nil
}

// Marinade returns Marinade as the pool of a token that the market was loaded
// with, as input of package quote. [ErrUnknownToken] is returned for another
// token.
func (m *Market) Marinade(mint solana.PublicKey) (quote.MarinadeState, error) {
	if m == nil {
		return quote.MarinadeState{}, errNoMarket
	}

	t, ok := m.ledger().Token(mint)
	if !ok || m.ledger().LST(t).Kind != lst.KindMarinade {
		return quote.MarinadeState{}, fmt.Errorf("%w: %s", ErrUnknownToken, mint)
	}

	pool, err := m.snapshot.Marinade(t)
	if err != nil {
		return quote.MarinadeState{}, fmt.Errorf("token %s: %w", m.ledger().LST(t).Symbol, err)
	}

	state := pool.Pool
	state.Clock = m.snapshot.Chain().Clock
	return state, nil
}
