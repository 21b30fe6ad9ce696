package choose

import (
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

const sol = 1_000_000_000

// world is a random market with its accounts.
type world struct {
	*figures.Market
	ledger   *state.Ledger
	snapshot *state.Snapshot
}

// newWorld draws a market of some stake pools, with INF, mSOL and stSOL.
func newWorld(t *testing.T, seed uint64, pools int) *world {
	t.Helper()
	embedded, err := demo.Load()
	require.NoError(t, err)
	market, err := figures.RandomMarket(rand.New(rand.NewPCG(seed, 7)), figures.MarketOptions{
		Chain:   embedded.Chain,
		Pools:   pools,
		Version: accounts.PoolStateV2,
		Pricing: accounts.FlatSlabProgram,
	})

	require.NoError(t, err)

	w := &world{Market: market}
	w.ledger = state.NewLedger(state.Scope{Tokens: market.Tokens,
		LookAhead: terms.DefaultSlotTolerance})
	s := &state.AccountSnapshot{
		Accounts:          accounts.NewSet(market.Chain.Clock.Slot),
		MinimumDelegation: market.Chain.MinimumDelegation,
		Builds:            demo.Builds(),
	}

	all, err := market.Accounts()
	require.NoError(t, err)
	for _, a := range all {
		s.Accounts.Put(a)
	}

	w.snapshot, err = w.ledger.Load(s)
	require.NoError(t, err)

	return w
}

// market is the market of all venues there are, and some more.
func (w *world) market(more ...venue.Venue) *Market {
	book := newBook(w.ledger, append(venue.All(w.ledger), more...))
	return book.NewMarket(w.snapshot, nil)
}

// pool is the token of a stake pool.
func (w *world) pool(n int) state.Token {
	t, _ := w.ledger.Token(w.StakePools[n].State.PoolMint)
	return t
}

// search asks for a trade of a pair.
func (w *world) search(from, to state.Token, side terms.SwapMode, amount uint64) *Search {
	return &Search{
		Ask: offer.Ask{
			From:          w.ledger.Address(from),
			To:            w.mint(to),
			FromToken:     from,
			ToToken:       to,
			SwapMode:      side,
			SlippageBps:   100,
			SlotTolerance: terms.DefaultSlotTolerance,
			Scratch:       new(offer.Scratch),
		},
		Amount:  amount,
		MinGain: 5_000,
	}
}

// mint is the address of a token, that of the stake program for stake.
func (w *world) mint(t state.Token) solana.PublicKey {
	if t == venue.NativeStake(w.ledger) {
		return accounts.StakeProgram
	}
	return w.ledger.Address(t)
}

// names are the venues of ways in their order.
func names(m *Market, found *Found) []string {
	var list []string
	for _, w := range found.Routes {
		name := m.Name(w.Venue)
		if w.Legs != nil {
			name = m.Name(w.Legs.First.Venue) + ", " + m.Name(w.Legs.Second.Venue)
		}
		list = append(list, name)
	}
	return list
}
