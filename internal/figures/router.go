package figures

import (
	_ "embed" // for the addresses of the lookup table
	"fmt"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Router is the state of the Router, in lamports.
type Router struct {
	// Prefunder is the balance that lends the rent of stake accounts, SOLBridge
	// the one that lends the rent of a token account.
	Prefunder uint64 `json:"prefunder"`
	SOLBridge uint64 `json:"sol_bridge"`
}

// Accounts returns the accounts of the Router: those that lend rent, an empty
// fee token account of each mint, and the lookup table.
func (r *Router) Accounts(
	rent accounts.Rent,
	mints ...solana.PublicKey,
) ([]accounts.Account, error) {
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
		table, account(prefunder, accounts.SystemProgram, r.Prefunder, nil, 0),
		account(bridge, accounts.SystemProgram, r.SOLBridge, nil, 0),
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

// routerTable is the list of the addresses in the Router's lookup table on
// mainnet, as of June 2025, one per line. Addresses are only appended.
//
//go:embed router_table.txt
var routerTable string

// RouterLookupTable returns the lookup table of the Router.
func RouterLookupTable() (accounts.Account, error) {
	table := accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch}
	for line := range strings.Lines(routerTable) {
		address, err := solana.PublicKeyFromBase58(strings.TrimSpace(line))
		if err != nil {
			return accounts.Account{}, fmt.Errorf("lookup table of the Router: %w", err)
		}

		table.Addresses = append(table.Addresses, address)
	}

	return accounts.Account{
		Address:  accounts.RouterLookupTableAddress,
		Owner:    accounts.LookupTableProgram,
		Lamports: 1_000_000_000,
		Data:     table.Encode(),
	}, nil
}
