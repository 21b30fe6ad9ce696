package figures_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
)

// TestRandomReserve checks that a random Reserve decodes to the same values,
// stays the same as text, and buys a stake account.
func TestRandomReserve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chain := drawChain(t)
		r := figures.RandomReserve(drawRand(t))
		set := onChain(t, r, chain.Rent)
		sol, err := accounts.ReserveSOL(accounts.ReserveProgram, r.Address)
		require.NoError(t, err)
		fee, err := accounts.ReserveFeeAddress(accounts.ReserveProgram, r.Address)
		require.NoError(t, err)
		protocolFee, err := accounts.ReserveProtocolFeeAddress(accounts.ReserveProgram)
		require.NoError(t, err)
		require.Equal(t, &r.Pool, load(t, set, r.Address, accounts.DecodeReservePool))
		require.Equal(t, &r.Fee, load(t, set, fee, accounts.DecodeReserveFee))
		require.Equal(t, &r.ProtocolFee,
			load(t, set, protocolFee, accounts.DecodeReserveProtocolFee))
		require.Equal(t, r.LPSupply, load(t, set, r.Pool.LPMint, accounts.DecodeMint).Supply)
		vault, err := set.Get(sol)
		require.NoError(t, err)
		require.Equal(t, r.Lamports, vault.Lamports)
		require.True(t, set.Has(r.ProtocolFee.Destination))

		requireText(t, r)
		_, err = r.Quote(chain).Unstake(1_000_000, 0, false)
		require.NoError(t, err)
	})
}

func TestReserve_UnknownRent(t *testing.T) {
	r := figures.RandomReserve(rand.New(rand.NewPCG(1, 0)))
	_, err := r.Accounts(accounts.Rent{ThresholdBits: 5})
	require.ErrorIs(t, err, accounts.ErrUnknownRent)
}
