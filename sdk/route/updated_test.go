package route_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// moving is a market whose accounts change.
type moving struct {
	*throng
	rng    *rand.Rand
	loader *route.Loader
	slot   uint64
}

// newMoving draws a market with a stake account of the owner's.
func newMoving(t *testing.T, seed uint64) *moving {
	t.Helper()
	c := newThrong(t, 3, 0)
	m := &moving{throng: c, rng: rand.New(rand.NewPCG(seed, 9)), slot: c.Chain.Clock.Slot}
	m.loader = route.NewLoader(c.Tokens...)
	m.touch(t)
	return m
}

// touch writes the figures into the accounts, and returns those that changed.
func (m *moving) touch(t *testing.T) []accounts.Account {
	t.Helper()
	all, err := m.Accounts()
	require.NoError(t, err)
	var changed []accounts.Account
	for _, a := range all {
		a.Lamports = max(a.Lamports, 1) // what exists has lamports
		before, ok := m.accounts[a.Address]
		same := ok && before.Lamports == a.Lamports && before.Owner == a.Owner &&
			bytes.Equal(before.Data, a.Data)
		if !same {
			changed = append(changed, a)
			m.accounts[a.Address] = a
		}
	}
	return changed
}

// load makes a market of all accounts as they are.
func (m *moving) load(t *testing.T) *route.Market {
	t.Helper()
	s := &route.State{
		Accounts:          accounts.NewSet(m.slot),
		MinimumDelegation: m.Chain.MinimumDelegation,
		Builds:            demo.Builds(),
	}
	m.put(s, m.loader.First().Accounts)
	second, err := m.loader.Second(s)
	require.NoError(t, err)
	m.put(s, second.Accounts)
	market, err := m.loader.Market(s)
	require.NoError(t, err)
	return market
}

// step changes figures as trades and time do.
func (m *moving) step() {
	m.slot++
	pool := m.StakePools[m.rng.IntN(len(m.StakePools))]
	switch m.rng.IntN(6) {
	case 0: // someone stakes
		in := m.rng.Uint64N(1_000 * sol)
		pool.State.TotalLamports += in
		pool.State.PoolTokenSupply += in * 9 / 10
		pool.Mint.Supply += in * 9 / 10
		pool.Reserve.Lamports += in
	case 1: // the reserve is put to work
		pool.Reserve.Lamports -= (pool.Reserve.Lamports - min(pool.Reserve.Lamports, 3*sol)) / 2
	case 2: // fees change
		pool.State.SolDepositFee = accounts.Fee{Numerator: m.rng.Uint64N(10), Denominator: 1000}
		pool.State.StakeWithdrawalFee = accounts.Fee{Numerator: m.rng.Uint64N(10), Denominator: 1000}
	case 3: // a trade in Infinity
		h := &m.Infinity.Holdings[m.rng.IntN(len(m.Infinity.Holdings))]
		h.Reserves += m.rng.Uint64N(100 * sol)
	case 4: // the Reserve buys stake
		m.Reserve.Lamports += m.rng.Uint64N(1_000 * sol)
	case 5: // time passes
		m.Chain.Clock.Slot++
		m.Chain.Clock.UnixTimestamp++
	}
}

// requests are some of all pairs, on either side.
func (m *moving) requests() []route.Request {
	mints := []solana.PublicKey{accounts.NativeMint}
	for _, token := range m.Tokens {
		mints = append(mints, token.Mint)
	}
	var list []route.Request
	for _, from := range mints {
		for _, to := range append(mints, route.NativeStake) {
			if from == to {
				continue
			}
			list = append(list, route.Request{
				From:   from,
				To:     to,
				Amount: sol + m.rng.Uint64N(100*sol),
				Options: route.Options{
					Side:        route.Side(m.rng.IntN(2)),
					SlippageBps: 100,
					Crank:       true,
				},
			})
		}
	}
	m.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:14]
}

