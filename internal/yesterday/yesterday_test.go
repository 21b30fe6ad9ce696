package yesterday_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	oldroute "github.com/sanctum-go/sanctum/internal/yesterday/route"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const (
	// casesInCI is how many requests are compared where nothing else is said.
	casesInCI = 4_000
	// casesOfWorld is how many requests each world answers at least.
	casesOfWorld = 100
	// firstSeed is where the worlds begin where nothing else is said.
	firstSeed = 20261130
)

// statistics counts what a run has seen: a test of nothing proves nothing.
type statistics struct {
	worlds, requests, served, refused, invalid int
	quotes, twoSteps, splits, separate         int
	steps, infos, pools, limits, without       int

	quoted, rejected, sentinels map[string]int
}

func newStatistics() *statistics {
	return &statistics{
		quoted:    make(map[string]int),
		rejected:  make(map[string]int),
		sentinels: make(map[string]int),
	}
}

// count counts an answer.
func (s *statistics) count(r route.Request, quotes []route.Quote, rejected []route.Rejected) {
	s.requests++
	switch {
	case len(quotes) > 0:
		s.served++
	case len(rejected) == 1 && rejected[0].Venue == "":
		s.invalid++
	default:
		s.refused++
	}
	for _, q := range quotes {
		s.quotes++
		if q.Separate {
			s.separate++
		}
		switch {
		case len(q.Legs) == 0:
			s.quoted[string(q.Venue)]++
		case q.Legs[0].Request.To == r.To:
			s.splits++
		default:
			s.twoSteps++
		}
	}
	for _, no := range rejected {
		s.rejected[string(no.Venue)]++
	}
}

func (s *statistics) String() string {
	var b strings.Builder
	fmt.Fprintf(
		&b,
		"%d worlds (%d without a market), %d requests: %d served, %d refused, %d that make no sense; ",
		s.worlds,
		s.without,
		s.requests,
		s.served,
		s.refused,
		s.invalid,
	)
	fmt.Fprintf(
		&b,
		"%d quotes, %d of two steps, %d splits, %d in two transactions; %d limits searched; ",
		s.quotes,
		s.twoSteps,
		s.splits,
		s.separate,
		s.limits,
	)
	fmt.Fprintf(&b, "%d steps, %d tokens and %d pools overviewed", s.steps, s.infos, s.pools)
	for name, counts := range map[string]map[string]int{"quotes": s.quoted, "refusals of": s.sentinels} {
		fmt.Fprintf(&b, "\n%s:", name)
		for _, key := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(&b, " %s %d,", key, counts[key])
		}
	}
	return b.String()
}

// venueNames are all venues there are. A new one is added here.
var venueNames = []string{
	"Infinity", "Marinade deposit", "Marinade liquid unstake", "Reserve", "Router", "Router deposit", "Router, prefunded",
	"stake deposit", "stake pool deposit", "stake pool withdrawal", "stake program", "stake withdrawal", "stake withdrawal and Reserve",
	"stake withdrawal and deposit",
}

// number is a number from the environment.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, name)
	return n
}

// TestYesterday_SameAnswers asks yesterday's engine and today's the same, in
// random worlds, and finds no difference.
func TestYesterday_SameAnswers(t *testing.T) {
	cases := int(number(t, "SANCTUM_YESTERDAY_CASES", casesInCI))
	seed := number(t, "SANCTUM_YESTERDAY_SEED", firstSeed)
	if raceDetector && os.Getenv("SANCTUM_YESTERDAY_CASES") == "" {
		t.Skip(
			"the same comparison takes minutes under the race detector, and starts no goroutine; set SANCTUM_YESTERDAY_CASES to run it",
		)
	}
	seen := newStatistics()
	for ; seen.requests < cases; seed++ {
		judge(t, seed, seen)
		if t.Failed() {
			return
		}
	}
	t.Log(seen)

	// With fewer cases, some of this is a matter of luck.
	if cases < casesInCI {
		return
	}
	for name, n := range map[string]int{
		"served": seen.served, "refused": seen.refused, "make no sense": seen.invalid, "two steps": seen.twoSteps, "splits": seen.splits,
		"two transactions": seen.separate, "steps": seen.steps, "tokens": seen.infos, "pools": seen.pools, "limits": seen.limits,
	} {
		require.NotZero(t, n, "%s: the worlds do not show what they are for", name)
	}
	for _, name := range venueNames {
		require.NotZero(t, seen.quoted[name], "no quote by %s", name)
		require.NotZero(t, seen.rejected[name], "no refusal by %s", name)
	}
	require.Len(t, seen.quoted, len(venueNames), "a venue is missing in the list")
	require.Greater(t, len(seen.sentinels), 30, "few kinds of refusals")
}

