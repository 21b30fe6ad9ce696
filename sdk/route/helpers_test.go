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

// tester is a test, or one of a property.
type tester interface {
	require.TestingT
	Helper()
}

// world is the embedded market as a chain to load from. Tests change its figures or replace accounts.
type world struct {
	*demo.Market
	builds map[solana.PublicKey]string
	// replaced are accounts that differ from the figures; nil for one that does not exist.
	replaced map[solana.PublicKey]*accounts.Account
}

func newWorld(t testing.TB) *world {
	t.Helper()
	market, err := demo.Load()
	require.NoError(t, err)
	return &world{Market: market, builds: demo.Builds(), replaced: make(map[solana.PublicKey]*accounts.Account)}
}

// token is the registry's entry of a pool.
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

// age puts a pool and all its validators one epoch behind.
func (w *world) age(t testing.TB, symbol string) *figures.StakePool {
	t.Helper()
	pool := w.pool(t, symbol)
	pool.State.LastUpdateEpoch = w.Chain.Clock.Epoch - 1
	for i := range pool.Validators {
		pool.Validators[i].Entry.LastUpdateEpoch = w.Chain.Clock.Epoch - 1
	}
	return pool
}

// accounts are all accounts of the chain.
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

// change replaces an account by a changed copy of itself.
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

// fetch brings needs into a set as a node would, cut to the wanted length.
func (w *world) fetch(t testing.TB, s *route.State, needs []route.Need) {
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

// state loads what the market of some tokens needs.
func (w *world) state(t testing.TB, tokens ...lst.LST) (*route.Loader, *route.State) {
	t.Helper()
	loader := route.NewLoader(tokens...)
	s := w.firstRound(t, loader)
	second, err := loader.Second(s)
	require.NoError(t, err)
	w.fetch(t, s, second.Accounts)
	return loader, s
}

func (w *world) firstRound(t testing.TB, loader *route.Loader) *route.State {
	t.Helper()
	s := &route.State{
		Accounts: accounts.NewSet(w.Chain.Clock.Slot), MinimumDelegation: w.Chain.MinimumDelegation, Builds: maps.Clone(w.builds),
	}
	w.fetch(t, s, loader.First().Accounts)
	return s
}

func (w *world) market(t testing.TB, symbols ...string) *route.Market {
	t.Helper()
	var tokens []lst.LST
	for _, symbol := range symbols {
		tokens = append(tokens, w.token(t, symbol))
	}
	loader, s := w.state(t, tokens...)
	m, err := loader.Market(s)
	require.NoError(t, err)
	return m
}

// stake asks to stake SOL into a pool.
func (w *world) stake(t testing.TB, symbol string, amount uint64) route.Request {
	t.Helper()
	return route.Request{
		From:    accounts.NativeMint,
		To:      w.token(t, symbol).Mint,
		Amount:  amount,
		Options: route.Options{Direct: true},
	}
}

// reference is what package quote says about a pool, without any of package route.
func (w *world) reference(t tester, symbol string) quote.StakePool {
	t.Helper()
	pool := w.pool(t, symbol)
	return pool.Quote(w.Chain, quote.StakePoolFeeRounding(w.builds[pool.Program]))
}

// ownPool names the venue that deposits into a token's own pool.
const ownPool = "stake pool deposit"

// ask is what a token's own pool answers, among all venues of a market.
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

var parties = route.Parties{Owner: solana.PublicKey{1}, Payer: solana.PublicKey{2}}

func addresses(needs []route.Need) []solana.PublicKey {
	var list []solana.PublicKey
	for _, n := range needs {
		list = append(list, n.Address)
	}
	return list
}

func sortedKeys(keys []solana.PublicKey) []solana.PublicKey {
	return slices.SortedFunc(slices.Values(keys), accounts.CompareKeys)
}
