package operator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// State is the part of the chain that a plan depends on: as it was read, or as
// it will be after a step.
type State struct {
	Clock accounts.Clock
	Rent  accounts.Rent
	// MinimumDelegation is that of the stake program, in lamports.
	MinimumDelegation uint64
	// EpochRewardsActive reports whether staking rewards are being distributed.
	EpochRewardsActive bool
	// Payer is the balance of the payer in lamports. Network fees are not
	// subtracted from the balance after a step.
	Payer uint64
	// Pool is the stake pool, or nil if it does not exist yet.
	Pool *sdk.StakePool
	// Accounts are other accounts of the plan that exist, for example the token
	// account of the manager.
	Accounts map[solana.PublicKey]Account
}

// Account is an account that a plan creates or requires. Mint, Token and Stake
// are nil unless the account is one.
type Account struct {
	Lamports uint64
	Owner    solana.PublicKey
	Space    int
	Mint     *accounts.Mint
	Token    *accounts.TokenAccount
	Stake    *accounts.StakeAccount

	// raw is the account as it was read. It is nil in a forecast.
	raw *accounts.Account
}

// newAccount decodes an account, if it is of a known kind.
func newAccount(raw accounts.Account) Account {
	a := Account{
		Lamports: raw.Lamports,
		Owner:    raw.Owner,
		Space:    len(raw.Data),
		raw:      &raw,
	}

	switch raw.Owner {
	case accounts.StakeProgram:
		a.Stake, _ = accounts.DecodeStakeAccount(raw)
	case accounts.TokenProgram, accounts.Token2022Program:
		a.Mint, _ = accounts.DecodeMint(raw)
		a.Token, _ = accounts.DecodeTokenAccount(raw)
	}
	return a
}

// clone returns a copy that can be changed.
func (s *State) clone() *State {
	after := *s
	after.Accounts = maps.Clone(s.Accounts)
	if s.Pool != nil {
		pool := *s.Pool
		pool.Validators = slices.Clone(s.Pool.Validators)
		after.Pool = &pool
	}
	return &after
}

// inEpoch returns the state at the start of a later epoch, in which no rewards
// were earned.
func (s *State) inEpoch(epoch uint64) *State {
	later := s.clone()
	later.Clock.Epoch = epoch
	later.EpochRewardsActive = false
	if pool := later.Pool; pool != nil {
		pool.Pool.Clock.Epoch = epoch
		pool.Pool.EpochRewardsActive = false
		pool.Pool.Update = &quote.StakePoolBalances{
			Validators: pool.Validators,
			MintSupply: pool.MintSupply,
		}
	}
	return later
}

// stakeRent returns the rent of a stake account.
func (s *State) stakeRent() (uint64, error) {
	return s.Rent.MinimumBalance(accounts.StakeAccountSpace)
}

// position returns the position of a validator in the list, or -1.
func (s *State) position(vote solana.PublicKey) int {
	return slices.IndexFunc(s.Pool.Validators, func(v quote.ValidatorBalance) bool {
		return v.Entry.VoteAccount == vote
	})
}

// leaving reports whether a validator is about to leave the list.
func (s *State) leaving() bool {
	return slices.ContainsFunc(s.Pool.Validators, func(v quote.ValidatorBalance) bool {
		return v.Entry.Status != accounts.ValidatorActive
	})
}

// addTokens adds pool tokens to a token account.
func (s *State) addTokens(address solana.PublicKey, tokens uint64) {
	a, ok := s.Accounts[address]
	if !ok || a.Token == nil {
		return
	}
	token := *a.Token
	token.Amount += tokens
	a.Token, a.raw = &token, nil
	s.Accounts[address] = a
}

// load reads the accounts of a plan.
func (p *Plan) load(ctx context.Context, client *sdk.Client) (*State, error) {
	pool, err := client.LoadStakePool(ctx, p.pool, p.programs()...)
	if err != nil {
		missing := errors.Is(err, accounts.ErrNotFound) || errors.Is(err, sdk.ErrNoStakePool)
		if !missing || !p.launches {
			return nil, err
		}
		pool = nil
	}

	keys := []solana.PublicKey{accounts.ClockSysvar, accounts.RentSysvar,
		accounts.EpochRewardsSysvar, p.payer}
	if pool != nil {
		keys = append(keys, pool.Pool.State.ManagerFeeAccount)
	}

	if p.reads != nil {
		more, err := p.reads(pool)
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}

	slices.SortFunc(keys, accounts.CompareKeys)
	read, err := client.LoadAccounts(ctx, slices.Compact(keys)...)
	if err != nil {
		return nil, err
	}
	return newState(read.Accounts, read.MinimumDelegation, pool, p.payer)
}

// newState decodes the accounts of a plan.
func newState(
	set *accounts.Set, minimum uint64, pool *sdk.StakePool, payer solana.PublicKey,
) (*State, error) {
	clock, err := accounts.Load(set, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return nil, err
	}

	rent, err := accounts.Load(set, accounts.RentSysvar, accounts.DecodeRent)
	if err != nil {
		return nil, err
	}

	s := &State{
		Clock:             *clock,
		Rent:              *rent,
		MinimumDelegation: minimum,
		Pool:              pool,
		Accounts:          make(map[solana.PublicKey]Account),
	}

	rewards, err := accounts.Load(set, accounts.EpochRewardsSysvar, accounts.DecodeEpochRewards)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		return nil, err
	}

	s.EpochRewardsActive = rewards != nil && rewards.Active
	if pool != nil && pool.Pool.Clock.Epoch != clock.Epoch {
		return nil, fmt.Errorf("%w: %d and %d", sdk.ErrEpochChanged, pool.Pool.Clock.Epoch,
			clock.Epoch)
	}

	for _, address := range set.Addresses() {
		a, err := set.Get(address)
		switch {
		case errors.Is(err, accounts.ErrNotFound):
			continue
		case err != nil:
			return nil, err
		}

		s.Accounts[address] = newAccount(a)
	}

	if wallet, ok := s.Accounts[payer]; ok && wallet.Owner == accounts.SystemProgram {
		s.Payer = wallet.Lamports
	}

	for _, read := range []solana.PublicKey{payer, accounts.ClockSysvar, accounts.RentSysvar,
		accounts.EpochRewardsSysvar} {
		delete(s.Accounts, read)
	}

	return s, nil
}

// Load reads the part of the chain that the plan depends on.
func (p *Plan) Load(ctx context.Context, client *sdk.Client) (*State, error) {
	if err := p.usable(ctx, client); err != nil {
		return nil, err
	}

	s, err := p.load(ctx, client)
	if err != nil {
		return nil, p.failed(err)
	}
	return s, nil
}
