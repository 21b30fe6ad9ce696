package accounts_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestAddresses_AsDerived checks that a cache of any capacity returns the same
// addresses as the functions that it caches.
func TestAddresses_AsDerived(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	keys := make([]solana.PublicKey, 5)
	for i := range keys {
		keys[i] = solana.PublicKey{byte(rng.Uint32()), byte(i)}
	}

	for _, memo := range []*accounts.Addresses{
		nil,
		{},
		accounts.NewAddresses(0),
		accounts.NewAddresses(3),
		accounts.NewAddresses(4096),
	} {
		for range 200 {
			a := keys[rng.IntN(5)]
			b := keys[rng.IntN(5)]
			c := keys[rng.IntN(5)]
			for _, d := range []struct {
				got, want func() (solana.PublicKey, error)
			}{
				{
					func() (solana.PublicKey, error) { return memo.AssociatedToken(a, b, c) },
					func() (solana.PublicKey, error) {
						return accounts.AssociatedTokenAddress(a, b, c)
					},
				},
				{
					func() (solana.PublicKey, error) { return memo.FlatSlab(a) },
					func() (solana.PublicKey, error) { return accounts.FlatSlabAddress(a) },
				},
				{
					func() (solana.PublicKey, error) { return memo.FlatFeeAccount(a, b) },
					func() (solana.PublicKey, error) {
						return accounts.FlatFeeAccountAddress(a, b)
					},
				},
				{
					func() (solana.PublicKey, error) { return memo.FlatFeeState(a) },
					func() (solana.PublicKey, error) { return accounts.FlatFeeStateAddress(a) },
				},
				{
					func() (solana.PublicKey, error) {
						return memo.StakePoolDepositAuthority(a, b)
					},
					func() (solana.PublicKey, error) {
						return accounts.StakePoolDepositAuthority(a, b)
					},
				},
				{
					func() (solana.PublicKey, error) {
						return memo.MarinadeDuplicationFlag(a, b, c)
					},
					func() (solana.PublicKey, error) {
						return accounts.MarinadeDuplicationFlag(a, b, c)
					},
				},
			} {
				want, err := d.want()
				require.NoError(t, err)
				got, err := d.got()
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		}
	}
}

// TestAddresses_Bound checks that a cache does not exceed its capacity, keeps
// addresses that are requested again, and is safe for concurrent use.
func TestAddresses_Bound(t *testing.T) {
	memo := accounts.NewAddresses(8)
	owner := func(i int) solana.PublicKey { return solana.PublicKey{1, byte(i)} }
	ask := func(i int) {
		_, err := memo.AssociatedToken(owner(i), accounts.TokenProgram, accounts.NativeMint)
		require.NoError(t, err)
	}

	for i := range 50 {
		ask(i)
		ask(0)
		require.LessOrEqual(t, memo.Len(), 8)
		require.True(t, memo.Has(owner(0), accounts.TokenProgram, accounts.NativeMint), i)
	}

	require.False(t, memo.Has(owner(1), accounts.TokenProgram, accounts.NativeMint))

	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range 40 {
				got, err := memo.AssociatedToken(owner(i%12), accounts.TokenProgram,
					accounts.NativeMint)
				if want, _ := accounts.AssociatedTokenAddress(
					owner(i%12), accounts.TokenProgram, accounts.NativeMint); err != nil ||
					got != want {
					t.Error(fmt.Errorf("%v, not %v: %w", got, want, err))
				}
			}
		})
	}

	group.Wait()
}

func BenchmarkAddresses(b *testing.B) {
	memo := accounts.NewAddresses(4096)
	owner := solana.PublicKey{1}
	b.Run("memo", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = memo.AssociatedToken(owner, accounts.TokenProgram, accounts.NativeMint)
		}
	})

	b.Run("derived", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = accounts.AssociatedTokenAddress(owner, accounts.TokenProgram,
				accounts.NativeMint)
		}
	})
}
