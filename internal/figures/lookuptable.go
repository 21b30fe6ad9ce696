package figures

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// RouterLookupTable is the Router's lookup table with the first 23 of its addresses, which are those of sysvars, programs, the Reserve and
// the Router itself. What follows on mainnet are accounts of LSTs.
func RouterLookupTable() (accounts.Account, error) {
	program := accounts.RouterProgram
	bridgeOut, err := accounts.RouterSOLBridgeOut(program)
	if err != nil {
		return accounts.Account{}, err
	}
	bridgeIn, err := accounts.RouterWSOLBridgeIn(program)
	if err != nil {
		return accounts.Account{}, err
	}
	prefunder, err := accounts.RouterPrefunder(program)
	if err != nil {
		return accounts.Account{}, err
	}
	reserve := accounts.ReservePoolAddress
	sol, err := accounts.ReserveSOL(accounts.ReserveProgram, reserve)
	if err != nil {
		return accounts.Account{}, err
	}
	fee, err := accounts.ReserveFeeAddress(accounts.ReserveProgram, reserve)
	if err != nil {
		return accounts.Account{}, err
	}
	protocolFee, err := accounts.ReserveProtocolFeeAddress(accounts.ReserveProgram)
	if err != nil {
		return accounts.Account{}, err
	}
	table := accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch, Addresses: []solana.PublicKey{
		accounts.ClockSysvar, accounts.RentSysvar, accounts.StakeHistorySysvar, accounts.EpochScheduleSysvar, solana.SysVarInstructionsPubkey,
		solana.SysVarRewardsPubkey, accounts.EpochRewardsSysvar, solana.SysVarSlotHashesPubkey, solana.SysVarSlotHistoryPubkey,
		accounts.SystemProgram, accounts.StakeProgram, accounts.TokenProgram, accounts.AssociatedTokenProgram, accounts.NativeMint,
		accounts.ReserveProgram, sol, fee, protocolFee, program, bridgeOut, prefunder, bridgeIn, reserve,
	}}
	return accounts.Account{
		Address: accounts.RouterLookupTableAddress, Owner: accounts.LookupTableProgram, Lamports: 1_000_000_000, Data: table.Encode(),
	}, nil
}
