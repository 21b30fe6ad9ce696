package figures_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// TestRandomMarket_IsWhole draws a market with pools of the registry, copies
// and large pools, and decodes every account of its tokens.
func TestRandomMarket_IsWhole(t *testing.T) {
	const seed, pools, validators = 7, 5, 40
	t.Logf("seed %d", seed)
	embedded, err := demo.Load()
	require.NoError(t, err)
	hSOL, err := lst.Default().Lookup("hSOL")
	require.NoError(t, err)
	draw := func() *figures.Market {
		m, err := figures.RandomMarket(rand.New(rand.NewPCG(seed, 0)), figures.MarketOptions{
			Chain:      embedded.Chain,
			Registry:   []lst.LST{hSOL},
			Pools:      pools,
			Validators: validators,
			Twins:      pools,
			Version:    accounts.PoolStateV2,
			Pricing:    accounts.FlatSlabProgram,
		})

		require.NoError(t, err)
		return m
	}

	m := draw()
	require.Equal(t, m, draw(), "the same seed, the same market")
	require.Len(t, m.Tokens, 3+1+pools)
	require.Equal(t, hSOL, m.Tokens[3])

	all, err := m.Accounts()
	require.NoError(t, err)
	set := accounts.NewSet(m.Chain.Clock.Slot)
	seen := make(map[solana.PublicKey]bool)
	for _, a := range all {
		require.False(t, seen[a.Address], "%s is there twice", a.Address)
		seen[a.Address] = true
		set.Put(a)
	}

	twins := 0
	for i, p := range m.StakePools {
		token := m.Tokens[3+i]
		pool, err := accounts.Load(set, token.Pool, accounts.DecodeStakePool)
		require.NoError(t, err)
		require.Equal(t, p.State, *pool)
		require.Equal(t, token.Mint, pool.PoolMint)
		list, err := accounts.Load(set, token.ValidatorList, accounts.DecodeValidatorList)
		require.NoError(t, err)
		require.Len(t, list.Validators, validators)
		for j, v := range p.Validators[:figures.WithStake] {
			if v.Active == nil {
				continue
			}

			active, _, err := p.StakeAddresses(list.Validators[j])
			require.NoError(t, err)
			stake, err := accounts.Load(set, active, accounts.DecodeStakeAccount)
			require.NoError(t, err)
			require.Equal(t, p.Reserve.Account.Withdrawer, stake.Withdrawer)
			require.Equal(t, v.Entry.VoteAccount, stake.Delegation.Voter)
		}

		if i > 0 && p.State.TotalLamports == m.StakePools[i-1].State.TotalLamports {
			twins++
			require.NotEqual(t, m.StakePools[i-1].Address, p.Address)
		}
	}

	t.Logf("%d twins", twins)
	require.Positive(t, twins)
	require.Equal(t, m.Infinity.Pool.TotalSOLValue, total(m.Infinity))
}

func total(f *figures.Infinity) (sum uint64) {
	for _, h := range f.Holdings {
		sum += h.Entry.SOLValue
	}
	return sum
}
