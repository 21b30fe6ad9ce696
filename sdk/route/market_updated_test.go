package route_test

import (
	"bytes"
	"encoding/json"
	"errors"
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

// changingMarket is a market whose accounts change.
type changingMarket struct {
	*largeMarket
	rng    *rand.Rand
	loader *route.Loader
	slot   uint64
}

// newChangingMarket returns a random market.
func newChangingMarket(t *testing.T, seed uint64) *changingMarket {
	t.Helper()
	c := newLargeMarket(t, 3, 0)
	m := &changingMarket{largeMarket: c, rng: rand.New(rand.NewPCG(seed, 9)),
		slot: c.Chain.Clock.Slot}
	m.loader = route.NewLoader(c.Tokens...)
	m.touch(t)
	return m
}

// touch writes the data to the accounts, and returns those that changed.
func (m *changingMarket) touch(t *testing.T) []accounts.Account {
	t.Helper()
	all, err := m.Accounts()
	require.NoError(t, err)
	var changed []accounts.Account
	for _, a := range all {
		a.Lamports = max(a.Lamports, 1) // an existing account has lamports
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

// load returns a market of the present accounts.
func (m *changingMarket) load(t *testing.T) *route.Market {
	t.Helper()
	s := &route.AccountSnapshot{
		Accounts:          accounts.NewSet(m.slot),
		MinimumDelegation: m.Chain.MinimumDelegation,
		Builds:            demo.Builds(),
	}

	m.put(s, m.loader.AccountsToLoad().Accounts)
	second, err := m.loader.AccountsToLoadNext(s)
	require.NoError(t, err)
	m.put(s, second.Accounts)
	market, err := m.loader.Build(s)
	require.NoError(t, err)

	return market
}

// step changes the data as trades and time do.
func (m *changingMarket) step() {
	m.slot++
	pool := m.StakePools[m.rng.IntN(len(m.StakePools))]
	switch m.rng.IntN(6) {
	case 0: // a deposit of SOL
		in := m.rng.Uint64N(1_000 * sol)
		pool.State.TotalLamports += in
		pool.State.PoolTokenSupply += in * 9 / 10
		pool.Mint.Supply += in * 9 / 10
		pool.Reserve.Lamports += in

	case 1: // the pool delegates its reserve
		pool.Reserve.Lamports -= (pool.Reserve.Lamports - min(pool.Reserve.Lamports, 3*sol)) / 2
	case 2: // fees change
		pool.State.SOLDepositFee = accounts.Fee{Numerator: m.rng.Uint64N(10), Denominator: 1000}
		pool.State.StakeWithdrawalFee = accounts.Fee{Numerator: m.rng.Uint64N(10),
			Denominator: 1000}

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

// requests returns requests for some of all pairs, with both swap modes.
func (m *changingMarket) requests() []route.Request {
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
					SwapMode:        route.SwapMode(m.rng.IntN(2)),
					SlippageBps:     100,
					AllowPoolUpdate: true,
				},
			})
		}
	}

	m.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })

	return list[:14]
}

// plainText returns all exported fields of a quote and its legs as text.
func plainText(q route.Quote) (string, error) {
	type plain route.Quote // Without the methods that make a portable quote.
	text, err := json.Marshal(plain(q))
	all := string(text)
	for _, leg := range q.Legs {
		more, legErr := plainText(leg)
		all += "\n" + more
		err = errors.Join(err, legErr)
	}

	return all, err
}

// answers returns all answers of a market as text: each quote, its steps, and
// each refusal.
func answers(market *route.Market, requests []route.Request) ([]string, error) {
	var list []string
	for _, r := range requests {
		quotes, rejected := market.Quotes(r)
		for _, q := range quotes {
			text, err := plainText(q)
			if err != nil {
				return nil, err
			}

			steps, err := q.Steps(route.BuildParams{
				Owner:      solana.PublicKey{1},
				Payer:      solana.PublicKey{2},
				NewAccount: solana.PublicKey{3},
				Seed:       "seed",
				PreBalance: new(uint64),
			})
			if err != nil {
				return nil, err
			}

			answer := text
			for _, s := range steps {
				data, err := s.Instruction.Data()
				if err != nil {
					return nil, err
				}

				answer += fmt.Sprintf("\n%s %s %x", s.Description, s.Instruction.ProgramID(), data)
				for _, meta := range s.Instruction.Accounts() {
					answer += fmt.Sprintf(" %s %t %t", meta.PublicKey, meta.IsSigner,
						meta.IsWritable)
				}
			}

			list = append(list, answer)
		}

		for _, no := range rejected {
			list = append(list, string(no.Venue)+": "+no.Err.Error())
		}
	}

	return list, nil
}

// After random changes, an updated market answers like one that is loaded anew.
// The earlier market answers as before, also while the next one is made.
func TestMarket_UpdatedEqualsLoaded(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	const steps = 12
	changes, answered := 0, 0
	for n := range uint64(2) {
		m := newChangingMarket(t, seed+n)
		now := m.load(t)
		loaded := now.Slot()
		requests := m.requests()
		before, err := answers(now, requests)
		require.NoError(t, err)

		for range steps {
			m.step()
			changed := m.touch(t)
			changes += len(changed)

			// The old market is in use at the same time.
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

// A pool with another reserve needs an account that was not loaded. The error
// names it.
func TestMarket_UpdatedReload(t *testing.T) {
	m := newChangingMarket(t, 1)
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

func TestMarket_UpdatedNil(t *testing.T) {
	var none *route.Market
	_, err := none.Updated(1)
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = new(route.Market).Updated(1)
	require.ErrorIs(t, err, accounts.ErrNil)
}

// Spread is the lag of the oldest account. An update of an older slot does not
// change it.
func TestMarket_Spread(t *testing.T) {
	var none *route.Market
	require.Zero(t, none.Spread())
	require.Zero(t, new(route.Market).Spread())

	m := newChangingMarket(t, 2)
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
