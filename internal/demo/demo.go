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

//go:embed infinity.json
var infinityFile []byte

// Market is the embedded market.
type Market struct {
	Chain      figures.Chain       `json:"chain"`
	StakePools []figures.StakePool `json:"stake_pools"`
	// Infinity is the pool with the stake pools' LSTs, wrapped SOL, mSOL and stSOL, in either of its versions.
	Infinity Infinity `json:"-"`
}

// Infinity holds the pool as it would be under either version of the controller.
type Infinity struct {
	V1 *figures.Infinity `json:"v1"`
	V2 *figures.Infinity `json:"v2"`
}

// Load returns the embedded market, each time a copy of its own.
func Load() (*Market, error) {
	m := new(Market)
	if err := json.Unmarshal(stakePoolsFile, m); err != nil {
		return nil, fmt.Errorf("embedded market: %w", err)
	}
	if err := json.Unmarshal(infinityFile, &m.Infinity); err != nil {
		return nil, fmt.Errorf("embedded market: %w", err)
	}
	return m, nil
}

// DeploySlot is when all programs of the market were deployed.
const DeploySlot = 342_000_000

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

// Accounts are all accounts of the market, with the sysvars. Infinity is there in version 2, or without one in version 1.
func (m *Market) Accounts() ([]accounts.Account, error) {
	infinity := m.Infinity.V2
	if infinity == nil {
		infinity = m.Infinity.V1
	}
	all := m.Chain.Accounts()
	for i := range m.StakePools {
		pool, err := m.StakePools[i].Accounts(m.Chain.Rent)
		if err != nil {
			return nil, fmt.Errorf("embedded market: %s: %w", m.StakePools[i].Symbol, err)
		}
		all = append(all, pool...)
	}
	pool, err := infinity.Accounts(m.Chain.Rent)
	if err != nil {
		return nil, fmt.Errorf("embedded market: Infinity: %w", err)
	}
	programs, err := programData()
	if err != nil {
		return nil, fmt.Errorf("embedded market: %w", err)
	}
	return append(append(all, pool...), programs...), nil
}

// programData are the headers of the programs whose deployments calculators look at, without code.
func programData() ([]accounts.Account, error) {
	var all []accounts.Account
	for _, program := range append(accounts.StakePoolPrograms(), accounts.MarinadeProgram, accounts.LidoProgram) {
		address, err := accounts.ProgramDataAddress(program)
		if err != nil {
			return nil, err
		}
		data := make([]byte, accounts.ProgramDataHeaderSize)
		copy(data, accounts.ProgramData{DeploySlot: DeploySlot}.Encode())
		all = append(all, accounts.Account{Address: address, Owner: accounts.UpgradeableLoader, Lamports: 1, Data: data})
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
