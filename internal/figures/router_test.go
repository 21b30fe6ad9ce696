package figures_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
)

// TestRouterLookupTable checks that the table begins with the addresses in the
// protocol's description, followed by 212 accounts of LSTs.
func TestRouterLookupTable(t *testing.T) {
	account, err := figures.RouterLookupTable()
	require.NoError(t, err)
	table, err := accounts.DecodeLookupTable(account)
	require.NoError(t, err)
	derived := func(address solana.PublicKey, err error) solana.PublicKey {
		require.NoError(t, err)
		return address
	}

	router, reserve := accounts.RouterProgram, accounts.ReservePoolAddress
	require.Equal(t, []solana.PublicKey{
		accounts.ClockSysvar, accounts.RentSysvar, accounts.StakeHistorySysvar,
		accounts.EpochScheduleSysvar, solana.SysVarInstructionsPubkey,
		solana.SysVarRewardsPubkey, accounts.EpochRewardsSysvar, solana.SysVarSlotHashesPubkey,
		solana.SysVarSlotHistoryPubkey,
		accounts.SystemProgram, accounts.StakeProgram, accounts.TokenProgram,
		accounts.AssociatedTokenProgram, accounts.NativeMint,
		accounts.ReserveProgram, derived(accounts.ReserveSOL(accounts.ReserveProgram, reserve)),
		derived(accounts.ReserveFeeAddress(accounts.ReserveProgram, reserve)),
		derived(accounts.ReserveProtocolFeeAddress(accounts.ReserveProgram)),
		router, derived(accounts.RouterSOLBridgeOut(router)),
		derived(accounts.RouterPrefunder(router)), derived(accounts.RouterWSOLBridgeIn(router)),
		reserve,
	}, table.Addresses[:23])

	require.Len(t, table.Addresses, 235)
	infinity, err := accounts.NewController(accounts.InfinityProgram)
	require.NoError(t, err)
	require.Equal(t, infinity.PoolState, table.Addresses[133])
	require.Equal(t, infinity.LSTStateList, table.Addresses[180])
}
