package golden_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// decoded is the pool as the decoders read it from the accounts that the figures make, so that a replay covers both.
func decoded(t *testing.T, p *figures.StakePool, rent accounts.Rent) *figures.StakePool {
	t.Helper()
	all, err := p.Accounts(rent)
	require.NoError(t, err)
	set := accounts.NewSet(0)
	for _, a := range all {
		set.Put(a)
	}
	d := &figures.StakePool{Symbol: p.Symbol, Program: p.Program, Address: p.Address}
	d.State = *load(t, set, p.Address, accounts.DecodeStakePool)
	d.Reserve = *live(t, set, d.State.ReserveStake)
	d.Mint = *load(t, set, d.State.PoolMint, accounts.DecodeMint)
	if set.Has(d.State.ManagerFeeAccount) {
		d.FeeAccount = load(t, set, d.State.ManagerFeeAccount, accounts.DecodeTokenAccount)
	}
	list := load(t, set, d.State.ValidatorList, accounts.DecodeValidatorList)
	d.MaxValidators = list.MaxValidators
	for _, entry := range list.Validators {
		active, transient, err := d.StakeAddresses(entry)
		require.NoError(t, err)
		v := figures.Validator{Entry: entry}
		if set.Has(active) {
			v.Active = live(t, set, active)
		}
		if set.Has(transient) {
			v.Transient = live(t, set, transient)
		}
		d.Validators = append(d.Validators, v)
	}
	require.Equal(t, p, d)
	return d
}

func load[T any](t *testing.T, set *accounts.Set, address solana.PublicKey, decode func(accounts.Account) (*T, error)) *T {
	t.Helper()
	v, err := accounts.Load(set, address, decode)
	require.NoError(t, err)
	return v
}

func live(t *testing.T, set *accounts.Set, address solana.PublicKey) *quote.LiveStake {
	t.Helper()
	a, err := set.Get(address)
	require.NoError(t, err)
	return &quote.LiveStake{Lamports: a.Lamports, Account: *load(t, set, address, accounts.DecodeStakeAccount)}
}

func stakeThroughBytes(t *testing.T, s accounts.StakeAccount) *accounts.StakeAccount {
	t.Helper()
	again, err := accounts.DecodeStakeAccount(accounts.Account{Owner: accounts.StakeProgram, Data: s.Encode()})
	require.NoError(t, err)
	return again
}

// throughBytes is the chain as the decoders read it from its sysvars.
func throughBytes(t *testing.T, chain figures.Chain) figures.Chain {
	t.Helper()
	clock, err := accounts.DecodeClock(accounts.Account{Owner: accounts.SysvarProgram, Data: chain.Clock.Encode()})
	require.NoError(t, err)
	rent, err := accounts.DecodeRent(accounts.Account{Owner: accounts.SysvarProgram, Data: chain.Rent.Encode()})
	require.NoError(t, err)
	chain.Clock, chain.Rent = *clock, *rent
	return chain
}
