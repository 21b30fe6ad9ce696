// Package figures holds the state of pools as decoded values, and converts it
// to the accounts on chain. The embedded market, the recorded executions and
// the tests keep their pools in this form, because it is easy to read and to
// change.
package figures

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Validator is one validator of a pool with its stake accounts, which are nil
// if they do not exist.
type Validator struct {
	Entry     accounts.ValidatorStakeInfo `json:"entry"`
	Active    *quote.StakeAccountState    `json:"active,omitempty"`
	Transient *quote.StakeAccountState    `json:"transient,omitempty"`
}

// StakePool is the state of an SPL stake pool and of its other accounts.
type StakePool struct {
	Symbol  string                  `json:"symbol,omitempty"`
	Program solana.PublicKey        `json:"program"`
	Address solana.PublicKey        `json:"address"`
	State   accounts.StakePool      `json:"state"`
	Reserve quote.StakeAccountState `json:"reserve"`
	Mint    accounts.Mint           `json:"mint"`
	// FeeAccount receives the manager's fees. It is nil if the account does not
	// exist.
	FeeAccount    *accounts.TokenAccount `json:"fee_account"`
	MaxValidators uint32                 `json:"max_validators"`
	Validators    []Validator            `json:"validators"`
}

// States returns the states of pools by address.
func States(pools []*StakePool) map[solana.PublicKey]*accounts.StakePool {
	states := make(map[solana.PublicKey]*accounts.StakePool)
	for _, p := range pools {
		states[p.Address] = &p.State
	}
	return states
}

// List returns the validator list of the pool.
func (p *StakePool) List() *accounts.ValidatorList {
	list := &accounts.ValidatorList{MaxValidators: p.MaxValidators}
	for _, v := range p.Validators {
		list.Validators = append(list.Validators, v.Entry)
	}
	return list
}

// Quote returns the pool as input of package quote.
func (p *StakePool) Quote(chain Chain, rounding quote.FeeRounding) quote.StakePoolState {
	return quote.StakePoolState{
		Program:           p.Program,
		Address:           p.Address,
		State:             p.State,
		Clock:             chain.Clock,
		Rent:              chain.Rent,
		MinimumDelegation: chain.MinimumDelegation,
		Reserve:           p.Reserve.Account,
		ReserveLamports:   p.Reserve.Lamports,
		FeeAccountUsable:  p.FeeAccount != nil && quote.FeeAccountUsable(&p.State, p.feeAccount()),
		FeeAccountMintable: p.FeeAccount != nil &&
			quote.FeeAccountMintable(&p.State, p.feeAccount()),
		Rounding:           rounding,
		EpochRewardsActive: chain.RewardsActive,
	}
}

// Balances returns the balances that a pool update reads.
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

// Source returns the validator as a source of stake for package quote.
func (v Validator) Source() quote.ValidatorStakeSource {
	return quote.ValidatorStakeSource{Entry: v.Entry, Stake: *v.Active}
}

func (p *StakePool) feeAccount() accounts.Account {
	return account(p.State.ManagerFeeAccount, p.State.TokenProgram, 0, p.FeeAccount.Encode(),
		accounts.TokenAccountSpace)
}

// Accounts returns the accounts of the pool. Each has at least its rent-exempt
// minimum.
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

// StakeAddresses returns the addresses of a validator's stake account and
// transient stake account in the pool.
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

// account pads the packed data to the size of the account.
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
