package route_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const sol = 1_000_000_000

// tester is a *testing.T, or a *rapid.T of a property.
type tester interface {
	require.TestingT
	Helper()
}

// world is the embedded market in the role of a chain. Tests change its data or
// replace accounts.
type world struct {
	*demo.Market
	builds map[solana.PublicKey]string
	// replaced has accounts that differ from the data, and nil for removed
	// ones.
	replaced map[solana.PublicKey]*accounts.Account
}

func newWorld(t testing.TB) *world {
	t.Helper()
	market, err := demo.Load()
	require.NoError(t, err)
	return &world{Market: market, builds: demo.Builds(),
		replaced: make(map[solana.PublicKey]*accounts.Account)}
}

// token returns the registry's entry of a pool's token.
func (w *world) token(t tester, symbol string) lst.LST {
	t.Helper()
	token, err := lst.Default().ByMint(w.pool(t, symbol).State.PoolMint)
	require.NoError(t, err)
	return token
}

func (w *world) tokens(t testing.TB) []lst.LST {
	t.Helper()
	var list []lst.LST
	for i := range w.StakePools {
		list = append(list, w.token(t, w.StakePools[i].Symbol))
	}
	return list
}

func (w *world) pool(t tester, symbol string) *figures.StakePool {
	t.Helper()
	pool := w.StakePool(symbol)
	require.NotNil(t, pool, symbol)
	return pool
}

// age puts a pool and its validators one epoch behind.
func (w *world) age(t testing.TB, symbol string) *figures.StakePool {
	t.Helper()
	pool := w.pool(t, symbol)
	pool.State.LastUpdateEpoch = w.Chain.Clock.Epoch - 1
	for i := range pool.Validators {
		pool.Validators[i].Entry.LastUpdateEpoch = w.Chain.Clock.Epoch - 1
	}
	return pool
}

// accounts returns all accounts of the chain.
func (w *world) accounts(t testing.TB) map[solana.PublicKey]accounts.Account {
	t.Helper()
	list, err := w.Accounts()
	require.NoError(t, err)
	all := make(map[solana.PublicKey]accounts.Account, len(list))
	for _, a := range list {
		all[a.Address] = a
	}

	for address, a := range w.replaced {
		delete(all, address)
		if a != nil {
			all[address] = *a
		}
	}

	return all
}

// change replaces an account by a changed copy.
func (w *world) change(t testing.TB, address solana.PublicKey, f func(*accounts.Account)) {
	t.Helper()
	a, ok := w.accounts(t)[address]
	require.True(t, ok, "no account %s", address)
	a.Data = bytes.Clone(a.Data)
	f(&a)
	w.replaced[address] = &a
}

// remove deletes an account.
func (w *world) remove(t testing.TB, address solana.PublicKey) {
	t.Helper()
	require.Contains(t, w.accounts(t), address)
	w.replaced[address] = nil
}

// fetch copies the requested accounts to a snapshot, cut to the requested
// length.
func (w *world) fetch(t testing.TB, s *route.AccountSnapshot, needs []route.AccountRequest) {
	t.Helper()
	all := w.accounts(t)
	for _, n := range needs {
		a, ok := all[n.Address]
		if !ok {
			s.Accounts.PutMissing(n.Address)
			continue
		}

		if n.Length > 0 {
			a.Data = a.Data[:min(n.Length, len(a.Data))]
		}

		s.Accounts.Put(a)
	}
}

// state loads both rounds of the accounts of a market.
func (w *world) state(t testing.TB, tokens ...lst.LST) (*route.Loader, *route.AccountSnapshot) {
	t.Helper()
	loader := route.NewLoader(tokens...)
	s := w.firstRound(t, loader)
	second, err := loader.AccountsToLoadNext(s)
	require.NoError(t, err)
	w.fetch(t, s, second.Accounts)
	return loader, s
}

func (w *world) firstRound(t testing.TB, loader *route.Loader) *route.AccountSnapshot {
	t.Helper()
	s := &route.AccountSnapshot{
		Accounts:          accounts.NewSet(w.Chain.Clock.Slot),
		MinimumDelegation: w.Chain.MinimumDelegation,
		Builds:            maps.Clone(w.builds),
	}
	w.fetch(t, s, loader.AccountsToLoad().Accounts)
	return s
}

func (w *world) market(t testing.TB, symbols ...string) *route.Market {
	t.Helper()
	var tokens []lst.LST
	for _, symbol := range symbols {
		tokens = append(tokens, w.token(t, symbol))
	}
	loader, s := w.state(t, tokens...)
	m, err := loader.Build(s)
	require.NoError(t, err)
	return m
}

// stake requests a deposit of SOL into a pool.
func (w *world) stake(t testing.TB, symbol string, amount uint64) route.Request {
	t.Helper()
	return route.Request{
		From:    accounts.NativeMint,
		To:      w.token(t, symbol).Mint,
		Amount:  amount,
		Options: route.Options{OnlyDirectRoutes: true},
	}
}

// reference returns a pool as package quote sees it, without package route.
func (w *world) reference(t tester, symbol string) quote.StakePoolState {
	t.Helper()
	pool := w.pool(t, symbol)
	return pool.Quote(w.Chain, quote.StakePoolFeeRounding(w.builds[pool.Program]))
}

// ownPool is the venue that deposits SOL into the token's own pool.
const ownPool = "stake pool deposit"

// ask returns the quote or the refusal of the token's own pool.
func ask(t testing.TB, m *route.Market, r route.Request) (route.Quote, error) {
	t.Helper()
	quotes, rejected := m.Quotes(r)
	for _, q := range quotes {
		if q.Venue == ownPool {
			return q, nil
		}
	}

	for _, no := range rejected {
		if no.Venue == ownPool {
			return route.Quote{}, no.Err
		}
	}

	require.FailNow(t, "the pool was not asked", "%v", rejected)

	return route.Quote{}, nil
}

var params = route.BuildParams{Owner: solana.PublicKey{1}, Payer: solana.PublicKey{2}}

func addresses(needs []route.AccountRequest) []solana.PublicKey {
	var list []solana.PublicKey
	for _, n := range needs {
		list = append(list, n.Address)
	}
	return list
}

func sortedKeys(keys []solana.PublicKey) []solana.PublicKey {
	return slices.SortedFunc(slices.Values(keys), accounts.CompareKeys)
}
