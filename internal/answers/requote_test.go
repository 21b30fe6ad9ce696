package answers_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route"
)

// requoteWorlds is the number of markets of TestMarket_RequotesEveryQuote. A
// quote takes less than smallQuote bytes as JSON.
const (
	requoteWorlds = 80
	smallQuote    = 2_000
)

// TestMarket_RequotesEveryQuote sends every quote of random markets through
// JSON. At the same slot the market makes the same quote of it, with the same
// instructions and the same texts.
func TestMarket_RequotesEveryQuote(t *testing.T) {
	if raceDetector {
		t.Skip("the engine starts no goroutine, and under the race detector this takes minutes")
	}

	first := rand.Uint64N(1 << 40)
	t.Logf("seed %d", first)
	r := requotes{T: t, counts: make(map[string]int)}
	for seed := first; seed < first+requoteWorlds; seed++ {
		w, err := drawWorld(seed)
		require.NoError(t, err, "world %d", seed)
		m, err := w.market()
		if err != nil {
			continue
		}

		d := w.draws(seed)
		for n, pair := range d.pairs(false) {
			if n == requestsPerWorld {
				break
			}

			request := d.travelling(pair)
			quotes, _ := m.Quotes(request)
			for i := range quotes {
				r.one(m, &quotes[i], seed)
			}

			d.learn(request, quotes)
		}
	}

	for _, what := range slices.Sorted(maps.Keys(r.counts)) {
		t.Logf("%6d %s", r.counts[what], what)
	}

	t.Logf("largest JSON %d bytes", r.largest)
	require.Less(t, r.largest, smallQuote)
	require.NotZero(t, r.counts["direct, exact in"])
	require.NotZero(t, r.counts["direct, exact out"])
	require.NotZero(t, r.counts["twoHops, exact in"]+r.counts["twoHops, exact out"])
	require.NotZero(t, r.counts["split, exact in"]+r.counts["split, exact out"])
}

// travelling draws a request with options that travel.
func (d *draws) travelling(pair [2]solana.PublicKey) route.Request {
	r := d.request(pair)
	if one(d.rng, 2) {
		r.OnlyDirectRoutes, r.MinGain = false, 1
	}

	if one(d.rng, 5) {
		r.User = d.StakePools[0].State.Manager
	}

	if one(d.rng, 4) {
		r.IntegratorFee = route.IntegratorFee{
			BPS:     uint16(1 + d.rng.IntN(200)),
			OnInput: one(d.rng, 2) || !r.Recipient.IsZero() || r.To == route.NativeStake,
			Account: solana.PublicKey{44},
		}
		if one(d.rng, 3) {
			r.IntegratorFee.BPS, r.IntegratorFee.Amount = 0, 1+d.rng.Uint64N(sol/10)
		}
	}

	return r
}

// requotes counts quotes that were requoted.
type requotes struct {
	*testing.T
	counts  map[string]int
	largest int
}

func (r *requotes) one(m *route.Market, q *route.Quote, seed uint64) {
	text, err := json.Marshal(*q)
	require.NoError(r, err)
	about := func() string { return spell(q.Request) + "\n" + string(text) }
	p := route.PortableQuote{Expected: q.Portable().Expected}
	if err = json.Unmarshal(text, &p); err != nil {
		require.NoError(r, err, "world %d: %s", seed, about())
	}

	require.Equal(r, q.Portable(), p, "world %d: %s", seed, about())
	again, err := m.Requote(p)
	if err != nil {
		require.NoError(r, err, "world %d: %s", seed, about())
	}

	before, after := newDigester(), newDigester()
	before.quote(q)
	after.quote(&again)
	require.Equal(r, before.digest(), after.digest(), "world %d: %s", seed, about())
	require.Equal(r, words(q), words(&again), "world %d: %s", seed, about())

	r.counts[string(p.Shape)+", "+q.Request.SwapMode.String()]++
	for i := range p.Legs {
		r.counts["via "+strings.SplitN(string(p.Legs[i].Venue), " 1", 2)[0]]++
		if len(p.Legs[i].Validators) > 1 {
			r.counts["from several validators"]++
		}
	}

	if !p.Request.IntegratorFee.Account.IsZero() {
		r.counts["with a fee"]++
	}

	p.LookupTables = nil
	text, err = json.Marshal(p)
	require.NoError(r, err)
	r.largest = max(r.largest, len(text))
	r.evidence(m, q)
}

// evidence checks that the accounts of a quote are known.
func (r *requotes) evidence(m *route.Market, q *route.Quote) {
	e, err := q.Evidence(m)
	require.NoError(r, err, spell(q.Request))
	require.Greater(r, len(e.Accounts), 2)
}

// words returns the texts of a quote, its legs and its instructions.
func words(q *route.Quote) []any {
	all := []any{q.Assumptions, q.RemainingSteps, q.Fees, q.Costs, q.StakeAccounts, q.Receipt,
		q.String(), q.ReturnedSOL, q.AddedSOL}
	steps, err := q.Steps(parties[0])
	for _, s := range steps {
		all = append(all, s.Description)
	}

	all = append(all, err != nil)
	for i := range q.Legs {
		all = append(all, words(&q.Legs[i])...)
	}

	return all
}