// answers are all that a market answers: each quote, the steps of it, and each
// refusal.
func answers(market *route.Market, requests []route.Request) ([]string, error) {
	var list []string
	for _, r := range requests {
		quotes, rejected := market.Quotes(r)
		for _, q := range quotes {
			text, err := json.Marshal(q)
			if err != nil {
				return nil, err
			}
			steps, err := q.Steps(route.Parties{
				Owner:      solana.PublicKey{1},
				Payer:      solana.PublicKey{2},
				NewAccount: solana.PublicKey{3},
				Seed:       "seed",
				Held:       new(uint64),
			})
			if err != nil {
				return nil, err
			}
			told := string(text)
			for _, s := range steps {
				data, err := s.Instruction.Data()
				if err != nil {
					return nil, err
				}
				told += fmt.Sprintf("\n%s %s %x", s.Words, s.Instruction.ProgramID(), data)
				for _, meta := range s.Instruction.Accounts() {
					told += fmt.Sprintf(" %s %t %t", meta.PublicKey, meta.IsSigner, meta.IsWritable)
				}
			}
			list = append(list, told)
		}
		for _, no := range rejected {
			list = append(list, string(no.Venue)+": "+no.Err.Error())
		}
	}
	return list, nil
}

// TestMarketUpdated_AnswersAsALoad follows random changes by updates, and
// compares every answer with that of a market which is loaded anew. Markets from
// before answer as they did, also while the next is made.
func TestMarketUpdated_AnswersAsALoad(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	const steps = 12
	changes, answered := 0, 0
	for n := range uint64(2) {
		m := newMoving(t, seed+n)
		now := m.load(t)
		loaded := now.Slot()
		requests := m.requests()
		before, err := answers(now, requests)
		require.NoError(t, err)

		for range steps {
			m.step()
			changed := m.touch(t)
			changes += len(changed)

			// Others ask the old market meanwhile.
			var group sync.WaitGroup
			old := now
			group.Go(func() {
				if _, err := answers(old, requests[:5]); err != nil {
					t.Errorf("ask the old market: %v", err)
				}
			})
			now, err = old.Updated(m.slot, changed...)
			require.NoError(t, err)
			group.Wait()

			want, err := answers(m.load(t), requests)
			require.NoError(t, err)
			got, err := answers(now, requests)
			require.NoError(t, err)
			require.Equal(t, want, got)
			answered += len(got)

			again, err := answers(old, requests)
			require.NoError(t, err)
			require.Equal(t, before, again, "the old market was written to")
			before = got

			require.Equal(t, m.slot, now.Slot())
			require.Equal(t, m.slot-loaded, now.Spread())
		}
	}
	t.Logf("%d changes, %d answers", changes, answered)
	require.Greater(t, changes, steps)
}

// TestMarketUpdated_Reload: a pool with another reserve needs an account that
// was not loaded, and the market says which.
func TestMarketUpdated_Reload(t *testing.T) {
	m := newMoving(t, 1)
	now := m.load(t)
	requests := m.requests()
	before, err := answers(now, requests)
	require.NoError(t, err)

	m.StakePools[0].State.ReserveStake = solana.PublicKey{99}
	next, err := now.Updated(m.slot+1, m.touch(t)...)
	require.ErrorIs(t, err, route.ErrReload)
	require.ErrorContains(t, err, solana.PublicKey{99}.String())
	require.Nil(t, next)

	again, err := answers(now, requests)
	require.NoError(t, err)
	require.Equal(t, before, again)
}

// TestMarketUpdated_Nil: there is no market to update.
func TestMarketUpdated_Nil(t *testing.T) {
	var none *route.Market
	_, err := none.Updated(1)
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = new(route.Market).Updated(1)
	require.ErrorIs(t, err, accounts.ErrNil)
}

// TestMarketSpread: how far the oldest account may lag behind, which an update
// of an older slot does not change.
func TestMarketSpread(t *testing.T) {
	var none *route.Market
	require.Zero(t, none.Spread())
	require.Zero(t, new(route.Market).Spread())

	m := newMoving(t, 2)
	first := m.load(t)
	require.Zero(t, first.Spread())

	second, err := first.Updated(m.slot + 7)
	require.NoError(t, err)
	require.EqualValues(t, 7, second.Spread())
	require.Equal(t, m.slot+7, second.Slot())

	third, err := second.Updated(m.slot + 3)
	require.NoError(t, err)
	require.EqualValues(t, 7, third.Spread())
	require.Zero(t, first.Spread())
}
