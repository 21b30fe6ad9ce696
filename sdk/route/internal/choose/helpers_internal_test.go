package choose

import (
	"fmt"
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

// newWorld returns a random market of stake pools, with INF, mSOL and stSOL.
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

// market returns the market of all venues and the given ones.
func (w *world) market(more ...venue.Venue) *Market {
	book := newBook(w.ledger, append(venue.All(w.ledger), more...))
	return book.NewMarket(w.snapshot, nil)
}

// pool returns the token of a stake pool.
func (w *world) pool(n int) state.Token {
	t, _ := w.ledger.Token(w.StakePools[n].State.PoolMint)
	return t
}

// search returns a request for a pair.
func (w *world) search(from, to state.Token, mode terms.SwapMode, amount uint64) *Search {
	return &Search{
		Ask: offer.Ask{
			From:          w.ledger.Address(from),
			To:            w.mint(to),
			FromToken:     from,
			ToToken:       to,
			SwapMode:      mode,
			SlippageBps:   100,
			SlotTolerance: terms.DefaultSlotTolerance,
			Scratch:       new(offer.Scratch),
		},
		Amount:  amount,
		MinGain: 5_000,
	}
}

// mint returns the address of a token, or the stake program for a stake
// account.
func (w *world) mint(t state.Token) solana.PublicKey {
	if t == venue.NativeStake(w.ledger) {
		return accounts.StakeProgram
	}
	return w.ledger.Address(t)
}

// names returns the venues of the routes, in order.
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

// randomSearch returns a random request.
func (w *world) randomSearch(rng *rand.Rand) *Search {
	last := venue.NativeStake(w.ledger)
	from, to := state.Token(rng.IntN(int(last))), state.Token(rng.IntN(int(last)+1))
	if from == to {
		to = (to + 1) % last
	}

	if rng.IntN(3) == 0 {
		from = state.SOL
	}

	s := w.search(from, to, terms.SwapMode(rng.IntN(2)), uint64(1)<<rng.IntN(50)+rng.Uint64N(1000))
	s.AllowPoolUpdate = rng.IntN(2) == 0
	s.UseWSOL = rng.IntN(6) == 0
	s.Deactivate = rng.IntN(2) == 0
	s.MaxTransactions = uint8(rng.IntN(3))
	s.Version1 = rng.IntN(3) == 0
	if rng.IntN(4) == 0 {
		s.Recipient = w.Votes[0]
	}

	if rng.IntN(4) == 0 {
		s.UnitPrice = 10_000
	}

	if rng.IntN(4) == 0 {
		s.MaxPrefund = 2 * sol
	}

	return s
}

// answer formats the result of a search, without anything that differs from run
// to run.
func answer(m *Market, found *Found) string {
	text := ""
	for i := range found.Routes {
		w := &found.Routes[i]
		text += fmt.Sprintf("%s %d for %d, %d to %d, net %d for %d, advance %d, units %d\n",
			m.Name(w.Venue),
			w.Out, w.In, w.MinOut, w.MaxIn, w.NetOut, w.NetIn, w.UpfrontRent, w.Layout.Units)
		text += fmt.Sprintln(w.Layout.reads, w.Layout.writes, w.Layout.err)
		if l := w.Legs; l != nil {
			text += fmt.Sprintln(m.Name(l.First.Venue), l.First.In, m.Name(l.Second.Venue),
				l.Second.Out,
				l.Chain, l.Separate)
		}
	}

	for i := range found.Refused {
		text += fmt.Sprintln(m.Name(found.Refused[i].Venue), found.Refused[i].Refusal.Error())
	}

	for _, u := range found.Unfit {
		text += fmt.Sprintln(m.Name(u.First), m.Name(u.Second), u.Err)
	}

	return text
}