// judge compares what both engines say in one world.
func judge(t *testing.T, seed uint64, seen *statistics) {
	t.Helper()
	w, err := drawWorld(seed)
	require.NoError(t, err, "world %d", seed)
	seen.worlds++
	c := &comparison{seen: seen}
	e, err := w.load(c)
	if e == nil {
		seen.without++
		require.Empty(
			t,
			c.found,
			"world %d (%s) cannot be loaded: %v",
			seed,
			strings.Join(w.story, "; "),
			err,
		)
		return
	}
	e.facts(c)
	report(t, w, seed, c, "")

	d := w.draws(seed)
	for asked := 0; asked < casesOfWorld; {
		for _, pair := range d.pairs(asked == 0) {
			if asked++; asked > casesOfWorld || t.Failed() {
				break
			}
			r := d.request(pair)
			deep := depth{steps: !one(d.rng, 3), legs: one(d.rng, 4), best: one(d.rng, 6)}
			c := &comparison{seen: seen}
			quotes := e.ask(c, r, deep)
			if len(c.found) > 0 {
				r, c = e.shrink(r, c)
				report(t, w, seed, c, spell(r))
				return
			}
			d.learn(r, quotes)
			if r.Direct && one(d.rng, 25) {
				e.limit(t, w, seed, r, seen)
			}
		}
	}
	c = &comparison{seen: seen}
	w.unchanged(c, e)
	report(t, w, seed, c, "")
}

// limit looks for the amount at which a request is answered by other venues
// than at the one it was asked with, and compares just there.
func (e *engines) limit(t *testing.T, w *world, seed uint64, r route.Request, seen *statistics) {
	t.Helper()
	serving := func(amount uint64) string {
		r.Amount = amount
		quotes, _ := e.yesterday.Quotes(convert[oldroute.Request](r))
		return venues(quotes)
	}
	low, high := uint64(1), r.Amount
	if one(w.rng, 2) {
		low, high = r.Amount, 1<<63
	}
	if low > high || serving(low) == serving(high) {
		return
	}
	seen.limits++
	for want := serving(low); high-low > 1; {
		if middle := low + (high-low)/2; serving(middle) == want {
			low = middle
		} else {
			high = middle
		}
	}
	for _, amount := range []uint64{low - 1, low, high, high + 1} {
		if amount == 0 {
			continue
		}
		r.Amount = amount
		c := &comparison{seen: seen}
		e.ask(c, r, depth{steps: true})
		if len(c.found) > 0 {
			r, c = e.shrink(r, c)
			report(t, w, seed, c, spell(r))
			return
		}
	}
}

// shrink leaves out what a difference does not need.
func (e *engines) shrink(r route.Request, c *comparison) (route.Request, *comparison) {
	for tries := 0; tries < 400; {
		smaller := false
		for _, less := range simpler(r) {
			tries++
			again := &comparison{seen: newStatistics()}
			e.ask(again, less, everything)
			if len(again.found) > 0 {
				r, c, smaller = less, again, true
				break
			}
		}
		if !smaller {
			break
		}
	}
	return r, c
}

// report fails the test if there are differences, with all it takes to see them
// again.
func report(t *testing.T, w *world, seed uint64, c *comparison, request string) {
	t.Helper()
	if len(c.found) == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(
		&b,
		"world %d: %s\nasked: %s\nagain: SANCTUM_YESTERDAY_SEED=%d SANCTUM_YESTERDAY_CASES=1 go test -run TestYesterday ./internal/yesterday\n",
		seed,
		strings.Join(w.story, "; "),
		request,
		seed,
	)
	for i, d := range c.found {
		if i == 12 {
			fmt.Fprintf(&b, "and %d more\n", len(c.found)-i)
			break
		}
		fmt.Fprintln(&b, d)
	}
	for _, token := range w.tokens {
		fmt.Fprintf(&b, "%s is %s\n", token.Mint, token.Symbol)
	}
	t.Error(b.String())
}
