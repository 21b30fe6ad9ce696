package state

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// controllerStateMaker decodes the state of an Infinity pool, an
// [accounts.PoolState].
type controllerStateMaker struct{ *controller }

func (m controllerStateMaker) prepare(r *reader) (any, error) {
	if m.err != nil {
		return nil, m.err
	}
	return load(r, m.pool, func(a accounts.Account) (*accounts.PoolState, error) {
		return accounts.DecodePoolStateOf(a, m.program)
	})
}

// poolFacts are the values of an Infinity pool that trades do not change.
type poolFacts struct {
	// pricing is the pricing program, lpMint the LP token, and version the
	// version of the account layout.
	pricing, lpMint solana.PublicKey
	version         uint8
}

// poolFactsMaker prepares [poolFacts].
type poolFactsMaker struct{ *controller }

func (m poolFactsMaker) prepare(r *reader) (any, error) {
	pool, err := read[*accounts.PoolState](r, m.statePart)
	if err != nil {
		return nil, err
	}

	facts := &poolFacts{
		pricing: pool.PricingProgram,
		lpMint:  pool.LPTokenMint,
		version: pool.Version,
	}

	if before, ok := r.before().(*poolFacts); ok && *before == *facts {
		return before, nil
	}

	return facts, nil
}
