package figures_test

import (
	"encoding/json"
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
)

const epoch = 802

// drawChain draws a chain with one of the past, present and announced rents and
// minimum delegations.
func drawChain(t *rapid.T) figures.Chain {
	return figures.Chain{
		Clock: accounts.Clock{Epoch: epoch},
		Rent: accounts.NewRent(rapid.SampledFrom([]uint64{6960, 5080, 696}).Draw(t,
			"rent per byte")),
		MinimumDelegation: rapid.SampledFrom([]uint64{1, 1_000_000_000}).Draw(t,
			"minimum delegation"),
	}
}

func drawRand(t *rapid.T) *rand.Rand {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
}

// onChain returns a set of the accounts of some state. It checks that each
// address occurs once, and that each account has its rent-exempt minimum.
func onChain(t *rapid.T, f interface {
	Accounts(rent accounts.Rent) ([]accounts.Account, error)
}, rent accounts.Rent,
) *accounts.Set {
	all, err := f.Accounts(rent)
	require.NoError(t, err)
	set := accounts.NewSet(0)
	for _, a := range all {
		require.False(t, set.Has(a.Address), "%s twice", a.Address)
		least, err := rent.MinimumBalance(uint64(len(a.Data)))
		require.NoError(t, err)
		require.GreaterOrEqual(t, a.Lamports, least, "rent of %s", a.Address)
		set.Put(a)
	}

	return set
}

func load[T any](
	t *rapid.T,
	set *accounts.Set,
	address solana.PublicKey,
	decode func(accounts.Account) (*T, error),
) *T {
	v, err := accounts.Load(set, address, decode)
	require.NoError(t, err)
	return v
}

// requireText checks that a value is the same after it is written and read.
func requireText[T any](t *rapid.T, v *T) {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	again := new(T)
	require.NoError(t, json.Unmarshal(text, again))
	require.Equal(t, v, again)
}
