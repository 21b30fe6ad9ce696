// Package demo is the market that examples and tests run on without a network: the figures of real pools at a real slot, in a file
// for people to read, from which account bytes are encoded.
package demo

import (
	_ "embed" // for the figures
	"encoding/json"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
)

//go:embed stakepools.json
var stakePoolsFile []byte

// Market is the embedded market.
type Market struct {
	Chain      figures.Chain       `json:"chain"`
	StakePools []figures.StakePool `json:"stake_pools"`
}

// Load returns the embedded market, each time a copy of its own.
func Load() (*Market, error) {
	m := new(Market)
	if err := json.Unmarshal(stakePoolsFile, m); err != nil {
		return nil, fmt.Errorf("embedded market: %w", err)
	}
	return m, nil
}

// stakePoolBuild is the hash of the build that the market's stake pool programs stand for: the one of October 2025, which rounds
// fees up.
const stakePoolBuild = "3a9383372a36d55816d6f47a5707ec8abc8c099dea9f9dd7636b96a9eeaf5169"

// Builds are the builds of the programs, of which the market has no code.
func Builds() map[solana.PublicKey]string {
	builds := make(map[solana.PublicKey]string)
	for _, program := range accounts.StakePoolPrograms() {
		builds[program] = stakePoolBuild
	}
	return builds
}

// Accounts are all accounts of the market, with the sysvars.
func (m *Market) Accounts() ([]accounts.Account, error) {
	all := m.Chain.Accounts()
	for i := range m.StakePools {
		pool, err := m.StakePools[i].Accounts(m.Chain.Rent)
		if err != nil {
			return nil, fmt.Errorf("embedded market: %s: %w", m.StakePools[i].Symbol, err)
		}
		all = append(all, pool...)
	}
	return all, nil
}

// StakePool returns the pool with a symbol, to read or to change; nil if there is none.
func (m *Market) StakePool(symbol string) *figures.StakePool {
	for i := range m.StakePools {
		if m.StakePools[i].Symbol == symbol {
			return &m.StakePools[i]
		}
	}
	return nil
}
