package state

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
)

// world is a random cluster to load a market from.
type world struct {
	*figures.Market
	rng      *rand.Rand
	scope    Scope
	accounts map[solana.PublicKey]accounts.Account
}

// worldOptions are the options of a world.
type worldOptions struct {
	pools, validators, stakes int
	pricing                   solana.PublicKey
	version                   uint8
	withoutStake              bool
}

// newWorld returns the world of a seed.
func newWorld(t testing.TB, seed uint64, o worldOptions) *world {
	t.Helper()
	market, err := demo.Load()
	require.NoError(t, err)
	w := &world{rng: rand.New(rand.NewPCG(seed, 0x73746174)),
		accounts: make(map[solana.PublicKey]accounts.Account)}
	if o.pricing.IsZero() {
		o.pricing = accounts.FlatSlabProgram
	}

	if o.version == 0 {
		o.version = accounts.PoolStateV2
	}

	w.Market, err = figures.RandomMarket(w.rng, figures.MarketOptions{
		Chain:      market.Chain,
		Pools:      o.pools,
		Validators: o.validators,
		Version:    o.version,
		Pricing:    o.pricing,
	})

	require.NoError(t, err)
	w.scope = Scope{
		Tokens:       w.Tokens,
		Tables:       []solana.PublicKey{accounts.RouterLookupTableAddress},
		WithoutStake: o.withoutStake,
	}

	w.write(t)
	for i := range o.stakes {
		address := solana.PublicKey{77, byte(i)}
		w.scope.StakeAccounts = append(w.scope.StakeAccounts, address)
		w.accounts[address] = w.stakeAccount(address)
	}

	return w
}

// write sets the accounts from the market.
func (w *world) write(t testing.TB) {
	t.Helper()
	all, err := w.Accounts()
	require.NoError(t, err)
	for _, a := range all {
		a.Lamports = max(a.Lamports, 1) // existing accounts have lamports
		w.accounts[a.Address] = a
	}
}

// stakeAccount returns a stake account with one of the shared validators.
func (w *world) stakeAccount(address solana.PublicKey) accounts.Account {
	const stake = 500_000_000_000
	vote := w.Votes[w.rng.IntN(len(w.Votes))]
	s := figures.Delegated(solana.PublicKey{1}, figures.StoredRent, vote, stake,
		w.Chain.Clock.Epoch-3)
	s.Lockup.UnixTimestamp = w.Chain.Clock.UnixTimestamp + w.rng.Int64N(200) - 100
	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, s.Encode())

	return accounts.Account{
		Address:  address,
		Owner:    accounts.StakeProgram,
		Lamports: stake + figures.StoredRent,
		Data:     data,
	}
}

// state returns the input of a market without accounts.
func (w *world) state() *AccountSnapshot {
	return &AccountSnapshot{
		Accounts:          accounts.NewSet(w.Chain.Clock.Slot),
		MinimumDelegation: w.Chain.MinimumDelegation,
		Builds:            demo.Builds(),
	}
}

// fetch adds requested accounts to a set as a node would, with copied data.
func (w *world) fetch(set *accounts.Set, needs []AccountRequest) {
	for _, n := range needs {
		a, ok := w.accounts[n.Address]
		if !ok || a.Lamports == 0 {
			set.PutMissing(n.Address)
			continue
		}

		if n.Length > 0 {
			a.Data = a.Data[:min(n.Length, len(a.Data))]
		}

		a.Data = bytes.Clone(a.Data)
		set.Put(a)
	}
}

// load loads the market of a ledger.
func (w *world) load(t testing.TB, l *Ledger) (*Snapshot, *AccountSnapshot) {
	t.Helper()
	s := w.state()
	w.fetch(s.Accounts, l.First().Accounts)
	second, err := l.Second(s)
	require.NoError(t, err)
	w.fetch(s.Accounts, second.Accounts)
	snapshot, err := l.Load(s)
	require.NoError(t, err)
	return snapshot, s
}
