// Package demo provides the embedded market: the state of real pools at a real
// slot. Examples and tests use it without a network. The files hold decoded
// values in JSON, from which the account data is encoded.
package demo

import (
	_ "embed" // for the JSON files
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
)

//go:embed stakepools.json
var stakePoolsFile []byte

//go:embed infinity.json
var infinityFile []byte

//go:embed marinade.json
var marinadeFile []byte

//go:embed lido.json
var lidoFile []byte

//go:embed reserve.json
var reserveFile []byte

// Market is the embedded market.
type Market struct {
	Chain      figures.Chain       `json:"chain"`
	StakePools []figures.StakePool `json:"stake_pools"`
	// Interceptor is the account at the stake deposit authority of JitoSOL's
	// pool.
	Interceptor accounts.InterceptorAuthority `json:"interceptor"`
	// Infinity is the pool with wrapped SOL, mSOL, stSOL and the LSTs of the
	// stake pools, in both versions of the controller.
	Infinity Infinity `json:"-"`
	// Marinade and Lido are complete. The Reserve has all its SOL, and the
	// Router the balances that it lends.
	Marinade *figures.Marinade `json:"-"`
	Lido     *figures.Lido     `json:"-"`
	Reserve  *figures.Reserve  `json:"-"`
	Router   *figures.Router   `json:"-"`
}

// Infinity holds the same pool in both versions of the controller.
type Infinity struct {
	V1 *figures.Infinity `json:"v1"`
	V2 *figures.Infinity `json:"v2"`
}

// Load returns a new copy of the embedded market.
func Load() (*Market, error) {
	m := new(Market)
	if err := json.Unmarshal(stakePoolsFile, m); err != nil {
		return nil, fmt.Errorf("embedded market: %w", err)
	}

	sanctum := struct {
		Reserve **figures.Reserve `json:"reserve"`
		Router  **figures.Router  `json:"router"`
	}{&m.Reserve, &m.Router}

	for _, file := range []struct {
		text []byte
		into any
	}{{infinityFile, &m.Infinity}, {marinadeFile, &m.Marinade}, {lidoFile, &m.Lido},
		{reserveFile, &sanctum}} {
		if err := json.Unmarshal(file.text, file.into); err != nil {
			return nil, fmt.Errorf("embedded market: %w", err)
		}
	}

	for _, pool := range []*figures.Infinity{m.Infinity.V1, m.Infinity.V2} {
		pool.Marinade, pool.Lido = &m.Marinade.State, &m.Lido.State
	}

	return m, nil
}

// DeploySlot is the slot in which all programs of the market were deployed.
const DeploySlot = 342_000_000

// stakePoolBuild is the hash of the build of the market's stake pool programs:
// the build of October 2025, which rounds fees up.
const stakePoolBuild = "3a9383372a36d55816d6f47a5707ec8abc8c099dea9f9dd7636b96a9eeaf5169"

// marinadeBuild is the hash of version 2.0 of Marinade.
const marinadeBuild = "d69d4cd7ff7c00df3dfe2191dbb973858de9c36a3114bdbdb65d6cc81c98ed94"

// Builds returns the hashes of the programs' builds. The market does not
// contain the code of the programs.
func Builds() map[solana.PublicKey]string {
	builds := make(map[solana.PublicKey]string)
	for _, program := range accounts.StakePoolPrograms() {
		builds[program] = stakePoolBuild
	}
	builds[accounts.MarinadeProgram] = marinadeBuild
	return builds
}

// Accounts returns all accounts of the market, including the sysvars. Infinity
// is in version 2. If V2 is nil, it is in version 1.
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

	authority, err := m.interceptor()
	if err != nil {
		return nil, fmt.Errorf("embedded market: interceptor: %w", err)
	}

	all = append(all, authority...)
	for _, part := range []struct {
		name     string
		accounts func(accounts.Rent) ([]accounts.Account, error)
	}{
		{"Infinity", infinity.Accounts}, {"Marinade", m.Marinade.Accounts},
		{"Lido", m.Lido.Accounts}, {"Reserve", m.Reserve.Accounts},
		{"Router",
			func(rent accounts.Rent) ([]accounts.Account, error) {
				return m.Router.Accounts(rent, m.mints()...)
			}},
	} {
		more, err := part.accounts(m.Chain.Rent)
		if err != nil {
			return nil, fmt.Errorf("embedded market: %s: %w", part.name, err)
		}

		all = append(all, more...)
	}

	programs, err := programData()
	if err != nil {
		return nil, fmt.Errorf("embedded market: %w", err)
	}

	return once(append(all, programs...)), nil
}

// interceptor returns the account of the interceptor, if the market has its
// pool.
func (m *Market) interceptor() ([]accounts.Account, error) {
	rent, err := m.Chain.Rent.MinimumBalance(accounts.InterceptorAuthoritySpace)
	if err != nil {
		return nil, err
	}

	for i := range m.StakePools {
		if pool := &m.StakePools[i]; pool.Address == m.Interceptor.StakePool {
			return []accounts.Account{{
				Address:  pool.State.StakeDepositAuthority,
				Owner:    accounts.InterceptorProgram,
				Lamports: rent,
				Data:     m.Interceptor.Encode(),
			}}, nil
		}
	}

	return nil, nil
}

// once keeps the first account of each address. The accounts of Infinity
// include the states of Marinade and Lido.
func once(all []accounts.Account) []accounts.Account {
	seen := make(map[solana.PublicKey]bool, len(all))
	return slices.DeleteFunc(all, func(a accounts.Account) bool {
		twice := seen[a.Address]
		seen[a.Address] = true
		return twice
	})
}

// mints returns the mints of the tokens that the Router pays out.
func (m *Market) mints() []solana.PublicKey {
	mints := []solana.PublicKey{accounts.NativeMint, m.Marinade.State.MSOLMint}
	for i := range m.StakePools {
		mints = append(mints, m.StakePools[i].State.PoolMint)
	}
	return mints
}

// programData returns the headers of the programs whose deployments the
// calculators check, without code.
func programData() ([]accounts.Account, error) {
	var all []accounts.Account
	for _, program := range append(accounts.StakePoolPrograms(), accounts.MarinadeProgram,
		accounts.LidoProgram) {
		address, err := accounts.ProgramDataAddress(program)
		if err != nil {
			return nil, err
		}

		data := make([]byte, accounts.ProgramDataHeaderSize)
		copy(data, accounts.ProgramData{DeploySlot: DeploySlot}.Encode())
		all = append(all, accounts.Account{
			Address:  address,
			Owner:    accounts.UpgradeableLoader,
			Lamports: 1,
			Data:     data,
		})
	}

	return all, nil
}

// StakePool returns the pool with a symbol, or nil. Changes of the pool change
// the market.
func (m *Market) StakePool(symbol string) *figures.StakePool {
	for i := range m.StakePools {
		if m.StakePools[i].Symbol == symbol {
			return &m.StakePools[i]
		}
	}
	return nil
}
