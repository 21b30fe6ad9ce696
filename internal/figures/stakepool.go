// Package figures holds stake pools as decoded values, and turns them into the
// accounts that a chain would hold. The embedded market, recorded executions
// and tests all keep their pools in this form, which people can read and
// change.
package figures

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Validator is one validator of a pool with its stake accounts, which may not
// exist.
type Validator struct {
	Entry     accounts.ValidatorStakeInfo `json:"entry"`
	Active    *quote.StakeAccountState    `json:"active,omitempty"`
	Transient *quote.StakeAccountState    `json:"transient,omitempty"`
}

// StakePool is an SPL stake pool and the accounts around it.
type StakePool struct {
	Symbol  string                  `json:"symbol,omitempty"`
	Program solana.PublicKey        `json:"program"`
	Address solana.PublicKey        `json:"address"`
	State   accounts.StakePool      `json:"state"`
	Reserve quote.StakeAccountState `json:"reserve"`
	Mint    accounts.Mint           `json:"mint"`
	// FeeAccount receives the manager's fees; nil if it does not exist.
	FeeAccount    *accounts.TokenAccount `json:"fee_account"`
	MaxValidators uint32                 `json:"max_validators"`
	Validators    []Validator            `json:"validators"`
}

// States are the states of pools by address.
func States(pools []*StakePool) map[solana.PublicKey]*accounts.StakePool {
	states := make(map[solana.PublicKey]*accounts.StakePool)
	for _, p := range pools {
		states[p.Address] = &p.State
	}
	return states
}

// List is the pool's validator list.
func (p *StakePool) List() *accounts.ValidatorList {
	list := &accounts.ValidatorList{MaxValidators: p.MaxValidators}
	for _, v := range p.Validators {
		list.Validators = append(list.Validators, v.Entry)
	}
	return list
}

// Quote is the pool as package quote sees it.
func (p *StakePool) Quote(chain Chain, rounding quote.FeeRounding) quote.StakePoolState {
	return quote.StakePoolState{
		Program:            p.Program,
		Address:            p.Address,
		State:              p.State,
		Clock:              chain.Clock,
		Rent:               chain.Rent,
		MinimumDelegation:  chain.MinimumDelegation,
		Reserve:            p.Reserve.Account,
		ReserveLamports:    p.Reserve.Lamports,
		FeeAccountUsable:   p.FeeAccount != nil && quote.FeeAccountUsable(&p.State, p.feeAccount()),
		Rounding:           rounding,
		EpochRewardsActive: chain.RewardsActive,
	}
}

// Balances are what a crank of the pool would find.
func (p *StakePool) Balances() *quote.StakePoolBalances {
	b := &quote.StakePoolBalances{MintSupply: p.Mint.Supply}
	for _, v := range p.Validators {
		b.Validators = append(b.Validators, quote.ValidatorBalance{
			Entry:     v.Entry,
			Active:    v.Active,
			Transient: v.Transient,
		})
	}
	return b
}

// Source is a validator of the pool as a source of stake.
func (v Validator) Source() quote.ValidatorStakeSource {
	return quote.ValidatorStakeSource{Entry: v.Entry, Stake: *v.Active}
}

func (p *StakePool) feeAccount() accounts.Account {
	return account(p.State.ManagerFeeAccount, p.State.TokenProgram, 0, p.FeeAccount.Encode(),
		accounts.TokenAccountSpace)
}

// Accounts are the accounts of the pool as they are on chain, each with at
// least the rent of its size.
func (p *StakePool) Accounts(rent accounts.Rent) ([]accounts.Account, error) {
	list := p.List()
	all := []accounts.Account{
		account(p.Address, p.Program, 0, p.State.Encode(), accounts.StakePoolSpace),
		account(p.State.ValidatorList, p.Program, 0, list.Encode(), list.Space()),
		account(p.State.PoolMint, p.State.TokenProgram, 0, p.Mint.Encode(), accounts.MintSpace),
		stake(p.State.ReserveStake, &p.Reserve),
	}
	if p.FeeAccount != nil {
		all = append(all, p.feeAccount())
	}

	for _, v := range p.Validators {
		if v.Active == nil && v.Transient == nil {
			continue
		}

		active, transient, err := p.StakeAddresses(v.Entry)
		if err != nil {
			return nil, err
		}

		if v.Active != nil {
			all = append(all, stake(active, v.Active))
		}

		if v.Transient != nil {
			all = append(all, stake(transient, v.Transient))
		}
	}

	return withRent(all, rent)
}

// StakeAddresses are the addresses of a validator's active and transient stake
// in the pool.
func (p *StakePool) StakeAddresses(
	v accounts.ValidatorStakeInfo,
) (active, transient solana.PublicKey, err error) {
	if active, err = accounts.ValidatorStakeAddress(p.Program, p.Address, v.VoteAccount,
		v.ValidatorSeedSuffix); err != nil {
		return active, transient, err
	}
	transient, err = accounts.TransientStakeAddress(p.Program, p.Address, v.VoteAccount,
		v.TransientSeedSuffix)
	return active, transient, err
}

func stake(address solana.PublicKey, s *quote.StakeAccountState) accounts.Account {
	return account(address, accounts.StakeProgram, s.Lamports, s.Account.Encode(),
		accounts.StakeAccountSpace)
}

// account pads the packed data to the space the account is allocated with.
func account(
	address, owner solana.PublicKey,
	lamports uint64,
	packed []byte,
	space int,
) accounts.Account {
	data := make([]byte, max(space, len(packed)))
	copy(data, packed)
	return accounts.Account{
		Address:  address,
		Owner:    owner,
		Lamports: lamports,
		Data:     data,
	}
}
