package figures

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Router is what the Router has of its own, in lamports.
type Router struct {
	// Prefunder lends the rent of stake accounts, SOLBridge that of a token account.
	Prefunder uint64 `json:"prefunder"`
	SOLBridge uint64 `json:"sol_bridge"`
}

// Accounts are the accounts of the Router: those that lend, an empty fee token account of each mint, and its lookup table.
func (r *Router) Accounts(rent accounts.Rent, mints ...solana.PublicKey) ([]accounts.Account, error) {
	table, err := RouterLookupTable()
	if err != nil {
		return nil, err
	}
	prefunder, err := accounts.RouterPrefunder(accounts.RouterProgram)
	if err != nil {
		return nil, err
	}
	bridge, err := accounts.RouterSOLBridgeOut(accounts.RouterProgram)
	if err != nil {
		return nil, err
	}
	tokenRent, err := rent.MinimumBalance(accounts.TokenAccountSpace)
	if err != nil {
		return nil, err
	}
	all := []accounts.Account{
		table, account(prefunder, accounts.SystemProgram, r.Prefunder, nil, 0), account(bridge, accounts.SystemProgram, r.SOLBridge, nil, 0),
	}
	for _, mint := range mints {
		address, err := accounts.RouterFeeTokenAccount(accounts.RouterProgram, mint)
		if err != nil {
			return nil, err
		}
		all = append(all, TokenAccount(address, mint, address, 0, tokenRent))
	}
	return all, nil
}

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
